"""
What all Python mutators share: the language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from mutators.base import Mutator
from mutators.python.source import PythonSource

if TYPE_CHECKING:
    from mutators.base import Language


class PythonMutator(Mutator[PythonSource]):
    """
    A mutator that reads Python source.
    """

    language: ClassVar[Language] = "python"
