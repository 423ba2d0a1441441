"""The reckoning against a slow, plain reckoner, and the laws it must keep, on calendars made at random."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from desk.calendars import Amount, Calendar, Interval, Name, Statutory
from desk.limits import parse_limit
from tests.reckoner import Reckoner

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
ROWS = [
    ["08:00-12:00", "13:00-17:00"],
    ["09:30-18:15"],
    ["00:00-24:00"],
    ["22:00-06:00"],
    ["00:30-02:45", "03:10-05:00"],
    ["18:00-24:00"],
    ["00:00-07:00", "12:00-13:00", "23:00-03:00"],
    [],
]
ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]
# Around the clock changes of those zones, the end of a leap February, New Year, and an ordinary week.
AROUND = ["2025-03-29", "2025-10-25", "2025-03-08", "2025-11-01", "2025-04-05", "2025-10-04",
          "2024-02-28", "2025-12-30", "2025-02-28", "2025-06-30"]  # fmt: skip
DATES = sorted(
    {(datetime.fromisoformat(day) + timedelta(n)).date().isoformat() for day in AROUND for n in range(-2, 9)}
)

row = st.sampled_from(ROWS)


@st.composite
def tables(draw: st.DrawFn) -> tuple[dict[str, Any], frozenset[str], frozenset[str]]:
    """A calendar's tables, the days off and the make-up days; never wholly closed."""
    open_row = draw(st.sampled_from(ROWS[:-1]))
    data: dict[str, Any] = {
        "timezone": draw(st.sampled_from(ZONES)),
        "holidays": "CN",
        "day_ends": "24:00",
        "hours": {"mon": open_row, "tue-fri": draw(row), "sat": draw(row), "sun": draw(row)},
    }
    if draw(st.booleans()):
        hours = {"mon-wed": draw(row), "fri": draw(row)}
        data["season"] = [{"name": "dry", "from": "10-26", "to": "04-02", "hours": hours}]
    data["days"] = draw(st.dictionaries(st.sampled_from(DATES), row | st.just("closed"), max_size=4))
    spans = st.sampled_from([["01:30-02:30"], ["10:00-11:30"], ["16:00-24:00"], ["00:00-24:00"]])
    data["closed"] = draw(st.dictionaries(st.sampled_from(DATES), spans, max_size=3))
    off = draw(st.frozensets(st.sampled_from(DATES), max_size=6))
    return data, off, draw(st.frozensets(st.sampled_from(DATES), max_size=4)) - off


def calendar(data: dict[str, Any], off: Iterable[str], make_up: Iterable[str]) -> Calendar:
    name = Name("假", "off")
    days = ({datetime.fromisoformat(day).date(): name for day in texts} for texts in (off, make_up))
    return Calendar.from_dict(data, name="random", statutory={2025: Statutory(2025, *days)})


@st.composite
def instants(draw: st.DrawFn, step: timedelta = MINUTE) -> datetime:
    base = datetime.fromisoformat(draw(st.sampled_from(AROUND))).replace(tzinfo=UTC)
    return base + draw(st.integers(0, int(timedelta(days=3) / step))) * step


@st.composite
def pauses(draw: st.DrawFn, start: datetime, step: timedelta = MINUTE, reach: int = 2000) -> list[Interval]:
    found = []
    for _ in range(draw(st.integers(0, 3))):
        first = start + draw(st.integers(-reach, reach)) * step
        found.append((first, first + draw(st.integers(0, reach // 2)) * step))
    return found


slow = functools.partial(
    settings, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@slow(max_examples=40)
@given(tables(), st.data(), st.integers(-900, 900), st.booleans())
def test_minutes_agree_with_the_plain_reckoner(
    made: tuple[Any, Any, Any], data: st.DataObject, value: int, working: bool
) -> None:
    desk, plain = calendar(*made), Reckoner(*made)
    start = data.draw(instants())
    stops = data.draw(pauses(start))
    due = desk.add(start, Amount(value, "working_minutes" if working else "minutes"), pauses=stops).due_at
    assert due == plain.walk(start, value, working, stops)


@slow(max_examples=40)
@given(tables(), st.data(), st.integers(-2000, 2000), st.booleans())
def test_seconds_agree_with_the_plain_reckoner(
    made: tuple[Any, Any, Any], data: st.DataObject, value: int, working: bool
) -> None:
    desk, plain = calendar(*made), Reckoner(*made, step=SECOND)
    start = data.draw(instants(SECOND))
    # Second by second over a long closure would take minutes: keep to starts near open time.
    assume(not working or desk.next_opening(start) - start < timedelta(hours=1))
    assume(not working or start - desk.last_closing(start) < timedelta(hours=1))
    assume(not working or abs(due_of(desk, start, value) - start) < timedelta(hours=3))
    stops = data.draw(pauses(start, SECOND, 1500))
    due = desk.add(start, Amount(value, "working_seconds" if working else "seconds"), pauses=stops).due_at
    assume(abs(due - start) < timedelta(hours=5))
    assert due == plain.walk(start, value, working, stops)


def due_of(desk: Calendar, start: datetime, seconds: int) -> datetime:
    return desk.add(start, Amount(seconds, "working_seconds")).due_at


@slow(max_examples=40)
@given(tables(), st.data(), st.integers(1, 4), st.booleans())
def test_days_agree_with_the_plain_reckoner(
    made: tuple[Any, Any, Any], data: st.DataObject, value: int, working: bool
) -> None:
    desk, plain = calendar(*made), Reckoner(*made)
    start = data.draw(instants())
    stops = data.draw(pauses(start))
    due = desk.add(start, Amount(value, "working_days" if working else "days"), pauses=stops).due_at
    assert due == plain.add_days(start, value, working, stops)


@slow(max_examples=40)
@given(tables(), st.data())
def test_open_or_closed_agrees_with_the_plain_reckoner(made: tuple[Any, Any, Any], data: st.DataObject) -> None:
    desk, plain = calendar(*made), Reckoner(*made)
    start = data.draw(instants())
    for minutes in range(0, 3000, 7):
        at = start + minutes * MINUTE
        assert desk.is_open(at) == plain.is_open(at), at


@slow(max_examples=50)
@given(tables(), instants(), st.integers(1, 10_000), st.integers(1, 10_000))
def test_going_on_and_back_and_in_two_parts(
    made: tuple[Any, Any, Any], start: datetime, first: int, second: int
) -> None:
    desk = calendar(*made)
    start = desk.next_opening(start)
    one, two = Amount(first, "working_minutes"), Amount(second, "working_minutes")
    due = desk.add(start, one).due_at
    assert desk.add(due, -one).due_at == start
    assert desk.between(start, due) == first * MINUTE
    both = desk.add(start, Amount(first + second, "working_minutes")).due_at
    assert desk.add(due, two).due_at == both


@slow(max_examples=50)
@given(tables(), instants(), st.integers(0, 5000), st.integers(-3000, 3000), st.integers(0, 3000), st.data())
def test_a_later_start_or_a_longer_limit_is_never_due_sooner(
    made: tuple[Any, Any, Any], start: datetime, later: int, value: int, more: int, data: st.DataObject
) -> None:
    desk = calendar(*made)
    stops = data.draw(pauses(start))
    for unit in ("working_minutes", "minutes"):
        due = desk.add(start, Amount(value, unit), pauses=stops).due_at
        if value:  # a budget of zero waits for an opening, going back does not
            assert desk.add(start + later * MINUTE, Amount(value, unit), pauses=stops).due_at >= due
        if value > 0:
            assert desk.add(start, Amount(value + more, unit), pauses=stops).due_at >= due


@slow(max_examples=50)
@given(tables(), instants(), st.integers(-3000, 3000), st.data())
def test_a_working_time_is_never_due_inside_a_closure(
    made: tuple[Any, Any, Any], start: datetime, value: int, data: st.DataObject
) -> None:
    desk = calendar(*made)
    stops = data.draw(pauses(start))
    due = desk.add(start, Amount(value, "working_minutes"), pauses=stops).due_at
    assert desk.is_open(due) or desk.is_open(due - MINUTE)
    for first, last in stops:
        assert not first < due < last


@slow(max_examples=50)
@given(tables(), instants(), st.integers(-3000, 3000), st.sampled_from(["working_minutes", "minutes"]), st.data())
def test_the_counted_stretches_sum_to_the_limit(
    made: tuple[Any, Any, Any], start: datetime, value: int, unit: Any, data: st.DataObject
) -> None:
    desk = calendar(*made)
    stops = data.draw(pauses(start))
    counts_from: Any = data.draw(st.sampled_from([None, "opening"]))
    due, _, spans = desk.add(start, Amount(value, unit), pauses=stops, counts_from=counts_from, explain=True)
    counted = sum((span.end - span.start for span in spans if span.kind == "counted"), timedelta())
    assert counted == abs(value) * MINUTE
    ends = [min(start, due), *(span.end for span in spans)]
    assert [span.start for span in spans] == ends[:-1]
    assert ends[-1] == max(start, due)
    assert all(span.start < span.end for span in spans)


@slow(max_examples=40)
@given(tables(), instants(), st.data())
def test_pauses_count_once_in_whatever_order(made: tuple[Any, Any, Any], start: datetime, data: st.DataObject) -> None:
    desk = calendar(*made)
    stops = data.draw(pauses(start))
    union: set[datetime] = set()
    for first, last in stops:
        union.update(first + n * MINUTE for n in range(int((last - first) / MINUTE)))
    bits = [(at, at + MINUTE) for at in union]
    for unit in ("working_minutes", "minutes", "days", "working_days"):
        amount = Amount(3, unit)
        due = desk.add(start, amount, pauses=stops).due_at
        assert desk.add(start, amount, pauses=reversed(stops)).due_at == due
        assert desk.add(start, amount, pauses=bits).due_at == due


@slow(max_examples=40)
@given(tables(), instants(), st.integers(1, 3000), st.integers(1, 3000), st.data())
def test_in_two_parts_and_back_through_pauses(
    made: tuple[Any, Any, Any], start: datetime, first: int, second: int, data: st.DataObject
) -> None:
    desk = calendar(*made)
    stops = data.draw(pauses(start))
    for unit in ("working_minutes", "minutes"):
        # a budget of zero waits for a moment that counts
        begin = desk.add(start, Amount(0, unit), pauses=stops).due_at
        due = desk.add(begin, Amount(first, unit), pauses=stops).due_at
        both = desk.add(begin, Amount(first + second, unit), pauses=stops).due_at
        assert desk.add(due, Amount(second, unit), pauses=stops).due_at == both
        assert desk.add(due, Amount(-first, unit), pauses=stops).due_at == begin


ALWAYS = [
    {"mon-sun": ["00:00-24:00"]},
    {"mon-sun": ["00:00-08:00", "08:00-24:00"]},
    {"mon-sun": ["08:00-20:00", "20:00-08:00"]},
]


@slow(max_examples=40)
@given(st.sampled_from(ZONES), st.sampled_from(ALWAYS), instants(SECOND), st.integers(-200_000, 200_000), st.data())
def test_a_desk_that_never_closes_counts_like_a_clock(
    zone: str, hours: Any, start: datetime, value: int, data: st.DataObject
) -> None:
    desk = Calendar.from_dict(
        {"timezone": zone, "holidays": "none", "day_ends": "24:00", "hours": hours}, name="always"
    )
    stops = data.draw(pauses(start, SECOND))
    due, _, spans = desk.add(start, Amount(value, "working_seconds"), pauses=stops, explain=True)
    assert due == desk.add(start, Amount(value, "seconds"), pauses=stops).due_at
    assert {span.kind for span in spans} <= {"counted", "paused"}
    # every day is a working day, of 23, 24 or 25 hours: the wall clock stands
    for days in (-3, 1, 4):
        assert desk.add(start, Amount(days, "working_days")) == desk.add(start, Amount(days, "days"))


@slow(max_examples=40)
@given(tables(), instants(), st.integers(1, 600), st.sampled_from(["min", "h", "working min", "working h"]), st.data())
def test_what_a_limit_explains_sums_to_it(
    made: tuple[Any, Any, Any], start: datetime, value: int, unit: str, data: st.DataObject
) -> None:
    desk, stops = calendar(*made), data.draw(pauses(start))
    limit = parse_limit(f"{value} {unit}", where="within")
    opening: Any = data.draw(st.sampled_from([None, "opening"]))
    through = data.draw(st.booleans())
    found = limit.reckon(
        start,
        calendar=desk,
        facts={},
        figures={},
        tables={},
        pauses=stops,
        counts_from=opening,
        runs_through_pauses=through,
        explain=True,
    )
    counted = sum((span.end - span.start for span in found.spans if span.kind == "counted"), timedelta())
    assert counted == value * (60 if unit.endswith("h") else 1) * MINUTE
    assert found.spans[-1].end == found.due_at
    assert not through or all(span.kind != "paused" for span in found.spans)


def test_a_library_of_the_field_agrees() -> None:
    rules = pytest.importorskip("businesstimedelta")
    pytz = pytest.importorskip("pytz")
    clock = datetime.min.time().replace
    zone = pytz.timezone("Asia/Shanghai")
    hours = [(8, 12), (13, 17)]
    days = [rules.WorkDayRule(clock(hour=a), clock(hour=b), working_days=[0, 1, 2, 3, 4], tz=zone) for a, b in hours]
    rule = rules.Rules(days)
    data = {
        "timezone": "Asia/Shanghai",
        "holidays": "none",
        "hours": {"mon-fri": ["08:00-12:00", "13:00-17:00"]},
    }
    desk = Calendar.from_dict(data, name="plain")
    start = datetime(2026, 3, 1, 0, 7, tzinfo=UTC)
    for number in range(200):
        at = start + number * timedelta(minutes=97)
        theirs = at + rules.BusinessTimeDelta(rule, hours=1 + number % 9)
        assert desk.add(at, Amount(1 + number % 9, "working_hours")).due_at == theirs
