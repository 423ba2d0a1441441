"""``desk access``: what the users of a PostgreSQL server may do."""

from __future__ import annotations

from typing import Annotated

import typer

from desk.cli.call import Call
from desk.cli.shape import LOOK, command
from desk.cli.show import as_json, out
from desk.i18n import N_, _


def add(app: typer.Typer, name: str, about: str) -> None:
    """Add the command."""
    command(app, name, about, shares=LOOK)(access)


def access(
    call: Call,
    counter: Annotated[
        str, typer.Option("--counter", metavar="ROLE", help=N_("The role of the counters: adds to the ledger."))
    ] = "desk_counter",
    reader: Annotated[
        str, typer.Option("--reader", metavar="ROLE", help=N_("The role of those who only read, for reports."))
    ] = "desk_reader",
    show: Annotated[bool, typer.Option("--show", help=N_("Only print the statements, for whoever owns it."))] = False,
) -> None:
    """Make the roles, and grant them what they need and no more."""
    from desk.store.access import grant, statements

    if show:
        lines = statements(counter, reader)
        if call.json:
            as_json(lines)
        for line in [] if call.json else lines:
            out(f"{line};")
        return
    store = call.store
    if store.path is None:  # of a file it is refused in a sentence of its own
        call.allowed_whole("records")
    grant(store, counter, reader)
    if call.json:
        as_json({"counter": counter, "reader": reader})
        return
    out(
        _("“{counter}” adds to the ledger and can't change it; “{reader}” only reads.").format(
            counter=counter, reader=reader
        )
    )
    out(
        _("Give each counter a user of its own: CREATE ROLE counter1 LOGIN PASSWORD '…' IN ROLE {counter};").format(
            counter=counter
        )
    )
