"""What a ``where`` asks of a fact: a literal, any of several, at least, at most, not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from desk.conditions import Where

DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("test", "holds", "fails"),
    [
        ("yes", ["yes"], ["no", "", True, 1, None]),
        (True, [True], [False, 1, 1.0, "true", None]),
        (False, [False], [True, 0, 0.0, "", None]),
        (1, [1, 1.0], [2, True, "1", None]),
        (0, [0, 0.0], [1, False, "", None]),
        (1.5, [1.5], [1, 2, True, None]),
        (2.0, [2, 2.0], [1, None]),
        (DAY, [DAY], [date(2026, 3, 3), "2026-03-02", 0, None]),
        (["a", "b"], ["a", "b"], ["c", "", 1, None]),
        ([], [], ["a", 1, None]),
        (["a", 1, True], ["a", 1, 1.0, True], ["b", 2, False, None]),
        ([DAY, "a"], [DAY, "a"], [date(2026, 3, 3), "b", 1, None]),
        ({"min": 2}, [2, 3, 2.5], [1, 1.5, None]),
        ({"max": 2}, [2, 1, 0], [3, 2.5, None]),
        ({"min": 2, "max": 4}, [2, 3, 4], [1, 5, None]),
        ({"not": "a"}, ["b", "", 1], ["a", None]),
        ({"not": 1}, [2, True, "1"], [1, 1.0, None]),
        ({"not": ["a", "b"]}, ["c"], ["a", "b", None]),
        ({"not": ("a", 1)}, ["b", 2, True], ["a", 1, None]),
        ({"min": 2, "max": 6, "not": [4, 5]}, [2, 3, 6], [1, 4, 5, 7, None]),
        ({}, ["a", 0, False], [None]),
    ],
    ids=str,
)
def test_what_a_test_holds_of(test: Any, holds: list[Any], fails: list[Any]) -> None:
    where = Where.of({"fact": test})
    assert [value for value in (*holds, *fails) if where.matches({"fact": value})] == holds
    assert [where.matches({"fact": value}) for value in fails] == [False] * len(fails)
    assert not where.matches({"other": "yes"})


def test_all_of_them_must_hold() -> None:
    where = Where.of({"grade": "major", "channel": ["phone", "window"], "visits": {"min": 2}})
    assert where.names == {"grade", "channel", "visits"}
    asked = {"grade": "major", "channel": "window", "visits": 2, "other": 1}
    assert where.matches(asked)
    for name, value in (("grade", "minor"), ("channel", "letter"), ("visits", 1)):
        assert not where.matches({**asked, name: value})
    assert Where().matches({})


def test_compared_by_what_it_asks() -> None:
    said = {"grade": "major", "visits": {"min": 2}, "channel": ["phone", 1]}
    assert Where.of(said) == Where.of(dict(said))
    assert Where.of(said) != Where.of({**said, "visits": {"min": 3}})
    assert Where.of({"grade": "major"}) in {Where.of({"grade": "major"})}
