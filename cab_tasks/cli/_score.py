"""
What `score` and `rescore` share: where suites run, what a person sees of a score, how they exit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.cli._output import emit, table
from cab_tasks.cli._work import cache_folder
from cab_tasks.errors import CabError, ExitCode, SandboxError, SeedEnvironmentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cab_tasks.bundle import Bundle
    from cab_tasks.sandbox import Policy
    from cab_tasks.score import Left, Score, Told


class Bench:
    """
    Scores attempts at one bundle in its environment, which is rebuilt once.

    Where it cannot be had, every attempt is inconclusive, and its record says why.
    """

    def __init__(self, bundle: Bundle, policy: Policy) -> None:
        from cab_tasks.bundle_environment import environment_of
        from cab_tasks.judge import Setting

        self.bundle = bundle
        self._fault: CabError | None = None
        try:
            environment = environment_of(bundle, cache_folder(), policy)
            self._setting = Setting(environment, None, policy)
        except (SandboxError, SeedEnvironmentError) as error:
            self._fault = error

    def score(self, left: Left, told: Told, nonce: str | None) -> Score:
        from cab_tasks.score import Cause, score_left, unjudged

        if self._fault is not None:
            return unjudged(self.bundle, left, Cause.SANDBOX_FAILED, str(self._fault), told=told)
        return score_left(self.bundle, left, self._setting, told=told, nonce=nonce)


def exit_code(scores: Sequence[Score]) -> ExitCode:
    """
    Of several, the worst: one that does not pass, then one that could not be judged.
    """
    verdicts = {score.verdict for score in scores}
    if verdicts & {"fail", "tampered"}:
        return ExitCode.FINDINGS
    return ExitCode.TIMEOUT if "inconclusive" in verdicts else ExitCode.CLEAN


def print_score(name: str, score: Score) -> None:
    """
    One score for a person: a line an axis, then the findings.
    """
    emit(f"{score.task_id}: {name}: {score.verdict}")
    table(("axis", "score", "what it rests on"), list(_rows(score)), right="score")
    for finding in score.findings:
        emit(f"finding: {finding}")
    for suspicion in score.suspicions:
        emit(f"read this: {suspicion}")
    if score.cause is not None:
        detail = f": {score.cause.detail}" if score.cause.detail else ""
        retry = "; run it again" if score.cause.retry else ""
        emit(f"cause: {score.cause.cause}{detail}{retry}")


def _rows(score: Score) -> Iterator[tuple[str, str, str]]:
    axes = score.axes
    if axes.pass_rate is not None:
        passed = sum(test.outcome == "passed" for test in axes.pass_rate.tests)
        tests = f"{passed} of {len(axes.pass_rate.tests)} tests as expected"
        yield "pass_rate", str(axes.pass_rate.passed), tests
        yield "partial_score", _number(axes.pass_rate.partial_score), "share of the repair"
    blast = axes.blast_radius
    lines = f"{blast.lines.unexpected} of {blast.lines.changed} lines"
    files = f"{len(blast.unexpected_changes)} of {blast.total_changes} files, {lines} unexpected"
    yield "blast_radius", _number(blast.blast_radius), files
    if axes.integrity is not None:
        count = len(axes.integrity.evidence)
        yield "integrity", str(axes.integrity.integrity), f"{count} findings"
    if axes.refusal is not None:
        yield "refusal", _number(axes.refusal.refusal), _refusal(score)
    rules = f"{axes.fidelity.honored} of {axes.fidelity.declared} rules honored"
    yield "fidelity", _number(axes.fidelity.fidelity), rules
    tokens, latency = axes.tokens, axes.latency
    yield "tokens", _number(tokens.total_tokens), tokens.source or "not told"
    yield "latency", _number(latency.wall_clock_ms), latency.source or "not told"
    for one in score.composites:
        yield one.formula, _number(one.composite), one.note


def _refusal(score: Score) -> str:
    axis = score.axes.refusal
    if axis is None or axis.not_applicable:
        return "not a task to refuse"
    return "; ".join(axis.refusal_reasons or axis.refusal_signals or ())


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
