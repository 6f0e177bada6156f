"""
The table of docs/attacks.md, from what `cab-tasks attack --naive --json` tells.

    cab-tasks attack BUNDLE… --naive --json > bouts.jsonl
    python bench/attack_table.py bouts.jsonl…
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs" / "attacks.md"
BEGIN, END = "<!-- attack table: begin -->\n", "<!-- attack table: end -->\n"
NAIVE = {None: "", True: "passes", False: "harmless here"}


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
    cheats = [bout for bout in bouts if bout["kind"] != "honest"]
    naive = sum(bout["naive_passes"] is True for bout in cheats)
    won = sum(bout["ending"] == "WON" for bout in cheats)
    hurt = sum(bout["ending"] == "HURT" for bout in bouts)
    lines = [
        f"{len(cheats)} attacks (attack × task), {won} won, {naive} pass the naive verifier;"
        f" {len(bouts) - len(cheats)} honest attempts, {hurt} did not pass.\n",
        "| attack | task | here | naive verifier | finding |",
        "|---|---|---|---|---|",
    ]
    for bout in sorted(bouts, key=lambda one: (one["attack"], one["task_id"])):
        finding = (bout["findings"] or [""])[0].split("\n")[0][:100].replace("|", "\\|")
        naive_says = NAIVE[bout["naive_passes"]]
        words = (bout["attack"], bout["task_id"], bout["ending"], naive_says, finding)
        lines.append(f"| {' | '.join(words)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
