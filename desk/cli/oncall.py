"""``desk oncall``: who is to be rung for an emergency, in what order, and who has answered."""

from __future__ import annotations

from typing import Annotated

import typer

from desk.cli.call import Call
from desk.cli.shape import LOOK, command
from desk.cli.show import as_json, plain, say, table
from desk.i18n import N_, _
from desk.models import Ticket
from desk.procedures.oncall import on_call
from desk.queries.responsible import Call as Listed
from desk.queries.responsible import call_list
from desk.queries.tickets import by_number
from desk.wording import value


def add(app: typer.Typer, name: str, about: str) -> None:
    """Add the command."""
    command(app, name, about, shares=LOOK)(show)


def show(
    call: Call,
    number: Annotated[
        str | None,
        typer.Argument(metavar="NUMBER", help=N_("A ticket: with what each answered who was rung about it.")),
    ] = None,
) -> None:
    """Who is on call."""
    with call.reading() as session:
        ticket = by_number(session, call.ledger.estate_id, number) if number else None
        if ticket is not None and call.ledger.book.responsible and "on_call" not in call.ledger.book.settings:
            # a manual with a responsibility table says itself who is rung about what (S3-18)
            matter = session.get_one(Ticket, (call.ledger.estate_id, ticket))
            _by_table(call, call_list(call.ledger, session, matter, call.now))
            return
        rows = on_call(call.ledger, session, call.now, ticket)
    if call.json:
        as_json(plain(rows, call.zone))
        return
    table(
        [_("Place on the list"), _("Who"), _("Telephone"), _("Until"), _("Turn"), _("Their answer")],
        (
            (
                row.rank,
                row.name,
                row.phone,
                call.moment(row.until),
                row.turn,
                " ".join(filter(None, (value("answer", row.answer), call.moment(row.rung_at)))),
            )
            for row in rows
        ),
    )
    if not rows:
        say(_("Nobody is on call now. Plan it: desk roster plan --on-call"))


def _by_table(call: Call, rows: list[Listed]) -> None:
    """Who answers for the matter and who stands above them, with who was rung and who answered."""
    if call.json:
        as_json(plain(rows, call.zone))
        return
    table(
        [_("Rung as"), _("Who"), _("Telephone"), _("Shift"), _("Their answer")],
        (
            (
                value("role", row.role),
                row.name or _("nobody has this duty: {duty}").format(duty=value("duty", row.duty)),
                row.phone,
                _("on duty") if row.on_duty else "",
                _answer(call, row),
            )
            for row in rows
        ),
    )


def _answer(call: Call, row: Listed) -> str:
    if row.answered_at is not None:
        return _("answered {time}").format(time=call.moment(row.answered_at))
    return _("no answer {time}").format(time=call.moment(row.rung_at)) if row.rung_at else _("not rung yet")
