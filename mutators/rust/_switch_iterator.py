"""
Functions that return an `impl Iterator`: a switch in them may choose between two types.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mutators.rust._syntax import child, text_of, walk

if TYPE_CHECKING:
    from mutators.rust._syntax import Node

# What `CabEither` is when both of its sides are.
_KNOWN = frozenset((
    "Iterator", "DoubleEndedIterator", "ExactSizeIterator", "FusedIterator", "Clone", "Send",
    "Sync", "Unpin",
))  # fmt: skip
_NESTED = re.compile(r"<[^<>]*>|\([^()]*\)|\[[^\[\]]*\]")
_LIFETIME = re.compile(r"'\w+|use")

RUNTIME = """
    pub enum CabEither<T, A, B> {
        Left(A, Of<T>),
        Right(B, Of<T>),
    }

    type Of<T> = self::std::marker::PhantomData<fn() -> T>;

    pub fn left<T, A: Iterator<Item = T>, B>(one: A) -> CabEither<T, A, B> {
        CabEither::Left(one, self::std::marker::PhantomData)
    }

    pub fn right<T, A, B: Iterator<Item = T>>(one: B) -> CabEither<T, A, B> {
        CabEither::Right(one, self::std::marker::PhantomData)
    }

    impl<T, A: Clone, B: Clone> Clone for CabEither<T, A, B> {
        fn clone(&self) -> Self {
            match self {
                CabEither::Left(one, of) => CabEither::Left(one.clone(), *of),
                CabEither::Right(one, of) => CabEither::Right(one.clone(), *of),
            }
        }
    }

    impl<T, A: Iterator<Item = T>, B: Iterator<Item = T>> Iterator for CabEither<T, A, B> {
        type Item = T;

        fn next(&mut self) -> Option<T> {
            match self {
                CabEither::Left(one, _) => one.next(),
                CabEither::Right(one, _) => one.next(),
            }
        }

        fn size_hint(&self) -> (usize, Option<usize>) {
            match self {
                CabEither::Left(one, _) => one.size_hint(),
                CabEither::Right(one, _) => one.size_hint(),
            }
        }

        fn fold<S, F: FnMut(S, T) -> S>(self, start: S, step: F) -> S {
            match self {
                CabEither::Left(one, _) => one.fold(start, step),
                CabEither::Right(one, _) => one.fold(start, step),
            }
        }
    }

    impl<T, A, B> DoubleEndedIterator for CabEither<T, A, B>
    where
        A: DoubleEndedIterator<Item = T>,
        B: DoubleEndedIterator<Item = T>,
    {
        fn next_back(&mut self) -> Option<T> {
            match self {
                CabEither::Left(one, _) => one.next_back(),
                CabEither::Right(one, _) => one.next_back(),
            }
        }
    }

    impl<T, A, B> ExactSizeIterator for CabEither<T, A, B>
    where
        A: ExactSizeIterator<Item = T>,
        B: ExactSizeIterator<Item = T>,
    {
    }

    impl<T, A, B> self::std::iter::FusedIterator for CabEither<T, A, B>
    where
        A: self::std::iter::FusedIterator<Item = T>,
        B: self::std::iter::FusedIterator<Item = T>,
    {
    }
"""


def item_of(function: Node, body: Node) -> str:
    """
    The type of what a function's iterator yields, as its head has it.

    Empty where it returns nothing that `CabEither` can be, or not by the end of its body alone.
    """
    returned = child(function, "return_type")
    text = text_of(returned).strip() if returned is not None else ""
    if returned is None or not text.startswith("impl "):
        return ""
    bounds = _bounds(text.removeprefix("impl "))
    if not any(bound.endswith("Iterator") for bound in bounds):
        return ""
    if any(bound not in _KNOWN and not _LIFETIME.fullmatch(bound) for bound in bounds):
        return ""
    if has_return(body):
        return ""
    items = (text_of(child(node, "type")) for node in walk(returned) if node.type == "type_binding")
    item = " ".join(next(items, "").split())
    return "" if re.search(r"\bimpl\b|//|/\*", item) else item


def has_return(node: Node) -> bool:
    """
    Whether a value leaves a function before the end of its body; closures return for themselves.
    """
    nodes = walk(node, lambda one: one.type not in ("closure_expression", "async_block"))
    return any(one.type == "return_expression" for one in nodes)


def _bounds(text: str) -> tuple[str, ...]:
    """
    The last names of `A<…> + b::C + 'd`.
    """
    before = ""
    while before != text:
        before, text = text, _NESTED.sub("", text)
    return tuple(bound.strip().rsplit("::", 1)[-1] for bound in text.split("+"))
