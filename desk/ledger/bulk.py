"""Whole histories written at once: registers brought in, stores filled for a measurement.

What comes out is what :class:`desk.ledger.record.Entry` would have written for the same acts in the same order, chain
and deadlines included (a test holds them equal), some twenty times as fast: nothing is read back between the acts of
a subject nobody has seen before. Guards are not asked; they stand before acts, and these are past.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import SQLModel

from desk import privacy, rules
from desk.ledger import chain, deadlines, rows
from desk.ledger.acts import Doing
from desk.ledger.record import Ledger
from desk.models import Deadline, Event, EventWord, new_id
from desk.store import Session

#: rows of a table that are inserted together
_TOGETHER: Final = 2000


class Bulk:
    """Histories of new subjects, in a transaction of the caller's. Call :meth:`close` before it is committed."""

    def __init__(self, ledger: Ledger, session: Session, doing: Doing) -> None:
        self.ledger, self.session, self.doing = ledger, session, doing
        self._waiting: dict[type[SQLModel], list[dict[str, Any]]] = {}

    def history(self, row: rows.Row) -> History:
        """The history of a new subject, its own root; ``row`` is its present row, not yet in any session."""
        return History(self, row)

    def put(self, table: type[SQLModel], values: dict[str, Any]) -> None:
        """A row to insert."""
        waiting = self._waiting.setdefault(table, [])
        waiting.append(values)
        if len(waiting) >= _TOGETHER:
            self._insert(table)

    def close(self) -> None:
        """Insert what is left and move the chain's head."""
        for table in list(self._waiting):
            self._insert(table)
        self.session.flush()

    def _insert(self, table: type[SQLModel]) -> None:
        if waiting := self._waiting.pop(table, None):
            # the bare table: the mapper would sort and group rows that come sorted already
            self.session.connection().execute(insert(table), waiting)


class History:
    """One subject's events, recorded in the order in which they happened."""

    def __init__(self, bulk: Bulk, row: rows.Row) -> None:
        self.bulk, self.row = bulk, row
        self.subject = (rows.type_of(row), row.id)
        self._past: list[rules.Happening] = []
        self._batch: UUID | None = None

    def record(
        self,
        name: str,
        at: datetime,
        *,
        sets: Mapping[str, Any] | None = None,
        facts: Mapping[str, Any] | None = None,
        words: Mapping[str, str | None] | None = None,
        system: bool = False,
    ) -> None:
        """One event at ``at`` (aware), as :meth:`desk.ledger.record.Entry.record`; not before the one before."""
        if self._past and at < self._past[-1].at and not system:
            raise ValueError(f"{name} at {at} comes before {self._past[-1].name}")  # a programmer's error
        changes = {key: rows.plain_fact(value) for key, value in (sets or {}).items()}
        own = {key: rows.plain_fact(value) for key, value in (facts or {}).items() if value is not None}
        laid = {key: self._kept(key, text) for key, text in (words or {}).items()}
        said = {key: text for key, text in laid.items() if text is not None}
        before = rows.facts_of(self.row)
        after = {key: value for key, value in {**before, **changes, **own}.items() if value is not None}
        rows.apply(self.row, changes, laid)
        self._append(name, at, after, sorted(own), changes, said, system)

    def _kept(self, key: str, text: str | None) -> str | None:
        if text is None:
            return None
        kept, count = privacy.without_identities(text)
        self.bulk.doing.noticed.extend([key] * count)
        return kept

    def _append(
        self,
        name: str,
        at: datetime,
        facts: dict[str, Any],
        own: list[str],
        sets: dict[str, Any],
        words: dict[str, str],
        system: bool,
    ) -> None:
        bulk, doing, ident = self.bulk, self.bulk.doing, new_id()
        estate_id = bulk.ledger.estate_id
        seq, prev_hash = bulk.session.head(estate_id)
        self._batch = self._batch or ident
        salts = {key: chain.salt() for key in words}
        event: dict[str, Any] = {
            "estate_id": estate_id,
            "id": ident,
            "seq": seq + 1,
            "name": name,
            "happened_at": at,
            "recorded_at": doing.now,
            "late": at < doing.now and not system,
            "done_by": None if system else doing.by,
            "recorded_by": None if system else (doing.recorded_by or doing.by),
            "subject_type": self.subject[0],
            "subject_id": self.subject[1],
            "root_type": self.subject[0],
            "root_id": self.subject[1],
            "facts": chain.ordered(facts),
            "own": own,
            "sets": chain.ordered(sets),
            "digests": chain.ordered({key: chain.word_digest(salts[key], text) for key, text in words.items()}),
            "corrects": None,
            "batch": self._batch,
            "rulebook_version": bulk.ledger.version,
            "prev_hash": prev_hash,
        }
        event["hash"] = chain.said_hash(prev_hash, event)
        bulk.session.move_head(estate_id, event["seq"], event["hash"])
        bulk.put(Event, event)
        for key, text in words.items():
            word = {"estate_id": estate_id, "event_id": ident, "name": key, "salt": salts[key], "text": text}
            bulk.put(EventWord, word)
        self._past.append(
            rules.Happening(
                id=ident,
                seq=event["seq"],
                name=name,
                at=at,
                subject=self.subject,
                root=self.subject,
                facts=facts,
                own=frozenset(own),
                sets=sets,
            )
        )

    def settle(self) -> None:
        """Fold the deadlines as of the last thing that happened and hand everything over to be written."""
        ledger, bulk = self.bulk.ledger, self.bulk
        now = max(event.at for event in self._past)
        for standing in rules.fold(self._past, ledger.book, ledger.calendar, now):
            for line in deadlines.unwritten(ledger.estate_id, standing):
                line.rulebook_version, line.calendar_version = ledger.version, ledger.calendar.version
                bulk.put(Deadline, _values(line))
                if line.step:
                    fired = {"rule": line.rule_id, "step": line.step, "then": line.then, "by": line.by}
                    self.record("escalation.fired", line.starts_at, facts=fired, system=True)
        bulk.put(type(self.row), _values(self.row))


def _values(row: SQLModel) -> dict[str, Any]:
    return {name: getattr(row, name) for name in type(row).model_fields}
