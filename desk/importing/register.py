"""Understanding a register of tickets under its mapping. Nothing here knows the store."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from desk.calendars import Calendar
from desk.errors import Refusal
from desk.importing.mapping import RegisterMap
from desk.importing.rejects import Reject
from desk.importing.table import Line, Table
from desk.text import LINE, PROSE, clean, narrow

#: problem codes need so many requests before their commonest number of days is trusted by :func:`reliable`
ENOUGH: Final = 8
_SHOWN: Final = 60
_LONGEST: Final = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the register as understood. Times are UTC; ``promised`` is the date the register promised."""

    line: int
    number: str
    opened_at: datetime
    what: str
    status: str = "open"
    closed_at: datetime | None = None
    cancelled_at: datetime | None = None
    completed_at: datetime | None = None
    due_by: datetime | None = None
    promised: date | None = None
    channel: str = ""
    problem_code: str = ""
    place: str = ""
    department: str = ""
    person_name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """A register as understood: the rows of each request, the first one first, and the lines that can't be read."""

    name: str
    headings: tuple[str, ...]
    requests: Mapping[str, tuple[Row, ...]]
    rejects: tuple[Reject, ...]
    #: lines that are taken over though something in them can't be right
    doubts: tuple[Reject, ...]

    @property
    def rows(self) -> int:
        return sum(map(len, self.requests.values()))


def understand(table: Table, mapping: RegisterMap) -> Register:
    """What a register says, row by row; rows of one number belong to one request.

    Raises :class:`Refusal` ``import.no_column`` for a column the register lacks, ``import.no_lines``.
    """
    head, *lines = table.lines or (Line(0, ()),)
    reader = _Reader(mapping, _places(table, head, mapping))
    requests: defaultdict[str, list[Row]] = defaultdict(list)
    rejects = list(table.rejects)
    for line in lines:
        try:
            row = reader.read(line)
        except _RejectedError as rejected:
            rejects.append(Reject(line.number, rejected.code, rejected.params, line.cells))
        else:
            requests[row.number].append(row)
    if not requests and not rejects:
        raise Refusal("import.no_lines", file=table.name)
    rejects.sort(key=lambda reject: reject.line)
    found = {number: tuple(rows) for number, rows in requests.items()}
    return Register(table.name, head.cells, found, tuple(rejects), tuple(reader.doubts))


def _places(table: Table, head: Line, mapping: RegisterMap) -> dict[str, tuple[int, ...]]:
    """Where each field's columns stand."""
    there = {narrow(cell).strip().casefold(): place for place, cell in reversed(list(enumerate(head.cells)))}
    places = {}
    for name, columns in mapping.columns.items():
        for column in columns:
            if narrow(column).strip().casefold() not in there:
                found = [cell[:_SHOWN] for cell in head.cells[:40]]
                raise Refusal("import.no_column", file=table.name, column=column, key=f"columns.{name}", found=found)
        places[name] = tuple(there[narrow(column).strip().casefold()] for column in columns)
    return places


class _RejectedError(Exception):
    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes a row of a line, or says why it can't be one."""

    mapping: RegisterMap
    places: Mapping[str, tuple[int, ...]]
    doubts: list[Reject] = field(default_factory=list)

    def cell(self, line: Line, name: str, limit: int = LINE) -> str:
        cells = (line.cells[place].strip(" ,") for place in self.places.get(name, ()) if place < len(line.cells))
        # what two columns both say is said once
        said = {cell.casefold(): cell for cell in reversed(list(cells)) if cell}
        return clean(", ".join(reversed(said.values())), limit)

    def read(self, line: Line) -> Row:
        number = self.cell(line, "number", 40)
        if not number:
            raise _RejectedError("no_number")
        what = self.cell(line, "what", PROSE)
        if not what:
            raise _RejectedError("no_what")
        opened_at = self.time(line, "opened_at")
        if opened_at is None:
            raise _RejectedError("no_time")
        status = self.word(line, "status", self.mapping.statuses) or "open"
        ends = [self.time(line, f"{name}_at") for name in ("closed", "cancelled", "completed")]
        for at in ends[: 2 if status in ("closed", "cancelled") else 0]:
            if at is not None and at < opened_at:
                end, start = self.shown(at), self.shown(opened_at)
                if end == start:  # within one minute: the seconds say which was first
                    end, start = self.shown(at, seconds=True), self.shown(opened_at, seconds=True)
                told = {"end": end, "start": start}
                self.doubts.append(Reject(line.number, "order", told, line.cells))
        # registers hold end times from before the opening; they are taken as not known
        closed_at, cancelled_at, completed_at = (at if at is not None and at >= opened_at else None for at in ends)
        promised, due_by = self.time(line, "promised"), self.time(line, "due_by")
        return Row(
            line=line.number,
            number=self.mapping.prefix + number,
            opened_at=opened_at,
            what=what,
            status=status,
            closed_at=closed_at,
            cancelled_at=cancelled_at,
            completed_at=completed_at,
            due_by=due_by,
            promised=promised.astimezone(self.mapping.zone).date() if promised is not None else None,
            channel=self.word(line, "channel", self.mapping.channels),
            problem_code=self.cell(line, "problem_code"),
            place=self.cell(line, "place"),
            department=self.cell(line, "department"),
            person_name=self.cell(line, "person_name"),
            phone=self.cell(line, "phone"),
        )

    def word(self, line: Line, name: str, words: Mapping[str, str]) -> str:
        """A cell that must be one of the mapping's words; empty stays empty."""
        text = self.cell(line, name)
        if text and text.casefold() not in words:
            raise _RejectedError(name, text=text[:_SHOWN])
        return words.get(text.casefold(), "")

    def time(self, line: Line, name: str) -> datetime | None:
        """A time as registers write it, in the zone of the mapping."""
        text = narrow(self.cell(line, name))
        if not text:
            return None
        try:
            at = datetime.fromisoformat(_iso(text))
        except ValueError:
            raise _RejectedError("time", text=text[:_SHOWN]) from None
        at = at if at.tzinfo is not None else at.replace(tzinfo=self.mapping.zone)
        try:
            at.astimezone(self.mapping.zone)
            return at.astimezone(UTC).replace(microsecond=0)
        except OverflowError:
            raise _RejectedError("time", text=text[:_SHOWN]) from None

    def shown(self, at: datetime, *, seconds: bool = False) -> str:
        return f"{at.astimezone(self.mapping.zone):{'%Y-%m-%d %H:%M:%S' if seconds else '%Y-%m-%d %H:%M'}}"


def _iso(text: str) -> str:
    """``2012/1/5 8:05:00.0`` → ``2012-01-05 08:05:00``: one figure for month, day or hour, any fraction."""
    day, _, clock = text.replace("T", " ").partition(" ")
    parts = [part.zfill(2) for part in day.replace("/", "-").replace(".", "-").split("-")]
    clock, dot, fraction = clock.strip().partition(".")
    if clock and clock.find(":") == 1:
        clock = f"0{clock}"
    return f"{'-'.join(parts)} {clock}".strip() if not dot or fraction.isdigit() else text


# -- days by problem code ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Learnt:
    """The commonest number of working days promised for a problem code, and how many requests had it."""

    code: str
    days: int
    requests: int
    agree: int

    @property
    def reliable(self) -> bool:
        """Enough requests, and at least half of them agree."""
        return self.requests >= ENOUGH and 2 * self.agree >= self.requests


def learn_days(register: Register, calendar: Calendar) -> list[Learnt]:
    """Working days by problem code, as the register's own promised dates show them; the commonest code first.

    Counted as the rules count (``counts_from = "opening"``): a request that came in after closing counts from the next
    working day. Dates that no number of working days gives count as disagreeing.
    """
    found: defaultdict[str, Counter[int | None]] = defaultdict(Counter)
    for first, *_ in register.requests.values():
        if first.promised is not None and first.problem_code:
            found[first.problem_code][working_days(calendar, first.opened_at, first.promised)] += 1
    learnt = []
    for code, counts in found.items():
        days, agree = max(counts.items(), key=lambda pair: (pair[0] is not None, pair[1], -(pair[0] or 0)))
        if days is not None:
            learnt.append(Learnt(code, days, counts.total(), agree))
    return sorted(learnt, key=lambda each: (-each.requests, each.code))


def working_days(calendar: Calendar, start: datetime, end: date) -> int | None:
    """The number of working days whose limit, counted from the next opening, ends on ``end``; None where none does."""
    day = calendar.next_opening(start).astimezone(calendar.timezone).date()
    if end < day or end - day > _LONGEST or not _works(calendar, end):
        return None
    return sum(_works(calendar, day + timedelta(days=step)) for step in range(1, (end - day).days + 1))


@lru_cache(20_000)
def _works(calendar: Calendar, day: date) -> bool:
    return bool(calendar.day(day).intervals)
