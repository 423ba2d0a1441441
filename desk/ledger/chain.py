"""The chain over the events.

Each hash covers the former one, everything the event says, and a salted digest of every word beside it. A word can
be forgotten later: its digest stays, the chain holds (design, section 1).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from desk.models import Event

#: what the hash covers, besides ``prev_hash``
COVERED = (
    "estate_id id seq name happened_at recorded_at late done_by recorded_by subject_type subject_id root_type root_id "
    "facts own sets digests corrects batch rulebook_version"
).split()


#: as JSON with its keys in order and no blanks
_covered = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=lambda value: plain(value)
).encode
_IDS = "batch corrects done_by id recorded_by root_id subject_id".split()


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
    return said_hash(event.prev_hash, {name: getattr(event, name) for name in COVERED})


def said_hash(prev_hash: str, said: Mapping[str, Any]) -> str:
    """The hash of an event that says so, its columns by their names; what the hash does not cover is left aside."""
    return hash_of(prev_hash, _covered({name: said[name] for name in COVERED}))


def hash_of(prev_hash: str, said: str) -> str:
    """The hash over the former one and what an event says, as JSON with its keys in order and no blanks."""
    return hashlib.sha256((prev_hash + said).encode("utf-8", "surrogatepass")).hexdigest()


def ordered(said: dict[str, Any]) -> dict[str, Any]:
    """The same with its keys in order: so it lies in the store as the hash covers it, and is checked unread."""
    return dict(sorted(said.items()))


def walk(session: Session, estate_id: UUID) -> Iterator[tuple[int, str, str, str]]:
    """Number, former hash, hash and what the hash covers, of every event in order.

    Rows are bare and JSON stays the text it lies there as: a hash costs less than reading what it covers. What needs no
    other form the store itself puts together, since a column costs more to bring here than to join to the next.
    """
    connection = session.connection()
    file = connection.dialect.name == "sqlite"
    ids = ", ".join(each if file else f"CAST({each} AS text)" for each in _IDS)
    digests, facts, own, sets, version, seq = (
        f"CAST({each} AS text)" for each in ("digests", "facts", "own", "sets", "rulebook_version", "seq")
    )
    asked = f"""
        SELECT seq, prev_hash, hash, {ids}, happened_at, recorded_at,
            ',"digests":' || {digests} || ',"done_by":',
            ',"facts":' || {facts} || ',"happened_at":',
            CASE WHEN late THEN ',"late":true,"name":"' ELSE ',"late":false,"name":"' END || name
                || '","own":' || {own} || ',"recorded_at":',
            ',"root_type":"' || root_type || '","rulebook_version":' || {version} || ',"seq":' || {seq}
                || ',"sets":' || {sets} || ',"subject_id":',
            ',"subject_type":"' || subject_type || '"}}'
        FROM event WHERE estate_id = {":estate" if file else "%(estate)s"} ORDER BY seq
    """
    found: Any
    if file:  # the driver's own cursor: SQLAlchemy's rows cost as much as all the rest
        found = connection.connection.cursor().execute(asked, {"estate": estate_id.hex})
    else:
        found = connection.exec_driver_sql(asked, {"estate": estate_id})
    ident, when = (_dashed, _file_time) if file else (_quoted, _server_time)
    estate = ident(estate_id.hex if file else str(estate_id))
    while several := found.fetchmany(2000):
        for row in several:
            seq, prev_hash, hash_, batch, corrects, done_by, id_, recorded_by, root, subject, *rest = row
            happened, recorded, digests, facts, own, sets, subject_type = rest
            this, its_root = ident(id_), ident(root)
            said = (
                f'{{"batch":{this if batch == id_ else ident(batch)},"corrects":{ident(corrects)}'
                f'{digests}{ident(done_by)},"estate_id":{estate}{facts}{when(happened)},"id":{this}'
                f'{own}{when(recorded)},"recorded_by":{ident(recorded_by)},"root_id":{its_root}'
                f"{sets}{its_root if subject == root else ident(subject)}{subject_type}"
            )
            yield seq, prev_hash, hash_, said


def _dashed(hexed: str | None) -> str:
    """An id as a file holds it, thirty-two hex digits, as JSON."""
    if hexed is None:
        return "null"
    return f'"{hexed[:8]}-{hexed[8:12]}-{hexed[12:16]}-{hexed[16:20]}-{hexed[20:]}"'


def _quoted(said: str | None) -> str:
    return "null" if said is None else f'"{said}"'


def _file_time(said: str) -> str:
    """``2026-11-18 02:24:00.000000`` as the chain has it."""
    return f'"{said[:10]}T{said[11:19] if said.endswith(".000000") else said[11:]}+00:00"'


def _server_time(said: datetime) -> str:
    return f'"{plain(said)}"'
