"""
Git repositories, read from a bare clone of ours: no checkout, hook, filter or user setting.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import urlsplit, urlunsplit

from cab_tasks.errors import BundleError, SeedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import git

_SAFE = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_COUNT": "0",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
}
_SETTINGS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.attributesFile": os.devnull,
    "submodule.recurse": "false",
    "safe.directory": "*",
    "gc.auto": "0",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One path of a commit's tree. `mode` as in git: 0o100644, 0o100755, 0o120000, 0o160000.
    """

    path: bytes
    mode: int
    oid: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Repository:
    """
    A bare clone that is ours.
    """

    git_dir: Path

    def commit(self, rev: str) -> str:
        """
        The commit that a branch, tag or hash names.

        Raises:
            SeedError: none does.
        """
        names = (rev, f"refs/heads/{rev}", f"refs/tags/{rev}", f"refs/remotes/origin/{rev}")
        for name in names if not rev.startswith("-") else ():
            found = self._try("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
            if found:
                return found
        raise SeedError(f"{rev}: no such commit, tag or branch; name one that the repository has")

    def has(self, commit: str) -> bool:
        """Whether a commit is in this clone."""
        return bool(self._try("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}"))

    def date(self, commit: str) -> str:
        """The committer's date in UTC, YYYY-MM-DD."""
        seconds = int(self._try("show", "-s", "--no-show-signature", "--format=%ct", commit))
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")

    def nearest_tag(self, commit: str) -> str:
        """The last tag before a commit, empty if there is none."""
        return self._try("describe", "--tags", "--abbrev=0", commit)

    def entries(self, commit: str) -> tuple[Entry, ...]:
        """Every path of a commit, in git's order."""
        listing = self._run("ls-tree", "-r", "-l", "-z", "--full-tree", commit)
        return tuple(_entry(line) for line in listing.split(b"\0") if line)

    def blobs(self, entries: tuple[Entry, ...]) -> Iterator[tuple[Entry, bytes]]:
        """The bytes of files and links, through one `cat-file --batch`."""
        with tempfile.TemporaryFile() as names:
            names.write("".join(f"{entry.oid}\n" for entry in entries).encode())
            names.seek(0)
            output = self._run("cat-file", "--batch", istream=cast("BinaryIO", names))
        at = 0
        for entry in entries:
            start = output.index(b"\n", at) + 1
            at = start + entry.size_bytes
            yield entry, output[start:at]
            at += 1  # the line end after each

    def unignored(self, work_tree: Path) -> tuple[bytes, ...]:
        """
        Paths in a working folder that its ignore files do not hide, tracked or not.

        Reads the folder only: neither its `.git` nor anything configured there takes part.
        """
        listing = self._run(
            f"--work-tree={work_tree}", "ls-files", "--others", "--exclude-standard", "-z"
        )
        return tuple(path for path in listing.split(b"\0") if path and not path.endswith(b"/"))

    def _run(self, *arguments: str, istream: BinaryIO | None = None) -> bytes:
        output = _git(self.git_dir).execute(
            ["git", *_options(), f"--git-dir={self.git_dir}", *arguments],
            istream=istream,
            stdout_as_string=False,
            strip_newline_in_stdout=False,
        )
        return bytes(output)

    def _try(self, *arguments: str) -> str:
        import git

        try:
            return self._run(*arguments).decode("utf-8", "replace").strip()
        except git.GitCommandError:
            return ""


def clone(url: str, git_dir: Path) -> Repository:
    """
    Clone a repository, bare, with all branches and tags; `git_dir` must not exist yet.

    Raises:
        SeedError: it cannot be cloned.
    """
    import git

    order = ["git", *_options(), "clone", "--quiet", "--bare", "--no-local", "--template="]
    try:
        _git(git_dir.parent).execute([*order, "--no-recurse-submodules", "--", url, str(git_dir)])
    except git.GitCommandError as error:
        shutil.rmtree(git_dir, ignore_errors=True)
        public = without_credentials(url)
        reason = _reason(str(error.stderr)).replace(url, public)
        raise SeedError(
            f"{public}: cannot be cloned ({reason}); check address and access"
        ) from error
    return Repository(git_dir)


def remote_url(git_dir: Path) -> str:
    """
    The address that a repository calls origin, empty if it has none.
    """
    import git

    order = ["git", "config", "--no-includes", "--file", str(git_dir / "config")]
    try:
        return str(_git(git_dir).execute([*order, "--get", "remote.origin.url"]))
    except git.GitCommandError:
        return ""


def without_credentials(url: str) -> str:
    """
    An address as others may see it.
    """
    if "://" not in url:
        return url
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rsplit("@", 1)[-1], parts.path, "", ""))


def _git(folder: Path) -> git.Git:
    import git

    runner = git.Git(str(folder))
    runner.update_environment(**_SAFE)
    return runner


def _options() -> list[str]:
    return [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]


def _entry(line: bytes) -> Entry:
    facts, path = line.split(b"\t", 1)
    mode, _, oid, size = facts.split()
    return Entry(path, int(mode, 8), oid.decode(), 0 if size == b"-" else int(size))


def _reason(text: str) -> str:
    """
    What git said of a failure; GitPython wraps its words in `stderr: '…'`.
    """
    lines = text.strip().removeprefix("stderr:").strip("' \n").splitlines()
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return (fatal or lines or ["git said nothing"])[0]


def commit_all(folder: Path, message: str) -> str:
    """
    Make a folder of ours a git repository with one commit of all that is in it.

    Names and times are constants, so the same files give the same commit id. Returns that id.

    Raises:
        BundleError: there is a repository already; git would do what its settings and hooks say.
    """
    if os.path.lexists(folder / ".git"):
        raise BundleError("holds a .git of its own", str(folder))
    constant = {
        "GIT_AUTHOR_NAME": "cab-tasks", "GIT_AUTHOR_EMAIL": "cab-tasks@localhost",
        "GIT_AUTHOR_DATE": "2000-01-01T00:00:00Z", "GIT_COMMITTER_NAME": "cab-tasks",
        "GIT_COMMITTER_EMAIL": "cab-tasks@localhost", "GIT_COMMITTER_DATE": "2000-01-01T00:00:00Z",
    }  # fmt: skip
    runner = _git(folder)
    runner.update_environment(**constant)
    order = ["git", *_options()]
    runner.execute([*order, "init", "--quiet", "--template=", "--initial-branch=main"])
    # Forced: an ignore file of the seed must not keep a file of the task out of the commit.
    runner.execute([*order, "-c", "core.autocrlf=false", "add", "--all", "--force"])
    runner.execute([*order, "-c", "commit.gpgSign=false", "commit", "--quiet", "-m", message])
    return str(runner.execute([*order, "rev-parse", "HEAD"]))
