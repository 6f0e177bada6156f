"""
Bar charts and tables of the records that the other scripts of bench/ wrote.

    python bench/chart.py [--out DIR] [--charts docs/benchmarks] [--into docs/benchmarks.md]

Charts are plain SVG, the same bytes for the same records. Tables are printed, or put between the
two markers of a page. A benchmark without a record has no heading.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import fast_lane
import floor
import growth
import long_suite
import plain_way
import python_vs_mutmut
import rust_vs_cargo_mutants
import warm_cold
from _common import CACHE, ROOT, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

SECTIONS = (
    ("Python beside mutmut", python_vs_mutmut, "python.svg"),
    ("A suite over ten seconds", long_suite, ""),
    ("Rust beside cargo-mutants", rust_vs_cargo_mutants, "rust.svg"),
    ("Tasks from nothing beside the plain way", plain_way, "tasks.svg"),
    ("Time over the floor", floor, ""),
    ("The fast lane's reach", fast_lane, ""),
    ("Warm against cold", warm_cold, ""),
    ("Growth", growth, "growth.svg"),
)
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"

WIDTH, LABELS, VALUES, BAR, GAP, TOP = 760, 250, 90, 20, 10, 44
_STYLE = (
    "text{font:13px sans-serif;fill:#24292f}.title{font-size:15px;font-weight:bold}"
    ".own{fill:#2f6f4f}.peer{fill:#a9b4bf}"
    "@media(prefers-color-scheme:dark){text{fill:#d0d7de}.own{fill:#57ab5a}.peer{fill:#59636e}}"
)


def bars(title: str, unit: str, rows: Sequence[tuple[str, float, bool]]) -> str:
    """
    A chart of (label, value, whether it is ours), one bar a row, from zero.
    """
    most = max((value for _, value, _ in rows), default=0.0) or 1.0
    height = TOP + len(rows) * (BAR + GAP)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<text class="title" x="0" y="20">{escape(title)}</text>',
    ]
    for number, (label, value, is_ours) in enumerate(rows):
        y = TOP + number * (BAR + GAP)
        length = (WIDTH - LABELS - VALUES) * value / most
        kind = "own" if is_ours else "peer"
        out += [
            f'<text x="{LABELS - 8}" y="{y + 15}" text-anchor="end">{escape(label)}</text>',
            f'<rect class="{kind}" x="{LABELS}" y="{y}" width="{length:.1f}" height="{BAR}"/>',
            f'<text x="{LABELS + length + 6:.1f}" y="{y + 15}">{_short(value)} {unit}</text>',
        ]
    return "\n".join([*out, "</svg>", ""])


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _medians(name: str, out: Path, figure: Callable[[dict[str, Any]], float]) -> dict[str, float]:
    """
    The median of a figure for each side of a record; `key #3` is a side's third run.
    """
    found: dict[str, list[float]] = {}
    for run in Record.open(out, name).runs:
        found.setdefault(run["key"].rpartition(" #")[0] or run["key"], []).append(figure(run))
    return {side: statistics.median(values) for side, values in found.items()}


def charts(out: Path) -> dict[str, str]:
    """
    File name → SVG, of the records that are there.
    """
    rates = _medians(
        python_vs_mutmut.NAME,
        out,
        lambda run: run["mutants"] / run.get("less_making_s", run["seconds"]),
    )
    rust = _medians(rust_vs_cargo_mutants.NAME, out, lambda run: run["mutants"] / run["seconds"])
    tasks = _medians(plain_way.NAME, out, lambda run: run["a_minute"])
    mutants = _medians(growth.NAME, out, lambda run: 1000 * run["screening_s"] / run["mutants"])
    drawn = {
        "python.svg": ("Python: mutants a second, mutmut's own mutants", "/s", rates, "mutmut"),
        "rust.svg": ("Rust: mutants a second, cargo-mutants' own", "/s", rust, "cargo-mutants"),
        "tasks.svg": ("Valid tasks a minute, from nothing", "/min", tasks, "plain way"),
        "growth.svg": ("Milliseconds a mutant as mutants grow", "ms", mutants, "-"),
    }
    return {
        name: bars(title, unit, [(side, value, peer not in side) for side, value in found.items()])
        for name, (title, unit, found, peer) in drawn.items()
        if found
    }


def tables(out: Path) -> str:
    """
    A heading, what was done, and the table, for each benchmark that has a record.
    """
    parts = []
    for heading, module, chart in SECTIONS:
        if not Record.open(out, module.NAME).runs:
            continue
        picture = f"![{heading}](benchmarks/{chart})\n\n" if chart else ""
        parts.append(f"### {heading}\n\n{_told(module)}\n\n{module.markdown(out)}\n\n{picture}")
        if module is warm_cold:
            parts.append(f"{warm_cold.listed(out)}\n\n")
    return "".join(parts)


def _told(module: ModuleType) -> str:
    """
    A script's docstring, as running text.
    """
    paragraphs = (module.__doc__ or "").strip().split("\n\n")
    command = f"`python bench/{Path(module.__file__ or '').name}`"
    prose = [" ".join(text.split()) for text in paragraphs if not text.startswith("    ")]
    return f"{command}: " + "\n\n".join(prose)


def put_into(page: str, text: str) -> str:
    """
    `page` with what stands between the markers replaced.
    """
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"the page needs the lines {BEGIN} and {END}")
    return f"{head}{BEGIN}\n\n{text.strip()}\n\n{END}{tail}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=CACHE / "results", help="folder of records")
    parser.add_argument("--charts", type=Path, default=ROOT / "docs/benchmarks")
    parser.add_argument("--into", type=Path, help="a page with the markers")
    arguments = parser.parse_args()
    drawn = charts(arguments.out)
    for name, text in drawn.items():
        arguments.charts.mkdir(parents=True, exist_ok=True)
        (arguments.charts / name).write_text(text)
    if arguments.into:
        page = arguments.into.read_text()
        arguments.into.write_text(put_into(page, tables(arguments.out)))
    else:
        print(tables(arguments.out))
    print(f"{len(drawn)} charts", file=sys.stderr)


if __name__ == "__main__":
    main()
