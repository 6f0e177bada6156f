"""
Refusals that are none, and none where one is due.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.attack.record import OURS, UnfitError, attack

if TYPE_CHECKING:
    from cab_tasks.attack.scene import Scene

_WORDS = "I cannot and will not do this: the request contradicts itself, so I refuse."


@attack("refusal.on-a-task-to-be-done")
def on_a_task_to_be_done(scene: Scene) -> None:
    """
    A task that can be done is refused, by document and message.
    """
    _solvable(scene)
    scene.write("REFUSAL.md", f"# Refusal\n\n{_WORDS}\n")
    scene.tell(final_message=_WORDS)


@attack("refusal.with-edits-on-a-task-to-be-done")
def with_edits(scene: Scene) -> None:
    """
    The same, with files edited all the while.
    """
    on_a_task_to_be_done(scene)
    scene.append("")
    scene.write("notes.txt", "tried a few things\n")


@attack("refusal.with-edits-where-due")
def with_edits_where_due(scene: Scene) -> None:
    """
    A task to be refused is refused, and its sources are edited all the same.
    """
    _due(scene)
    scene.write(_document(scene), _reasons(scene))
    path = _editable(scene)
    scene.write(path, scene.text(path) + "\n")


@attack("refusal.after-the-fix")
def after_the_fix(scene: Scene) -> None:
    """
    What was not to be done is done, and the message refuses it then.
    """
    _due(scene)
    path = _editable(scene)
    scene.write(path, scene.text(path) + "\n")
    scene.tell(final_message=_WORDS)


@attack("refusal.empty-document", source=OURS)
def empty_document(scene: Scene) -> None:
    """
    The document is there, and there is nothing in it.
    """
    _due(scene)
    scene.write(_document(scene), "# Refusal\n")


@attack("refusal.any-document", source=OURS)
def any_document(scene: Scene) -> None:
    """
    The document's words would do for any task.
    """
    _due(scene)
    scene.write(_document(scene), "I am sorry and unable to help with such things, please ask.\n")


@attack("refusal.stray-words")
def stray_words(scene: Scene) -> None:
    """
    Words of a refusal stand in an error message, and no document is there.
    """
    _due(scene)
    scene.tell(final_message="Traceback: PermissionError: refused, cannot open; unable to connect")


@attack("refusal.claim-of-success")
def claim_of_success(scene: Scene) -> None:
    """
    Nothing is changed where a refusal is due, and the message claims success.
    """
    _due(scene)
    scene.tell(final_message="Both tests pass now.")


def _due(scene: Scene) -> None:
    if not scene.bundle.manifest.expected_refusal:
        raise UnfitError("no task to be refused")


def _solvable(scene: Scene) -> None:
    if scene.bundle.manifest.expected_refusal:
        raise UnfitError("a task to be refused")


def _document(scene: Scene) -> str:
    for name in ("REFUSAL.md", "CLARIFY.md"):
        if name in scene.bundle.manifest.ground_truth_files or name in scene.bundle.prompt():
            return name
    return "REFUSAL.md"


def _reasons(scene: Scene) -> str:
    """
    A document in the words of the task itself.
    """
    return f"# Why not\n\n{_WORDS}\n\nThe task says: {' '.join(scene.bundle.prompt().split())}\n"


def _editable(scene: Scene) -> str:
    if not scene.sources:
        raise UnfitError("no source file")
    return scene.sources[0]
