"""
Recipes: what is embedded, and what a wrong one is answered with.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from cab_tasks.errors import UsageError
from cab_tasks.recipe import read_recipe, recipes
from cab_tasks.templates import recipe_paths, seed_path
from mutators.base import Refusal, apply_edits
from mutators.registry import bridge, built_in

if TYPE_CHECKING:
    from pathlib import Path

    from cab_tasks.recipe import Recipe

GOOD = """\
task_id: mutations/shop-total
title: Totals are wrong
seed: shop
mutator: python:num.arith
place:
  path: src/shop.py
  symbol: total
  old: "return a + b"
  new: "return a - b"
visibility: visible
prompt_level: symptoms
max_turns: 8
timeout_s: 600
"""


def written(text: str, folder: Path) -> Path:
    path = folder / "mutations" / "shop-total" / "recipe.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def candidates(recipe: Recipe) -> list[tuple[str, str]]:
    """
    (mutator's class, symbol) of every edit that the recipe's mutators offer and that is its bug.
    """
    language, _, wanted = recipe.mutator.partition(":")
    data = (seed_path(recipe.seed) / recipe.place.path).read_bytes()
    source = bridge(language).parse(data, recipe.place.path)
    assert not isinstance(source, Refusal)
    found = []
    for mutator in built_in(language):
        for offered in mutator.edits(source) if mutator.id == wanted else ():
            edits = offered if isinstance(offered, tuple) else (offered,)
            symbol = source.symbol_at(edits[0].start)
            if recipe.makes(recipe.place.path, data, apply_edits(data, edits)):
                found.append((type(mutator).__name__, symbol.name if symbol else ""))
    return found


def test_recipes_are_the_two_published_tasks() -> None:
    assert [(recipe.task_id, recipe.seed, recipe.mutator) for recipe in recipes()] == [
        ("mutations/python-comparator-swap", "python-sorter", "python:key.compare"),
        ("mutations/rust-error-negated", "rust-retry", "rust:err.invert"),
    ]
    assert {(recipe.visibility, recipe.prompt_level) for recipe in recipes()} == {
        ("visible", "published")
    }
    assert all(recipe.mutation for recipe in recipes())


@pytest.mark.parametrize("path", recipe_paths(), ids=lambda path: path.parent.name)
def test_exactly_one_edit_of_its_mutator_is_the_bug_of_a_recipe(path: Path) -> None:
    recipe = read_recipe(path)

    found = candidates(recipe)

    assert [symbol for _, symbol in found] == [recipe.place.symbol]


def test_recipe_is_read_with_defaults(tmp_path: Path) -> None:
    recipe = read_recipe(written(GOOD, tmp_path))

    assert (recipe.mutation, recipe.constraints, recipe.task_added_date) == ("", (), None)
    assert (recipe.place.old, recipe.place.new) == ("return a + b", "return a - b")


def test_recipe_takes_a_date_and_constraints(tmp_path: Path) -> None:
    more = "task_added_date: 2026-02-03\nconstraints:\n- {kind: no-comments-added, max_added: 2}\n"

    recipe = read_recipe(written(GOOD + more, tmp_path))

    assert recipe.task_added_date == datetime.date(2026, 2, 3)
    assert [constraint.model_dump() for constraint in recipe.constraints] == [
        {"kind": "no-comments-added", "max_added": 2}
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("title: T", "titel: T", 2, "titel: unknown key"),
        ("  symbol: total\n", "", 5, "place.symbol: missing key"),
        ("seed: shop\n", "", 1, "seed: missing key"),
        ("max_turns: 8", "max_turns: many", 12, "max_turns: Input should be a valid integer"),
        ("timeout_s: 600", "timeout_s: 0", 13, "timeout_s: Input should be greater than 0"),
        (
            "visibility: visible",
            "visibility: open",
            10,
            "visibility: Input should be 'hidden' or 'visible'",
        ),
        ('old: "return a + b"', "old: a: b", 8, "mapping values are not allowed in this context"),
        (
            "timeout_s: 600",
            "timeout_s: 600\nconstraints:\n- kind: no-new-dependency\n- kind: be-nice",
            16,
            "constraints.1: Input tag 'be-nice' found",
        ),
    ],
)
def test_wrong_recipe_is_told_with_file_and_line(
    old: str, new: str, line: int, problem: str, tmp_path: Path
) -> None:
    path = written(GOOD.replace(old, new), tmp_path)

    with pytest.raises(UsageError) as error:
        read_recipe(path)

    assert str(error.value).startswith(f"{path}:{line}: {problem}")


def test_recipe_in_another_folder_than_its_id_is_refused(tmp_path: Path) -> None:
    path = written(GOOD.replace("shop-total", "shop-sum"), tmp_path)

    with pytest.raises(UsageError) as error:
        read_recipe(path)

    assert str(error.value) == (
        f"{path}: task_id is mutations/shop-sum, its folder is mutations/shop-total"
    )


def test_missing_empty_and_undecodable_recipes_are_told(tmp_path: Path) -> None:
    missing = tmp_path / "mutations" / "none" / "recipe.yaml"
    latin = written("", tmp_path)

    with pytest.raises(UsageError, match=r"No such file or directory$"):
        read_recipe(missing)
    with pytest.raises(UsageError, match=r"recipe.yaml:1: .*valid dictionary"):
        read_recipe(latin)
    latin.write_bytes(b"title: \xe9\n")
    with pytest.raises(UsageError, match=r"not UTF-8 at byte 7$"):
        read_recipe(latin)


def test_recipe_knows_its_bug_however_the_edit_is_cut(tmp_path: Path) -> None:
    recipe = read_recipe(written(GOOD, tmp_path))
    before = b"def total(a, b):\n    return a + b\n\n\ndef more(a, b):\n    return a + b + 1\n"

    assert recipe.makes("src/shop.py", before, before.replace(b"a + b\n", b"a - b\n"))
    assert not recipe.makes("src/other.py", before, before.replace(b"a + b\n", b"a - b\n"))
    assert not recipe.makes("src/shop.py", before, before)
    assert not recipe.makes("src/shop.py", before, before.replace(b"a + b\n", b"a * b\n"))
    assert not recipe.makes("src/shop.py", before, before.replace(b"+ 1", b"- 1"))
    assert not recipe.makes("src/shop.py", before, before.replace(b"a + b", b"a - b"))
