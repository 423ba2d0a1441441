"""What can't be right, or should be known, in a rulebook that reads well: pure, from the rules and a calendar.

Each finding is a :class:`Refusal`'s code and data, an error (it can't be right) or advice (it is right, but look). The
sentences, and what to do about each, are made at the edge (:mod:`desk.wording.findings`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Any

from desk.calendars import Calendar
from desk.conditions import Where
from desk.errors import Refusal
from desk.limits import Beside, Figure, For, Limit, parse_limit
from desk.rulebook.parts import Kind, Rule, Rulebook
from desk.vocabulary import APART, EVENTS, FACTS

#: a Monday: the weeks that limits are tried out in begin here
_MONDAY = date(2026, 3, 2)
#: an elapsed limit up to this long that opening hours cut is worth a word; a longer one is meant to run through
_SHORT = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Finding:
    """``about`` carries file, line, rule and key; ``error`` says that it can't be right."""

    error: bool
    about: Refusal

    @property
    def rule(self) -> str | None:
        rule = self.about.params.get("rule")
        return None if rule is None else str(rule)


def findings(book: Rulebook, calendar: Calendar) -> list[Finding]:
    """Everything found in ``book`` under ``calendar``: errors first, each by rule."""
    found = [
        *_kinds(book),
        *(each for rule in book.rules.values() for each in _rule(rule, book, calendar)),
        *_endless(book),
        *_contradicting(book, calendar),
        *_gaps(book),
        *_stretched(book, calendar),
    ]
    return sorted(found, key=lambda each: not each.error)


def error(code: str, rule: str | None, key: str, **params: Any) -> Finding:
    return Finding(True, Refusal(code, rule=rule, key=key, **params))


def advice(code: str, rule: str | None, key: str, **params: Any) -> Finding:
    return Finding(False, Refusal(code, rule=rule, key=key, **params))


def _kinds(book: Rulebook) -> Iterator[Finding]:
    """Two kinds cannot be chosen by one key."""
    for one, other in combinations(book.kinds.values(), 2):
        if one.key == other.key:
            yield error("rulebook.same_key", f"kind.{other.id}", "key", word=other.key, other=one.id)
        elif one.number == other.number:
            yield advice("rulebook.same_number", f"kind.{other.id}", "number", word=other.number, other=one.id)


# -- one rule alone ------------------------------------------------------------------------------------------


def _rule(rule: Rule, book: Rulebook, calendar: Calendar) -> Iterator[Finding]:
    if not rule.recurring:
        yield from _opens(rule, book)
        yield from _met(rule)
    yield from _warns(rule, book, calendar)
    groups = {_family(name) for name, _where in rule.on}
    for fact in sorted(rule.within.anchors()):
        if all(group in APART and fact not in _facts_of(group, rule) for group in groups):
            yield error("rulebook.anchor_never", rule.id, "within", word=f"@{fact}", event=rule.on[0][0])
    both = sorted(set(rule.until) & set(rule.cancel))
    if both:
        yield advice("rulebook.met_and_withdrawn", rule.id, "cancel", word=", ".join(both))


def _opens(rule: Rule, book: Rulebook) -> Iterator[Finding]:
    """Whether any event can open it: conditions that exclude each other, facts its subject never has."""
    reasons = []
    for name, where in rule.on:
        reason = _impossible(where, rule.where) or _unknowable(name, rule, where)
        if reason is None:
            break
        reasons.append((name, *reason))
    else:
        event, fact, word = reasons[0]
        yield error("rulebook.never_opens", rule.id, "where", event=event, fact=fact, word=word)
        return
    wanted = dict(rule.where.tests)
    asked = Where((("kind", wanted["kind"]),)) if "kind" in wanted else Where()
    kinds = [kind for kind in book.kinds.values() if asked.matches({"kind": kind.id})]
    # what a kind settles for good, no verb changes
    for fact in ("dispatch", "callback"):
        if fact in wanted and kinds and not any(_settles(kind, fact, wanted[fact]) for kind in kinds):
            named, word = ", ".join(kind.id for kind in kinds), _plain(wanted[fact])
            yield advice("rulebook.no_such_kind", rule.id, f"where.{fact}", fact=fact, word=word, kinds=named)


def _settles(kind: Kind, fact: str, test: Any) -> bool:
    return Where(((fact, test),)).matches(kind.opening)


def _impossible(*wheres: Where) -> tuple[str, str] | None:
    """The first fact no value of which passes every test."""
    tests: dict[str, list[Any]] = {}
    for where in wheres:
        for name, test in where.tests:
            tests.setdefault(name, []).append(test)
    for name, every in tests.items():
        if not _some_value(name, every):
            return name, ", ".join(_plain(test) for test in every)
    return None


def _some_value(name: str, tests: list[Any]) -> bool:
    """Whether some value of the fact passes all the tests."""
    least = max((test["min"] for test in tests if isinstance(test, Mapping) and "min" in test), default=None)
    most = min((test["max"] for test in tests if isinstance(test, Mapping) and "max" in test), default=None)
    if least is not None and most is not None and least > most:
        return False
    word = FACTS[name]
    values: Iterable[Any] | None = word.values or ((True, False) if word.type == "flag" else None)
    named = [set(test if isinstance(test, tuple) else (test,)) for test in tests if not isinstance(test, Mapping)]
    if named:
        values = set.intersection(*named)
    elif not values:
        return True
    return any(all(Where(((name, test),)).matches({name: value}) for test in tests) for value in values)


def _unknowable(event: str, rule: Rule, where: Where) -> tuple[str, str] | None:
    """A fact asked for that the event's subject never has; what belongs to tickets may have any."""
    group = _family(event)
    if group not in APART:
        return None
    known = _facts_of(group, rule)
    for name in sorted(rule.where.names | where.names):
        if name not in known:
            return name, "—"
    return None


def _facts_of(group: str, rule: Rule) -> set[str]:
    own = {fact for word in EVENTS.values() if word.group == group for fact in word.own}
    return own | set(APART.get(group, ())) | ({"rule", "occurrence"} if rule.recurring else set())


def _family(event: str) -> str:
    """Events of one family share their subjects; all that is no :data:`APART` group hangs on tickets."""
    return EVENTS[event].group


def _met(rule: Rule) -> Iterator[Finding]:
    """Whether any event can meet it."""
    if not rule.until:
        yield error("rulebook.never_met", rule.id, "until", word="—", event=rule.on[0][0])
        return
    opened = {_family(name) if _family(name) in APART else "ticket" for name, _where in rule.on}
    met = {_family(name) if _family(name) in APART else "ticket" for name in rule.until}
    if opened.isdisjoint(met):
        yield error("rulebook.never_met", rule.id, "until", word=", ".join(rule.until), event=rule.on[0][0])


def _warns(rule: Rule, book: Rulebook, calendar: Calendar) -> Iterator[Finding]:
    """A warning comes after the start and before the deadline."""
    if rule.warn is None:
        return
    if not isinstance(rule.warn, Beside) or rule.warn.way != "before":
        yield error("rulebook.warn_after", rule.id, "warn", word=rule.warn.words())
        return
    within = resolved(rule.within, book)
    if rule.warn.anchor.moment != "start" or not isinstance(within, For):
        return
    tried, early = [], None
    for start in starts(calendar):
        due = _due(within, start, book, calendar, rule)
        warned = _due(rule.warn, due, book, calendar, rule) if due is not None else None
        if warned is None or due is None:
            return
        tried.append(warned <= start and warned < due)
        if tried[-1] and early is None:
            early = start, due
    if early is None:
        return
    word, limit = rule.warn.words(), rule.within.words()
    if all(tried):
        yield error("rulebook.warn_before_start", rule.id, "warn", word=word, limit=limit)
    else:
        start, due = early
        yield advice("rulebook.warn_at_once", rule.id, "warn", word=word, limit=limit, start=start, due=due)


# -- several rules together ----------------------------------------------------------------------------------


def _endless(book: Rulebook) -> Iterator[Finding]:
    """Rules that open each other without end: by their steps alone, or whatever one does to meet them."""
    rules = [rule for rule in book.rules.values() if not rule.recurring]
    by_steps = {
        rule.id: {other.id for other in rules if rule.missed and _opened_by_step(other, rule)} for rule in rules
    }
    for ring in _rings(by_steps):
        yield error("rulebook.endless_steps", ring[0], "on", rules=ring, word=" → ".join([*ring, ring[0]]))
    left = {rule.id: rule for rule in rules}
    while True:
        out = [
            rule.id
            for rule in left.values()
            if not all(any(_surely_opened(other, event, rule) for other in left.values()) for event in rule.until)
            or any(not event.endswith(".cancelled") for event in rule.cancel)
        ]
        if not out:
            break
        for ident in out:
            del left[ident]
    edges = {
        rule.id: {other.id for other in left.values() for event in rule.until if _surely_opened(other, event, rule)}
        for rule in left.values()
        if rule.until
    }
    for ring in _rings(edges):
        yield error("rulebook.endless", ring[0], "until", rules=ring, word=" → ".join([*ring, ring[0]]))


def _opened_by_step(rule: Rule, missed: Rule) -> bool:
    """Whether the step that ``missed`` fires opens ``rule``."""
    for number, step in enumerate(missed.missed, 1):
        facts = {"rule": missed.id, "step": number, "then": step.then, "by": step.who}
        for name, where in rule.on:
            tests = [*where.tests, *rule.where.tests]
            known = Where(tuple(test for test in tests if test[0] in facts))
            if name == "escalation.fired" and known.matches(facts):
                return True
    return False


def _surely_opened(rule: Rule, event: str, done: Rule) -> bool:
    """Whether meeting ``done`` by ``event`` opens ``rule``, whatever else is true of the matter."""
    known = set(_frozen(done.where.tests))
    return any(name == event and not where.tests and set(_frozen(rule.where.tests)) <= known for name, where in rule.on)


def _rings(edges: Mapping[str, set[str]]) -> list[list[str]]:
    """Each ring of a graph once, shortest from its first node, in the order of the rulebook."""
    found: list[list[str]] = []
    seen: set[str] = set()
    for start in edges:
        if start in seen:
            continue
        paths, visited = [[start]], {start}
        while paths:
            path = paths.pop(0)
            if start in edges.get(path[-1], ()):
                found.append(path)
                seen.update(path)
                break
            for each in sorted(edges.get(path[-1], set()) - visited):
                visited.add(each)
                paths.append([*path, each])
    return found


def _contradicting(book: Rulebook, calendar: Calendar) -> Iterator[Finding]:
    """Two rules for one duty with different figures: the same until and by, opened by one event in one case."""
    rules = list(book.rules.values())
    for number, one in enumerate(rules):
        for other in rules[number + 1 :]:
            if one.by != other.by or set(one.until) != set(other.until) or one.recurring != other.recurring:
                continue
            if not _together(one, other) or (one.recurring and (not one.until or one.every != other.every)):
                continue
            here, there = _figure(one, book), _figure(other, book)
            pair = {"other": one.id, "word": here, "limit": there, "rules": [one.id, other.id]}
            if here != there:
                yield error("rulebook.two_figures", other.id, "within", **pair)
            else:
                yield advice("rulebook.same_duty", other.id, "within", **pair)


def _together(one: Rule, other: Rule) -> bool:
    """Whether one event can open both."""
    if one.recurring:
        return True
    return any(
        name == again and _impossible(where, one.where, there, other.where) is None
        for name, where in one.on
        for again, there in other.on
    )


def _figure(rule: Rule, book: Rulebook) -> str:
    within = resolved(rule.within, book)
    text = within.words()
    bounds = [rule.not_before.words()] if rule.not_before is not None else []
    return ", ".join([text, *bounds])


# -- what is still to be filled in, and how limits are reckoned ------------------------------------------------


def _gaps(book: Rulebook) -> Iterator[Finding]:
    """Figures and table rows the estate must fill in, and figures no rule asks for."""
    asked: dict[str, list[str]] = {}
    for rule in book.rules.values():
        limits = [rule.within, rule.warn, rule.not_before, *(step.within for step in rule.missed)]
        for name in sorted(set().union(*(limit.figures() for limit in limits if limit is not None))):
            asked.setdefault(name, []).append(rule.id)
    for name, text in book.figures.items():
        if not text:
            who = asked.get(name, [])
            yield advice("rulebook.empty_figure", None, f"figures.{name}", word=name, rules=who)
        elif name not in asked and not any(f"${name}" in str(other) for other in book.figures.values()):
            yield advice("rulebook.unused_figure", None, f"figures.{name}", word=name)
    for table, rows in book.tables.items():
        for code, text in rows.items():
            if not text:
                yield advice("rulebook.empty_row", None, f"table.{table}.{code}", word=f"{table}[{code}]")


def _stretched(book: Rulebook, calendar: Calendar) -> Iterator[Finding]:
    """Limits that opening hours stretch, each with an example: one finding for all rules with the same limit."""
    alike: dict[tuple[bool, str], list[Rule]] = {}
    for rule in book.rules.values():
        within = resolved(rule.within, book)
        if isinstance(within, For) and within.amount.length is not None:
            short = within.amount.length <= _SHORT and within.amount.length
            if within.amount.working or (short and not rule.recurring):
                alike.setdefault((within.amount.working, within.words()), []).append(rule)
    for (working, words), rules in alike.items():
        within = resolved(rules[0].within, book)
        example = _example(within, rules[0], book, calendar)
        if example is None:
            continue
        start, due = example
        yield advice(
            "rulebook.stretched" if working else "rulebook.through_closing",
            rules[0].id,
            "within",
            word=words,
            start=calendar.local(start),
            due=calendar.local(due),
            rules=[rule.id for rule in rules],
        )


def _example(within: Limit, rule: Rule, book: Rulebook, calendar: Calendar) -> tuple[datetime, datetime] | None:
    """A start just before the desk closes within a day, else for the night, and when it is due; None: never closes."""
    for number in range(7):
        stretches = calendar.intervals(_MONDAY + timedelta(days=number))
        for _opening, closing in stretches[:1]:
            start = closing - timedelta(minutes=1)
            if not calendar.is_open(start) or calendar.is_open(closing):
                continue
            due = _due(within, start, book, calendar, rule)
            if due is not None and due > closing:
                return start, due
    return None


def resolved(limit: Limit, book: Rulebook) -> Limit:
    """The limit behind a figure; the figure itself where it is empty."""
    seen: set[str] = set()
    while isinstance(limit, Figure) and limit.name not in seen:
        seen.add(limit.name)
        text = book.figures.get(limit.name)
        if not text:
            return limit
        limit = parse_limit(text, where=f"figures.{limit.name}")
    return limit


def starts(calendar: Calendar) -> list[datetime]:
    """Moments of a week at which a matter may begin."""
    first = calendar.wall(datetime.combine(_MONDAY, datetime.min.time())).astimezone(UTC)
    return [first + timedelta(hours=3 * n, minutes=7) for n in range(56)]


def _due(limit: Limit, start: datetime, book: Rulebook, calendar: Calendar, rule: Rule) -> datetime | None:
    try:
        return limit.reckon(
            start,
            calendar=calendar,
            facts={},
            figures=book.figures,
            tables=book.tables,
            counts_from=rule.counts_from,
            runs_through_pauses=rule.runs_through_pauses,
        ).due_at
    except Refusal:
        return None


def _plain(test: Any) -> str:
    if isinstance(test, Mapping):
        return " ".join(f"{key} {value}" for key, value in test.items())
    return " / ".join(str(each) for each in test) if isinstance(test, tuple) else str(test)


def _frozen(tests: Iterable[tuple[str, Any]]) -> list[tuple[str, str]]:
    return [(name, repr(test)) for name, test in tests]
