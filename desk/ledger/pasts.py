"""What happened to the roots an act touches: read once, kept up as the act records more."""

from __future__ import annotations

from uuid import UUID

from desk.ledger import deadlines, rows
from desk.ledger.acts import Ref
from desk.ledger.rows import Row
from desk.models import Deadline, Event
from desk.rules import Happening
from desk.store import Question, Session
from desk.store.session import by_key

#: ids made from something else (UUIDv5) are the same every time: what they stand for may have a past
_JUST_MADE = 7


def ahead(estate_id: UUID, about: Ref | None) -> tuple[Question, ...]:
    """What an act on a subject asks the store first: its row; and its past, where it is a root of its own."""
    if about is None:
        return ()
    table = rows.table(about[0])
    row = by_key(table, (estate_id, about[1]))
    return (row,) if "ticket_id" in table.model_fields else (row, *deadlines.asked_of(estate_id, about))


class Pasts:
    """The pasts of one act, in its transaction."""

    def __init__(self, session: Session, estate_id: UUID) -> None:
        self._session, self._estate_id = session, estate_id
        self._happened: dict[UUID, list[Happening]] = {}
        self._versions: dict[UUID, int | None] = {}
        self._lines: dict[UUID, deadlines.Present] = {}
        #: roots that begin with this act: the store has nothing of them
        self._begun: set[UUID] = set()

    def begin(self, row: Row) -> None:
        """A row just made; with an id just made it has no past in the store."""
        if row.id.version == _JUST_MADE:
            self._begun.add(row.id)

    def of(self, root: Ref) -> list[Happening]:
        """Everything that happened to a root and its children, this act included, as it was written."""
        past = self._happened.get(root[1])
        if past is None:
            version: int | None = None
            lines: deadlines.Present = {}
            if root[1] in self._begun:
                past = []
            else:
                self._session.write_rows(of=Event)
                self._session.write_rows(of=Deadline)
                past, version, lines = deadlines.past(self._session, self._estate_id, root)
            self._happened[root[1]], self._versions[root[1]], self._lines[root[1]] = past, version, lines
        return past

    def version(self, root: Ref) -> int | None:
        """The rules a root goes by: those of its latest event, of this act or as the store has it."""
        self.of(root)
        return self._versions[root[1]]

    def lines(self, root: Ref) -> deadlines.Present | None:
        """The root's deadlines as they were before this act, once; then None, for they have been written."""
        return self._lines.pop(root[1], None)

    def add(self, event: Event) -> None:
        """One more event has been recorded."""
        root = (event.root_type, event.root_id)
        self.of(root).append(deadlines.happening(event))
        self._versions[event.root_id] = event.rulebook_version
