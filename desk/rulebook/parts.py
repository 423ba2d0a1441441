"""What a rulebook is made of, once it is read: rules, guards, targets, kinds. Frozen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

from desk.conditions import Where
from desk.limits import Limit

#: lists of tables in the file, each with an id: laid on each other by it
ROWS = ("rule", "guard", "target", "responsible")

Raw = dict[str, Any]
Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """What follows a miss: ``who`` is asked to ``then`` it, ``within`` a limit of its own or as a notice."""

    then: str
    who: str
    within: Limit | None = None
    #: comes up again at each start of duty while the deadline stays open
    repeat: bool = False
    #: many of one kind are shown as one row
    gather: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """When ``on`` happened (or ``every`` so often), one of ``until`` must be done ``within``, or else ``missed``."""

    id: str
    source: tuple[str, ...]
    title: Text
    on: tuple[tuple[str, Where], ...]
    until: tuple[str, ...]
    within: Limit
    by: str
    where: Where = field(default_factory=Where)
    cancel: tuple[str, ...] = ("ticket.cancelled",)
    warn: Limit | None = None
    missed: tuple[Step, ...] = ()
    again: str = "restart"
    counts_from: Literal["opening"] | None = None
    not_before: Limit | None = None
    runs_through_pauses: bool = False
    every: str | None = None
    times: int = 1
    only_if: str | None = None
    lands: str = "exact"
    #: the procedure that does it, for the board's Enter
    form: str | None = None
    # asked of every rule at every event: what meets it, and what ends it in any way, a duty's own ends included
    met_by: frozenset[str] = field(init=False, repr=False, compare=False)
    ends_by: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        met = {*self.until, *(("duty.done",) if self.recurring else ())}
        withdrawn = {*self.cancel, *(("duty.skipped", "duty.missed") if self.recurring else ())}
        object.__setattr__(self, "met_by", frozenset(met))
        object.__setattr__(self, "ends_by", frozenset(met | withdrawn))

    @property
    def recurring(self) -> bool:
        return self.every is not None

    def asked_of(self, name: str) -> tuple[Where, ...]:
        """One of these an event ``name`` must fulfil to open it; empty where it need not fulfil any."""
        several = tuple(where for opening, where in self.on if opening == name)
        return several if all(where.tests for where in several) else ()


class Terms(NamedTuple):
    """A rule's limits with the estate's figures put in."""

    within: Limit
    not_before: Limit | None
    warn: Limit | None


class Opening(NamedTuple):
    """A rule that an event of one name may open, and what is still to be asked of its facts."""

    rule: Rule
    #: the rule's conditions, without that on the kind where the kind is known
    where: Where
    #: of these one must hold too, if there are any
    on: tuple[Where, ...]


@dataclass(frozen=True, slots=True)
class Guard:
    """Before an event: say, ask, refuse, or have it approved by ``who``."""

    id: str
    source: tuple[str, ...]
    before: tuple[str, ...]
    do: str
    text: Text
    where: Where = field(default_factory=Where)
    unless: Where | None = None
    #: duties that may approve
    who: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """A figure the desk is measured by (T-…)."""

    id: str
    source: tuple[str, ...]
    measure: str
    title: Text
    where: Where = field(default_factory=Where)
    at_least: float | None = None
    below: float | None = None
    per: str | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """What intake asks for, and how such a ticket runs."""

    id: str
    title: Text
    #: letter of its number
    number: str
    #: digit that chooses it at intake
    key: str
    fields: tuple[str, ...]
    required: tuple[str, ...]
    dispatch: str = "none"
    #: department told or asked first
    department: str | None = None
    closes: str = "by hand"
    #: answers asked at callback, beyond satisfaction
    questions: tuple[tuple[str, Text], ...] = ()
    #: duty that may claim or be given it
    duty: str | None = None
    #: a verification code is made for the door
    code: bool = False
    #: facts it has unless intake says otherwise
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def opening(self) -> dict[str, Any]:
        """The facts every ticket of this kind opens with, before anything is taken down."""
        callback = {"after callback": "before_close", "before callback": "after_close"}.get(self.closes, "none")
        facts = {
            "kind": self.id,
            "dispatch": self.dispatch,
            "callback": callback,
            "channel": "phone",
            "source": "resident",
        }
        if self.department:
            facts["department"] = self.department
        return {**facts, "urgent": False, "emergency": False, **self.facts}


@dataclass(frozen=True, slots=True)
class Responsible:
    """A line of the responsibility table: who answers for matters like these, and who stands above (S3-18, S3-21)."""

    id: str
    #: ``duty`` or ``duty@department``
    who: str
    where: Where = field(default_factory=Where)
    superior: str | None = None
    source: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rulebook:
    """Rules, guards, kinds and figures of one estate, checked as a whole."""

    name: str
    title: Text
    calendar: str
    settings: Mapping[str, Any]
    figures: Mapping[str, str]
    tables: Mapping[str, Mapping[str, str]]
    kinds: Mapping[str, Kind]
    rules: Mapping[str, Rule]
    guards: tuple[Guard, ...]
    targets: tuple[Target, ...]
    raw: Raw = field(repr=False)
    responsible: tuple[Responsible, ...] = ()

    @cached_property
    def opening(self) -> Mapping[str, tuple[Rule, ...]]:
        """Rules by the event that opens them."""
        found: dict[str, list[Rule]] = {}
        for rule in self.rules.values():
            for name in dict.fromkeys(name for name, _ in rule.on):
                found.setdefault(name, []).append(rule)
        return {name: tuple(rules) for name, rules in found.items()}

    @cached_property
    def _openings(self) -> dict[tuple[str, str | None], tuple[Opening, ...]]:
        return {}

    def openings(self, name: str, kind: str | None) -> tuple[Opening, ...]:
        """The rules an event may open in matters of this kind, and do so whatever else may change: few of all."""
        found = self._openings.get((name, kind))
        if found is None:
            of_kind = {} if kind is None else {"kind": kind}
            several = []
            for rule in self.opening.get(name, ()):
                asked: dict[bool, list[tuple[str, Any]]] = {True: [], False: []}
                for test in rule.where.tests:
                    asked[test[0] == "kind"].append(test)
                if Where(tuple(asked[True])).matches(of_kind):
                    several.append(Opening(rule, Where(tuple(asked[False])), rule.asked_of(name)))
            found = self._openings[name, kind] = tuple(several)
        return found

    @cached_property
    def asked(self) -> Mapping[str, tuple[str, ...]]:
        """By the event that opens rules, the facts of it that they ask for; the kind is among them."""
        found = {}
        for name, several in self.opening.items():
            wheres = [where for rule in several for where in (rule.where, *rule.asked_of(name))]
            found[name] = tuple(sorted({"kind"}.union(*(where.names for where in wheres))))
        return found

    @cached_property
    def watched(self) -> frozenset[str]:
        """The facts that may make a rule match, or no longer, when they change."""
        return frozenset().union(*(rule.where.names for rule in self.rules.values()))

    @cached_property
    def ways(self) -> dict[Any, Any]:
        """Kept by :func:`desk.rules.fold`: what becomes of the rules in matters that go the same way."""
        return {}

    @cached_property
    def terms(self) -> Mapping[str, Terms]:
        """The limits of each rule, as they are reckoned."""

        def settled(limit: Limit | None) -> Limit | None:
            return limit.settled(self.figures) if limit is not None else None

        return {
            rule.id: Terms(rule.within.settled(self.figures), settled(rule.not_before), settled(rule.warn))
            for rule in self.rules.values()
        }

    @cached_property
    def recurring(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules.values() if rule.recurring)

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """Every event it speaks of: what the estate's manual asks to be recorded."""
        found = {name for guard in self.guards for name in guard.before}
        for rule in self.rules.values():
            found.update(name for name, _ in rule.on)
            found.update(rule.until)
            found.update(rule.cancel)
        return frozenset(found)

    @property
    def visitors(self) -> bool:
        """Whether it has a board of visitors."""
        return "visit.arrived" in self.mentioned

    @cached_property
    def callbacks(self) -> bool:
        """Whether anybody is called back: a reception that sees its visitors off need not."""
        calls = any(kind.opening["callback"] != "none" for kind in self.kinds.values())
        return not self.visitors or calls or any(name.startswith("callback.") for name in self.mentioned)

    @cached_property
    def by_building(self) -> bool:
        """Whether who answers for a matter depends on the building."""
        return any("building" in row.where.names for row in self.responsible)

    @cached_property
    def digest(self) -> str:
        """Short digest of everything it says."""
        return digest(self.raw)


def digest(raw: Any) -> str:
    """Twelve hex digits that change with any word of ``raw``."""
    text = json.dumps(raw, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
