"""``desk calendar``: opening hours day by day, and due times through them. Without ``--calendar`` the store's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from desk import resources, wording
from desk.calendars import Calendar, load_calendar, read_year
from desk.calendars.schedule import Day
from desk.cli import cases
from desk.cli.call import Call
from desk.cli.files import calendar_file
from desk.cli.progress import Progress
from desk.cli.shape import ACT, LOOK, PLAIN, command, group
from desk.cli.show import as_json, filled, out, plain, table
from desk.errors import Refusal
from desk.i18n import N_, _, ngettext, pick
from desk.limits import parse_limit
from desk.rulebook import Rule
from desk.wording.month import Month, hours_of, known, month_of, why

app = group(N_("Opening hours, and due times through them."))

_CALENDAR = typer.Option(
    "--calendar", metavar="NAME|FILE", help=N_("One of ours by name, or a file; else that of the store's estate.")
)
#: cells of a day: seven of them with a blank between fit a page of 80
_COLUMN = 10
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")


def _calendar(call: Call, text: str | None) -> Calendar:
    if text is None:
        return call.ledger.calendar
    return load_calendar(calendar_file(text), resources.path("calendars"))


@command(
    app,
    "show",
    N_("A month drawn: open, closed, holidays, make-up days; or the hours of one day, and why."),
    shares=LOOK,
)
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
                    "known": known(day.date, hours),
                }
                for day in days
            ]
        )
        return
    if len(days) == 1:
        table(
            [_("Day"), _("Hours"), _("Why")],
            ((wording.day(day.date), hours_of(day, hours) or _("closed"), _note(day, hours)) for day in days),
        )
        return
    today = hours.local(call.clock if calendar else call.now).date()
    for line in _drawn(month_of(hours, days[0].date, today)):
        out(line)


def _drawn(month: Month) -> list[str]:
    """The month on paper: a line of numbers with the letter of the hours, and one of words, for each week."""

    def row(texts: Iterable[str]) -> str:
        return " ".join(filled(text, _COLUMN) for text in texts).rstrip()

    lines = [month.title, "", row(month.weekdays)]
    for week in month.weeks:
        lines += [row(day.head if day else "" for day in week), row(day.word if day else "" for day in week)]
    lines += ["", *(_("{letter}: {hours}").format(letter=letter, hours=hours) for letter, hours in month.hours)]
    return [*lines, *(["", *month.notes] if month.notes else [])]


def _note(day: Day, hours: Calendar) -> str:
    note = why(day)
    if not known(day.date, hours):
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


@command(
    app,
    "import",
    N_("Bring in a year's published days off and make-up workdays; says which deadlines move."),
    shares=ACT,
)
def import_days(
    call: Call,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help=N_("A year as cn-2026.toml has it, or the JSON of the public lists of Chinese holidays."),
        ),
    ],
) -> None:
    """Import."""
    from desk.procedures import estate

    with Progress(_("Reckoning anew")) as progress:
        found = estate.import_days(call.ledger, read_year(file), call.doing(), file.name, progress.at)
    year = found.year
    if call.json:
        as_json(
            {
                "version": found.version,
                "year": year.year,
                "off": [day.isoformat() for day in sorted(year.off)],
                "make_up": [day.isoformat() for day in sorted(year.make_up)],
                "moved": [plain(each, call.zone) for each in found.moved],
                "no_longer_provisional": found.firm,
            }
        )
        return
    out(
        _("{year}: {off} days off and {make_up} make-up workdays are in force as version {version}.").format(
            year=year.year, off=len(year.off), make_up=len(year.make_up), version=found.version
        )
    )
    if found.firm:
        out(
            ngettext(
                "No longer provisional: {n} deadline.", "No longer provisional: {n} deadlines.", found.firm
            ).format(n=found.firm)
        )
    if not found.moved:
        out(_("No open deadline has moved."))
        return
    out(ngettext("Moved: {n} deadline.", "Moved: {n} deadlines.", len(found.moved)).format(n=len(found.moved)))
    titles = {rule.id: pick(rule.title) for rule in call.ledger.book.rules.values()}
    table(
        [_("Number"), _("Rule"), _("What"), _("Was due"), _("Is due")],
        (
            (
                each.number or "—",
                f"{each.rule_id}/{each.step}" if each.step else each.rule_id,
                titles.get(each.rule_id, ""),
                wording.moment(each.was, call.zone),
                wording.moment(each.now, call.zone) if each.now is not None else "—",
            )
            for each in found.moved
        ),
    )
