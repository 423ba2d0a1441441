"""What is no longer needed is let go of while nobody types (:mod:`desk.tidying`)."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from desk.tidying import QUIET, Tidying


class Knot:
    """Refers to itself: only a look finds that nobody needs it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def tidying() -> Iterator[Tidying]:
    enabled, former = gc.isenabled(), gc.get_threshold()
    found = Tidying()
    found.begin()
    yield found
    found.end()
    assert gc.get_threshold() == former
    if not enabled:
        gc.disable()


def old_knot() -> weakref.ref[Knot]:
    """One that has lived through some collections of the young; and so many of those that a look is worth while."""
    knot = Knot()
    for _ in range(20):
        gc.collect(1)
    return weakref.ref(knot)


def test_nothing_is_looked_through_while_somebody_types(tidying: Tidying) -> None:
    tidying.tidy(QUIET)  # what is loaded stays
    knot = old_knot()
    tidying.tidy(QUIET / 2)
    assert knot() is not None
    assert gc.get_threshold()[2] > 1000
    tidying.tidy(QUIET)
    assert knot() is None


def test_what_was_just_loaded_is_not_looked_through(tidying: Tidying) -> None:
    knot, before = old_knot(), gc.get_freeze_count()
    tidying.tidy(QUIET)
    assert knot() is not None
    assert gc.get_freeze_count() > before
    assert not tidying.loaded
