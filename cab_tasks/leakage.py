"""
What gives an answer away: in a bundle's files, or in the environment around it.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks import workspace
from cab_tasks.leaks import copies
from cab_tasks.patch import apply_patch, fixed_lines
from cab_tasks.prompt import leaks_in, names_in, test_names
from cab_tasks.sites import SUFFIXES
from mutators.base import Refusal
from mutators.registry import test_bridge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.bundle import Bundle
    from cab_tasks.model import Environment

HISTORY_AND_BUILDS = re.compile(
    r"(^|/)(\.git|\.hg|\.svn|__pycache__|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.hypothesis"
    r"|\.tox|\.venv|node_modules|[^/]*\.egg-info)(/|$)|\.py[co]$|\.(orig|rej)$|^target/(debug|release)/"
)
_SEED_FILES = ("workdir/", "hidden/tests/", "hidden/infile/")  # what they name is the seed's
_TEMPORARY = tempfile.gettempdir()  # the machine's; a command's own lies below it
WINDOW_LETTERS = 60  # as in leaks.py: below it, braces and `return x` repeat everywhere
WINDOW_MAX = 9
WINDOW = 3  # lines of right code that stand together are a copy; fewer are chance


def bundle_leaks(bundle: Bundle) -> list[str]:
    """
    History, caches, build output, host paths, and the fix or hidden tests told to the agent.
    """
    return [
        *_unwanted_files(bundle),
        *_host_paths(bundle),
        *_told_in_prompt(bundle),
        *_copies_in_workdir(bundle),
        *_hidden_names_in_workdir(bundle),
    ]


def environment_leaks(bundle: Bundle, environment: Environment, cache: Path) -> list[str]:
    """
    Right code that can be read in the environment: an installed, vendored or registry copy.
    """
    index = copies(environment, cache)
    return [
        f"the environment holds a copy of the right code: {path}:{line}"
        for path, line, window in _fixed_windows(bundle)
        if len(window) == WINDOW and index.holds(window)
    ]


def _unwanted_files(bundle: Bundle) -> Iterator[str]:
    for path in workspace.paths(bundle.workdir):
        if HISTORY_AND_BUILDS.search(path):
            yield f"workdir holds history, a cache or build output: {path}"


def _host_paths(bundle: Bundle) -> Iterator[str]:
    """
    Folders of the machine that made or judges it.
    """
    homes = {f"{Path.home()}/".encode(), f"{_TEMPORARY}/cab-".encode(), b"/cab/tree/"}
    for path, data in workspace.read_files(bundle.root):
        for home in sorted(homes):
            if home in data and not path.startswith(
                ("workdir/", "hidden/tests/", "hidden/infile/")
            ):
                yield f"{path}: names a folder of the host, {home.decode()}"


def _told_in_prompt(bundle: Bundle) -> Iterator[str]:
    if bundle.manifest.prompt_level == "published":
        return
    lines = [line for added in fixed_lines(bundle.fix()).values() for line in added]
    hidden = bundle.manifest.tests.visibility == "hidden"
    names = test_names(bundle.tests.fail_to_pass) if hidden else ()
    prompt = bundle.prompt()
    for secret in (*leaks_in(prompt, lines), *names_in(prompt, names)):
        yield f"the prompt tells a line of the fix or a hidden test: {secret.strip()}"


def _copies_in_workdir(bundle: Bundle) -> Iterator[str]:
    windows = [(path, line, "\n".join(window)) for path, line, window in _fixed_windows(bundle)]
    if not windows:
        return
    for path, data in workspace.read_files(bundle.workdir):
        text = "\n".join(_stripped(data))
        for source, line, window in windows:
            if window in text:
                yield f"{path}: holds the right code of {source}:{line}"


def _hidden_names_in_workdir(bundle: Bundle) -> Iterator[str]:
    """
    Tests that only the hidden set has, still defined in what the agent sees.
    """
    language = bundle.manifest.language
    if bundle.manifest.tests.visibility != "hidden" or language not in SUFFIXES:
        return
    tests = bundle.tests
    hidden = set(test_names(tests.fail_to_pass)) - set(test_names(tests.pass_to_pass))
    for path, data in workspace.read_files(bundle.workdir):
        if not path.endswith(SUFFIXES[language]) or not _mentions(data, hidden):
            continue
        items = test_bridge(language).test_items(data)
        for item in () if isinstance(items, Refusal) else items:
            if item.names[-1] in hidden:
                yield f"{path}: holds the hidden test {'::'.join(item.names)}"


def _mentions(data: bytes, names: set[str]) -> bool:
    return any(name.encode() in data for name in names)


def _fixed_windows(bundle: Bundle) -> list[tuple[str, int, list[str]]]:
    """
    (path, line, stripped lines around it, three or more) of each line that the fix puts right.
    """
    fixed = apply_patch(bundle.fix(), bundle.source)
    added = fixed_lines(bundle.fix())
    windows = []
    for path, data in fixed.items():
        texts = _stripped(data or b"")
        broken = "\n".join(_stripped(bundle.source(path) or b""))
        for line in dict.fromkeys(text.strip() for text in added[path] if text.strip()):
            for at in [at for at, text in enumerate(texts) if text == line]:
                window = _window(texts, at)
                if "\n".join(window) not in broken and sum(map(len, window)) >= WINDOW_LETTERS:
                    windows.append((path, at + 1, window))
    return windows


def _window(texts: list[str], at: int) -> list[str]:
    """
    A line with its neighbours: three lines, more where they are short.
    """
    for size in range(WINDOW, WINDOW_MAX + 1):
        low = max(0, min(at - size // 2, len(texts) - size))
        window = texts[low : low + size]
        if sum(map(len, window)) >= WINDOW_LETTERS:
            break
    return window


def _stripped(data: bytes) -> list[str]:
    text = data.decode("utf-8", "replace")
    return [line.strip() for line in text.splitlines() if line.strip()]
