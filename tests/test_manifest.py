"""
The manifest: its bytes, its schema, what its reader refuses and where.
"""

from __future__ import annotations

import datetime
import os
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml
from bundles import GOOD, write_bundle

from cab_tasks.bundle import (
    MANIFEST_MAX_BYTES,
    bundle_digest,
    digest_lines,
    find_bundles,
    read_bundle,
    read_manifest,
)
from cab_tasks.errors import BundleError
from cab_tasks.manifest import dump_manifest, json_schema, schema_text

if TYPE_CHECKING:
    from pathlib import Path

ALL = sorted(GOOD)


def plain_of(of: str) -> dict[str, Any]:
    """
    A good manifest as JSON has it: dates are text.
    """
    plain: dict[str, Any] = yaml.safe_load(GOOD[of].manifest)
    plain["task_added_date"] = plain["task_added_date"].isoformat()
    return plain


@pytest.mark.parametrize("of", ALL)
def test_manifest_survives_writing_and_reading(of: str, tmp_path: Path) -> None:
    manifest = read_manifest(write_bundle(tmp_path, of) / "task.yaml")
    again = tmp_path / "again.yaml"

    again.write_bytes(dump_manifest(manifest))

    assert read_manifest(again) == manifest
    assert dump_manifest(read_manifest(again)) == dump_manifest(manifest)


def test_manifest_dates_are_dates(tmp_path: Path) -> None:
    manifest = read_manifest(write_bundle(tmp_path) / "task.yaml")

    assert manifest.task_added_date == datetime.date(2026, 1, 15)
    assert b"\ntask_added_date: 2026-01-15\n" in dump_manifest(manifest)


@pytest.mark.parametrize("of", ALL)
def test_schema_accepts_good_manifests(of: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.Draft202012Validator(json_schema()).validate(plain_of(of))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("task_id", "Sums"),
        ("max_turns", "10"),
        ("max_turns", 0),
        ("family", "other"),
        ("version", "1"),
        ("schema", "cab-task/v2"),
        ("unknown", 1),
        ("constraints", [{"kind": "no-such"}]),
        ("expected_changes", [{"path": "a", "lines": [1]}]),
    ],
)
def test_schema_and_reader_refuse_the_same(key: str, value: object, tmp_path: Path) -> None:
    plain = {**plain_of("python"), key: value}
    place = tmp_path / "task.yaml"
    dated = {**plain, "task_added_date": datetime.date(2026, 1, 15)}
    place.write_text(yaml.safe_dump(dated))

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(json_schema()).validate(plain)
    with pytest.raises(BundleError):
        read_manifest(place)


def test_schema_text_is_the_same_each_time() -> None:
    assert schema_text() == schema_text()
    assert schema_text().endswith("}\n")


@pytest.mark.parametrize(
    ("data", "place", "message"),
    [
        pytest.param(b"a: [1\n", ":2:1", "did not find", id="syntax"),
        pytest.param(b"a: &x 1\nb: *x\n", ":1:4", "anchor &x", id="alias"),
        pytest.param(b"a: \xff\n", ":1:4", "not UTF-8", id="bytes"),
        pytest.param(b"#" * (MANIFEST_MAX_BYTES + 1), "", "larger than", id="size"),
        pytest.param(b"", ":1:1", "found nothing", id="empty"),
        pytest.param(b"a: " + b"[" * 900, ":1:19", "deeper", id="depth"),
        pytest.param(b"schema: cab-task/v1\n", ":1:1", "task_id: Field required", id="missing key"),
        pytest.param(b"a: 1\na: 2\n", ":2:1", "stands on line 1 already", id="key twice"),
        pytest.param(b"schema: cab-task/v9\n", ":1:9", "schema: Input", id="value"),
    ],
)
def test_reader_says_what_and_where(data: bytes, place: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "task.yaml"
    path.write_bytes(data)

    with pytest.raises(BundleError) as caught:
        read_manifest(path)

    assert caught.value.place == f"{path}{place}"
    assert message in str(caught.value)


def test_reader_refuses_a_pipe_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "task.yaml")

    with pytest.raises(BundleError, match="not a plain file"):
        read_manifest(tmp_path / "task.yaml")


def test_bundle_is_read_whole(tmp_path: Path) -> None:
    root = write_bundle(tmp_path)

    bundle = read_bundle(root)

    assert bundle.workdir == root / "workdir"
    assert bundle.fix().startswith(b"--- a/src/sums.py\n")
    assert bundle.prompt().startswith("# sums")
    assert len(bundle.tests.must_pass()) == 4
    assert bundle.evidence is not None
    assert bundle_digest(root) == bundle_digest(write_bundle(tmp_path / "again"))


def test_digests_tell_content_mode_and_links(tmp_path: Path) -> None:
    root = write_bundle(tmp_path, "refusal")
    before = digest_lines(root).splitlines()
    (root / "workdir" / "run").symlink_to("add.py")
    (root / "workdir" / "add.py").chmod(0o755)

    after = digest_lines(root).splitlines()

    changed = [line.split(b"  ", 1)[1] for line in after if line not in before]
    assert changed == [b"100755  workdir/add.py", b"120000  workdir/run"]


def test_digests_refuse_what_is_no_file(tmp_path: Path) -> None:
    root = write_bundle(tmp_path)
    os.mkfifo(root / "workdir" / "queue")

    with pytest.raises(BundleError, match="neither a file nor a link"):
        digest_lines(root)


def test_bundles_are_found_sorted_and_not_inside_one_another(tmp_path: Path) -> None:
    roots = [write_bundle(tmp_path, of) for of in ALL]
    write_bundle(roots[0] / "workdir", "rust")

    assert list(find_bundles([tmp_path])) == sorted(roots)
    assert list(find_bundles([roots[1] / "task.yaml"])) == [roots[1]]
    with pytest.raises(BundleError, match=r"no task\.yaml"):
        list(find_bundles([roots[0] / "hidden"]))
    with pytest.raises(BundleError, match="no such file"):
        list(find_bundles([tmp_path / "nowhere"]))


def test_reader_stops_at_endless_nesting(tmp_path: Path) -> None:
    """
    Where that is depends on libyaml: newer ones have a limit of their own, and look ahead.
    """
    path = tmp_path / "task.yaml"
    path.write_bytes(b"[" * 1_000_000)

    with pytest.raises(BundleError, match="deeper than 16 levels"):
        read_manifest(path)
