"""From the catalogue's ids to rules and tests: what is missing is said, and fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk import resources, rulebook
from desk.cli import coverage as command
from desk.rulebook.coverage import coverage
from tests.commandline import runner


def test_every_id_has_its_rule_and_its_test_or_a_reason() -> None:
    rows = command.rows()
    assert {row.id: row.gap for row in rows if row.gap} == {}
    numbers = [row.id for row in rows if row.id[0] in "DRT"]
    assert (numbers[0], numbers[70], numbers[71], numbers[-1], len(numbers)) == ("D-01", "D-71", "R-01", "T-19", 124)
    # what is no rule is not a rule as well
    assert [row.id for row in rows if row.why is not None and row.carriers] == []
    assert all(row.why["zh"] and row.why["en"] for row in rows if row.why is not None)


def test_a_word_without_a_figure_has_a_rule_that_gives_it_one() -> None:
    """Annex b4: each such word is a paragraph; its rule's limit or round is the estate's figure for it."""
    words = {row.id: row for row in command.rows() if row.word}
    assert len(words) == 64
    book = rulebook.load(resources.path("rulebooks/residential.toml"))
    for ident in ("S0-04", "S0-05", "S0-06", "S0-36", "S0-51", "S0-54", "S0-55", "S0-80"):
        carried = [book.rules[each.id] for each in words[ident].carriers if each.rulebook == "residential"]
        assert any(rule.within.figures() for rule in carried), ident


BOOK = """calendar = "x"
[[rule]]
id = "a.held"
source = ["D-01"]
title = "t"
on = "ticket.opened"
until = ["ticket.closed"]
within = "1 day"
by = "agent"
[[rule]]
id = "a.untested"
source = ["D-02"]
title = "t"
on = "ticket.told"
until = ["ticket.closed"]
within = "1 day"
by = "agent"
"""
CATALOGUE = '[count]\nD = 4\n[words]\nS0-01 = "及时"\n[not_here.D-03]\nzh = "人判断"\nen = "People judge it"\n'


def test_gaps(tmp_path: Path) -> None:
    (tmp_path / "book.toml").write_text(BOOK, "utf-8")
    (tmp_path / "catalogue.toml").write_text(CATALOGUE, "utf-8")
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_a.py").write_text('CASES = [\n    ("x", "a.held"),\n]\n', "utf-8")
    books = {"book": rulebook.load(tmp_path / "book.toml")}
    rows = coverage(books, tmp_path / "catalogue.toml", tests)
    assert [(row.id, row.gap) for row in rows] == [
        ("D-01", ""),
        ("D-02", "test"),
        ("D-03", ""),
        ("D-04", "rule"),
        ("S0-01", "rule"),
    ]
    assert rows[0].tests == ("tests/test_a.py:2",)
    # installed, there are no tests to look through: that is no gap
    bare = coverage(books, tmp_path / "catalogue.toml", None)
    assert [row.id for row in bare if row.gap] == ["D-04", "S0-01"]


def test_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runner(tmp_path / "no.db")
    ran = run("rules coverage --json", code=None)
    found = {row["id"]: row for row in ran.record}
    assert found["D-59"]["rules"] == ["work-orders:repair.claim"]
    assert found["D-59"]["tests"][0].startswith("tests/test_")
    assert found["T-08"]["not_here"].startswith("A rate")
    assert ran.code == int(any(row["gap"] for row in found.values()))
    assert "由人判断" in run("rules coverage --lang zh", code=None).out
    # in the wheel the data stands inside the package
    (tmp_path / "desk" / "_data").mkdir(parents=True)
    for name in ("rulebooks", "catalogue.toml"):
        (tmp_path / "desk" / "_data" / name).symlink_to(resources.path(name))
    monkeypatch.setattr(resources, "root", lambda: tmp_path / "desk" / "_data")
    ran = run("rules coverage --gaps", code=None)
    assert "no tests beside this installation" in ran.err
