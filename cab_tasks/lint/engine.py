"""
Rules over bundles: findings in order, and repairs until nothing is left that can be repaired.
"""

from __future__ import annotations

import gc
import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks import bundle as format_
from cab_tasks.executors.processes import map_in_processes
from cab_tasks.lint.finding import Severity
from cab_tasks.lint.registry import chosen
from cab_tasks.lint.snapshot import Snapshot, take_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cab_tasks.lint.entries import Entry
    from cab_tasks.lint.finding import Finding, Fix
    from cab_tasks.lint.rule import Rule

PASSES_MAX = 10  # each pass mends what the one before laid bare; two are usual
COLLECT_AFTER = 100_000  # objects; those of about 40 bundles
SHOWN_MAX = 50  # findings of one rule in one bundle; a thousand of a kind say no more


@dataclass(frozen=True, slots=True)
class LintRequest:
    """
    Which rules, whether to mend, and the last date that a task may carry (ISO, "" for any).
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fix: bool = False
    latest: str = ""


@dataclass(frozen=True, slots=True)
class LintResult:
    """
    What is left to say about one bundle, and what was mended.
    """

    root: Path
    findings: tuple[Finding, ...]
    fixed: tuple[Fix, ...] = ()


def lint_bundles(
    roots: Sequence[Path], request: LintRequest, jobs: int = 1
) -> Iterator[LintResult]:
    """
    The result of every bundle, in the order given, each as soon as it is there.
    """
    with _rare_collections():
        made = map_in_processes(partial(_lint, request=request), list(map(str, roots)), jobs)
        for root, (findings, fixed) in zip(roots, made, strict=True):
            yield LintResult(root, findings, fixed)


def _lint(place: str, request: LintRequest) -> tuple[tuple[Finding, ...], tuple[Fix, ...]]:
    """
    What has to travel between processes: paths as objects take longer than the findings.
    """
    result = lint_bundle(Path(place), request)
    return result.findings, result.fixed


@contextmanager
def _rare_collections() -> Iterator[None]:
    """
    A bundle's objects hold no cycles, and looking for some took a twentieth of the time.
    """
    before = gc.get_threshold()
    gc.set_threshold(COLLECT_AFTER, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def lint_bundle(root: Path, request: LintRequest) -> LintResult:
    rules = chosen(request.select, request.ignore)
    snapshot = take_snapshot(root, request.latest)
    fixed: list[Fix] = []
    for _ in range(PASSES_MAX if request.fix else 0):
        mended = _mend(root, snapshot, rules)
        if not mended:
            break
        fixed += mended
        snapshot = take_snapshot(root, request.latest)
    return LintResult(root, findings_in(snapshot, rules), tuple(fixed))


def findings_in(snapshot: Snapshot, rules: Sequence[Rule]) -> tuple[Finding, ...]:
    """
    What the rules find that the bundle does not ignore, by place.
    """
    ignored = snapshot.ignored
    found: list[Finding] = []
    for rule in rules:
        if rule.code in ignored:
            continue
        # Nearly always nothing, so that is what costs least.
        said = rule.check(snapshot)
        if (first := next(said, None)) is not None:
            found += _shown(rule, [first, *islice(said, SHOWN_MAX)])
    return tuple(sorted(found))


def _shown(rule: Rule, findings: list[Finding]) -> list[Finding]:
    if len(findings) > SHOWN_MAX:
        message = f"there are more of these; {SHOWN_MAX} are shown"
        findings[-1] = rule.found(message, findings[-1].place)
    return findings


def _mend(root: Path, snapshot: Snapshot, rules: Sequence[Rule]) -> list[Fix]:
    """
    One repair a file, then the digests of just these files; no other is vouched for.
    """
    fixes: dict[str, Fix] = {}
    for rule in rules:
        if rule.fixable and rule.code not in snapshot.ignored:
            for fix in rule.mend(snapshot):
                entry = snapshot.entries.get(fix.path)
                if entry is None or (entry.is_file and _differs(entry, fix)):
                    fixes.setdefault(fix.path, fix)
    # Digests last, over what the others leave behind.
    if len(fixes) > 1:
        fixes.pop(format_.DIGESTS, None)
    for path, fix in fixes.items():
        write_atomically(root / path, fix.data)
    if fixes and format_.DIGESTS not in fixes:
        _renew_digests(root, snapshot, set(fixes))
    return list(fixes.values())


def _differs(entry: Entry, fix: Fix) -> bool:
    return entry.data != fix.data or entry.mode != "100644"


def _renew_digests(root: Path, before: Snapshot, changed: set[str]) -> None:
    """
    New lines for the files that were made, and those whose digest was right; CAB602 tells the rest.
    """
    text = before.data(format_.DIGESTS)
    if text is None:
        return
    lines = set(text.decode("utf-8", "surrogateescape").splitlines())
    made = changed - before.entries.keys()
    gone = {before.entries[path].digest_line() for path in changed - made}
    after = take_snapshot(root).entries
    right = {path for path in changed - made if before.entries[path].digest_line() in lines}
    kept = lines - gone | {after[path].digest_line() for path in made | right}
    ordered = sorted(kept, key=lambda line: line.split("  ", 2)[-1])
    write_atomically(root / format_.DIGESTS, os.fsencode("".join(f"{line}\n" for line in ordered)))


def write_atomically(path: Path, data: bytes) -> None:
    """
    The file holds the old bytes or the new ones, never a part; its mode is 0644.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".cab-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        place = Path(temporary)
        place.chmod(0o644)
        place.replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def fails(result: LintResult) -> bool:
    """
    Whether something was found that is more than worth a look.
    """
    return any(finding.severity is not Severity.INFO for finding in result.findings)
