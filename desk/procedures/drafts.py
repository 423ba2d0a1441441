"""Half-filled forms, kept so that a crash or a power cut takes at most their last two seconds.

Drafts are not events: nothing has happened yet. A form saves under an id of its own, so that several may lie half
filled at once, as when a second caller interrupts the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from desk.errors import Refusal
from desk.ledger import Ledger
from desk.models import Draft, new_id
from desk.privacy import without_identities


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as it was last saved; ``updated_at`` is aware UTC."""

    id: UUID
    staff_id: UUID | None
    #: ``intake``, ``ticket:<id>:complete`` …
    form: str
    content: Mapping[str, Any]
    updated_at: datetime


def save(
    ledger: Ledger,
    form: str,
    content: Mapping[str, Any],
    now: datetime,
    *,
    staff_id: UUID | None = None,
    draft_id: UUID | None = None,
) -> UUID:
    """Keep ``content`` (JSON-plain) of a form; ``draft_id`` as given out before, None for a new one. On the disk when
    it returns. Raises :class:`Refusal` ``store.*``."""
    ident = draft_id or new_id()
    with ledger.store.write(ledger.estate_id) as session:
        row = session.get(Draft, (ledger.estate_id, ident))
        if row is None:
            row = Draft(estate_id=ledger.estate_id, id=ident, staff_id=staff_id, form=form, updated_at=now)
        row.content, row.updated_at = {name: _kept_of(value) for name, value in content.items()}, now
        session.add(row)
    return ident


def load(ledger: Ledger, draft_id: UUID) -> Kept:
    """A draft. Raises :class:`Refusal` ``draft.gone``."""
    with ledger.store.read() as session:
        row = session.get(Draft, (ledger.estate_id, draft_id))
        if row is None:
            raise Refusal("draft.gone")
        return _kept(row)


def kept(ledger: Ledger, *, form: str | None = None, staff_id: UUID | None = None) -> list[Kept]:
    """Drafts, the latest first; of one form, of one person."""
    with ledger.store.read() as session:
        query = select(Draft).where(Draft.estate_id == ledger.estate_id).order_by(col(Draft.updated_at).desc())
        if form is not None:
            query = query.where(Draft.form == form)
        if staff_id is not None:
            query = query.where(Draft.staff_id == staff_id)
        return [_kept(row) for row in session.exec(query)]


def drop(ledger: Ledger, draft_id: UUID) -> None:
    """Let go of a draft: it became a ticket, or was thrown away. One that is gone already is no matter."""
    with ledger.store.write(ledger.estate_id) as session:
        row = session.get(Draft, (ledger.estate_id, draft_id))
        if row is not None:
            session.delete(row)


def _kept_of(value: Any) -> Any:
    """What is kept of a field: an identity number is not, even while the form is still being filled in."""
    if isinstance(value, str):
        return without_identities(value)[0]
    if isinstance(value, Mapping):
        return {name: _kept_of(each) for name, each in value.items()}
    return [_kept_of(each) for each in value] if isinstance(value, list | tuple) else value


def _kept(row: Draft) -> Kept:
    return Kept(row.id, row.staff_id, row.form, dict(row.content), row.updated_at)
