"""
Patches apply with `patch -p1`, with `git apply` and in memory, and give the same bytes.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cab_tasks.errors import BundleError
from cab_tasks.patch import apply_patch, fixed_lines, hunk_count, hunk_lines, make_patch

if TYPE_CHECKING:
    from pathlib import Path

LINES = st.lists(
    st.sampled_from([b"x", b"y\r", b"  z\xff", b"", b"a\x0cb", b"--- q", b"+++ r", b"-- s"]),
    max_size=12,
)


@given(LINES, LINES, st.booleans(), st.booleans())
@settings(deadline=None)
def test_patch_turns_before_into_after(
    before: list[bytes], after: list[bytes], ends: bool, ends_too: bool
) -> None:
    old = b"\n".join(before) + (b"\n" if ends and before else b"")
    new = b"\n".join(after) + (b"\n" if ends_too and after else b"")

    patch = make_patch("d/f.py", old, new)

    if old != new and old:
        assert apply_patch(patch, lambda path: old) == {"d/f.py": new}


@pytest.mark.parametrize("tool", [["patch", "-p1", "--binary"], ["git", "apply", "-"]])
def test_patch_is_understood_by_the_usual_tools(tmp_path: Path, tool: list[str]) -> None:
    before, after = b"a\nb\r\nc\xff\nd", b"a\nB\r\nc\xff\nd\n"
    (tmp_path / "d").mkdir()
    (tmp_path / "d/f.py").write_bytes(before)

    done = subprocess.run(
        tool, cwd=tmp_path, input=make_patch("d/f.py", before, after), capture_output=True
    )

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "d/f.py").read_bytes() == after


def test_patch_that_does_not_fit_says_where() -> None:
    patch = make_patch("f.py", b"a\nb\nc\n", b"a\nB\nc\n")

    with pytest.raises(BundleError, match=r"f\.py:2: .*does not apply"):
        apply_patch(patch, lambda path: b"a\nother\nc\n")


def test_patch_of_a_missing_file_is_refused() -> None:
    patch = make_patch("f.py", b"a\n", b"b\n")

    with pytest.raises(BundleError, match=r"f\.py: the patched file does not exist"):
        apply_patch(patch, lambda path: None)


def test_hunk_lines_are_those_of_the_file_before() -> None:
    before = b"".join(b"%d\n" % number for number in range(1, 31))
    after = before.replace(b"\n3\n4\n", b"\nthree\n").replace(b"\n20\n", b"\n20\nnew\n")

    patch = make_patch("f.py", before, after)

    assert hunk_lines(patch) == {"f.py": ((3, 4), (21, 21))}
    assert fixed_lines(patch) == {"f.py": ("three", "new")}


def test_any_one_hunk_can_be_left_out_of_a_patch_whose_hunks_move_lines() -> None:
    before = b"".join(b"%d\n" % number for number in range(1, 61))
    changes = [(b"\n3\n", b"\n3\nnew\nnew\n"), (b"\n20\n", b"\n"), (b"\n40\n", b"\nforty\n")]
    after = _replaced(before, changes)
    other = make_patch("g.py", b"a\n", b"b\n")
    files = {"f.py": before, "g.py": b"a\n"}

    patch = make_patch("f.py", before, after) + other

    assert hunk_count(patch) == 4
    for left_out in range(3):
        kept = [change for at, change in enumerate(changes) if at != left_out]
        made = apply_patch(patch, files.get, without=left_out)
        assert made == {"f.py": _replaced(before, kept), "g.py": b"b\n"}
    assert apply_patch(patch, files.get, without=3) == {"f.py": after}


def _replaced(text: bytes, changes: list[tuple[bytes, bytes]]) -> bytes:
    for old, new in changes:
        text = text.replace(old, new)
    return text


RENAME = b"""diff --git a/old.txt b/new.txt
similarity index 60%
rename from old.txt
rename to new.txt
--- a/old.txt
+++ b/new.txt
@@ -1 +1 @@
-one
+two
"""


def test_renamed_file_is_gone_and_there_anew() -> None:
    files = {"old.txt": b"one\n"}

    assert apply_patch(RENAME, files.get) == {"old.txt": None, "new.txt": b"two\n"}


@pytest.mark.parametrize(
    "hunk",
    [b"@@ -9000,0 +9001 @@\n+end\n", b"@@ -1 +1 @@\n-one\n+two\n@@ -1 +1 @@\n-one\n+two\n"],
    ids=["beyond the end", "twice the same line"],
)
def test_hunk_that_has_no_place_does_not_apply(hunk: bytes) -> None:
    with pytest.raises(BundleError, match="does not apply"):
        apply_patch(b"--- a/x\n+++ b/x\n" + hunk, lambda _: b"one\n")
