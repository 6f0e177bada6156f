"""
Finds the rules: those of the folder `rules`, sorted by code.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache

from cab_tasks.errors import UsageError
from cab_tasks.lint import rules as folder
from cab_tasks.lint.rule import Rule


@cache
def rules() -> tuple[Rule, ...]:
    """
    One object of every rule.
    """
    names = sorted(found.name for found in pkgutil.iter_modules(folder.__path__))
    modules = [importlib.import_module(f"{folder.__name__}.{name}") for name in names]
    found = [
        item()
        for module in modules
        for item in vars(module).values()
        if inspect.isclass(item)
        and issubclass(item, Rule)
        and not inspect.isabstract(item)
        and item.__module__ == module.__name__
    ]
    return tuple(sorted(found, key=lambda rule: rule.code))


@cache
def codes() -> frozenset[str]:
    return frozenset(rule.code for rule in rules())


@cache
def chosen(select: tuple[str, ...] = (), ignore: tuple[str, ...] = ()) -> tuple[Rule, ...]:
    """
    The rules whose code or name starts with one of `select` (none: all) and with none of `ignore`.

    Raises:
        UsageError: an entry stands for no rule.
    """
    for entry in (*select, *ignore):
        if not entry or not any(_stands_for(entry, rule) for rule in rules()):
            raise UsageError(f"{entry!r}: no such rule; `cab-tasks rule` lists them")
    return tuple(
        rule
        for rule in rules()
        if (not select or any(_stands_for(entry, rule) for entry in select))
        and not any(_stands_for(entry, rule) for entry in ignore)
    )


def _stands_for(entry: str, rule: Rule) -> bool:
    return rule.code.startswith(entry.upper()) or rule.name == entry
