"""The workload is full: visits are pushed back, special faults coordinated, until it is free again (S4-16, S4-17)."""

from __future__ import annotations

from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Entry
from desk.models import Subject, Ticket
from desk.procedures.verbs import NOTE, Param, Values, Verb, unfinished, workload_id
from desk.rulebook import Rulebook


def _saturate(entry: Entry, load: Subject, values: Values) -> None:
    """The team leader says so, and from when visits may be booked; ``until`` ends it by itself."""
    at, until = values["bookable_from"], values.get("until")
    if at <= entry.doing.happened_at:
        raise Refusal("workload.past", at=at)
    if until is not None and until <= entry.doing.happened_at:
        raise Refusal("workload.past", at=until)
    entry.on(
        load,
        "workload.saturated",
        sets={"status": "full", "saturated": True, "bookable_from": at, "until": until},
        facts={"whom": values.get("told_by")},
        words={"note": values.get("note")},
    )


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
            NOTE,
        ),
        subject="workload",
        of=workload_id,
    ),
    Verb(
        "free",
        "workload.freed",
        N_("Workload is free again"),
        _free,
        params=(NOTE,),
        subject="workload",
        may=_may_free,
        of=workload_id,
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
