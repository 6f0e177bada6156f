"""
Tasks checked by hand, so to speak: without any of our code but `cab-tasks env build`.

    python bench/outside_check.py [--into DIR] [BUNDLE…]

For each bundle: workdir copied, hidden/tests laid over it, the suite run by the plain runner
(pytest, unittest or cargo) and its own report read; exactly the tests of hidden/tests.json must
fail. Then `patch -p1 < hidden/fix.patch`, and all of them must pass. In-file Rust tests: only
tasks of visibility `visible` can be checked so.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree as Xml

import yaml

CAB = [sys.executable, "-m", "cab_tasks"]


def environment(bundle: Path, home: Path) -> dict[str, str]:
    """
    Variables of a shell in which the rebuilt environment is active.
    """
    subprocess.run([*CAB, "env", "build", bundle, home], check=True, capture_output=True)
    base = {"HOME": str(home), "LANG": "C.UTF-8", "TZ": "UTC", "PYTHONDONTWRITEBYTECODE": "1"}
    python = next(home.glob("**/bin/python"), None)
    if python is not None:
        return {**base, "PATH": f"{python.parent}:{os.environ['PATH']}", "PYTHONHASHSEED": "0"}
    rustup = os.environ.get("RUSTUP_HOME") or str(Path.home() / ".rustup")
    cargo_home = next((p.parent for p in home.glob("**/registry")), home)
    return {
        **base, "PATH": os.environ["PATH"], "RUSTUP_HOME": rustup, "CARGO_HOME": str(cargo_home),
        "CARGO_NET_OFFLINE": "true", "CARGO_TARGET_DIR": str(home / "target"),
    }  # fmt: skip


def failing(manifest: dict, tree: Path, variables: dict[str, str]) -> tuple[set[str], int]:
    """
    Failing tests and the number of all, by the runner's own report.
    """
    words = shlex.split(manifest["tests"]["command"])
    own = dict(word.split("=", 1) for word in words if "=" in word and not word.startswith("-"))
    command = [word for word in words if word.split("=")[0] not in own]
    run = {"cwd": tree, "env": {**variables, **own}, "capture_output": True, "text": True}
    if manifest["tests"]["framework"] == "pytest":
        report = tree.parent / "report.xml"
        subprocess.run([*command, "-p", "no:cacheprovider", f"--junitxml={report}"], **run)
        cases = list(Xml.parse(report).iter("testcase"))
        bad = [c for c in cases if c.find("failure") is not None or c.find("error") is not None]
        return {f"{c.get('classname')}::{c.get('name')}" for c in bad}, len(cases)
    if manifest["tests"]["framework"] == "unittest":
        told = subprocess.run([*command, "-v"], **run).stderr
        # Not the lines with dots: a failing subTest stands elsewhere.
        lines = re.findall(r"(?m)^(?:FAIL|ERROR): (\w+) \(([\w.]+)\)", told)
        bad_names = {
            where if where.endswith(f".{name}") else f"{where}.{name}" for name, where in lines
        }
        ran = re.search(r"(?m)^Ran (\d+) tests?", told)
        return bad_names, int(ran[1]) if ran else 0
    told = subprocess.run([*command, "--no-fail-fast"], **run).stdout
    lines = re.findall(r"(?m)^test (.+?)(?: - should panic)? \.\.\. (ok|FAILED|ignored)", told)
    return {name for name, outcome in lines if outcome == "FAILED"}, len(lines)


def as_reported(test: str, framework: str) -> str:
    """
    A test id as the plain report writes it.
    """
    if framework == "pytest":
        path, _, rest = test.partition("::")
        *classes, name = rest.split("::") if "[" not in rest else _split_parameters(rest)
        module = path.removesuffix(".py").replace("/", ".")
        return f"{'.'.join([module, *classes])}::{name}"
    if framework == "cargo":
        name = test.partition(" ")[2]
        return re.sub(r" #\d+$", "", name)
    return test


def _split_parameters(rest: str) -> list[str]:
    head, bracket, tail = rest.partition("[")
    *classes, name = head.split("::")
    return [*classes, name + bracket + tail]


def check(bundle: Path, into: Path) -> str:
    """
    Empty if all is as the bundle says, else what differs.
    """
    manifest = yaml.safe_load((bundle / "task.yaml").read_text())
    framework = manifest["tests"]["framework"]
    home = into / bundle.name
    variables = environment(bundle, home / "env")
    tree = home / "tree"
    shutil.copytree(bundle / "workdir", tree, symlinks=True)
    if (bundle / "hidden/tests").is_dir():
        shutil.copytree(bundle / "hidden/tests", tree, dirs_exist_ok=True)
    lock = bundle / "environment/Cargo.lock"
    if lock.is_file() and not (tree / "Cargo.lock").exists():
        shutil.copy(lock, tree)
    lists = json.loads((bundle / "hidden/tests.json").read_text())
    green = {as_reported(test, framework) for tests in lists.values() for test in tests}
    expected = {as_reported(test, framework) for test in lists["fail_to_pass"]}
    broken, count = failing(manifest, tree, variables)
    broken = {re.sub(r"( -)? \(line \d+\)$", "", name) for name in broken} & green
    with (bundle / "hidden/fix.patch").open("rb") as fix:
        subprocess.run(["patch", "-p1", "--silent"], cwd=tree, stdin=fix, check=True)
    repaired, after = failing(manifest, tree, variables)
    repaired = {re.sub(r"( -)? \(line \d+\)$", "", name) for name in repaired} & green
    if broken != expected:
        return f"broken: {sorted(broken ^ expected)[:5]}"
    if repaired or after < len(expected) or not count:
        return f"repaired: {sorted(repaired)[:5]}, {after} tests"
    return ""


def made(out: Path) -> list[Path]:
    """
    Tasks of the embedded seeds, where none are named.
    """
    for seed, tests in (("python-inventory", "hidden"), ("rust-ledger", "visible")):
        options = ["--out", out, "--count", "3", "--tests", tests, "-q"]
        subprocess.run([*CAB, "generate", f"template:{seed}", *options], check=True)
    return sorted((out / "mutations").iterdir())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundles", nargs="*", type=Path)
    parser.add_argument("--into", type=Path)
    arguments = parser.parse_args()
    into = arguments.into or Path(tempfile.mkdtemp(prefix="outside-"))
    wrong = 0
    bundles = arguments.bundles or made(into / "tasks")
    for bundle in bundles:
        told = check(bundle.absolute(), into.absolute())
        wrong += bool(told)
        print(f"{bundle.name}: {told or 'as recorded'}", flush=True)
    print(f"{len(bundles) - wrong} of {len(bundles)} as recorded")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
