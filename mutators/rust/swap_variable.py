"""
Mutator: another variable, or another variant of an enum, is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._donors import same_type_variables, variants
from mutators.rust._mutator import RustMutator, RustSource, child, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node

_NOT_READ = ("macro_invocation", "scoped_identifier", "function_item", "field_initializer",
             "generic_function", "shorthand_field_initializer", "struct_expression")  # fmt: skip


class SwapVariable(RustMutator):
    """
    Use another variable or parameter of the same type, or another variant of the same enum.

    Injects: a mix-up of two names.
    Fair because: the two mean different things, or there would not be two.
    Leaves alone: values that move when used, names that are assigned to, and errors
    (`err.wrong-kind` has them).
    """

    id = "var.same-type"
    cwe = 688
    examples = (
        Example("fn f(a: u8, b: u16) { g(a); }\n", after=(), why="another type"),
        Example("fn f(a: String, b: String) { g(a); }\n", after=(), why="would move"),
        Example("fn f(a: u8, b: u8) { g(a); }\n", after=("fn f(a: u8, b: u8) { g(b); }\n",)),
        Example("fn f(a: &str) { let n: usize = 1; let m = a.len(); g(n); }\n",
                after=("fn f(a: &str) { let n: usize = 1; let m = a.len(); g(m); }\n",)),
        Example("enum Mode { A, B }\nfn f() { g(Mode::A) }\n",
                after=("enum Mode { A, B }\nfn f() { g(Mode::B) }\n",)),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for name in source.find("identifier"):
            if _is_read(name):
                for donor in same_type_variables(source, name):
                    if not _makes_no_difference(name, donor):
                        yield source.replace(name, donor)
        for site, donor, tells_error in variants(source):
            if not tells_error:
                yield source.replace(site, donor)


def _is_read(name: Node) -> bool:
    parent = name.parent
    if parent is None or parent.type in _NOT_READ or child(parent, "function") == name:
        return False
    if parent.type in ("assignment_expression", "compound_assignment_expr"):
        return child(parent, "left") != name
    return "mutable_specifier" not in [item.type for item in parent.children]


def _makes_no_difference(name: Node, donor: str) -> bool:
    """
    `a == b` must not become `b == b`, which a linter sees.
    """
    sides = [text_of(child(name.parent, side)) for side in ("left", "right")]
    return donor in sides
