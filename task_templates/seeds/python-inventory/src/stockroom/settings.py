"""
Settings from a mapping, with their defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stockroom.errors import BadSettingError

_TRUE = ("yes", "true", "on", "1")
_FALSE = ("no", "false", "off", "0")


@dataclass(frozen=True)
class Settings:
    """
    What a shop can choose.
    """

    low_mark: int = 5
    page_size: int = 20
    attempts: int = 3
    currency: str = "EUR"
    allow_partial: bool = False
    tags: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Settings:
        """
        Settings from what is given; what is left out has its default.

        Raises:
            BadSettingError: a value makes no sense.
        """
        return cls(
            low_mark=_number(given, "low_mark", 5),
            page_size=_number(given, "page_size", 20, least=1),
            attempts=_number(given, "attempts", 3, least=1),
            currency=given.get("currency", "EUR").strip().upper(),
            allow_partial=_flag(given.get("allow_partial", "no")),
            tags=list(given.get("tags", [])),
        )


def merged(shop: Mapping[str, Any], user: Mapping[str, Any]) -> dict[str, Any]:
    """
    Both together; where both have a key, the user's value counts unless it is None.
    """
    said = {key: value for key, value in user.items() if value is not None}
    return {**shop, **said}


def _number(given: Mapping[str, Any], key: str, default: int, least: int = 0) -> int:
    value = given.get(key, default)
    try:
        number = int(value)
    except (TypeError, ValueError) as error:
        raise BadSettingError(f"{key}: {value!r} is no whole number") from error
    if number < least:
        raise BadSettingError(f"{key}: {number} is below {least}")
    return number


def _flag(value: object) -> bool:
    text = str(value).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise BadSettingError(f"{value!r} is neither yes nor no")
