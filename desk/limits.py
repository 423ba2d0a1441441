"""The small language of limits and anchors: ``"2 working hours"``, ``"15 min before @appointment"``.

A limit is one of (design, section 4):

- an amount: ``90 s``, ``5 min``, ``2 working hours``, ``3 days``, ``3 working days``,
  ``1 week``, ``3 months``;
- ``$figure``: what the estate put for a word of its manual;
- ``[amount before|after] anchor``, the anchor ``@fact``, ``end of duty``, ``start of next duty``,
  ``end of day``, ``end of month`` or ``end of day 5 of next month``; ``1 min before`` alone is before the
  start, which for a warning is the deadline itself;
- ``{ earliest = [...] }``, ``{ latest = [...] }``: of those whose facts are known;
- ``{ table = "days_by_code", key = "code" }``: the limit its table gives for the fact's value;
- ``{ limit = ..., not_before = ... }``: never due before the bound.

Amounts stand still in pauses; anchors, and what is counted before or after them, do not move. Pure: no
clock, no file.
"""

from __future__ import annotations

import difflib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, NamedTuple, cast

from desk.calendars import UNIT_WORDS, Amount, Calendar, Span, add_months
from desk.errors import Refusal

Pause = tuple[datetime, datetime | None]


class LimitResult(NamedTuple):
    """What a limit came to.

    ``due_at`` (UTC) is None when a fact, figure or table row is not known; ``missing`` then names it as the
    rulebook writes it: ``@appointment``, ``$promptly``, ``days_by_code[HEAT]``. ``spans`` are filled when an
    explanation was asked for. ``not_before`` is the lower bound, where the limit has one.
    """

    due_at: datetime | None
    provisional: bool = False
    missing: str | None = None
    spans: tuple[Span, ...] = ()
    not_before: datetime | None = None


@dataclass(slots=True)
class Case:
    """All that a limit may ask of the case it is applied to: one that began at ``start``.

    ``pauses``, ``counts_from``, ``until`` and ``explain`` are as in :meth:`Calendar.add`.
    """

    start: datetime
    calendar: Calendar
    facts: Mapping[str, object]
    figures: Mapping[str, str]
    tables: Mapping[str, Mapping[str, str]]
    pauses: Iterable[Pause]
    counts_from: Literal["opening"] | None
    runs_through_pauses: bool
    until: datetime | None
    explain: bool


class Limit(ABC):
    """When something must be done, before it is applied to a case. Immutable, compared by what it says."""

    __slots__ = ()

    def reckon(
        self,
        start: datetime,
        *,
        calendar: Calendar,
        facts: Mapping[str, object],
        figures: Mapping[str, str],
        tables: Mapping[str, Mapping[str, str]],
        pauses: Iterable[Pause] = (),
        counts_from: Literal["opening"] | None = None,
        runs_through_pauses: bool = False,
        until: datetime | None = None,
        explain: bool = False,
    ) -> LimitResult:
        """:meth:`due` of the case these make."""
        case = Case(start, calendar, facts, figures, tables, pauses, counts_from, runs_through_pauses, until, explain)
        return self.due(case)

    @abstractmethod
    def due(self, case: Case) -> LimitResult:
        """Apply the limit to a case.

        Raises Refusal ``limit.fact_not_a_time`` for an anchor whose fact holds no instant, ``limit.not_an_amount``
        for a figure before an anchor that is none, ``limit.unknown`` for a figure or table row that is no limit,
        ``calendar.too_far``.
        """

    def plainly(self, start: datetime) -> datetime | None:
        """When it is due if only time counts, whatever the facts and the hours; None where they are asked.

        For one that neither waits for an opening nor was paused: :meth:`due` comes to the same and costs more.
        """
        return None

    def settled(self, figures: Mapping[str, str]) -> Limit:
        """The same with the figures put in, once for many cases; one that is empty stays a figure."""
        return self

    @abstractmethod
    def words(self) -> str:
        """The limit in canonical words; those of one written as a text read back as the same limit."""

    def anchors(self) -> set[str]:
        """The facts whose instants it hangs on, without the ``@``."""
        return set().union(*(part.anchors() for part in self._parts()))

    def figures(self) -> set[str]:
        """The figures it asks for, without the ``$``."""
        return set().union(*(part.figures() for part in self._parts()))

    def tables(self) -> set[tuple[str, str]]:
        """The tables it looks into, each with the fact that is its key."""
        return set().union(*(part.tables() for part in self._parts()))

    def _parts(self) -> tuple[Limit, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class For(Limit):
    """An amount that runs from the start."""

    amount: Amount
    #: the same back in time, for what is due so long before something
    back: Amount = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "back", -self.amount)

    def due(self, case: Case) -> LimitResult:
        due, provisional, spans = case.calendar.add(
            case.start,
            self.amount,
            pauses=case.pauses,
            counts_from=case.counts_from,
            runs_through_pauses=case.runs_through_pauses,
            until=case.until,
            explain=case.explain,
        )
        return LimitResult(due, provisional, None, spans)

    def plainly(self, start: datetime) -> datetime | None:
        return _elapsed(start, self.amount)

    def words(self) -> str:
        return self.amount.words()


@dataclass(frozen=True, slots=True)
class Figure(Limit):
    """What the estate put for a word of its manual; an empty one has still to be filled in."""

    name: str

    def due(self, case: Case) -> LimitResult:
        found = self.resolve(case.figures)
        return found.due(case) if found is not None else LimitResult(None, missing=self.words())

    def settled(self, figures: Mapping[str, str]) -> Limit:
        return self.resolve(figures) or self

    def resolve(self, figures: Mapping[str, str]) -> Limit | None:
        """The limit behind the figure, through figures that stand for figures; None when it is empty."""
        found, seen = self, [self.name]
        while text := figures.get(found.name):
            limit = _read(text, f"figures.{found.name}")
            if not isinstance(limit, Figure):
                return limit
            if limit.name in seen:
                break
            seen.append(limit.name)
            found = limit
        return None

    def words(self) -> str:
        return f"${self.name}"

    def figures(self) -> set[str]:
        return {self.name}


Moment = Literal["start", "fact", "end of duty", "start of next duty", "end of day", "end of month", "day of month"]


@dataclass(frozen=True, slots=True)
class Anchor(Limit):
    """A moment that no pause moves; ``fact`` and ``day`` (of next month) where the moment needs them."""

    moment: Moment
    fact: str = ""
    day: int = 0

    def due(self, case: Case) -> LimitResult:
        calendar = case.calendar
        if self.moment == "start":
            return LimitResult(case.start)
        if self.moment == "fact":
            value = case.facts.get(self.fact)
            if value is None or value == "":
                return LimitResult(None, missing=self.words())
            return LimitResult(_instant(self.fact, value, calendar))
        start = calendar.next_opening(case.start) if case.counts_from else case.start
        waited = start != case.start and calendar.is_provisional(case.start, start)
        if self.moment == "end of duty":
            due = calendar.end_of_duty(start)
            return LimitResult(due, calendar.is_provisional(case.start, due))
        if self.moment == "start of next duty":
            due = calendar.start_of_next_duty(start)
            return LimitResult(due, calendar.is_provisional(case.start, due))
        today = calendar.local(start).date()
        return LimitResult(calendar.end_of_day(self._last_day(today)), waited)

    def _last_day(self, today: date) -> date:
        """The local date at whose end the moment lies."""
        if self.moment == "end of day":
            return today
        next_month = add_months(today.replace(day=1), 1)
        if self.moment == "end of month":
            return next_month - timedelta(days=1)
        return min(next_month + timedelta(days=self.day - 1), add_months(next_month, 1) - timedelta(days=1))

    def words(self) -> str:
        if self.moment == "fact":
            return f"@{self.fact}"
        return f"end of day {self.day} of next month" if self.moment == "day of month" else self.moment

    def anchors(self) -> set[str]:
        return {self.fact} if self.fact else set()


@dataclass(frozen=True, slots=True)
class Beside(Limit):
    """So long before or after an anchor; a pause moves neither."""

    amount: For | Figure
    way: Literal["before", "after"]
    anchor: Anchor

    def due(self, case: Case) -> LimitResult:
        at = self.anchor.due(case)
        amount = self.amount.resolve(case.figures) if isinstance(self.amount, Figure) else self.amount
        if amount is None:
            return LimitResult(None, missing=self.amount.words())
        if not isinstance(amount, For):
            raise Refusal("limit.not_an_amount", text=amount.words(), figure=self.amount.words())
        if at.due_at is None:
            return at
        signed = amount.back if self.way == "before" else amount.amount
        due, provisional, spans = case.calendar.add(at.due_at, signed, explain=case.explain)
        return LimitResult(due, provisional or at.provisional, None, spans)

    def plainly(self, start: datetime) -> datetime | None:
        if self.anchor.moment != "start" or not isinstance(self.amount, For):
            return None
        return _elapsed(start, self.amount.back if self.way == "before" else self.amount.amount)

    def settled(self, figures: Mapping[str, str]) -> Limit:
        amount = self.amount.settled(figures)
        return Beside(amount, self.way, self.anchor) if isinstance(amount, For) else self

    def words(self) -> str:
        anchor = "" if self.anchor.moment == "start" else f" {self.anchor.words()}"
        return f"{self.amount.words()} {self.way}{anchor}"

    def _parts(self) -> tuple[Limit, ...]:
        return self.amount, self.anchor


@dataclass(frozen=True, slots=True)
class Choice(Limit):
    """The earliest or the latest of several limits; those whose fact is not known are passed over."""

    which: Literal["earliest", "latest"]
    options: tuple[Limit, ...]

    def due(self, case: Case) -> LimitResult:
        results = [option.due(case) for option in self.options]
        # A fact may come to be known or not; a figure or a row that is empty is a gap of the estate's rules.
        gap = next((r for r in results if r.missing is not None and not r.missing.startswith("@")), None)
        known = [result for result in results if result.due_at is not None]
        if gap is not None or not known:
            return gap or results[0]
        pick = min if self.which == "earliest" else max
        chosen = pick(known, key=lambda result: cast(datetime, result.due_at))
        return chosen._replace(provisional=any(result.provisional for result in known))

    def settled(self, figures: Mapping[str, str]) -> Limit:
        return Choice(self.which, tuple(option.settled(figures) for option in self.options))

    def words(self) -> str:
        return f"{self.which} of ({', '.join(option.words() for option in self.options)})"

    def _parts(self) -> tuple[Limit, ...]:
        return self.options


@dataclass(frozen=True, slots=True)
class Lookup(Limit):
    """The limit a table gives for the value of a fact."""

    table: str
    key: str

    def due(self, case: Case) -> LimitResult:
        value = case.facts.get(self.key)
        if value is None or value == "":
            return LimitResult(None, missing=f"@{self.key}")
        row = f"{self.table}[{value}]"
        text = case.tables.get(self.table, {}).get(str(value))
        return _read(text, row).due(case) if text else LimitResult(None, missing=row)

    def words(self) -> str:
        return f"{self.table}[{self.key}]"

    def tables(self) -> set[tuple[str, str]]:
        return {(self.table, self.key)}


@dataclass(frozen=True, slots=True)
class Bounded(Limit):
    """A limit that is never due before a lower bound; a bound whose fact is not known binds nothing."""

    limit: Limit
    not_before: Limit

    def due(self, case: Case) -> LimitResult:
        result, bound = self.limit.due(case), self.not_before.due(case)
        if bound.missing is not None and not bound.missing.startswith("@"):
            return bound
        if result.due_at is None or bound.due_at is None:
            return result
        chosen = bound if bound.due_at > result.due_at else result
        provisional = result.provisional or bound.provisional
        return chosen._replace(provisional=provisional, not_before=bound.due_at)

    def settled(self, figures: Mapping[str, str]) -> Limit:
        return Bounded(self.limit.settled(figures), self.not_before.settled(figures))

    def words(self) -> str:
        return f"{self.limit.words()}, not before {self.not_before.words()}"

    def _parts(self) -> tuple[Limit, ...]:
        return self.limit, self.not_before


def _elapsed(start: datetime, amount: Amount) -> datetime | None:
    """An amount of plain time from ``start`` (UTC); None for one that keeps the hours or the wall clock."""
    if amount.length is None or amount.working or start.tzinfo is not UTC:
        return None
    try:
        return start + amount.length
    except OverflowError:  # refused where it is reckoned in full
        return None


# -- reading ---------------------------------------------------------------------------------------

_MOMENTS: Final[tuple[Moment, ...]] = ("end of duty", "start of next duty", "end of day", "end of month")
_WORDS: Final = (
    *UNIT_WORDS,
    "working",
    "before",
    "after",
    "end",
    "start",
    "of",
    "next",
    "duty",
    "day",
    "month",
)
_EXAMPLES: Final = ("5 min", "2 working hours", "3 days", *_MOMENTS, "end of day 5 of next month")
_KEYS: Final = ("earliest", "latest", "table", "key", "limit", "not_before")

_BESIDE = re.compile(r"(.+?) (before|after)(?: (.+))?")
_DAY_OF_MONTH = re.compile(r"end of day ([1-9]|[12]\d|3[01]) of next month")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def parse_limit(value: object, *, where: str) -> Limit:
    """Read a limit as a rulebook writes it, a text or a table; ``where`` goes into refusals.

    Raises Refusal ``limit.unknown`` (text, nearest), ``limit.unknown_key`` (key, nearest, valid) and
    ``limit.bad_table`` (text) for what cannot be one.
    """
    if isinstance(value, str):
        return _read(value, where)
    if not isinstance(value, Mapping):
        raise Refusal("limit.unknown", where=where, text=str(value), nearest=_EXAMPLES[0])
    for key in value:
        if key not in _KEYS:
            close = "".join(difflib.get_close_matches(str(key), _KEYS, n=1))
            raise Refusal("limit.unknown_key", where=where, key=key, nearest=close, valid=", ".join(_KEYS))
    limit = _read_table({key: item for key, item in value.items() if key != "not_before"}, where)
    if "not_before" not in value:
        return limit
    return Bounded(limit, parse_limit(value["not_before"], where=f"{where}.not_before"))


def _read_table(value: Mapping[str, object], where: str) -> Limit:
    match value:
        case {"earliest": list(options), **rest} if options and not rest:
            return Choice("earliest", _read_all(options, f"{where}.earliest"))
        case {"latest": list(options), **rest} if options and not rest:
            return Choice("latest", _read_all(options, f"{where}.latest"))
        case {"table": str(table), "key": str(key), **rest} if not rest:
            return Lookup(table, key)
        case {"limit": limit, **rest} if not rest:
            return parse_limit(limit, where=f"{where}.limit")
    raise Refusal("limit.bad_table", where=where, text=", ".join(value) or "{}")


def _read_all(options: Iterable[object], where: str) -> tuple[Limit, ...]:
    return tuple(parse_limit(option, where=where) for option in options)


@lru_cache(maxsize=1024)
def _read(text: str, where: str) -> Limit:
    limit = _parse(" ".join(text.split()))
    if limit is None:
        raise Refusal("limit.unknown", where=where, text=text, nearest=_nearest(text))
    return limit


@lru_cache(maxsize=1024)
def _parse(text: str) -> Limit | None:
    if found := _BESIDE.fullmatch(text):
        amount, way, rest = found.groups()
        length = _parse_length(amount)
        anchor = Anchor("start") if rest is None else _parse_anchor(rest)
        if length is None or anchor is None:
            return None
        return Beside(length, "before" if way == "before" else "after", anchor)
    return _parse_length(text) or _parse_anchor(text)


def _parse_length(text: str) -> For | Figure | None:
    if text.startswith("$"):
        return Figure(text[1:]) if _NAME.fullmatch(text[1:]) else None
    amount = Amount.parse(text)
    return For(amount) if amount is not None else None


def _parse_anchor(text: str) -> Anchor | None:
    if text.startswith("@"):
        return Anchor("fact", fact=text[1:]) if _NAME.fullmatch(text[1:]) else None
    for moment in _MOMENTS:
        if text == moment:
            return Anchor(moment)
    if found := _DAY_OF_MONTH.fullmatch(text):
        return Anchor("day of month", day=int(found[1]))
    return None


def _nearest(text: str) -> str:
    """The limit this text was perhaps meant to be: each unknown word by the one most like it."""
    words = [_nearest_word(word) for word in " ".join(text.lower().split()).split(" ")]
    guess = " ".join(words)
    if _parse(guess) is not None:
        return guess
    return next(iter(difflib.get_close_matches(text, _EXAMPLES, cutoff=0.3)), _EXAMPLES[0])


def _nearest_word(word: str) -> str:
    if word in _WORDS or not word.isalpha():
        return word
    return next(iter(difflib.get_close_matches(word, _WORDS)), word)


def _instant(fact: str, value: object, calendar: Calendar) -> datetime:
    """A fact as an instant (UTC): an aware datetime, an ISO text, or a date, which lasts to its end."""
    at = value
    if isinstance(value, str):
        try:
            at = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            at = None
    if isinstance(at, datetime):
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    elif isinstance(at, date):
        return calendar.end_of_day(at)
    raise Refusal("limit.fact_not_a_time", fact=fact, text=str(value))
