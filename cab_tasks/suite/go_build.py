"""
The build of a Go suite: `go test` with a recorder in the place of the test programs.

Test programs run later, by themselves, where they can write neither to the build nor to its cache.
"""

from __future__ import annotations

import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks.environment.installed import GO_CACHE, GO_VARIABLES, find_toolchain
from cab_tasks.errors import UsageError
from cab_tasks.model import RunEnd
from cab_tasks.sandbox import ENV, HOME, TARGET, TREE, Command, Ended, Mount, run
from cab_tasks.suite.wording import MESSAGE_MAX, Wording, capped

if TYPE_CHECKING:
    from cab_tasks.sandbox import Finished
    from cab_tasks.suite.request import Request

_PLAN = "/cab/plan"
_CACHE = f"{HOME}/cache"
_PACKAGES = "packages"
_RECORD = ".record"
# Packages are told by their folders; each that has tests gets the canary, last of its files.
_SCRIPT = r"""
cp -r "$1" "$2" && shift 2 || exit 3
pwd >"$CAB_OUT/root"
go list -e -f '{{.Dir}}{{"\t"}}{{.ImportPath}}' ./... >"$CAB_OUT/packages" || exit 3
tab=$(printf '\t')
tested='{{if or .TestGoFiles .XTestGoFiles}}{{.Dir}}{{"\t"}}{{.Name}}'
go list -e -f "$tested"'{{if .XTestGoFiles}}_test{{end}}{{end}}' ./... |
while IFS="$tab" read -r folder name; do
  case "$name" in "") continue ;; *_test_test) name=${name%_test} ;; esac
  sed "s/PACKAGE/$name/" "$CAB_PLAN/canary" >"$folder/zzz_cab_test.go" || exit 3
done
exec go test "$@"
"""
# An example is run after all tests, in whatever order those are.
_CANARY = """\
package PACKAGE

func {name}() {{
	// Output: {name}
}}
"""
CANARIES = "Example_[0-9a-f]{16}"
_RECORDER = r"""#!/bin/sh
place=$(mktemp "$CAB_OUT/XXXXXXXX") || exit 3
cp "$1" "$place" && chmod 755 "$place" || exit 3
{ printf '%s\n' "$PWD"; shift; printf '%s\n' "$@"; } >"$place.record"
"""
# Ours to set, or good for nothing but a person's eyes.
_FLAGS = frozenset(("-v", "-json", "-cover", "-race", "-c", "-failfast"))
_VALUED = frozenset(
    ("-count", "-exec", "-o", "-timeout", "-vet", "-shuffle", "-coverprofile", "-covermode", "-run")
)


@dataclass(frozen=True, slots=True)
class Program:
    """
    A package's test program: `package` is its import path, `place` its file in the build folder.

    `canary` is an example that must fail, which no source shows as it runs: who prints outcomes in
    the place of the program does not know its name.
    """

    package: str
    place: str
    cwd: str
    words: tuple[str, ...]
    canary: str


@dataclass(frozen=True, slots=True)
class Built:
    """
    What came of a build; `end` is None if it succeeded.
    """

    end: RunEnd | None
    detail: str = ""
    programs: tuple[Program, ...] = ()
    duration_s: float = 0.0


def mounts(request: Request) -> tuple[Mount, ...]:
    toolchain = find_toolchain("go", request.policy)
    return (*toolchain.mounts, Mount(request.environment.root, ENV))


def variables(request: Request) -> tuple[tuple[str, str], ...]:
    """
    What both the build and the tests see; the order in which Go looks at them cannot be changed.
    """
    toolchain = find_toolchain("go", request.policy)
    given = dict((*request.spec.env, *request.variables))
    fixed = dict((*GO_VARIABLES, ("PATH", toolchain.path), ("GOCACHE", _CACHE)))
    return tuple(sorted({**given, **fixed}.items()))


def build(request: Request, out: Path) -> Built:
    """
    Build every test program of the suite into a new, empty folder.
    """
    arguments = go_arguments(request.spec.command)
    canary = f"Example_{secrets.token_hex(8)}"
    with tempfile.TemporaryDirectory(prefix="cab-plan-") as folder:
        recorder = Path(folder, "record")
        recorder.write_text(_RECORDER, encoding="ascii")
        recorder.chmod(0o755)
        Path(folder, "canary").write_text(_CANARY.format(name=canary), encoding="ascii")
        # Without debugging tables linking takes a tenth; a panic still tells its lines.
        ours = ("-vet=off", "-ldflags=-s -w", "-count=1", f"-exec={_PLAN}/record")
        command = Command(
            argv=(
                *("/bin/sh", "-c", _SCRIPT, "cab", f"{ENV}/{GO_CACHE}", _CACHE),
                *(*ours, *arguments),
            ),
            tree=request.tree,
            env=(*variables(request), ("CAB_OUT", TARGET), ("CAB_PLAN", _PLAN)),
            mounts=(
                *mounts(request),
                Mount(Path(folder), _PLAN),
                Mount(out, TARGET, writable=True),
            ),
        )
        finished = run(command, request.limits, policy=request.policy)
    return _built(finished, out, canary)


def go_arguments(command: tuple[str, ...]) -> tuple[str, ...]:
    """
    What of a `go test` command counts: its packages, and flags that change what is built.

    Raises:
        UsageError: it is no `go test`.
    """
    if command[:2] != ("go", "test"):
        raise UsageError(f"{' '.join(command)}: is no `go test`; give another command")
    kept: list[str] = []
    left = list(command[2:])
    while left:
        word = left.pop(0)
        flag = f"-{word.lstrip('-')}" if word.startswith("-") else ""
        if flag.partition("=")[0] in _VALUED:
            del left[: "=" not in flag]
        elif flag.partition("=")[0] not in _FLAGS:
            kept.append(word)
    return tuple(kept)


def _built(finished: Finished, out: Path, canary: str) -> Built:
    if finished.ended is not Ended.EXITED:
        end = RunEnd.TIMEOUT if finished.ended is Ended.TIMEOUT else RunEnd.LIMIT
        detail = f"the build ended by {finished.ended.value}"
        return Built(end, detail, duration_s=finished.duration_s)
    root = _line(out / "root")
    if finished.exit_code != 0:
        words = b"\n".join((finished.stderr, finished.stdout)).decode("utf-8", "replace").strip()
        detail = capped(Wording(root or TREE).normal(words), MESSAGE_MAX)
        return Built(RunEnd.BUILD_FAILED, detail, duration_s=finished.duration_s)
    return Built(None, "", _programs(out, root, canary), finished.duration_s)


def _programs(out: Path, root: str, canary: str) -> tuple[Program, ...]:
    listed = (out / _PACKAGES).read_text(encoding="utf-8").splitlines()
    names = dict(line.split("\t", 1) for line in listed)
    programs = []
    for record in out.glob(f"*{_RECORD}"):
        folder, *words = record.read_text(encoding="utf-8").splitlines()
        place = f"{TARGET}/{record.name.removesuffix(_RECORD)}"
        cwd = TREE + folder.removeprefix(root)
        programs.append(Program(names.get(folder, folder), place, cwd, tuple(words), canary))
    return tuple(sorted(programs, key=lambda program: program.package))


def _line(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""
