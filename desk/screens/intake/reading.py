"""What the intake screen reads and writes, in threads: callers, cards, previews, drafts. Plain data out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from desk import i18n
from desk.i18n import _
from desk.screens.intake.fields import Caller, as_typed
from desk.screens.intake.side import Card, Coming, OpenTicket
from desk.text import clean, fold, mask_phone
from desk.vocabulary import STATUSES
from desk.widgets.pick import Item
from desk.widgets.text import dot

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Doing, Ledger
    from desk.privacy import Sight
    from desk.procedures.intake import Opened
    from desk.procedures.verbs import Done
    from desk.queries.people import PersonCard, RoomCard
    from desk.screens.intake.form import Given

#: people and rooms offered at once
_OFFERED = 8


@dataclass(frozen=True, slots=True)
class Put:
    """A draft put aside."""

    id: UUID
    content: Mapping[str, Any]
    updated_at: datetime
    who: str


def find_callers(ledger: Ledger, session: Session, typed: str, sight: Sight) -> list[Item]:
    """People first, each at each of their rooms; then rooms; last what was typed, as typed."""
    from desk.queries.people import find_people, find_rooms
    from desk.wording import value

    text = clean(typed)
    items, seen = [], set[str]()
    for hit in find_people(session, ledger.estate_id, text, _OFFERED):
        caller = Caller(hit.room, hit.name, hit.phone, hit.room_id, hit.person_id, role=hit.role)
        hint = [value("role", hit.role), mask_phone(hit.phone), _open(hit.open_tickets)]
        title = f"{hit.room} {sight.name(hit.name)}".strip()
        items.append(Item(f"{hit.person_id}/{hit.room_id}", title, _joined(hint), caller))
        seen.add(hit.room)
    for room in find_rooms(session, ledger.estate_id, text, 4):
        caller = Caller(room.code, room_id=room.room_id, room_kind=room.kind, project=room.project)
        about = _("somebody else there") if room.code in seen else value("room_kind", room.kind)
        items.append(Item(str(room.room_id), room.code, _joined([about, _open(room.open_tickets)]), caller))
    return [*items, as_typed(text)] if text else []


def find_room(ledger: Ledger, session: Session, typed: str) -> Caller | None:
    """The room on record that is written like this, and not only begins so."""
    from desk.queries.people import find_rooms

    for room in find_rooms(session, ledger.estate_id, typed, 3):
        if fold(room.code) == fold(typed):
            return Caller(room.code, room_id=room.room_id, room_kind=room.kind, project=room.project)
    return None


def read_card(ledger: Ledger, session: Session, caller: Caller, sight: Sight) -> tuple[Card, Caller]:
    """What is known of the caller; the caller comes back with what the records say of the room."""
    from desk.queries.people import person_card, room_card
    from desk.wording import value

    if caller.room_id is not None:
        room: RoomCard = sight.over(room_card(session, ledger.estate_id, caller.room_id))
        people = [(hit.name, value("role", hit.role), mask_phone(hit.phone)) for hit in room.people[:4]]
        lines = [
            *(" ".join(filter(None, person)) for person in people),
            _joined([value("room_kind", room.kind), room.project, _handed_over(room.handed_over_on)]),
            room.note,
        ]
        known = Caller(
            room.code, caller.name, caller.phone, caller.room_id, caller.person_id, room.kind, room.project, caller.role
        )
        title = " ".join(filter(None, (room.code, sight.name(caller.name))))
        return Card(title, tuple(filter(None, lines)), _tickets(room.tickets)), known
    if caller.person_id is not None:
        person: PersonCard = sight.over(person_card(session, ledger.estate_id, caller.person_id))
        phones = _joined([mask_phone(phone) for phone in person.phones])
        return Card(person.name, tuple(filter(None, (phones, person.note))), _tickets(person.tickets)), caller
    return Card(), caller


def preview(ledger: Ledger, kind: str, facts: Mapping[str, Any], caller: Caller, now: datetime) -> list[Coming]:
    """The deadlines that saving now would open."""
    from desk.procedures.intake import Intake
    from desk.procedures.intake import preview as standings
    from desk.queries.naming import shown_by

    known: dict[str, Any] = {}
    if caller.room_kind:
        known |= {"room_kind": caller.room_kind, "residential": caller.room_kind == "home"}
        if caller.room_kind == "public" and "area" not in facts:
            known["area"] = "public"
    if caller.project:
        known["project"] = caller.project
    found = ledger.book.kinds.get(kind)
    if found is not None and found.code and {**found.opening, **facts, **known}.get("area") != "public":
        known["code_state"] = "made"
    plain = {name: str(value) if isinstance(value, UUID) else value for name, value in facts.items()}
    intake = Intake(kind, plain, facts=known)
    return [
        Coming(standing.due_at, i18n.pick(standing.rule.title), shown_by(standing.rule.by))
        for standing in standings(ledger, intake, now)
    ]


def to_ring(ledger: Ledger, session: Session, now: datetime) -> tuple[str, ...]:
    """Whom to ring for an emergency while the counter is closed, in order, telephones in full (S2-24)."""
    from desk.procedures.oncall import on_call, on_call_text

    listed = on_call(ledger, session, now)
    if not listed or ledger.calendar.is_open(now):
        return ()
    return tuple(on_call_text(ledger, listed).splitlines())


def opened(ledger: Ledger, session: Session, ticket_id: UUID, now: datetime) -> list[Coming]:
    """The deadlines a ticket has open."""
    from desk.queries.due import of_root

    rows = of_root(ledger, session, ("ticket", ticket_id), now)
    return [Coming(row.due_at, i18n.pick(row.title), row.who) for row in rows if row.state not in ("met", "cancelled")]


def bookable(ledger: Ledger, session: Session, now: datetime, room_id: UUID | None = None) -> datetime | None:
    """From when visits to the room may be booked while its project's workload is full (S4-16), else None."""
    from desk.models import Room
    from desk.procedures.verbs import bookable_at

    room = session.get(Room, (ledger.estate_id, room_id)) if room_id is not None else None
    return bookable_at(ledger, session, now, room.project if room is not None else None)


def put_aside(ledger: Ledger, form: str) -> list[Put]:
    """Drafts of the form, the latest first: everybody's, for a caller may reach another colleague."""
    from desk.procedures.drafts import kept

    drafts = kept(ledger, form=form)
    return [Put(draft.id, draft.content, draft.updated_at, str(draft.staff_id or "")) for draft in drafts]


def save(ledger: Ledger, doing: Doing, given: Given, draft_id: UUID | None, visit_id: UUID | None = None) -> Opened:
    """Open the ticket, for the visit it comes of if it comes of one; its draft goes. Raises :class:`Refusal`."""
    from desk.procedures.drafts import drop
    from desk.procedures.intake import Intake, open_ticket
    from desk.procedures.waiting import open_for

    intake = Intake(given.kind, given.values, given.room_id, given.person_id)
    opened = open_ticket(ledger, intake, doing) if visit_id is None else open_for(ledger, visit_id, intake, doing)
    if draft_id is not None:
        drop(ledger, draft_id)
    return opened


def do(
    ledger: Ledger, doing: Doing, verb: str, ticket_id: UUID, values: Mapping[str, Any], draft_id: UUID | None = None
) -> Done:
    """Do a verb on a ticket; the draft of it goes. Raises :class:`Refusal`."""
    from desk.procedures import find_verb
    from desk.procedures.drafts import drop
    from desk.procedures.verbs import act

    done = act(ledger, find_verb(verb), ticket_id, values, doing)
    if draft_id is not None:
        drop(ledger, draft_id)
    return done


# -- words ---------------------------------------------------------------------------------------------------


def short_number(number: str) -> str:
    """A ticket's number as screens show it, without the year: ``R-261122-017`` as ``R-1122-017``."""
    letter, _dash, rest = number.partition("-")
    return f"{letter}-{rest[2:]}" if rest[:6].isdigit() else number


def _tickets(lines: Any) -> tuple[OpenTicket, ...]:
    return tuple(
        OpenTicket(line.id, short_number(line.number), clean(line.what, 80), _(STATUSES[line.status]), line.due_at)
        for line in lines
    )


def _open(count: int) -> str:
    return _("{n} open").format(n=count) if count else ""


def _handed_over(on: Any) -> str:
    return _("handed over {date}").format(date=on.isoformat()) if on else ""


def _joined(parts: list[str]) -> str:
    return dot().join(filter(None, parts))
