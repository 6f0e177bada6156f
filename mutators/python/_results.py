"""
What a function could return by mistake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.python._shapes import negated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource

_TRUTH = {"True": "False", "False": "True"}


def other_results(source: PythonSource, value: cst.BaseExpression) -> Iterator[str]:
    """
    Texts to return instead, most of them one.
    """
    match value:
        case cst.Name(value="True" | "False" as truth):
            yield _TRUTH[truth]
        case cst.Tuple(elements=[first, second]) if not value.lpar:
            texts = [source.decode(*source.outer_span(item.value)) for item in (first, second)]
            if texts[0] != texts[1]:
                yield f"{texts[1]}, {texts[0]}"
        case cst.UnaryOperation(operator=cst.Not()):
            yield negated(source, value)
        case cst.Comparison(comparisons=[_]):
            yield negated(source, value)
