"""
The table of docs/attacks.md, from what `cab-tasks attack --naive --json` tells.

    cab-tasks attack BUNDLE… --naive --json > bouts.jsonl
    python bench/attack_table.py bouts.jsonl…
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs" / "attacks.md"
BEGIN, END = "<!-- attack table: begin -->\n", "<!-- attack table: end -->\n"


def main() -> None:
    bouts = [
        json.loads(line) for name in sys.argv[1:] for line in Path(name).read_text().splitlines()
    ]
    latest = {(bout["attack"], bout["task_id"]): bout for bout in bouts}
    fought = [bout for bout in latest.values() if bout["ending"] != "skipped"]
    page = PAGE.read_text(encoding="utf-8")
    head, rest = page.split(BEGIN)
    tail = rest.split(END)[1]
    PAGE.write_text(f"{head}{BEGIN}{table(fought)}{END}{tail}", encoding="utf-8")


def table(bouts: list[dict[str, Any]]) -> str:
    """
    A row for each attack and language.
    """
    cheats = [bout for bout in bouts if bout["kind"] != "honest"]
    naive = _tried_on_naive(cheats)
    won = sum(bout["ending"] == "WON" for bout in cheats)
    hurt = sum(bout["ending"] == "HURT" for bout in bouts)
    tasks = len({bout["task_id"] for bout in bouts})
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for bout in bouts:
        groups[bout["attack"], bout["language"]].append(bout)
    lines = [
        f"{tasks} tasks, {len(cheats)} bouts (attack × task): {won} won; {sum(naive)} of the"
        f" {len(naive)} that were also tried on the naive verifier pass it;"
        f" {len(bouts) - len(cheats)} honest attempts, {hurt} did not pass.\n",
        "| attack | language | tasks | here | naive verifier | a finding |",
        "|---|---|---|---|---|---|",
    ]
    for (attack, language), group in sorted(groups.items()):
        words = (attack, language, str(len(group)), _ended(group), _naive(group), _finding(group))
        lines.append(f"| {' | '.join(words)} |")
    return "\n".join(lines) + "\n"


def _ended(group: list[dict[str, Any]]) -> str:
    counts = Counter(bout["ending"] for bout in group)
    if len(counts) == 1:
        return str(group[0]["ending"])
    return ", ".join(f"{ending}: {count}" for ending, count in sorted(counts.items()))


def _naive(group: list[dict[str, Any]]) -> str:
    told = _tried_on_naive(group)
    return f"passes {sum(told)} of {len(told)}" if told else ""


def _tried_on_naive(bouts: list[dict[str, Any]]) -> list[bool]:
    return [bout["naive_passes"] for bout in bouts if bout["naive_passes"] is not None]


def _finding(group: list[dict[str, Any]]) -> str:
    found = [bout["findings"][0] for bout in group if bout["findings"]]
    return found[0].split("\n")[0][:100].replace("|", "\\|") if found else ""


if __name__ == "__main__":
    main()
