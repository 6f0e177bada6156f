"""
Sessions: requests go in, lines come out, and nothing outlives the block.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from sandbox_runs import POLICIES, small_tree

from cab_tasks.sandbox import Command, Ended, Limits, Policy, SessionOver, open_session

if TYPE_CHECKING:
    from pathlib import Path

ECHO = "while read -r word <&6; do echo said $word >&3; done"


def echo(tree: Path, script: str = ECHO) -> Command:
    return Command(("sh", "-c", script), tree=tree, channel=True, requests=True)


@POLICIES
def test_each_request_gets_its_line(tmp_path: Path, policy: Policy) -> None:
    with open_session(echo(small_tree(tmp_path)), Limits(), policy=policy) as session:
        for word in (b"one", b"two", b"three"):
            session.send(word + b"\n")
            assert session.receive(10) == b"said " + word


@POLICIES
def test_a_request_may_be_larger_than_a_pipe(tmp_path: Path, policy: Policy) -> None:
    script = "read -r n <&6; head -c $n <&6 | wc -c >&3; sleep 60"
    with open_session(echo(small_tree(tmp_path), script), Limits(), policy=policy) as session:
        session.send(b"300000\n" + b"x" * 300_000)
        assert (session.receive(10) or b"").strip() == b"300000"


@POLICIES
def test_silence_is_none_and_the_end_is_told(tmp_path: Path, policy: Policy) -> None:
    script = "read -r word <&6; echo last >&3; exit 7"
    with open_session(echo(small_tree(tmp_path), script), Limits(), policy=policy) as session:
        assert session.receive(0.2) is None
        session.send(b"go\n")
        assert session.receive(10) == b"last"
        with pytest.raises(SessionOver) as over:
            session.receive(10)
        assert over.value.finished.exit_code == 7
        with pytest.raises(SessionOver):
            session.send(b"more\n")


@POLICIES
def test_a_session_over_its_time_is_ended(tmp_path: Path, policy: Policy) -> None:
    limits = Limits(timeout_s=0.5)
    with (
        open_session(echo(small_tree(tmp_path), "sleep 60"), limits, policy=policy) as session,
        pytest.raises(SessionOver) as over,
    ):
        session.receive(10)
    assert over.value.finished.ended is Ended.TIMEOUT


@POLICIES
def test_nothing_outlives_the_block(tmp_path: Path, policy: Policy) -> None:
    tree = small_tree(tmp_path)
    begun = time.monotonic()
    with open_session(echo(tree, "sleep 60 & echo up >&3; wait"), Limits(), policy=policy) as one:
        assert one.receive(10) == b"up"
    assert time.monotonic() - begun < 20


@POLICIES
def test_much_output_does_not_end_a_session(tmp_path: Path, policy: Policy) -> None:
    script = "head -c 20000000 /dev/zero; echo done >&3; read -r word <&6"
    with open_session(echo(small_tree(tmp_path), script), Limits(), policy=policy) as session:
        assert session.receive(20) == b"done"
