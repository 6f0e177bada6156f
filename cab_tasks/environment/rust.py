"""
Rust environments: a cargo home with the locked crates, and the real toolchain's folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks.environment.record import LOCKS, environment_files, files_key
from cab_tasks.environment.tools import prefix_mounts, run_tool
from cab_tasks.errors import SeedEnvironmentError
from cab_tasks.model import Environment
from cab_tasks.project import Table, read_text, read_toml, table_at
from cab_tasks.sandbox import Mount, Policy
from cab_tasks.workspace import copy_tree, lock, paths, place, read, write

if TYPE_CHECKING:
    from cab_tasks.environment.record import Files
    from cab_tasks.model import Seed

_LOCK = LOCKS["rust"]
_SCRATCH = "/cab/scratch"
_HOME = "/cab/cargo"
_TOOLCHAIN_FILES = ("rust-toolchain.toml", "rust-toolchain")
_CHANNEL = re.compile(r"""channel\s*=\s*["']([^"']+)|\A\s*([\w.-]+)\s*\Z""")
# The tables of a user's cargo settings that say where crates come from; never credentials.
_PUBLIC_TABLES = ("source",)
_TARGETS = {
    "lib": "src/lib.rs",
    "bin": "src/bin/{name}.rs",
    "test": "tests/{name}.rs",
    "bench": "benches/{name}.rs",
    "example": "examples/{name}.rs",
}


@dataclass(frozen=True, slots=True)
class Toolchain:
    """
    A Rust toolchain's own folder (never rustup's shims); `name` is `rustc 1.95.0`.
    """

    root: Path
    name: str
    host: str  # `x86_64-unknown-linux-gnu`

    @property
    def cargo(self) -> str:
        return str(self.root / "bin" / "cargo")


def build_rust(seed: Seed, cache: Path, policy: Policy) -> Environment:
    """
    The environment that a crate's tests need: its Cargo.lock, made where it has none, fetched.

    Raises:
        SeedEnvironmentError: no toolchain, or a crate cannot be had.
    """
    toolchain = find_toolchain(policy)
    text = _lock_of(seed, toolchain, cache, policy)
    manifests = [(f"manifests/{path}", data) for path, data in _manifests(seed.tree)]
    files = environment_files("rust", toolchain.name, [(_LOCK, text), *manifests])
    return _installed(files, toolchain, cache, policy, _toolchain_notes(seed.tree, toolchain))


def rebuild_rust(files: Files, toolchain: str, cache: Path, policy: Policy) -> Environment:
    """
    The same environment from a bundle's files; another release of Rust is a note.

    Raises:
        SeedEnvironmentError: no toolchain, or a crate is gone.
    """
    found = find_toolchain(policy)
    note = f"built with {found.name}, recorded is {toolchain}"
    return _installed(files, found, cache, policy, (note,) if found.name != toolchain else ())


def find_toolchain(policy: Policy = Policy.AUTO) -> Toolchain:
    """
    The toolchain that `rustc` on the PATH stands for.

    Raises:
        SeedEnvironmentError: there is none.
    """
    rustc = shutil.which("rustc")
    if rustc is None:
        raise SeedEnvironmentError("no rustc on the PATH; install Rust (rustup.rs) and try again")
    return _inspected(Path(rustc), policy)


@lru_cache(maxsize=8)
def _inspected(rustc: Path, policy: Policy) -> Toolchain:
    home = Path(os.environ.get("RUSTUP_HOME", Path.home() / ".rustup"))
    shims = (Mount(rustc.parent, "/cab/shims"), Mount(home, str(home))) if home.is_dir() else ()
    program = "/cab/shims/rustc" if shims else str(rustc)
    sysroot = _said((program, "--print", "sysroot"), shims, (("RUSTUP_HOME", str(home)),), policy)
    root = Path(sysroot)
    text = _said((f"{root}/bin/rustc", "-vV"), prefix_mounts(root), (), policy)
    version, host = re.match(r"rustc \S+", text), re.search(r"(?m)^host: (\S+)", text)
    if version is None or host is None or not (root / "bin" / "cargo").exists():
        raise SeedEnvironmentError(f"{root}: no complete Rust toolchain; it needs rustc and cargo")
    return Toolchain(root, version[0], host[1])


def _said(
    argv: tuple[str, ...],
    mounts: tuple[Mount, ...],
    env: tuple[tuple[str, str], ...],
    policy: Policy,
) -> str:
    what = f"{argv[0]} {argv[1]}"
    finished = run_tool(argv, what=what, policy=policy, mounts=mounts, env=env, network=False)
    return finished.stdout.decode().strip()


def _lock_of(seed: Seed, toolchain: Toolchain, cache: Path, policy: Policy) -> bytes:
    """
    The seed's own Cargo.lock, else one that is made once: later runs need no network.
    """
    if (seed.tree / _LOCK).is_file():
        return read(seed.tree, _LOCK)[1]
    facts = "".join(f"{path} {data!r}" for path, data in _manifests(seed.tree)) + toolchain.name
    kept = cache / "locks" / f"rust-{hashlib.sha256(facts.encode()).hexdigest()[:24]}"
    with lock(kept.with_suffix(".lock")):
        if not kept.is_dir():
            with tempfile.TemporaryDirectory(dir=cache) as home, place(kept, durable=False) as out:
                write(out, _LOCK, _generate(seed.tree, toolchain, Path(home), policy))
    return read(kept, _LOCK)[1]


def _generate(tree: Path, toolchain: Toolchain, home: Path, policy: Policy) -> bytes:
    with tempfile.TemporaryDirectory() as scratch:
        copy_tree(tree, Path(scratch))
        _cargo(("generate-lockfile",), "locking the crates", Path(scratch), toolchain, home, policy)
        return read(Path(scratch), _LOCK)[1]


def _manifests(tree: Path) -> list[tuple[str, bytes]]:
    """
    What cargo must see to resolve: manifests as they are, cargo's settings.
    """
    names = [
        path
        for path in paths(tree)
        if path.endswith(("Cargo.toml", ".cargo/config.toml", ".cargo/config"))
    ]
    return [(path, read(tree, path)[1]) for path in names]


def _installed(
    files: Files, toolchain: Toolchain, cache: Path, policy: Policy, notes: tuple[str, ...]
) -> Environment:
    key = files_key(files)
    root = cache / "environments" / f"rust-{hashlib.sha256(key.encode()).hexdigest()[:24]}"
    with lock(root.with_suffix(".lock")):
        if not root.is_dir():
            with place(root, durable=False) as beside:
                _fetch(dict(files), toolchain, beside, policy)
    return Environment(
        language="rust", key=key, root=root, toolchain=toolchain.name, files=files, notes=notes
    )


def _fetch(files: dict[str, bytes], toolchain: Toolchain, root: Path, policy: Policy) -> None:
    """
    Download the locked crates into a cargo home, from manifests alone: no source is needed.
    """
    if _LOCK not in files:
        raise SeedEnvironmentError(f"the environment has no {_LOCK}; it names the crates to fetch")
    if settings := _user_settings():
        write(root, "config.toml", settings)
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch)
        for path, data in files.items():
            if path.startswith("manifests/"):
                write(tree, path.removeprefix("manifests/"), data)
        for path in _stubs(tree):
            write(tree, path, b"")
        write(tree, _LOCK, files[_LOCK])
        order = ("fetch", "--locked", "--target", toolchain.host)
        _cargo(order, "fetching the crates", tree, toolchain, root, policy)


def _cargo(
    order: tuple[str, ...],
    what: str,
    tree: Path,
    toolchain: Toolchain,
    home: Path,
    policy: Policy,
) -> None:
    run_tool(
        (toolchain.cargo, *order),
        what=what,
        policy=policy,
        cwd=_SCRATCH,
        env=(("CARGO_HOME", _HOME), ("RUSTC", str(toolchain.root / "bin" / "rustc"))),
        mounts=(
            *prefix_mounts(toolchain.root),
            Mount(tree, _SCRATCH, writable=True),
            Mount(home, _HOME, writable=True),
        ),
    )


def _stubs(tree: Path) -> set[str]:
    """
    The target files without which cargo reads no manifest; empty ones do.
    """
    found: set[str] = set()
    for manifest in (path for path in paths(tree) if path.endswith("Cargo.toml")):
        folder = manifest.removesuffix("Cargo.toml")
        table = read_toml(tree, manifest)
        if "package" in table:
            found.add(f"{folder}src/lib.rs")
        for kind, where in _TARGETS.items():
            stated = table.get(kind, [])
            targets = [stated] if isinstance(stated, dict) else stated
            found.update(f"{folder}{_target_path(target, where)}" for target in targets)
    inside = (path for path in found if not path.startswith("/") and ".." not in path)
    return {path for path in inside if not (tree / path).exists()}


def _target_path(target: Table, where: str) -> str:
    return str(target.get("path", where.format(name=target.get("name", "lib"))))


def _user_settings() -> bytes:
    """
    Where the user's cargo settings say that crates come from: the home that tests see needs it too.
    """
    home = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
    table = read_toml(home, "config.toml")
    lines: list[str] = []
    for name in _PUBLIC_TABLES:
        for key, value in table_at(table, name).items():
            inner = value if isinstance(value, dict) else {}
            lines.append(f"[{name}.{json.dumps(key)}]")
            lines += [f"{json.dumps(word)} = {json.dumps(item)}" for word, item in inner.items()]
    return "".join(f"{line}\n" for line in lines).encode()


def _toolchain_notes(tree: Path, toolchain: Toolchain) -> tuple[str, ...]:
    for name in _TOOLCHAIN_FILES:
        text = read_text(tree, name)
        asked = _CHANNEL.search(text)
        channel = (asked[1] or asked[2]) if asked else "stable"
        if channel not in ("stable", toolchain.name.split()[1]):
            return (f"{name} asks for {channel}, used is {toolchain.name}",)
    return ()
