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
#: texts of JSON that are kept; beyond, all are let go
_KEPT = 20_000
_decoder: Any = json.JSONDecoder()
_scan = _decoder.scan_once


def said(lies: Any) -> Any:
    """What JSON says that lies in a row. Raises ValueError for what is none."""
    if not isinstance(lies, str | bytes):
        return lies
    if isinstance(lies, str):
        # the decoder itself: half of what it costs is looking for blanks around, and there are none
        try:
            found, end = _scan(lies, 0)
        except StopIteration:
            pass
        else:
            if end == len(lies):
                return found
    return json.loads(lies)


class _Ids(dict[Any, Any]):
    def __missing__(self, lies: Any) -> Any:
        found = self[lies] = UUID(int=int(lies, 16)) if isinstance(lies, str) else lies
        return found


class _Moments(dict[Any, Any]):
    def __missing__(self, lies: Any) -> Any:
        at = datetime.fromisoformat(lies + "+00:00") if isinstance(lies, str) else lies.astimezone(UTC)
        self[lies] = at
        return at


class _Texts(dict[str, Any]):
    """What JSON says, to be read only: what stands in many rows is read once."""

    def __missing__(self, lies: str) -> Any:
        if len(self) >= _KEPT:
            self.clear()
        found = self[lies] = said(lies)
        return found


class _Words(dict[str, frozenset[str]]):
    def __missing__(self, lies: str) -> frozenset[str]:
        found = self[lies] = frozenset(said(lies))
        return found


class Values:
    """The values of one batch of rows; kept for that batch only. The mappings make what they are asked for."""

    def __init__(self) -> None:
        #: an id by the thirty-two hex digits a file holds; a server gives ids themselves
        self.ids = _Ids({None: None})
        #: an aware time in UTC, by the text without a zone that a file holds, or a server's own
        self.moments = _Moments({None: None})
        #: what JSON says, by its text; to be read only
        self.texts = _Texts()
        #: a list of words as a set, by its JSON
        self.words = _Words()

    def id(self, lies: Any) -> Any:
        """An id, or None."""
        return self.ids[lies]

    def moment(self, lies: Any) -> Any:
        """An aware time in UTC, or None."""
        return self.moments[lies]

    def said(self, lies: Any) -> Any:
        """As :func:`said`, and to be read only."""
        return self.texts[lies] if isinstance(lies, str) else said(lies)
