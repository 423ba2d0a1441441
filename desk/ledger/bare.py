"""Rows as the driver gives them, for going through a whole store: each id and moment of a batch is made once.

The same ids stand in an event, its root's other events and their deadlines; to make them anew for every column of every
row costs more than the rules that are asked about them.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Select, Uuid, select, type_coerce
from sqlalchemy.types import NullType
from sqlmodel.sql.sqltypes import UTCDateTime


def columns(*several: Any) -> Select[Any]:
    """A query for these columns; ids, times and JSON come as they lie there, for :class:`Values` to read."""
    lying = NullType()
    return select(*(type_coerce(each, lying) if isinstance(each.type, _READ) else each for each in several))


_READ = (Uuid, UTCDateTime, JSON)
#: characters of JSON that are likely to stand in another row too
_SHORT = 80


def said(lies: Any) -> Any:
    """What JSON says that lies in a row. Raises ValueError for what is none."""
    return json.loads(lies) if isinstance(lies, str | bytes) else lies


class Values:
    """The values of one batch of rows; kept for that batch only."""

    def __init__(self) -> None:
        self._ids: dict[str, UUID] = {}
        self._moments: dict[str, datetime] = {}
        self._said: dict[str, Any] = {}

    def id(self, lies: Any) -> Any:
        """An id, or None; a file holds thirty-two hex digits, a server gives ids themselves."""
        if not isinstance(lies, str):
            return lies
        found = self._ids.get(lies)
        if found is None:
            found = self._ids[lies] = UUID(int=int(lies, 16))
        return found

    def moment(self, lies: Any) -> Any:
        """An aware time in UTC, or None; a file holds its text without a zone."""
        if lies is None:
            return None
        if not isinstance(lies, str):
            return lies.astimezone(UTC)
        found = self._moments.get(lies)
        if found is None:
            found = self._moments[lies] = datetime.fromisoformat(lies + "+00:00")
        return found

    def said(self, lies: Any) -> Any:
        """As :func:`said`, and to be read only: what is short stands in many rows and is read once."""
        if not isinstance(lies, str) or len(lies) > _SHORT:
            return said(lies)
        found = self._said.get(lies)
        if found is None:
            found = self._said[lies] = said(lies)
        return found
