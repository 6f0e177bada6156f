"""
Mutator: a comparison for order or equality is the wrong way round, or incomplete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import (
    RustMutator,
    RustSource,
    arguments_of,
    child,
    is_in_eq,
    method_node,
    receiver_of,
    text_of,
)
from mutators.rust._wrappers import turned_round

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node

_OPPOSITE = {
    "min_by": "max_by", "max_by": "min_by", "min_by_key": "max_by_key", "max_by_key": "min_by_key",
    "Less": "Greater", "Greater": "Less",
}  # fmt: skip


class SwapComparator(RustMutator):
    """
    Turn a comparator round, or leave a part out of it.

    Injects: a wrong order, or equality that overlooks a field.
    Fair because: a test of the order, or of two values that differ in that field, sees it.
    Leaves alone: `<` and its kin, which `cond.negate` and `cond.boundary` have.
    """

    id = "key.compare"
    cwe = 1025
    examples = (
        Example("a < b;\n", after=(), why="no comparator"),
        Example("a.x.cmp(&b.x);\n", after=("b.x.cmp(&a.x);\n",)),
        Example("v.iter().min_by_key(|x| x.y);\n", after=("v.iter().max_by_key(|x| x.y);\n",)),
        Example("Ordering::Less;\n", after=("Ordering::Greater;\n",)),
        Example("a.then_with(|| f(b));\n", after=("a;\n",)),
        Example("fn eq(&self, o: &A) -> bool { self.a == o.a && self.b == o.b }\n",
                after=("fn eq(&self, o: &A) -> bool { self.a == o.a }\n",
                       "fn eq(&self, o: &A) -> bool { self.b == o.b }\n")),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for node in source.find("call_expression", "scoped_identifier", "binary_expression"):
            if node.type == "call_expression":
                yield from _in_call(source, node)
            elif node.type == "scoped_identifier":
                last, is_order = child(node, "name"), "Ordering::" in text_of(node)
                if last is not None and is_order and text_of(last) in _OPPOSITE:
                    yield source.replace(last, _OPPOSITE[text_of(last)])
            elif is_in_eq(node) and text_of(child(node, "operator")) == "&&":
                sides = (child(node, "left"), child(node, "right"))
                yield from (source.replace(node, text_of(side)) for side in sides)


def _in_call(source: RustSource, call: Node) -> Iterator[Edit]:
    name = method_node(call)
    if name is None or len(arguments_of(call)) != 1:
        return
    if (called := text_of(name)) in ("cmp", "partial_cmp", "total_cmp"):
        yield from (source.replace(call, turned) for turned in turned_round(call))
    elif called in _OPPOSITE:
        yield source.replace(name, _OPPOSITE[called])
    elif called == "then_with" or (called == "then" and "cmp" in text_of(receiver_of(call))):
        yield source.replace(call, text_of(receiver_of(call)))
