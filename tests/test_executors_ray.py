"""
Trials on a Ray cluster of two nodes: the local output, nothing lost with a node, nothing left over.
"""

from __future__ import annotations

import filecmp
import functools
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cab_tasks.errors import ExitCode, UsageError, WorkerDiedError
from cab_tasks.executors.ray import Need, RayPool

if TYPE_CHECKING:
    from collections.abc import Iterator

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
cluster_utils = pytest.importorskip("ray.cluster_utils", reason="needs pip install cab-tasks[ray]")

SEED = "template:python-inventory"
STORE_BYTES = 100 << 20


@pytest.fixture(scope="module")
def caches(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """
    A cache for the driver and one for each node, as on three machines.
    """
    return {name: tmp_path_factory.mktemp(name) for name in ("driver", "first", "second")}


class TwoNodes:
    """
    A cluster whose second node can be taken away, and is there again for the next test.
    """

    def __init__(self, caches: dict[str, Path]) -> None:
        self._second_cache = caches["second"]
        self._cluster = cluster_utils.Cluster(
            initialize_head=True, head_node_args=_node(caches["first"])
        )
        self.address: str = self._cluster.address
        self._second: Any = None

    def complete(self) -> TwoNodes:
        if self._second is None:
            self._second = self._cluster.add_node(**_node(self._second_cache))
        return self

    def lose_second(self) -> None:
        self._cluster.remove_node(self._second, allow_graceful=False)
        self._second = None

    def end(self) -> None:
        self._cluster.shutdown()


def _node(cache: Path) -> dict[str, Any]:
    variables = {
        "CAB_TASKS_CACHE": str(cache),
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path[1:]]),
        "RAY_worker_niceness": "0",
    }
    return {"num_cpus": 1, "env_vars": variables, "object_store_memory": STORE_BYTES}


@pytest.fixture(scope="module")
def two_nodes(caches: dict[str, Path]) -> Iterator[TwoNodes]:
    nodes = TwoNodes(caches)
    yield nodes
    nodes.end()


@pytest.fixture
def cluster(two_nodes: TwoNodes) -> TwoNodes:
    return two_nodes.complete()


class Place:
    """
    A slot that counts its calls, and says in a folder that it was made and closed.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self.folder = folder
        self.number = number
        self.calls = 0
        (folder / f"made-{number}").touch()

    def close(self) -> None:
        (self.folder / f"closed-{self.number}").touch()

    def count(self) -> tuple[int, int]:
        self.calls += 1
        time.sleep(0.05)
        return os.getpid(), self.calls

    def fail(self) -> None:
        raise UsageError("as asked")

    def die_once(self) -> str:
        mark = self.folder / "died"
        if mark.exists():
            return "lived"
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
        return "never"

    def die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def sleep(self) -> None:
        try:
            (self.folder / f"begun-{os.getpid()}").touch()
            for _ in range(600):
                time.sleep(0.1)
        finally:
            (self.folder / f"unwound-{os.getpid()}").touch()


def pool(folder: Path, cluster: TwoNodes, **more: Any) -> RayPool:
    return RayPool(functools.partial(Place, folder), address=cluster.address, **more)


def numbers(folder: Path, what: str) -> set[int]:
    return {int(path.name.removeprefix(f"{what}-")) for path in folder.glob(f"{what}-*")}


def test_a_slot_lives_from_call_to_call_and_is_closed_at_the_end(
    cluster: TwoNodes, tmp_path: Path
) -> None:
    with pool(tmp_path, cluster) as executor:
        for number in range(40):
            executor.submit(number, Place.count)
        found = dict(executor.next() for _ in range(40))

    made = numbers(tmp_path, "made")
    assert sorted(found) == list(range(40))
    assert {pid for pid, _ in found.values()} == made
    calls = Counter(pid for pid, _ in found.values())
    assert {pid: max(n for p, n in found.values() if p == pid) for pid in made} == calls
    assert numbers(tmp_path, "closed") == made
    assert len(made) == 2


def test_what_a_call_raises_is_raised_again_and_the_slot_lives(
    cluster: TwoNodes, tmp_path: Path
) -> None:
    with pool(tmp_path, cluster, workers=1) as executor:
        executor.submit("a", Place.fail)
        with pytest.raises(UsageError, match=r"^as asked$"):
            executor.next()
        executor.submit("b", Place.count)
        assert executor.next()[0] == "b"

    assert numbers(tmp_path, "closed") == numbers(tmp_path, "made")


def test_a_call_whose_process_is_killed_is_made_again(cluster: TwoNodes, tmp_path: Path) -> None:
    with pool(tmp_path, cluster) as executor:
        executor.submit("a", Place.die_once)
        assert executor.next() == ("a", "lived")
        executor.submit("b", Place.die)
        with pytest.raises(WorkerDiedError, match="no worker of the cluster could end a call"):
            executor.next()


def test_leaving_early_unwinds_what_runs_and_closes_the_slots(
    cluster: TwoNodes, tmp_path: Path
) -> None:
    with pool(tmp_path, cluster) as executor:
        for number in range(6):
            executor.submit(number, Place.sleep)
        while len(numbers(tmp_path, "begun")) < 2:
            time.sleep(0.05)
        left = time.monotonic()
    assert time.monotonic() - left < 15

    begun = numbers(tmp_path, "begun")
    time.sleep(0.5)
    assert numbers(tmp_path, "begun") == begun  # nothing that waited was begun after all
    assert numbers(tmp_path, "unwound") == begun


def test_calls_at_once_are_as_many_as_the_cluster_feeds(cluster: TwoNodes, tmp_path: Path) -> None:
    with pool(tmp_path, cluster) as executor:
        assert executor.workers == 2
    with pool(tmp_path, cluster, workers=1) as executor:
        assert executor.workers == 1
    # No node has that much: a call then takes the largest one whole.
    with pool(tmp_path, cluster, need=Need(cpus=8, memory_bytes=1 << 60)) as executor:
        assert executor.workers == 1
        executor.submit("a", Place.count)
        assert executor.next()[0] == "a"


def cab(cache: Path, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "cab_tasks", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "CAB_TASKS_CACHE": str(cache)},
        start_new_session=True,
    )


def ended(process: subprocess.Popen[str], code: int = 0) -> str:
    """
    What a command wrote to stdout.
    """
    out, err = process.communicate(timeout=300)
    assert process.returncode == code, out + err
    return out


def generated(cache: Path, out: Path, *more: object) -> subprocess.Popen[str]:
    return cab(cache, "generate", SEED, "--count", 4, "--out", out, "--json", *more)


@pytest.fixture(scope="module")
def local(caches: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("local") / "tasks"
    ended(generated(caches["driver"], out))
    return out


def different(one: Path, other: Path) -> list[str]:
    """
    Paths that are in one tree only, or whose bytes or kind differ.
    """
    trees = [{path.relative_to(root) for path in root.rglob("*")} for root in (one, other)]
    assert trees[0]
    files = [path for path in trees[0] & trees[1] if not (one / path).is_dir()]
    _, unequal, odd = filecmp.cmpfiles(one, other, map(str, files), shallow=False)
    return [*map(str, trees[0] ^ trees[1]), *unequal, *odd]


def timeless(records: str) -> list[dict[str, Any]]:
    return [{**json.loads(line), "seconds": None} for line in records.splitlines()]


def journal(cache: Path) -> list[tuple[str, str]]:
    (path,) = (cache / "journals").glob("*.jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [(line["mutant"], line["stage"]) for line in lines]


def test_two_nodes_give_the_bytes_that_one_machine_gives(
    cluster: TwoNodes, caches: dict[str, Path], local: Path, tmp_path: Path
) -> None:
    ray = ("--executor", "ray", "--address", cluster.address)
    out = ended(generated(caches["driver"], tmp_path / "out", *ray))

    assert [json.loads(line)["type"] for line in out.splitlines()] == ["trial"] * 4 + ["summary"]
    assert different(local, tmp_path / "out") == []
    for name in ("first", "second"):  # each node unpacked the seed, and built its environment
        assert list(caches[name].glob("environments/*/pyvenv.cfg"))
        assert list(caches[name].glob("trees/*/pyproject.toml"))


def test_screen_on_two_nodes_says_what_one_machine_says(
    cluster: TwoNodes, caches: dict[str, Path]
) -> None:
    words = ("screen", SEED, "--limit", 12, "--json")
    local = ended(cab(caches["driver"], *words))
    ray = ended(cab(caches["driver"], *words, "--executor", "ray", "--address", cluster.address))

    assert len(local.splitlines()) == 13
    assert timeless(ray) == timeless(local)


def test_a_node_killed_in_the_middle_loses_and_doubles_nothing(
    cluster: TwoNodes, caches: dict[str, Path], local: Path, tmp_path: Path
) -> None:
    ray = ("--executor", "ray", "--address", cluster.address)
    before = {path: path.stat().st_mtime_ns for path in caches["driver"].glob("journals/*.jsonl")}
    running = generated(caches["driver"], tmp_path / "out", *ray)
    while not any(
        path.stat().st_mtime_ns != before.get(path) and path.stat().st_size
        for path in caches["driver"].glob("journals/*.jsonl")
    ):
        assert running.poll() is None
        time.sleep(0.05)

    cluster.lose_second()
    out = ended(running)

    assert {json.loads(line)["type"] for line in out.splitlines()} == {"trial", "summary"}
    assert different(local, tmp_path / "out") == []
    assert max(Counter(journal(caches["driver"])).values()) == 1


def processes_of(session: int) -> list[str]:
    """
    Names of the processes of a session, those that ended but were not waited for left out.
    """
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = stat.read_text().rsplit(")", 1)
        except (FileNotFoundError, ProcessLookupError):
            continue
        fields = rest.split()
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(name)
    return found


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_a_cluster_of_ours_ends_with_us(
    caches: dict[str, Path], local: Path, tmp_path: Path, number: signal.Signals
) -> None:
    running = generated(caches["driver"], tmp_path / "out", "--executor", "ray", "-j", 2)
    # While the cluster is starting: half of one must not stay, either.
    while "raylet" not in str(processes_of(running.pid)):
        assert running.poll() is None
        time.sleep(0.1)

    os.kill(running.pid, number)
    _, err = running.communicate(timeout=60)
    deadline = time.monotonic() + 20
    while processes_of(running.pid) and time.monotonic() < deadline:
        time.sleep(0.1)

    assert processes_of(running.pid) == []
    assert running.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}[number], err


def test_a_wrong_call_is_told_before_any_work(caches: dict[str, Path], tmp_path: Path) -> None:
    for more, told in (
        (("--executor", "cloud"), "--executor cloud: give local or ray"),
        (("--address", "auto"), "--address auto: of a Ray cluster; give --executor ray, too"),
    ):
        running = generated(caches["driver"], tmp_path, *more)
        out, err = running.communicate(timeout=60)
        assert (running.returncode, out) == (ExitCode.USAGE, "")
        assert err == f"cab-tasks: error: {told}\n"


def test_without_ray_the_error_says_what_to_install(tmp_path: Path) -> None:
    # None in sys.modules is how Python marks a module that is not there.
    code = "import sys; sys.modules['ray'] = None; from cab_tasks.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "generate", SEED, "--executor", "ray", "--out", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert done.stderr == ("cab-tasks: error: Ray is not installed: pip install 'cab-tasks[ray]'\n")
