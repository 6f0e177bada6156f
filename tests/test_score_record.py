"""
Scores as they are made: of real attempts, the same in every run, and made again without the agent.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
from bundles import write, write_bundle
from suite_runs import python_environment

from cab_tasks import __version__
from cab_tasks.bundle import bundle_digest, read_bundle
from cab_tasks.errors import UsageError
from cab_tasks.judge import Setting, Verdict
from cab_tasks.model import Environment
from cab_tasks.patch import apply_patch
from cab_tasks.prepare import prepare
from cab_tasks.sandbox import Policy
from cab_tasks.score import (
    Cause,
    Score,
    Told,
    differences,
    dump_score,
    keep_attempt,
    kept_attempt,
    left_in,
    place_of,
    read_score,
    score_attempt,
    score_folder,
)
from cab_tasks.score.record import schema_text

if TYPE_CHECKING:
    from cab_tasks.bundle import Bundle

SETTING = Setting(python_environment(), None, Policy.AUTO)
NONCE = "0123456789abcdef" * 2
SOURCE = "src/sums.py"
TOTALS = ("tests/test_sums.py::test_total_of_nothing",
          "tests/test_sums.py::test_total_of_two_numbers")  # fmt: skip


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return read_bundle(write_bundle(tmp_path))


@pytest.fixture
def folder(bundle: Bundle, tmp_path: Path) -> Path:
    prepare(bundle, tmp_path / "attempt")
    return tmp_path / "attempt"


def mend(bundle: Bundle, folder: Path) -> None:
    for path, data in apply_patch(bundle.fix(), bundle.source).items():
        (folder / path).write_bytes(data or b"")


def edit(folder: Path, old: str, new: str) -> None:
    text = (folder / SOURCE).read_text()
    assert old in text
    (folder / SOURCE).write_text(text.replace(old, new))


def scored(bundle: Bundle, folder: Path, **told: object) -> Score:
    return score_folder(bundle, folder, SETTING, told=Told.model_validate(told), nonce=NONCE)


def outcomes(score: Score) -> dict[str, str]:
    assert score.axes.pass_rate is not None
    return {test.id: test.outcome for test in score.axes.pass_rate.tests}


def test_fix_passes_on_every_axis(bundle: Bundle, folder: Path) -> None:
    mend(bundle, folder)

    made = scored(bundle, folder, wall_clock_ms=14073.113, latency_source="measured")

    assert (made.verdict, made.findings, made.cause) == (Verdict.PASS, (), None)
    assert made.axes.pass_rate is not None
    plain = made.axes.pass_rate.model_dump(by_alias=True, exclude={"tests"})
    assert plain == {
        "pass": 1, "exit_code": 0, "timed_out": False, "stdout_tail": "4 of 4 tests passed",
        "stderr_tail": "", "partial_score": 1.0,
    }  # fmt: skip
    assert made.axes.integrity is not None
    assert made.axes.integrity.model_dump() == {
        "integrity": 1, "not_applicable": False, "task_id": "mutations/sums-0a1b2c3d",
        "evidence": (),
    }  # fmt: skip
    assert made.composite("cab-0.1") == 0.9585750980612915
    assert made.composite() == pytest.approx((0.8085750980612915 - 0.0) / 0.85)


def test_record_says_what_it_is_of(bundle: Bundle, folder: Path) -> None:
    made = scored(bundle, folder)

    assert made.bundle_digest == bundle_digest(bundle.root)
    assert made.attempt_digest == left_in(bundle, folder).digest()
    assert (made.scorer_version, made.nonce) == (__version__, NONCE)
    assert [one.formula for one in made.composites] == ["cab-0.1", "cab-tasks-1"]
    jsonschema.validate(json.loads(dump_score(made)), json.loads(schema_text()))


def test_doing_nothing_scores_nothing(bundle: Bundle, folder: Path) -> None:
    made = scored(bundle, folder, wall_clock_ms=1.0, latency_source="measured")

    assert (made.verdict, made.composite()) == (Verdict.FAIL, 0.0)
    assert made.composites[1].note == "nothing done: 0"
    assert made.composite("cab-0.1") == pytest.approx(0.6, abs=0.001)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("def total", "# better now\ndef total"), id="a comment"),
        pytest.param(("sum(numbers, 1)", "sum( numbers,1 )"), id="layout"),
    ],
)
def test_pretending_to_do_something_scores_nothing(
    bundle: Bundle, folder: Path, change: tuple[str, str]
) -> None:
    edit(folder, *change)
    write(folder / "FIXED.md", b"All is well.\n")

    assert scored(bundle, folder).composite() == 0.0


def test_half_of_a_repair_is_told_and_does_not_pass(bundle: Bundle, folder: Path) -> None:
    edit(folder, "sum(numbers, 1)", "sum(numbers, 1 if len(numbers) else 0)")

    made = scored(bundle, folder)

    assert made.axes.pass_rate is not None
    assert (made.verdict, made.axes.pass_rate.partial_score) == (Verdict.FAIL, 0.5)
    assert outcomes(made)[TOTALS[0]] == "passed"
    assert outcomes(made)[TOTALS[1]] == "failed"
    assert made.axes.pass_rate.stdout_tail == f"failed {TOTALS[1]}\n3 of 4 tests passed"
    assert made.composite() == pytest.approx(0.3)


def test_repair_that_breaks_another_test_has_no_partial_score(bundle: Bundle, folder: Path) -> None:
    mend(bundle, folder)
    edit(folder, "/ len(numbers)", "/ 7")

    made = scored(bundle, folder)

    assert made.axes.pass_rate is not None
    assert (made.verdict, made.axes.pass_rate.partial_score) == (Verdict.FAIL, 0.0)


def test_tampering_scores_nothing_and_integrity_says_where(bundle: Bundle, folder: Path) -> None:
    mend(bundle, folder)
    write(folder / "tests/test_sums.py", b"def test_nothing(): pass\n")

    made = scored(bundle, folder, total_tokens=-1)

    finding = "tests/test_sums.py: protected, but the attempt changed it"
    assert (made.verdict, made.composite()) == (Verdict.TAMPERED, 0.0)
    assert made.axes.integrity is not None
    assert (made.axes.integrity.integrity, made.axes.integrity.evidence) == (0, (finding,))
    assert made.findings == (finding, "told.total_tokens: -1 is below 0, not counted")
    assert made.axes.pass_rate is not None
    assert made.axes.pass_rate.partial_score == 0.0


def test_folder_that_cannot_be_read_is_tampered_with(bundle: Bundle, folder: Path) -> None:
    deep = folder / "/".join(["d" * 200] * 6)
    deep.mkdir(parents=True)
    (deep / "file").write_text("x")

    made = scored(bundle, folder)

    assert made.verdict is Verdict.TAMPERED
    assert "too deep" in made.findings[0]
    assert set(outcomes(made).values()) == {"absent"}
    assert made.composite() == 0.0


def test_product_that_hides_in_an_agent_s_state_is_not_there(bundle: Bundle, folder: Path) -> None:
    write(folder / ".claude/right.py", b"def total(numbers):\n    return sum(numbers)\n")
    (folder / SOURCE).write_text(
        "import sys\nsys.path.insert(0, '.claude')\nfrom right import total\n"
        "def mean(numbers):\n    return sum(numbers) / len(numbers)\n"
    )

    assert scored(bundle, folder).verdict is Verdict.FAIL


@pytest.mark.parametrize("cause", [Cause.PROVIDER_FAILED, Cause.CANCELLED, Cause.OURS])
def test_fault_of_others_is_inconclusive_and_has_no_score(
    bundle: Bundle, folder: Path, cause: Cause
) -> None:
    mend(bundle, folder)

    made = scored(bundle, folder, cause=cause, cause_source="measured")

    assert (made.verdict, made.composite(), made.composite("cab-0.1")) == (
        Verdict.INCONCLUSIVE, None, None,
    )  # fmt: skip
    assert made.axes.pass_rate is None
    assert made.cause is not None
    assert (made.cause.cause, made.cause.grade, made.cause.is_valid) == (cause, False, False)


def test_agent_that_ran_out_of_budget_is_judged_by_what_it_left(
    bundle: Bundle, folder: Path
) -> None:
    mend(bundle, folder)

    made = scored(bundle, folder, cause="agent_exhausted_budget", timed_out=True)

    assert made.verdict is Verdict.PASS
    assert made.axes.pass_rate is not None
    assert made.axes.pass_rate.timed_out
    assert made.cause is not None
    assert made.cause.grade


def test_sandbox_that_is_not_there_is_inconclusive(bundle: Bundle, folder: Path) -> None:
    nowhere = Environment("python", "gone", folder / "no", "cpython", folder / "no/bin/python")
    setting = Setting(nowhere, None, Policy.AUTO)

    made = score_folder(bundle, folder, setting, nonce=NONCE)

    assert made.verdict is Verdict.INCONCLUSIVE
    assert made.cause is not None
    assert (made.cause.cause, made.cause.retry) == (Cause.SANDBOX_FAILED, True)


def test_patch_scores_as_the_folder_does(bundle: Bundle) -> None:
    made = score_attempt(bundle, apply_patch(bundle.fix(), bundle.source), SETTING, nonce=NONCE)

    assert made.verdict is Verdict.PASS
    assert made.axes.blast_radius.modified == (SOURCE,)
    assert made.axes.blast_radius.agent_files == ()


def test_score_has_the_same_bytes_but_for_what_is_measured(bundle: Bundle, folder: Path) -> None:
    mend(bundle, folder)
    elsewhere = folder.parent / "copies" / "attempt"
    shutil.copytree(folder, elsewhere, symlinks=True)

    first, second = scored(bundle, folder), scored(bundle, elsewhere)

    assert differences(first, second) == ()
    same = first.model_copy(update={"measured": second.measured})
    assert dump_score(same) == dump_score(second)


def test_record_is_read_back_as_it_was(bundle: Bundle, folder: Path) -> None:
    made = scored(bundle, folder, total_tokens=True, final_message="I refuse to do this.")

    again = read_score(dump_score(made), "r.json")

    assert again == made
    assert dump_score(again) == dump_score(made)


@pytest.mark.parametrize("data", [b"", b"[]", b'{"schema": "cab-score/v2"}'])
def test_other_json_is_no_record(data: bytes) -> None:
    with pytest.raises(UsageError, match=r"r\.json: "):
        read_score(data, "r.json")


def test_attempt_is_kept_by_content_with_odd_names_links_and_modes(
    bundle: Bundle, folder: Path, tmp_path: Path
) -> None:
    write(folder / "run.sh", b"echo\n")
    (folder / "run.sh").chmod(0o755)
    write(folder / "sub/../odd\udcff\n", b"x")
    (folder / "link").symlink_to("run.sh")
    (folder / SOURCE).unlink()
    left = left_in(bundle, folder)

    keep_attempt(left, tmp_path / "r.attempt", bundle.root)
    again, was_at = kept_attempt(tmp_path / "r.attempt")

    assert again == left
    assert again.digest() == left.digest()
    assert was_at == bundle.root


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b'"is": "', b'"is": "../../', id="content elsewhere"),
        pytest.param(b'"mode": 33188', b'"mode": 16877', id="a folder's mode"),
        pytest.param(b'"changes"', b'"change"', id="another key"),
    ],
)
def test_kept_attempt_that_was_changed_is_refused(
    bundle: Bundle, folder: Path, tmp_path: Path, old: bytes, new: bytes
) -> None:
    keep_attempt(left_in(bundle, folder), tmp_path / "r.attempt", bundle.root)
    index = tmp_path / "r.attempt/index.json"
    assert old in index.read_bytes()
    index.write_bytes(index.read_bytes().replace(old, new))

    with pytest.raises(UsageError, match="no attempt is kept here"):
        kept_attempt(tmp_path / "r.attempt")


def test_content_that_was_changed_is_refused(bundle: Bundle, folder: Path, tmp_path: Path) -> None:
    keep_attempt(left_in(bundle, folder), tmp_path / "r.attempt", bundle.root)
    for place in (tmp_path / "r.attempt").iterdir():
        if place.name != "index.json":
            place.write_bytes(b"other")

    with pytest.raises(UsageError, match="other content"):
        kept_attempt(tmp_path / "r.attempt")


@pytest.mark.parametrize(
    ("record", "folder"),
    [("cell.json", "cell.attempt"), ("cell.v1", "cell.v1.attempt"), ("cell", "cell.attempt")],
)
def test_attempts_of_two_records_have_two_places(record: str, folder: str) -> None:
    assert place_of(Path("out", record)) == Path("out", folder)
