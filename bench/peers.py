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

# What the peers' own figures in design notes were measured with, and their newest by then.
PYTHON_PEERS = {
    "mutmut": ("mutmut==3.8.1", "pytest==9.2.0", "libcst==1.9.0", "coverage==7.17.3"),
    "cosmic-ray": ("cosmic-ray==8.7.0", "pytest==9.2.0"),
}
CARGO_MUTANTS = "27.1.0"


def home(peer: str) -> Path:
    version = CARGO_MUTANTS if peer == "cargo-mutants" else PYTHON_PEERS[peer][0].split("==")[1]
    return CACHE / f"{peer}-{version}"


def install(peer: str, more: tuple[str, ...] = ()) -> Path:
    """
    The folder with a peer's programs; `more` are packages that a suite needs beside it.
    """
    return _cargo_mutants() if peer == "cargo-mutants" else _python_peer(peer, more)


def _python_peer(peer: str, more: tuple[str, ...]) -> Path:
    uv = Path(sys.executable).with_name("uv")
    place = home(peer)
    if not (place / "bin" / peer).exists():
        subprocess.run([uv, "venv", "-q", "--clear", "--python", "3.11", place], check=True)
    python = place / "bin/python"
    wanted = [*PYTHON_PEERS[peer], *more]
    subprocess.run([uv, "pip", "install", "-q", "--python", python, *wanted], check=True)
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
