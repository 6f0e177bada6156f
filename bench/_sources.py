"""
The repositories and packages that are measured, pinned; fetched once, kept in the cache.

Repositories come from `--from`, a pattern with `{owner}` and `{name}`: a URL or a folder of clones.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from _common import CACHE

FROM = os.environ.get("CAB_BENCH_FROM", "https://github.com/{owner}/{name}")

REPOSITORIES = {
    "toolz": ("pytoolz", "toolz", "568c2b8393973cd172a466546c9d95779c452438"),
    "parse": ("r1chardj0n3s", "parse", "738447715c76f8ebc460b33320307faccafbc599"),
    "tinydb": ("msiemens", "tinydb", "2283a2b556d5ef361b61bae8ed89c0ce0730d7c8"),
    "humanize": ("python-humanize", "humanize", "c3a124cdeb272d7f63bc0aa66f79c6fbafd2fc6d"),
    "dacite": ("konradhalas", "dacite", "9898ccbb783e7e6a35ae165e7deb9fa84edfe21c"),
    "strsim-rs": ("rapidfuzz", "strsim-rs", "43d44436d598e7d4de576e69b5c0c488026e2777"),
    "semver": ("dtolnay", "semver", "8591f2344b52b31d85b538de58b76a676fe9ff90"),
    "predicates-rs": ("assert-rs", "predicates-rs", "c85937062f58cdaf0ba9ef9d678ed71d6a57ba53"),
}


def clone(name: str, into: Path, pattern: str = FROM) -> Path:
    """
    A fresh clone of a pinned repository, at its commit.
    """
    owner, project, commit = REPOSITORIES[name]
    bare = CACHE / "repositories" / f"{owner}+{project}"
    if not bare.is_dir():
        source = pattern.format(owner=owner, name=project)
        subprocess.run(["git", "clone", "-q", "--bare", source, bare], check=True)
    into.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "clone", "-q", bare, into], check=True)
    subprocess.run(["git", "-C", into, "checkout", "-q", commit], check=True)
    return into


def committed(tree: Path, message: str) -> None:
    """
    All changes of a clone as one commit, by nobody.
    """
    author = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"]
    git = ["git", "-C", tree, *author]
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", message], check=True)


def sdist(name: str, version: str) -> Path:
    """
    A package's source distribution, unpacked; with its tests, where it ships them.
    """
    kept = CACHE / "sdists" / f"{name}-{version}"
    if kept.is_dir():
        return kept
    with tempfile.TemporaryDirectory() as scratch:
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:"]
        subprocess.run([*pip, "-d", scratch, f"{name}=={version}"], check=True)
        archive = next(Path(scratch).iterdir())
        with tarfile.open(archive) as packed:
            packed.extractall(Path(scratch, "tree"), filter="data")
        root = next(Path(scratch, "tree").iterdir())
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(root, kept)
    return kept
