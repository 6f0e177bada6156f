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
    enclosing_function,
    method_node,
    operands,
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
        Example("a < b;\n", after=()),
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
            elif text_of(child(enclosing_function(node), "name")) == "eq":
                left, operator, right = operands(node)
                if operator == "&&":
                    yield from (source.replace(node, text_of(side)) for side in (left, right))


def _in_call(source: RustSource, call: Node) -> Iterator[Edit]:
    name, receiver, arguments = method_node(call), receiver_of(call), arguments_of(call)
    if name is None or receiver is None or len(arguments) != 1:
        return
    if text_of(name) in ("cmp", "partial_cmp", "total_cmp"):
        yield from (source.replace(call, turned) for turned in turned_round(call))
    elif text_of(name) in _OPPOSITE:
        yield source.replace(name, _OPPOSITE[text_of(name)])
    elif text_of(name) == "then_with" or (text_of(name) == "then" and "cmp" in text_of(receiver)):
        yield source.replace(call, text_of(receiver))
