"""``desk visit``: the waiting board, who came on a day, and everything that is done for a visitor or caller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import typer

from desk.cli.boards import due_record
from desk.cli.call import Call
from desk.cli.shape import ACT, LOOK, PEOPLE, command, group
from desk.cli.show import as_json, out, plain, say, table
from desk.cli.verbs import add_verb
from desk.errors import Refusal
from desk.i18n import N_, _, pick
from desk.procedures import corrections, verbs_of
from desk.queries.log import log_page
from desk.queries.reports import day_of
from desk.queries.waiting import VisitRow, board, visit_numbered, visit_page, visit_row
from desk.queries.waits import waits
from desk.wording import left, summary, title, value
from desk.wording.waits import clock, wait_lines

app = group(N_("Visitors and callers: the waiting board, and everything that is done for them."))

#: what the words of a command would say twice
_SHORT = {"arrive-visitor": "arrive", "change-visit": "change"}


def _visit(call: Call, text: str) -> UUID:
    """The visit meant by a number: whole, without the year, or only its last part today."""
    with call.reading() as session:
        return visit_numbered(call.ledger, session, text, call.now)


@command(app, "board", N_("Who is at the counter or on the line, since when, with whom, what is next."), shares=PEOPLE)
def board_(call: Call) -> None:
    """The waiting board."""
    with call.reading() as session:
        found = board(call.ledger, session, call.now)
    found = call.shown(found)
    if call.json:
        as_json(
            {
                "visits": [_record(row, call) for row in found.rows],
                "busy": [{"name": busy.name, "number": busy.visit.number, "phone": busy.phone} for busy in found.busy],
                "messages": [_record(row, call) for row in found.messages],
            }
        )
        return
    _print(found.rows, call)
    for busy in found.busy:
        about = _("{name} is on the telephone: {number}") if busy.phone else _("{name} is with {number}")
        out(about.format(name=busy.name, number=busy.visit.number))
    for row in found.messages:
        out(_("Message of {name} to be passed on: {number}").format(name=row.name or _("a visitor"), number=row.number))


@command(app, "list", N_("Who came on a day, the earliest first."), shares=PEOPLE)
def list_(
    call: Call,
    day: Annotated[str | None, typer.Option(metavar="DATE", help=N_("Which day; today without it."))] = None,
    limit: Annotated[int, typer.Option(metavar="NUMBER", help=N_("At most so many."), min=1, max=10_000)] = 1000,
) -> None:
    """The visits of a day."""
    since, until = day_of(call.ledger, call.day(day) if day else call.now.astimezone(call.zone).date())
    with call.reading() as session:
        rows = visit_page(call.ledger, session, since, until, call.now, limit=limit)
    rows = call.shown(rows)
    if call.json:
        as_json([_record(row, call) for row in rows])
    else:
        _print(rows, call)


@command(app, "show", N_("Everything about one visit."), shares=PEOPLE)
def show(
    call: Call, number: Annotated[str, typer.Argument(metavar="NUMBER", help=N_("W-261122-003, or W-003 today."))]
) -> None:
    """One visit."""
    with call.reading() as session:
        ident = visit_numbered(call.ledger, session, number, call.now)
        row = visit_row(call.ledger, session, ident, call.now)
        events = log_page(call.ledger, session, root=ident, oldest_first=True).rows
    row, events = call.shown((row, events), ("visit", ident))
    if call.json:
        as_json(
            {
                **_record(row, call),
                "events": [
                    {"name": event.name, "at": plain(event.happened_at, call.zone), "done_by": event.done_by}
                    for event in events
                ],
            }
        )
        return
    _print([row], call)
    for due in row.due:
        out(f"{call.moment(due.due_at, seconds=True, until=True) or '—'}  {pick(due.title)}  {due.who}")
    out()
    for event in events:
        at = call.moment(event.happened_at, seconds=True)
        out(f"{at}  {event.done_by or '—'}  {summary(event, call.zone, call.ledger.book)}")


@command(app, "report", N_("How long visitors waited, how they left, how often the service moved up."), shares=LOOK)
def report(
    call: Call,
    since: Annotated[str | None, typer.Option("--from", metavar="DATE", help=N_("First day; else today."))] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="DATE", help=N_("Last day; else the first."))] = None,
) -> None:
    """The waits of some days."""
    first = call.day(since) if since else call.now.astimezone(call.zone).date()
    last = call.day(until) if until else first
    begin, end = day_of(call.ledger, first)[0], day_of(call.ledger, last)[1]
    with call.reading() as session:
        found = waits(call.ledger, session, begin, end, call.now)
    if call.json:
        as_json({**plain(asdict(found), call.zone), **{n: _seconds(getattr(found, n)) for n in ("median", "longest")}})
        return
    table(["", "", ""], wait_lines(found))


def _seconds(span: timedelta | None) -> int | None:
    return int(span.total_seconds()) if span is not None else None


@command(app, "undo", N_("Take back what you did last for this visitor."), shares=ACT)
def undo(
    call: Call, number: Annotated[str, typer.Argument(metavar="NUMBER", help=N_("W-261122-003, or W-003 today."))]
) -> None:
    """Take the last act back."""
    last = corrections.last_act(call.ledger, call.me.id, _visit(call, number))
    if last is None:
        raise Refusal("undo.none")
    corrections.undo(call.ledger, last.batch, call.doing())
    if call.json:
        as_json({"number": last.number, "undone": list(last.names)})
        return
    out(_("{number}: taken back: {what}.").format(number=last.number, what=_(", ").join(map(title, last.names))))


def _record(row: VisitRow, call: Call) -> dict[str, Any]:
    record: dict[str, Any] = {name: plain(getattr(row, name), call.zone) for name in _FIELDS}
    record["waited_seconds"] = int(row.waited(call.now).total_seconds())
    record["due"] = [due_record(due, call) for due in row.due]
    return record


_FIELDS = tuple(name for name in VisitRow.__dataclass_fields__ if name != "due")


def _print(rows: Sequence[VisitRow], call: Call) -> None:
    table(
        [
            _("Number"),
            _("State"),
            _("Came at"),
            _("Waited"),
            _("Name"),
            _("Kind"),
            _("Served by"),
            _("Next"),
            _("Left"),
        ],
        (
            (
                row.number,
                _state(row),
                call.moment(row.came_at, seconds=True),
                clock(row.waited(call.now)),
                " ".join(filter(None, (row.name, row.room))),
                " ".join(filter(None, (value("matter", row.matter), row.what))),
                row.served_by or (row.host if row.status == "with_host" else ""),
                pick(row.next.title) if row.next else "",
                left(row.next.due_at, call.now) if row.next and row.next.due_at else "",
            )
            for row in rows
        ),
    )
    if not rows:
        say(_("Nobody is waiting."))


def _state(row: VisitRow) -> str:
    """The state in words, with what is special about it."""
    words = [value("status", row.status)]
    if row.urgent:
        words.insert(0, _("Urgent"))
    if row.channel == "phone":
        words.append(_("on hold") if row.held_since else value("channel", "phone"))
    if row.level:
        words.append(value("level", row.level))
    if row.host_state in ("out", "busy"):
        words.append(_("host: {state}").format(state=value("host_state", row.host_state)))
    return _(", ").join(words)


for _verb in verbs_of("visit"):
    add_verb(app, _verb, None if _verb.opens else _visit, "NUMBER", name=_SHORT.get(_verb.name))
