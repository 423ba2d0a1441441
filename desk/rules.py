"""From what happened to what must be done by when. Pure: no clock, no store.

:func:`fold` takes all events of one subject and its children and returns every deadline their rules open, with its
state and the steps that have come up by ``now``. The ledger writes exactly what it returns, the board shows it, a
preview asks it about an event that has not happened yet, and a check folds again and compares: one function for all.
(design, sections 1 and 4)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from desk.calendars import Calendar
from desk.limits import Limit, LimitResult
from desk.rulebook import Guard, Rule, Rulebook, Step
from desk.vocabulary import EVENTS, STEPS

Ref = tuple[str, UUID]
Facts = Mapping[str, Any]
Span = tuple[datetime, datetime]

_INSTANT = timedelta(seconds=1)
_RECKONED = ("due_at", "warn_at", "provisional", "missing", "paused", "steps", "fires_at")


@dataclass(frozen=True, slots=True)
class Happening:
    """An event as the rules see it: no words, no persons' data. Times are aware UTC."""

    id: UUID
    seq: int
    name: str
    at: datetime
    subject: Ref
    root: Ref
    facts: Facts
    own: frozenset[str] = frozenset()
    sets: Facts = field(default_factory=dict)
    corrects: UUID | None = None


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


@dataclass(frozen=True, slots=True)
class Standing:
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
    found: list[Standing] = []
    #: facts that change at all; a rule that asks for others either matches at once or never
    changing = frozenset(key for event in events[1:] for key in event.sets)
    for index, event in enumerate(events):
        kind = event.facts.get("kind")
        fixed = "kind" not in changing and (kind is None or isinstance(kind, str))
        for rule in book.opening_of_kind(event.name, kind) if fixed else book.opening.get(event.name, ()):
            if not rule.where.matches(event.facts) and changing.isdisjoint(rule.where.names):
                continue
            standing = _follow(rule, event, events[index + 1 :])
            if standing is not None:
                found.append(standing)
    return [_reckon(each, book, calendar, events, now) for each in _recurrences(found)]


def effective(history: Iterable[Happening]) -> list[Happening]:
    """The events with corrections applied and entries taken back left out, in the order they happened."""
    kept: dict[UUID, Happening] = {}
    moved: dict[UUID, UUID] = {}
    for event in sorted(history, key=lambda e: e.seq):
        effect = EVENTS[event.name].effect if event.name in EVENTS else ""
        if effect in ("corrects", "retracts") and event.corrects is not None:
            target = moved.get(event.corrects, event.corrects)
            if effect == "retracts":
                kept.pop(target, None)
            elif target in kept:
                old = kept[target]
                kept[target] = replace(
                    old,
                    at=event.at,
                    facts={**old.facts, **event.sets, **{k: event.facts[k] for k in event.own}},
                    sets={**old.sets, **event.sets},
                    own=old.own | event.own,
                )
            moved[event.id] = target
        else:
            kept[event.id] = event
    return sorted(kept.values(), key=lambda e: (e.at, e.seq))


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
    return _limit(limit, standing.rule, standing.starts_at, standing.facts, standing.pauses, book, calendar, explain)


# -- following one deadline through the events ---------------------------------------------------------------


def _related(event: Happening, subject: Ref, root: Ref) -> bool:
    """Same subject, its child, or its parent; never a sibling."""
    return event.subject == subject or event.root == subject or event.subject == root


def _follow(rule: Rule, opening: Happening, later: Sequence[Happening]) -> Standing | None:
    """What becomes of ``rule`` once ``opening`` happened: matched anew whenever a fact changes."""
    if not any(name == opening.name and where.matches(opening.facts) for name, where in rule.on):
        return None
    until = (*rule.until, "duty.done") if rule.recurring else rule.until
    cancel = (*rule.cancel, "duty.skipped", "duty.missed") if rule.recurring else rule.cancel
    facts = dict(opening.facts)
    state = "open" if rule.where.matches(facts) else "none"
    opened, ended_at, why = state == "open", None, None
    done = 0
    doings: list[datetime] = []  # until-events that came before a change of facts made the rule match
    pauses: list[Span] = []
    asleep: datetime | None = None
    for event in later:
        if not _related(event, opening.subject, opening.root):
            continue
        changed = False
        # a child's columns may be called like its parent's: a callback's channel is not how the matter came in
        for key, value in event.sets.items() if event.subject in (opening.subject, opening.root) else ():
            if key not in opening.own and facts.get(key) != value:
                facts[key] = value
                changed = True
        effect = EVENTS[event.name].effect if event.name in EVENTS else ""
        if effect == "pauses" and asleep is None:
            asleep = event.at
        elif effect == "resumes" and asleep is not None:
            pauses.append((asleep, event.at))
            asleep = None
        elif effect == "reopens" and state == "cancelled" and ended_at is not None:
            # what was unmet goes on; the time it lay cancelled does not count
            pauses.append((ended_at, event.at))
            state, ended_at, why = "open", None, None
        if event.name in until:
            doings.append(event.at)
            if state == "open":
                done += 1
                if done >= rule.times:
                    state, ended_at = "met", event.at
                    continue
        elif event.name in cancel and state == "open":
            state, ended_at, why = "cancelled", event.at, "event"
            continue
        if changed and rule.where.tests:
            matches = rule.where.matches(facts)
            if state == "open" and not matches:
                state, ended_at, why = "unmatched", event.at, "facts"
            elif state in ("none", "unmatched") and matches:
                opened, state, ended_at, why = True, "open", None, None
                if len(doings) >= rule.times:
                    state, ended_at = "met", doings[rule.times - 1]
    if not opened:
        return None
    return Standing(
        rule=rule,
        opened_by=opening.id,
        subject=opening.subject,
        root=opening.root,
        starts_at=opening.at,
        facts=facts,
        by=rule.by,
        staff_id=whose(rule.by, facts),
        met_at=ended_at if state == "met" else None,
        cancelled_at=ended_at if state in ("cancelled", "unmatched") else None,
        cancelled_why=why,
        paused=asleep is not None,
        pauses=tuple(pauses),
    )


def _recurrences(found: list[Standing]) -> list[Standing]:
    """When the opening event came again for one subject: restart, keep, or another (``again``)."""
    out: list[Standing] = []
    running: dict[tuple[str, Ref], int] = {}
    for standing in found:
        key = (standing.rule.id, standing.subject)
        before = running.get(key)
        if before is not None and standing.rule.again != "another":
            former = out[before]
            if former.ended_at is None or former.ended_at > standing.starts_at:
                if standing.rule.again == "keep":
                    continue
                out[before] = replace(former, met_at=None, cancelled_at=standing.starts_at, cancelled_why="restarted")
        running[key] = len(out)
        out.append(standing)
    return out


# -- due times and steps -------------------------------------------------------------------------------------


def _limit(
    limit: Limit,
    rule: Rule,
    start: datetime,
    facts: Facts,
    pauses: Sequence[Span],
    book: Rulebook,
    calendar: Calendar,
    explain: bool = False,
) -> LimitResult:
    return limit.reckon(
        start,
        calendar=calendar,
        facts=facts,
        figures=book.figures,
        tables=book.tables,
        pauses=pauses,
        counts_from=rule.counts_from,
        runs_through_pauses=rule.runs_through_pauses,
        explain=explain,
    )


def _reckon(
    standing: Standing, book: Rulebook, calendar: Calendar, events: Sequence[Happening], now: datetime
) -> Standing:
    """Due, warning and steps of one standing deadline."""
    rule = standing.rule
    result = reckon(rule.within, standing, book, calendar)
    due = result.due_at
    if due is not None and rule.not_before is not None:
        floor = reckon(rule.not_before, standing, book, calendar).due_at
        due = max(due, floor) if floor is not None else due
    paused = False
    if standing.paused and standing.open and due is not None:
        paused = _sleeps(standing, events, due, book, calendar)
    warn = None
    if due is not None and rule.warn is not None:
        warn = _limit(rule.warn, rule, due, standing.facts, (), book, calendar).due_at
    steps: tuple[Fired, ...] = ()
    fires_at = None
    if due is not None and not paused and rule.missed:
        steps, fires_at = _steps(standing, due, book, calendar, events, now)
    # Frozen for everybody else; the fold made it just now, and to copy it would cost more than to reckon it.
    known = (due, warn, result.provisional, result.missing, paused, steps, fires_at)
    for name, value in zip(_RECKONED, known, strict=True):
        object.__setattr__(standing, name, value)
    return standing


def _sleeps(standing: Standing, events: Sequence[Happening], due: datetime, book: Rulebook, calendar: Calendar) -> bool:
    """Whether the pause that is still open moves this deadline: not if it was due before, nor if an anchor holds it."""
    began = max((e.at for e in events if EVENTS[e.name].effect == "pauses"), default=None)
    if began is None or due <= began:
        return False
    longer = replace(standing, pauses=(*standing.pauses, (began, due + _INSTANT)))
    return reckon(standing.rule.within, longer, book, calendar).due_at != due


def _steps(
    standing: Standing, due: datetime, book: Rulebook, calendar: Calendar, events: Sequence[Happening], now: datetime
) -> tuple[tuple[Fired, ...], datetime | None]:
    """The steps that have come up before ``now``, and the moment after which the next one will."""
    ended = standing.ended_at
    steps: list[Fired] = []
    miss = due
    for number, step in enumerate(standing.rule.missed, 1):
        if ended is not None and ended <= miss:
            return tuple(steps), None
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
            within = _limit(step.within, standing.rule, at, standing.facts, (), book, calendar).due_at
        done = _done(standing, number, step, at, events)
        steps.append(
            Fired(
                number=number,
                step=step,
                at=at,
                due_at=within,
                by=step.who,
                staff_id=whose(step.who, standing.facts),
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


def _done(standing: Standing, number: int, step: Step, at: datetime, events: Sequence[Happening]) -> datetime | None:
    """When the step was done: one of its events on the subject, or the step itself acknowledged."""
    for event in events:
        if event.at < at:
            continue
        if not _related(event, standing.subject, standing.root):
            continue
        if event.name in STEPS[step.then][1]:
            return event.at
        acknowledged = event.facts.get("rule"), event.facts.get("step")
        if event.name == "escalation.done" and acknowledged == (standing.rule.id, number):
            return event.at
    return None
