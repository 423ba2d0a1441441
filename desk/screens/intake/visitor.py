"""What a visit fills into the intake: who and what, and the kind its matter is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from desk.screens.intake.fields import Caller

if TYPE_CHECKING:
    from desk.queries.waiting import VisitRow
    from desk.rulebook import Kind


def of_visit(row: VisitRow) -> dict[str, Any]:
    """The visit as a draft keeps it: plain data."""
    return {"id": str(row.id), "number": row.number, "channel": row.channel, "urgent": row.urgent}


def is_of(content: Mapping[str, Any], row: VisitRow) -> bool:
    """Whether a draft was begun for this visit."""
    return bool((content.get("visit") or {}).get("id") == str(row.id))


def filled(row: VisitRow, kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """What is known, as a draft's content (:meth:`desk.screens.intake.form.IntakeForm.restore`)."""
    kind = next((each for each in kinds.values() if row.matter and each.facts.get("matter") == row.matter), None)
    # the marks a kind begins with stay on
    marks = {name: True for name, on in (kind.opening.items() if kind is not None else ()) if on is True}
    content = {
        "who": " ".join(filter(None, (row.room, row.name))),
        "caller": Caller(row.room, row.name, row.phone).plain(),
        "room": row.room,
        "person": row.name,
        "phone": row.phone,
        "what": row.what,
        "kind": kind.id if kind is not None else None,
        "fields": {"channel": row.channel, "marks": {**marks, "urgent": row.urgent}},
    }
    return {name: value for name, value in content.items() if value}


def as_taken(visit: Mapping[str, Any], asked: tuple[str, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` of the form; where it does not ask (``asked``), channel and urgency are those of the visit."""
    return {**{name: visit[name] for name in ("channel", "urgent") if name not in asked}, **values}
