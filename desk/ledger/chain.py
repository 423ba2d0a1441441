"""The chain over the events.

Each hash covers the former one, everything the event says, and a salted digest of every word beside it. A word can
be forgotten later: its digest stays, the chain holds (design, section 1).

What a hash covers is the former hash and the event's columns, a line each, as a file holds them: ids as thirty-two hex
digits, times in UTC to the microsecond, JSON with its keys in order and no blanks, nothing where there is nothing. So a
store can put it together itself, and to check it costs little more than to read it. No column holds a line's end.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from desk.models import Event

_JSON = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=lambda value: plain(value)
).encode


def _id(value: UUID | None) -> str:
    return "" if value is None else value.hex


def _time(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _json(value: Any) -> str:
    return _JSON(value) if value else "[]" if isinstance(value, list) else "{}"


def _flag(value: bool) -> str:
    return "1" if value else "0"


#: what the hash covers, besides the hash before, in this order; and how a value stands there
COVERED: Mapping[str, Callable[[Any], str]] = {
    **dict.fromkeys(("estate_id", "id", "subject_id", "root_id", "batch", "corrects", "done_by", "recorded_by"), _id),
    **dict.fromkeys(("seq", "name", "subject_type", "root_type", "rulebook_version"), str),
    **dict.fromkeys(("happened_at", "recorded_at"), _time),
    "late": _flag,
    **dict.fromkeys(("own", "digests", "sets", "facts"), _json),
}


def salt() -> str:
    """Thirty-two random hex digits: a forgotten word can't be guessed back from its digest."""
    return secrets.token_hex(16)


def word_digest(salt: str, word: str) -> str:
    """The digest that stands in the event for one word."""
    return hashlib.sha256(f"{salt}:{word}".encode("utf-8", "surrogatepass")).hexdigest()


def digest(said: Any) -> str:
    """The digest of something JSON-plain that stands beside an event, such as a handover's snapshot."""
    return _hashed(json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")))


def plain(value: Any) -> Any:
    """A value as it stands in JSON: times as ISO text in UTC, ids as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value


def event_hash(event: Event) -> str:
    """The event's own hash, from what it says and the hash before it."""
    return said_hash(event.prev_hash, {name: getattr(event, name) for name in COVERED})


def said_hash(prev_hash: str, said: Mapping[str, Any]) -> str:
    """The hash of an event that says so, its columns by their names; what the hash does not cover is left aside."""
    return _hashed("\n".join((prev_hash, *(stands(said[name]) for name, stands in COVERED.items()))))


def _hashed(said: str) -> str:
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def ordered(said: dict[str, Any]) -> dict[str, Any]:
    """The same with its keys in order: so it lies in the store as the hash covers it, and is checked unread."""
    return dict(sorted(said.items()))


def walk(
    session: Session, estate_id: UUID, after: int | None = None, upto: int | None = None
) -> Iterator[tuple[int, str, str, str]]:
    """Number, former hash, hash and the hash reckoned anew, of events in order: all, or after one and up to another.

    The store puts together what a hash covers; what it gives is hashed unread.
    """
    connection = session.connection()
    file = connection.dialect.name == "sqlite"
    mark = ":{}" if file else "%({})s"
    said = _joined(["prev_hash", *(_standing(name, stands, file) for name, stands in COVERED.items())])
    said = f"CAST({said} AS BLOB)" if file else f"convert_to({said}, 'UTF8')"
    given = {"estate": estate_id.hex if file else estate_id, "after": after, "upto": upto}
    asked = f"SELECT seq, prev_hash, hash, {said} FROM event WHERE estate_id = {mark.format('estate')}"
    if after is not None:
        asked += f" AND seq > {mark.format('after')}"
    if upto is not None:
        asked += f" AND seq <= {mark.format('upto')}"
    asked += " ORDER BY seq"
    # of a file its driver is asked itself: SQLAlchemy's rows cost as much as all the rest
    ask: Any = connection.connection.cursor().execute if file else connection.exec_driver_sql
    found = ask(asked, given)
    sha = hashlib.sha256
    while several := found.fetchmany(2000):
        for seq, prev_hash, hash_, lies in several:
            yield seq, prev_hash, hash_, sha(lies or b"").hexdigest()


def _standing(name: str, stands: Callable[[Any], str], file: bool) -> str:
    """A column as the hash covers it, in the words of the store."""
    if file:
        return f"coalesce({name}, '')" if stands is _id else name
    if stands is _id:
        return f"coalesce(replace(CAST({name} AS text), '-', ''), '')"
    if stands is _time:
        return f"to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    if stands is _flag:
        return f"CASE WHEN {name} THEN '1' ELSE '0' END"
    return f"CAST({name} AS text)"


def _joined(parts: Sequence[str]) -> str:
    """The parts with a line's end between them; in groups of groups, for each joining copies what it joins."""
    if len(parts) > 3:
        half = len(parts) // 2
        parts = [_joined(parts[:half]), _joined(parts[half:])]
    return f"({_LINE.join(parts)})"


_LINE = " || '\n' || "
