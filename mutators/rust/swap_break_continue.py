"""
Mutator: a loop ends where it should go on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import RustMutator, RustSource, loop_around, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit


class SwapBreakContinue(RustMutator):
    """
    Leave a loop instead of going on with the next round, or the other way round.

    Injects: items left out, or looked at in vain.
    Fair because: a test with items behind the one in question sees it.
    Leaves alone: `break` outside of `for`, without which a loop may never end; breaks with a value.
    """

    id = "loop.break-continue"
    cwe = 670
    examples = (
        Example("loop { break; }\n", after=(), why="might never end"),
        Example("for x in y { if x { break; } }\n", after=("for x in y { if x { continue; } }\n",)),
        Example("while c { if x { continue; } }\n", after=("while c { if x { break; } }\n",)),
    )

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for leaving in source.find("break_expression", "continue_expression"):
            around = loop_around(leaving)
            if around is None or leaving.named_children:
                continue
            if text_of(leaving) == "break" and around.type == "for_expression":
                yield source.replace(leaving, "continue")
            # A `loop` without `break` has no end, and its type says so.
            elif text_of(leaving) == "continue" and around.type != "loop_expression":
                yield source.replace(leaving, "break")
