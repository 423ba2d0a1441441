"""What is not everybody's: which duties may do it. The one table; :mod:`desk.ledger.permits` holds acts to it.

An event named here is recorded only by somebody who has one of the right's duties; what records nothing (an export, a
telephone number in full) is asked for by the right's name. A right that nobody who works here could have is
everybody's: a small estate has no director, and must not be locked out of its own rules.
Sources of who does what: S0-06 ff. (grading), S0-25 (both sign), S0-26, S0-80 (review), S4-10 (customer service
verifies), S4-50 (samples); the others are the estate's own safety.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from desk.errors import Refusal
from desk.i18n import N_

#: who sits at the counter or answers for it
_DESK = tuple(
    "agent supervisor team_leader complaint_specialist director office_director project_manager manager".split()
)
#: who answers for others' work
_LEADERS = tuple("supervisor director office_director project_manager manager leader_in_charge".split())
#: who looks after the records themselves
_KEEPERS = tuple("supervisor director office_director project_manager manager administrator".split())
_HEADS = tuple("director office_director project_manager manager administrator".split())


@dataclass(frozen=True, slots=True)
class Right:
    """One thing that is not everybody's."""

    name: str
    #: message id: what it lets one do
    title: str
    #: words of :data:`desk.vocabulary.DUTIES`, any of which will do
    duties: tuple[str, ...]
    #: events that only its holders record, words of :data:`desk.vocabulary.EVENTS`
    events: tuple[str, ...] = ()
    #: nobody does it for another: who does it and who writes it down are one
    own: bool = False


RIGHTS: Mapping[str, Right] = {
    right.name: right
    for right in (
        Right(
            "grade",
            N_("Grade a complaint, judge it invalid"),
            (*_DESK, "quality_specialist", "leader_in_charge"),
            ("complaint.graded", "complaint.judged_invalid"),
        ),
        Right("override", N_("Verify by telephone instead of the code"), _DESK, ("ticket.code_overridden",)),
        Right(
            "waive",
            N_("Skip a recurring duty; coordinate in spite of full workload"),
            (*_LEADERS, "team_leader", "agent", "engineering_supervisor", "repair_team_leader"),
            ("duty.skipped", "ticket.coordinated"),
        ),
        Right(
            "handover",
            N_("Sign a handover"),
            (*_DESK, "leader_in_charge"),
            ("handover.signed_out", "handover.signed_in"),
            own=True,
        ),
        Right(
            "review",
            N_("Review handovers and callbacks, draw samples"),
            (*_LEADERS, "team_leader", "quality_specialist", "complaint_specialist"),
            ("handover.reviewed", "callback.reviewed", "sample.drawn"),
        ),
        Right(
            "rules",
            N_("Change and adopt rules, import days"),
            _KEEPERS,
            ("rulebook.adopted", "rulebook.applied", "calendar.imported"),
        ),
        Right(
            "staff",
            N_("Change who works here, and their PINs"),
            _KEEPERS,
            ("staff.added", "staff.changed", "pin.given", "pin.removed", "pin.settings"),
        ),
        Right(
            "telephone",
            N_("See a telephone number in full"),
            (
                *_DESK,
                *("leader_in_charge", "quality_specialist", "technician", "repair_team_leader"),
                *("engineering_supervisor", "specialty_supervisor"),
            ),
        ),
        Right(
            "names",
            N_("See residents' names in full"),
            (
                *_DESK,
                *("leader_in_charge", "quality_specialist", "technician", "repair_team_leader"),
                *("engineering_supervisor", "specialty_supervisor", "department_head", "specialist", "cashier"),
            ),
        ),
        Right("export", N_("Export"), (*_KEEPERS, "quality_specialist", "leader_in_charge")),
        Right("import", N_("Import lists of people and registers"), (*_KEEPERS, "team_leader"), ("import.finished",)),
        Right(
            "forget",
            N_("Forget a person, apply retention"),
            _HEADS,
            ("person.forgotten", "retention.set", "retention.done"),
        ),
        Right("backup", N_("Back up"), (*_KEEPERS, "agent", "team_leader")),
        Right("restore", N_("Put a backup back"), _KEEPERS),
        Right("encrypt", N_("Encrypt the records, or open them up"), _KEEPERS),
        Right("records", N_("Carry the records elsewhere, set a server's users"), _HEADS),
    )
}
#: the right an event wants
OF_EVENT: Mapping[str, str] = {event: right.name for right in RIGHTS.values() for event in right.events}
#: codes with which an act is refused because of who does it; such a refusal is an event itself
CODES = ("grant.denied", "grant.own")


def allows(right: str, duties: Collection[str], held: Collection[str]) -> bool:
    """Whether somebody with ``duties`` has ``right`` where those who work here have ``held`` between them."""
    wanted = set(RIGHTS[right].duties)
    return bool(wanted & set(duties)) or not wanted & set(held)


def denied(right: str, held: Collection[str]) -> Refusal:
    """The refusal ``grant.denied``, naming those duties somebody here could do it with."""
    found = RIGHTS[right]
    return Refusal("grant.denied", right=right, title=found.title, duties=[d for d in found.duties if d in held])
