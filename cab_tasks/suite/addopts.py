"""
pytest options that a repository states, and which of them a measured run keeps.
"""

from __future__ import annotations

import configparser
import re
import shlex
import tomllib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# In pytest's own order; the first that configures it is the only one.
_FILES = (
    ("pytest.toml", ("pytest",)),
    (".pytest.toml", ("pytest",)),
    ("pytest.ini", ("pytest",)),
    (".pytest.ini", ("pytest",)),
    ("pyproject.toml", ("tool", "pytest")),
    ("tox.ini", ("pytest",)),
    ("setup.cfg", ("tool:pytest",)),
)
_CONFIG_MAX = 1 << 20  # bytes; a larger one is no configuration

# Not kept: coverage, other processes, early ends, other orders, second chances, updates of
# snapshots, clocks of their own, files and prompts.
_FLAGS = frozenset((
    "--no-cov", "--no-cov-on-fail", "--cov-append", "--cov-branch", "--cov-reset",
    "-d", "-f", "--looponfail", "-x", "--exitfirst", "--sw", "--stepwise", "--sw-skip",
    "--stepwise-skip", "--sw-reset", "--stepwise-reset", "--lf", "--last-failed", "--ff",
    "--failed-first", "--nf", "--new-first", "--random-order", "--snapshot-update",
    "--force-regen", "--regen-all", "--inline-snapshot", "--pdb", "--trace",
    "--self-contained-html", "--showlocals", "-l",
))  # fmt: skip
_VALUED = frozenset((
    "--cov-config", "--cov-report", "--cov-fail-under", "--cov-context", "--cov-precision",
    "-n", "--numprocesses", "--maxprocesses", "--dist", "--tx", "--maxfail",
    "--last-failed-no-failures", "--lfnf", "--randomly-seed", "--random-order-seed",
    "--random-order-bucket", "--reruns", "--reruns-delay", "--only-rerun", "--rerun-except",
    "--junitxml", "--junit-xml", "--html", "--tb", "--timeout", "--timeout-method",
    "--report-log", "--json-report-file",
))  # fmt: skip
_MAYBE_VALUED = frozenset(("--cov",))
_SHORT_FLAGS = re.compile(r"-[vqslx]{2,}$")


def stated_options(tree: Path, words: tuple[str, ...], variable: str) -> tuple[str, ...]:
    """
    Options of the configuration file at the root (or the one that `words` name) and a variable.
    """
    named = _named_file(words)
    files = ((named, ("tool", "pytest")), (named, ("pytest",)), (named, ("tool:pytest",)))
    for name, section in files if named else _FILES:
        found = _addopts(tree / name, section)
        if found is not None:
            return (*found, *_words(variable))
    return _words(variable)


def kept_options(words: Iterable[str]) -> tuple[str, ...]:
    """
    The options without those that would spoil a measured run.
    """
    kept = []
    left = list(words)
    while left:
        word = left.pop(0)
        name = word.partition("=")[0]
        if name in _VALUED:
            del left[: "=" not in word]
        elif name in _MAYBE_VALUED:
            del left[: "=" not in word and bool(left) and not left[0].startswith("-")]
        elif _SHORT_FLAGS.fullmatch(word):
            kept += [short] if (short := re.sub("[xl]", "", word)) != "-" else []
        elif name not in _FLAGS and not re.fullmatch(r"-n(\d+|auto|logical)", word):
            kept.append(word)
    return tuple(kept)


def _named_file(words: tuple[str, ...]) -> str:
    for at, word in enumerate(words):
        if word in ("-c", "--config-file") and at + 1 < len(words):
            return words[at + 1]
        if word.startswith("--config-file="):
            return word.partition("=")[2]
    return ""


def _addopts(path: Path, section: tuple[str, ...]) -> tuple[str, ...] | None:
    """
    None where the file does not configure pytest.
    """
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _CONFIG_MAX:
        return None
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".toml":
        return _of_toml(text, section)
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    is_its_own = path.name in ("pytest.ini", ".pytest.ini")
    if not parser.has_section(section[0]):
        return () if is_its_own else None
    return _words(parser.get(section[0], "addopts", fallback=""))


def _of_toml(text: str, section: tuple[str, ...]) -> tuple[str, ...] | None:
    try:
        table: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    for key in section:
        table = table.get(key) if isinstance(table, dict) else None
    if not isinstance(table, dict):
        return None
    stated = table.get("ini_options", table)
    return _words(stated.get("addopts", "") if isinstance(stated, dict) else "")


def _words(stated: object) -> tuple[str, ...]:
    if isinstance(stated, list):
        return tuple(str(word) for word in stated)
    try:
        return tuple(shlex.split(str(stated)))
    except ValueError:
        return ()  # an open quote; pytest cannot read it either
