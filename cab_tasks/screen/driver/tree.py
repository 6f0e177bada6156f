"""
The folders that tests write to, put back as they were.
"""

from __future__ import annotations

import os
import shutil

# ruff: noqa: PTH103, PTH108, PTH112, PTH114, PTH116, PTH118, PTH208
# Paths are strings: this runs for every mutant.

_FILES_EACH_TIME = 500  # a look at a file takes a few microseconds
_TURNS = 16  # with more files than that, files are looked at every so many times


class Tree:
    """
    The seed's tree and its pristine copy. A new file or folder is seen at once, by its folder.
    """

    def __init__(self, root: str, pristine: str) -> None:
        self._root, self._pristine = root, pristine
        self._turn = 0
        self._folders: dict[str, int] = {}
        self._files: dict[str, tuple[int, int, int]] = {}
        self._look()

    def put_back(self) -> bool:
        """
        Whether anything had changed.
        """
        self._turn += 1
        is_changed = any(_time_of(path) != time for path, time in self._folders.items())
        if not is_changed and (len(self._files) <= _FILES_EACH_TIME or self._turn % _TURNS == 0):
            is_changed = any(_facts(path) != facts for path, facts in self._files.items())
        if is_changed:
            self._restore()
            self._look()
        return is_changed

    def _look(self) -> None:
        self._folders.clear()
        self._files.clear()
        for folder, _, names in os.walk(self._root):
            self._folders[folder] = _time_of(folder)
            for name in names:
                path = os.path.join(folder, name)
                self._files[path] = _facts(path)

    def _restore(self) -> None:
        for folder, folders, names in os.walk(self._root):
            own = self._pristine + folder.removeprefix(self._root)
            for name in (*names, *folders):
                path = os.path.join(folder, name)
                if not os.path.lexists(os.path.join(own, name)):
                    remove(path)
            folders[:] = [name for name in folders if os.path.isdir(os.path.join(folder, name))]
        for folder, folders, names in os.walk(self._pristine):
            here = self._root + folder.removeprefix(self._pristine)
            os.makedirs(here, exist_ok=True)
            for name in names:
                self._restore_file(os.path.join(folder, name), os.path.join(here, name))
            for name in folders:
                if os.path.islink(os.path.join(folder, name)):
                    self._restore_file(os.path.join(folder, name), os.path.join(here, name))

    def _restore_file(self, source: str, path: str) -> None:
        if os.path.lexists(path) and self._files.get(path) == _facts(path):
            return
        if os.path.lexists(path):
            remove(path)
        shutil.copy2(source, path, follow_symlinks=False)


class Scratch:
    """
    Folders where anything new is thrown away.
    """

    def __init__(self, folders: tuple[str, ...]) -> None:
        self._before = {folder: set(os.listdir(folder)) for folder in folders}

    def clear(self) -> None:
        for folder, before in self._before.items():
            for name in os.listdir(folder):
                if name not in before:
                    remove(os.path.join(folder, name))


def remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def _time_of(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return -1


def _facts(path: str) -> tuple[int, int, int]:
    try:
        found = os.lstat(path)
    except OSError:
        return (-1, -1, -1)
    return (found.st_mtime_ns, found.st_size, found.st_mode)
