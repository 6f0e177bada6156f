"""
Where seeds come from: folders, repositories on disk, git URLs; and what is refused.
"""

from __future__ import annotations

from pathlib import Path

import git
import pytest

from cab_tasks import workspace
from cab_tasks.errors import SeedError
from cab_tasks.seed import take_seed

FILES = {
    "pyproject.toml": '[project]\nname = "Tiny.Sums"\nversion = "1.0"\nlicense = "MIT"\n',
    "sums.py": "def add(a, b):\n    return a + b\n",
    "test_sums.py": "from sums import add\n\ndef test_add():\n    assert add(1, 2) == 3\n",
}


def write_project(root: Path) -> Path:
    for path, text in FILES.items():
        workspace.write(root, path, text.encode())
    return root


def commit(root: Path, message: str = "one") -> git.Repo:
    repo = git.Repo.init(root)
    repo.git.add("--all")
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    date = "2024-05-06T23:30:00-0200"
    with repo.git.custom_environment(GIT_COMMITTER_DATE=date, GIT_AUTHOR_DATE=date):
        repo.git.execute(["git", *who, "commit", "-q", "--no-verify", "-m", message])
    return repo


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = write_project(tmp_path / "checkout")
    commit(root)
    return root


def test_seed_of_a_folder_has_its_files_and_no_caches(tmp_path: Path, cache: Path) -> None:
    root = write_project(tmp_path / "folder")
    workspace.write(root, "__pycache__/sums.pyc", b"\0")
    workspace.write(root, ".venv/lib/x.py", b"")
    workspace.write(root, "tiny_sums.egg-info/PKG-INFO", b"")
    workspace.write(root, "target/CACHEDIR.TAG", b"")
    workspace.write(root, "target/debug/lib.rlib", b"")
    workspace.write(root, "src/target/__init__.py", b"")

    seed = take_seed(str(root), cache=cache)

    assert workspace.paths(seed.tree) == tuple(sorted([*FILES, "src/target/__init__.py"]))
    assert (seed.name, seed.origin, seed.commit, seed.date) == ("tiny-sums", "Tiny.Sums", "", "")
    assert seed.license == "MIT"


def test_seed_of_a_checkout_is_its_last_commit(checkout: Path, cache: Path) -> None:
    workspace.write(checkout, "sums.py", b"broken = True\n")
    workspace.write(checkout, "new.py", b"")
    before = workspace.tree_hash(checkout)

    seed = take_seed(str(checkout), cache=cache)

    assert workspace.read(seed.tree, "sums.py")[1].decode() == FILES["sums.py"]
    assert seed.commit == git.Repo(checkout).head.commit.hexsha
    assert seed.date == "2024-05-07"
    assert seed.warnings == ("2 uncommitted files are not taken (--dirty takes them along)",)
    assert workspace.tree_hash(checkout) == before


def test_dirty_takes_uncommitted_files_but_not_ignored_ones(checkout: Path, cache: Path) -> None:
    workspace.write(checkout, ".gitignore", b"*.log\n")
    workspace.write(checkout, "debug.log", b"noise")
    workspace.write(checkout, "new.py", b"y = 2\n")
    (checkout / "sums.py").rename(checkout / "added.py")

    seed = take_seed(str(checkout), cache=cache, dirty=True)

    assert workspace.paths(seed.tree) == (
        *(".gitignore", "added.py", "new.py", "pyproject.toml", "test_sums.py"),
    )
    assert seed.commit.endswith("-dirty")
    assert seed.warnings == ("4 uncommitted files are taken along",)


def test_same_commit_in_another_folder_is_the_same_seed(checkout: Path, tmp_path: Path) -> None:
    git.Repo.clone_from(str(checkout), tmp_path / "elsewhere")

    here = take_seed(str(checkout), cache=tmp_path / "one")
    there = take_seed(str(tmp_path / "elsewhere"), cache=tmp_path / "two")

    assert here.tree_hash == there.tree_hash
    assert (here.name, here.origin, here.commit) == (there.name, there.origin, there.commit)
    assert str(tmp_path) not in f"{here.origin}{there.origin}"


def test_detached_worktrees_and_shallow_clones_are_taken(
    checkout: Path, tmp_path: Path, cache: Path
) -> None:
    first = git.Repo(checkout).head.commit.hexsha
    workspace.write(checkout, "later.py", b"")
    commit(checkout, "two")
    git.Repo(checkout).git.worktree("add", "--detach", str(tmp_path / "side"), first)
    git.Repo.clone_from(f"file://{checkout}", tmp_path / "shallow", depth=1)

    whole = take_seed(str(checkout), cache=cache)
    side = take_seed(str(tmp_path / "side"), cache=cache)
    shallow = take_seed(str(tmp_path / "shallow"), cache=cache)

    assert (side.commit, side.warnings) == (first, ())
    assert "later.py" not in workspace.paths(side.tree)
    assert (shallow.commit, shallow.tree_hash) == (whole.commit, whole.tree_hash)


def test_rev_of_a_url_is_taken(checkout: Path, cache: Path) -> None:
    repo = git.Repo(checkout)
    repo.create_tag("v1")
    workspace.write(checkout, "later.py", b"")
    commit(checkout, "two")

    tagged = take_seed(f"file://{checkout}@v1", cache=cache)
    newest = take_seed(f"file://{checkout}", cache=cache)
    on_disk = take_seed(f"{checkout}@v1", cache=cache)

    assert "later.py" not in workspace.paths(tagged.tree)
    assert "later.py" in workspace.paths(newest.tree)
    assert on_disk.tree_hash == tagged.tree_hash
    assert tagged.origin == "Tiny.Sums"


def test_remote_address_is_the_origin_without_its_password(checkout: Path, cache: Path) -> None:
    git.Repo(checkout).create_remote("origin", "https://me:secret@example.org/tiny/sums.git")

    seed = take_seed(str(checkout), cache=cache)

    assert seed.origin == "https://example.org/tiny/sums.git"
    assert workspace.without_credentials("git@example.org:tiny/sums") == "git@example.org:tiny/sums"


def test_taking_a_hostile_checkout_runs_nothing_of_it(checkout: Path, cache: Path) -> None:
    marker = checkout.parent / "ran"
    script = checkout.parent / "script"
    script.write_text(f"#!/bin/sh\ntouch {marker}\ncat\n")
    script.chmod(0o755)
    workspace.write(checkout, ".gitattributes", b"*.py filter=evil diff=evil\n")
    commit(checkout, "attributes")
    with git.Repo(checkout).config_writer() as config:
        config.set_value("core", "fsmonitor", str(script))
        config.set_value("core", "hooksPath", str(checkout.parent))
        config.set_value("core", "pager", str(script))
        config.set_value('filter "evil"', "clean", str(script))
        config.set_value('filter "evil"', "smudge", str(script))
        config.set_value('diff "evil"', "textconv", str(script))
        config.set_value("uploadpack", "packObjectsHook", str(script))
    for hook in ("post-checkout", "pre-commit", "reference-transaction", "post-index-change"):
        (checkout / ".git" / "hooks" / hook).write_text(f"#!/bin/sh\ntouch {marker}\n")
        (checkout / ".git" / "hooks" / hook).chmod(0o755)
    workspace.write(checkout, "sums.py", b"changed = True\n")

    seed = take_seed(str(checkout), cache=cache, dirty=True)

    assert workspace.read(seed.tree, "sums.py")[1] == b"changed = True\n"
    assert not marker.exists()
    git.Repo(checkout).git.status()
    assert marker.exists(), "the trap itself must work"


def test_submodules_are_refused(checkout: Path, cache: Path) -> None:
    head = git.Repo(checkout).head.commit.hexsha
    git.Repo(checkout).git.update_index("--add", "--cacheinfo", f"160000,{head},vendor/lib")
    git.Repo(checkout).git.commit("-qm", "sub", env={"GIT_AUTHOR_NAME": "A", "EMAIL": "a@b.c"})

    with pytest.raises(SeedError, match="vendor/lib: a git submodule"):
        take_seed(str(checkout), cache=cache)


def test_lfs_pointers_are_refused(checkout: Path, cache: Path) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
    workspace.write(checkout, "data/big.bin", pointer)
    commit(checkout, "pointer")

    with pytest.raises(SeedError, match=r"data/big\.bin: a Git LFS pointer"):
        take_seed(str(checkout), cache=cache)


def test_trees_over_the_size_limit_are_refused(checkout: Path, cache: Path) -> None:
    with pytest.raises(SeedError, match=r"bytes of files, over the limit of 100; .*--max-size"):
        take_seed(str(checkout), cache=cache, max_size=100)


def test_links_out_of_the_repository_are_refused(checkout: Path, cache: Path) -> None:
    (checkout / "passwd").symlink_to("/etc/passwd")
    commit(checkout, "link")

    with pytest.raises(SeedError, match="passwd: a link that leads out"):
        take_seed(str(checkout), cache=cache)


def test_names_that_are_not_utf8_are_refused(tmp_path: Path, cache: Path) -> None:
    root = write_project(tmp_path / "folder")
    Path(str(root) + "/caf\udce9.py").write_bytes(b"")

    with pytest.raises(SeedError, match="not UTF-8"):
        take_seed(str(root), cache=cache)


def test_committed_bytecode_is_left_out_with_a_warning(checkout: Path, cache: Path) -> None:
    workspace.write(checkout, "__pycache__/sums.pyc", b"\0")
    commit(checkout, "bytecode")

    seed = take_seed(str(checkout), cache=cache)

    assert workspace.paths(seed.tree) == tuple(FILES)
    assert seed.warnings == ("1 committed bytecode files are left out",)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("nowhere", "no such folder; give a folder, a git URL or template:NAME"),
        ("file:///nowhere/at/all", r"cannot be cloned \(fatal: .*\); check address and access"),
        ("template:nothing", "no such seed"),
    ],
)
def test_what_is_not_there_is_named(spec: str, message: str, cache: Path) -> None:
    with pytest.raises(Exception, match=message) as caught:
        take_seed(spec, cache=cache)

    assert caught.value.exit_code == 2  # type: ignore[attr-defined]  # a CabError


def test_unknown_revisions_are_named(checkout: Path, cache: Path) -> None:
    with pytest.raises(SeedError, match="v9: no such commit, tag or branch"):
        take_seed(f"{checkout}@v9", cache=cache)


def test_empty_folders_are_refused(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(SeedError, match="empty"):
        take_seed(str(tmp_path / "empty"), cache=cache)
