"""A store of every released schema version opens with today's program, whole, and can be worked on."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from desk.ledger import Ledger
from desk.ledger.check import check
from desk.models import SCHEMA, Draft, Ticket
from desk.procedures import drafts
from desk.store import Store
from tools import stores

KEPT = sorted(stores.KEPT.glob("*.db.gz"))


@pytest.mark.parametrize("file", [None, *KEPT], ids=lambda file: file.name if file else "made just now")
def test_opens_is_whole_and_goes_on(tmp_path: Path, file: Path | None) -> None:
    path = tmp_path / "desk.db"
    path.write_bytes(gzip.decompress(file.read_bytes() if file else stores.make()))
    with Store.open(path) as store:
        found = check(store)
        assert found.sound, found.troubles
        ledger = Ledger.only(store)
        with store.read() as session:
            assert "厨房漏水" in session.exec(select(Ticket.what)).all()
            assert [draft.content for draft in session.exec(select(Draft))] == [{"what": "主卧空调"}]
        drafts.save(ledger, "intake", {"what": "还能写"}, datetime.now(UTC))
    upgraded = file is not None and file.name.partition(".")[0] != SCHEMA
    assert bool(list(tmp_path.glob("desk.db.before-*"))) == upgraded, "an upgrade leaves a copy as it was"


def _schema(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return sorted(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall())


@pytest.mark.file_only("it is about files")
def test_the_schema_of_a_released_version_is_not_changed(tmp_path: Path) -> None:
    """Where the version of today has been released, a new store is made just as that release made it."""
    kept = stores.KEPT / f"{SCHEMA}.db.gz"
    if not kept.exists():
        return  # it is still being made
    (tmp_path / "kept.db").write_bytes(gzip.decompress(kept.read_bytes()))
    Store.open(tmp_path / "new.db", create=True).close()
    assert _schema(tmp_path / "new.db") == _schema(tmp_path / "kept.db")


def test_what_was_released_is_kept() -> None:
    """The last schema may still be in the making; every one before it has been released."""
    there = {file.name.partition(".")[0] for file in KEPT}
    assert {f"{number:04}" for number in range(1, int(SCHEMA))} <= there
