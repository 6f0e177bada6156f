"""
The build of a Rust suite: what cargo would then run, with which arguments and variables.

cargo itself starts no test: a recorder stands in for the test programs and for rustdoc. Tests run
later, by themselves, where they cannot write to the build folder.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cab_tasks.environment.rust import find_toolchain
from cab_tasks.model import RunEnd
from cab_tasks.sandbox import TARGET, TREE, Command, Ended, Mount, run
from cab_tasks.suite.cargo_command import cargo_command
from cab_tasks.suite.freshness import changed_files, settle
from cab_tasks.suite.wording import MESSAGE_MAX, Wording, capped

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from cab_tasks.environment.rust import Toolchain
    from cab_tasks.sandbox import Finished
    from cab_tasks.suite.request import Request

TOOLS = "/cab/toolchain"
CARGO_HOME = "/cab/cargo"
ONCE = (
    "CARGO_INCREMENTAL",
    "0",
)  # of a build that is not gone on from: half the work of a first one
_PLAN = "/cab/plan"
_LIBRARIES = ("lib", "rlib", "dylib", "cdylib", "staticlib", "proc-macro")

# Times first (see freshness.py); then cargo, whose messages go to the channel.
_SCRIPT = r"""
printf '\036root\000%s\036\n' "$PWD" >&3
find . -exec touch -h -d 2000-01-01T00:00:00Z {} +
xargs -0 -r touch -c -h -- <"$1"
shift
exec "$@" >&3
"""
# One record on the channel: folder, arguments, an empty field, variables.
_RECORDER = r"""#!/bin/sh
case "$1" in -vV|--version|-V) exec "$CAB_RUSTDOC" "$@" ;; esac
{
    printf '\036run\000%s\000' "$PWD"; printf '%s\000' "$@"; printf '\000'
    env -0; printf '\036\n'
} >&3
"""
# Stands before rustc for the crates of the tree: what they deny is a warning, and is told as one.
_CAPPED = '#!/bin/sh\nexec "$@" --cap-lints=warn\n'
_CAPPED_NAME = ".cab-rustc"  # in the build folder: cargo builds anew where its place changes
_OWN = re.compile(r"PWD|OLDPWD|_|SHLVL|TMPDIR|CAB_\w+|RUSTDOC|CARGO_TARGET_\w+_RUNNER")


@dataclass(frozen=True, slots=True)
class Program:
    """
    One program with tests in it. `binary` is what its ids begin with: `pkg`, `pkg::target`.
    """

    binary: str
    argv: tuple[str, ...]
    cwd: str
    env: tuple[tuple[str, str], ...]
    is_doc: bool = False


@dataclass(frozen=True, slots=True)
class Built:
    """
    What came of a build; `end` is None if it succeeded. `roots` are crate roots of products,
    `files` what was made of crates in the tree, `diagnostics` what rustc said, as cargo tells it.
    """

    end: RunEnd | None
    detail: str = ""
    programs: tuple[Program, ...] = ()
    roots: tuple[str, ...] = ()
    duration_s: float = 0.0
    diagnostics: tuple[dict[str, Any], ...] = ()
    files: frozenset[str] = frozenset()


def toolchain_mounts(request: Request) -> tuple[Mount, ...]:
    toolchain = find_toolchain(request.policy)
    return (Mount(toolchain.root, TOOLS), Mount(request.environment.root, CARGO_HOME))


def variables(request: Request) -> tuple[tuple[str, str], ...]:
    """
    What both the build and the tests see.
    """
    fixed = {
        "PATH": f"{TOOLS}/bin:/usr/local/bin:/usr/bin:/bin",
        "CARGO_HOME": CARGO_HOME,
        "CARGO_TARGET_DIR": TARGET,
        "CARGO_NET_OFFLINE": "true",
        "CARGO_PROFILE_DEV_DEBUG": "0",
        "CARGO_PROFILE_TEST_DEBUG": "0",
        "CARGO_TERM_COLOR": "never",
        "RUST_BACKTRACE": "0",
        "INSTA_UPDATE": "no",
    }
    given = dict((*request.spec.env, *request.variables))
    return tuple(sorted({**fixed, **given}.items()))


def build(request: Request, target: Path, timeout_s: float, *, caps_lints: bool = False) -> Built:
    """
    Build all that the command would run into `target`; with `caps_lints`, no lint refuses it.
    """
    toolchain = find_toolchain(request.policy)
    with tempfile.TemporaryDirectory(prefix="cab-plan-") as folder:
        changed = changed_files(request.tree, target)
        Path(folder, "changed").write_bytes(b"".join(os.fsencode(path) + b"\0" for path in changed))
        _write_program(Path(folder, "record"), _RECORDER)
        limits = replace(request.limits, timeout_s=timeout_s)
        command = _command(request, toolchain, Path(folder), target)
        if caps_lints:
            _write_program(target / _CAPPED_NAME, _CAPPED)
            wrapper = ("RUSTC_WORKSPACE_WRAPPER", f"{TARGET}/{_CAPPED_NAME}")
            command = replace(command, env=(*command.env, wrapper))
        finished = run(command, limits, policy=request.policy)
    if finished.ended is Ended.EXITED:
        settle(request.tree, target)
    return _built(finished, command.variables())


def _write_program(path: Path, text: str) -> None:
    """
    A newer one would make cargo ask rustc for its version again. What else stands there was put
    there by a build; nothing is written through a link.
    """
    if path.is_file() and not path.is_symlink():
        return
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    with path.open("x", encoding="ascii") as handle:
        handle.write(text)
    path.chmod(0o755)


def _command(request: Request, toolchain: Toolchain, plan: Path, target: Path) -> Command:
    words = cargo_command(request.spec.command)
    cargo = (
        *(f"{TOOLS}/bin/cargo", *words.cargo),
        *("--offline", "--no-fail-fast", "--message-format=json"),
        *("--", *words.tests),
    )
    runner = f"CARGO_TARGET_{toolchain.host.upper().replace('-', '_')}_RUNNER"
    stand_ins = (
        (runner, f"{_PLAN}/record"),
        ("RUSTDOC", f"{_PLAN}/record"),
        ("CAB_RUSTDOC", f"{TOOLS}/bin/rustdoc"),
    )
    return Command(
        argv=("/bin/sh", "-c", _SCRIPT, "cab", f"{_PLAN}/changed", *cargo),
        tree=request.tree,
        cwd=TREE,
        env=(*variables(request), *stand_ins),
        mounts=(
            *toolchain_mounts(request),
            Mount(plan, _PLAN),
            Mount(target, TARGET, writable=True),
        ),
        channel=True,
    )


def _built(finished: Finished, base: Collection[str]) -> Built:
    root, records, messages = _parts(finished.channel)
    wording = Wording(root)
    told = tuple(one["message"] for one in messages if one.get("reason") == "compiler-message")
    if finished.ended is not Ended.EXITED:
        end = RunEnd.TIMEOUT if finished.ended is Ended.TIMEOUT else RunEnd.LIMIT
        detail = f"the build ended by {finished.ended.value}"
        return Built(end, detail, duration_s=finished.duration_s)
    has_built = any(message.get("success") is True for message in messages)
    if finished.exit_code != 0 or not has_built:
        why = _first_error(messages) or finished.stderr.decode("utf-8", "replace").strip()
        detail = capped(wording.normal(why), MESSAGE_MAX)
        return Built(RunEnd.BUILD_FAILED, detail, duration_s=finished.duration_s, diagnostics=told)
    artifacts = [message for message in messages if message.get("reason") == "compiler-artifact"]
    programs = tuple(
        program for record in records for program in _programs(record, artifacts, base, root)
    )
    roots = tuple(sorted(set(_roots(artifacts, root))))
    files = frozenset(_files(artifacts, root))
    return Built(None, "", programs, roots, finished.duration_s, told, files)


def _parts(channel: bytes) -> tuple[str, list[list[str]], list[dict[str, Any]]]:
    """
    The tree's place, the recorder's records (fields), and cargo's messages.
    """
    root, records, messages = TREE, [], []
    for at, part in enumerate(channel.split(b"\x1e")):
        if at % 2 == 0:
            messages += [json.loads(line) for line in part.splitlines() if line.startswith(b"{")]
            continue
        name, *fields = part.decode("utf-8", "surrogateescape").split("\0")
        if name == "root":
            root = fields[0]
        else:
            records.append(fields)
    return root, records, messages


def _first_error(messages: list[dict[str, Any]]) -> str:
    for message in messages:
        diagnostic = message.get("message")
        if isinstance(diagnostic, dict) and str(diagnostic.get("level", "")).startswith("error"):
            return str(diagnostic.get("rendered", "")).strip()
    return ""


def _programs(
    record: list[str], artifacts: list[dict[str, Any]], base: Collection[str], root: str
) -> Iterator[Program]:
    cwd, *rest = (part.replace(root, TREE) for part in record)
    split = rest.index("")
    argv, pairs = rest[:split], [pair.partition("=") for pair in rest[split + 1 :] if pair]
    env = {name: value for name, _, value in pairs if not _OWN.fullmatch(name)}
    own = tuple(sorted((name, value) for name, value in env.items() if name not in base))
    package = env.get("CARGO_PKG_NAME", "")
    if "--test" in argv and not argv[0].startswith("/"):
        words = (f"{TOOLS}/bin/rustdoc", *_without_runner(argv))
        yield Program(f"{package}::doc", words, cwd, own, is_doc=True)
        return
    for artifact in artifacts:
        if artifact.get("executable") == argv[0] and artifact["profile"]["test"]:
            yield Program(_binary(package, artifact["target"]), tuple(argv), cwd, own)


def _without_runner(argv: list[str]) -> Iterator[str]:
    """
    rustdoc is told of the recorder too, as of any program that tests are run by.
    """
    words = iter(argv)
    for word in words:
        if word in ("--test-runtool", "--test-runtool-arg"):
            next(words, None)
        else:
            yield word


def _binary(package: str, target: dict[str, Any]) -> str:
    """
    As cargo-nextest names binaries.
    """
    kind, name = target["kind"][0], target["name"]
    if kind in _LIBRARIES:
        return package
    return f"{package}::{name}" if kind == "test" else f"{package}::{kind}/{name}"


def _files(artifacts: list[dict[str, Any]], root: str) -> Iterator[str]:
    for artifact in artifacts:
        if str(artifact["target"]["src_path"]).startswith(f"{root}/"):
            yield from artifact["filenames"]


def _roots(artifacts: list[dict[str, Any]], root: str) -> Iterator[str]:
    for artifact in artifacts:
        kinds, path = artifact["target"]["kind"], str(artifact["target"]["src_path"])
        is_product = kinds[0] in (*_LIBRARIES, "bin")
        if is_product and path.startswith(f"{root}/"):
            yield path.removeprefix(f"{root}/")
