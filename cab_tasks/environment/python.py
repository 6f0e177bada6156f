"""
Python environments: a virtual environment of locked packages, built once and reused.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cab_tasks.environment import uv
from cab_tasks.environment.interpreter import choose_interpreter
from cab_tasks.environment.project_setup import metadata_headers
from cab_tasks.environment.record import LOCKS, environment_files, files_key
from cab_tasks.environment.requirements import own_name, requirement_tiers
from cab_tasks.errors import SeedEnvironmentError
from cab_tasks.model import Environment
from cab_tasks.project import read_settings
from cab_tasks.workspace import lock, place, write

if TYPE_CHECKING:
    from pathlib import Path

    from cab_tasks.environment.interpreter import Interpreter
    from cab_tasks.environment.record import Files
    from cab_tasks.model import Seed
    from cab_tasks.sandbox import Policy

_LOCK = LOCKS["python"]


@dataclass(frozen=True, slots=True)
class _Locked:
    text: str
    notes: tuple[str, ...]


def build_python(
    seed: Seed, cache: Path, python: str | None, policy: Policy, as_of: str = ""
) -> Environment:
    """
    The environment that a seed's tests need; resolved, locked and installed once. `as_of` is the
    day of the newest packages, YYYY-MM-DD; none: today.

    Raises:
        SeedEnvironmentError: no interpreter fits, or nothing resolves.
    """
    asked = python or read_settings(seed.tree).python or None
    requires = metadata_headers(seed.site).get("Requires-Python", ("",))[0]
    interpreter = choose_interpreter(asked, requires, policy)
    locked = _lock(seed, interpreter, cache, policy, as_of)
    rest = [(_LOCK, locked.text.encode()), *((f"site/{path}", data) for path, data in seed.site)]
    files = environment_files("python", interpreter.toolchain, rest)
    return install_python(files, interpreter, cache, policy, locked.notes)


def rebuild_python(files: Files, toolchain: str, cache: Path, policy: Policy) -> Environment:
    """
    The same environment from a bundle's files; another patch level of Python is a note.

    Raises:
        SeedEnvironmentError: no interpreter of that minor version, or a package is gone.
    """
    version = toolchain.split()[1]
    interpreter = choose_interpreter(".".join(version.split(".")[:2]), policy=policy)
    note = f"built with {interpreter.toolchain}, recorded is {toolchain}"
    notes = (note,) if interpreter.toolchain != toolchain else ()
    return install_python(files, interpreter, cache, policy, notes)


def install_python(
    files: Files, interpreter: Interpreter, cache: Path, policy: Policy, notes: tuple[str, ...]
) -> Environment:
    """
    The virtual environment of a record's files, from the cache where it is there.
    """
    key = files_key(files)
    place_key = hashlib.sha256(f"{key} {interpreter.path} {interpreter.toolchain}".encode())
    root = cache / "environments" / f"python-{place_key.hexdigest()[:24]}"
    with lock(root.with_suffix(".lock")):
        if not root.is_dir():
            with place(root, durable=False) as beside:
                _fill(beside, dict(files), interpreter, cache, policy)
    return Environment(
        language="python",
        key=key,
        root=root,
        toolchain=interpreter.toolchain,
        interpreter=root / "bin" / "python",
        files=files,
        notes=notes,
    )


def _fill(
    root: Path, files: dict[str, bytes], interpreter: Interpreter, cache: Path, policy: Policy
) -> None:
    uv.make_venv(root, interpreter, cache, policy)
    text = files.get(_LOCK, b"").decode("utf-8", "replace")
    if any(line and not line.startswith("#") for line in text.splitlines()):
        uv.fill_venv(root, text, interpreter, cache, policy)
    packages = f"lib/python{interpreter.minor}/site-packages"
    for path, data in files.items():
        if path.startswith("site/"):
            write(root, f"{packages}/{path.removeprefix('site/')}", data)
    if re.search(r"(?m)^pytest==", text):
        uv.warm_pytest(root, interpreter, policy)


def _lock(seed: Seed, interpreter: Interpreter, cache: Path, policy: Policy, as_of: str) -> _Locked:
    """
    The lock of a seed's requirements, resolved once per set: later runs need no network.
    """
    tiers = requirement_tiers(seed)
    day = [as_of] if as_of else []
    facts = json.dumps([tiers, interpreter.toolchain, own_name(seed), *day])
    key = hashlib.sha256(facts.encode()).hexdigest()[:24]
    kept = cache / "locks" / f"python-{key}"
    with lock(kept.with_suffix(".lock")):
        if not kept.is_dir():
            locked = _resolve(seed, tiers, interpreter, cache, policy, as_of)
            with place(kept, durable=False) as beside:
                write(beside, _LOCK, locked.text.encode())
                write(beside, "notes.json", json.dumps(locked.notes).encode())
    notes = json.loads((kept / "notes.json").read_bytes())
    return _Locked((kept / _LOCK).read_text(encoding="utf-8"), tuple(notes))


def _resolve(
    seed: Seed,
    tiers: tuple[tuple[str, ...], ...],
    interpreter: Interpreter,
    cache: Path,
    policy: Policy,
    as_of: str,
) -> _Locked:
    """
    The fullest set of requirements that resolves; what was given up on is a note.
    """
    notes: list[str] = []
    for requirements in tiers:
        try:
            text = uv.compile_lock(
                requirements, interpreter, cache, policy,
                leave_out=(own_name(seed),), as_of=as_of,
            )  # fmt: skip
        except SeedEnvironmentError as error:
            notes.append(f"left out, cannot be resolved: {', '.join(requirements)} ({error})")
            last = error
        else:
            return _Locked(text, tuple(notes))
    day = f" as of {as_of}" if as_of else ""
    advice = "give a later day, or name them in" if as_of else "name them in"
    raise SeedEnvironmentError(
        f"{seed.name}: its test requirements cannot be resolved{day}; {advice} "
        f"[tool.cab-tasks] packages ({last})"
    )
