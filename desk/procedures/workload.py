"""The workload is full: visits are pushed back, special faults coordinated, until it is free again (S4-16, S4-17).

Where an estate has several projects, each has a repair team of its own, whose workload is full by itself. Without a
project the whole estate's is meant.
"""

from __future__ import annotations

from sqlmodel import col, select

from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Entry
from desk.models import Room, Subject, Ticket
from desk.procedures.verbs import NOTE, Param, Values, Verb, unfinished, workload_id
from desk.rulebook import Rulebook
from desk.vocabulary import nearest


def _saturate(entry: Entry, load: Subject, values: Values) -> None:
    """The team leader says so, and from when visits may be booked; ``until`` ends it by itself."""
    at, until, project = values["bookable_from"], values.get("until"), values.get("project")
    if project is not None:
        _known(entry, project)
    if at <= entry.doing.happened_at:
        raise Refusal("workload.past", at=at)
    if until is not None and until <= entry.doing.happened_at:
        raise Refusal("workload.past", at=until)
    entry.on(
        load,
        "workload.saturated",
        sets={"status": "full", "saturated": True, "bookable_from": at, "until": until, "project": project},
        facts={"whom": values.get("told_by")},
        words={"note": values.get("note")},
    )


def _known(entry: Entry, project: str) -> None:
    """Raises :class:`Refusal` ``workload.project`` for a project no room belongs to."""
    query = select(Room.project).where(Room.estate_id == entry.estate_id, Room.project != "").distinct()
    known = list(entry.session.exec(query.order_by(col(Room.project))))
    if project not in known:
        raise Refusal("workload.project", project=project, known=known, nearest=nearest(project, known))


def _free(entry: Entry, load: Subject, values: Values) -> None:
    entry.on(
        load,
        "workload.freed",
        sets={"status": "open", "saturated": None, "bookable_from": None, "until": None},
        words={"note": values.get("note")},
    )


def _may_free(book: Rulebook, load: Subject) -> Refusal | None:
    return None if load.facts.get("saturated") else Refusal("workload.not_full")


def _coordinate(entry: Entry, ticket: Ticket, values: Values) -> None:
    """A special fault gets its time all the same: agreed between the supervisors (S4-17)."""
    entry.staff(values["whom"])
    entry.on(ticket, "ticket.coordinated", facts={"whom": values["whom"]}, words={"note": values.get("note")})


def _full(book: Rulebook, ticket: Ticket) -> bool:
    return bool(ticket.facts.get("saturated"))


_PROJECT = Param("project", "text", N_("Only this project"))

VERBS = (
    Verb(
        "saturate",
        "workload.saturated",
        N_("Workload is full"),
        _saturate,
        params=(
            Param("bookable_from", "time", N_("Bookable from"), required=True),
            Param("until", "time", N_("Full until")),
            Param("told_by", "staff", N_("Told by"), duty="repair_team_leader"),
            _PROJECT,
            NOTE,
        ),
        subject="workload",
        of=workload_id,
        each="project",
    ),
    Verb(
        "free",
        "workload.freed",
        N_("Workload is free again"),
        _free,
        params=(_PROJECT, NOTE),
        subject="workload",
        may=_may_free,
        of=workload_id,
        each="project",
    ),
    Verb(
        "coordinate",
        "ticket.coordinated",
        N_("Coordinate in spite of full workload"),
        _coordinate,
        params=(Param("whom", "staff", N_("Agreed with"), required=True, duty="engineering_supervisor"), NOTE),
        applies=_full,
        may=unfinished,
    ),
)
