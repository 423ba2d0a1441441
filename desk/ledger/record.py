"""Recording: events, present rows and deadlines in one transaction, or nothing.

``with ledger.write(doing) as entry:`` opens the transaction; the procedure reads, checks and calls ``entry.record``
as often as the act needs; at the end the deadlines of every root touched are folded again and written.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlmodel
from sqlalchemy import bindparam
from sqlmodel import col, select

from desk import grants, privacy, rules
from desk.calendars import Calendar
from desk.errors import Refusal
from desk.ledger import chain, deadlines, meanwhile, permits, rows
from desk.ledger.acts import Act, Doing, Ref
from desk.ledger.adopted import Adopted, load_adopted
from desk.ledger.pasts import Pasts, ahead
from desk.ledger.unsure import PATIENCE, Unsure, was_kept
from desk.models import Counter, Deadline, Estate, Event, EventWord, Staff, new_id
from desk.rulebook import Guard, Rulebook
from desk.store import Session, Store
from desk.vocabulary import EVENTS

_LAST = select(Counter.value).where(Counter.estate_id == bindparam("estate"), Counter.scope == bindparam("scope"))


class Ledger:
    """One estate's ledger on a store. Cheap to hold; safe to use from several threads (a session each)."""

    def __init__(self, store: Store, estate_id: UUID, session: Session | None = None) -> None:
        """Read what the estate has adopted; in ``session`` where the estate is just being founded in it."""
        self.store, self.estate_id = store, estate_id
        #: who sits at this console: what they may not do is shown with the reason. Acts go by their own ``Doing``
        self.who: UUID | None = None
        #: seconds to wait for a server that went away while saving
        self.patience = PATIENCE
        self.unsure = Unsure()
        self._adopted: dict[int, Adopted] = {}
        with store.read() if session is None else nullcontext(session) as session:
            estate = session.get(Estate, estate_id)
            if estate is None:
                raise Refusal("estate.unknown", id=str(estate_id))
            self.name, self.language = estate.name, estate.language
            self.version = estate.rulebook_version
            self.adopted(session, self.version)

    @classmethod
    def only(cls, store: Store, name: str | None = None) -> Ledger:
        """The ledger of the estate called ``name``, or of the only one. Raises ``estate.none``, ``estate.which``."""
        with store.read() as session:
            found = session.exec(select(Estate.estate_id, Estate.name)).all()
        chosen = [each for each in found if name is None or each[1] == name]
        if not chosen:
            raise Refusal("estate.none" if name is None else "estate.no_such", name=name)
        if len(chosen) > 1:
            raise Refusal("estate.which", names=[each[1] for each in found])
        return cls(store, chosen[0][0])

    def adopted(self, session: sqlmodel.Session, version: int) -> Adopted:
        """Rulebook and calendar of a version, loaded once."""
        if version not in self._adopted:
            self._adopted[version] = load_adopted(session, self.estate_id, version)
        return self._adopted[version]

    @property
    def book(self) -> Rulebook:
        return self._adopted[self.version].book

    @property
    def calendar(self) -> Calendar:
        return self._adopted[self.version].calendar

    @property
    def zone(self) -> ZoneInfo:
        return self.calendar.timezone

    def refresh(self) -> None:
        """Take up a rulebook that another counter has adopted meanwhile."""
        with self.store.read() as session:
            estate = session.get(Estate, self.estate_id)
            if estate is not None and estate.rulebook_version != self.version:
                # former versions are read again when asked for: the statutory days may be known better now
                both = {self.version, estate.rulebook_version}
                self._adopted = {version: load_adopted(session, self.estate_id, version) for version in both}
                self.version = estate.rulebook_version
                self.name, self.language = estate.name, estate.language

    @contextmanager
    def write(self, doing: Doing, asked: Hashable = None, about: Ref | None = None) -> Iterator[Entry]:
        """One transaction. What is recorded in it is written whole, with its deadlines, or not at all.

        ``asked`` says in full what is asked for: after ``store.unsure`` it is known by it when it is asked for again.
        ``about`` is the subject it is about, where that is there already: what is known of it is read with the lock.
        Raises :class:`Refusal` ``store.not_saved`` when a server went away meanwhile and nothing was kept,
        ``store.unsure`` when it does not come back to say. What is refused because of who asks is recorded as refused,
        in a transaction of its own.
        """
        entry: Entry | None = None
        try:
            with self.store.write(self.estate_id, *ahead(self.estate_id, about)) as session:
                entry = Entry(self, session, doing)
                yield entry
                entry.settle()
        except Refusal as refusal:
            if refusal.code == "store.unsure" and entry is not None and entry.events:
                first = entry.events[0].id
                kept = was_kept(self.store, self.estate_id, first, self.patience)
                if kept:
                    return
                if kept is None:
                    self.unsure.add(asked, first)
                    raise
                raise Refusal("store.not_saved", **refusal.params) from refusal
            if refusal.code == "store.unreachable":
                # It went before it was asked to keep anything.
                raise Refusal("store.not_saved", **refusal.params) from refusal
            if refusal.code in grants.CODES and entry is not None:
                self.note_refused(doing, entry.asked, str(refusal.params["right"]), entry.subject)
            raise

    def note_refused(self, doing: Doing, asked: str, right: str, subject: Ref | None = None) -> None:
        """Record that ``asked`` (a verb, an event or a right) was refused for want of ``right``: who, what, on what.

        Never the words. Where nothing can be written the refusal itself is what matters.
        """
        with suppress(Refusal), self.store.write(self.estate_id) as session:
            entry = Entry(self, session, Doing(doing.now, by=doing.by, recorded_by=doing.recorded_by))
            row = rows.find(session, self.estate_id, *subject) if subject is not None else None
            place = subject if subject is not None and row is not None else ("estate", self.estate_id)
            ticket_id = getattr(row, "ticket_id", None)
            root = ("ticket", ticket_id) if ticket_id is not None else place
            entry.record(Act("act.refused", place, root, facts={"refused": asked, "right": right}))
            entry.settle()


class Entry:
    """One act being written: reads and records inside its transaction."""

    def __init__(self, ledger: Ledger, session: Session, doing: Doing) -> None:
        self.ledger, self.session, self.doing = ledger, session, doing
        self.estate_id = ledger.estate_id
        self.events: list[Event] = []
        #: sentences of guards that only say something, for the person who acts
        self.said: list[Guard] = []
        #: what was asked for and on what, should it be refused for want of a right
        self.asked, self.subject = "", cast("Ref | None", None)
        self._roots: dict[Ref, None] = {}
        #: rows acts were recorded on: the session itself forgets what nobody holds
        self._rows: dict[Ref, rows.Row] = {}
        self._pasts = Pasts(session, ledger.estate_id)
        self._numbers: dict[str, int] = {}
        self._first: int | None = None

    # -- reading ---------------------------------------------------------------------------------------------

    def repeated(self, asked: Hashable) -> list[Event]:
        """The events already kept of what is ``asked`` for again after ``store.unsure``; else none."""
        return self.ledger.unsure.repeated(self.session, self.estate_id, asked)

    def row(self, subject_type: str, subject_id: UUID) -> rows.Row:
        """The present row of a subject. Raises :class:`Refusal` ``subject.unknown``."""
        return rows.fetch(self.session, self.estate_id, subject_type, subject_id)

    def staff(self, staff_id: UUID) -> Staff:
        found = self.session.get(Staff, (self.estate_id, staff_id))
        if found is None:
            raise Refusal("staff.unknown", id=str(staff_id))
        return found

    @property
    def head(self) -> Estate:
        """The estate's row. Nobody else writes in the estate until the transaction ends."""
        return cast("Estate", self.session.get(Estate, (self.estate_id,)))

    def number(self, letter: str, at: datetime) -> str:
        """The next number of a kind on the local day of ``at``: ``R-261122-017``."""
        scope = f"{letter}-{at.astimezone(self.ledger.zone):%y%m%d}"
        last = self._numbers.get(scope)
        if last is None:
            self.session.write_rows(of=Counter)
            asked = {"estate": self.estate_id, "scope": scope}
            last = next((row["value"] for row in self.session.ask((_LAST, asked))[0]), None)
        if last is None:
            self.session.put(Counter, {"estate_id": self.estate_id, "scope": scope, "value": 1})
        else:
            self.session.change(Counter, (self.estate_id, scope), {"value": last + 1})
        self._numbers[scope] = (last or 0) + 1
        return f"{scope}-{self._numbers[scope]:03d}"

    # -- recording -------------------------------------------------------------------------------------------

    def add(self, row: rows.Row) -> None:
        """Add the row of a new subject; the events that open it follow."""
        self.session.make(row)
        self._rows[rows.type_of(row), row.id] = row
        self._pasts.begin(row)

    def open(self, row: rows.Row, name: str, act: Act | None = None, **parts: Any) -> Event:
        """Add a new subject's row and record the event that opens it."""
        self.add(row)
        return self.record(act or Act(name, (rows.type_of(row), row.id), **parts))

    def on(self, row: rows.Row, name: str, **parts: Any) -> Event:
        """Record ``name`` on the subject ``row`` stands for; ``parts`` are those of :class:`Act`."""
        subject = (rows.type_of(row), row.id)
        ticket_id = getattr(row, "ticket_id", None)
        parts.setdefault("root", ("ticket", ticket_id) if ticket_id is not None else subject)
        self._rows[subject] = row
        return self.record(Act(name, subject, **parts))

    def _find(self, subject: Ref) -> rows.Row | None:
        found = self._rows.get(subject) or rows.find(self.session, self.estate_id, *subject)
        if found is not None:
            self._rows[subject] = found
        return found

    def record(
        self, act: Act, *, corrects: UUID | None = None, system: bool = False, at: datetime | None = None
    ) -> Event:
        """Append one event, lay its changes on the present row, and remember its root for :meth:`settle`.

        Raises :class:`Refusal` ``guard.refuse | ask | approve`` where the rulebook stands before it.
        """
        if act.name not in EVENTS:
            raise KeyError(act.name)  # a programmer's error, never a user's
        root = act.root or act.subject
        happened = at or self.doing.happened_at
        row = self._find(act.subject)
        parent = self._find(root) if root != act.subject else None
        sets = {k: rows.plain_fact(v) for k, v in act.sets.items()}
        own = {k: rows.plain_fact(v) for k, v in act.facts.items() if v is not None}
        laid = {k: self.kept(v, k) if v is not None else None for k, v in act.words.items()}
        words = {k: v for k, v in laid.items() if v is not None}
        before = {**rows.facts_of(parent), **rows.facts_of(row)}
        after = {k: v for k, v in {**before, **sets, **own}.items() if v is not None}
        if not system:
            self.permit(act.name, act.subject, corrects)
            self._look(root)
            self._guard(act.name, {**after, **words})
        past = self._pasts.of(root)
        # what happened to the subject after this, as far as it is written down already
        late = bool(sets or words) and any(each.at > happened and each.subject[1] == act.subject[1] for each in past)
        if row is not None and not late and corrects is None:
            rows.apply(row, sets, laid)
            self.session.add(row)
        event = self._append(act, root, happened, after, sorted(own), sets, words, corrects, system)
        if row is not None and (late or corrects is not None):
            self.session.flush()
            deadlines.rebuild(self.session, self.estate_id, act.subject, row)
            self._rows.pop(act.subject)  # nothing may be left of it
        self._roots[root] = None
        return event

    def kept(self, text: str, name: str = "note") -> str:
        """``text`` as it may be stored, without identity numbers; whoever writes it is told (:attr:`Doing.noticed`)."""
        found, count = privacy.without_identities(text)
        self.doing.noticed.extend([name] * count)
        return found

    def permit(self, name: str, subject: Ref | None, corrects: UUID | None = None, *, asked: str = "") -> None:
        """Hold whoever writes this down to the right the event wants; a correction wants that of what it corrects.

        Raises :class:`Refusal` ``grant.denied``, ``grant.own``.
        """
        if corrects is not None and (event := self.session.get(Event, (self.estate_id, corrects))) is not None:
            name = event.name
        right = grants.OF_EVENT.get(name)
        if right is None:
            return
        self.asked, self.subject = self.asked or asked or name, self.subject or subject
        writer = self.doing.recorded_by or self.doing.by
        refusal = permits.why_not(self.session, self.estate_id, right, writer)
        if refusal is None and grants.RIGHTS[right].own and self.doing.by != writer:
            refusal = Refusal("grant.own", right=right, title=grants.RIGHTS[right].title)
        if refusal is not None:
            raise refusal

    def _guard(self, name: str, facts: Mapping[str, Any]) -> None:
        for guard in rules.guards(self.ledger.book, name, facts):
            if guard.do == "say":
                self.said.append(guard)
            elif guard.do == "refuse":
                raise Refusal("guard.refuse", guard=guard.id, text=guard.text)
            elif guard.do == "ask" and not self.doing.confirmed:
                raise Refusal("guard.ask", guard=guard.id, text=guard.text)
            elif guard.do == "approve":
                approver = self.doing.approved_by
                if approver is None or not set(guard.who) & set(self.staff(approver).duties):
                    raise Refusal("guard.approve", guard=guard.id, text=guard.text, duties=list(guard.who))

    def _look(self, root: Ref) -> None:
        """Raises :class:`Refusal` ``act.meanwhile`` where another has been at ``root`` since this person looked."""
        if self._first is None:
            self._first, _ = self.session.head(self.estate_id)
        if self.doing.seen is not None and self.doing.seen < self._first:
            meanwhile.look(self.session, self.estate_id, root, self.doing)

    def _append(
        self,
        act: Act,
        root: Ref,
        happened: datetime,
        facts: dict[str, Any],
        own: list[str],
        sets: dict[str, Any],
        words: dict[str, str],
        corrects: UUID | None,
        system: bool,
    ) -> Event:
        doing = self.doing
        seq, prev_hash = self.session.head(self.estate_id)
        salts = {name: chain.salt() for name in words}
        ident = new_id()
        said: dict[str, Any] = {
            "estate_id": self.estate_id,
            "id": ident,
            "seq": seq + 1,
            "name": act.name,
            "happened_at": happened,
            "recorded_at": doing.now,
            "late": happened < doing.now and doing.at is not None and not system,
            "done_by": None if system else doing.by,
            "recorded_by": None if system else (doing.recorded_by or doing.by),
            "subject_type": act.subject[0],
            "subject_id": act.subject[1],
            "root_type": root[0],
            "root_id": root[1],
            "facts": chain.ordered(facts),
            "own": own,
            "sets": chain.ordered(sets),
            "digests": chain.ordered({name: chain.word_digest(salts[name], text) for name, text in words.items()}),
            "corrects": corrects,
            "batch": self.events[0].batch if self.events else ident,
            "rulebook_version": self._version(act.name, root),
            "prev_hash": prev_hash,
        }
        said["hash"] = chain.said_hash(prev_hash, said)
        self.session.put(Event, said)
        self.session.move_head(self.estate_id, said["seq"], said["hash"])
        for name, text in words.items():
            word = {"estate_id": self.estate_id, "event_id": ident, "name": name, "salt": salts[name], "text": text}
            self.session.put(EventWord, word)
        event = Event(**said)
        self.events.append(event)
        self._pasts.add(event)
        return event

    def _version(self, name: str, root: Ref) -> int:
        """The rules a root goes by: those it was opened under, until it is reckoned by newer ones."""
        return self._kept_version(root) if name != "rulebook.applied" else self.ledger.version

    def _kept_version(self, root: Ref) -> int:
        return self._pasts.version(root) or self.ledger.version

    # -- deadlines -------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Fold the deadlines of every root touched and write them; steps that came up are recorded as events."""
        if self.doing.by is not None and self.events:
            self.ledger.unsure.settle(self.session, self.estate_id)
        self._meet_duties()
        for root in list(self._roots):
            self.refold(root)

    def refold(self, root: Ref) -> list[Deadline]:
        """Bring one root's deadlines up to date; returns those whose step has just come up.

        Up to date is the moment of the act, or of the latest thing that happened to this root: what is written down
        late must not undo what has come up since.
        """
        version, past = self._kept_version(root), self._pasts.of(root)
        adopted = self.ledger.adopted(self.session, version)
        now = max([self.doing.happened_at, *(event.at for event in past)])
        standings = rules.fold(past, adopted.book, adopted.calendar, now)
        present = self._pasts.lines(root)
        fired = deadlines.write(
            self.session, self.estate_id, root, standings, version, adopted.calendar.version, present
        )
        for row in fired:
            self.record(
                Act(
                    "escalation.fired",
                    (row.subject_type, row.subject_id),
                    root,
                    facts={"rule": row.rule_id, "step": row.step, "then": row.then, "by": row.by},
                ),
                system=True,
                at=row.starts_at,
            )
        return fired

    def _meet_duties(self) -> None:
        """A recurring duty is met by its event wherever it was recorded: the day's sweep, the day's report.

        It may have come up since the clock's hand last moved: then it is opened first, to be met.
        """
        from desk.ledger.tick import Ticked, open_occurrences

        for event in list(self.events):
            for rule in self.ledger.book.recurring:
                if event.name not in rule.until or event.subject_type == "duty":
                    continue
                open_occurrences(self, rule, event.happened_at, Ticked())
                query = select(Deadline).where(
                    Deadline.estate_id == self.estate_id,
                    Deadline.rule_id == rule.id,
                    Deadline.step == 0,
                    col(Deadline.open).is_(True),
                    col(Deadline.starts_at) <= event.happened_at,
                )
                for row in self.session.exec(query):
                    self.record(
                        Act("duty.done", ("duty", row.subject_id), sets={"status": "done"}),
                        system=True,
                        at=event.happened_at,
                    )
