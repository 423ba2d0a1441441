"""A month of a calendar, to be drawn: every day with a word for what it is, its hours by letter, and what is special.

A day never says by colour alone what it is. Widths are the caller's: seven columns of eleven cells fit a page of 80.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from desk.calendars import Calendar, Day
from desk.i18n import N_, _, pick
from desk.wording.spans import day as day_words
from desk.wording.spans import weekday

Kind = Literal["open", "closed", "holiday", "make_up", "exact"]
_WORDS = {
    "open": N_("open"),
    "closed": N_("closed"),
    "holiday": N_("holiday"),
    "make_up": N_("make-up"),
    "exact": N_("set day"),
}
_DAY = timedelta(days=1)


class Square(NamedTuple):
    """One day: ``head`` is its number with the letter of its hours, ``word`` what it is."""

    date: date
    head: str
    word: str
    kind: Kind


class Month(NamedTuple):
    """A month from Monday to Sunday; None stands for days of another month."""

    title: str
    weekdays: tuple[str, ...]
    weeks: tuple[tuple[Square | None, ...], ...]
    #: every letter with the hours it stands for
    hours: tuple[tuple[str, str], ...]
    #: holidays by name, make-up workdays, exact dates, seasons, and what is not known yet
    notes: tuple[str, ...]


def month_of(calendar: Calendar, first: date, today: date | None = None) -> Month:
    """The month that begins on ``first``. ``today`` is marked with a star, where it lies in the month."""
    days = [calendar.day(first + timedelta(n)) for n in range((_next(first) - first).days)]
    letters: dict[str, str] = {}
    squares: list[Square | None] = [None] * first.weekday()
    squares += [_square(day, calendar, letters, today) for day in days]
    squares += [None] * (-len(squares) % 7)
    monday = first - timedelta(days=first.weekday())
    name = pick(calendar.title._asdict()) if calendar.title is not None else calendar.name
    return Month(
        _("{year}-{month} · {name}").format(year=first.year, month=f"{first.month:02d}", name=name),
        tuple(weekday(monday + timedelta(n)) for n in range(7)),
        tuple(tuple(squares[n : n + 7]) for n in range(0, len(squares), 7)),
        tuple((letter, hours) for hours, letter in letters.items()),
        tuple(_notes(days, calendar, letters)),
    )


def hours_of(day: Day, calendar: Calendar) -> str:
    """A day's hours: ``08:00-12:00 13:00-17:00``; empty on a day that is closed."""
    return " ".join(
        f"{_clock(calendar.local(start), day.date)}-{_clock(calendar.local(end), day.date)}"
        for start, end in day.intervals
    )


def why(day: Day) -> str:
    """Why a date has the hours it has, where it is not the plain week."""
    name = pick(day.name._asdict()) if day.name is not None else ""
    words = {
        "exact": _("set for this day"),
        "holiday": name or _("holiday"),
        "make_up": _("make-up workday ({name})").format(name=name),
        "season": name,
    }
    return words.get(day.why, "")


def known(day: date, calendar: Calendar) -> bool:
    """Whether the statutory days of a date are known, where they count."""
    first, last = calendar.known_from, calendar.known_until
    return first is None or last is None or first <= day <= last


def _square(day: Day, calendar: Calendar, letters: dict[str, str], today: date | None) -> Square:
    hours = hours_of(day, calendar)
    letter = letters.setdefault(hours, _letter(len(letters))) if hours else "-"
    kind: Kind = "open" if hours else "closed"
    if day.why in ("holiday", "make_up", "exact"):
        kind = day.why
    word = _(_WORDS[kind])
    if kind == "holiday" and day.name is not None:
        word = pick(day.name._asdict())
    elif kind == "exact" and not hours:
        word = _(_WORDS["closed"])
    marks = ("*" if day.date == today else "") + ("" if known(day.date, calendar) else "?")
    return Square(day.date, f"{day.date.day:2d}{marks} {letter}", word, kind)


def _letter(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else f"{chr(ord('A') + number // 26 - 1)}{chr(ord('A') + number % 26)}"


def _notes(days: Sequence[Day], calendar: Calendar, letters: dict[str, str]) -> Iterable[str]:
    for season in calendar.schedule.seasons:
        if any(season.holds((each.date.month, each.date.day)) for each in days):
            (month, day), (last_month, last_day) = season.first, season.last
            times = f"{month:02d}-{day:02d} – {last_month:02d}-{last_day:02d}"
            yield _("{days}: {what}").format(
                days=times, what=_("{name} hours").format(name=pick(season.name._asdict()))
            )
    for run in _runs(days):
        hours = hours_of(run[0], calendar)
        told = _("hours {letter}").format(letter=letters[hours]) if hours else _("closed")
        what = _("{why}, {hours}").format(why=why(run[0]), hours=told)
        yield _("{days}: {what}").format(days=_dates(run), what=what)
    for each in days:
        for start, end in calendar.schedule.closed_spans(each.date):
            span = f"{_clock(calendar.local(start), each.date)}-{_clock(calendar.local(end), each.date)}"
            yield _("{days}: {what}").format(days=day_words(each.date), what=_("closed {span}").format(span=span))
    if any(not known(each.date, calendar) for each in days):
        yield _("?: the statutory days of this year are not known yet; deadlines through it are provisional.")


def _runs(days: Sequence[Day]) -> Iterable[list[Day]]:
    """Days in a row that are special for the same reason and with the same hours."""
    run: list[Day] = []
    for day in days:
        if run and (day.why, day.name, day.intervals) != (run[-1].why, run[-1].name, run[-1].intervals):
            yield run
            run = []
        if day.why in ("holiday", "make_up", "exact"):
            run.append(day)
    if run:
        yield run


def _dates(run: Sequence[Day]) -> str:
    first, last = day_words(run[0].date), day_words(run[-1].date)
    return first if len(run) == 1 else f"{first} – {last}"


def _clock(local: datetime, day: date) -> str:
    """A time of a duty that began on ``day``: midnight at its end is 24:00, what lies beyond is the next day's."""
    midnight = local.hour == local.minute == 0 and local.date() == day + _DAY
    return "24:00" if midnight else f"{local:%H:%M}"


def _next(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)
