"""From what happened to what must be done by when. Pure: no clock, no store.

:func:`fold` takes all events of one subject and its children and returns every deadline their rules open, with its
state and the steps that have come up by ``now``. The ledger writes exactly what it returns, the board shows it, a
preview asks it about an event that has not happened yet, and a check folds again and compares: one function for all.
(design, sections 1 and 4)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from desk.calendars import Calendar
from desk.following import Facts, Gone, Happening, Ref, Span, effective, gone, related, ways
from desk.limits import Case, Limit, LimitResult
from desk.rulebook import Guard, Rule, Rulebook, Step
from desk.vocabulary import EVENTS, STEPS

__all__ = [
    "Facts",
    "Fired",
    "Happening",
    "Ref",
    "Span",
    "Standing",
    "asked",
    "effective",
    "fold",
    "guards",
    "preview",
    "reckon",
    "whose",
]

_INSTANT = timedelta(seconds=1)
#: says of a step, by rule and number, that it was done
_ACKNOWLEDGES = "escalation.done"


@dataclass(frozen=True, slots=True)
class Fired:
    """A step that came up: ``at`` is when it should have fired, whatever the machine was doing then."""

    number: int
    step: Step
    at: datetime
    due_at: datetime | None
    by: str
    staff_id: UUID | None
    met_at: datetime | None = None
    cancelled_at: datetime | None = None
    #: times a repeating step has come up
    count: int = 1

    @property
    def open(self) -> bool:
        return self.met_at is None and self.cancelled_at is None


class Standing(NamedTuple):
    """One rule applied to one subject, as it stands."""

    rule: Rule
    opened_by: UUID
    subject: Ref
    root: Ref
    starts_at: datetime
    facts: Facts
    by: str
    staff_id: UUID | None
    due_at: datetime | None = None
    warn_at: datetime | None = None
    provisional: bool = False
    #: the fact or figure without which the limit can't be reckoned
    missing: str | None = None
    met_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancelled_why: str | None = None
    paused: bool = False
    pauses: tuple[Span, ...] = ()
    steps: tuple[Fired, ...] = ()
    #: the moment after which the next step comes up, if none of its events comes before
    fires_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.met_at is None and self.cancelled_at is None

    @property
    def ended_at(self) -> datetime | None:
        return self.met_at or self.cancelled_at


def fold(history: Iterable[Happening], book: Rulebook, calendar: Calendar, now: datetime) -> list[Standing]:
    """Every deadline that ``history`` (one root and its children) opens under ``book``, as it stands at ``now``.

    Events count in the order in which they happened, not in which they were written down; an entry that was
    corrected counts as corrected, one taken back not at all. Steps come up for every miss up to ``now``.
    """
    events = effective(history)
    return [_reckon(each, book, calendar, events, now) for each in gone(ways(events, book), events)]


def asked(book: Rulebook, name: str) -> bool:
    """Whether :func:`fold` looks at the facts of an event of this name that nothing corrects."""
    return name in book.opening or name == _ACKNOWLEDGES


def preview(book: Rulebook, calendar: Calendar, name: str, facts: Facts, at: datetime) -> list[Standing]:
    """The deadlines an event would open if it happened ``at`` with ``facts``. Nothing is written.

    What ``facts`` leaves unsaid of a ticket is as its kind opens it.
    """
    kind = book.kinds.get(facts.get("kind", ""))
    facts = {**kind.opening, **facts} if kind is not None else facts
    subject = (EVENTS[name].group, UUID(int=0))
    event = Happening(UUID(int=0), 0, name, at, subject, subject, facts, own=frozenset(facts))
    return fold([event], book, calendar, at)


def guards(book: Rulebook, name: str, facts: Facts) -> list[Guard]:
    """The guards that stand before event ``name`` with these facts."""
    return [
        guard
        for guard in book.guards
        if name in guard.before
        and guard.where.matches(facts)
        and not (guard.unless is not None and guard.unless.matches(facts))
    ]


def whose(by: str, facts: Facts) -> UUID | None:
    """The member of staff a rule's ``@fact`` means, if it is known."""
    value = facts.get(by[1:]) if by.startswith("@") else None
    return UUID(str(value)) if value else None


def reckon(
    limit: Limit, standing: Standing, book: Rulebook, calendar: Calendar, *, explain: bool = False
) -> LimitResult:
    """A limit of the standing's rule, with its facts and pauses; ``explain`` adds the spans counted and skipped."""
    return limit.due(_case(standing, standing.starts_at, standing.pauses, book, calendar, explain))


# -- due times and steps -------------------------------------------------------------------------------------


def _case(
    of: Standing | Gone,
    start: datetime,
    pauses: Sequence[Span],
    book: Rulebook,
    calendar: Calendar,
    explain: bool = False,
) -> Case:
    """What a limit of the rule is applied to, reckoned from ``start``."""
    rule = of.rule
    return Case(
        start,
        calendar,
        of.facts,
        book.figures,
        book.tables,
        pauses,
        rule.counts_from,
        rule.runs_through_pauses,
        None,
        explain,
    )


def _reckon(run: Gone, book: Rulebook, calendar: Calendar, events: Sequence[Happening], now: datetime) -> Standing:
    """Due, warning and steps of one deadline."""
    rule, opening, ended = run.rule, run.opening, run.ended_at
    within, not_before, warning = book.terms[rule.id]
    plain = rule.counts_from is None
    due = within.plainly(opening.at) if plain and not run.pauses else None
    provisional, missing = False, None
    if due is None:
        due, provisional, missing, _spans, _bound = within.due(_case(run, opening.at, run.pauses, book, calendar))
    if due is not None and not_before is not None:
        floor = not_before.due(_case(run, opening.at, run.pauses, book, calendar)).due_at
        due = max(due, floor) if floor is not None else due
    paused = False
    if run.asleep is not None and ended is None and due is not None and run.asleep < due:
        # what an anchor holds does not stand still
        longer = (*run.pauses, (run.asleep, due + _INSTANT))
        paused = within.due(_case(run, opening.at, longer, book, calendar)).due_at != due
    warn = None
    if due is not None and warning is not None:
        warn = warning.plainly(due)
        if warn is None:
            warn = warning.due(_case(run, due, (), book, calendar)).due_at
    steps: tuple[Fired, ...] = ()
    fires_at = None
    if rule.missed and due is not None and not paused and (ended is None or ended > due):
        steps, fires_at = _steps(run, due, book, calendar, events, now)
    met, withdrawn = (ended, None) if run.state == "met" else (None, ended)
    # in the order of its fields: to name all nineteen would cost as much again as to make it
    return Standing(
        rule,
        opening.id,
        opening.subject,
        opening.root,
        opening.at,
        run.facts,
        rule.by,
        whose(rule.by, run.facts),
        due,
        warn,
        provisional,
        missing,
        met,
        withdrawn,
        run.why,
        paused,
        run.pauses,
        steps,
        fires_at,
    )


def _steps(
    run: Gone, due: datetime, book: Rulebook, calendar: Calendar, events: Sequence[Happening], now: datetime
) -> tuple[tuple[Fired, ...], datetime | None]:
    """The steps of a deadline that was missed, come up before ``now``; and the moment after which the next one will."""
    ended = run.ended_at
    steps: list[Fired] = []
    miss = due
    for number, step in enumerate(run.rule.missed, 1):
        if miss >= now:  # due at the very instant is not missed yet
            return tuple(steps), miss
        at, count, again = miss, 1, None
        if step.repeat:
            while True:
                again = calendar.start_of_next_duty(at)
                if again >= now or (ended is not None and ended <= again):
                    break
                at, count = again, count + 1
        within = None
        if step.within is not None:
            within = step.within.due(_case(run, at, (), book, calendar)).due_at
        done = _done(run, number, step, at, events)
        steps.append(
            Fired(
                number=number,
                step=step,
                at=at,
                due_at=within,
                by=step.who,
                staff_id=whose(step.who, run.facts),
                met_at=done,
                cancelled_at=ended if done is None else None,
                count=count,
            )
        )
        if step.repeat:
            return tuple(steps), again if ended is None else None
        if within is not None:
            if (done is not None and done <= within) or (ended is not None and ended <= within):
                return tuple(steps), None
            miss = within
    return tuple(steps), None


def _done(run: Gone, number: int, step: Step, at: datetime, events: Sequence[Happening]) -> datetime | None:
    """When the step was done: one of its events on the subject, or the step itself acknowledged."""
    for event in events:
        if event.at < at:
            continue
        if not related(event, run.opening.subject, run.opening.root):
            continue
        if event.name in STEPS[step.then][1]:
            return event.at
        if event.name == _ACKNOWLEDGES and (event.facts.get("rule"), event.facts.get("step")) == (run.rule.id, number):
            return event.at
    return None
