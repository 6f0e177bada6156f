"""
The uv program: locks requirements and fills virtual environments.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks.environment.tools import CACHE, OUT, prefix_mounts, run_tool
from cab_tasks.errors import SeedEnvironmentError
from cab_tasks.sandbox import ENV, Mount, Policy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cab_tasks.environment.interpreter import Interpreter

_UV = "/cab/bin/uv"
_SETTINGS = (
    ("UV_CACHE_DIR", CACHE),
    ("UV_LINK_MODE", "copy"),
    ("UV_NO_CONFIG", "1"),
    ("UV_PYTHON_DOWNLOADS", "never"),
    ("UV_NO_PROGRESS", "1"),
)
# Wheels only: nothing of what is downloaded runs. A source distribution's build is hostile code,
# so it gets a download cache that is thrown away.
_WHEELS = ("--only-binary", ":all:")


def compile_lock(
    requirements: Iterable[str],
    interpreter: Interpreter,
    cache: Path,
    policy: Policy,
    *,
    leave_out: Iterable[str] = (),
    as_of: str = "",
) -> str:
    """
    Requirements resolved for this interpreter: `name==version` with hashes, sorted.

    `leave_out` are packages whose dependencies count, but which are not locked themselves. `as_of`
    is the day of the newest ones to take.

    Raises:
        SeedEnvironmentError: they cannot be resolved.
    """
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch, "requirements.in").write_text("\n".join(requirements) + "\n")
        arguments = (
            *("pip", "compile", "--quiet", "--generate-hashes", "--no-header", "--no-annotate"),
            *("--python", str(interpreter.path), "--output-file", f"{OUT}/lock.txt"),
            *(part for name in leave_out for part in ("--no-emit-package", name)),
            *(("--exclude-newer", as_of) if as_of else ()),
            f"{OUT}/requirements.in",
        )
        mounts = (*prefix_mounts(interpreter.prefix), Mount(Path(scratch), OUT, writable=True))
        _wheels_first(arguments, "resolving the requirements", mounts, cache, policy)
        return Path(scratch, "lock.txt").read_text(encoding="utf-8")


def make_venv(root: Path, interpreter: Interpreter, cache: Path, policy: Policy) -> None:
    """
    An empty virtual environment without pip, which carries copies of other projects.
    """
    arguments = ("venv", "--quiet", "--relocatable", "--allow-existing", "--no-project")
    _run(
        (*arguments, "--python", str(interpreter.path), ENV),
        "making the virtual environment",
        (*prefix_mounts(interpreter.prefix), Mount(root, ENV, writable=True)),
        cache,
        policy,
    )


def fill_venv(root: Path, lock: str, interpreter: Interpreter, cache: Path, policy: Policy) -> None:
    """
    Install exactly what a lock names, by its hashes.

    Raises:
        SeedEnvironmentError: something cannot be downloaded or built.
    """
    arguments = ("pip", "sync", "--quiet", "--require-hashes", "--compile-bytecode")
    _with_file(arguments, lock, root, interpreter, cache, policy)


def warm_pytest(root: Path, interpreter: Interpreter, policy: Policy) -> None:
    """
    Start pytest once where the environment can be written, so that it keeps its rewritten plugins.

    It rewrites their assertions at each start otherwise: 1.4 s of CPU time with hypothesis there.
    It cannot start where the seed is a package of pytest's own (iniconfig): no harm, only time.
    """
    started = f"{ENV}/bin/python -m pytest -q -p no:cacheprovider --collect-only /tmp/empty"
    run_tool(
        ("/bin/sh", "-c", f"mkdir /tmp/empty; {started}; true"),
        what="starting pytest",
        policy=policy,
        mounts=(*prefix_mounts(interpreter.prefix), Mount(root, ENV, writable=True)),
        network=False,
    )


def install(
    root: Path, requirements: Iterable[str], interpreter: Interpreter, cache: Path, policy: Policy
) -> None:
    """
    Install requirements into a virtual environment as they resolve today.

    Raises:
        SeedEnvironmentError: they cannot be resolved, downloaded or built.
    """
    text = "\n".join(requirements) + "\n"
    _with_file(("pip", "install", "--quiet", "-r"), text, root, interpreter, cache, policy)


def _with_file(
    arguments: tuple[str, ...],
    text: str,
    root: Path,
    interpreter: Interpreter,
    cache: Path,
    policy: Policy,
) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch, "requirements.txt").write_text(text, encoding="utf-8")
        mounts = (
            *prefix_mounts(interpreter.prefix),
            Mount(root, ENV, writable=True),
            Mount(Path(scratch), OUT),
        )
        whole = (*arguments, f"{OUT}/requirements.txt", "--python", f"{ENV}/bin/python")
        _wheels_first(whole, "installing the requirements", mounts, cache, policy)


def _wheels_first(
    arguments: tuple[str, ...], what: str, mounts: tuple[Mount, ...], cache: Path, policy: Policy
) -> None:
    try:
        _run((*arguments, *_WHEELS), what, mounts, cache, policy)
    except SeedEnvironmentError:
        with tempfile.TemporaryDirectory() as scratch:
            _run(arguments, what, mounts, Path(scratch), policy)


def _run(
    arguments: tuple[str, ...], what: str, mounts: tuple[Mount, ...], cache: Path, policy: Policy
) -> None:
    import uv

    downloads = cache / "uv"
    downloads.mkdir(parents=True, exist_ok=True)
    program = Mount(Path(uv.find_uv_bin()).resolve(), _UV)
    run_tool(
        (_UV, *arguments),
        what=what,
        policy=policy,
        mounts=(program, Mount(downloads, CACHE, writable=True), *mounts),
        env=_SETTINGS,
    )
