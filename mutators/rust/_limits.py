"""
What no mutator may touch in Rust source: which subtrees, and why.
"""

from __future__ import annotations

import re

from mutators.rust._syntax import (
    COMMENTS,
    Node,
    attribute_path,
    attributes,
    child,
    children,
    text_of,
)

# No code that runs: types, patterns, attributes; and code whose meaning the tree does not show.
_KINDS = frozenset((
    *COMMENTS, "attribute_item", "inner_attribute_item", "macro_definition", "macro_invocation",
    "const_item", "static_item", "const_block", "unsafe_block", "enum_item", "struct_item",
    "union_item", "type_item", "associated_type", "use_declaration", "extern_crate_declaration",
    "foreign_mod_item", "type_arguments", "type_parameters", "where_clause", "visibility_modifier",
    "parameters", "closure_parameters", "label", "lifetime",
))  # fmt: skip
# Telling, not doing: a test that notices them tests the log.
_LOG_MACROS = frozenset(("trace", "debug", "info", "warn", "error", "log", "event", "span", "dbg"))
_CAPACITY = frozenset(("with_capacity", "reserve", "reserve_exact", "shrink_to", "size_hint"))
_TEST_ATTRIBUTES = frozenset(("test", "rstest", "proptest", "quickcheck", "test_case", "bench"))


def is_left_alone(node: Node) -> bool:
    """
    Whether nothing at or below this node may be mutated.
    """
    kind = node.type
    if kind in _KINDS or kind.endswith("_type") or is_test_code(node):
        return True
    parent = node.parent
    if parent is None:
        return False
    if kind == "function_item" and _is_special(node):
        return True
    if kind == "impl_item" and _is_debug_or_unsafe(node):
        return True
    if kind.endswith("arguments") and is_capacity_call(parent):
        return True
    return _is_pattern(node, parent) or _is_conditional(node)


def is_log(node: Node) -> bool:
    """
    A call of a logging macro, by its last name.
    """
    if node.type != "macro_invocation":
        return False
    return text_of(child(node, "macro")).rsplit("::", 1)[-1] in _LOG_MACROS


def is_test_code(node: Node) -> bool:
    """
    A test function, or an item under `#[cfg(test)]`.
    """
    if node.type not in ("mod_item", "function_item", "impl_item", "use_declaration", "struct_item",
                         "enum_item", "const_item", "static_item", "trait_item", "macro_invocation",
                         "macro_definition", "type_item"):  # fmt: skip
        return False
    return any(_marks_test(attribute) for attribute in attributes(node))


def is_test_function(node: Node) -> bool:
    return node.type == "function_item" and any(
        attribute_path(attribute).rsplit("::", 1)[-1] in _TEST_ATTRIBUTES
        for attribute in attributes(node)
    )


def _marks_test(attribute: Node) -> bool:
    path = attribute_path(attribute)
    if path == "cfg":
        return re.search(r"(?<!not\()\btest\b", text_of(attribute)) is not None
    return path.rsplit("::", 1)[-1] in _TEST_ATTRIBUTES


def is_const_or_unsafe(function: Node) -> bool:
    modifiers = " ".join(map(text_of, children(function, "function_modifiers"))).split()
    return bool({"const", "unsafe", "extern"} & set(modifiers))


def is_capacity_call(call: Node) -> bool:
    function = child(call, "function")
    name = child(function, "field") or child(function, "name")
    return text_of(name) in _CAPACITY


def _is_special(function: Node) -> bool:
    return is_const_or_unsafe(function) or text_of(child(function, "name")) in _CAPACITY


def _is_debug_or_unsafe(block: Node) -> bool:
    trait = text_of(child(block, "trait")).rsplit("::", 1)[-1]
    return trait == "Debug" or any(item.type == "unsafe" for item in block.children)


def _is_pattern(node: Node, parent: Node) -> bool:
    """
    A pattern without its guard; guards are conditions like any other.
    """
    if parent.type == "match_pattern":
        return node != child(parent, "condition")
    if parent.type in ("let_declaration", "let_condition", "for_expression", "parameter"):
        return node == child(parent, "pattern")
    return parent.type == "array_expression" and node == child(parent, "length")


def _is_conditional(node: Node) -> bool:
    """
    Whether a `#[cfg(…)]` other than of tests stands above an item, statement, field or arm.
    """
    if not (node.type.endswith(("_item", "_declaration", "_statement", "_arm", "_initializer"))):
        return False
    return any(attribute_path(attribute) == "cfg" for attribute in attributes(node))
