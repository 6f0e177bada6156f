"""
The command line's shell: what each call prints on both streams, and how it ends.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
import typer

from cab_tasks import __version__
from cab_tasks.cli import main as shell
from cab_tasks.cli._errors import BUG_HINT, ErrorReport
from cab_tasks.errors import BaselineError, CabError, ExitCode, SeedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEAVY = ("git", "jinja2", "libcst", "pydantic", "rich", "tree_sitter", "yaml")

RUN = "from cab_tasks.cli.main import main; main()"


def call(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """
    One call of `cab-tasks` in a process of its own.
    """
    return subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "120", **variables},
    )


def options(command: object, path: str) -> Iterator[tuple[str, str | None]]:
    """
    Every option and argument of a command and those below it, with its help.
    """
    for param in getattr(command, "params", ()):
        yield f"{path} {param.name}", getattr(param, "help", None)
    for name, below in getattr(command, "commands", {}).items():
        yield from options(below, f"{path} {name}")


def test_help_names_every_command_that_is_not_hidden() -> None:
    done = call("--help")

    shown = [line.split()[0] for line in done.stdout.split("Commands:\n")[1].splitlines()]
    assert shown == [name for name, entry in shell.COMMANDS.items() if not entry.hidden]
    assert "..." not in done.stdout.split("Commands:\n")[1]
    assert (done.returncode, done.stderr) == (0, "")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from cab_tasks.cli.main import main\n"
        "try: main()\n"
        "finally: print(sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=True
    )

    assert [name for name in HEAVY if f"'{name}'" in done.stderr] == []
    assert "'typer'" in done.stderr


@pytest.mark.parametrize("name", shell.COMMANDS)
def test_help_of_a_command_loads_neither_parser_nor_git(name: str) -> None:
    code = (
        "import sys\n"
        "from cab_tasks.cli.main import main\n"
        "try: main()\n"
        "finally: print([name for name in sys.modules if '.' not in name], file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, name, "--help"], capture_output=True, text=True, check=True
    )

    assert done.stdout.startswith(f"Usage: cab-tasks {name} ")
    assert [
        heavy for heavy in ("git", "libcst", "tree_sitter") if f"'{heavy}'" in done.stderr
    ] == []


def test_help_takes_under_300_ms_of_processor() -> None:
    def spent() -> float:
        before = os.times()
        subprocess.run([sys.executable, "-c", RUN, "--help"], capture_output=True, check=True)
        after = os.times()
        return (after.children_user + after.children_system) - (
            before.children_user + before.children_system
        )

    # Processor time of the best of three: wall time on a busy machine says nothing of us.
    assert min(spent() for _ in range(3)) < 0.3


def test_version_is_the_packages() -> None:
    done = call("--version")

    assert (done.returncode, done.stdout, done.stderr) == (0, f"cab-tasks {__version__}\n", "")


@pytest.mark.parametrize("name", shell.COMMANDS)
def test_command_can_be_loaded_and_says_what_it_does(name: str) -> None:
    command = shell.load(name)

    assert command.name == name
    assert command.help


@pytest.mark.parametrize("name", shell.COMMANDS)
def test_every_option_and_argument_has_help(name: str) -> None:
    without = [where for where, text in options(shell.load(name), name) if not text]

    assert without == []


def test_every_global_option_has_help() -> None:
    group = typer.main.get_command(shell.root)

    assert [param.name for param in group.params if not getattr(param, "help", None)] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["--nope"], "No such option", id="unknown option"),
        pytest.param(["valdate"], "Did you mean 'validate'?", id="mistyped command"),
        pytest.param(["schema", "--nope"], "No such option", id="unknown option of a command"),
        pytest.param(["mutators", "nope.nope"], "no such mutator", id="unknown mutator"),
        pytest.param(["mutators", "--language", "cobol"], "python, rust", id="unknown language"),
        pytest.param(["mutators", "--mutator-path", "/nope.py"], "/nope.py", id="missing file"),
        pytest.param(["rule", "CAB999"], "no such rule", id="unknown rule"),
    ],
)
def test_wrong_call_exits_2_and_says_why(arguments: list[str], said: str) -> None:
    done = call(*arguments)

    assert done.returncode == ExitCode.USAGE
    assert done.stdout == ""
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_call_without_arguments_shows_help() -> None:
    done = call()

    assert done.returncode == ExitCode.USAGE
    assert "Commands:" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(UsageError("a: b"), 2, id="usage"),
        pytest.param(SeedError("a: b"), 2, id="seed"),
        pytest.param(BaselineError("a: b"), 3, id="baseline"),
    ],
)
def test_error_of_ours_becomes_one_line_and_its_code(
    error: CabError, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    error.add_note("do this")

    with pytest.raises(SystemExit) as ended, ErrorReport():
        raise error

    assert ended.value.code == code
    assert capsys.readouterr().err == "cab-tasks: error: a: b\n  hint: do this\n"


def test_error_of_many_lines_is_told_on_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit), ErrorReport():
        raise UsageError("first\n  second")

    assert capsys.readouterr().err == "cab-tasks: error: first second\n"


def test_any_other_error_is_called_our_bug(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, ErrorReport():
        raise ZeroDivisionError("by nought")

    assert ended.value.code == ExitCode.BUG
    told = f"this is our bug: ZeroDivisionError: by nought\n  hint: {BUG_HINT}\n"
    assert capsys.readouterr().err == f"cab-tasks: error: {told}"


def test_debug_shows_the_traceback_and_keeps_the_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = ErrorReport()
    report.debug = True

    with pytest.raises(SystemExit) as ended, report:
        raise SeedError("a: b")

    assert ended.value.code == ExitCode.USAGE
    told = capsys.readouterr().err
    assert told.startswith("Traceback")
    assert told.endswith("SeedError: a: b\n")


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        pytest.param(["--debug", "mutators", "nope"], {}, id="flag"),
        pytest.param(["mutators", "nope"], {"CAB_TASKS_DEBUG": "1"}, id="environment"),
    ],
)
def test_debug_can_be_asked_for(arguments: list[str], variables: dict[str, str]) -> None:
    done = call(*arguments, **variables)

    assert done.returncode == ExitCode.USAGE
    assert "Traceback" in done.stderr


def test_interrupt_exits_130_without_traceback() -> None:
    code = (
        "import time\n"
        "from cab_tasks.cli import main, schema\n"
        "def command() -> None:\n"
        "    'Sleep.'\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(60)\n"
        "schema.command = command\n"
        "main.main()"
    )

    with subprocess.Popen(
        [sys.executable, "-c", code, "schema"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=30)

    assert (process.returncode, told) == (130, "cab-tasks: interrupted\n")
    assert time.monotonic() - began < 10


def test_schema_prints_a_json_schema_that_accepts_what_we_write() -> None:
    done = call("schema")

    schema = json.loads(done.stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "task_id" in schema["required"]
    assert (done.returncode, done.stderr) == (0, "")


def test_seeds_lists_the_embedded_ones() -> None:
    done = call("seeds", "--json")

    seeds = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"python-sorter", "rust-retry"} <= {seed["name"] for seed in seeds}
    assert all(seed["spec"] == f"template:{seed['name']}" for seed in seeds)
    assert {seed["language"] for seed in seeds} == {"python", "rust"}
    assert all(seed["about"] for seed in seeds)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("language", ["python", "rust"])
def test_mutators_are_listed_alike_as_table_and_as_json(language: str) -> None:
    as_table = call("mutators", "--language", language).stdout.splitlines()
    as_json = [
        json.loads(line)
        for line in call("mutators", "--language", language, "--json").stdout.splitlines()
    ]

    assert [line.split()[0] for line in as_table[1:]] == [one["code"] for one in as_json]
    assert len(as_json) >= 12
    assert {one["language"] for one in as_json} == {language}


def test_mutator_page_tells_what_why_and_examples() -> None:
    done = call("mutators", "rust:cond.boundary")

    page = done.stdout
    assert page.startswith("# rust:cond.boundary\n")
    headings = ["**Injects:**", "**Fair because:**", "**Leaves alone:**", "## Makes of"]
    assert [heading for heading in headings if heading not in page] == []
    assert (done.returncode, done.stderr) == (0, "")


def test_mutators_of_a_users_file_are_listed_too(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "from mutators.base import Example, Mutator\n"
        "class LoseSemicolon(Mutator):\n"
        "    '''\n    Lose a semicolon.\n    '''\n"
        "    id, cwe, language = 'stmt.mine', 670, 'rust'\n"
        "    examples = (Example('a', after=()),)\n"
        "    def edits(self, source): return iter(())\n"
    )

    done = call("mutators", "rust:stmt.mine", "--mutator-path", str(file))

    assert (done.returncode, done.stderr) == (0, "")
    assert "Lose a semicolon." in done.stdout


def test_rules_have_a_page_each() -> None:
    listed = [json.loads(line) for line in call("rule", "--json").stdout.splitlines()]
    first = call("rule", listed[0]["code"])

    assert len(listed) >= 30
    assert len({rule["code"] for rule in listed}) == len(listed)
    assert all(rule["summary"] and rule["page"] for rule in listed)
    assert first.stdout == listed[0]["page"].rstrip() + "\n"
    assert (first.returncode, first.stderr) == (0, "")
