"""
The catalogue's form, and every example of every mutator in it.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

from mutators.base import BUG_SHARE, STATE, AnyMutator, Edit, Example, Refusal, apply_edits
from mutators.registry import LANGUAGES, bridge, built_in

SUFFIX = {"python": "example.py", "rust": "src/example.rs"}
CATALOGUE = [mutator for language in LANGUAGES for mutator in built_in(language)]
EXAMPLES = [
    pytest.param(mutator, example, id=f"{mutator.code()}-{type(mutator).__name__}-{number}")
    for mutator in CATALOGUE
    for number, example in enumerate(mutator.examples)
]
each_mutator = pytest.mark.parametrize(
    "mutator", CATALOGUE, ids=[f"{item.code()}-{type(item).__name__}" for item in CATALOGUE]
)


def produced(mutator: AnyMutator, text: str) -> tuple[str, ...]:
    data = text.encode()
    source = bridge(mutator.language).parse(data, SUFFIX[mutator.language])
    assert not isinstance(source, Refusal), source
    mutants = mutator.edits(source)
    return tuple(
        apply_edits(data, (edits,) if isinstance(edits, Edit) else edits).decode()
        for edits in mutants
    )


def file_of(mutator: AnyMutator) -> Path:
    return Path(inspect.getfile(type(mutator)))


@pytest.mark.parametrize(("mutator", "example"), EXAMPLES)
def test_mutator_makes_of_its_example_all_results_in_order(
    mutator: AnyMutator, example: Example
) -> None:
    assert produced(mutator, example.before) == example.after


@pytest.mark.parametrize(("mutator", "example"), EXAMPLES)
def test_mutator_makes_another_program_that_parses(mutator: AnyMutator, example: Example) -> None:
    parse = bridge(mutator.language).parse
    before = parse(example.before.encode(), SUFFIX[mutator.language])

    for text in produced(mutator, example.before):
        after = parse(text.encode(), SUFFIX[mutator.language])

        assert not isinstance(after, Refusal), (text, after)
        assert after.fingerprint() != before.fingerprint(), text
        if mutator.language == "python":
            ast.parse(text)


@each_mutator
def test_mutator_has_an_example_that_must_not_fire_and_one_that_fires(mutator: AnyMutator) -> None:
    quiet = [example for example in mutator.examples if not example.after]
    loud = [example for example in mutator.examples if example.after]

    assert quiet
    assert loud
    assert mutator.examples[0] in quiet, "must-not-fire comes first"


@each_mutator
def test_mutator_page_has_a_sentence_under_every_heading(mutator: AnyMutator) -> None:
    page = mutator.page()

    assert sorted(page) == ["fair because", "injects", "leaves alone", "summary"]
    assert all(text.endswith(".") and len(text) > 20 for text in page.values()), page
    assert (type(mutator).__doc__ or "").startswith("\n    "), "opening quotes stand alone"


@each_mutator
def test_mutator_id_is_one_of_the_catalogue(mutator: AnyMutator) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z]+(-[a-z]+)*", mutator.id)
    assert mutator.id in STATE
    assert mutator.code() == f"{mutator.language}:{mutator.id}"
    assert mutator.cwe > 0


@each_mutator
def test_mutator_file_is_named_after_its_class(mutator: AnyMutator) -> None:
    words = re.sub(r"(?<!^)(?=[A-Z])", "_", type(mutator).__name__).lower()

    assert file_of(mutator).stem == words
    assert len(words.split("_")) >= 2, "verb and thing"


@each_mutator
def test_mutator_file_is_short_and_its_logic_shorter(mutator: AnyMutator) -> None:
    text = file_of(mutator).read_text()
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    logic = sum((node.end_lineno or 0) - node.lineno + 1 for node in functions)

    assert text.count("\n") < 80
    assert logic < 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_has_one_mutator_for_each_id(language: str) -> None:
    codes = [mutator.code() for mutator in built_in(language)]

    assert len(codes) >= 12
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_is_the_same_each_time_it_is_read(language: str) -> None:
    first, second = built_in(language), built_in(language)

    assert [item.code() for item in first] == [item.code() for item in second]
    assert [item.code() for item in first] == sorted(item.code() for item in first)


def test_catalogue_shares_are_of_known_ids() -> None:
    assert set(BUG_SHARE) <= set(STATE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_mutators_of_a_language_import_no_other_language(language: str) -> None:
    others = [name for name in LANGUAGES if name != language]
    folder = Path(str(importlib.import_module(f"mutators.{language}").__file__)).parent

    for file in sorted(folder.glob("*.py")):
        assert not any(f"mutators.{other}" in file.read_text() for other in others), file
