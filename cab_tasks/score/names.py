"""
Names that an attempt chose, as text that any JSON and any terminal can hold.
"""

from __future__ import annotations


def shown(names: tuple[str, ...]) -> tuple[str, ...]:
    """
    Bytes that are not UTF-8, and what a terminal would obey, are written out.
    """
    return tuple(plain(name) for name in names)


def plain(name: str) -> str:
    text = name.encode("utf-8", "backslashreplace").decode()
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
