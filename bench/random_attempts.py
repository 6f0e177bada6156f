"""
Attempts made by random edits of a good fix: none may crash or hang the judge, or pass falsely.

    python bench/random_attempts.py BUNDLE [--count 1000] [--seed 0] [--seconds 600]

A pass is false where the file that the fix is about neither has the fix's content nor passes when
it is judged by itself. Must-fail twins are left out: they can only make passes fewer.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import random
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path

from cab_tasks import workspace
from cab_tasks.attempt import changed_files
from cab_tasks.bundle import Bundle, read_bundle
from cab_tasks.bundle_environment import environment_of
from cab_tasks.judge import RunCache, Setting, Verdict, judge, judge_folder
from cab_tasks.patch import apply_patch
from cab_tasks.sandbox import Policy

JUNK = (b"\x00\xff\xfe" * 7, b"}{)(\n" * 5, b"import os\n", b"\xef\xbb\xbf", b"")
NAMES = (b"\xff\xfe", b"new\nline", b"-rf", b" ", b"a" * 250, b"con\x1b[2J.py", b"x.rs")
TARGETS = ("/etc/passwd", "..", "../..", "own", "README.md", "src", "/dev/zero", "own/../../x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=3600.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as room:
        root = Path(room, "bundle")
        shutil.copytree(options.bundle, root, symlinks=True)
        shutil.rmtree(root / "hidden/twins", ignore_errors=True)
        bundle = read_bundle(root)
        environment = environment_of(bundle, workspace.cache_folder())
        setting = Setting(environment, Path(room, "target"), Policy.AUTO, RunCache(2000))
        report(bundle, setting, options)


def report(bundle: Bundle, setting: Setting, options: argparse.Namespace) -> None:
    verdicts: Counter[str] = Counter()
    times: list[tuple[float, int]] = []
    false: list[int] = []
    deadline = time.monotonic() + options.seconds
    for number in range(options.seed, options.seed + options.count):
        started = time.monotonic()
        if started > deadline:
            break
        verdict, is_false = one_attempt(bundle, setting, number)
        times.append((time.monotonic() - started, number))
        verdicts[verdict] += 1
        false += [number] if is_false else []
    print(f"{bundle.manifest.task_id}: {len(times)} attempts: {dict(sorted(verdicts.items()))}")
    slowest = ", ".join(f"{number} ({seconds:.1f} s)" for seconds, number in sorted(times)[-3:])
    print(f"false passes: {false or 'none'}; crashes: none; slowest: {slowest}")


def one_attempt(bundle: Bundle, setting: Setting, number: int) -> tuple[str, bool]:
    """
    The verdict on one, and whether it is a false pass.
    """
    dice = random.Random(number)
    with workspace.scratch() as room:
        folder = room / "agent"
        workspace.copy_tree(bundle.workdir, folder)
        for path, data in apply_patch(bundle.fix(), bundle.source).items():
            if data is not None:
                workspace.write(folder, path, data)
        for _ in range(dice.choice((1, 1, 1, 2, 3))):
            dice.choice(EDITS)(dice, folder)
        made = judge_folder(bundle, folder, setting)
        is_false = made.verdict is Verdict.PASS and not is_right(bundle, setting, folder)
    return made.verdict.value, is_false


def is_right(bundle: Bundle, setting: Setting, folder: Path) -> bool:
    fix = apply_patch(bundle.fix(), bundle.source)
    changed = changed_files(bundle.workdir, folder)
    about = {path: changed.get(path) for path in fix if path in changed}
    datas = {path: None if entry is None else entry.data for path, entry in about.items()}
    if datas == fix:
        return True
    alone = dataclasses.replace(setting, runs=None)
    return judge(bundle, about, alone).verdict is Verdict.PASS


def any_file(dice: random.Random, folder: Path) -> Path:
    """
    A file of the folder, a test or source more often than another; made where none is left.
    """
    found = [folder / path for path in workspace.paths(folder)]
    plain = [place for place in found if not place.is_symlink()]
    sources = [place for place in plain if place.suffix in (".py", ".rs")]
    if not plain:
        (folder / "own.txt").write_bytes(b"x")
        return folder / "own.txt"
    return dice.choice(sources if sources and dice.random() < 0.7 else plain)


def delete(dice: random.Random, folder: Path) -> None:
    any_file(dice, folder).unlink()


def duplicate(dice: random.Random, folder: Path) -> None:
    place = any_file(dice, folder)
    shutil.copyfile(place, place.with_name(f"copy_{place.name}"))


def double(dice: random.Random, folder: Path) -> None:
    place = any_file(dice, folder)
    place.write_bytes(place.read_bytes() * 2)


def truncate(dice: random.Random, folder: Path) -> None:
    place = any_file(dice, folder)
    os.truncate(place, place.stat().st_size * dice.randrange(4) // 4)


def line_gone(dice: random.Random, folder: Path) -> None:
    place = any_file(dice, folder)
    lines = place.read_bytes().splitlines(keepends=True)
    if lines:
        del lines[dice.randrange(len(lines))]
    place.write_bytes(b"".join(lines))


def junk(dice: random.Random, folder: Path) -> None:
    place = any_file(dice, folder)
    data, rubbish = place.read_bytes(), dice.choice(JUNK)
    at = dice.choice((0, len(data) // 2, len(data)))
    place.write_bytes(data[:at] + rubbish + data[at:])


def odd_name(dice: random.Random, folder: Path) -> None:
    where = os.fsencode(dice.choice((folder, any_file(dice, folder).parent)))
    with open(where + b"/" + dice.choice(NAMES), "wb") as file:  # noqa: PTH123 - any bytes
        file.write(dice.choice(JUNK))


def link(dice: random.Random, folder: Path) -> None:
    place = any_file(dice, folder)
    if dice.random() < 0.5:
        place = folder / "own_link"
    place.unlink(missing_ok=True)
    place.symlink_to(dice.choice(TARGETS))


def folder_link(dice: random.Random, folder: Path) -> None:
    place = any_file(dice, folder).parent
    if place != folder:
        shutil.rmtree(place)
        place.symlink_to(dice.choice(TARGETS))


def pipe(dice: random.Random, folder: Path) -> None:
    place = any_file(dice, folder)
    if dice.random() < 0.5:
        place = folder / "own_pipe"
    place.unlink(missing_ok=True)
    os.mkfifo(place)


def deep(dice: random.Random, folder: Path) -> None:
    depth = dice.choice((10, 100, 300))
    place = folder.joinpath(*["deep"] * depth)
    place.mkdir(parents=True, exist_ok=True)
    (place / "x").write_bytes(b"x")


def mode(dice: random.Random, folder: Path) -> None:
    any_file(dice, folder).chmod(dice.choice((0o000, 0o755, 0o4777, 0o444)))


def swapped(dice: random.Random, folder: Path) -> None:
    one, other = any_file(dice, folder), any_file(dice, folder)
    datas = one.read_bytes(), other.read_bytes()
    one.write_bytes(datas[1])
    other.write_bytes(datas[0])


def file_to_folder(dice: random.Random, folder: Path) -> None:
    place = any_file(dice, folder)
    place.unlink()
    place.mkdir()
    (place / "x").write_bytes(b"x")


EDITS = (delete, duplicate, double, truncate, line_gone, junk, odd_name, link, folder_link, pipe,
         deep, mode, swapped, file_to_folder)  # fmt: skip

if __name__ == "__main__":
    main()
