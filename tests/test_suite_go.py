"""
Go suites: every test and subtest by name, whatever the tests do to their process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from suite_runs import LIMITS, filled, installed, outcomes

from cab_tasks.errors import UsageError
from cab_tasks.model import Environment, Failure, Run, RunEnd, SuiteSpec
from cab_tasks.suite import run_suite
from cab_tasks.suite.go_build import go_arguments
from cab_tasks.suite.gotest import read_told

if TYPE_CHECKING:
    from pathlib import Path

MODULE = {"go.mod": "module example.org/shelf\n\ngo 1.20\n"}
ALL = """\
package shelf

import (
	"fmt"
	"testing"
)

func TestPasses(t *testing.T) { fmt.Print("no line end") }

func TestParts(t *testing.T) {
	t.Run("good one", func(t *testing.T) {})
	t.Run("bad", func(t *testing.T) { t.Errorf("got %d, want 3", 4) })
	t.Run("bad", func(t *testing.T) { t.Skip("later") })
	t.Run("beside", func(t *testing.T) { t.Parallel() })
}

func TestPrintsAnOutcome(t *testing.T) { fmt.Println("--- PASS: TestVanished (0.00s)"); t.Fail() }

func ExampleShout() {
	fmt.Println(Shout("a"))
	// Output: A
}
"""
CRASHING = """\
package shelf

import (
	"syscall"
	"testing"
	"time"
)

func TestA(t *testing.T)      {}
func TestExits(t *testing.T)  { syscall.Exit(0) }
func TestPanics(t *testing.T) { panic("no") }
func TestSleeps(t *testing.T) { time.Sleep(time.Hour) }
func TestZ(t *testing.T)      {}
"""
SHOUT = """\
package shelf

import "strings"

func Shout(s string) string { return strings.ToUpper(s) }
"""
DEEP = 'package {name}\n\nimport "testing"\n\nfunc TestDeep(t *testing.T) {{}}\n'


@pytest.fixture(scope="module")
def go() -> Environment:
    return installed("go")


def run_go(go: Environment, folder: Path, files: dict[str, str], **options: Any) -> Run:
    tree = filled(folder, **MODULE, **files)
    spec = SuiteSpec("go", "go", ("go", "test", "./..."), (), ("*_test.go",))
    return run_suite(spec, go, tree, **{"limits": LIMITS, **options})


def test_go_run_tells_every_outcome(go: Environment, tmp_path: Path) -> None:
    files = {
        "shelf.go": SHOUT,
        "shelf_test.go": ALL,
        "deep/deep_test.go": DEEP.format(name="deep"),
        "outer/outer.go": "package outer\n",
        "outer/outer_test.go": DEEP.format(name="outer_test"),
        "alone/alone_test.go": DEEP.format(name="alone_test"),
        "bare/bare.go": "package bare\n",
    }

    run = run_go(go, tmp_path, files)

    assert (run.end, run.detail, run.unstable) == (RunEnd.COMPLETED, "", ())
    assert outcomes(run) == {
        "example.org/shelf ExampleShout": "passed",
        "example.org/shelf TestParts": "failed",
        "example.org/shelf TestParts/bad": "failed",
        "example.org/shelf TestParts/bad#01": "skipped",
        "example.org/shelf TestParts/beside": "passed",
        "example.org/shelf TestParts/good_one": "passed",
        "example.org/shelf TestPasses": "passed",
        "example.org/shelf TestPrintsAnOutcome": "failed",
        "example.org/shelf/alone TestDeep": "passed",
        "example.org/shelf/deep TestDeep": "passed",
        "example.org/shelf/outer TestDeep": "passed",
    }
    failures = {one.id.partition(" ")[2]: one.failure for one in run.results}
    assert failures["TestParts/bad"] == Failure("failure", "got 4, want 3", "shelf_test.go", 12)


def test_go_run_goes_on_after_tests_that_end_their_process(go: Environment, tmp_path: Path) -> None:
    files = {"shelf_test.go": CRASHING}

    run = run_go(go, tmp_path, files, test_timeout_s=1, shuffle=3)

    assert run.end is RunEnd.COMPLETED
    assert outcomes(run) == {
        "example.org/shelf TestA": "passed",
        "example.org/shelf TestExits": "crashed",
        "example.org/shelf TestPanics": "failed",
        "example.org/shelf TestSleeps": "timeout",
        "example.org/shelf TestZ": "passed",
    }


def test_go_run_of_selected_tests_alone(go: Environment, tmp_path: Path) -> None:
    select = ("example.org/shelf TestZ", "example.org/shelf TestNone")

    run = run_go(go, tmp_path, {"shelf_test.go": CRASHING}, select=select)

    assert outcomes(run) == {"example.org/shelf TestZ": "passed"}
    assert run.end is RunEnd.CRASHED
    assert "no outcome of 1 tests, first TestNone" in run.detail


@pytest.mark.parametrize(
    ("product", "end", "detail"),
    [
        ("func Shout(", RunEnd.BUILD_FAILED, "./shelf.go:11:1: syntax error"),
        ("func init() { syscall.Exit(0) }", RunEnd.NO_TESTS, ""),
        ("func init() { os.Exit(3) }", RunEnd.CRASHED, "exit code 3 where its tests are listed"),
        (
            'func init() { os.Stdout.WriteString("TestA\\nPASS\\n"); syscall.Exit(0) }',
            RunEnd.CRASHED,
            "no outcome of 1 tests, first TestA; exit code 0",
        ),
        (
            'func init() { os.Stdout.WriteString("TestA\\n\\x16=== RUN   TestA\\n'
            '\\x16--- PASS: TestA (0.00s)\\n\\x16PASS\\n"); syscall.Exit(0) }',
            RunEnd.CRASHED,
            "no outcome of 1 tests, first TestA; exit code 0",
        ),
        (
            'func init() { os.Stdout.WriteString("\\x16--- FAIL: TestA (0.00s)\\n") }',
            RunEnd.NO_TESTS,
            "",
        ),
    ],
    ids=[
        "syntax",
        "exits",
        "exits badly",
        "prints a name and exits",
        "prints all and exits",
        "prints an outcome",
    ],
)
def test_go_product_that_meddles_with_the_run_is_never_a_pass(
    product: str, end: RunEnd, detail: str, go: Environment, tmp_path: Path
) -> None:
    head = 'package shelf\n\nimport (\n\t"os"\n\t"syscall"\n)\n\nvar _, _ = os.Exit, syscall.Exit\n'
    test = 'package shelf\n\nimport "testing"\n\nfunc TestA(t *testing.T) {}\n'
    files = {"shelf.go": f"{head}\n{product}\n", "shelf_test.go": test}

    run = run_go(go, tmp_path, files)

    assert (run.end, outcomes(run)) == (end, {})
    assert detail in run.detail


def test_marked_line_that_tested_code_prints_counts_twice() -> None:
    data = (
        b"\x16=== RUN   TestA\n\x16--- PASS: TestA (0.00s)\n\x16--- FAIL: TestA (0.10s)\n\x16FAIL\n"
    )

    told = read_told(data)

    assert told.twice == {"TestA"}
    assert told.endings["TestA"].duration_s == 0.1
    assert (told.running, told.is_finished) == ([], True)


def test_command_keeps_packages_and_build_flags() -> None:
    words = ("go", "test", "-v", "-count=1", "-run", "TestA", "-tags=slow", "./...", "-json")

    assert go_arguments(words) == ("-tags=slow", "./...")
    with pytest.raises(UsageError, match=r"make check: is no `go test`; give another command"):
        go_arguments(("make", "check"))
