"""An estate of its own for a test: a store in a temporary folder, a shipped manual adopted, nobody in it."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

from desk import resources, rulebook
from desk.ledger import Doing, Ledger
from desk.models import Estate, RulebookVersion
from desk.store import Store
from tests.engines import stores

NOW = datetime(2026, 11, 22, 2, 24, tzinfo=UTC)
"""Sunday 22 November 2026, 10:24 at an estate in Shanghai."""

DOING = Doing(NOW)


def open_estate(folder: Path, manual: str = "residential", *, born: datetime = NOW) -> Ledger:
    """A new estate under one of the shipped manuals, opened at ``born`` (aware)."""
    store = Store.open(stores().new(folder / "desk.db"), create=True)
    book = rulebook.read(resources.path(f"rulebooks/{manual}.toml"))
    calendar = tomllib.loads(resources.path(f"calendars/{book['calendar']}.toml").read_text("utf-8"))
    with store.write() as session:
        estate = Estate(name="阳光花园", rulebook_version=1, created_at=born)
        session.add(estate)
        session.flush()
        session.add(
            RulebookVersion(
                estate_id=estate.estate_id,
                version=1,
                name=manual,
                digest=rulebook.digest(book),
                rulebook=book,
                calendar_name=book["calendar"],
                calendar_digest=rulebook.digest(calendar),
                calendar=calendar,
                adopted_at=born,
            )
        )
        estate_id = estate.estate_id
    return Ledger(store, estate_id)
