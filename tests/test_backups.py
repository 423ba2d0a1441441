"""Copies that are made by themselves, thinned with age, and put back; and the console that offers one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from desk.errors import Refusal
from desk.screens.fault import FaultScreen
from desk.session import DeskSession
from desk.store import Store, backups, reserve
from tests.desks import DeskForTest, make_desk
from tests.screens import run_desk
from tests.test_store import add, fill, held, refuses, small_disk

__all__ = ["small_disk"]

pytestmark = pytest.mark.file_only("a server has backups of its own")

NOW = datetime(2026, 11, 22, 2, 24, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path)


def path_of(desk: DeskForTest) -> Path:
    assert desk.store.path is not None
    return desk.store.path


def test_of_four_copies_a_day_for_three_years() -> None:
    """Copied every six hours and thinned each time, as it happens."""
    there: list[datetime] = []
    for number in range(4 * 365 * 3):
        now = NOW + timedelta(hours=6 * number)
        there.append(now)
        for gone in backups.thinned(there, now):
            there.remove(gone)
    ages = [(now - each).days for each in there]
    assert max(ages) < 760
    assert min(ages) == 0
    assert len(there) < 65
    for age, apart in ((2, 1), (14, 2), (60, 8), (700, 36)):
        young = [at for at in there if now - at < timedelta(days=age)]
        steps = [later - former for former, later in pairwise(young)]
        assert max(steps) <= timedelta(days=apart), age


def test_the_only_copy_stays_however_old() -> None:
    assert backups.thinned([NOW - timedelta(days=4000)], NOW) == []


def test_a_copy_is_made_only_when_something_was_written(desk: DeskForTest, tmp_path: Path) -> None:
    path = path_of(desk)
    assert backups.make(path, "start", NOW).copy is not None
    assert backups.make(path, "day", NOW + timedelta(hours=1)).copy is None
    desk.open("repair", what="漏水", room="3-2-501")
    made = backups.make(path, "day", NOW + timedelta(hours=2), [tmp_path / "nowhere"])
    assert made.copy is not None
    assert made.unreached == (tmp_path / "nowhere",)
    assert [copy.why for copy in backups.copies(path)] == ["day", "start"]
    assert backups.look(made.copy.path) == backups.held(path)
    # asked for within the same second: another copy, and the newest
    desk.open("repair", what="灯不亮", room="3-2-501")
    again = backups.make(path, "asked", NOW + timedelta(hours=2))
    assert again.copy == backups.copies(path)[0]
    assert [copy.why for copy in backups.copies(path)] == ["asked", "day", "start"]


def test_a_copy_whose_last_entry_is_not_the_head_is_no_good(desk: DeskForTest) -> None:
    path = path_of(desk)
    copy = backups.make(path, "start", NOW).copy
    assert copy is not None
    with closing(sqlite3.connect(copy.path)) as raw:
        raw.execute("UPDATE estate SET head_seq = head_seq + 1")
        raw.commit()
    with refuses("store.corrupt"):
        backups.look(copy.path)
    assert backups.newest_good(path) is None


def test_nothing_is_put_back_under_an_open_console(desk: DeskForTest) -> None:
    path = path_of(desk)
    copy = backups.make(path, "start", NOW).copy
    assert copy is not None
    desk.store.close()
    with held(path, "SELECT count(*) FROM ticket", "BEGIN", "SELECT count(*) FROM ticket"), refuses("store.locked"):
        backups.put_back(path, copy.path, NOW)
    assert not list(path.parent.glob("*before-restore*"))
    kept = backups.put_back(path, copy.path, NOW)
    assert kept is not None
    Store.open(kept).close()


def test_the_log_of_a_damaged_file_goes_with_it(desk: DeskForTest) -> None:
    """A log left behind would be played into the copy."""
    path = path_of(desk)
    copy = backups.make(path, "start", NOW).copy
    assert copy is not None
    desk.open("repair", what="漏水", room="3-2-501")
    log = path.with_name("desk.db-wal").read_bytes()
    desk.store.close()
    path.write_bytes(b"\xff" * 4096)
    path.with_name("desk.db-wal").write_bytes(log)
    kept = backups.put_back(path, copy.path, NOW)
    assert kept is not None
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == log
    assert not path.with_name("desk.db-wal").exists()
    assert backups.look(path) == backups.look(copy.path)


def test_the_console_makes_them_at_the_start_and_at_the_days_end(desk: DeskForTest) -> None:
    path = path_of(desk)
    session = DeskSession(path)
    session.store, session.ledger = desk.store, desk.ledger

    def at(when: str) -> list[str]:
        now = desk.at(when)
        session.tick(now)
        if session._copying is not None:
            session._copying.result()
            session.tick(now)
        return [copy.why for copy in backups.copies(path)]

    assert at("2026-03-02 10:00") == ["start"]
    desk.open("repair", what="漏水", room="3-2-501", at="10:30")
    assert at("11:00") == ["start"]
    assert at("23:00") == ["day", "start"]
    assert at("23:30") == ["day", "start"]


async def test_the_console_offers_the_newest_good_backup(desk: DeskForTest) -> None:
    path = path_of(desk)
    desk.open("repair", what="漏水", room="3-2-501")
    backups.make(path, "start", NOW)
    desk.store.close()
    path.write_bytes(b"\xff" * 9000)
    async with run_desk(path, who=None) as pilot:
        await pilot.until(lambda: isinstance(pilot.app.screen, FaultScreen), "the fault is told")
        await pilot.sees("There is a whole backup of", "F8")
        await pilot.press("f8")
        await pilot.until(lambda: not isinstance(pilot.app.screen, FaultScreen), "the backup is in place")
    (kept,) = path.parent.glob("desk.db.before-restore-*")
    assert kept.read_bytes() == b"\xff" * 9000


def test_records_that_are_gone_are_said_to_be_gone(desk: DeskForTest) -> None:
    path = path_of(desk)
    backups.make(path, "start", NOW)
    desk.store.close()
    path.unlink()
    with pytest.raises(Refusal, match=r"store\.gone"):
        DeskSession(path).open()
    for create in (False, True):
        with refuses("store.gone"):
            Store.open(path, create=create)


def test_the_reserve_lets_a_shift_be_closed(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reserve, "SIZE", 524_288)
    monkeypatch.setattr(reserve, "_EASY", 600_000)
    path = small_disk / "desk.db"
    with Store.open(path, create=True) as store:
        assert reserve.lay_down(path)
        ballast = fill(small_disk)
        with refuses("store.reserve"):
            for _ in range(1000):
                add(store, "字" * 5000)
        add(store, "the shift is closed")
        assert not reserve.lay_down(path), "there is no room for it yet"
        with refuses("store.full"):
            for _ in range(1000):
                add(store, "字" * 5000)
        ballast.unlink()
        assert reserve.lay_down(path)


def test_a_full_disk_at_a_later_start_gives_the_reserve_up(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reserve, "SIZE", 524_288)
    monkeypatch.setattr(reserve, "_EASY", 600_000)
    path = small_disk / "desk.db"
    with Store.open(path, create=True) as store:
        add(store, "阳光花园")
    assert reserve.lay_down(path)
    fill(small_disk)
    with Store.open(path) as store:
        add(store, "once more")
    assert not reserve.file(path).exists()
