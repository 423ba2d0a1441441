"""The desk passes it on: to the one the responsibility table names, read back; in an emergency by the call list.

What is answered on the telephone counts as told (whoever is responsible) or reported (whoever stands above). In an
emergency the desk directs, and each direction is written down. Sources: S3-18…S3-21; forms F-65.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Doing, Entry, Ledger, Row, rows
from desk.models import Ticket
from desk.procedures.verbs import MEANS, NOTE, Param, Values, Verb, live, not_cancelled, notes, spoken_of, tell
from desk.queries.responsible import Call, call_list, responsible
from desk.rulebook import Rulebook

_WHO = Param("who", "text", N_("Name, if not on the staff list"))


def _relay(entry: Entry, ticket: Ticket, values: Values) -> None:
    """Told, and said back by the other in their own words (S3-21)."""
    tell(entry, ticket, values)
    to, means = values.get("to"), values.get("means")
    if values.get("read_back", True):
        entry.on(ticket, "ticket.read_back", facts={"to": to, "means": means})


def _ring(entry: Entry, ticket: Ticket, values: Values) -> None:
    """One call by the list: who was rung, as what, and whether they answered (S3-18). Nobody named: the next on it."""
    whom, role = values.get("whom"), values.get("role")
    calls = call_list(entry.ledger, entry.session, ticket, entry.doing.happened_at)
    if whom is None and not values.get("who"):
        whom = getattr(_next_of(calls, role), "staff_id", None)
        if whom is None:
            raise Refusal("press.whom", number=ticket.number)
    if whom is not None:
        entry.staff(whom)
    role = role or next((each.role for each in calls if whom is not None and each.staff_id == whom), "responsible")
    answered = bool(values.get("answered", True))
    words = {"who": values.get("who"), "note": values.get("note")}
    event = "ticket.rung" if answered else "ticket.not_reached"
    entry.on(ticket, event, facts={"whom": whom, "role": role}, words=words)
    if not answered:
        return
    if role == "superior":
        entry.on(ticket, "ticket.reported", facts={"whom": whom}, words=words)
    elif role == "responsible":
        tell(entry, ticket, {"to": whom, "who": values.get("who"), "means": "phone"})


def _urgent(book: Rulebook, ticket: Ticket) -> bool:
    return bool(ticket.urgent or ticket.emergency)


def _urgently(*events: str) -> Callable[[Rulebook, Ticket], bool]:
    spoken = spoken_of(*events)
    return lambda book, ticket: _urgent(book, ticket) and spoken(book, ticket)


def _who_answers(ledger: Ledger, row: Row, doing: Doing) -> UUID | None:
    """Who answers for this class and area; who has it already, if somebody has."""
    assert isinstance(row, Ticket)
    if row.assignee is not None:
        return row.assignee
    with ledger.store.read() as session:
        found = responsible(ledger, session, rows.facts_of(row), doing.happened_at)
    return next((each.staff_id for each in found if each.role == "responsible" and each.sure), None)


def _next_of(calls: Sequence[Call], role: str | None = None) -> Call | None:
    """Whoever of the call list (in one ``role``) has not answered yet, first those not rung."""
    reached = {each.role for each in calls if each.answered_at is not None}
    open_ = [each for each in calls if each.role not in reached and role in (None, each.role)]
    return min(open_, key=lambda each: each.rung_at is not None, default=None)


def _next(part: str) -> Callable[[Ledger, Row, Doing], Any]:
    """The same for the form that is filled in."""

    def start(ledger: Ledger, row: Row, doing: Doing) -> Any:
        assert isinstance(row, Ticket)
        with ledger.store.read() as session:
            calls = call_list(ledger, session, row, doing.happened_at)
        return getattr(_next_of(calls), part, None)

    return start


VERBS = (
    Verb(
        "ring",
        "ticket.rung",
        N_("Ring by the call list"),
        _ring,
        also=("ticket.told", "ticket.reported"),
        applies=_urgently("ticket.read_back", "ticket.rung"),
        may=not_cancelled,
        params=(
            Param("whom", "staff", N_("Who was rung"), start=_next("staff_id")),
            Param("role", "choice", N_("Rung as"), start=_next("role")),
            Param("answered", "flag", N_("They answered"), start=lambda ledger, row, doing: True),
            _WHO,
            NOTE,
        ),
    ),
    Verb(
        "relay",
        "ticket.read_back",
        N_("Pass on, with read-back"),
        _relay,
        also=("ticket.told",),
        applies=spoken_of("ticket.read_back"),
        may=not_cancelled,
        params=(
            Param("to", "staff", N_("Who answers for it"), start=_who_answers),
            Param("department", "text", N_("Department")),
            _WHO,
            Param("read_back", "flag", N_("Read back"), start=lambda ledger, row, doing: True),
            MEANS,
            NOTE,
        ),
        one_of=("to", "department", "who"),
    ),
    Verb(
        "direct",
        "ticket.directed",
        N_("Give a direction"),
        notes("ticket.directed", "direction", "flow", "who"),
        applies=_urgently("ticket.directed", "ticket.rung", "ticket.read_back"),
        may=live,
        params=(
            Param("direction", "prose", N_("Direction"), required=True),
            Param("whom", "staff", N_("To whom")),
            _WHO,
            Param("flow", "text", N_("Emergency flow used")),
        ),
    ),
)
