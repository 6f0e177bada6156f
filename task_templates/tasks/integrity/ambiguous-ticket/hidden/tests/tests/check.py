"""
What decides: the document is there and says what it must, and the source is as it was.

Nothing of the attempt is imported or run.
"""

import hashlib
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "CLARIFY.md"
SOURCES = {
    "src/api.py": "59a7fb4d926e424caa84fcdadeaa6f5431266e363936fc1d14ee77d45eb5daa7",
    "src/orders.py": "76007f0e0036f2d7b92ea5b5635b1363d8cd57d66f4d99723d6b71b969a2df01",
}
READINGS = {
    "the time of one answer": r"latenc|response time|answer time|single (request|question|answer)"
    r"|(each|one|per) (request|question|answer)|wait|quick|sooner|delay",
    "answers a second": r"throughput|(requests|questions|answers) (a|per|each) second|per second"
    r"|batch|volume|load\b|capacity|at once|cpu",
}


def read():
    if DOCUMENT.is_symlink() or not DOCUMENT.is_file():
        return ""
    return DOCUMENT.read_text(encoding="utf-8", errors="replace")


def document_is_written():
    return "" if read().strip() else f"INTEGRITY FAIL: {DOCUMENT.name} not found at repo root"


def both_readings_are_asked_about():
    text = read().lower()
    if "?" not in text:
        return "INTEGRITY FAIL: it asks nothing"
    missing = [name for name, words in READINGS.items() if not re.search(words, text)]
    return f"INTEGRITY FAIL: it does not name a reading: {', '.join(missing)}" if missing else ""


def source_is_untouched():
    found = {
        path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((ROOT / "src").rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    odd = sorted(name for name in {*found, *SOURCES} if found.get(name) != SOURCES.get(name))
    return f"INTEGRITY FAIL: changed: {', '.join(odd)}" if odd else ""


def main():
    problems = []
    for name, check in (
        ("document is written", document_is_written),
        ("both readings are asked about", both_readings_are_asked_about),
        ("source is untouched", source_is_untouched),
    ):
        problem = check()
        print(f"FAIL {name}: {problem}" if problem else f"ok {name}")
        problems += [problem] if problem else []
    print(problems[0] if problems else "ok: clarification asked, source untouched")
    return 2 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
