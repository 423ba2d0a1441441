"""``desk move``: all records from a file to a server, or back."""

from __future__ import annotations

from typing import Annotated

import typer

from desk.cli.call import Call
from desk.cli.check import showing
from desk.cli.shape import LOOK, command
from desk.cli.show import as_json, out, say
from desk.errors import Refusal
from desk.i18n import N_, _


def add(app: typer.Typer, name: str, about: str) -> None:
    """Add the command."""
    command(app, name, about, shares=[*LOOK, "yes"])(move)


def move(
    call: Call,
    to: Annotated[
        str,
        typer.Option("--to", metavar="URL|FILE", help=N_("Where everything goes: a server's address, or a new file.")),
    ],
) -> None:
    """Ask, carry everything over, count it and walk its chain there."""
    from desk.cli.show import confirmed
    from desk.ledger.move import move as carry

    store = call.store
    call.allowed_whole("records")
    say(
        _("Everything in {place} goes to {to}; nobody can write meanwhile, nor in the former place afterwards.").format(
            place=store.place, to=_shown(to)
        )
    )
    if not call.yes and not confirmed(_("Carry the records over?")):
        raise Refusal("move.ask")
    with showing({"chain": N_("The chain of entries")}) as progress:
        moved = carry(store, to, call.clock, progress)
    rows = sum(moved.counts.values())
    if call.json:
        heads = {name: {"seq": seq, "hash": hash_} for name, (seq, hash_) in moved.heads.items()}
        as_json({"rows": rows, "tables": moved.counts, "heads": heads, "kept": str(moved.kept) if moved.kept else None})
        return
    for name, (seq, hash_) in moved.heads.items():
        out(_("{estate}: ledger entry {seq}, {hash}").format(estate=name, seq=seq, hash=hash_[:12]))
    out(_("{rows} rows carried over and counted; the chain of entries is the same at both ends.").format(rows=rows))
    out(_("From now on every counter opens {to}.").format(to=_shown(to)))
    if moved.kept is not None:
        out(_("The former file is called {file} now.").format(file=moved.kept))
    else:
        out(_("The server still holds what it held: take the counters' access away, or drop that database."))


def _shown(to: str) -> str:
    """A server's address without its password."""
    if "://" not in to:
        return to
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(to).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        raise Refusal("store.address", place=to.partition("://")[0] + "://…") from None
