"""``desk report``: registers, totals and targets of a period."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any

import typer

from desk.cli.call import Call
from desk.cli.shape import LOOK, PEOPLE, command, group
from desk.cli.show import as_json, plain, say, table
from desk.errors import Refusal
from desk.i18n import N_, _, pick
from desk.queries.meeting import meeting_list
from desk.queries.rates import by_week, rates, shares
from desk.queries.reports import day_of, month_of, register, totals
from desk.vocabulary import SHARES
from desk.wording import duration, value
from desk.wording.values import share_words

app = group(N_("Registers, the day's report, the targets."))

_PERIOD = Annotated[
    str | None, typer.Argument(metavar="2026-11|2026-11-22", help=N_("A month or a day; else this month."))
]
_LIMIT = Annotated[int, typer.Option("--limit", metavar="NUMBER", help=N_("At most so many."), min=1, max=100_000)]


#: the last moment before a period's end
_INSTANT = timedelta(microseconds=1)


def _period(call: Call, text: str | None) -> tuple[datetime, datetime]:
    today = call.now.astimezone(call.zone).date()
    if text is None:
        return month_of(call.ledger, today)
    try:
        if len(text) == 7:
            return month_of(call.ledger, date.fromisoformat(f"{text}-01"))
        return day_of(call.ledger, date.fromisoformat(text))
    except ValueError:
        raise Refusal("cli.day", text=text) from None


def _register(name: str, about: str, kind: str) -> None:
    def work(call: Call, period: _PERIOD = None, limit: _LIMIT = 10_000) -> None:
        since, until = _period(call, period)
        wanted = str(call.ledger.book.settings.get(f"{kind}_kind", kind))
        with call.reading() as session:
            page = register(call.ledger, session, [wanted], since, until, limit=limit)
        page = call.shown(page)
        if call.json:
            as_json(plain(page.rows, call.zone))
            return
        table(
            [
                _("Number"),
                _("Received"),
                _("Room"),
                _("Name"),
                _("Telephone"),
                _("Matter"),
                _("Department"),
                _("Completed"),
                _("Result"),
                _("Callback"),
                _("Resident's opinion"),
            ],
            (
                (
                    row.number,
                    call.moment(row.opened_at),
                    row.room,
                    row.person,
                    row.phone,
                    row.what,
                    row.department,
                    call.moment(row.completed_at),
                    row.result,
                    value("outcome", row.outcome),
                    row.opinion,
                )
                for row in page.rows
            ),
        )

    work.__annotations__ = {
        "call": Call,
        "period": _PERIOD,
        "limit": _LIMIT,
        "return": None,
    }
    command(app, name, about, shares=PEOPLE)(work)


_register("repairs", N_("The repair register."), "repair")
_register("complaints", N_("The complaint register."), "complaint")


@command(app, "totals", N_("What came in, by kind, and what became of it."), shares=LOOK)
def total(call: Call, period: _PERIOD = None) -> None:
    """Totals."""
    since, until = _period(call, period)
    with call.reading() as session:
        rows = totals(call.ledger, session, since, until)
    if call.json:
        as_json([_record(row, call) for row in rows])
        return
    table(
        [
            _("Kind"),
            _("Received"),
            _("Completed"),
            _("Unfinished"),
            _("Cancelled"),
            _("Called back"),
            _("Satisfied"),
            _("Not satisfied"),
            _("Mean time"),
        ],
        (
            (
                pick(row.title),
                row.opened,
                row.completed,
                row.unfinished,
                row.cancelled,
                row.called_back,
                row.satisfied,
                row.unsatisfied,
                duration(row.mean) if row.mean is not None else "",
            )
            for row in rows
        ),
    )


def _record(row: Any, call: Call) -> dict[str, Any]:
    record = {name: getattr(row, name) for name in row.__dataclass_fields__ if name not in ("title", "mean")}
    return {
        **record,
        "title": pick(row.title),
        "mean_seconds": row.mean.total_seconds() if row.mean is not None else None,
    }


@command(app, "targets", N_("The manual's targets, and what they have come to."), shares=LOOK)
def targets(call: Call, period: _PERIOD = None) -> None:
    """Targets."""
    with call.reading() as session:
        since, now = None, call.now
        if period is not None:
            since, until = _period(call, period)
            now = min(until, now)
        rows = rates(call.ledger, session, now, since)
    if call.json:
        as_json([{**plain(row, call.zone), "title": pick(row.title)} for row in rows])
        return
    table(
        [_("Target"), _("Wanted"), _("Came to"), _("Cases"), _("Met")],
        (
            (
                pick(row.title),
                _wanted(row),
                _figure(row, row.value),
                row.count,
                "" if row.met is None or not _wanted(row) else value("", row.met),
            )
            for row in rows
        ),
    )
    if any(row.met is False for row in rows):
        say(_("Not every target is met."))


@command(app, "rates", N_("The rates by week and month, each with what it is a share of."), shares=LOOK)
def rate(call: Call, period: _PERIOD = None) -> None:
    """Rates."""
    since, until = _period(call, period)
    month = since.astimezone(call.zone).date()
    with call.reading() as session:
        whole = shares(call.ledger, session, min(until - _INSTANT, max(call.now, since)), since)
        weeks = by_week(call.ledger, session, month, call.now) if period is None or len(period) == 7 else []
    if call.json:
        as_json(
            {
                "rates": [_rate_record(row, call) for row in whole],
                "weeks": [
                    {
                        "first": str(week.first),
                        "last": str(week.last),
                        "rates": [_rate_record(row, call) for row in week.rates],
                    }
                    for week in weeks
                ],
            }
        )
        return
    spans = [f"{week.first:%m-%d}~{week.last:%m-%d}" for week in weeks]
    table(
        [_("Rate"), _("Whole period"), *spans, _("Share")],
        (
            (
                pick(row.title),
                share_words(row),
                *(share_words(week.rates[place]) for week in weeks),
                _(SHARES[row.measure]),
            )
            for place, row in enumerate(whole)
        ),
    )


def _rate_record(row: Any, call: Call) -> dict[str, Any]:
    return {**plain(row, call.zone), "title": pick(row.title), "of": _(SHARES[row.measure])}


@command(app, "meeting", N_("The matters put to the managers' meeting and not decided yet."), shares=LOOK)
def meeting(call: Call) -> None:
    """The meeting's list."""
    with call.reading() as session:
        rows = call.shown(meeting_list(call.ledger, session))
    if call.json:
        as_json(plain(rows, call.zone))
        return
    table(
        [_("Number"), _("Put to it"), _("Room"), _("Department"), _("Matter"), _("Reason")],
        ((row.number, call.moment(row.put_at), row.room, row.department, row.matter, row.reason) for row in rows),
    )


def _wanted(row: Any) -> str:
    if row.at_least is not None:
        return _("at least {value}").format(value=_figure(row, row.at_least))
    return _("below {value}").format(value=_figure(row, row.below)) if row.below is not None else ""


def _figure(row: Any, figure: float | None) -> str:
    if figure is None:
        return ""
    return f"{figure:.1%}" if row.measure in SHARES else f"{figure:g}"
