"""A ticket put into another class after it was opened, or found to be urgent after all: written down as what it is.

What was classified wrongly is passed on anew, to whoever answers for the new class; where it turns out to be urgent the
limits of an emergency count from when that was known. Under manuals that speak of classes. Sources: S3-18,
S3-20, S3-21.
"""

from __future__ import annotations

from typing import Any

from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Entry
from desk.models import Ticket
from desk.procedures.verbs import NOTE, Param, Values, Verb, present, spoken_of, unfinished
from desk.rulebook import Kind, Rulebook
from desk.text import fold

#: what was taken down and says nothing about the class
_TAKEN_DOWN = {"kind", "urgent", "emergency", "channel", "source"}


def _named(book: Rulebook, text: str) -> Kind:
    """A kind by its id or either title. Raises :class:`Refusal` ``kind.unknown``."""
    for kind in book.kinds.values():
        if fold(text) in (fold(kind.id), *(fold(title) for title in kind.title.values())):
            return kind
    raise Refusal("kind.unknown", kind=text, known=list(book.kinds))


def _reclassify(entry: Entry, ticket: Ticket, values: Values) -> None:
    """Another class, another urgency, or both. The number stays: it is what people know the matter by."""
    book = entry.ledger.book
    kind = _named(book, values["kind"]) if values.get("kind") else None
    sets: dict[str, Any] = {}
    if values.get("urgent") not in (None, ticket.urgent):
        sets["urgent"] = values["urgent"]
    if kind is not None and kind.id != ticket.kind:
        if ticket.status == "working" or ticket.facts.get("slip") == "out":
            raise Refusal("class.begun", number=ticket.number)
        # somebody else answers for it now: given out anew
        sets |= {
            "kind": kind.id,
            "status": "open",
            "assignee": None,
            **_as_opened(ticket, book.kinds.get(ticket.kind), kind),
        }
    if not sets:
        raise Refusal("correct.nothing")
    entry.on(
        ticket,
        "ticket.reclassified",
        sets=sets,
        facts={"former_kind": ticket.kind if "kind" in sets else None, "made_urgent": sets.get("urgent") or None},
        words={"note": values.get("note")},
    )


def _as_opened(ticket: Ticket, former: Kind | None, kind: Kind) -> dict[str, Any]:
    """What a ticket of ``kind`` opens with, where the ticket still has what its ``former`` kind opened with."""
    old, new = former.opening if former is not None else {}, kind.opening
    sets: dict[str, Any] = {}
    for name in (old.keys() | new.keys()) - _TAKEN_DOWN:
        has = getattr(ticket, name, ticket.facts.get(name))
        if has == old.get(name) and has != new.get(name):
            sets[name] = new.get(name)
    return sets


VERBS = (
    Verb(
        "reclassify",
        "ticket.reclassified",
        N_("Change the class"),
        _reclassify,
        params=(
            Param("kind", "kind", N_("Kind"), start=present("kind")),
            Param("urgent", "flag", N_("Urgent"), start=present("urgent")),
            NOTE,
        ),
        applies=spoken_of("ticket.reclassified"),
        may=unfinished,
    ),
)
