"""
What of a Python file no mutator may touch.
"""

from __future__ import annotations

import re

import libcst as cst

_LOGGERS = re.compile(
    r"(?i)^_*(log(ger|ging)?|warnings|metrics|statsd|telemetry|tracer|console)_*$"
)
_LOG_CALLS = re.compile(
    r"^_*(print|pprint|warn|debug|log|log_\w+|deprecated?|warn_\w+|add_note|warning)$"
)
_DUNDER_DATA = re.compile(r"^(__\w+__|(_)?version(_info)?|VERSION)$")
_UNSEEN_METHODS = frozenset(
    ("__repr__", "__rich_repr__", "__dir__", "__del__", "__sizeof__", "_repr_html_")
)
_BODILESS = frozenset(("overload", "abstractmethod", "abstractproperty"))
_TYPE_MAKERS = frozenset(("TypeVar", "ParamSpec", "NewType", "TypeAlias", "cast"))
_GENERATED = re.compile(rb"(?i)@generated|\bdo not edit\b|\bautomatically generated\b")


def heads_as_generated(data: bytes) -> bool:
    """
    Whether a file says at its head that a program wrote it.
    """
    head = b"\n".join(line for line in data[:2000].splitlines() if line.lstrip().startswith(b"#"))
    return bool(_GENERATED.search(head))


def is_off_limits(node: cst.CSTNode, parent: cst.CSTNode | None) -> bool:
    """
    Whether a node, with all inside of it, is left alone; `parent` is the node around it.
    """
    if isinstance(node, cst.FunctionDef):
        return _is_unseen_function(node)
    if isinstance(node, cst.ClassDef):
        return _is_test_class(node)
    if isinstance(node, cst.If):
        return _is_unseen_if(node)
    if isinstance(node, cst.SimpleStatementLine):
        return _is_unseen_line(node) or _has_no_cover(node.trailing_whitespace)
    if isinstance(node, cst.Call):
        return _is_report(node.func) or (_last_name(node.func) in _TYPE_MAKERS)
    if isinstance(parent, cst.Assert):
        return node is parent.msg
    return isinstance(node, cst.Annotation | cst.Decorator | cst.TypeAlias | cst.TypeParameters)


def error_texts(node: cst.Raise) -> tuple[cst.Arg, ...]:
    """
    The arguments of a raised exception that carries a text for people.
    """
    if not isinstance(node.exc, cst.Call) or not any(_is_text(arg.value) for arg in node.exc.args):
        return ()
    return tuple(node.exc.args)


def _is_text(node: cst.BaseExpression) -> bool:
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        return _is_text(node.func.value)
    if isinstance(node, cst.BinaryOperation):
        return _is_text(node.left) or _is_text(node.right)
    return isinstance(node, cst.BaseString)


def _is_unseen_function(node: cst.FunctionDef) -> bool:
    name = node.name.value
    if name in _UNSEEN_METHODS or name.startswith("test_"):
        return True
    decorators = {_last_name(item.decorator) for item in node.decorators}
    return bool(decorators & _BODILESS) or _heads_no_cover(node.body)


def _is_test_class(node: cst.ClassDef) -> bool:
    bases = {_last_name(base.value) for base in node.bases}
    if bases & {"TestCase", "IsolatedAsyncioTestCase", "Protocol"} or _heads_no_cover(node.body):
        return True
    methods = (item.name.value for item in node.body.body if isinstance(item, cst.FunctionDef))
    return node.name.value.startswith("Test") and any(name.startswith("test") for name in methods)


def _is_unseen_if(node: cst.If) -> bool:
    test = node.test
    if _last_name(test) == "TYPE_CHECKING" or _heads_no_cover(node.body):
        return True
    if not isinstance(test, cst.Comparison):
        return False
    names = {_last_name(test.left), *(_last_name(link.comparator) for link in test.comparisons)}
    return "__name__" in names or _reads(test, ("version_info", "platform"))


def _reads(test: cst.Comparison, attributes: tuple[str, ...]) -> bool:
    sides = [test.left, *(link.comparator for link in test.comparisons)]
    sides = [side.value if isinstance(side, cst.Subscript) else side for side in sides]
    return any(_last_name(side) in attributes for side in sides)


def _is_unseen_line(node: cst.SimpleStatementLine) -> bool:
    return any(_is_unseen_statement(statement) for statement in node.body)


def _is_unseen_statement(node: cst.BaseSmallStatement) -> bool:
    if isinstance(node, cst.Import | cst.ImportFrom | cst.Global | cst.Nonlocal):
        return True
    if isinstance(node, cst.Expr):
        if isinstance(node.value, cst.SimpleString | cst.ConcatenatedString | cst.Ellipsis):
            return True
        return isinstance(node.value, cst.Call) and _is_report(node.value.func)
    if isinstance(node, cst.Assign):
        names = (item.target.value for item in node.targets if isinstance(item.target, cst.Name))
        return any(_DUNDER_DATA.match(name) for name in names)
    return False


def _is_report(func: cst.BaseExpression) -> bool:
    """
    Whether a call only tells a person or a monitor something.
    """
    if isinstance(func, cst.Attribute):
        root = _last_name(func.value)
        return bool(_LOGGERS.match(root)) and func.attr.value != "getLogger"
    return isinstance(func, cst.Name) and bool(_LOG_CALLS.match(func.value))


def _heads_no_cover(body: cst.BaseSuite) -> bool:
    header = body.header if isinstance(body, cst.IndentedBlock) else None
    return header is not None and _has_no_cover(header)


def _has_no_cover(space: cst.TrailingWhitespace) -> bool:
    return space.comment is not None and "no cover" in space.comment.value


def _last_name(node: cst.CSTNode) -> str:
    """
    `c` of `a.b.c`, of `a.b.c(...)` and of `c`; nothing of all else.
    """
    if isinstance(node, cst.Call):
        return _last_name(node.func)
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""
