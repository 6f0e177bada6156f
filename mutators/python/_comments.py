"""
The comments of a Python file, as its own tokenizer sees them.
"""

from __future__ import annotations

import io
import tokenize

from mutators.base import Refusal
from mutators.python._reading import read


def comment_lines(data: bytes) -> tuple[str, ...] | Refusal:
    """
    The text of every comment, in order; a `#` inside of a string is none.
    """
    reading = read(data)
    if isinstance(reading, Refusal):
        return reading
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(reading.text).readline))
    except (tokenize.TokenError, SyntaxError) as error:
        return Refusal(f"cannot be told apart: {error}")
    return tuple(token.string for token in tokens if token.type == tokenize.COMMENT)
