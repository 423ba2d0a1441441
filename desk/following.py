"""What becomes of the rules that events open: met, withdrawn, open; through the order of events alone. Pure.

Matters are many and go few ways. A way is followed once, in the places of events, and kept with its rulebook; each
matter that goes it brings its own times and facts. When something is due is for :mod:`desk.rules`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from desk.rulebook import Opening, Rule, Rulebook
from desk.vocabulary import EVENTS

Ref = tuple[str, UUID]
Facts = Mapping[str, Any]
Span = tuple[datetime, datetime]

#: ways that are kept; beyond, all are let go
_KEPT = 4000
#: what an event does to running deadlines; most do nothing
_EFFECTS = {name: word.effect for name, word in EVENTS.items() if word.effect}


class Happening(NamedTuple):
    """An event as the rules see it: no words, no persons' data. Times are aware UTC."""

    id: UUID
    seq: int
    name: str
    at: datetime
    subject: Ref
    root: Ref
    facts: Facts
    own: frozenset[str] = frozenset()
    sets: Facts = MappingProxyType({})
    corrects: UUID | None = None


class Way(NamedTuple):
    """What becomes of a rule that an event opens: the same in every matter alike, events by their places."""

    rule: Rule
    opening: int
    state: str
    ended: int | None
    why: str | None
    pauses: tuple[tuple[int, int], ...]
    asleep: int | None


class Gone(NamedTuple):
    """A way that one matter's events went."""

    rule: Rule
    opening: Happening
    state: str
    ended_at: datetime | None
    why: str | None
    pauses: tuple[Span, ...]
    #: when the pause began that is still open
    asleep: datetime | None
    facts: Facts


def effective(history: Iterable[Happening]) -> list[Happening]:
    """The events with corrections applied and entries taken back left out, in the order they happened."""
    events = list(history)
    if all(event.corrects is None for event in events):
        return sorted(events, key=_when)
    kept: dict[UUID, Happening] = {}
    moved: dict[UUID, UUID] = {}
    for event in sorted(events, key=lambda e: e.seq):
        effect = _EFFECTS.get(event.name)
        if effect in ("corrects", "retracts") and event.corrects is not None:
            target = moved.get(event.corrects, event.corrects)
            if effect == "retracts":
                kept.pop(target, None)
            elif target in kept:
                old = kept[target]
                kept[target] = old._replace(
                    at=event.at,
                    facts={**old.facts, **event.sets, **{k: event.facts[k] for k in event.own}},
                    sets={**old.sets, **event.sets},
                    own=old.own | event.own,
                )
            moved[event.id] = target
        else:
            kept[event.id] = event
    return sorted(kept.values(), key=_when)


def _when(event: Happening) -> tuple[datetime, int]:
    return event.at, event.seq


def gone(ways: Sequence[Way], events: Sequence[Happening]) -> Iterator[Gone]:
    """The ways of one matter, with its times and its facts as they are by now."""
    facts: dict[int, Facts] = {}
    changing = [place for place, event in enumerate(events) if event.sets]
    for rule, place, state, ended, why, pauses, asleep in ways:
        opening = events[place]
        told = facts.get(place)
        if told is None:
            told = opening.facts
            if changing and changing[-1] > place:
                told = dict(told)
                for event in events[place + 1 :]:
                    _lay(event, opening, told)
            facts[place] = told
        yield Gone(
            rule,
            opening,
            state,
            None if ended is None else events[ended].at,
            why,
            tuple([(events[since].at, events[until].at) for since, until in pauses]) if pauses else (),
            None if asleep is None else events[asleep].at,
            told,
        )


def ways(events: Sequence[Happening], book: Rulebook) -> Sequence[Way]:
    """What becomes of each rule the events open. Matters are many and go few ways: each is followed once."""
    key = _alike(events, book)
    if key is None:
        return _followed(events, book)
    kept = book.ways
    try:
        found: Sequence[Way] | None = kept.get(key)
    except TypeError:  # a fact that is a list
        return _followed(events, book)
    if found is None:
        if len(kept) >= _KEPT:
            kept.clear()
        found = kept[key] = _followed(events, book)
    return found


def _alike(events: Sequence[Happening], book: Rulebook) -> tuple[Any, ...] | None:
    """All that is looked at in following the events; None where that is more than this.

    Their order and which happen at once, but not when: that is for the limits. What an event says of facts that no rule
    asks is left out, and what it changes of them: a rule is open while it matches, whatever else changes. But what was
    cancelled and goes on again need not match, and is looked at anew whenever anything changes.
    """
    asked, watched = book.asked, book.watched
    root = events[0].root if events else None
    children: dict[Ref, int] = {}
    former = None
    key: list[Any] = []
    for _, _, name, at, subject, own_root, facts, own, sets, _ in events:
        if own_root is not root and own_root != root:
            return None
        names = asked.get(name)
        if names is not None:
            told = tuple(map(facts.get, names))
            key += (told, tuple(map(type, told)))  # true is not 1
        if sets:
            changes = [(fact, value, type(value)) for fact, value in sets.items() if fact in watched]
            key.append(tuple(changes))
        whose = 0 if subject is root or subject == root else children.setdefault(subject, len(children) + 1)
        key += (name, at == former, whose, own)
        former = at
        if _EFFECTS.get(name) == "reopens":
            return None
    return tuple(key)


def _followed(events: Sequence[Happening], book: Rulebook) -> list[Way]:
    """The ways of the rules that these events open, each followed through what came later."""
    found: list[_Run] = []
    #: facts that change at all; a rule that asks for others either matches at once or never
    changing = frozenset(key for event in events[1:] for key in event.sets)
    for index, event in enumerate(events):
        runs = []
        for rule, where, on in _openings(book, event, changing):
            facts = event.facts
            matches, steady = not where.tests or where.matches(facts), changing.isdisjoint(rule.where.names)
            if (matches or not steady) and (not on or any(each.matches(facts) for each in on)):
                runs.append(_Run(rule, event, matches, steady, "open" if matches else "none"))
        if runs:
            found += _follow(runs, event, events[index + 1 :])
    places = {event.at: place for place, event in enumerate(events)}
    opened = {event.id: place for place, event in enumerate(events)}
    return [
        Way(
            run.rule,
            opened[run.opening.id],
            run.state,
            None if run.ended_at is None else places[run.ended_at],
            run.why,
            tuple((places[since], places[until]) for since, until in run.pauses),
            None if run.asleep is None else places[run.asleep],
        )
        for run in _recurrences(found)
    ]


def _openings(book: Rulebook, event: Happening, changing: frozenset[str]) -> Sequence[Opening]:
    """The rules the event may open: of its kind only, unless that may change."""
    kind = event.facts.get("kind")
    if "kind" not in changing and (kind is None or isinstance(kind, str)):
        return book.openings(event.name, kind)
    return [Opening(rule, rule.where, rule.asked_of(event.name)) for rule in book.opening.get(event.name, ())]


# -- following one deadline through the events ---------------------------------------------------------------


@dataclass(slots=True)
class _Run:
    """A rule on its way through the events: what becomes of it once ``opening`` happened."""

    rule: Rule
    opening: Happening
    #: whether the facts are, by now, those its ``where`` asks for
    matches: bool
    #: whether none of these facts ever changes
    steady: bool
    #: ``none`` while it never matched, ``open``, ``met``, ``cancelled``, ``unmatched`` when it no longer matches
    state: str
    ended_at: datetime | None = None
    why: str | None = None
    #: until-events while it was open; and all, for those that came before a change of facts made the rule match
    done: int = 0
    doings: tuple[datetime, ...] = ()
    pauses: tuple[Span, ...] = ()
    #: when the pause began that is still open
    asleep: datetime | None = None

    @property
    def starts_at(self) -> datetime:
        return self.opening.at


def related(event: Happening, subject: Ref, root: Ref) -> bool:
    """Same subject, its child, or its parent; never a sibling."""
    return event.subject == subject or event.root == subject or event.subject == root


def _follow(runs: list[_Run], opening: Happening, later: Sequence[Happening]) -> list[_Run]:
    """What becomes of the rules one event opens; those that never matched are left out.

    They go through what came later together, because facts and pauses are common to all; each is matched anew whenever
    a fact it asks for changes.
    """
    subject, root = opening.subject, opening.root
    facts = dict(opening.facts)
    asleep: datetime | None = None
    for event in later:
        if not related(event, subject, root):
            continue
        name, at = event.name, event.at
        changed = _lay(event, opening, facts)
        effect = _EFFECTS.get(name)
        if effect == "pauses" and asleep is None:
            asleep = at
        elif effect == "resumes" and asleep is not None:
            for run in runs:
                run.pauses += ((asleep, at),)
            asleep = None
        elif effect == "reopens":
            for run in runs:
                if run.state == "cancelled" and run.ended_at is not None:
                    # what was unmet goes on; the time it lay cancelled does not count
                    run.pauses += ((run.ended_at, at),)
                    run.state, run.ended_at, run.why = "open", None, None
        for run in runs:
            if run.state != "met" and (name in run.rule.ends_by or (changed and not run.steady)):
                _go_on(run, name, at, changed, facts)
    for run in runs:
        run.asleep = asleep
    return [run for run in runs if run.state != "none"]


def _lay(event: Happening, opening: Happening, facts: dict[str, Any]) -> list[str]:
    """Lay what a later event changes on the facts of a rule's opening; returns which are others now.

    A child's columns may be called like its parent's: a callback's channel is not how the matter came in.
    """
    changed: list[str] = []
    if event.sets and event.subject in (opening.subject, opening.root):
        for key, value in event.sets.items():
            if key not in opening.own and facts.get(key) != value:
                facts[key] = value
                changed.append(key)
    return changed


def _go_on(run: _Run, name: str, at: datetime, changed: list[str], facts: Facts) -> None:
    """One event and the facts it changed, for a rule that is not met yet."""
    rule = run.rule
    if not (run.steady or rule.where.names.isdisjoint(changed)):
        run.matches = rule.where.matches(facts)
    if name in rule.met_by:
        run.doings += (at,)
        if run.state == "open":
            run.done += 1
            if run.done >= rule.times:
                run.state, run.ended_at = "met", at
                return
    elif run.state == "open" and name in rule.ends_by:
        run.state, run.ended_at, run.why = "cancelled", at, "event"
        return
    if not changed or run.steady:
        return
    if run.state == "open" and not run.matches:
        run.state, run.ended_at, run.why = "unmatched", at, "facts"
    elif run.matches and run.state in ("none", "unmatched"):
        run.state, run.ended_at, run.why = "open", None, None
        if len(run.doings) >= rule.times:
            run.state, run.ended_at = "met", run.doings[rule.times - 1]


def _recurrences(found: list[_Run]) -> list[_Run]:
    """When the opening event came again for one subject: restart, keep, or another (``again``)."""
    times = Counter(run.rule.id for run in found)
    out: list[_Run] = []
    running: dict[tuple[str, Ref], _Run] = {}
    for run in found:
        if times[run.rule.id] > 1 and run.rule.again != "another":
            key = (run.rule.id, run.opening.subject)
            former = running.get(key)
            if former is not None and (former.ended_at is None or former.ended_at > run.starts_at):
                if run.rule.again == "keep":
                    continue
                former.state, former.ended_at, former.why = "cancelled", run.starts_at, "restarted"
            running[key] = run
        out.append(run)
    return out
