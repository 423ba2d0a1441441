"""``desk calendar``: opening hours day by day, and due times through them. Without ``--calendar`` the store's."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Annotated

import typer

from desk import resources, wording
from desk.calendars import Calendar, load_calendar
from desk.calendars.schedule import Day
from desk.cli import cases
from desk.cli.call import Call
from desk.cli.files import calendar_file
from desk.cli.shape import LOOK, PLAIN, command, group
from desk.cli.show import as_json, out, plain, table
from desk.errors import Refusal
from desk.i18n import N_, _, pick
from desk.limits import parse_limit
from desk.rulebook import Rule

app = group(N_("Opening hours, and due times through them."))

_CALENDAR = typer.Option(
    "--calendar", metavar="NAME|FILE", help=N_("One of ours by name, or a file; else that of the store's estate.")
)
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")


def _calendar(call: Call, text: str | None) -> Calendar:
    if text is None:
        return call.ledger.calendar
    return load_calendar(calendar_file(text), resources.path("calendars"))


def _why(day: Day) -> str:
    """Why a date has the hours it has, where it is not the plain week."""
    name = pick(day.name._asdict()) if day.name is not None else ""
    words = {
        "exact": _("set for this day"),
        "holiday": name or _("holiday"),
        "make_up": _("make-up workday ({name})").format(name=name),
        "season": name,
    }
    return words.get(day.why, "")


@command(app, "show", N_("The hours of each day of a month, and why."), shares=LOOK)
def show(
    call: Call,
    month: Annotated[
        str | None, typer.Argument(metavar="2026-10|2026-10-08", help=N_("The month, or one day; else this month."))
    ] = None,
    calendar: Annotated[str | None, _CALENDAR] = None,
) -> None:
    """A month."""
    hours = _calendar(call, calendar)
    days = [hours.day(each) for each in _days(month, hours.local(call.clock if calendar else call.now).date())]
    if call.json:
        as_json(
            [
                {
                    "date": day.date.isoformat(),
                    "hours": [[plain(a, hours.timezone), plain(b, hours.timezone)] for a, b in day.intervals],
                    "why": day.why,
                    "name": pick(day.name._asdict()) if day.name is not None else None,
                    "known": hours.known_until is None or day.date <= hours.known_until,
                }
                for day in days
            ]
        )
        return
    table(
        [_("Day"), _("Hours"), _("Why")],
        ((wording.day(day.date), _hours(day, hours) or _("closed"), _note(day, hours)) for day in days),
    )


def _hours(day: Day, hours: Calendar) -> str:
    return " ".join(f"{hours.local(a):%H:%M}-{_end(hours.local(b), day.date)}" for a, b in day.intervals)


def _end(local: datetime, day: date) -> str:
    midnight = local.hour == local.minute == 0 and local.date() == day + timedelta(days=1)
    return "24:00" if midnight else f"{local:%H:%M}"


def _note(day: Day, hours: Calendar) -> str:
    note = _why(day)
    if hours.known_until is not None and day.date > hours.known_until:
        note = "; ".join(filter(None, [note, _("statutory days not known yet")]))
    return note


def _days(text: str | None, today: date) -> list[date]:
    if text and (found := _MONTH.fullmatch(text)):
        year, month = int(found[1]), int(found[2])
        if not (1 <= month <= 12 and 1 <= year < 9999):
            raise Refusal("cli.day", text=text)
        first = date(year, month, 1)
    elif text:
        try:
            return [date.fromisoformat(text)]
        except ValueError:
            raise Refusal("cli.day", text=text) from None
    else:
        first = today.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return [first + timedelta(days=n) for n in range((following - first).days)]


@command(app, "due", N_("When a limit that begins at START is due, with each stretch counted or skipped."), shares=LOOK)
def due(
    call: Call,
    start: Annotated[str, typer.Argument(metavar="START", help=N_("2026-09-30T16:00, or as people say it."))],
    limit: Annotated[str, typer.Argument(metavar="LIMIT", help=N_("2 working hours, 3 days, end of duty …"))],
    calendar: Annotated[str | None, _CALENDAR] = None,
    opening: Annotated[bool, typer.Option("--from-opening", help=N_("Count from the next opening."))] = False,
) -> None:
    """Reckon."""
    from desk.when import parse_time

    hours = _calendar(call, calendar)
    at = parse_time(start, call.clock, hours.timezone)
    asked = parse_limit(limit, where="LIMIT")
    result = asked.reckon(
        at, calendar=hours, facts={}, figures={}, tables={}, counts_from="opening" if opening else None, explain=True
    )
    rule = Rule(
        id="",
        source=(),
        title={"zh": "", "en": ""},
        on=(),
        until=(),
        within=asked,
        by="agent",
        counts_from="opening" if opening else None,
    )
    lines = wording.explain(rule, asked, at, result, zone=hours.timezone)[1:]
    if call.json:
        as_json(
            {
                "starts_at": plain(at, hours.timezone),
                "limit": asked.words(),
                "due_at": plain(result.due_at, hours.timezone),
                "provisional": result.provisional,
                "missing": result.missing,
                "explain": lines,
            }
        )
        return
    out("\n".join(lines))


command(
    app,
    "verify",
    N_("Check the arithmetic against a table of cases; says which differ, and leaves 1 if any."),
    shares=PLAIN,
)(cases.verify)
