"""``desk due``, ``desk callback``, ``desk log``: the three lists of the day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import typer

from desk.cli.call import Call
from desk.cli.shape import ACT, PEOPLE, command
from desk.cli.show import as_json, out, plain, say, table
from desk.cli.typing import answers
from desk.errors import Refusal
from desk.i18n import N_, _, pick
from desk.vocabulary import DUTIES, EVENTS, STEPS


def add(app: typer.Typer, name: str, about: str) -> None:
    """Add the one asked for."""
    works: dict[str, Callable[..., None]] = {"due": due, "callback": callback, "log": log}
    command(app, name, about, shares=PEOPLE if name == "due" else [*ACT, "full"])(works[name])


_LIMIT = typer.Option("--limit", metavar="NUMBER", help=N_("At most so many."), min=1, max=100_000)


def due(
    call: Call,
    who: Annotated[str | None, typer.Option(metavar="NAME|DUTY", help=N_("Only of this person or duty."))] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help=N_("Only this kind."))] = None,
    limit: Annotated[int, _LIMIT] = 200,
) -> None:
    """What must be done, in order."""
    from desk.queries.due import due_page

    wanted = _who(call, who) if who else None
    with call.reading() as session:
        page = due_page(call.ledger, session, call.now, who=wanted, kind=kind, limit=limit)
    page = call.shown(page)
    if call.json:
        as_json([due_record(row, call) for row in page.rows])
        return
    from desk.wording import left

    words = {"overdue": _("overdue"), "soon": _("soon"), "later": _("later")}
    table(
        [_("Due"), _("State"), _("Left"), _("Number"), _("What"), _("Who"), _("Room"), _("Matter")],
        (
            (
                call.moment(row.due_at, seconds=row.root_type == "visit", until=True) or "—",
                words[row.state],
                _("paused") if row.paused else left(row.due_at, call.now) if row.due_at else "",
                row.number or "",
                _title(row),
                row.who,
                row.room,
                row.what,
            )
            for row in page.rows
        ),
    )
    if page.next is not None:
        say(_("There are more: --limit shows them."))


def due_record(row: Any, call: Call) -> dict[str, Any]:
    """A row of the board as scripts get it."""
    return {
        "number": row.number,
        "title": _title(row),
        "rule": row.rule_id,
        "source": list(row.source),
        "starts_at": plain(row.starts_at, call.zone),
        "due_at": plain(row.due_at, call.zone),
        "state": row.state,
        "level": row.level,
        "who": row.who,
        "provisional": row.provisional,
        "deadline": str(row.deadline_id) if row.gathered == 1 else None,
    }


def _title(row: Any) -> str:
    title = pick(row.title)
    if row.then:
        title = _("{title} missed: {step}").format(title=title, step=_(STEPS[row.then][0]))
    return _("{title} ({count})").format(title=title, count=row.gathered) if row.gathered > 1 else title


def _who(call: Call, text: str) -> UUID | str:
    """A duty by its word or title, or somebody by name."""
    from desk.wording.values import duty_named

    return text if text in DUTIES else duty_named(text) or call.person(text).id


def callback(
    call: Call,
    number: Annotated[
        str | None, typer.Argument(metavar="NUMBER", help=N_("Of the ticket; without it, the queue."))
    ] = None,
    outcome: Annotated[
        str | None,
        typer.Option(metavar="satisfied|unsatisfied|unanswered|hung_up|refused", help=N_("What came of the call.")),
    ] = None,
    means: Annotated[str | None, typer.Option(metavar="phone|visit", help=N_("How."))] = None,
    answer: Annotated[
        list[str] | None, typer.Option(metavar="QUESTION=yes|no", help=N_("Answer to one of the kind's questions."))
    ] = None,
    opinion: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("What the resident says."))] = None,
    why: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Why they are not satisfied."))] = None,
    handling: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("What is to be done about it."))] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Note"))] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help=N_("Of the queue, only this kind."))] = None,
    limit: Annotated[int, _LIMIT] = 200,
) -> None:
    """The queue, one callback's card, or a callback made."""
    from desk.queries import callbacks
    from desk.queries.tickets import by_number

    if number is None:
        with call.reading() as session:
            page = callbacks.queue(call.ledger, session, call.now, kind=kind, limit=limit)
        _queue(call, call.shown(page.rows))
        return
    with call.reading() as session:
        ticket = by_number(session, call.ledger.estate_id, number)
        ident = callbacks.open_for(session, call.ledger.estate_id, ticket)
        row = callbacks.one(call.ledger, session, ident, call.now)
    if outcome is None:
        _card(call, call.shown(row, ("ticket", ticket)))
        return
    from desk.cli.verbs import told
    from desk.procedures import find_verb
    from desk.procedures.verbs import act
    from desk.wording import value

    given = {
        "outcome": outcome,
        "means": means,
        "answers": answers(answer) if answer else None,
        "opinion": opinion,
        "why": why,
        "handling": handling,
        "note": note,
    }
    verb = find_verb("callback", "callback")
    done = act(call.ledger, verb, ident, {k: v for k, v in given.items() if v is not None}, call.doing())
    told(call, verb, done, row.number, value("outcome", outcome))


def _record(call: Call, row: Any) -> dict[str, Any]:
    record: dict[str, Any] = plain(row, call.zone)
    record["kind_title"] = pick(row.kind_title)
    record["questions"] = [{"id": ident, "text": pick(text)} for ident, text in row.questions]
    return record


def _queue(call: Call, rows: Any) -> None:
    if call.json:
        as_json([_record(call, row) for row in rows])
        return
    table(
        [_("Due"), _("Number"), _("Kind"), _("Room"), _("Name"), _("Telephone"), _("Tried"), _("Matter")],
        (
            (
                call.moment(row.due_at, until=True) or "—",
                row.number,
                pick(row.kind_title),
                row.room,
                row.person,
                row.phone,
                row.attempts or "",
                row.what,
            )
            for row in rows
        ),
    )


def _card(call: Call, row: Any) -> None:
    if call.json:
        as_json(_record(call, row))
        return
    from desk.wording import field, value

    lines = {
        "number": row.number,
        "what": row.what,
        "room": row.room,
        "person": row.person,
        "phone": row.phone,
        "assignee": row.handler,
        "result": row.result,
        "completed_at": call.moment(row.completed_at),
    }
    table(["", ""], [(field(name), text) for name, text in lines.items() if text])
    if row.due_at:
        out(_("Call until {time}.").format(time=call.moment(row.due_at, until=True)))
    if row.handler_first and not row.handler_heard:
        out(_("Hear the one who handled it before calling back."))
    for tried in row.history:
        out(f"{call.moment(tried.at)}  {tried.by}  {value('outcome', tried.outcome)}  {tried.note}".rstrip())
    for ident, text in row.questions:
        out(f"{ident}: {pick(text)}?")


def log(
    call: Call,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Write this in the log."))] = None,
    urgent: Annotated[bool, typer.Option("--urgent", help=N_("Whoever comes next must know."))] = False,
    day: Annotated[
        str | None, typer.Option(metavar="2026-11-22", help=N_("Only of this day; “all” for every day."))
    ] = None,
    text: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Only with this text."))] = None,
    group: Annotated[
        str | None, typer.Option(metavar="WORD", help=N_("Only these: ticket, callback, handover …"))
    ] = None,
    number: Annotated[str | None, typer.Option(metavar="NUMBER", help=N_("Only of this ticket."))] = None,
    limit: Annotated[int, _LIMIT] = 200,
) -> None:
    """The day as it happened."""
    from desk.queries.log import log_page
    from desk.queries.tickets import by_number
    from desk.wording import summary

    if note is not None:
        from desk.cli.verbs import told
        from desk.procedures import find_verb
        from desk.procedures.verbs import act

        verb = find_verb("log", "log")
        given: dict[str, Any] = {"note": note, "urgent": True} if urgent else {"note": note}
        told(call, verb, act(call.ledger, verb, None, given, call.doing()))
        return
    with call.reading() as session:
        root = by_number(session, call.ledger.estate_id, number) if number else None
        if group is not None and group not in (known := sorted({name.partition(".")[0] for name in EVENTS})):
            raise Refusal("value.choice", name="group", title=N_("Kind"), value=group, known=known)
        wanted = _day(call, day) if root is None and not text else _day(call, day) if day else None
        page = log_page(
            call.ledger, session, day=wanted, text=text, group=group, root=root, oldest_first=True, limit=limit
        )
    page = call.shown(page, ("ticket", root) if root is not None else None)
    if call.json:
        as_json([event_record(row, call) for row in page.rows])
        return
    table(
        [_("Time"), _("Number"), _("Who"), _("What")],
        (
            (
                call.moment(row.happened_at) + (" *" if row.late else ""),
                row.number or "",
                row.done_by or "—",
                summary(row, call.zone, call.ledger.book),
            )
            for row in page.rows
        ),
    )
    if any(row.late for row in page.rows):
        say(_("* written up afterwards"))
    if page.next is not None:
        say(_("There are more: --limit shows them."))


def event_record(row: Any, call: Call) -> dict[str, Any]:
    """An event as JSON."""
    record: dict[str, Any] = plain(row, call.zone)
    record["title"] = _(row.title)
    record["changed"] = record["changed"] and record["changed"]["found"]
    return record


def _day(call: Call, text: str | None) -> date | None:
    if text == "all":
        return None
    if text is None:
        return call.now.astimezone(call.zone).date()
    try:
        return call.day(text)
    except Refusal:
        raise Refusal("cli.day", text=text) from None
