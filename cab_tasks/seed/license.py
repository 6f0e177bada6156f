"""
A repository's licence as an SPDX expression.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cab_tasks.project import read_ini, read_text, read_toml, table_at

if TYPE_CHECKING:
    from pathlib import Path

    from cab_tasks.project import Table

NONE = "NOASSERTION"  # SPDX's word for "not stated"

_CLASSIFIERS = {
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Affero General Public License v3": "AGPL-3.0-only",
    "The Unlicense (Unlicense)": "Unlicense",
    "Python Software Foundation License": "PSF-2.0",
    "zlib/libpng License": "Zlib",
}

# The sentence that only this licence has, in order: the first that is found decides.
_TEXTS = (
    ("AGPL-3.0-only", "gnu affero general public license version 3"),
    ("LGPL-3.0-only", "gnu lesser general public license version 3"),
    ("GPL-3.0-only", "gnu general public license version 3"),
    ("GPL-2.0-only", "gnu general public license version 2"),
    ("MPL-2.0", "mozilla public license version 2.0"),
    ("Apache-2.0", "apache license version 2.0"),
    ("Unlicense", "this is free and unencumbered software released into the public domain"),
    ("MIT", "permission is hereby granted, free of charge, to any person obtaining a copy"),
    ("ISC", "permission to use, copy, modify, and/or distribute this software for any purpose"),
    ("ISC", "permission to use, copy, modify, and distribute this software for any purpose"),
    ("Zlib", "this software is provided 'as-is', without any express or implied warranty"),
    ("BSD-3-Clause", "may be used to endorse or promote products derived from this software"),
    ("BSD-2-Clause", "redistribution and use in source and binary forms"),
)
_MIT_CONDITION = "the above copyright notice and this permission notice"
_ISC_CONDITION = "provided that the above copyright notice and this permission notice appear"
_FILE = re.compile(r"(?i)^(licen[cs]e|copying|unlicense)([-._].*)?$")
_SPDX = re.compile(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*")


def find_license(tree: Path) -> str:
    """
    What pyproject.toml, Cargo.toml or setup.cfg say, else what the licence files' texts are.

    Returns NOASSERTION where neither tells.
    """
    return _declared(tree) or _from_files(tree) or NONE


def _declared(tree: Path) -> str:
    cargo = read_toml(tree, "Cargo.toml")
    shared = table_at(cargo, "workspace", "package").get("license")
    stated = table_at(cargo, "package").get("license", shared)
    if not isinstance(stated, str):
        stated = shared
    if isinstance(stated, str):
        return " OR ".join(part.strip() for part in stated.split("/"))
    return _python(read_toml(tree, "pyproject.toml")) or _setup_cfg(tree)


def _python(pyproject: Table) -> str:
    project = table_at(pyproject, "project")
    poetry = table_at(pyproject, "tool", "poetry").get("license")
    stated = project.get("license", poetry)
    text = stated.get("text", "") if isinstance(stated, dict) else stated
    if isinstance(text, str) and _SPDX.fullmatch(text):
        return text
    classifiers = project.get("classifiers", [])
    return _by_classifier(item for item in classifiers if isinstance(item, str))


def _setup_cfg(tree: Path) -> str:
    config = read_ini(tree, "setup.cfg")
    stated = config.get("metadata", "license", fallback="").strip()
    if _SPDX.fullmatch(stated):
        return stated
    return _by_classifier(config.get("metadata", "classifiers", fallback="").splitlines())


def _by_classifier(classifiers: object) -> str:
    lines: list[str] = list(classifiers)  # type: ignore[call-overload]  # any iterable of them
    named = (line.rsplit(" :: ", 1)[-1].strip() for line in lines if "License ::" in line)
    return " OR ".join(sorted({_CLASSIFIERS[name] for name in named if name in _CLASSIFIERS}))


def _from_files(tree: Path) -> str:
    names = sorted(path.name for path in tree.iterdir() if _FILE.match(path.name))
    found = {_recognised(read_text(tree, name)) for name in names}
    return " OR ".join(sorted(found - {""}))


def _recognised(text: str) -> str:
    words = " ".join(re.sub(r"[*#_`]", "", text).lower().split())
    words = words.replace(", version", " version").replace("\u2019", "'")
    for identifier, sentence in _TEXTS:
        if sentence in words:
            return _exact(identifier, words)
    return ""


def _exact(identifier: str, words: str) -> str:
    if identifier == "ISC" and _ISC_CONDITION not in words:
        return "0BSD"
    if identifier == "MIT" and _MIT_CONDITION not in words:
        return "MIT-0"
    return identifier
