"""
Types as far as they are written: of fields, parameters, locals and results in one file.

No compiler: a type is the text of an annotation without blanks and lifetimes, `""` where it is
not known. `int` and `float` stand for literals without a suffix.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mutators.rust._syntax import Node, ancestors, child, children, text_of, walk

_SIZES = ("8", "16", "32", "64", "128", "size")
INTEGERS = frozenset(f"{sign}{size}" for sign in "iu" for size in _SIZES)
NUMBERS = INTEGERS | {"f32", "f64", "int", "float"}
COPIED = NUMBERS | {"bool", "char"}
_BOOL_OPERATORS = frozenset(("==", "!=", "<", "<=", ">", ">=", "&&", "||"))
_MAX_DEPTH = 12  # of look-ups for one expression; deeper chains are not worth the time
# Results of the standard library's methods, whatever they are called on.
_METHODS = {
    **dict.fromkeys(("len", "count", "capacity", "len_utf8"), "usize"),
    **dict.fromkeys(("is_empty", "is_some", "is_none", "is_ok", "is_err", "starts_with",
                     "ends_with", "contains", "contains_key", "is_alphabetic", "is_numeric",
                     "is_uppercase", "is_lowercase", "is_whitespace", "is_alphanumeric",
                     "is_ascii_digit", "is_ascii", "any", "all", "eq", "ne"), "bool"),
    **dict.fromkeys(("to_string",), "String"),
    **dict.fromkeys(("as_str",), "&str"),
    **dict.fromkeys(("as_bytes",), "&[u8]"),
}  # fmt: skip
_STR_METHODS = {
    **dict.fromkeys(("trim", "trim_start", "trim_end", "trim_matches", "trim_start_matches",
                     "trim_end_matches", "trim_left", "trim_right"), "&str"),
    **dict.fromkeys(("to_lowercase", "to_uppercase", "to_ascii_lowercase", "to_ascii_uppercase",
                     "replace", "to_owned", "repeat"), "String"),
}  # fmt: skip
_SAME = frozenset(("min", "max", "abs", "saturating_add", "saturating_sub", "wrapping_add",
                   "wrapping_sub", "pow", "clamp", "rem_euclid", "saturating_mul"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signature:
    """
    A function's declared types; `receiver` is `""`, `self`, `&self` or `&mut self`.
    """

    name: str
    owner: str  # the type of its impl, "" of a free function
    receiver: str
    parameters: tuple[str, ...]
    names: tuple[str, ...]
    result: str  # "()" if none is written
    node: Node
    generics: frozenset[str]


@dataclass(frozen=True, slots=True)
class Binding:
    """
    A local name and where it is bound; `mutable` if it has a value that may be replaced.
    """

    name: str
    type: str
    mutable: bool
    start: int


class Types:
    """
    The declared types of one file.
    """

    def __init__(self, root: Node) -> None:
        self.fields: dict[str, dict[str, str]] = {}
        self.variants: dict[str, dict[str, str]] = {}  # enum → variant → payload as written
        self.functions: dict[str, list[Signature]] = {}  # by last name
        self._memo: dict[int, str] = {}
        for node in walk(root, lambda node: not node.type.endswith(("_expression", "_statement"))):
            self._declare(node)

    def _declare(self, node: Node) -> None:
        name = text_of(child(node, "name"))
        body = child(node, "body")
        if node.type == "struct_item":
            self.fields[name] = _fields(body)
        elif node.type == "enum_item":
            self.variants[name] = {
                text_of(child(variant, "name")): plain(text_of(child(variant, "body")))
                for variant in children(body, "enum_variant")
            }
        elif node.type in ("function_item", "function_signature_item"):
            self.functions.setdefault(name, []).append(_signature(node))

    def signature_of(self, call: Node) -> Signature | None:
        """
        What a call calls, if one function of the file alone can be meant.
        """
        function = child(call, "function")
        if function is None:
            return None
        name = text_of(child(function, "field") or child(function, "name")) or text_of(function)
        found = self.functions.get(name, [])
        if function.type == "field_expression":
            receiver = base(self.type_of(child(function, "value")))
            found = [item for item in found if item.receiver and receiver in ("", item.owner)]
        elif function.type == "identifier":
            found = [item for item in found if not item.owner]
        elif function.type == "scoped_identifier":
            path = plain(text_of(child(function, "path"))).replace("::<", "<")
            owner = owner_of(call) if path == "Self" else base(path.rsplit("::", 1)[-1])
            found = [item for item in found if item.owner == owner]
        else:
            return None
        return found[0] if len(found) == 1 else None

    def type_of(self, expression: Node | None, depth: int = 0) -> str:
        """
        An expression's type, `""` if it is not known.
        """
        if expression is None or depth > _MAX_DEPTH:
            return ""
        if expression.id not in self._memo:
            self._memo[expression.id] = self._type_of(expression, depth + 1)
        return self._memo[expression.id]

    def _type_of(self, node: Node, depth: int) -> str:
        text = text_of(node)
        match node.type:
            case "integer_literal":
                return next((kind for kind in sorted(INTEGERS) if text.endswith(kind)), "int")
            case "float_literal":
                return next((kind for kind in ("f32", "f64") if text.endswith(kind)), "float")
            case "boolean_literal":
                return "bool"
            case "char_literal":
                return "u8" if text.startswith("b") else "char"
            case "string_literal" | "raw_string_literal":
                return "" if text.startswith(("b", "c")) else "&str"
            case "identifier":
                binding = self.visible(node, depth).get(text)
                return binding.type if binding else ""
            case "self":
                return owner_of(node)
            case "field_expression":
                owner = base(self.type_of(child(node, "value"), depth))
                return self.fields.get(owner, {}).get(text_of(child(node, "field")), "")
            case "parenthesized_expression":
                return self.type_of(node.named_children[0], depth)
            case "reference_expression":
                inner = self.type_of(child(node, "value"), depth)
                prefix = "&mut " if children(node, "mutable_specifier") else "&"
                return prefix + inner if inner else ""
            case "type_cast_expression":
                return plain(text_of(child(node, "type")))
            case "unary_expression":
                inner = self.type_of(node.named_children[-1], depth)
                return inner if text[0] != "*" else re.sub(r"^&(mut )?", "", inner)
            case "binary_expression":
                return self._type_of_binary(node, depth)
            case "index_expression":
                return self._type_of_index(node, depth)
            case "call_expression":
                return self._type_of_call(node, depth)
            case "macro_invocation":
                return "String" if text.startswith("format!") else ""
            case _:
                return ""

    def _type_of_binary(self, node: Node, depth: int) -> str:
        if text_of(child(node, "operator")) in _BOOL_OPERATORS:
            return "bool"
        sides = [self.type_of(child(node, side), depth).lstrip("&") for side in ("left", "right")]
        known = [side for side in sides if side in NUMBERS]
        return min(known, key=lambda side: side in ("int", "float")) if known else ""

    def _type_of_index(self, node: Node, depth: int) -> str:
        value, index = node.named_children[0], node.named_children[-1]
        if index.type == "range_expression":
            return ""
        container = re.sub(r"^&(mut )?", "", self.type_of(value, depth))
        match = re.fullmatch(r"(?:Vec<|\[)(.+?)(?:;.*)?[>\]]", container)
        return match[1] if match else ""

    def _type_of_call(self, node: Node, depth: int) -> str:
        signature = self.signature_of(node)
        if signature is not None:
            mentioned = set(re.findall(r"\w+", signature.result))
            return "" if mentioned & signature.generics else signature.result
        function = child(node, "function")
        if function is None or function.type != "field_expression":
            return ""
        name = text_of(child(function, "field"))
        receiver = self.type_of(child(function, "value"), depth)
        if name in self.functions:
            return ""
        if name in _STR_METHODS and receiver.lstrip("&") in ("str", "String"):
            return _STR_METHODS[name]
        if name in _SAME and receiver in NUMBERS:
            return receiver
        if name == "clone":
            return receiver.removeprefix("&")
        return _METHODS.get(name, "")

    def has_value(self, assignment: Node) -> bool:
        """
        Whether the target of an assignment has a value already, so that it builds without.
        """
        target = child(assignment, "left")
        if target is None or target.type != "identifier":
            return target is not None and target.type in ("field_expression", "unary_expression")
        binding = self.visible(assignment).get(text_of(target))
        return binding is not None and binding.mutable

    def visible(self, node: Node, depth: int = 0) -> dict[str, Binding]:
        """
        Local names in scope at a node, parameters of its `fn` included, inner ones shadowing.
        """
        found: dict[str, Binding] = {}
        for binding in self._bindings_around(node, depth):
            found.setdefault(binding.name, binding)
        return found

    def _bindings_around(self, node: Node, depth: int) -> list[Binding]:
        found: list[Binding] = []
        below = node
        for scope in ancestors(node):
            if scope.type == "block":
                found += self._lets_before(scope, below, depth)
            else:
                found += self._bound_by(scope, below, depth)
            if scope.type == "function_item":
                break
            below = scope
        return found

    def _lets_before(self, block: Node, statement: Node, depth: int) -> list[Binding]:
        before = [item for item in children(block, "let_declaration")
                  if item.end_byte <= statement.start_byte]  # fmt: skip
        found: list[Binding] = []
        for item in reversed(before):
            kind = plain(text_of(child(item, "type"))) or self.type_of(child(item, "value"), depth)
            has_value = child(item, "value") is not None
            found += _names_in(child(item, "pattern"), kind, _is_mutable(item) and has_value)
        return found

    def _bound_by(self, scope: Node, below: Node, depth: int) -> list[Binding]:
        match scope.type:
            case "function_item" | "closure_expression":
                return _parameters(child(scope, "parameters"))
            case "for_expression" if below == child(scope, "body"):
                kind = self._iterated(child(scope, "value"), depth)
                return _names_in(child(scope, "pattern"), kind, False)
            case "match_arm":
                return _names_in(child(scope, "pattern"), "", False)
            case "if_expression" | "while_expression" | "let_chain":
                found = [item for part in (child(scope, "condition"), scope) if part is not None
                         for item in walk(part, lambda n: n.type != "block")
                         if item.type == "let_condition"]  # fmt: skip
                return [b for item in found for b in _names_in(child(item, "pattern"), "", False)]
            case _:
                return []

    def _iterated(self, value: Node | None, depth: int) -> str:
        while value is not None and value.type == "parenthesized_expression":
            value = value.named_children[0]
        if value is None or value.type != "range_expression":
            return ""
        kinds = {self.type_of(end, depth) for end in value.named_children} - {"int", ""}
        return kinds.pop() if len(kinds) == 1 else ""


def plain(text: str) -> str:
    """
    A type's text without comments, lifetimes and blanks; `&mut T` keeps its blank.
    """
    text = re.sub(r"'\w+\s*,?\s*", "", text)
    text = re.sub(r"&\s*mut\s+", "&\0", text)
    return re.sub(r"\s+", "", text).replace("\0", "mut ").replace("<>", "")


def base(kind: str) -> str:
    """
    The name of a type without references and arguments: `Lexer` of `&mut Lexer<R>`.
    """
    return re.sub(r"<.*", "", re.sub(r"^(&(mut )?)+", "", kind), flags=re.DOTALL)


def owner_of(node: Node) -> str:
    """
    The type whose impl block a node is in, `""` outside of all (also in traits).
    """
    for item in ancestors(node):
        if item.type in ("impl_item", "trait_item"):
            return base(plain(text_of(child(item, "type")))) if item.type == "impl_item" else ""
    return ""


def _fields(body: Node | None) -> dict[str, str]:
    """
    Name → type of a struct's fields; those of a tuple struct are named by number.
    """
    if body is not None and body.type == "ordered_field_declaration_list":
        kinds = body.children_by_field_name("type")
        return {str(number): plain(text_of(kind)) for number, kind in enumerate(kinds)}
    return {
        text_of(child(field, "name")): plain(text_of(child(field, "type")))
        for field in children(body, "field_declaration")
    }


def _signature(node: Node) -> Signature:
    parameters = child(node, "parameters")
    receiver = children(parameters, "self_parameter")
    owner = owner_of(node)
    generics = child(node, "type_parameters")
    result = plain(text_of(child(node, "return_type"))) or "()"
    return Signature(
        name=text_of(child(node, "name")),
        owner=owner,
        receiver=plain(text_of(receiver[0])) if receiver else "",
        parameters=tuple(
            plain(text_of(child(item, "type"))) for item in children(parameters, "parameter")
        ),
        names=tuple(text_of(child(item, "pattern")) for item in children(parameters, "parameter")),
        result=re.sub(r"\bSelf\b", owner or "Self", result),
        node=node,
        generics=frozenset(re.findall(r"\w+", text_of(generics))),
    )


def _parameters(parameters: Node | None) -> list[Binding]:
    found: list[Binding] = []
    for item in children(parameters):
        if item.type == "parameter":
            kind = plain(text_of(child(item, "type")))
            found += _names_in(child(item, "pattern"), kind, _is_mutable(item))
        elif item.type != "self_parameter":
            found += _names_in(item, "", False)
    return found


def _is_mutable(item: Node) -> bool:
    return bool(children(item, "mutable_specifier"))


def _names_in(pattern: Node | None, kind: str, mutable: bool) -> list[Binding]:
    """
    All names that a pattern binds; only a pattern that is a name itself has the whole's type.
    """
    if pattern is None:
        return []
    if pattern.type == "identifier":
        return [Binding(text_of(pattern), kind, mutable, pattern.start_byte)]
    kinds = ("identifier", "shorthand_field_identifier")
    names = [node for node in walk(pattern) if node.type in kinds]
    return [Binding(text_of(node), "", False, node.start_byte) for node in names]
