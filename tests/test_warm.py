"""
The warm-up of pytest: it runs, and the seed's tests see nothing of it.
"""

from __future__ import annotations

import json
import subprocess
import sys

_SCRIPT = """
import json, logging, os, signal, sys, tempfile, warnings
import pytest
from cab_tasks.suite.inject.warm import warm_up

def state():
    return {
        "tempfile": tempfile.tempdir, "path": list(sys.path), "environment": dict(os.environ),
        "filters": len(warnings.filters), "handlers": len(logging.getLogger().handlers),
        "hooks": [str(hook) for hook in sys.meta_path], "last": hasattr(sys, "last_value"),
        "alarm": str(signal.getsignal(signal.SIGALRM)), "bytecode": sys.dont_write_bytecode,
        "names": sorted({"code", "cmd", "pdb", "test_cab_warm_up"} & set(sys.modules)),
    }

before, codes = state(), []
warm_up(lambda own: codes.append(int(pytest.main(own["arguments"]))), {"path": ["/nowhere"]})
print(json.dumps([codes, before, state()]))
"""


def test_warm_up_runs_and_leaves_nothing_that_tests_could_see() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=True
    )
    codes, before, after = json.loads(done.stdout.splitlines()[-1])
    assert codes == [1]  # a third of its tests fail, as they should
    assert after == before
