"""``desk backup``: a copy that opens by itself, and never over anything."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.commandline import Run, founded, runner


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return founded(tmp_path)


def test_the_copy_holds_what_the_store_holds(run: Run, tmp_path: Path) -> None:
    run("ticket open repair --room 3-2-501 --what 漏水 --at 2026-03-02T10:00")
    (tmp_path / "kept").mkdir()
    named = tmp_path / "copy.db"
    told = run(f"backup --to {named}", as_=None).out
    assert told == f"The records are copied to {named}; the copy has been checked.\n"
    made = [named]
    for option in ("", f" --to {tmp_path}/kept"):
        made.append(Path(run(f"backup --json{option}", as_=None).record["file"]))
    run("ticket open repair --room 3-2-502 --what 没电 --at 2026-03-02T10:01")
    for copy in made:
        assert [row["number"] for row in runner(copy)("ticket list --json").record] == ["R-260302-001"]
    assert [copy.parent for copy in made[1:]] == [tmp_path / "desk.db.backups", tmp_path / "kept"]
    assert re.fullmatch(r"\d{8}-\d{6}-asked\.db", made[1].name)
    assert re.fullmatch(r"desk-\d{8}-\d{6}\.db", made[2].name)
    assert not list(tmp_path.glob("**/*.part"))


@pytest.mark.parametrize(
    ("to", "said"), [("desk.db", "is there already"), ("no/copy.db", "does not exist"), ("no/", "does not exist")]
)
def test_nothing_is_written_over(run: Run, tmp_path: Path, to: str, said: str) -> None:
    before = sorted(tmp_path.iterdir())
    assert said in run(f"backup --to {tmp_path}/{to}", code=4).err
    assert sorted(tmp_path.iterdir()) == before


def test_without_records_there_is_nothing_to_copy(tmp_path: Path) -> None:
    assert runner(tmp_path / "none.db")("backup", code=4).err
    assert not list(tmp_path.iterdir())


def test_a_drill_backup_damage_restore(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The day everybody fears, as the administrator types it."""
    stick = tmp_path / "stick"
    stick.mkdir()
    monkeypatch.setenv("DESK_BACKUPS", f"{stick}{os.pathsep}{tmp_path / 'not plugged in'}")
    run("ticket open repair --room 3-2-501 --what 漏水 --at 2026-03-02T10:00")
    told = run("backup", as_=None)
    assert "could not be reached" in told.err
    assert f"The same copy lies in {stick / 'desk.db.backups'}, too." in told.out
    assert "There is no file" in run("restore nothing.db --yes", as_=None, code=1).err
    assert len(list((stick / "desk.db.backups").iterdir())) == 1
    run("ticket open repair --room 3-2-502 --what 没电 --at 2026-03-02T10:01")
    assert "asked for" in run("restore", as_=None).out
    asked = run("restore --newest", as_=None, code=3)
    assert "entry made since" in asked.err
    assert "R-260302-002" in asked.err
    db = tmp_path / "desk.db"
    spoilt = bytearray(db.read_bytes())
    spoilt[:100] = b"\xff" * 100
    db.write_bytes(spoilt)
    assert "restore --newest" in run("ticket list", code=4).err
    told = run("restore --newest --yes", as_=None)
    assert "can't be read" in told.err
    assert [row["number"] for row in run("ticket list --json").record] == ["R-260302-001"]
    assert run("check", as_=None).code == 0
    kept = next(each for each in tmp_path.glob("desk.db.before-restore-*") if not each.name.endswith(("-wal", "-shm")))
    assert kept.read_bytes() == spoilt, "what was there is kept as it was"


def test_records_that_are_gone_are_no_empty_desk(run: Run, tmp_path: Path) -> None:
    run("backup", as_=None)
    for left in tmp_path.glob("desk.db*"):
        if left.is_file():
            left.unlink()
    for words in ("ticket list", "demo"):
        assert "not there any more, but backups are" in run(words, code=4).err
    assert not (tmp_path / "desk.db").exists()
    run("restore --newest --yes", as_=None)
    assert run("check", as_=None).code == 0


def test_a_copy_that_is_not_whole_is_not_put_back(run: Run, tmp_path: Path) -> None:
    copy = Path(run("backup --json", as_=None).record["file"])
    before = (tmp_path / "desk.db").read_bytes()
    copy.write_bytes(copy.read_bytes()[:-5000])
    assert run(f"restore {copy} --yes", as_=None, code=4).err
    assert "no backup" in run("restore --newest --yes", as_=None, code=1).err
    assert (tmp_path / "desk.db").read_bytes() == before
