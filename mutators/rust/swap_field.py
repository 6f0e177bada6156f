"""
Mutator: another field of the same type is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import RustMutator, RustSource, child, text_of
from mutators.rust._types import base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node

_MAX_DONORS = 2


class SwapField(RustMutator):
    """
    Use another field of the same struct and type.

    Injects: a mix-up of two fields.
    Fair because: the two hold different things, or there would not be two.
    Leaves alone: structs that another file declares.
    """

    id = "attr.same-type"
    cwe = 1025
    examples = (
        Example("struct A { x: u8, y: u16 }\nimpl A { fn f(&self) { self.x; } }\n", after=()),
        Example("self.x;\n", after=(), why="no struct"),
        Example("struct A { x: u8, y: u8 }\nimpl A { fn f(&self) { self.x; } }\n",
                after=("struct A { x: u8, y: u8 }\nimpl A { fn f(&self) { self.y; } }\n",)),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for access in source.find("field_expression"):
            name = child(access, "field")
            if name is None or _is_method(access):
                continue
            fields = source.types.fields.get(base(source.types.type_of(child(access, "value"))), {})
            used = text_of(name)
            donors = [other for other, kind in fields.items() if kind == fields.get(used)]
            for donor in [other for other in donors if other != used][:_MAX_DONORS]:
                if not _makes_no_difference(access, donor):
                    yield source.replace(name, donor)


def _is_method(access: Node) -> bool:
    parent = access.parent
    return (
        parent is not None
        and parent.type in ("call_expression", "generic_function")
        and (child(parent, "function") == access)
    )


def _makes_no_difference(access: Node, donor: str) -> bool:
    """
    `self.a = self.b` must not become `self.b = self.b`, which a linter sees.
    """
    parent = access.parent
    if parent is None or child(parent, "left") is None:
        return False
    new = text_of(child(access, "value")) + "." + donor
    return new in (text_of(child(parent, "left")), text_of(child(parent, "right")))
