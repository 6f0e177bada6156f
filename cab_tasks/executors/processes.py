"""
Processes on this machine, for pure Python work over many small things.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")
Item = TypeVar("Item")
CHUNK = 16  # a pool costs about as much as reading 30 bundles


def map_in_processes(
    call: Callable[[Item], T], items: Sequence[Item], jobs: int, *, chunk: int = CHUNK
) -> Iterator[T]:
    """
    `call` of every item, in order; with one job, or few items, in this process.

    `chunk` items travel at once: more for small work.
    """
    if jobs == 1 or len(items) < 2 * chunk:
        yield from map(call, items)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(call, items, chunksize=chunk)
