"""The chain over the events.

Each hash covers the former one, everything the event says, and a salted digest of every word beside it. A word can
be forgotten later: its digest stays, the chain holds (design, section 1).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from desk.models import Event

#: what the hash covers, besides ``prev_hash``
COVERED = (
    "estate_id id seq name happened_at recorded_at late done_by recorded_by subject_type subject_id root_type root_id "
    "facts own sets digests corrects batch rulebook_version"
).split()


def salt() -> str:
    """Thirty-two random hex digits: a forgotten word can't be guessed back from its digest."""
    return secrets.token_hex(16)


def word_digest(salt: str, text: str) -> str:
    """The digest that stands in the event for one word."""
    return hashlib.sha256(f"{salt}:{text}".encode("utf-8", "surrogatepass")).hexdigest()


def digest(said: Any) -> str:
    """The digest of something JSON-plain that stands beside an event, such as a handover's snapshot."""
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


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
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256((event.prev_hash + text).encode("utf-8", "surrogatepass")).hexdigest()
