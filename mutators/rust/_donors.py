"""
Donors: names of the same file that fit where another name stands, as far as types are written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mutators.rust._mutator import (
    arguments_of,
    child,
    children,
    enclosing_function,
    is_statement,
    loop_around,
    method_name,
    receiver_of,
    text_of,
)
from mutators.rust._syntax import walk
from mutators.rust._types import COPIED

if TYPE_CHECKING:
    from mutators.rust._mutator import Node, RustSource
    from mutators.rust._types import Binding, Signature

MAX_DONORS = 2  # of one site; more hardly differ for a test

_PAIRS = (
    "starts_with ends_with", "trim_start trim_end", "find rfind", "first last", "min max",
    "push_front push_back", "pop_front pop_back", "to_uppercase to_lowercase", "any all",
    "to_ascii_uppercase to_ascii_lowercase", "is_uppercase is_lowercase", "front back",
    "is_alphabetic is_numeric", "is_ascii_uppercase is_ascii_lowercase", "floor ceil",
    "is_ascii_digit is_ascii_alphabetic", "strip_prefix strip_suffix", "skip_while take_while",
    "is_ascii_alphanumeric is_ascii_alphabetic", "trim_start_matches trim_end_matches",
    "split_once rsplit_once", "checked_add checked_sub", "saturating_add saturating_sub",
    "is_alphanumeric is_alphabetic", "wrapping_add wrapping_sub", "splitn rsplitn", "skip take",
    "is_whitespace is_control", "checked_mul checked_div", "position rposition",
)  # fmt: skip
_SIBLINGS = {name: other for pair in _PAIRS for name, other in (pair.split(), pair.split()[::-1])}
_SIBLINGS |= {"trim": "trim_start", "is_alphabetic": "is_numeric"}

_VARIANT = re.compile(r"(?:crate::|super::|self::)*((?:\w+::)*?([A-Z]\w*))::([A-Z]\w*)")
_ERROR = re.compile(r"Err|Error|Kind|Failure|Problem|Code")


def sibling_functions(source: RustSource, call: Node) -> list[str]:
    """
    Functions with the signature of the called one, or called with the same arguments nearby.

    Never one around the call, nor one that calls that: calls would have no end.
    """
    signature = source.types.signature_of(call)
    if is_statement(call) and loop_around(call) is not None:
        return []  # may be what brings the loop to its end
    around = text_of(child(enclosing_function(call), "name"))
    found = _alike(source, signature) if signature is not None else []
    names = [other.name for other in found if f"{around}(" not in text_of(other.node)]
    known = dict.fromkeys((*names, *_called_alike(source, call)))
    unlike = (text_of(called_node(call)), around)
    return [name for name in known if name not in unlike][:MAX_DONORS]


def standard_sibling(call: Node) -> str:
    """
    The mirror image of a standard method or of `cmp::min` and `max`, "" where it may not fit.
    """
    name, receiver = text_of(called_node(call)), receiver_of(call)
    needs_arguments = ("skip", "take", "find", "rfind", "position", "rposition")
    if name in needs_arguments and not arguments_of(call):
        return ""
    if name in ("first", "last") and (receiver is None or receiver.type == "call_expression"):
        return ""  # an iterator has only `last`
    if name == "position" and not text_of(receiver).endswith(".iter()"):
        return ""
    is_path = name in ("min", "max") and "::" in text_of(child(call, "function"))
    return _SIBLINGS.get(name, "") if method_name(call) or is_path else ""


def called_node(call: Node) -> Node | None:
    function = child(call, "function")
    if function is not None and function.type == "generic_function":
        function = child(function, "function")
    return child(function, "field") or child(function, "name") or function


def _alike(source: RustSource, signature: Signature) -> list[Signature]:
    return [
        other
        for others in source.types.functions.values()
        for other in others
        if (other.owner, other.receiver, other.parameters, other.result)
        == (signature.owner, signature.receiver, signature.parameters, signature.result)
        and _bounds(other) == _bounds(signature)
    ]  # fmt: skip


def _bounds(signature: Signature) -> str:
    """
    Type parameters with their bounds, as written.
    """
    where = children(signature.node, "where_clause")
    return text_of(child(signature.node, "type_parameters")) + "".join(map(text_of, where))


def _called_alike(source: RustSource, call: Node) -> list[str]:
    """
    Functions that the same function calls with the very same arguments, at the same kind of place.
    """
    function, around = child(call, "function"), enclosing_function(call)
    if (
        function is None
        or function.type != "identifier"
        or around is None
        or not arguments_of(call)
    ):
        return []
    others = _calls_in(around)
    return [
        text_of(child(other, "function"))
        for other in others
        if text_of(child(other, "arguments")) == text_of(child(call, "arguments"))
        and _place(other) == _place(call)
        and _result(source, other) == _result(source, call)
        and text_of(child(other, "function"))[:1].islower()
    ]


def _calls_in(function: Node) -> list[Node]:
    found: list[Node] = []
    stack = [function]
    while stack:
        node = stack.pop()
        callee = child(node, "function") if node.type == "call_expression" else None
        if callee is not None and callee.type == "identifier" and arguments_of(node):
            found.append(node)
        stack.extend(reversed(node.named_children))
    return found


def _result(source: RustSource, call: Node) -> str:
    signature = source.types.signature_of(call)
    return signature.result if signature is not None else ""


def _place(call: Node) -> str:
    return call.parent.type if call.parent is not None else ""


def variants(source: RustSource) -> list[tuple[Node, str, bool]]:
    """
    Enum variants in value positions with each donor of theirs, in source order.

    (the variant's name node, a variant of the same enum and shape, whether it tells of an error)
    """
    sites = [(node, parts) for node in source.find("scoped_identifier")
             if (parts := _variant(source, node))]  # fmt: skip
    seen: dict[tuple[str, str], dict[str, None]] = {}
    for node, (name, variant) in sites:
        seen.setdefault((name, _shape(source, node)), {})[variant] = None
    found = []
    for node, (name, variant) in sites:
        declared = source.types.variants.get(name, {})
        known = dict.fromkeys((*seen[name, _shape(source, node)], *declared))
        if variant in declared:
            known = {one: None for one in known if declared.get(one) == declared[variant]}
        elif not declared:
            known = seen[name, _shape(source, node)]
        last = child(node, "name")
        donors = [other for other in known if other != variant and last is not None]
        found += [(last or node, donor, _tells_error(name, node)) for donor in donors[:MAX_DONORS]]
    return found


def _variant(source: RustSource, node: Node) -> tuple[str, str] | None:
    """
    Enum and variant that a whole path names; not a constant, nor a type's function.
    """
    match = _VARIANT.fullmatch(text_of(node))
    if match is None or node.parent is None or node.parent.type == "scoped_identifier":
        return None
    is_constant = len(match[3]) > 1 and match[3].isupper()
    is_struct = match[2] in source.types.fields
    return None if is_constant or is_struct else (match[2], match[3])


def _shape(source: RustSource, site: Node) -> str:
    """
    How the variant is used: alone, or called with arguments of these types.
    """
    parent = site.parent
    if parent is None or parent.type != "call_expression" or child(parent, "function") != site:
        return "alone" if parent is None or parent.type != "arguments" else "argument"
    kinds = [source.types.type_of(item) or text_of(item) for item in arguments_of(parent)]
    return f"called with {kinds}"


def _tells_error(name: str, site: Node) -> bool:
    around = site.parent
    while around is not None and around.type in ("call_expression", "arguments"):
        if text_of(child(around, "function")) == "Err":
            return True
        around = around.parent
    return _ERROR.search(name) is not None


def same_type_variables(source: RustSource, name: Node) -> list[str]:
    """
    Visible variables of the type of `name`, nearest first; of types that do not move when used.
    """
    visible = source.types.visible(name)
    used = visible.get(text_of(name))
    if used is None or not is_copied(used.type):
        return []
    return [item.name for item in visible.values() if _may_replace(item, used)][:MAX_DONORS]


def is_copied(kind: str) -> bool:
    """
    Whether values of a type stay where they are when used.
    """
    return kind in COPIED - {"int", "float"} or (kind.startswith("&") and kind[:4] != "&mut")


def _may_replace(donor: Binding, used: Binding) -> bool:
    return donor.name != used.name and donor.type == used.type and not donor.name.startswith("_")


def moves_what_follows(source: RustSource, branch: Node) -> bool:
    """
    Whether a branch may use up a variable that the code behind it needs.
    """
    around = enclosing_function(branch)
    below = source.data[branch.end_byte : around.end_byte if around else None].decode()
    # Unsafe blocks and macros, off limits for bugs, move values too: the tree is asked, not `find`.
    for name in walk(branch, lambda node: node.type != "closure_expression"):
        is_passed = name.parent is not None and name.parent.type in ("arguments", "token_tree")
        is_variable = name.type == "identifier" and is_passed
        may_move = is_variable and not is_copied(source.types.type_of(name))
        if may_move and re.search(rf"\b{text_of(name)}\b", below):
            return True
    return False
