"""``desk move``: a whole store from a file to a server and back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from desk.cli import run_cli
from desk.errors import Refusal
from desk.ledger.check import check
from desk.ledger.move import move
from desk.store import Store
from tests import postgres
from tests.desks import DeskForTest, make_desk
from tests.engines import Files, stores, use

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    """A desk in a file, with something in it, whatever the rest of the suite stands on."""
    before = stores()
    use(Files())
    made = make_desk(tmp_path)
    use(before)
    ticket = made.open("repair", what="漏水\n“很急” 🏠", room="3-2-501", person="业主1")
    made.do("claim", ticket, by="technician")
    made.tick("2026-03-02 18:00")
    return made


def everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with store.read() as session:
        return {
            table.name: sorted((tuple(row) for row in session.connection().execute(select(table))), key=repr)
            for table in SQLModel.metadata.sorted_tables
        }


def test_to_a_server_and_back_everything_is_the_same(desk: DeskForTest, socket_folder: Path, tmp_path: Path) -> None:
    before, url, file = everything(desk.store), postgres.database(socket_folder), tmp_path / "back.db"
    said: list[tuple[str, int, int]] = []
    moved = move(desk.store, url, NOW, lambda *given: said.append(given))
    assert moved.counts == {name: len(rows) for name, rows in before.items()}
    assert ("event", moved.counts["event"], moved.counts["event"]) in said
    assert moved.kept == desk.store.path.with_name("desk.db.moved-20260302-040000")  # type: ignore[union-attr]
    with Store.open(url) as server:
        assert everything(server) == before
        assert check(server).sound
        assert move(server, file, NOW).kept is None
    assert moved.kept is not None
    with Store.open(file) as back, Store.open(moved.kept) as former:
        assert everything(back) == before == everything(former)
        assert check(back).sound


def test_whoever_still_has_the_former_file_open_cannot_write_in_it(desk: DeskForTest, socket_folder: Path) -> None:
    assert desk.store.path is not None
    with Store.open(desk.store.path) as other:
        move(other, postgres.database(socket_folder), NOW)
    with pytest.raises(Refusal, match=r"store\.replaced"):
        desk.open("repair", what="漏水", room="3-2-501")
    with pytest.raises(Refusal, match=r"store\.missing"):
        Store.open(desk.store.path)


def test_a_place_that_holds_an_estate_is_left_alone(desk: DeskForTest, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    occupied = tmp_path / "other" / "other.db"
    desk.store.backup(occupied)
    before = everything(desk.store)
    for place in (occupied, desk.store.path):
        assert place is not None
        with pytest.raises(Refusal, match=r"move\.occupied"):
            move(desk.store, place, NOW)
    assert everything(desk.store) == before


def test_what_does_not_arrive_whole_does_not_arrive(
    desk: DeskForTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with desk.store.write() as session:
        session.connection().exec_driver_sql("UPDATE estate SET head_hash = 'x'")
    with pytest.raises(Refusal, match=r"move\.differs"):
        move(desk.store, tmp_path / "new.db", NOW)
    assert not (tmp_path / "new.db").exists()
    assert desk.store.path is not None
    assert desk.store.path.exists()


def test_on_the_command_line(desk: DeskForTest, socket_folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    url = postgres.database(socket_folder)
    words = ["move", "--db", str(desk.store.path), "--to", url, "--lang", "en"]
    assert run_cli(words) == 3
    assert run_cli([*words, "--yes"]) == 0
    said = capfd.readouterr().out
    assert "the chain of entries is the same at both ends" in said
    assert "desk.db.moved-" in said
    assert run_cli(["check", "--db", url, "--lang", "en"]) == 0
    assert "Everything is as it was written." in capfd.readouterr().out
