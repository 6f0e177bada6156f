"""
Mutator: another error than the right one is reported.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import RustMutator, RustSource, arguments_of, child, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node

_MAX_DONORS = 2  # more variants of one site hardly differ for a test
_ERROR = re.compile(r"(\w*(?:Err|Error|Kind|Failure|Problem|Code)\w*)::(\w+)")


class ChangeErrorKind(RustMutator):
    """
    Report another variant of the same error enum, with the same payload.

    Injects: a wrong error for a right reason.
    Fair because: a test of the failure names the variant that it expects.
    Leaves alone: variants in patterns, and payloads of another shape.
    """

    id = "err.wrong-kind"
    cwe = 393
    examples = (
        Example("enum Error { A, B(u8) }\nfn f() { Err(Error::A) }\n", after=(), why="no donor"),
        Example("match e { Error::A => 1, Error::B => 2 }\n", after=(), why="patterns only"),
        Example("enum Error { A, B }\nfn f() { Err(Error::A) }\n",
                after=("enum Error { A, B }\nfn f() { Err(Error::B) }\n",)),
        Example("fn f() { g(Kind::A, 1); g(Kind::B, 2); }\n",
                after=("fn f() { g(Kind::B, 1); g(Kind::B, 2); }\n",
                       "fn f() { g(Kind::A, 1); g(Kind::A, 2); }\n"), why="seen in the file"),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        sites = [node for node in source.find("scoped_identifier") if _variant(node)[0]]
        seen: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for site in sites:
            name, variant = _variant(site)
            seen[name, _shape(source, site)].append(variant)
        for site in sites:
            name, variant = _variant(site)
            known = dict.fromkeys(seen[name, _shape(source, site)])
            declared = source.types.variants.get(name, {})
            if variant in declared:
                known.update((other, None) for other in declared)
                known = {o: None for o in known if declared.get(o) == declared[variant]}
            donors = [other for other in known if other != variant][:_MAX_DONORS]
            if last := child(site, "name"):
                yield from (source.replace(last, donor) for donor in donors)


def _variant(node: Node) -> tuple[str, str]:
    """
    Enum and variant that a value path names; `("", "")` of all other paths.
    """
    match = _ERROR.fullmatch(text_of(node).rsplit("crate::", 1)[-1])
    is_whole = node.parent is not None and node.parent.type != "scoped_identifier"
    is_constant = match is not None and len(match[2]) > 1 and match[2].isupper()
    if match is None or not is_whole or is_constant or not match[2][0].isupper():
        return "", ""
    return match[1], match[2]


def _shape(source: RustSource, site: Node) -> str:
    """
    How the variant is used: alone, or called with arguments of these types.
    """
    parent = site.parent
    if parent is None or parent.type != "call_expression" or child(parent, "function") != site:
        return "alone"
    kinds = [source.types.type_of(item) or item.type for item in arguments_of(parent)]
    return f"called with {kinds}"
