"""
Globs of a manifest: which relative paths they match.
"""

from __future__ import annotations

import fnmatch
import re
from functools import lru_cache


def matches(path: str, globs: tuple[str, ...]) -> bool:
    """
    Whether a glob matches the whole path; `**/` also matches no folder, `dir/**` all below.

    A glob without a slash matches the file name at any depth, as in .gitignore.
    """
    names, paths = _compiled(globs)
    if names is not None and names.match(path.rsplit("/", 1)[-1]):
        return True
    return paths is not None and paths.match(path) is not None


@lru_cache(maxsize=256)
def _compiled(globs: tuple[str, ...]) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    names = [glob for glob in globs if "/" not in glob]
    paths = [glob for glob in globs if "/" in glob]
    paths += [glob[3:] for glob in paths if glob.startswith("**/")]
    return _union(names), _union(paths)


def _union(globs: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(map(fnmatch.translate, globs))) if globs else None
