"""
Mutator: another variable of the same type is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import RustMutator, RustSource, child, text_of
from mutators.rust._types import COPIED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node
    from mutators.rust._types import Binding

_MAX_DONORS = 2  # of the nearest bindings


class SwapVariable(RustMutator):
    """
    Read another local variable or parameter of the same type.

    Injects: a mix-up of two names.
    Fair because: the two hold different things, or there would not be two.
    Leaves alone: values that move when used, and variables that are assigned to.
    """

    id = "var.same-type"
    cwe = 1025
    examples = (
        Example("fn f(a: u8, b: u16) { g(a); }\n", after=(), why="another type"),
        Example("fn f(a: String, b: String) { g(a); }\n", after=(), why="would move"),
        Example("fn f(a: u8, b: u8) { g(a); }\n", after=("fn f(a: u8, b: u8) { g(b); }\n",)),
        Example("fn f(a: &str) { let n: usize = 1; let m = a.len(); g(n); }\n",
                after=("fn f(a: &str) { let n: usize = 1; let m = a.len(); g(m); }\n",)),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for name in source.find("identifier"):
            if not _is_read(name):
                continue
            visible = source.types.visible(name)
            used = visible.get(text_of(name))
            if used is None or not _is_copied(used.type):
                continue
            donors = [item for item in visible.values() if _may_replace(item, used)]
            for donor in donors[:_MAX_DONORS]:
                if not _makes_no_difference(name, donor.name):
                    yield source.replace(name, donor.name)


def _may_replace(donor: Binding, used: Binding) -> bool:
    return donor.name != used.name and donor.type == used.type and not donor.name.startswith("_")


def _is_copied(kind: str) -> bool:
    return (kind in COPIED - {"int", "float"}) or (kind.startswith("&") and kind[:4] != "&mut")


def _is_read(name: Node) -> bool:
    parent = name.parent
    if parent is None or parent.type in ("assignment_expression", "compound_assignment_expr"):
        return parent is not None and child(parent, "left") != name
    if parent.type == "call_expression":
        return child(parent, "function") != name
    if parent.type == "reference_expression":
        return "mutable_specifier" not in [item.type for item in parent.children]
    return parent.type not in ("macro_invocation", "scoped_identifier", "function_item",
                               "field_initializer", "generic_function", "mod_item",
                               "shorthand_field_initializer", "struct_expression")  # fmt: skip


def _makes_no_difference(name: Node, donor: str) -> bool:
    """
    `a == b` must not become `b == b`, which a linter sees.
    """
    parent = name.parent
    if parent is None or parent.type != "binary_expression":
        return False
    return donor in (text_of(child(parent, "left")), text_of(child(parent, "right")))
