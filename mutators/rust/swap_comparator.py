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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node

_EXTREMES = {"min_by": "max_by", "max_by": "min_by", "min_by_key": "max_by_key",
             "max_by_key": "min_by_key"}  # fmt: skip
_ORDERINGS = {"Less": "Greater", "Greater": "Less"}


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
        Example("v.sort_by(|a, b| a.cmp(b));\n", after=("v.sort_by(|a, b| b.cmp(a));\n",)),
        Example("v.iter().min_by_key(|x| x.y);\n", after=("v.iter().max_by_key(|x| x.y);\n",)),
        Example("if c { Ordering::Less }\n", after=("if c { Ordering::Greater }\n",)),
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
                last = child(node, "name")
                if last is not None and text_of(child(node, "path")).endswith("Ordering"):
                    if new := _ORDERINGS.get(text_of(last)):
                        yield source.replace(last, new)
            elif text_of(child(enclosing_function(node), "name")) == "eq":
                left, operator, right = operands(node)
                if operator == "&&":
                    yield source.replace(node, text_of(left))
                    yield source.replace(node, text_of(right))


def _in_call(source: RustSource, call: Node) -> Iterator[Edit]:
    name, receiver, arguments = method_node(call), receiver_of(call), arguments_of(call)
    if name is None or receiver is None or len(arguments) != 1:
        return
    if text_of(name) in ("cmp", "partial_cmp", "total_cmp"):
        # Where the other side is borrowed, so must this one be when it changes places.
        argument = text_of(arguments[0])
        mark, other = ("&", argument[1:]) if argument.startswith("&") else ("", argument)
        if arguments[0].type in ("reference_expression", "identifier", "field_expression"):
            yield source.replace(call, f"{other}.{text_of(name)}({mark}{text_of(receiver)})")
    elif text_of(name) in _EXTREMES:
        yield source.replace(name, _EXTREMES[text_of(name)])
    elif text_of(name) == "then_with" or (text_of(name) == "then" and "cmp" in text_of(receiver)):
        yield source.replace(call, text_of(receiver))
