"""What an act says of itself: who does it and when, and each event it is to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

Ref = tuple[str, UUID]


@dataclass(frozen=True, slots=True)
class Doing:
    """Who does something and when. Times are aware.

    ``now`` is when it is written down; ``at`` when it happened, if earlier. ``by`` did it, ``recorded_by`` wrote it
    (technicians have no console). ``confirmed`` answers a guard that asks; ``approved_by`` one that wants approval.
    """

    now: datetime
    by: UUID | None = None
    recorded_by: UUID | None = None
    at: datetime | None = None
    confirmed: bool = False
    approved_by: UUID | None = None
    #: the ledger's head when this person looked at what they now change: what another has done since is told first
    seen: int | None = None
    #: identity numbers found in what was written and not stored in full, by the name of the field: whoever wrote them
    #: is told
    noticed: list[str] = field(default_factory=list, compare=False, repr=False)

    @property
    def happened_at(self) -> datetime:
        """When it happened; also the moment up to which missed steps come up by recording it."""
        return self.at or self.now


@dataclass(slots=True)
class Act:
    """One event to be: its name and subject, what it changes, and its words."""

    name: str
    subject: Ref
    root: Ref | None = None
    sets: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, str | None] = field(default_factory=dict)
