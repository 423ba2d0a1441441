"""Every table, on one page.

Keys begin with ``estate_id`` so that one store holds several estates and could be sharded by it. All datetimes are
aware and stored in UTC. Rows that describe the present (tickets, appointments, callbacks …) are what the events say,
laid out for reading; the events are the truth and :mod:`desk.ledger` alone writes both, in one transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any, cast

import uuid6
from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel
from sqlmodel._compat import SQLModelConfig

ID = uuid.UUID
Facts = dict[str, Any]

#: Schema version the code expects; equals the newest alembic revision.
SCHEMA = "0001"

# Constraints without a name can be changed by no migration on SQLite.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """What every table has in common: the store checks its values, so none is built to check them a second time."""

    model_config = SQLModelConfig(defer_build=True)

    # SQLModel sets a value twice, as SQLAlchemy's column and as Pydantic's field, which checks nothing here: a tenth of
    # what an act costs. The column's descriptor is all that is needed.
    __setattr__ = object.__setattr__  # type: ignore[assignment]

    def __init__(self, **values: Any) -> None:
        """A new row: the defaults, and ``values`` by column, unchecked; what is no column is left out."""
        # A new row has nothing it changed from: SQLModel's own way, column by column, costs ten times as much.
        plain, made, names = _defaults(type(self))
        own = self.__dict__
        own.update(plain)
        for name, make in made:
            if name not in values:
                own[name] = make()
        own.update(values if values.keys() <= names else {key: values[key] for key in values.keys() & names})


@cache
def _defaults(table: type[Row]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]], frozenset[str]]:
    """Of a table the defaults that are values, those that are made anew for each row, and every column's name."""
    plain, made = {}, []
    for name, info in table.model_fields.items():
        if info.default_factory is not None:
            made.append((name, cast(Callable[[], Any], info.default_factory)))
        elif not info.is_required():
            plain[name] = info.default
    return plain, made, frozenset(table.model_fields)


def new_id() -> ID:
    """A UUIDv7: made by the writer, sorts by time of making."""
    return uuid6.uuid7()


def _json(nullable: bool = False) -> Any:
    return Field(sa_column=Column(JSON, nullable=nullable), default_factory=dict)


class Estate(Row, table=True):
    """One residential estate with its own rules, people and ledger."""

    estate_id: ID = Field(primary_key=True, default_factory=new_id)
    name: str
    language: str = "zh_CN"
    rulebook_version: int = 0
    created_at: datetime
    #: head of the ledger's chain; the row is locked while an event is appended
    head_seq: int = 0
    head_hash: str = ""
    settings: Facts = _json()


class RulebookVersion(Row, table=True):
    """A rulebook and its calendar as adopted: the file is only how they come in and go out."""

    estate_id: ID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    name: str
    digest: str
    #: the rulebook, whole (after ``extends``), as the loader reads it
    rulebook: Facts = _json()
    calendar_name: str
    calendar_digest: str
    calendar: Facts = _json()
    adopted_at: datetime
    adopted_by: ID | None = None
    reason: str = ""


class Counter(Row, table=True):
    """Last number given out in a scope, such as ``R-261122`` for the day's repairs."""

    estate_id: ID = Field(primary_key=True)
    scope: str = Field(primary_key=True)
    value: int = 0


# -- who lives and works here -------------------------------------------------------------------------------


class Room(Row, table=True):
    """A home (building-unit-room), a shop, or a public area (source: S4-03, S2-90)."""

    __table_args__ = (UniqueConstraint("estate_id", "code"), Index("ix_room_kind", "estate_id", "kind", "code"))
    estate_id: ID = Field(primary_key=True)
    id: ID = Field(primary_key=True, default_factory=new_id)
    #: as people say it: ``3-2-501``, ``商铺12``, ``东门岗``
    code: str
    building: str = ""
    unit: str = ""
    number: str = ""
    #: ``home`` | ``shop`` | ``public``
    kind: str = "home"
    #: the project it belongs to, where an estate has several (S4-33)
    project: str = ""
    #: when the home was handed over: the warranty's beginning (S0-43)
    handed_over_on: date | None = None
    note: str = ""


class Person(Row, table=True):
    """Somebody the estate serves."""

    estate_id: ID = Field(primary_key=True)
    id: ID = Field(primary_key=True, default_factory=new_id)
    #: empty where the person has been forgotten: what happened still points here
    name: str
    note: str = ""


class Occupancy(Row, table=True):
    """Who belongs to which room, and as what: ``owner`` | ``tenant`` | ``family``."""

    __table_args__ = (Index("ix_occupancy_room", "estate_id", "room_id", "person_id"),)
    estate_id: ID = Field(primary_key=True)
    person_id: ID = Field(primary_key=True)
    room_id: ID = Field(primary_key=True)
    role: str = "owner"


class Phone(Row, table=True):
    """A telephone number of a person; ``position`` 0 is the one to call first."""

    __table_args__ = (Index("ix_phone_reversed", "estate_id", "reversed"),)
    estate_id: ID = Field(primary_key=True)
    person_id: ID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    number: str
    #: the digits backwards, so that a tail is looked up as a prefix
    reversed: str


class SearchKey(Row, table=True):
    """What a person or room is found by: name, pinyin, initials, room code without dashes."""

    __table_args__ = (Index("ix_search_key", "estate_id", "owner_type", "key", "owner_id"),)
    estate_id: ID = Field(primary_key=True)
    owner_id: ID = Field(primary_key=True)
    key: str = Field(primary_key=True)
    #: ``person`` | ``room`` | ``phone`` (a person's number, digits only; ``owner_id`` is the person)
    owner_type: str = Field(primary_key=True)


class Staff(Row, table=True):
    """Somebody who works here. Signs by name, and by PIN where one is set (:class:`Pin`)."""

    __table_args__ = (UniqueConstraint("estate_id", "name"),)
    estate_id: ID = Field(primary_key=True)
    id: ID = Field(primary_key=True, default_factory=new_id)
    name: str
    #: staff number
    number: str = ""
    phone: str = ""
    department: str = ""
    #: words of :data:`desk.vocabulary.DUTIES`
    duties: list[str] = Field(sa_column=Column(JSON, nullable=False), default_factory=list)
    active: bool = True


class Pin(Row, table=True):
    """A person's PIN, apart from who they are: no list, log or export reads it."""

    estate_id: ID = Field(primary_key=True)
    staff_id: ID = Field(primary_key=True)
    #: argon2id, with its salt and cost
    hash: str
    #: given by somebody else: to be changed before anything is done with it
    first: bool = False
    #: wrong ones in a row, and until when none is taken
    failures: int = 0
    locked_until: datetime | None = None
    set_at: datetime


class Shift(Row, table=True):
    """One person's duty on the roster, and what became of it (S0-20, S0-22, S0-29)."""

    __table_args__ = (Index("ix_shift_starts", "estate_id", "starts_at"),)
    estate_id: ID = Field(primary_key=True)
    id: ID = Field(primary_key=True, default_factory=new_id)
    staff_id: ID
    name: str = ""
    #: not at the desk but to be rung (S2-24); ``rank`` 1 is rung first
    on_call: bool = False
    rank: int = 0
    starts_at: datetime
    ends_at: datetime
    arrived_at: datetime | None = None
    briefed_at: datetime | None = None
    left_at: datetime | None = None
    cancelled_at: datetime | None = None
    facts: Facts = _json()


# -- what the desk does -------------------------------------------------------------------------------------


class Ticket(Row, table=True):
    """A matter brought to the desk, from intake to filing."""

    __table_args__ = (
        UniqueConstraint("estate_id", "number"),
        Index("ix_ticket_status", "estate_id", "status", "opened_at"),
        Index("ix_ticket_opened", "estate_id", "opened_at"),
        Index("ix_ticket_room", "estate_id", "room_id", "status"),
        Index("ix_ticket_person", "estate_id", "person_id", "status"),
        Index("ix_ticket_assignee", "estate_id", "assignee", "status"),
    )
    estate_id: ID = Field(primary_key=True)
    id: ID = Field(primary_key=True, default_factory=new_id)
    #: ``R-261122-017``: letter of the kind, local date, number of the day
    number: str
    kind: str
    #: one of :data:`desk.vocabulary.STATUSES`
    status: str = "open"
    opened_at: datetime
    closed_at: datetime | None = None
    completed_at: datetime | None = None
    room_id: ID | None = None
    person_id: ID | None = None
    #: as taken down, should the person or room be unknown or change later
    room_text: str | None = None
    person_name: str | None = None
    phone: str | None = None
    what: str | None = None
    place: str | None = None
    convenient_time: str | None = None
    #: first-contact owner; who now answers for it; who does the work
    first_contact: ID | None = None
    owner: ID | None = None
    assignee: ID | None = None
    department: str | None = None
    urgent: bool = False
    emergency: bool = False
    paused_at: datetime | None = None
    pause_reason: str | None = None
    appointment: datetime | None = None
    promised_at: datetime | None = None
    urges: int = 0
    linked_to: ID | None = None
    #: every other fact a rule may ask
    facts: Facts = _json()


class Appointment(Row, table=True):
    """A time agreed with the resident (S0-44, S4-07)."""

    __table_args__ = (
        Index("ix_appointment_ticket", "estate_id", "ticket_id"),
        Index("ix_appointment_at", "estate_id", "at"),
    )
    estate_id: ID = Field(primary_key=True)
    id: ID = Field(primary_key=True, default_factory=new_id)
    ticket_id: ID
    at: datetime
    #: ``made`` | ``confirmed`` | ``kept`` | ``missed`` | ``cancelled``
    status: str = "made"
    rebooked: int = 0
    missed: int = 0
    facts: Facts = _json()


class Callback(Row, table=True):
    """The call that asks whether it was done well (S0-45, S4-21)."""

    __table_args__ = (
        Index("ix_callback_status", "estate_id", "status", "opened_at"),
        Index("ix_callback_ticket", "estate_id", "ticket_id"),
    )
    estate_id: ID = Field(primary_key=True)
    id: ID = Field(primary_key=True, default_factory=new_id)
    ticket_id: ID
    #: ``open`` | ``done`` | ``stopped``
    status: str = "open"
    opened_at: datetime
    done_at: datetime | None = None
    attempts: int = 0
    #: unanswered in a row (T-16)
    unanswered: int = 0
    #: ``satisfied`` | ``unsatisfied`` | ``refused`` | ``hung_up`` | ``unanswered``
    outcome: str | None = None
    channel: str | None = None
    opinion: str | None = None
    #: why the resident is not satisfied
    why: str | None = None
    reviewed_at: datetime | None = None
    facts: Facts = _json()


class Visit(Row, table=True):
    """Somebody at the counter, or a caller on the line, from coming to going (S1-02…S1-10, S1-52…S1-60).

    It is no ticket; one may come of it (``led_to``). Its events are its own root.
    """

    __table_args__ = (
        UniqueConstraint("estate_id", "number"),
        Index("ix_visit_status", "estate_id", "status", "came_at"),
        Index("ix_visit_came", "estate_id", "came_at"),
    )
    estate_id: ID = Field(primary_key=True)
    id: ID = Field(primary_key=True, default_factory=new_id)
    #: ``W-261122-003``
    number: str
    #: ``waiting`` (for the desk, or for a host who is busy) | ``served`` | ``upgraded`` (served by a director, or by
    #: another colleague at the visitor's wish) | ``with_host`` | ``left``; ``new`` before the first event
    status: str = "new"
    came_at: datetime
    #: ``visit`` at the counter | ``phone``
    channel: str = "visit"
    #: one of the seven kinds of S1-02, when known
    matter: str | None = None
    urgent: bool = False
    person_name: str | None = None
    phone: str | None = None
    room_text: str | None = None
    #: what they want, in their words
    what: str | None = None
    #: who is with them now; None while nobody is
    served_by: ID | None = None
    #: when somebody first was with them
    served_at: datetime | None = None
    #: since when a question is being explained without a clear answer (S1-58)
    explained_since: datetime | None = None
    #: since when a caller is on hold (S1-08)
    held_since: datetime | None = None
    #: how far it was moved up: 0 a colleague, 1 the customer-service director, 2 the management-office director
    level: int = 0
    #: whom they came to see, and whether that one is ``in`` | ``out`` | ``busy``, as found at ``host_since``
    host: ID | None = None
    host_state: str | None = None
    host_since: datetime | None = None
    ended_at: datetime | None = None
    #: the ticket that came of it
    led_to: ID | None = None
    facts: Facts = _json()


class Handover(Row, table=True):
    """A shift handed over: a snapshot signed by the one who leaves and the one who comes (S0-29)."""

    __table_args__ = (Index("ix_handover_signed", "estate_id", "signed_out_at"),)
    estate_id: ID = Field(primary_key=True)
    id: ID = Field(primary_key=True, default_factory=new_id)
    outgoing: ID
    incoming: ID | None = None
    since: datetime
    signed_out_at: datetime
    signed_in_at: datetime | None = None
    notes: str | None = None
    differences: str | None = None
    #: what stood open when it was signed, and the chain's head; never changed afterwards
    snapshot: Facts = _json()
    reviewed_at: datetime | None = None
    facts: Facts = _json()


class Subject(Row, table=True):
    """Anything else events are about: a recurring duty's occurrence, the workshop's workload, a slip …"""

    __table_args__ = (Index("ix_subject_type", "estate_id", "type", "status"),)
    estate_id: ID = Field(primary_key=True)
    id: ID = Field(primary_key=True, default_factory=new_id)
    type: str
    status: str = "open"
    facts: Facts = _json()


class Draft(Row, table=True):
    """A half-filled form, kept so that a crash or a power cut takes at most its last two seconds."""

    estate_id: ID = Field(primary_key=True)
    id: ID = Field(primary_key=True, default_factory=new_id)
    staff_id: ID | None = None
    form: str
    content: Facts = _json()
    updated_at: datetime


# -- the ledger ---------------------------------------------------------------------------------------------


class Event(Row, table=True):
    """What happened. Append-only: a correction is a new event that points at the old one."""

    __table_args__ = (
        UniqueConstraint("estate_id", "seq"),
        Index("ix_event_happened", "estate_id", "happened_at", "seq"),
        Index("ix_event_root", "estate_id", "root_id", "seq"),
        Index("ix_event_subject", "estate_id", "subject_id", "happened_at"),
        Index("ix_event_name", "estate_id", "name", "happened_at"),
    )
    estate_id: ID = Field(primary_key=True)
    id: ID = Field(primary_key=True, default_factory=new_id)
    seq: int
    #: a word of :data:`desk.vocabulary.EVENTS`
    name: str
    happened_at: datetime
    recorded_at: datetime
    #: written up after the fact, e.g. after a power cut
    late: bool = False
    done_by: ID | None = None
    recorded_by: ID | None = None
    subject_type: str
    subject_id: ID
    #: the subject's parent, or the subject itself: all events of one root are reckoned together
    root_type: str
    root_id: ID
    #: every fact a rule may ask, as it was then
    facts: Facts = _json()
    #: names of those facts that belong to this act alone
    own: list[str] = Field(sa_column=Column(JSON, nullable=False), default_factory=list)
    #: what the act changed in the subject's present row
    sets: Facts = _json()
    #: salted digests of the words, by name; the words themselves stand in EventWord
    digests: Facts = _json()
    corrects: ID | None = None
    #: the first event of the same act: what was done together is taken back together
    batch: ID
    rulebook_version: int = 0
    prev_hash: str
    hash: str


class EventWord(Row, table=True):
    """Free text and personal data of an event; can be forgotten (``text`` None) without breaking the chain."""

    estate_id: ID = Field(primary_key=True)
    event_id: ID = Field(primary_key=True)
    name: str = Field(primary_key=True)
    salt: str
    text: str | None


class Deadline(Row, table=True):
    """One rule applied to one subject, or one step that opened when it was missed.

    Overdue is derived (``due_at`` before now, neither met nor cancelled), never stored.
    """

    __table_args__ = (
        Index("ix_deadline_open", "estate_id", "open", "due_at"),
        Index("ix_deadline_fire", "estate_id", "fires_at"),
        Index("ix_deadline_root", "estate_id", "root_id"),
        UniqueConstraint("estate_id", "rule_id", "opened_by", "step"),
    )
    estate_id: ID = Field(primary_key=True)
    id: ID = Field(primary_key=True, default_factory=new_id)
    rule_id: str
    #: 0 the deadline itself; 1, 2 … the steps of its ``missed``
    step: int = 0
    #: what the step asks for: ``chase``, ``report`` …
    then: str | None = None
    opened_by: ID
    subject_type: str
    subject_id: ID
    root_type: str
    root_id: ID
    #: who must do it, as the rule says, and whom that means, when known
    by: str = ""
    staff_id: ID | None = None
    starts_at: datetime
    #: None while an anchor (an appointment, a promise) is not known yet, or for a notice to acknowledge
    due_at: datetime | None = None
    warn_at: datetime | None = None
    met_at: datetime | None = None
    cancelled_at: datetime | None = None
    #: why it was cancelled, a code: ``event`` | ``facts`` | ``restarted`` | ``in_time`` | ``original``
    cancelled_why: str | None = None
    paused: bool = False
    #: neither met nor cancelled
    open: bool = True
    #: steps fired so far
    level: int = 0
    #: when the next step is to fire; None when none is left
    fires_at: datetime | None = None
    #: times a repeating step has come up
    count: int = 1
    provisional: bool = False
    rulebook_version: int = 0
    calendar_version: str = ""


class Recurrence(Row, table=True):
    """How far a recurring duty's occurrences have been opened."""

    estate_id: ID = Field(primary_key=True)
    rule_id: str = Field(primary_key=True)
    upto: datetime
