"""Recurring duties done or skipped, and steps of missed deadlines acknowledged.

A duty's occurrence is opened by the clock (:mod:`desk.ledger.tick`) and met by the event its rule names, or by hand
here. A step asks for something after a miss; what has no event of its own (remind, tell) is done by acknowledging it.
Sources: R-01, R-02, R-32, R-33; S0-17, S4-26.
"""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Act, Doing, Ledger
from desk.ledger.record import Entry
from desk.models import Deadline, Subject
from desk.procedures.verbs import LONG, NOTE, WHY, Values, Verb
from desk.rulebook import Rulebook
from desk.text import clean


def acknowledge(
    ledger: Ledger,
    root: tuple[str, UUID],
    rule: str,
    step: int,
    doing: Doing,
    *,
    subject: UUID | None = None,
    note: str | None = None,
) -> None:
    """Say that a step of a missed deadline is done: the row of the board names root, rule and step.

    ``subject`` narrows it to one of several subjects under the root. It need not have been written by the clock's hand
    yet. Raises :class:`Refusal` ``step.none`` where nothing of the kind is open.
    """
    with ledger.write(doing) as entry:
        entry.refold(root)
        query = (
            select(Deadline)
            .where(Deadline.estate_id == entry.estate_id, Deadline.root_id == root[1], Deadline.rule_id == rule)
            .where(Deadline.step == step, col(Deadline.step) > 0, col(Deadline.open).is_(True))
            .order_by(col(Deadline.starts_at))
        )
        if subject is not None:
            query = query.where(Deadline.subject_id == subject)
        row = entry.session.exec(query).first()
        if row is None:
            raise Refusal("step.none", rule=rule, step=step)
        facts = {"rule": rule, "step": step, "then": row.then, "deadline": str(row.id)}
        words = {"note": clean(note, LONG, lines=True) if note else None}
        entry.record(Act("escalation.done", (row.subject_type, row.subject_id), root, facts=facts, words=words))


def _done(entry: Entry, duty: Subject, values: Values) -> None:
    """One doing; a duty to be done several times a period is done with after the last (``times``)."""
    rule = entry.ledger.book.rules.get(duty.facts.get("rule", ""))
    count = int(duty.facts.get("times", 0)) + 1
    status = "done" if rule is None or count >= rule.times else "open"
    entry.on(duty, "duty.done", sets={"status": status, "times": count}, words={"note": values.get("note")})


def _skip(entry: Entry, duty: Subject, values: Values) -> None:
    entry.on(duty, "duty.skipped", sets={"status": "skipped"}, words={"reason": values["reason"]})


def _open(book: Rulebook, duty: Subject) -> Refusal | None:
    return None if duty.status == "open" else Refusal("duty.over", status=duty.status)


VERBS = (
    Verb("duty-done", "duty.done", N_("Note it as done"), _done, subject="duty", may=_open, params=(NOTE,)),
    Verb("duty-skip", "duty.skipped", N_("Skip the duty"), _skip, subject="duty", may=_open, params=(WHY,)),
)
