"""
The comments of a Rust file, documentation included.
"""

from __future__ import annotations

from mutators.base import Refusal
from mutators.rust._syntax import is_comment, parse_tree, text_of, walk


def comment_lines(data: bytes) -> tuple[str, ...] | Refusal:
    """
    The lines of every comment, in order; `//` inside of a string is none. Blank ones are left out.
    """
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Refusal(f"not UTF-8: byte {error.start}")
    texts = (text_of(node) for node in walk(parse_tree(data)) if is_comment(node))
    lines = (line.strip() for text in texts for line in text.splitlines())
    return tuple(line for line in lines if line)
