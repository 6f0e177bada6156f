"""
Patches: unified diffs that `git apply` and `patch -p1` take, written and applied in memory.
"""

from __future__ import annotations

import difflib
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchSet

from cab_tasks.errors import BundleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from unidiff.patch import Hunk, PatchedFile

_HEADING = re.compile(rb"^(?:diff --git |--- |\+\+\+ |@@ )", re.MULTILINE)
_NO_NEWLINE = b"\\ No newline at end of file\n"
NOWHERE = "/dev/null"  # unidiff itself also takes an emptied file for a removed one


def make_patch(path: str, before: bytes, after: bytes) -> bytes:
    """
    The unified diff of one file, with git's `a/` and `b/` prefixes; empty if nothing differs.
    """
    lines = difflib.diff_bytes(
        difflib.unified_diff, _lines(before), _lines(after),
        b"a/" + path.encode(), b"b/" + path.encode(), lineterm=b"\n",
    )  # fmt: skip
    return b"".join(line if line.endswith(b"\n") else line + b"\n" + _NO_NEWLINE for line in lines)


def is_patch(data: bytes) -> bool:
    """
    Whether a text means to be a unified diff, be it broken.
    """
    return _HEADING.search(data) is not None


def patched_paths(patch: bytes) -> tuple[str, ...]:
    """
    The paths that a patch touches, in its order.

    Raises:
        BundleError: not a unified diff.
    """
    return tuple(_path(file) for file in _parse(patch))


def apply_patch(
    patch: bytes, read: Callable[[str], bytes | None], *, without: int | None = None
) -> dict[str, bytes | None]:
    """
    Path → new content (None: deleted, or renamed) of every file that the patch touches.

    `read` gives a file's bytes, None where there is none. Context must match exactly. `without`
    leaves out one hunk, counted from 0 over all files; a file that has no other is not touched.

    Raises:
        BundleError: not a unified diff, or it does not apply; says which file and line.
    """
    changed: dict[str, bytes | None] = {}
    first = 0
    for file in _parse(patch):
        hunks = [hunk for at, hunk in enumerate(file, first) if at != without]
        if hunks or not len(file):
            before = _path_before(file)
            if before != _path(file):
                changed.setdefault(before, None)
            changed[_path(file)] = _apply_file(file, hunks, read(before))
        first += len(file)
    return changed


def hunk_count(patch: bytes) -> int:
    """
    How many hunks a patch has, over all its files.
    """
    return sum(len(file) for file in _parse(patch))


def hunk_lines(patch: bytes) -> dict[str, tuple[tuple[int, int], ...]]:
    """
    Path → (first, last) line in the file before the patch, of every changed run of lines.

    A pure insertion counts as the line that it stands before.
    """
    return {_path(file): tuple(_runs(file)) for file in _parse(patch)}


def fixed_lines(patch: bytes) -> dict[str, tuple[str, ...]]:
    """
    Path → the lines that the patch adds, without their line ends.
    """
    return {
        _path(file): tuple(
            line.value.rstrip("\r\n") for hunk in file for line in hunk if line.is_added
        )
        for file in _parse(patch)
    }


def _runs(file: PatchedFile) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for hunk in file:
        # A hunk without old lines names the line before it; that of a new file names line 0.
        at = hunk.source_start + (hunk.source_length == 0)
        open_run = False
        for line in hunk:
            if line.is_context:
                at, open_run = at + 1, False
            elif not open_run:
                runs.append((at, at))
                open_run = True
                at += line.is_removed
            elif line.is_removed:
                runs[-1] = (runs[-1][0], at)
                at += 1
    return runs


def _apply_file(file: PatchedFile, hunks: Iterable[Hunk], before: bytes | None) -> bytes | None:
    path = _path(file)
    if before is None and file.source_file != NOWHERE:
        raise BundleError("the patched file does not exist", path)
    lines = _lines(before or b"")
    out: list[bytes] = []
    at = 0
    for hunk in hunks:
        start = hunk.source_start - (1 if hunk.source_length else 0)
        if not at <= start <= len(lines):
            raise BundleError("the patch does not apply: no such line", f"{path}:{start + 1}")
        out += lines[at:start]
        at = start
        removed = False
        for line in hunk:
            text = line.value.encode("utf-8", "surrogateescape")
            if line.line_type == "\\":
                # "No newline at end of file" is about the line before it, on either side.
                if not removed and out:
                    out[-1] = out[-1].removesuffix(b"\n")
                continue
            removed = line.is_removed
            if line.is_added:
                out.append(text)
                continue
            if at >= len(lines) or lines[at].rstrip(b"\n") != text.rstrip(b"\n"):
                raise BundleError(
                    "the patch does not apply: other text stands here", f"{path}:{at + 1}"
                )
            if line.is_context:
                out.append(lines[at])
            at += 1
    out += lines[at:]
    return None if file.target_file == NOWHERE else b"".join(out)


@lru_cache(maxsize=4)  # one patch is asked for its paths, lines and result in turn
def _parse(patch: bytes) -> PatchSet:
    try:
        # newline="" keeps CRLF; surrogateescape keeps bytes that are not UTF-8.
        return PatchSet(_lines_text(patch))
    except (UnidiffParseError, ValueError, IndexError) as error:
        raise BundleError(f"not a unified diff: {error}") from error


def _lines_text(patch: bytes) -> list[str]:
    return [line.decode("utf-8", "surrogateescape") for line in _lines(patch)]


def _lines(data: bytes) -> list[bytes]:
    return re.findall(rb"[^\n]*\n|[^\n]+", data)


def _path_before(file: PatchedFile) -> str:
    """
    Of a file that the patch renames, its old path.
    """
    return str(file.source_file).removeprefix("a/") if file.is_rename else _path(file)


def _path(file: PatchedFile) -> str:
    return str(file.path)
