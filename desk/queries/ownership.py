"""Who answered for a ticket in turn: the first contact, those it was handed to, those who came on duty (S3-04)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from desk.queries.tickets import TicketView

#: how somebody came to answer for it, by the event
_HOW = {
    "ticket.opened": "first",
    "ticket.transfer_accepted": "delegated",
    "ticket.followed_on": "shift",
}


@dataclass(frozen=True, slots=True)
class Link:
    """One in the chain, from ``since`` (aware UTC) on; ``how`` is ``first``, ``delegated`` or ``shift``."""

    name: str
    since: datetime
    how: str
    #: for which part, as it was said on handing it down
    node: str = ""


def chain(view: TicketView) -> Sequence[Link]:
    """The chain of a ticket; empty while whoever heard it first still answers for it."""
    found: list[Link] = []
    node = ""
    for event in view.events:
        if event.undone == "retracted":
            continue
        if event.name in ("ticket.delegated", "ticket.transferred"):
            node = event.words.get("node") or ""
        elif event.name in _HOW:
            how = _HOW[event.name]
            name = view.first_contact if how == "first" else str(event.sets.get("owner") or "")
            found.append(Link(name, event.happened_at, how, node if how == "delegated" else ""))
    return found if len(found) > 1 else ()
