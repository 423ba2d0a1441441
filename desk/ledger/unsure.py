"""Acts of which it is not known whether they were kept: the server went away before it answered.

An act's own id is its first event's. Whoever asks for it again, once the server answers, learns what became of it; so
what was kept is not recorded a second time, and what was not is not taken for kept.
"""

from __future__ import annotations

import time
from collections.abc import Hashable
from uuid import UUID

from sqlmodel import Session, col, select

from desk.errors import Refusal
from desk.models import Event
from desk.store import Store

#: seconds to wait for the server to come back before the person is told that it is not known
PATIENCE = 10.0
#: seconds between two attempts
_PAUSE = 0.2
_PASSING = ("store.unreachable", "store.locked", "store.unsure")


def was_kept(store: Store, estate_id: UUID, first: UUID, patience: float) -> bool | None:
    """Whether the act with this first event was kept; None where the server doesn't say within ``patience`` seconds."""
    end = time.monotonic() + patience
    while True:
        try:
            # Asked with the estate's lock held: the former transaction may still be about to end, and has it till then.
            with store.write(estate_id) as session:
                return session.get(Event, (estate_id, first)) is not None
        except Refusal as refusal:
            if refusal.code not in _PASSING or time.monotonic() >= end:
                return None
            time.sleep(_PAUSE)


class Unsure:
    """This console's acts whose outcome is not known, by what was asked for."""

    def __init__(self) -> None:
        self._acts: dict[Hashable, UUID] = {}

    def add(self, asked: Hashable, first: UUID) -> None:
        """The act asked for as ``asked`` may have been kept; ``first`` is its first event."""
        self._acts[first if asked is None else asked] = first

    def repeated(self, session: Session, estate_id: UUID, asked: Hashable) -> list[Event]:
        """The events of the same act, where it is asked for again and had been kept; else none."""
        first = self._acts.pop(asked, None)
        return _events(session, estate_id, first) if first is not None else []

    def settle(self, session: Session, estate_id: UUID) -> None:
        """Raises :class:`Refusal` ``act.kept`` once for an act that was kept, before something else is recorded."""
        while self._acts:
            _asked, first = self._acts.popitem()
            if events := _events(session, estate_id, first):
                number = next((str(e.sets["number"]) for e in events if "number" in e.sets), "")
                raise Refusal("act.kept", event=events[0].name, number=number)


def _events(session: Session, estate_id: UUID, first: UUID) -> list[Event]:
    event = session.get(Event, (estate_id, first))
    if event is None:
        return []
    query = select(Event).where(Event.estate_id == estate_id, Event.root_id == event.root_id, Event.batch == first)
    return list(session.exec(query.order_by(col(Event.seq))))
