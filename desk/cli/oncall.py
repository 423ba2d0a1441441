"""``desk oncall``: who is to be rung for an emergency, in what order, and who has answered."""

from __future__ import annotations

from typing import Annotated

import typer

from desk.cli.call import Call
from desk.cli.shape import LOOK, command
from desk.cli.show import as_json, plain, say, table
from desk.i18n import N_, _
from desk.procedures.oncall import on_call
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
