"""What a verb is: declared once, it feeds the ticket's page, the palette, the command line and the help.

A verb belongs to one subject type, asks for named values, says whether it may be done now (and if not, why), and
records events. The modules beside this one each hold one procedure's verbs in a ``VERBS`` tuple.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid5

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from desk import store
from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Doing, Entry, Ledger, Row, permits
from desk.models import Event, Staff, Subject, Ticket, Visit
from desk.rulebook import Guard, Kind, Rulebook
from desk.text import clean
from desk.vocabulary import EVENTS, FACTS, LIVE, UNFINISHED

Values = Mapping[str, Any]

#: characters a short answer and a long one may have; more is cut off by the form and refused here
SHORT, LONG = 200, 4000


@dataclass(frozen=True, slots=True)
class Param:
    """One value a verb asks for.

    ``type``: ``text`` (one line, words), ``prose`` (several lines, words), ``staff`` (UUID), ``time`` (aware),
    ``choice``, ``kind`` (of ticket, by id or title), ``flag``, ``number``, ``answers`` (question's id → True where the
    answer is good).
    ``start(ledger, row, doing)`` gives the value a form begins with.
    """

    name: str
    type: str
    title: str
    required: bool = False
    choices: tuple[str, ...] = ()
    start: Callable[[Ledger, Row, Doing], Any] | None = None
    #: for ``staff``: offer those with this duty first
    duty: str | None = None
    #: whether the form must ask whoever sits there, where what stands for a value left out (they themselves) won't do
    must: Callable[[Ledger, Row, Doing], bool] | None = None


@dataclass(frozen=True, slots=True)
class Verb:
    """Something that can be done to a subject."""

    name: str
    #: the event it records (others may go with it: those that meet deadlines are named by ``also``)
    event: str
    title: str
    do: Callable[[Entry, Any, Values], None]
    params: tuple[Param, ...] = ()
    #: the type of subject: ``ticket``, ``callback``, ``shift`` …
    subject: str = "ticket"
    #: whether it makes sense for this subject under this rulebook at all; else it is not offered
    applies: Callable[[Rulebook, Any], bool] = field(default=lambda book, row: True)
    #: why it can't be done now, or None
    may: Callable[[Rulebook, Any], Refusal | None] = field(default=lambda book, row: None)
    #: why it can't be done at an instant, as other records and the clock stand, or None
    yet: Callable[[Session, Any, datetime], Refusal | None] = field(default=lambda session, row, at: None)
    also: tuple[str, ...] = ()
    #: a question is asked before: it can't simply be taken back
    grave: bool = False
    #: for what concerns the whole estate (the day, the workload, the log): which subject is meant. The act makes it
    #: where it isn't there yet; ``act`` is then called without an id
    of: Callable[[Ledger, Doing], UUID] | None = None
    #: the parameter that says which one of them is meant, where there are several: each project has its workload
    each: str | None = None
    #: for what begins a subject: makes its row; ``act`` is then called without an id
    opens: Callable[[Entry], Row] | None = None
    #: what to read before doing it, translated, several lines: the figures to be summed up, whom to ring. The row is
    #: None where ``act`` is called without an id
    shows: Callable[[Ledger, Row | None, Doing], str] | None = None
    #: parameters of which one must be given, whichever; ``do`` refuses where none is
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What an act brought: the event's name, the subject, sentences guards want said."""

    event: str
    subject_type: str
    subject_id: UUID
    number: str | None
    said: tuple[Guard, ...] = ()
    #: numbers of the tickets it opened
    opened: tuple[str, ...] = ()


def act(ledger: Ledger, verb: Verb, subject_id: UUID | None, values: Values, doing: Doing) -> Done:
    """Do ``verb`` in one transaction. ``subject_id`` None stands for the subject ``verb.of`` names or ``verb.opens``.

    Raises :class:`Refusal`: ``value.*`` for a bad value, ``grant.*`` where it is not this person's right, whatever
    ``verb.may`` answers (a UUID in it means a member of staff and becomes the name), ``guard.*`` from the rulebook,
    ``subject.unknown``, ``store.*``; nothing is written.
    """
    given = check(verb, values)
    asked = (verb.subject, verb.name, subject_id, repr(sorted(given.items())), doing.by, doing.recorded_by)
    about = (verb.subject, subject_id) if subject_id is not None else None
    with ledger.write(doing, asked, about) as entry:
        if events := entry.repeated(asked):
            return _done(verb, events)
        if subject_id is None and verb.of is not None:
            ident = verb.of(ledger, doing)
            if verb.each is not None and (which := given.get(verb.each)):
                ident = uuid5(ident, which)
            row: Row = whole(entry, verb.subject, ident)
        elif subject_id is None and verb.opens is not None:
            row = verb.opens(entry)
        elif subject_id is not None:
            row = entry.row(verb.subject, subject_id)
        else:
            raise Refusal("subject.which", verb=verb.name)
        if not verb.applies(ledger.book, row):
            raise Refusal("verb.not_here", verb=verb.name)
        entry.permit(verb.event, (verb.subject, row.id), asked=verb.name)
        refusal = verb.may(ledger.book, row) or verb.yet(entry.session, row, doing.happened_at)
        if refusal is not None:
            raise named(entry, refusal)
        verb.do(entry, row, given)
        return replace(_done(verb, entry.events, row), said=tuple(entry.said))


def _done(verb: Verb, events: Sequence[Event], row: Row | None = None) -> Done:
    """What an act with these events brought; ``row`` None where it had been kept before."""
    numbers = tuple(str(event.sets["number"]) for event in events if event.name == "ticket.opened")
    subject = next((event.subject_id for event in events if event.subject_type == verb.subject), events[0].subject_id)
    ident = row.id if row is not None else subject
    return Done(verb.event, verb.subject, ident, getattr(row, "number", None), (), numbers)


def why_not(ledger: Ledger, session: Session, verb: Verb, row: Any, now: datetime) -> Refusal | None:
    """Why whoever sits at this console can't do ``verb`` now, or None: not their right, or not the moment."""
    denied = permits.why_not_event(ledger, session, verb.event)
    return denied or verb.may(ledger.book, row) or verb.yet(session, row, now)


def whole(entry: Entry, subject_type: str, subject_id: UUID) -> Subject:
    """The row of something that concerns the whole estate, made now if it is new."""
    row = entry.session.get(Subject, (entry.estate_id, subject_id))
    if row is None:
        row = Subject(estate_id=entry.estate_id, id=subject_id, type=subject_type)
        entry.session.add(row)
        entry.session.flush()
    return row


def named(entry: Entry, refusal: Refusal) -> Refusal:
    """The refusal with names where it has the ids of staff."""
    params = {k: entry.staff(v).name if isinstance(v, UUID) else v for k, v in refusal.params.items()}
    return Refusal(refusal.code, **params)


def check(verb: Verb, values: Values) -> dict[str, Any]:
    """The values of a verb, cleaned and complete. Raises :class:`Refusal` ``value.*`` naming the parameter."""
    known = {param.name: param for param in verb.params}
    for name in values:
        if name not in known:
            raise Refusal("value.unknown", name=name, verb=verb.name, known=list(known))
    given: dict[str, Any] = {}
    for param in verb.params:
        value = values.get(param.name)
        if isinstance(value, str):
            value = clean(value, LONG if param.type == "prose" else SHORT, lines=param.type == "prose") or None
        if value is None:
            if param.required:
                raise Refusal("value.missing", name=param.name, title=param.title)
            continue
        if param.type == "choice" and value not in (param.choices or FACTS[param.name].values):
            raise Refusal("value.choice", name=param.name, title=param.title, value=value, known=list(param.choices))
        if param.type == "number" and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise Refusal("value.number", name=param.name, title=param.title, value=value)
        if param.type == "time" and not (isinstance(value, datetime) and value.tzinfo is not None):
            raise Refusal("value.time", name=param.name, title=param.title, value=value)
        given[param.name] = value
    return given


# -- what many verbs need ------------------------------------------------------------------------------------

WHY = Param("reason", "text", N_("Reason"), required=True)
NOTE = Param("note", "prose", N_("Note"))
MEANS = Param("means", "choice", N_("Means"))
#: where nothing else is said, it was by telephone
BY_PHONE = Param("means", "choice", N_("Means"), start=lambda ledger, row, doing: "phone")


def present(name: str) -> Callable[[Ledger, Row, Doing], Any]:
    """A form's value begins with what the row has now."""
    return lambda ledger, row, doing: getattr(row, name)


def kind_of(book: Rulebook, ticket: Ticket) -> Kind:
    """The ticket's kind. Raises :class:`Refusal` ``kind.gone`` where the rulebook no longer has it."""
    kind = book.kinds.get(ticket.kind)
    if kind is None:
        raise Refusal("kind.gone", kind=ticket.kind)
    return kind


def live(book: Rulebook, ticket: Ticket) -> Refusal | None:
    """May be done while the ticket is neither closed nor cancelled."""
    return None if ticket.status in LIVE else Refusal("ticket.over", number=ticket.number, status=ticket.status)


def unfinished(book: Rulebook, ticket: Ticket) -> Refusal | None:
    """May be done while the work itself is not done."""
    if ticket.status in UNFINISHED:
        return None
    return Refusal("ticket.not_unfinished", number=ticket.number, status=ticket.status)


def of_kind(*kinds: str) -> Callable[[Rulebook, Ticket], bool]:
    """Applies to tickets of these kinds."""
    return lambda book, ticket: ticket.kind in kinds


def dispatched(*manners: str) -> Callable[[Rulebook, Ticket], bool]:
    """Applies to tickets whose work is given out in one of these manners."""
    return lambda book, ticket: ticket.facts.get("dispatch") in manners


def spoken_of(*events: str) -> Callable[[Rulebook, Any], bool]:
    """Applies under manuals whose rulebook speaks of one of ``events``."""
    return lambda book, row: not book.mentioned.isdisjoint(events)


#: applies to work that somebody goes and does
WORK = dispatched("told", "signed_out", "pool")


def notes(event: str, *words: str, **sets: Any) -> Callable[[Entry, Any, Values], None]:
    """An act that takes down ``words`` (and a note), the event's own facts, and changes nothing else than ``sets``."""
    own = EVENTS[event].own

    def do(entry: Entry, row: Any, values: Values) -> None:
        facts = {name: values.get(name) for name in own}
        for value in facts.values():
            if isinstance(value, UUID):
                entry.staff(value)
        entry.on(row, event, sets=sets, facts=facts, words={name: values.get(name) for name in (*words, "note")})

    return do


def tell(entry: Entry, ticket: Ticket, values: Values) -> None:
    """The desk tells who must act: a person, a department, or somebody by name (S0-23, S3-21, S4-19, S4-35)."""
    to, department = values.get("to"), values.get("department")
    if not (to or department or values.get("who")):
        raise Refusal("tell.whom", number=ticket.number)
    sets: dict[str, Any] = {}
    if ticket.status == "open":
        sets["status"] = "assigned"
    if to is not None:
        entry.staff(to)
        if ticket.status in ("open", "assigned"):
            sets |= {"assignee": to, **owned_by(entry, ticket, to)}
    if department:
        sets["department"] = department
    entry.on(
        ticket,
        "ticket.told",
        sets=sets,
        facts={"to": to, "told_to": department, "means": values.get("means")},
        words={"who": values.get("who"), "note": values.get("note")},
    )


def owned_by(entry: Entry, ticket: Ticket, worker: UUID) -> dict[str, Any]:
    """What giving the work to ``worker`` changes of who answers for it: ``settings.owner``, annex (a) 6."""
    owner = entry.ledger.book.settings.get("owner", {}).get(ticket.kind)
    return {"owner": worker} if owner == "assignee" else {}


def workload_id(ledger: Ledger, doing: Doing) -> UUID:
    """The estate's workload, as a subject; a project's own is made of it and the project's name (``Verb.each``)."""
    return uuid5(ledger.estate_id, "workload")


def day_id(ledger: Ledger, doing: Doing) -> UUID:
    """The local day of an act, as a subject: the same on every counter."""
    return uuid5(ledger.estate_id, f"day@{doing.happened_at.astimezone(ledger.zone):%Y-%m-%d}")


def bookable_from(entry: Entry, project: str | None = None) -> datetime | None:
    """The earliest time at which a visit may be booked in ``project`` while its team's workload, or the whole estate's,
    is full (S4-16); else None."""
    return bookable_at(entry.ledger, entry.session, entry.doing.happened_at, project)


def bookable_at(ledger: Ledger, session: Session, now: datetime, project: str | None = None) -> datetime | None:
    """The same at ``now``, for looking."""
    full = full_workloads(ledger, session, now)
    return max((at for name, at in full.items() if name in ("", project)), default=None)


# Asked at every intake: putting it together would cost more than asking it.
_FULL = select(Subject.facts).where(
    col(Subject.estate_id) == bindparam("estate"), Subject.type == "workload", Subject.status == "full"
)


def full_workloads(ledger: Ledger, session: Session, now: datetime) -> dict[str, datetime]:
    """From when visits may be booked, by the project whose workload is full at ``now``; "" is the whole estate."""
    found: dict[str, datetime] = {}
    own = cast("store.Session", session)  # as every session is
    for row in own.ask((_FULL, {"estate": ledger.estate_id}))[0]:
        facts = row["facts"]
        until = facts.get("until")
        if facts.get("saturated") and (until is None or datetime.fromisoformat(until) > now):
            found[facts.get("project") or ""] = datetime.fromisoformat(facts["bookable_from"])
    return found


def live_visit(book: Rulebook, visit: Visit) -> Refusal | None:
    """May be done while the visitor is still there."""
    return Refusal("visit.over", number=visit.number) if visit.status == "left" else None


def stay_with(entry: Entry, visit: Visit, staff_id: UUID | None, note: str | None = None) -> None:
    """``staff_id`` is with the visitor from now on (S1-06, S1-09); who came with a question is explained to (S1-58)."""
    at = entry.doing.happened_at
    if staff_id is not None:
        entry.staff(staff_id)
    entry.on(
        visit,
        "visit.served",
        sets={
            "served_by": staff_id,
            "served_at": visit.served_at or at,
            "status": "upgraded" if visit.level else "served",
            "explained_since": visit.explained_since or (at if visit.matter == "question" else None),
            "held_since": None,
        },
        words={"note": note},
    )


def attend(entry: Entry, visit: Visit) -> None:
    """Whoever does something for a visitor nobody was with yet is with them now: nobody need say so apart."""
    if visit.served_at is None:
        stay_with(entry, visit, entry.doing.by)


def holders(entry: Entry, duty: str) -> list[UUID]:
    """Everybody who works here and has a duty."""
    query = select(Staff).where(Staff.estate_id == entry.estate_id, col(Staff.active).is_(True))
    return [person.id for person in entry.session.exec(query) if duty in person.duties]


def not_cancelled(book: Rulebook, ticket: Ticket) -> Refusal | None:
    """May be done even when the work is over, as long as the matter was not withdrawn."""
    return Refusal("ticket.over", number=ticket.number, status=ticket.status) if ticket.status == "cancelled" else None
