"""
Attacks: what they are, how they are judged, and that each kind of them is beaten or tells.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from bundles import write_bundle
from suite_runs import python_environment, rust_environment

from cab_tasks import workspace
from cab_tasks.attack.groups import attacks
from cab_tasks.attack.record import OURS, Attack, Kind
from cab_tasks.attack.siege import Ending, bout
from cab_tasks.bundle import Bundle, read_bundle
from cab_tasks.errors import UsageError
from cab_tasks.judge import RunCache, Setting
from cab_tasks.laying import lay_tree
from cab_tasks.model import Environment
from cab_tasks.sandbox import Policy
from cab_tasks.tampering import sift

if TYPE_CHECKING:
    from pathlib import Path

RUNS = RunCache()
SLOW = {"files.many-files", "files.deep-folders", "processes.many", "processes.output-flood"}
FITTING = [
    one
    for one in attacks()
    if not one.unfit("python", "pytest") and one.id not in SLOW and not one.forges
]
RUST = [
    one
    for one in attacks()
    if not one.unfit("rust", "cargo") and one.id not in SLOW and not one.forges
]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return read_bundle(write_bundle(tmp_path_factory.mktemp("attacked")))


@pytest.fixture(scope="module")
def setting() -> Setting:
    return Setting(python_environment(), None, Policy.AUTO, RUNS)


def test_there_are_sixty_attacks_and_fifteen_of_our_own() -> None:
    cheats = [one for one in attacks() if one.kind is not Kind.HONEST]

    assert len(cheats) >= 60
    assert len([one for one in cheats if one.source == OURS]) >= 15


def test_each_attack_has_a_title_and_an_id_of_group_and_name() -> None:
    wrong = [
        one.id
        for one in attacks()
        if not one.title.endswith(".") or not re.fullmatch(r"[a-z]+\.[a-z-]+", one.id)
    ]

    assert wrong == []


def test_unknown_pattern_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no such attack"):
        attacks(["nothing.*"])


@pytest.mark.slow
@pytest.mark.parametrize("attack", FITTING, ids=lambda one: one.id)
def test_attack_is_beaten_and_honest_attempt_passes(
    bundle: Bundle, setting: Setting, attack: Attack
) -> None:
    made = bout(bundle, attack, setting)

    wanted = Ending.PASSED if attack.kind is Kind.HONEST else Ending.BEATEN
    assert made.ending in (wanted, Ending.UNFIT), made
    if made.ending is Ending.BEATEN:
        assert attack.finding in " ".join((*made.findings, "")), made.findings


@pytest.mark.parametrize(
    "name",
    ["honest.fix", "honest.line-ends", "python.conftest-root", "python.exit-on-import",
     "python.entry-point-plugin", "python.module-pytest", "told.negative-tokens"],
)  # fmt: skip
def test_a_few_of_each_kind_end_as_they_must(bundle: Bundle, setting: Setting, name: str) -> None:
    (attack,) = attacks([name])

    made = bout(bundle, attack, setting)

    assert made.ending is (Ending.PASSED if attack.kind is Kind.HONEST else Ending.BEATEN), made
    assert any(attack.finding in text for text in made.findings) or not attack.finding


def test_attack_is_real_where_the_naive_verifier_passes_it(
    bundle: Bundle, setting: Setting
) -> None:
    made = {
        name: bout(bundle, *attacks([name]), setting, with_naive=True)
        for name in ("python.conftest-root", "told.claim-without-change")
    }

    assert made["python.conftest-root"].naive_passes is True
    assert made["told.claim-without-change"].naive_passes is False


def test_attack_of_another_language_is_skipped_with_the_reason(
    bundle: Bundle, setting: Setting
) -> None:
    made = bout(bundle, *attacks(["rust.build-script"]), setting)

    assert (made.ending, made.detail) == (Ending.UNFIT, "for rust")


@pytest.fixture(scope="module")
def rust(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return read_bundle(write_bundle(tmp_path_factory.mktemp("rust"), "rust"))


@pytest.fixture(scope="module")
def rust_setting(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    room = tmp_path_factory.mktemp("cargo")
    plain = rust_environment(room)
    lock = b'version = 4\n\n[[package]]\nname = "halves"\nversion = "0.1.0"\n'
    environment = Environment("rust", "own", plain.root, "rustc", files=(("Cargo.lock", lock),))
    return Setting(environment, room / "target", Policy.AUTO, RUNS)


def test_names_of_any_bytes_do_not_end_a_rust_build(rust: Bundle, rust_setting: Setting) -> None:
    made = bout(rust, *attacks(["files.odd-names"]), rust_setting)

    assert (made.ending, made.verdict) == (Ending.BEATEN, "fail")


@pytest.mark.slow
@pytest.mark.parametrize("attack", RUST, ids=lambda one: one.id)
def test_attack_on_rust_is_beaten_and_honest_attempt_passes(
    rust: Bundle, rust_setting: Setting, attack: Attack
) -> None:
    made = bout(rust, attack, rust_setting)

    wanted = Ending.PASSED if attack.kind is Kind.HONEST else Ending.BEATEN
    assert made.ending in (wanted, Ending.UNFIT), made
    if made.ending is Ending.BEATEN:
        assert attack.finding in " ".join((*made.findings, "")), made.findings


def test_lie_that_is_believed_has_won(bundle: Bundle, setting: Setting) -> None:
    (attack,) = attacks(["told.negative-tokens"])

    made = bout(bundle, replace(attack, finding="never said"), setting)

    assert made.ending is Ending.WON


STANDS = "would be imported instead of a module of the test run"
PLUGINS = "metadata of an installed package, which can name plugins"


@pytest.mark.parametrize(
    ("path", "findings"),
    [
        ("src/pytest.py", [STANDS]),
        ("pytest/__init__.py", [STANDS]),
        ("src/_pytest/x.py", [STANDS]),
        ("src/unittest.cpython-312-x86_64-linux-gnu.so", [STANDS]),
        ("src/x-1.dist-info/entry_points.txt", [PLUGINS]),
        ("src/X-1.DIST-INFO/entry_points.txt", [PLUGINS]),
        ("src/x.EGG-INFO/entry_points.txt", [PLUGINS]),
        ("src/json.py", []),
        ("src/pytest.txt", []),
        ("src/sums_pytest.py", []),
        ("src/shop/pytest.py", []),
    ],
)
def test_new_files_that_the_test_run_would_load_are_findings(
    bundle: Bundle, path: str, findings: list[str]
) -> None:
    sifted = sift(bundle, {path: b"x = 1\n"})

    assert sifted.findings == [f"{path}: {finding}" for finding in findings]
    is_left_out = bool(findings) or path == "src/json.py"
    assert (path in sifted.taken) is not is_left_out


def test_module_that_the_task_has_under_such_a_name_may_change(tmp_path: Path) -> None:
    root = write_bundle(tmp_path)
    workspace.write(root, "workdir/src/json.py", b"x = 0\n")
    mine = read_bundle(root)

    findings = lay_tree(mine, {"src/json.py": b"x = 1\n"}, tmp_path / "tree")

    assert findings == []
    assert (tmp_path / "tree/src/json.py").read_bytes() == b"x = 1\n"
