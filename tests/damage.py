"""
Ways to damage a good bundle: bytes, tokens, values and files; the dice are an argument.
"""

from __future__ import annotations

import copy
import json
import os
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

TOKENS = (
    b"&a ", b"*a", b"!!python/object/apply:os.system ", b"!!binary ", b"!!set ", b"<<: ", b"? ",
    b"---\n", b"...\n", b"%YAML 9.9\n", b"\t", b"\r\n", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf",
    b"\xc2\x85", b"\xe2\x80\xa8", b"\xed\xa0\x80", b"{" * 40, b"[" * 400, b"- " * 40, b'"', b"'",
    b"|\n", b">\n", b": ", b"#", b"@", b"`", b"~", b"null", b"yes", b".inf", b"1e999", b"0x_",
    b"0o9", b"1:60:60", b"9" * 5000, b"2026-13-45", b"2026-01-15T25:61:00Z", b"= ", b"\x1b[31m",
    b"../", b"/", b"\\", b"\n", b"@@ -1,9999999999 +1 @@\n", b"@@ -0,0 +0,0 @@\n",
    b"--- a/x\n+++ b/x\n", b"GIT binary patch\n", b"\\ No newline at end of file\n", b"NaN",
    b"[[[[", b'{"a":', b"\\ud800", b"```", b"## Verify\n",
)  # fmt: skip

VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1e308, 2**70, "", " ", "x" * 3000, "../../etc/passwd", "/etc/passwd",
    "a\nb", "\u202e", "**", "[", "[!]", "[z-a]", "*" * 200, "a" * 500 + "*", [], {}, [[]],
    {"kind": "exec"}, {"kind": "nothing"}, [None], ["", ""], {"a": {"b": {"c": 1}}}, [1, 2, 3],
    [-5, -9], [1, 10**12], "2026-01-01", "v9", "cargo", "hidden", "CAB101",
)  # fmt: skip

NAMES = (
    b"a\nb", b"a\tb", b"\xff\xfe", b"a b ", b"dot.", b"-rf", b"$(x)", b"con", b"%2e", b"\xc3\xa9",
    b"e\xcc\x81", b"x" * 255, b".git", b"__pycache__", b"task.yaml", b"::", b"\x1b[31m", b"a,b:c%",
)  # fmt: skip


def damage_bytes(data: bytes, dice: random.Random) -> bytes:
    """
    One to six small changes: flip, cut, double, move, insert a byte or a token.
    """
    for _ in range(dice.randint(1, 6)):
        at = dice.randint(0, len(data))
        to = min(len(data), at + dice.choice((1, 1, 2, 8, 60)))
        kind = dice.randrange(6)
        if kind == 0:
            data = data[:at] + data[to:]
        elif kind == 1:
            data = data[:at] + data[at:to] * dice.choice((2, 3, 40)) + data[to:]
        elif kind == 2:
            data = data[:at] + dice.randbytes(dice.randint(1, 3)) + data[to:]
        elif kind == 3:
            other = dice.randint(0, len(data))
            data = data[:at] + data[other : other + 30] + data[at:]
        else:
            data = data[:at] + dice.choice(TOKENS) + data[at:]
    return data


def damage_values(data: bytes, dice: random.Random) -> bytes:
    """
    A YAML or JSON document in which up to three values or keys are others.
    """
    plain = yaml.safe_load(data)
    for _ in range(dice.randint(1, 3)):
        container = plain
        for _ in range(dice.randint(0, 3)):
            inner = [child for child in _children(container) if _children(child)]
            container = dice.choice(inner) if inner else container
        _damage_container(container, dice)
    if data.startswith(b"{"):
        return json.dumps(plain).encode()
    return yaml.safe_dump(plain, sort_keys=False).encode()


def _children(plain: Any) -> list[Any]:
    if isinstance(plain, dict):
        return list(plain.values())
    return list(plain) if isinstance(plain, list) else []


def _damage_container(container: Any, dice: random.Random) -> None:
    if not container:
        return
    keys = list(container) if isinstance(container, dict) else list(range(len(container)))
    key = dice.choice(keys)
    if dice.random() < 0.2:
        del container[key]
    elif isinstance(container, dict) and dice.random() < 0.2:
        container[dice.choice((key, "x", "schema", "kind", "tests", 7, None))] = container.pop(key)
    else:
        container[key] = copy.deepcopy(dice.choice(VALUES))


def damage_tree(root: Path, dice: random.Random) -> None:
    """
    One to four files deleted, added under an odd name, or made a link, a folder, a pipe.
    """
    for _ in range(dice.randint(1, 4)):
        files = [path for path in sorted(root.rglob("*")) if path.is_file() or path.is_symlink()]
        dice.choice(_TREE_DAMAGES)(dice.choice(files), dice)


def _delete(path: Path, dice: random.Random) -> None:
    path.unlink()


def _add(path: Path, dice: random.Random) -> None:
    place = os.path.join(os.fsencode(path.parent), dice.choice(NAMES))  # noqa: PTH118 - bytes
    if not os.path.lexists(place):
        with open(place, "wb") as file:  # noqa: PTH123 - bytes
            file.write(dice.choice(TOKENS))


def _link(path: Path, dice: random.Random) -> None:
    path.unlink()
    targets = ("/etc/passwd", "..", "task.yaml", "nowhere", path.name, "../../../x", "/dev/zero")
    path.symlink_to(dice.choice(targets))


def _folder(path: Path, dice: random.Random) -> None:
    path.unlink()
    path.mkdir()
    (path / "task.yaml").write_text("schema: [")


def _pipe(path: Path, dice: random.Random) -> None:
    path.unlink()
    os.mkfifo(path)


def _mode(path: Path, dice: random.Random) -> None:
    if not path.is_symlink():
        path.chmod(dice.choice((0o000, 0o444, 0o755, 0o777)))


def _empty(path: Path, dice: random.Random) -> None:
    if path.is_file() and not path.is_symlink():
        path.write_bytes(b"")


_TREE_DAMAGES: tuple[Callable[[Path, random.Random], None], ...] = (
    _delete, _add, _link, _folder, _pipe, _mode, _empty,
)  # fmt: skip
