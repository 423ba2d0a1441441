"""The named counts a recurring duty may ask for (``only_if``)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from desk.models import Ticket
from desk.vocabulary import UNFINISHED


def count(session: Session, estate_id: UUID, name: str, now: datetime, zone: ZoneInfo) -> int:
    """The count called ``name`` (a word of :data:`desk.vocabulary.COUNTS`) at ``now``."""
    query = (
        select(func.count())
        .select_from(Ticket)
        .where(Ticket.estate_id == estate_id, col(Ticket.status).in_(UNFINISHED))
    )
    if name == "open_today":
        midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        query = query.where(col(Ticket.opened_at) >= midnight.astimezone(UTC))
    elif name == "unfinished_24h":
        query = query.where(col(Ticket.opened_at) <= now - timedelta(hours=24))
    elif name == "renovations":
        query = query.where(Ticket.kind == "renovation")
    elif name == "carried_over":
        query = query.where(col(Ticket.facts)["carried"].as_boolean().is_(True))
    return session.exec(query).one()
