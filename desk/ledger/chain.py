"""The chain over the events.

Each hash covers the former one, everything the event says, and a salted digest of every word beside it. A word can
be forgotten later: its digest stays, the chain holds (design, section 1).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from desk.models import Event

#: what the hash covers, besides ``prev_hash``
COVERED = (
    "estate_id id seq name happened_at recorded_at late done_by recorded_by subject_type subject_id root_type root_id "
    "facts own sets digests corrects batch rulebook_version"
).split()


_IDS = "batch corrects done_by estate_id id recorded_by root_id subject_id".split()
_JSON = "facts own sets digests".split()


def salt() -> str:
    """Thirty-two random hex digits: a forgotten word can't be guessed back from its digest."""
    return secrets.token_hex(16)


def word_digest(salt: str, word: str) -> str:
    """The digest that stands in the event for one word."""
    return hashlib.sha256(f"{salt}:{word}".encode("utf-8", "surrogatepass")).hexdigest()


def digest(said: Any) -> str:
    """The digest of something JSON-plain that stands beside an event, such as a handover's snapshot."""
    return hash_of("", json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")))


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
    said = {name: plain(getattr(event, name)) for name in COVERED}
    return hash_of(event.prev_hash, json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")))


def hash_of(prev_hash: str, said: str) -> str:
    """The hash over the former one and what an event says, as JSON with its keys in order and no blanks."""
    return hashlib.sha256((prev_hash + said).encode("utf-8", "surrogatepass")).hexdigest()


def ordered(said: dict[str, Any]) -> dict[str, Any]:
    """The same with its keys in order: so it lies in the store as the hash covers it, and is checked unread."""
    return dict(sorted(said.items()))


def walk(session: Session, estate_id: UUID) -> Iterator[tuple[int, str, str, str]]:
    """Number, former hash, hash and what the hash covers, of every event in order.

    Rows are bare and JSON stays the text it lies there as: a hash costs less than reading what it covers.
    """
    connection = session.connection()
    file = connection.dialect.name == "sqlite"
    as_text = {*_JSON, *(() if file else _IDS)}
    names = (f"CAST({each} AS text)" if each in as_text else each for each in (*sorted(COVERED), "prev_hash", "hash"))
    asked = f"SELECT {', '.join(names)} FROM event WHERE estate_id = :estate ORDER BY seq"
    found: Any
    if file:  # the driver's own cursor: SQLAlchemy's rows cost as much as all the rest
        found = connection.connection.cursor().execute(asked, {"estate": estate_id.hex})
    else:
        found = connection.execute(text(asked), {"estate": estate_id})
    ident, when = (_dashed, _file_time) if file else (_quoted, _server_time)
    while several := found.fetchmany(2000):
        for row in several:
            batch, corrects, digests, done_by, estate, facts, happened, id_, late, name, own, recorded = row[:12]
            recorded_by, root, root_type, version, seq, sets, subject, subject_type, prev_hash, hash_ = row[12:]
            said = (
                f'{{"batch":{ident(batch)},"corrects":{ident(corrects)},"digests":{digests},"done_by":{ident(done_by)},'
                f'"estate_id":{ident(estate)},"facts":{facts},"happened_at":{when(happened)},"id":{ident(id_)},'
                f'"late":{"true" if late else "false"},"name":"{name}","own":{own},"recorded_at":{when(recorded)},'
                f'"recorded_by":{ident(recorded_by)},"root_id":{ident(root)},"root_type":"{root_type}",'
                f'"rulebook_version":{version},"seq":{seq},"sets":{sets},"subject_id":{ident(subject)},'
                f'"subject_type":"{subject_type}"}}'
            )
            yield seq, prev_hash, hash_, said


@lru_cache(maxsize=4096)
def _dashed(hexed: str | None) -> str:
    """An id as a file holds it, thirty-two hex digits, as JSON."""
    if hexed is None:
        return "null"
    return f'"{hexed[:8]}-{hexed[8:12]}-{hexed[12:16]}-{hexed[16:20]}-{hexed[20:]}"'


def _quoted(said: str | None) -> str:
    return "null" if said is None else f'"{said}"'


def _file_time(said: str) -> str:
    """``2026-11-18 02:24:00.000000`` as the chain has it."""
    short = said[:19] if said.endswith(".000000") else said
    return f'"{short.replace(" ", "T")}+00:00"'


def _server_time(said: datetime) -> str:
    return f'"{plain(said)}"'
