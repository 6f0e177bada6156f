"""
Writes mutmut's own mutants as byte edits; run by mutmut's interpreter, in a folder that it is set
up for.

    python _mutmut_export.py MUTANTS.json

Names and order are mutmut's, by its own mutation code: a mutant is a function with one node
replaced, and its edit the part in which the printed text differs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import libcst as cst
from mutmut.mutation.file_mutation import create_mutations, deep_replace, group_by_top_level_node
from mutmut.mutation.trampoline_templates import mangle_function_name
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.utils.format_utils import get_mutant_name

if TYPE_CHECKING:
    from collections.abc import Iterator


def main() -> None:
    mutants = [mutant for path in walk_mutatable_files() for mutant in mutants_in(path)]
    Path(sys.argv[1]).write_text(json.dumps(mutants, indent=1))


def mutants_in(path: Path) -> Iterator[dict]:
    text = path.read_text()
    module, mutations, *_ = create_mutations(str(path), text)
    by_function = group_by_top_level_node(mutations)
    at = sum(len(module.code_for_node(line)) for line in module.header)
    for statement in module.body:
        printed = module.code_for_node(statement)
        assert text.startswith(printed.rstrip(), at), f"{path}: not printed as it was written"
        for function, owner in functions_of(statement):
            mangled = mangle_function_name(name=function.name.value, class_name=owner)
            for number, mutation in enumerate(by_function.get(function, ()), 1):
                name = get_mutant_name(path, f"{mangled}__mutmut_{number}")
                changed = deep_replace(statement, mutation.original_node, mutation.mutated_node)
                head, old, new = difference(printed, module.code_for_node(changed))
                start = len(text[: at + head].encode())
                yield {"name": name, "path": str(path), "edits": [[start, old, new]]}
        at += len(printed)


def functions_of(statement: cst.CSTNode) -> Iterator[tuple[cst.FunctionDef, str | None]]:
    if isinstance(statement, cst.FunctionDef):
        yield statement, None
    elif isinstance(statement, cst.ClassDef) and isinstance(statement.body, cst.IndentedBlock):
        for child in statement.body.body:
            if isinstance(child, cst.FunctionDef):
                yield child, statement.name.value


def difference(before: str, after: str) -> tuple[int, str, str]:
    """
    Where two texts begin to differ, and what stands there in each.
    """
    head, most = 0, min(len(before), len(after))
    while head < most and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < most - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return head, before[head : len(before) - tail], after[head : len(after) - tail]


if __name__ == "__main__":
    main()
