"""
The bundle on disk: its files, its digests, reading and finding it; `docs/format.md` describes it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from cab_tasks.document import MANIFEST_MAX_BYTES, read_document
from cab_tasks.errors import BundleError
from cab_tasks.manifest import Manifest
from cab_tasks.twin_records import read_twins

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from cab_tasks.manifest import InfileModule
    from cab_tasks.twin_records import Twins

MANIFEST = "task.yaml"
PROMPT = "prompt.md"
RULES = "AGENTS.md"
WORKDIR = "workdir"
ENVIRONMENT = "environment"
HIDDEN = "hidden"
HIDDEN_TESTS = "hidden/tests"
INFILE = "hidden/infile"
TWINS = "hidden/twins/twins.json"
TESTS = "hidden/tests.json"
FIX = "hidden/fix.patch"
EVIDENCE = "hidden/evidence.json"
DIGESTS = "digests.txt"
LAID = ((RULES, "AGENTS.md"), (PROMPT, "PROMPT.md"))  # for the agent, by `prepare`
ASIDE = ".cab"  # where they go when the seed has a file of that name
FOLDERS = (WORKDIR, HIDDEN, ENVIRONMENT, HIDDEN_TESTS, INFILE)


@dataclass(frozen=True, slots=True)
class TestLists:
    """
    `hidden/tests.json`: the exact expected set, by transition from broken to repaired; sorted.
    """

    fail_to_pass: tuple[str, ...] = ()
    pass_to_pass: tuple[str, ...] = ()
    absent_to_pass: tuple[str, ...] = ()
    skip_to_pass: tuple[str, ...] = ()

    def must_pass(self) -> tuple[str, ...]:
        lists = (self.fail_to_pass, self.pass_to_pass, self.absent_to_pass, self.skip_to_pass)
        return tuple(sorted({test for names in lists for test in names}))


@dataclass(frozen=True, slots=True)
class Bundle:
    """
    A bundle that could be read. `evidence` is None for one written by hand.
    """

    root: Path
    manifest: Manifest
    tests: TestLists
    evidence: dict[str, Any] | None = field(default=None, hash=False)

    @property
    def workdir(self) -> Path:
        return self.root / WORKDIR

    def read(self, path: str) -> bytes:
        """
        The bytes of one of its files, for which no link is followed.

        Raises:
            BundleError: missing, no plain file, a link, below a link, or out of the bundle.
        """
        return _read_plain(self.root, path)

    def source(self, path: str) -> bytes | None:
        """
        A file of workdir, None where nothing is; else as `read`.
        """
        return self.read(f"{WORKDIR}/{path}") if os.path.lexists(self.workdir / path) else None

    def pristine(self, module: InfileModule) -> bytes:
        """
        The text that scoring puts back for tests inside a source file.
        """
        return self.read(_pristine_path(module))

    def fix(self) -> bytes:
        """
        The reference fix; empty for a task that has none, because it is to be refused.
        """
        return self.read(FIX) if os.path.lexists(self.root / FIX) else b""

    def twins(self) -> Twins | None:
        """
        What of the hidden tests can be perturbed; None where nothing is.

        Raises:
            BundleError: no such file as it should be, or about tests that are not there.
        """
        if not os.path.lexists(self.root / TWINS):
            return None
        try:
            return read_twins(self.read(TWINS))
        except (ValueError, RecursionError) as error:
            raise BundleError(f"not understood: {error}", str(self.root / TWINS)) from error

    def prompt(self) -> str:
        return _text(self.read(PROMPT), self.root / PROMPT)


def read_bundle(root: Path) -> Bundle:
    """
    A bundle whose every file can be read without a surprise.

    Raises:
        BundleError: a file that every bundle needs is missing or cannot be understood, or
            something is no plain file. Links are only in workdir, and stay there.
    """
    manifest = read_manifest(root / MANIFEST)
    for name in FOLDERS:
        _check_folder(root / name, is_needed=name in (WORKDIR, HIDDEN))
    if (root / DIGESTS).is_dir():
        raise BundleError("a folder, not a plain file", str(root / DIGESTS))
    for path, entry in walk(root):
        _check_entry(root, path, entry)
    has_evidence = os.path.lexists(root / EVIDENCE)
    evidence = _read_json(root / EVIDENCE) if has_evidence else None
    bundle = Bundle(root, manifest, read_tests(root / TESTS), evidence)
    _check_parts(bundle)
    return bundle


def _check_folder(folder: Path, *, is_needed: bool) -> None:
    if os.path.lexists(folder):
        if not stat.S_ISDIR(folder.lstat().st_mode):
            raise BundleError("not a folder", str(folder))
    elif is_needed:
        raise BundleError("missing", str(folder))


def _check_entry(root: Path, path: str, entry: os.DirEntry[str]) -> None:
    if entry.is_file(follow_symlinks=False):
        return
    if not entry.is_symlink():
        raise BundleError("not a plain file", str(root / path))
    inside = os.path.realpath(root / WORKDIR)
    if not path.startswith(f"{WORKDIR}/"):
        raise BundleError("a link; only workdir may hold links", str(root / path))
    if not f"{os.path.realpath(entry.path)}/".startswith(f"{inside}/"):
        raise BundleError("a link that leads out of workdir", str(root / path))


def _check_parts(bundle: Bundle) -> None:
    """
    Prompt, fix, twins, command, in-file tests and evidence are as everyone who uses them expects.
    """
    bundle.prompt()
    bundle.twins()
    if bundle.manifest.family != "integrity":
        bundle.read(FIX)
    try:
        shlex.split(bundle.manifest.tests.command)
    except ValueError as error:
        raise BundleError(f"tests.command: {error}", str(bundle.root / MANIFEST)) from error
    for module in bundle.manifest.tests.infile:
        bundle.read(f"{WORKDIR}/{module.path}")
        bundle.pristine(module)
    _check_evidence(bundle.evidence or {}, str(bundle.root / EVIDENCE))


def _check_evidence(evidence: dict[str, Any], place: str) -> None:
    for key in ("mutation", "broken", "repaired"):
        part = evidence.get(key, {})
        if not isinstance(part, dict) or not isinstance(part.get("exceptions", {}), dict):
            raise BundleError(f"{key}: expected an object", place)


def _pristine_path(module: InfileModule) -> str:
    return f"{INFILE}/{module.path}/{module.module.replace('::', '.')}.rs"


def read_manifest(path: Path) -> Manifest:
    """
    Raises:
        BundleError: missing, not UTF-8, not YAML, or not the schema; says where.
    """
    document = read_document(_read_bytes(path))
    for problem in document.problems:
        raise BundleError(problem.message, f"{path}:{problem.line}:{problem.column}")
    try:
        return Manifest.model_validate(document.plain)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        line, column = document.at(document.written(first["loc"]))
        message = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise BundleError(message, f"{path}:{line}:{column}") from error


def read_tests(path: Path) -> TestLists:
    """
    Raises:
        BundleError: not a JSON object of lists of test ids.
    """
    plain = _read_json(path)
    known = set(TestLists.__slots__)
    for key, names in plain.items():
        if key not in known:
            raise BundleError(f"unknown key {key!r}; known: {', '.join(sorted(known))}", str(path))
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise BundleError(f"{key}: expected a list of test ids", str(path))
    return TestLists(**{key: tuple(sorted(names)) for key, names in plain.items()})


def dump_json(plain: object) -> bytes:
    return (json.dumps(plain, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def digest_lines(root: Path) -> bytes:
    """
    The text of `digests.txt`: `sha256  mode  path` a line, sorted by path; a link: its target.

    The mode is git's (100644, 100755, 120000); everything but `digests.txt` itself counts.
    """
    lines = []
    for path, entry in sorted(walk(root)):
        if path == DIGESTS:
            continue
        status = entry.stat(follow_symlinks=False)
        if stat.S_ISLNK(status.st_mode):
            body, mode = os.fsencode(os.readlink(entry.path)), "120000"  # noqa: PTH115 - hot
        elif stat.S_ISREG(status.st_mode):
            with open(entry.path, "rb") as file:  # noqa: PTH123 - hot: ten times a bundle's cost
                body = file.read()
            mode = "100755" if status.st_mode & 0o100 else "100644"
        else:
            raise BundleError("neither a file nor a link", str(root / path))
        lines.append(f"{hashlib.sha256(body).hexdigest()}  {mode}  {path}\n")
    return "".join(lines).encode("utf-8", "surrogateescape")


def bundle_digest(root: Path) -> str:
    """
    sha256 of `digests.txt` as it stands in the bundle; "" where there is none.
    """
    path = root / DIGESTS
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def find_bundles(paths: Iterable[Path]) -> Iterator[Path]:
    """
    Every folder with a `task.yaml` at or below the paths, sorted; never inside another bundle.

    Raises:
        BundleError: a path does not exist, or holds no bundle.
    """
    for path in paths:
        if not path.exists():
            raise BundleError("no such file or folder", str(path))
        start = path.parent if path.name == MANIFEST else path
        found = list(_bundles_below(start))
        if not found:
            raise BundleError(f"no {MANIFEST} here or below", str(path))
        yield from found


def walk(root: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """
    Every entry below `root` that is not a folder: (path with `/`, entry); links are not followed.
    """
    stack = [(str(root), "")]
    while stack:
        folder, prefix = stack.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    stack.append((entry.path, f"{prefix}{entry.name}/"))
                else:
                    yield prefix + entry.name, entry


def _bundles_below(folder: Path) -> Iterator[Path]:
    if (folder / MANIFEST).is_file():
        yield folder
        return
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    for name in names:
        if not name.startswith("."):
            yield from _bundles_below(folder / name)


def _read_bytes(path: Path) -> bytes:
    data = _read_plain(path.parent, path.name, max_bytes=MANIFEST_MAX_BYTES)
    if len(data) > MANIFEST_MAX_BYTES:
        raise BundleError(f"larger than {MANIFEST_MAX_BYTES} bytes", str(path))
    return data


def _read_plain(root: Path, path: str, max_bytes: int | None = None) -> bytes:
    """
    The only reader of a bundle's files; of a larger file, one byte more than `max_bytes`.
    """
    place = root / path
    parts = path.split("/")
    if path.startswith("/") or ".." in parts:
        raise BundleError("leaves the bundle", str(place))
    try:
        if any((root / "/".join(parts[:end])).is_symlink() for end in range(1, len(parts) + 1)):
            raise BundleError("not a plain file but a link, or below one", str(place))
        # Opening a pipe waits for a writer, reading a device may never end.
        if not stat.S_ISREG(place.lstat().st_mode):
            raise BundleError("not a plain file", str(place))
        with place.open("rb") as file:
            return file.read(-1 if max_bytes is None else max_bytes + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise BundleError(reason or "cannot be read", str(place)) from error


def _text(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BundleError(f"not UTF-8: {error}", str(path)) from error


def _read_json(path: Path) -> dict[str, Any]:
    try:
        plain = json.loads(_read_plain(path.parent, path.name))
    except json.JSONDecodeError as error:
        raise BundleError(error.msg, f"{path}:{error.lineno}:{error.colno}") from error
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise BundleError(f"not JSON: {error}", str(path)) from error
    if not isinstance(plain, dict):
        raise BundleError("expected a JSON object", str(path))
    return plain
