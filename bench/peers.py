"""
Installs the peers at pinned versions, each in a place of its own below the cache.

    python bench/peers.py [mutmut] [cosmic-ray] [cargo-mutants]
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from _common import CACHE

from cab_tasks.environment.interpreter import choose_interpreter

# What the peers' own figures in design notes were measured with, and their newest by then.
PYTHON_PEERS = {
    "mutmut": ("mutmut==3.8.1", "pytest==9.2.0", "libcst==1.9.0", "coverage==7.17.3"),
    "cosmic-ray": ("cosmic-ray==8.7.0", "pytest==9.2.0"),
}
CARGO_MUTANTS = "27.1.0"
PYTHON = "3.11"


def home(peer: str, python: str = PYTHON) -> Path:
    if peer == "cargo-mutants":
        return CACHE / f"{peer}-{CARGO_MUTANTS}"
    return CACHE / f"{peer}-{PYTHON_PEERS[peer][0].split('==')[1]}-py{python}"


def install(peer: str, python: str = PYTHON) -> Path:
    """
    The folder with a peer's programs; installed there if they are not yet.
    """
    return _cargo_mutants() if peer == "cargo-mutants" else _python_peer(peer, python)


def _python_peer(peer: str, python: str) -> Path:
    uv = Path(sys.executable).with_name("uv")
    place = home(peer, python)
    if not (place / "bin" / peer).exists():
        base = choose_interpreter(python).path  # the one that our own environments stand on
        subprocess.run([uv, "venv", "-q", "--clear", "--python", base, place], check=True)
        own = ["--python", place / "bin/python", *PYTHON_PEERS[peer]]
        subprocess.run([uv, "pip", "install", "-q", *own], check=True)
    return place / "bin"


def _cargo_mutants() -> Path:
    place = home("cargo-mutants")
    if not (place / "bin/cargo-mutants").exists():
        if not shutil.which("cargo"):
            raise SystemExit("cargo-mutants needs cargo; it is not here")
        pinned = ["cargo-mutants", "--version", CARGO_MUTANTS, "--locked"]
        subprocess.run(["cargo", "install", "-q", *pinned, "--root", place], check=True)
    return place / "bin"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    everything = [*PYTHON_PEERS, "cargo-mutants"]
    parser.add_argument("peers", nargs="*", choices=everything, default=everything)
    for peer in parser.parse_args().peers:
        print(f"{peer}: {install(peer).parent.name}")


if __name__ == "__main__":
    main()
