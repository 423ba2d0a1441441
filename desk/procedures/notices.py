"""What goes on in writing or by word after a callback: correction notices to those who did the work, opinions to those
they concern.

A problem found at a callback goes to the repair staff as a written notice with a date for its correction (S2-29; D-37);
what residents think goes to the department it is about, or its head (S2-19, S2-76, S2-104; R-34).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlmodel import col, select

from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Doing, Entry, Ledger, Row
from desk.models import Callback, Ticket
from desk.procedures.verbs import MEANS, NOTE, WORK, Param, Values, Verb, not_cancelled, present
from desk.rulebook import Rulebook


def _issue(entry: Entry, ticket: Ticket, values: Values) -> None:
    """A numbered notice: the order, what is wrong, by when it is put right."""
    by = values["correct_by"]
    if by <= entry.doing.happened_at:
        raise Refusal("value.past", name="correct_by", title=N_("To be corrected by"), value=by)
    if values.get("to") is not None:
        entry.staff(values["to"])
    count = int(ticket.facts.get("notices", 0)) + 1
    entry.on(
        ticket,
        "notice.issued",
        sets={"notices": count, "correct_by": by},
        facts={"to": values.get("to")},
        words={"notice": f"{ticket.number}-{count}", "matter": values["matter"], "note": values.get("note")},
    )


def _pass_opinion(entry: Entry, ticket: Ticket, values: Values) -> None:
    to, department = values.get("to"), values.get("department")
    if to is None and not department:
        raise Refusal("tell.whom", number=ticket.number)
    if to is not None:
        entry.staff(to)
    entry.on(
        ticket,
        "opinion.passed_on",
        facts={"to": to, "told_to": department, "means": values.get("means")},
        words={"opinion": values["opinion"], "note": values.get("note")},
    )


def _notices(book: Rulebook, ticket: Ticket) -> bool:
    return "notice.issued" in book.mentioned and WORK(book, ticket)


def _opinions(book: Rulebook, ticket: Ticket) -> bool:
    return "opinion.passed_on" in book.mentioned


def _said(*columns: str) -> Any:
    """The form begins with what was said at the last callback."""

    def start(ledger: Ledger, row: Row, doing: Doing) -> str | None:
        call = _last_call(ledger, row.id)
        said = [getattr(call, name) for name in columns] if call is not None else []
        return next((text for text in said if text), None) or getattr(row, "what", None)

    return start


def _last_call(ledger: Ledger, ticket_id: UUID) -> Callback | None:
    query = select(Callback).where(
        Callback.estate_id == ledger.estate_id, Callback.ticket_id == ticket_id, col(Callback.outcome).is_not(None)
    )
    with ledger.store.read() as session:
        return session.exec(query.order_by(col(Callback.done_at).desc())).first()


VERBS = (
    Verb(
        "issue-notice",
        "notice.issued",
        N_("Issue a correction notice"),
        _issue,
        params=(
            Param("to", "staff", N_("To whom"), duty="technician", start=present("assignee")),
            Param("matter", "prose", N_("What is to be corrected"), required=True, start=_said("why", "opinion")),
            Param("correct_by", "time", N_("To be corrected by"), required=True),
            NOTE,
        ),
        applies=_notices,
        may=not_cancelled,
    ),
    Verb(
        "pass-opinion",
        "opinion.passed_on",
        N_("Pass an opinion on"),
        _pass_opinion,
        params=(
            Param("opinion", "prose", N_("Opinion"), required=True, start=_said("opinion", "why")),
            Param("department", "text", N_("Department told"), start=present("department")),
            Param("to", "staff", N_("Who was told"), duty="department_head"),
            MEANS,
            NOTE,
        ),
        applies=_opinions,
        may=not_cancelled,
    ),
)
