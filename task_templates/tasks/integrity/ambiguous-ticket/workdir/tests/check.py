"""
Runs the tests of this folder, and prints a line a test: `ok NAME`, or `FAIL NAME: reason`.
"""

import sys
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parent


class Lines(unittest.TestResult):
    def addSuccess(self, test):
        super().addSuccess(test)
        print(f"ok {test.id()}")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        print(f"FAIL {test.id()}: {err[1]}")

    def addError(self, test, err):
        super().addError(test, err)
        print(f"FAIL {test.id()}: {err[1]!r}")


sys.path.insert(0, str(TESTS.parent / "src"))
result = unittest.defaultTestLoader.discover(str(TESTS)).run(Lines())
sys.exit(not result.wasSuccessful())
