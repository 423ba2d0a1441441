"""What must be done, in order: every open deadline, with the steps that have come up by ``now``.

Looking writes nothing. What the clock's hand has not written yet (steps of deadlines missed since, occurrences of
recurring duties) is worked out in memory with the same functions, so a board is right whatever the machine was doing.
Pages are cut by the index over open deadlines: a page costs the same over a million tickets. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from desk.ledger import Ledger
from desk.limits import Limit, LimitResult
from desk.queries.page import ROWS, Key, Page
from desk.rulebook import Rule, Step
from desk.rules import Standing

Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DueRow:
    """One thing to do. ``number`` and ``ticket_id`` are None for a duty without a ticket and for a gathered row."""

    deadline_id: UUID
    number: str | None
    ticket_id: UUID | None
    kind: str | None
    subject_type: str
    subject_id: UUID
    root_type: str
    root_id: UUID
    rule_id: str
    #: the rule's, in every language: show it with :func:`desk.i18n.pick`
    title: Text
    what: str
    room: str
    #: name of the one who must do it, else the title of the duty or fact the rule names, translated
    who: str
    #: as the rule says it: ``agent``, ``@assignee``, ``technician@Repairs``
    by: str
    staff_id: UUID | None
    source: tuple[str, ...]
    starts_at: datetime
    #: None while an anchor is not known, and for a notice that only wants acknowledging
    due_at: datetime | None
    warn_at: datetime | None
    #: ``overdue`` | ``soon`` (warned, within the hour, or a notice) | ``later``; on a ticket's page also ``met``, ``cancelled``
    state: str
    #: steps that have come up by now; of a step, its own number
    level: int
    #: 0 the deadline itself; 1, 2 … its steps
    step: int
    #: what a step asks for: ``chase``, ``report`` …
    then: str | None
    paused: bool
    provisional: bool
    #: how many this row stands for (``gather``); 1 otherwise
    gathered: int
    #: procedure that does it, where the rule names one
    form: str | None
    #: events whose recording meets it
    until: tuple[str, ...]
    met_at: datetime | None = None
    cancelled_at: datetime | None = None
    #: the fact or figure without which the limit can't be reckoned
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class DueCounts:
    """For the status line: ``next`` is the next timed thing to come, overdue ones apart."""

    overdue: int
    soon: int
    next: DueRow | None


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a deadline is due when it is; :func:`desk.wording.explain` makes sentences of it."""

    rule: Rule
    standing: Standing
    #: the step that is explained, and its limit; of the deadline itself, None and the rule's own
    step: Step | None
    limit: Limit | None
    starts_at: datetime
    result: LimitResult
    zone: str


def due_page(
    ledger: Ledger,
    session: Session,
    now: datetime,
    *,
    limit: int = ROWS,
    after: Key | None = None,
    who: UUID | str | None = None,
    kind: str | None = None,
) -> Page[DueRow]:
    """Open deadlines in the order in which they are due; what has no time comes last.

    ``who`` is a member of staff (everything of theirs and of their duties) or a duty; ``kind`` a ticket's kind.
    """
    raise NotImplementedError


def counts(ledger: Ledger, session: Session, now: datetime) -> DueCounts:
    """How much is overdue, how much is due within the hour or warned of, and the next thing due."""
    raise NotImplementedError


def of_root(ledger: Ledger, session: Session, root: tuple[str, UUID], now: datetime) -> list[DueRow]:
    """Every deadline of a ticket (or another root), met and cancelled ones included, in the order they are due."""
    raise NotImplementedError


def reasons(ledger: Ledger, session: Session, row: DueRow, now: datetime) -> Reasons | None:
    """The reckoning behind a row, span by span; None when it has gone meanwhile."""
    raise NotImplementedError
