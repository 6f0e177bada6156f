"""
A `cargo test` command as a person types it, made fit for a measured run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from cab_tasks.errors import UsageError

# Ours to set, or good for nothing but a person's eyes.
_CARGO_FLAGS = frozenset(
    ("--no-run", "--no-fail-fast", "--offline", "--frozen", "-q", "--quiet", "--timings")
)
_CARGO_VALUED = frozenset(("--message-format", "--target-dir", "--color"))
_TEST_FLAGS = frozenset(
    ("--nocapture", "--no-capture", "--show-output", "-q", "--quiet", "--list", "--report-time")
)
_TEST_VALUED = frozenset(("--format", "--color", "--logfile", "--shuffle-seed", "-Z"))


@dataclass(frozen=True, slots=True)
class CargoCommand:
    """
    Words for cargo and, behind `--`, for the test programs.
    """

    cargo: tuple[str, ...]
    tests: tuple[str, ...]


def cargo_command(command: tuple[str, ...]) -> CargoCommand:
    """
    What of a command counts.

    Raises:
        UsageError: it is no `cargo test`.
    """
    names = [PurePosixPath(word).name for word in command]
    words = command[names.index("cargo") + 1 :] if "cargo" in names else ()
    words = words[1:] if words and words[0].startswith("+") else words
    verb = next((at for at, word in enumerate(words) if word in ("test", "t")), None)
    if verb is None:
        raise UsageError(f"{' '.join(command)}: is no `cargo test`; give another command")
    before, after = words[:verb], words[verb + 1 :]
    split = after.index("--") if "--" in after else len(after)
    return CargoCommand(
        _kept((*before, "test", *after[:split]), _CARGO_FLAGS, _CARGO_VALUED),
        _kept(after[split + 1 :], _TEST_FLAGS, _TEST_VALUED),
    )


def _kept(words: tuple[str, ...], flags: frozenset[str], valued: frozenset[str]) -> tuple[str, ...]:
    kept = []
    left = list(words)
    while left:
        word = left.pop(0)
        if word.partition("=")[0] in valued:
            del left[: "=" not in word]
        elif word not in flags and not re.fullmatch(r"-Z\w.*", word):
            kept.append(word)
    return tuple(kept)
