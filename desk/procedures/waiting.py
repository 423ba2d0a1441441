"""Visitors at the counter and callers on the line: who came, who is with them, how far it was moved up, how they left.

A visit is its own subject (:class:`desk.models.Visit`), no ticket; one may come of it. Whether the desk is busy, and
with whom, is read from the visits being served. Limits of waiting and explaining are the rulebook's.
Sources: S1-02…S1-10, S1-57…S1-60; whom they came to see is in :mod:`desk.procedures.hosts`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Doing, Entry, Ledger
from desk.models import Room, Ticket, Visit, new_id
from desk.procedures.intake import Intake, Opened, open_in
from desk.procedures.verbs import NOTE, Param, Values, Verb, attend, holders, live_visit, present, stay_with
from desk.rulebook import Rulebook
from desk.text import fold, room_code

#: the duty that takes over at each level (S1-58, S1-59)
LEVELS = {1: "director", 2: "office_director"}
_LEVEL_OF = {"colleague": 0, "director": 1, "office_director": 2}

# -- coming --------------------------------------------------------------------------------------------------


def _new(entry: Entry) -> Visit:
    at = entry.doing.happened_at
    visit = Visit(estate_id=entry.estate_id, id=new_id(), number=entry.number("W", at), came_at=at)
    entry.add(visit)
    return visit


def _arrive(entry: Entry, visit: Visit, values: Values) -> None:
    """Nothing has to be known yet (S1-04). Who calls is served by whoever took the call."""
    by, calls = entry.doing.by, values.get("channel") == "phone"
    entry.on(
        visit,
        "visit.arrived",
        sets={
            "number": visit.number,
            "came_at": visit.came_at,
            "status": "served" if calls else "waiting",
            "channel": "phone" if calls else "visit",
            "matter": values.get("matter"),
            "urgent": bool(values.get("urgent")),
            "level": 0,
            "served_by": by if calls else None,
            "served_at": visit.came_at if calls else None,
        },
        facts={"desk": desk_state(entry, by)},
        words=_said(values),
    )


def _said(values: Values) -> dict[str, str | None]:
    return {
        "person_name": values.get("person_name"),
        "phone": values.get("phone"),
        "room_text": values.get("room"),
        "what": values.get("note"),
    }


def desk_state(entry: Entry, staff_id: UUID | None) -> str:
    """What ``staff_id`` is doing: ``phone``, ``busy`` with somebody at the counter, or ``free`` (S1-05, S1-07)."""
    query = select(Visit).where(
        Visit.estate_id == entry.estate_id,
        col(Visit.status).in_(("served", "upgraded")),
        Visit.served_by == staff_id,
        col(Visit.held_since).is_(None),
    )
    channels = {visit.channel for visit in entry.session.exec(query)} if staff_id is not None else set()
    return "phone" if "phone" in channels else "busy" if channels else "free"


def _change(entry: Entry, visit: Visit, values: Values) -> None:
    sets = {
        name: values[name]
        for name in ("matter", "urgent")
        if values.get(name, getattr(visit, name)) != getattr(visit, name)
    }
    words = {name: text for name, text in _said(values).items() if text not in (None, getattr(visit, name))}
    if not sets and not words:
        raise Refusal("correct.nothing")
    entry.on(visit, "visit.turned_urgent" if sets.get("urgent") else "visit.changed", sets=sets, words=words)


# -- being served --------------------------------------------------------------------------------------------


def _serve(entry: Entry, visit: Visit, values: Values) -> None:
    stay_with(entry, visit, values.get("whom") or entry.doing.by, note=values.get("note"))


def _call_colleague(entry: Entry, visit: Visit, values: Values) -> None:
    """Somebody else is fetched (S1-06, S1-08); whoever is named is introduced and takes the visitor over."""
    whom = values.get("whom")
    entry.on(visit, "visit.colleague_called", facts={"whom": whom}, words={"note": values.get("note")})
    if whom is not None:
        stay_with(entry, visit, whom)


def _hold(entry: Entry, visit: Visit, values: Values) -> None:
    entry.on(visit, "visit.held", sets={"held_since": entry.doing.happened_at})


def _back(entry: Entry, visit: Visit, values: Values) -> None:
    entry.on(visit, "visit.returned", sets={"held_since": None})


# -- explaining, and moving up -------------------------------------------------------------------------------


def _explain(entry: Entry, visit: Visit, values: Values) -> None:
    if visit.served_by is None:
        stay_with(entry, visit, entry.doing.by)
    entry.on(
        visit,
        "visit.explaining",
        sets={"explained_since": entry.doing.happened_at},
        words={"question": values.get("question")},
    )


def _clear(entry: Entry, visit: Visit, values: Values) -> None:
    entry.on(visit, "visit.answered", sets={"explained_since": None}, words={"answer": values.get("answer")})


def _pass_question(entry: Entry, visit: Visit, values: Values) -> None:
    """The right colleague is fetched, introduced, and explains (S1-57)."""
    whom, at = values["whom"], entry.doing.happened_at
    entry.staff(whom)
    entry.on(
        visit,
        "visit.passed",
        sets={
            "served_by": whom,
            "served_at": visit.served_at or at,
            "status": "upgraded" if visit.level else "served",
            "explained_since": visit.explained_since or at,
        },
        facts={"whom": whom},
        words={"question": values.get("question")},
    )


def _upgrade(entry: Entry, visit: Visit, values: Values) -> None:
    """The service moves up, at the visitor's wish or because it was not made clear in time (S1-10, S1-58, S1-59)."""
    to = values.get("upgrade_to") or ("office_director" if visit.level else "director")
    level, whom = max(_LEVEL_OF[to], visit.level), values.get("whom")
    if visit.level == 2:
        raise Refusal("visit.top", number=visit.number)
    if to != "colleague" and level == visit.level:
        raise Refusal("visit.not_up", number=visit.number)
    if whom is None and to != "colleague":
        there = holders(entry, LEVELS[level])
        whom = there[0] if len(there) == 1 else None
    if whom is None:
        raise Refusal("visit.colleague", number=visit.number)
    entry.staff(whom)
    at = entry.doing.happened_at
    entry.on(
        visit,
        "visit.upgraded",
        sets={
            "status": "upgraded",
            "level": level,
            "served_by": whom,
            "served_at": visit.served_at or at,
            "explained_since": at if level > visit.level else visit.explained_since,
            "held_since": None,
        },
        facts={
            "upgrade_to": to,
            "whom": whom,
            "cause": values.get("cause") or ("unexplained" if visit.explained_since else "dissatisfied"),
        },
        words={"reason": values.get("reason")},
    )


# -- what comes of it, and leaving ---------------------------------------------------------------------------


def _open_ticket(entry: Entry, visit: Visit, values: Values) -> None:
    """What cannot be done at the counter becomes a ticket, with what is known of the visitor."""
    kinds = entry.ledger.book.kinds
    fits = [kind.id for kind in kinds.values() if visit.matter and kind.facts.get("matter") == visit.matter]
    kind = values.get("kind") or next(iter(fits), None)
    if kind is None:
        raise Refusal("visit.kind", number=visit.number, known=list(kinds))
    asked = kinds[kind].fields if kind in kinds else ()
    taken: dict[str, Any] = {
        "channel": visit.channel,
        "urgent": visit.urgent,
        "person_name": visit.person_name,
        "phone": visit.phone,
        "what": values.get("what") or visit.what,
        **{name: values.get(name) for name in ("in_house", "parts") if name in asked},
    }
    room = values.get("room") or visit.room_text
    room_id = _room(entry, room) if room else None
    if room and room_id is None:
        taken["room_text"] = room
    _led_to(entry, visit, Intake(kind, taken, room_id=room_id))


def _led_to(entry: Entry, visit: Visit, intake: Intake) -> Ticket:
    attend(entry, visit)
    ticket = open_in(entry, replace(intake, facts={**intake.facts, "visit": visit.number}))
    entry.on(
        visit,
        "visit.ticket_opened",
        # at the counter it ends here, but who was sent up still wants it made clear (S1-59)
        sets={"led_to": ticket.id, "explained_since": visit.explained_since if visit.level else None},
        facts={"number": ticket.number},
        words=_learned(entry, visit, ticket),
    )
    return ticket


def _learned(entry: Entry, visit: Visit, ticket: Ticket) -> dict[str, str]:
    """What the ticket knows of the visitor and the visit did not."""
    room = entry.session.get(Room, (entry.estate_id, ticket.room_id)) if ticket.room_id is not None else None
    said = {
        "person_name": ticket.person_name,
        "phone": ticket.phone,
        "room_text": room.code if room is not None else ticket.room_text,
        "what": ticket.what,
    }
    return {name: text for name, text in said.items() if text and not getattr(visit, name)}


def open_for(ledger: Ledger, visit_id: UUID, intake: Intake, doing: Doing) -> Opened:
    """Open a ticket for a visitor who is there with all that intake took down.

    Raises :class:`Refusal` ``visit.over`` and what :func:`desk.procedures.intake.open_ticket` raises.
    """
    with ledger.write(doing) as entry:
        visit = entry.row("visit", visit_id)
        assert isinstance(visit, Visit)
        if (refusal := live_visit(ledger.book, visit)) is not None:
            raise refusal
        ticket = _led_to(entry, visit, intake)
        return Opened(ticket.id, ticket.number, tuple(entry.said), ticket.facts.get("code"))


def _room(entry: Entry, text: str) -> UUID | None:
    """The room whose code is ``text``, as people write it."""
    wanted = fold(room_code(text))
    query = select(Room.id, Room.code).where(Room.estate_id == entry.estate_id, col(Room.code) == room_code(text))
    return next((ident for ident, code in entry.session.exec(query) if fold(code) == wanted), None)


def _send_off(entry: Entry, visit: Visit, values: Values) -> None:
    """Seen to the door (S1-60); how satisfied they left, where it was asked (S1-03)."""
    attend(entry, visit)
    entry.on(
        visit,
        "visit.sent_off",
        sets={**_GONE, "ended_at": entry.doing.happened_at, "satisfied": values.get("satisfied")},
        words={"note": values.get("note")},
    )


def _leave(entry: Entry, visit: Visit, values: Values) -> None:
    entry.on(
        visit, "visit.gone", sets={**_GONE, "ended_at": entry.doing.happened_at}, words={"note": values.get("note")}
    )


_GONE = {"status": "left", "served_by": None, "explained_since": None, "held_since": None}

# -- when it may be done -------------------------------------------------------------------------------------


def _may_hold(book: Rulebook, visit: Visit) -> Refusal | None:
    if visit.held_since is not None:
        return Refusal("visit.held", number=visit.number)
    return live_visit(book, visit) or (
        None if visit.served_by is not None else Refusal("visit.not_served", number=visit.number)
    )


def _may_return(book: Rulebook, visit: Visit) -> Refusal | None:
    return live_visit(book, visit) if visit.held_since else Refusal("visit.not_held", number=visit.number)


def _may_explain(book: Rulebook, visit: Visit) -> Refusal | None:
    if visit.explained_since is not None:
        return Refusal("visit.explaining", number=visit.number)
    return live_visit(book, visit)


def _may_clear(book: Rulebook, visit: Visit) -> Refusal | None:
    if visit.explained_since is None:
        return live_visit(book, visit) or Refusal("visit.not_explaining", number=visit.number)
    return live_visit(book, visit)


def _may_upgrade(book: Rulebook, visit: Visit) -> Refusal | None:
    return live_visit(book, visit) or (Refusal("visit.top", number=visit.number) if visit.level == 2 else None)


def _may_leave(book: Rulebook, visit: Visit) -> Refusal | None:
    """Only who was never served has left unserved; anybody else is seen out."""
    if (refusal := live_visit(book, visit)) is not None:
        return refusal
    if visit.status == "waiting":
        return None
    return Refusal("visit.not_waiting", number=visit.number, status=visit.status)


def _text(ledger: Ledger, row: Any, doing: Any) -> Any:
    return row.what


_WHOM = Param("whom", "staff", N_("Who takes over"))
_QUESTION = Param("question", "text", N_("Question"))
_ABOUT = (
    Param("person_name", "text", N_("Name"), start=present("person_name")),
    Param("matter", "choice", N_("Matter of the visit"), start=present("matter")),
    Param("urgent", "flag", N_("Urgent"), start=present("urgent")),
    Param("note", "text", N_("What they want"), start=_text),
    Param("room", "text", N_("Room"), start=present("room_text")),
    Param("phone", "text", N_("Telephone"), start=present("phone")),
)

VERBS = (
    Verb(
        "arrive-visitor",
        "visit.arrived",
        N_("Put a visitor on the board"),
        _arrive,
        params=(*_ABOUT, Param("channel", "choice", N_("Channel"), choices=("visit", "phone"))),
        subject="visit",
        applies=lambda book, visit: visit.status == "new",
        opens=_new,
    ),
    Verb(
        "serve",
        "visit.served",
        N_("Serve"),
        _serve,
        params=(Param("whom", "staff", N_("Served by")), NOTE),
        subject="visit",
        may=live_visit,
    ),
    Verb(
        "call-colleague",
        "visit.colleague_called",
        N_("Fetch a colleague"),
        _call_colleague,
        params=(_WHOM, NOTE),
        subject="visit",
        may=live_visit,
    ),
    Verb(
        "hold",
        "visit.held",
        N_("Put the caller on hold"),
        _hold,
        subject="visit",
        applies=lambda book, visit: visit.channel == "phone",
        may=_may_hold,
    ),
    Verb(
        "back",
        "visit.returned",
        N_("Back to the caller"),
        _back,
        subject="visit",
        applies=lambda book, visit: visit.channel == "phone",
        may=_may_return,
    ),
    Verb(
        "explain-start",
        "visit.explaining",
        N_("Begin to explain"),
        _explain,
        params=(_QUESTION,),
        subject="visit",
        may=_may_explain,
    ),
    Verb(
        "clear-answer",
        "visit.answered",
        N_("It is clear now"),
        _clear,
        params=(Param("answer", "text", N_("Answer")),),
        subject="visit",
        may=_may_clear,
    ),
    Verb(
        "pass-question",
        "visit.passed",
        N_("Pass the question on"),
        _pass_question,
        params=(Param("whom", "staff", N_("Right colleague"), required=True), _QUESTION),
        subject="visit",
        may=live_visit,
    ),
    Verb(
        "upgrade",
        "visit.upgraded",
        N_("Move the service up"),
        _upgrade,
        params=(
            Param("upgrade_to", "choice", N_("Moved up to")),
            Param("cause", "choice", N_("Cause")),
            _WHOM,
            Param("reason", "text", N_("Reason")),
        ),
        subject="visit",
        may=_may_upgrade,
    ),
    Verb(
        "open-ticket",
        "visit.ticket_opened",
        N_("Open a ticket"),
        _open_ticket,
        params=(
            Param("kind", "text", N_("Kind")),
            Param("what", "prose", N_("What"), start=_text),
            Param("room", "text", N_("Room"), start=present("room_text")),
            Param("in_house", "flag", N_("Within our own repair ability")),
            Param("parts", "choice", N_("Parts supplied by")),
        ),
        subject="visit",
        may=live_visit,
    ),
    Verb(
        "send-off",
        "visit.sent_off",
        N_("See the visitor out"),
        _send_off,
        params=(Param("satisfied", "flag", N_("Satisfied")), NOTE),
        subject="visit",
        may=live_visit,
    ),
    Verb(
        "gone",
        "visit.gone",
        N_("Left without being served"),
        _leave,
        params=(NOTE,),
        subject="visit",
        may=_may_leave,
    ),
    Verb(
        "change-visit",
        "visit.changed",
        N_("Correct the visit's entries"),
        _change,
        params=_ABOUT,
        subject="visit",
        may=live_visit,
    ),
)
