"""``desk backup``: a copy that opens by itself, and never over anything."""

from __future__ import annotations

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
    assert [copy.parent for copy in made[1:]] == [tmp_path, tmp_path / "kept"]
    assert all(re.fullmatch(r"desk-\d{8}-\d{6}\.db", copy.name) for copy in made[1:])
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
