"""The duty log: events as they happened, by pages, with their words. Times are aware UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from desk.ledger import Ledger
from desk.queries.page import ROWS, Key, Page


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as people read it; :func:`desk.wording.summary` makes one line of it."""

    id: UUID
    seq: int
    name: str
    #: message id of what happened: show it with ``_``
    title: str
    happened_at: datetime
    recorded_at: datetime
    #: written up after the fact
    late: bool
    #: who did it and who wrote it, by name; empty for what the machine itself noted
    done_by: str
    recorded_by: str
    subject_type: str
    subject_id: UUID
    root_type: str
    root_id: UUID
    #: of the ticket it belongs to
    number: str | None
    #: facts of this act alone, members of staff by name
    facts: Mapping[str, Any]
    #: what it changed, members of staff by name
    sets: Mapping[str, Any]
    #: free text and personal data; a forgotten word is None
    words: Mapping[str, str | None]
    corrects: UUID | None = None
    batch: UUID | None = None
    #: what came of it: "" | ``corrected`` | ``retracted``
    undone: str = ""


def log_page(
    ledger: Ledger,
    session: Session,
    *,
    day: date | None = None,
    text: str | None = None,
    group: str | None = None,
    name: str | None = None,
    by: UUID | None = None,
    root: UUID | None = None,
    system: bool = True,
    oldest_first: bool = False,
    limit: int = ROWS,
    after: Key | None = None,
) -> Page[EventRow]:
    """Events, the latest first unless ``oldest_first``.

    ``day`` is a local date; ``text`` is looked for in the words; ``group`` is the first part of a name (``ticket``,
    ``callback``); ``system=False`` leaves out what the machine noted by itself.
    """
    raise NotImplementedError
