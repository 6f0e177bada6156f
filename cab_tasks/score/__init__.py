"""
The score of an attempt: a verdict, one axis a file, two composites, in one record.
"""

from __future__ import annotations

from cab_tasks.score.causes import HANDLING, Cause, is_infrastructure
from cab_tasks.score.left import Left, left_by, left_by_patch, left_in
from cab_tasks.score.record import Score, differences, dump_score, plain_score, read_score
from cab_tasks.score.scoring import score_attempt, score_folder, score_left, unjudged
from cab_tasks.score.store import keep as keep_attempt
from cab_tasks.score.store import kept as kept_attempt
from cab_tasks.score.store import place_of
from cab_tasks.score.told import Told, read_told

__all__ = [
    "HANDLING",
    "Cause",
    "Left",
    "Score",
    "Told",
    "differences",
    "dump_score",
    "is_infrastructure",
    "keep_attempt",
    "kept_attempt",
    "left_by",
    "left_by_patch",
    "left_in",
    "place_of",
    "plain_score",
    "read_score",
    "read_told",
    "score_attempt",
    "score_folder",
    "score_left",
    "unjudged",
]
