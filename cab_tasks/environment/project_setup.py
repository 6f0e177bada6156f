"""
A Python project's own build: its metadata, and the ignored files that a build makes.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from dataclasses import asdict, dataclass
from email.parser import HeaderParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from cab_tasks.environment import uv
from cab_tasks.environment.interpreter import Interpreter, choose_interpreter
from cab_tasks.environment.tools import OUT, prefix_mounts, run_tool
from cab_tasks.errors import SeedEnvironmentError
from cab_tasks.project import read_ini, read_settings, read_toml, strings_at, table_at
from cab_tasks.sandbox import ENV, INJECT, Mount, Policy
from cab_tasks.workspace import lock, paths, place, read_files, tree_hash

if TYPE_CHECKING:
    from cab_tasks.project import Settings, Table

_DRIVER = Path(__file__).with_name("backend_driver.py")
_LEGACY = "setuptools.build_meta:__legacy__"  # PEP 517: what a project without a backend has
_KEPT = ("METADATA", "entry_points.txt", "top_level.txt")
_GENERATED_BYTES = 2 << 20  # a larger new file is data of the build, not source
_PRETEND = (
    "SETUPTOOLS_SCM_PRETEND_VERSION",
    "PDM_BUILD_SCM_VERSION",
    "PBR_VERSION",
    "POETRY_DYNAMIC_VERSIONING_BYPASS",
    "UV_DYNAMIC_VERSIONING_BYPASS",
)
Files = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Setup:
    """
    What a build gives: files for the tree, a dist-info for the environment, and remarks.
    """

    generated: Files = ()
    site: Files = ()
    warnings: tuple[str, ...] = ()


def set_up(
    tree: Path,
    *,
    version: str,
    date: str,
    fallback_name: str,
    cache: Path,
    python: str | None,
    policy: Policy,
) -> Setup:
    """
    Metadata and generated files of a Python project; read from pyproject.toml where that suffices.

    `version` is the nearest tag, told to tools that would ask git. A build that fails is a
    warning: the metadata is then the little that is known.
    """
    settings = read_settings(tree)
    pyproject = read_toml(tree, "pyproject.toml")
    known = _normal_version(version)
    if not settings.setup and (stated := _stated_metadata(pyproject)):
        return Setup(site=stated)
    if not settings.setup and not _is_project(tree, pyproject):
        return Setup()
    asked = python or settings.python or None
    interpreter = choose_interpreter(asked, requires_python(tree), policy)
    order = _order(tree, settings, pyproject, fallback_name, known)
    key = _key(tree_hash(tree), order, interpreter, known, date)
    kept = cache / "setups" / key
    with lock(cache / "setups" / f"{key}.lock"):
        if not kept.is_dir():
            _build(tree, order, interpreter, known, date, kept, cache, policy)
    return _read_kept(kept, fallback_name, known)


def requires_python(tree: Path) -> str:
    """
    What pyproject.toml or setup.cfg say of the interpreter's version, empty if nothing.
    """
    stated = table_at(read_toml(tree, "pyproject.toml"), "project").get("requires-python", "")
    config = read_ini(tree, "setup.cfg")
    found = stated or config.get("options", "python_requires", fallback="")
    return found if isinstance(found, str) else ""


@dataclass(frozen=True, slots=True)
class _Order:
    """
    What the driver is told, but for what it learns on the way.
    """

    requires: tuple[str, ...]
    backend: str
    path: tuple[str, ...]
    setup: tuple[str, ...]
    laid: dict[str, str]


def _order(tree: Path, settings: Settings, pyproject: Table, name: str, version: str) -> _Order:
    system = table_at(pyproject, "build-system")
    is_project = _is_project(tree, pyproject)
    default = ("setuptools>=64", "wheel") if is_project else ()
    backend = system.get("build-backend", _LEGACY) if is_project else ""
    # Tools that ask git for the version take it from here, as in an unpacked source release.
    header = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    is_asked_of_git = "version" in strings_at(pyproject, "project", "dynamic")
    lays_header = is_asked_of_git and not (tree / "PKG-INFO").exists()
    return _Order(
        requires=strings_at(system, "requires") or default,
        backend=str(backend),
        path=strings_at(system, "backend-path"),
        setup=settings.setup,
        laid={"PKG-INFO": header} if lays_header else {},
    )


def _is_project(tree: Path, pyproject: Table) -> bool:
    return (
        "build-system" in pyproject
        or "project" in pyproject
        or (tree / "setup.py").is_file()
        or read_ini(tree, "setup.cfg").has_section("metadata")
    )


def _key(digest: str, order: _Order, interpreter: Interpreter, *facts: str) -> str:
    text = json.dumps([digest, asdict(order), interpreter.toolchain, _DRIVER.read_text(), *facts])
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _build(
    tree: Path,
    order: _Order,
    interpreter: Interpreter,
    version: str,
    date: str,
    kept: Path,
    cache: Path,
    policy: Policy,
) -> None:
    """
    Run the build and keep its results; what went wrong is kept as `failure.txt`.
    """
    with place(kept, durable=False) as beside, TemporaryDirectory(dir=cache) as scratch:
        venv = Path(scratch, "venv")
        venv.mkdir()
        failure = ""
        try:
            uv.make_venv(venv, interpreter, cache, policy)
            if order.requires:
                uv.install(venv, order.requires, interpreter, cache, policy)
            _drive(tree, order, venv, interpreter, version, date, beside, cache, policy)
        except SeedEnvironmentError as error:
            failure = str(error)
        if failure:
            (beside / "failure.txt").write_text(failure, encoding="utf-8")


def _drive(
    tree: Path,
    order: _Order,
    venv: Path,
    interpreter: Interpreter,
    version: str,
    date: str,
    out: Path,
    cache: Path,
    policy: Policy,
) -> None:
    """
    Once to learn which further requirements the backend has, and once more with them if any.
    """
    for is_told in (False, True):
        text = json.dumps({**asdict(order), "is_told": is_told})
        (out / "order.json").write_text(text, encoding="utf-8")
        run_tool(
            (f"{ENV}/bin/python", f"{INJECT}/driver.py", f"{OUT}/order.json"),
            what="the project's own build",
            policy=policy,
            tree=tree,
            cwd="/cab/tree",
            env=_build_variables(version, date),
            mounts=(
                *prefix_mounts(interpreter.prefix),
                Mount(venv, ENV),
                Mount(_DRIVER, f"{INJECT}/driver.py"),
                Mount(out, OUT, writable=True),
            ),
            network=bool(order.setup),
        )
        missing = out / "missing.json"
        if not missing.is_file():
            return
        wanted = json.loads(missing.read_bytes())
        missing.unlink()
        uv.install(venv, [str(name) for name in wanted], interpreter, cache, policy)


def _build_variables(version: str, date: str) -> tuple[tuple[str, str], ...]:
    from datetime import UTC, datetime

    day = datetime.strptime(date or "1980-01-01", "%Y-%m-%d").replace(tzinfo=UTC)
    return (
        ("PATH", f"{ENV}/bin:/usr/local/bin:/usr/bin:/bin"),
        ("SOURCE_DATE_EPOCH", str(int(day.timestamp()))),
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("PYTHONHASHSEED", "0"),
        *((name, version) for name in _PRETEND),
    )


def _read_kept(kept: Path, name: str, version: str) -> Setup:
    found = read_files(kept / "generated") if (kept / "generated").is_dir() else ()
    generated = tuple((path, data) for path, data in found if _is_source(path, data))
    warnings = [f"{path}: made by the project's build, added to the tree" for path, _ in generated]
    site = _from_wheel(kept)
    failure = kept / "failure.txt"
    if failure.is_file():
        text = " ".join(failure.read_text(encoding="utf-8").split())
        warnings.append(f"the project's own build fails, its metadata is a guess: {text[:300]}")
    return Setup(generated, site or _metadata(name, version, ()), tuple(warnings))


def _is_source(path: str, data: bytes) -> bool:
    if len(data) > _GENERATED_BYTES or Path(path).suffix in (".so", ".pyd", ".o", ".a", ".c"):
        return False
    if path.endswith(".mo"):
        return True
    try:
        return "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _from_wheel(kept: Path) -> Files:
    wheels = [path for path in paths(kept) if path.startswith("wheel/") and path.endswith(".whl")]
    if not wheels:
        return ()
    with zipfile.ZipFile(kept / wheels[0]) as wheel:
        pattern = re.compile(r"[^/]+\.dist-info/(" + "|".join(_KEPT) + ")")
        names = sorted(name for name in wheel.namelist() if pattern.fullmatch(name))
        return tuple((name, _without_body(name, wheel.read(name))) for name in names)


def _without_body(name: str, data: bytes) -> bytes:
    """
    Metadata without the long description, which is the readme once more.
    """
    if not name.endswith("METADATA"):
        return data
    return data.replace(b"\r\n", b"\n").split(b"\n\n", 1)[0].rstrip(b"\n") + b"\n"


def _stated_metadata(pyproject: Table) -> Files:
    """
    Metadata straight from pyproject.toml, empty where a build might know more.
    """
    project = table_at(pyproject, "project")
    name, version = project.get("name"), project.get("version")
    hooks = table_at(pyproject, "tool", "hatch", "build", "hooks")
    ours = ("version", "dependencies", "optional-dependencies", "entry-points", "scripts")
    if not isinstance(name, str) or not isinstance(version, str) or hooks:
        return ()
    if set(strings_at(pyproject, "project", "dynamic")) & set(ours):
        return ()
    requires = strings_at(project, "requires-python")
    headers = [f"Requires-Python: {text}" for text in requires]
    headers += [f"Requires-Dist: {text}" for text in strings_at(project, "dependencies")]
    for extra, wanted in sorted(table_at(project, "optional-dependencies").items()):
        headers.append(f"Provides-Extra: {extra}")
        headers += [_with_extra(text, extra) for text in wanted if isinstance(text, str)]
    return _metadata(name, _normal_version(version), tuple(headers), _entry_points(project))


def _with_extra(requirement: str, extra: str) -> str:
    text, _, marker = requirement.partition(";")
    rest = f"({marker.strip()}) and " if marker else ""
    return f"Requires-Dist: {text.strip()} ; {rest}extra == '{extra}'"


def _entry_points(project: Table) -> str:
    groups: dict[str, Any] = {
        "console_scripts": table_at(project, "scripts"),
        "gui_scripts": table_at(project, "gui-scripts"),
        **table_at(project, "entry-points"),
    }
    parts = (
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in sorted(points.items()))
        for group, points in sorted(groups.items())
        if points
    )
    return "\n".join(parts)


def _metadata(name: str, version: str, headers: tuple[str, ...], entry_points: str = "") -> Files:
    folder = f"{canonicalize_name(name).replace('-', '_')}-{version}.dist-info"
    lines = ("Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *headers)
    files = [(f"{folder}/METADATA", ("\n".join(lines) + "\n").encode())]
    if entry_points:
        files.append((f"{folder}/entry_points.txt", entry_points.encode()))
    return tuple(files)


def _normal_version(text: str) -> str:
    """
    A tag as a version: `v1.2` and `release-1.2` are 1.2; 0.0.0 where there is none.
    """
    match = re.search(r"\d+(\.\d+)*([._-]?(a|b|rc|alpha|beta|post|dev)[._-]?\d*)*", text)
    try:
        return str(Version(match[0])) if match else "0.0.0"
    except InvalidVersion:
        return "0.0.0"


def metadata_headers(site: Files) -> dict[str, tuple[str, ...]]:
    """
    A dist-info's METADATA: header → its values in order.
    """
    text = next((data for path, data in site if path.endswith("/METADATA")), b"")
    message = HeaderParser().parsestr(text.decode("utf-8", "replace"))
    return {name: tuple(message.get_all(name, [])) for name in set(message.keys())}
