"""
`--fix`: mends what it says, once, and vouches for nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bundles import break_bundle, write_bundle

from cab_tasks.bundle import digest_lines
from cab_tasks.lint.engine import LintRequest, lint_bundle
from cab_tasks.lint.registry import rules
from cab_tasks.lint.rule import Change

if TYPE_CHECKING:
    from pathlib import Path

    from cab_tasks.lint.rule import Example

FIX = LintRequest(fix=True)
FIXABLE = [
    pytest.param(rule.code, example, id=f"{rule.code}-{number}")
    for rule in rules()
    if rule.fixable
    for number, example in enumerate(rule.examples, 1)
]


def _files(root: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(root)): (path.stat().st_mode, path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize(("code", "example"), FIXABLE)
def test_fix_of_an_example_leaves_a_clean_bundle(
    code: str, example: Example, tmp_path: Path
) -> None:
    root = write_bundle(tmp_path, example.of)
    break_bundle(root, example.changes, stale=example.stale)

    first = lint_bundle(root, FIX)
    after = _files(root)
    second = lint_bundle(root, FIX)

    assert first.findings == ()
    assert code in {fix.code for fix in first.fixed}
    assert (second.findings, second.fixed) == ((), ())
    assert _files(root) == after
    assert (root / "digests.txt").read_bytes() == digest_lines(root)


def test_fix_mends_all_at_once(tmp_path: Path) -> None:
    root = write_bundle(tmp_path)
    changes = (
        Change("task.yaml", "schema:", b"\xef\xbb\xbfschema:"),
        Change("task.yaml", "license: MIT\n", "license: MIT\r\n"),
        Change("AGENTS.md", "Add no dependency:", "Add no library:"),
        Change("prompt.md", "PYTHONPATH=src python -m pytest", "pytest", mode="100755"),
    )
    break_bundle(root, changes)

    result = lint_bundle(root, FIX)

    assert result.findings == ()
    assert {fix.path for fix in result.fixed} == {
        "task.yaml", "AGENTS.md", "prompt.md",
    }  # fmt: skip
    assert (root / "digests.txt").read_bytes() == digest_lines(root)


def test_fix_of_a_file_that_was_tampered_with_says_that_digests_are_new(tmp_path: Path) -> None:
    root = write_bundle(tmp_path)
    changes = (
        Change("prompt.md", "Find the cause", "Find a cause"),
        Change("prompt.md", "PYTHONPATH=src python -m pytest", "pytest"),
    )
    break_bundle(root, changes, stale=True)

    alone = lint_bundle(root, LintRequest(select=("CAB4",), fix=True))
    left = lint_bundle(root, LintRequest())
    rest = lint_bundle(root, FIX)

    assert [fix.path for fix in alone.fixed] == ["prompt.md"]
    assert [finding.code for finding in left.findings] == ["CAB602"]
    assert [(fix.path, fix.code) for fix in rest.fixed] == [("digests.txt", "CAB602")]
    assert rest.findings == ()


def test_fix_of_one_rule_does_not_vouch_for_other_files(tmp_path: Path) -> None:
    root = write_bundle(tmp_path)
    changes = (
        Change("AGENTS.md", "Add no dependency:", "Add no library:"),
        Change("workdir/README.md", "# sums", "# tampered with"),
    )
    break_bundle(root, changes, stale=True)

    result = lint_bundle(root, LintRequest(select=("CAB407",), fix=True))

    assert [fix.path for fix in result.fixed] == ["AGENTS.md"]
    left = lint_bundle(root, LintRequest()).findings
    assert [(finding.code, finding.message) for finding in left] == [
        ("CAB602", "'workdir/README.md' has other content")
    ]


def test_fix_never_writes_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text("mine\n")
    root = write_bundle(tmp_path)
    (root / "AGENTS.md").unlink()
    (root / "AGENTS.md").symlink_to(outside)

    result = lint_bundle(root, LintRequest(select=("CAB407",), fix=True))

    assert outside.read_text() == "mine\n"
    assert (root / "AGENTS.md").is_symlink()
    assert [finding.code for finding in result.findings] == ["CAB407"]
    assert result.fixed == ()


def test_fix_keeps_the_bundle_as_it_is_without_findings(tmp_path: Path) -> None:
    root = write_bundle(tmp_path, "rust")
    before = _files(root)
    stamp = (root / "AGENTS.md").stat().st_mtime_ns

    result = lint_bundle(root, FIX)

    assert (result.findings, result.fixed) == ((), ())
    assert _files(root) == before
    assert (root / "AGENTS.md").stat().st_mtime_ns == stamp
    assert not list(root.glob(".cab-*"))


def test_fix_leaves_alone_what_the_bundle_ignores(tmp_path: Path) -> None:
    root = write_bundle(tmp_path)
    ignore = Change("task.yaml", "  hunks: 1\n", "  hunks: 1\nlint:\n  ignore: [CAB407]\n")
    break_bundle(root, (ignore, Change("AGENTS.md", "Add no dependency:", "Add no library:")))

    result = lint_bundle(root, FIX)

    assert (result.findings, result.fixed) == ((), ())
    assert "Add no library:" in (root / "AGENTS.md").read_text()
