"""What every list is given out as: a page of plain rows, and the key at which the next one begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")

#: where a page ended; opaque to callers, who hand it back as ``after``
Key = tuple[Any, ...]

#: rows of a page unless somebody asks for fewer
ROWS = 200

ESCAPE = "\\"
#: longest text a list is searched for
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Rows in order; ``next`` is None on the last page, else what to pass as ``after``."""

    rows: tuple[Item, ...]
    next: Key | None = None


def like(text: str) -> str:
    """A LIKE pattern that finds ``text`` anywhere, its own ``%`` and ``_`` taken literally (``ESCAPE '\\'``).

    Of a text too long to be looked for, the beginning: a store refuses patterns of many thousand characters.
    """
    text = text[:LONGEST]
    for sign in (ESCAPE, "%", "_"):
        text = text.replace(sign, ESCAPE + sign)
    return f"%{text}%"
