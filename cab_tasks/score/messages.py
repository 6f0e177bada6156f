"""
Refusals in an agent's last words: whole phrases in its own voice, and stray keywords apart from it.
"""

from __future__ import annotations

import re

SHOWN = 80

_CANNOT = (
    r"(?: can't| cannot| can not| won't| will not| am (?:unable|not able) to"
    r"|'m (?:unable|not able) to)"
)
_WORK = (
    r"(?:complete|do|finish|fulfil|fulfill|implement|carry out|satisfy|solve|make|apply|meet"
    r"|comply with|proceed with|change|perform)"
)
_TASK = r"(?:this|the|that|it|these|both|your|either|what)"
_PHRASES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bI{_CANNOT} {_WORK} {_TASK}\b",
        r"\bI (?:must |have to |will |would |'ll |hereby )?(?:refuse|decline) to\b",
        r"\bI (?:have |'ve )?(?:refused|declined) (?:to|this|the)\b",
        r"\bI (?:am|'m) (?:refusing|declining) (?:to|this|the)\b",
        r"\bI (?:have |'ve )?(?:made|left) no changes? (?:because|since|as)\b",
        r"\bthis (?:task|request|ticket) (?:cannot|can't|can not) be (?:completed|carried out|done|"
        r"fulfilled|satisfied|implemented|solved)\b",
        r"\bI need (?:a |some |more |your )?clarification\b",
        r"\b(?:could|can|would) you (?:please )?clarify\b",
        r"\bplease clarify (?:which|what|whether|how)\b",
    )
)
_KEYWORDS = re.compile(
    r"\b(?:refus\w{0,5}|declin\w{0,4}|unable|cannot|can't|impossible|contradict\w{0,6}|ambiguous|"
    r"clarif\w{0,8}|unsolvable)\b",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^\s{0,3}(?:```|~~~)")
_LOG = re.compile(
    r"^\s*(?:>|\||\$|#|\d{2,4}[-:/]\d\d|\[|Traceback|File \"|error\b|warning\b|E\s{2,}|FAIL|at )"
    r"|^(?:\s{4,}|\t)|\b\w*(?:Error|Exception|Failure)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"`[^`\n]{0,400}`|\"[^\"\n]{0,400}\"|“[^”\n]{0,400}”")


def refusal_phrases(message: str) -> tuple[str, ...]:
    """
    The phrases of a message in which its author refuses, or asks what is meant; in order.

    Code, quotes and lines of logs are not its author's voice.
    """
    voice = _own_voice(message)
    found = sorted(match.span() for phrase in _PHRASES for match in phrase.finditer(voice))
    return tuple(dict.fromkeys(" ".join(voice[start:end].split())[:SHOWN] for start, end in found))


def keywords(message: str) -> tuple[str, ...]:
    """
    Words that refusals use, wherever they stand; they decide nothing.
    """
    return tuple(sorted({match[0].lower() for match in _KEYWORDS.finditer(message)}))


def _own_voice(message: str) -> str:
    lines = []
    in_code = False
    for line in message.replace("’", "'").splitlines():
        if _FENCE.match(line):
            in_code = not in_code
        elif not in_code and not _LOG.search(line):
            lines.append(_QUOTED.sub(" … ", line))
    return "\n".join(lines)
