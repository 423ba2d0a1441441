"""The plain values a reckoning takes and gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple, get_args

from desk.errors import Refusal

Unit = Literal[
    "seconds",
    "minutes",
    "hours",
    "days",
    "months",
    "working_seconds",
    "working_minutes",
    "working_hours",
    "working_days",
]

SPAN_UNITS: Final[Mapping[str, timedelta]] = {
    "seconds": timedelta(seconds=1),
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "working_seconds": timedelta(seconds=1),
    "working_minutes": timedelta(minutes=1),
    "working_hours": timedelta(hours=1),
}
"""Units of fixed length. Days and months are not among them: they keep the wall clock."""

UNITS: Final[tuple[Unit, ...]] = get_args(Unit)

Interval = tuple[datetime, datetime]
"""An open stretch, from its opening (included) to its closing (not included), aware, UTC."""


UNIT_WORDS: Final[Mapping[str, tuple[str, int]]] = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), ("seconds", 1)),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), ("minutes", 1)),
    **dict.fromkeys(("h", "hour", "hours"), ("hours", 1)),
    **dict.fromkeys(("day", "days"), ("days", 1)),
    **dict.fromkeys(("week", "weeks"), ("days", 7)),
    **dict.fromkeys(("month", "months"), ("months", 1)),
}
"""The words people use for a unit, each with the unit and how many of it."""

_SHORT: Final = {"seconds": "s", "minutes": "min"}
_WORDS: Final = re.compile(r"(\d{1,9}) ?(working )?([a-z]+)", re.ASCII)


class Name(NamedTuple):
    """What a holiday or a season is called, in both languages of the product."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Amount:
    """So many of a unit; a negative value goes back in time.

    ``days`` and ``months`` are calendar days and months at the same wall-clock time; ``working_*`` units
    count in opening hours only.
    """

    value: int
    unit: Unit
    working: bool = field(init=False, repr=False, compare=False)
    """Whether the amount counts in opening hours only."""
    length: timedelta | None = field(init=False, repr=False, compare=False)
    """How long it is; None for days and months, which keep the wall clock."""

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise ValueError(f"unknown unit {self.unit!r}")
        step = SPAN_UNITS.get(self.unit)
        try:
            length = None if step is None else self.value * step
        except OverflowError:
            raise Refusal("calendar.too_far") from None
        object.__setattr__(self, "working", self.unit.startswith("working_"))
        object.__setattr__(self, "length", length)

    @classmethod
    def parse(cls, text: str) -> Amount | None:
        """Read ``"90 s"``, ``"2 working hours"``, ``"1 week"``; None for what is no amount."""
        found = _WORDS.fullmatch(text)
        if not found or found[3] not in UNIT_WORDS:
            return None
        unit, times = UNIT_WORDS[found[3]]
        unit = f"working_{unit}" if found[2] else unit
        # A working week or month has no length of its own.
        if unit not in UNITS or (found[2] and times != 1):
            return None
        return cls(int(found[1]) * times, unit)

    def words(self) -> str:
        """The amount in canonical words: ``1 hour``, ``2 working days``, ``90 s``."""
        unit = self.unit.removeprefix("working_")
        unit = _SHORT.get(unit, unit.removesuffix("s") if abs(self.value) == 1 else unit)
        return f"{self.value} {'working ' if self.working else ''}{unit}"

    def __neg__(self) -> Amount:
        return Amount(-self.value, self.unit)


SpanKind = Literal["counted", "paused", "lunch", "night", "weekend", "holiday", "closed"]


class Span(NamedTuple):
    """One stretch of a reckoning, for explanations: counted, skipped or paused. Instants are UTC.

    ``closed`` is any other closure: an exact date, a closed span, a weekday without hours. ``name`` is the
    holiday's for ``holiday`` and for ``counted`` on a make-up workday.
    """

    start: datetime
    end: datetime
    kind: SpanKind
    name: Name | None = None


class Reckoned(NamedTuple):
    """What an addition came to.

    ``due_at`` is UTC. ``provisional`` says that a day was consulted whose year's statutory days are not yet
    known. ``spans`` are filled when asked for, in the order of time.
    """

    due_at: datetime
    provisional: bool
    spans: tuple[Span, ...] = ()
