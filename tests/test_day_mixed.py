"""A whole day under manuals mixed (annex a): complaints as in seed 000, repairs from the pool as in seed 004.

The example rulebook says what is taken from where; what each setting decides (how work is given out, when a record
closes, who owns it, the retry rule, callback windows, opening hours) is read from the board and the tickets.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from desk import resources
from desk.errors import Refusal
from desk.rulebook import load
from tests.commandline import CommandLine

EXAMPLE = resources.path("examples/complaints-and-pool.toml")


def find(name: str) -> Path:
    return resources.path(f"rulebooks/{name}.toml")


@pytest.fixture
def desk(tmp_path: Path) -> CommandLine:
    line = CommandLine(tmp_path / "desk.db", as_="李静", day="2026-03-02")
    staff = ["李静:agent", "陈晓:agent", "周敏:supervisor", "吴涛:manager", "王强:technician", "孙丽:department_head"]
    staff += ["冯磊:engineering_supervisor", "孙立:repair_team_leader"]
    line("init", at="2026-03-01 18:00", name="阳光花园", rulebook=str(EXAMPLE), language="zh", staff=staff)
    line("roster", "plan", at="2026-03-01 18:10", who="李静", from_="2026-03-02", days=1)
    return line


def test_a_day(desk: CommandLine) -> None:
    desk("roster", "arrive", at="7:40")
    assert desk.due("8:00")["day.report"] == ("17:00", "later", 0)  # opening hours: of the first
    repair(desk)
    complaint(desk)
    evening(desk)


def repair(desk: CommandLine) -> None:
    """From the pool, in five minutes, with a code; closed when done and called back at once, twice at most."""
    number = desk.open("repair", "8:05", room="3-2-501", person="张伟", what="厨房漏水", phone="13800002211")
    due = desk.due("8:06", number)
    assert due["repair.claim"] == ("08:10", "soon", 0)  # D-59
    assert due["repair.movement"] == ("10:05", "later", 0)  # D-61
    assert not {"repair.tell", "matter.same_day"} & due.keys()  # nothing of the first manual's repairs
    desk.do("claim", number, "8:08", by="王强")
    shown = desk.show(number, "8:09")
    assert (shown["owner"], shown["assignee"]) == ("李静", "王强")  # who owns it: whoever took it down
    desk.do("verify", number, "9:00", by="王强", code=shown["facts"]["code"])
    desk.do("complete", number, "9:30", by="王强")
    assert desk.show(number, "9:31")["status"] == "closed"  # when a record closes: before its callback
    assert desk.due("9:31", number) == {"callback.at_once": ("09:40", "soon", 0)}  # D-62
    desk("callback", number, at="9:35", outcome="unanswered")
    assert desk.due("9:36", number) == {"callback.again": ("11:35", "later", 0)}
    desk("callback", number, at="11:30", outcome="unanswered")
    assert desk.due("11:31", number) == {}  # T-16


def complaint(desk: CommandLine) -> None:
    """A contact sheet, three grades, the result told the same day, closed after a callback within two days."""
    number = desk.open(
        "complaint", "9:00", room="3-2-502", person="刘芳", what="夜间施工", complained_department="工程部"
    )
    due = desk.due("9:01", number)
    assert due["complaint.sheet"] == ("10:00", "soon", 0)
    assert due["matter.same_day"] == ("17:00", "later", 0)
    assert not {"complaint.contact", "complaint.handled", "unfinished.publish"} & due.keys()  # not the second's
    desk.do("send-sheet", number, "9:10", department="工程部")
    desk.do("grade", number, "9:30", grade="important")
    assert desk.due("9:31", number)["complaint.important_to_head"] == ("10:00", "soon", 0)  # D-17
    assert desk.due("9:31", number)["complaint.important_solved"] == ("03-05 09:00", "later", 0)  # D-18
    desk.do("pass-to-head", number, "9:40", whom="孙丽")
    desk.do("report-handling", number, "13:30", handling="已停工")
    desk.do("complete", number, "14:00", result="夜间停工")
    assert desk.due("14:01", number)["complaint.tell_result"] == ("17:00", "later", 0)  # D-20
    desk.do("tell-result", number, "14:10", means="phone")
    assert desk.show(number, "14:11")["status"] != "closed"
    assert desk.due("14:11", number) == {"complaint.callback": ("03-04 14:00", "later", 0)}
    desk("callback", number, at="15:00", outcome="satisfied", answer=["contacted=yes", "solved=yes"])
    assert desk.show(number, "15:01")["status"] == "closed"
    assert desk.due("15:01", number).keys() == {"callback.review", "complaint.file"}


def evening(desk: CommandLine) -> None:
    """Orders are swept (004), what else is open is carried over with its reason (000), the sheet is signed."""
    order = desk.open("repair", "16:00", room="3-2-501", person="张伟", what="灯不亮")
    question = desk.open("inquiry", "16:10", what="装修押金何时退")
    desk.do("claim", order, "16:05", by="王强")
    assert desk.due("16:30")["day.sweep"] == ("17:00", "soon", 0)
    desk.do("promise", order, "16:35", promised_at="2026-03-03 10:00")
    desk("day", "sweep", at="16:40")
    desk("day", "report", at="16:45")
    desk.do("carry-over", question, "16:50", reason="财务已下班", note="押金单在财务,明早问清答复")
    assert desk.due("16:51", question)["matter.next_day"] == ("03-03 08:00", "later", 0)
    desk("handover", "sign-out", at="16:55", notes="无", yes=True)  # the swept order is asked about
    assert desk.due("2026-03-03 10:01", order)["unfinished.promise"] == ("03-03 10:00", "overdue", 1)


def test_a_part_brings_its_rules_and_their_figures_but_no_settings() -> None:
    book = load(EXAMPLE, find)
    sources = {rule_id: rule.source for rule_id, rule in book.rules.items()}
    assert all(ident.startswith("S4") for ident in sources["repair.claim"][:1])
    assert not any(rule.startswith("repair.callback") for rule in book.rules)
    assert "grade" not in book.figures
    assert book.settings["callback_attempts"] == 2
    assert "handler_first" not in book.settings


@pytest.mark.parametrize(
    ("extends", "code", "word"),
    [
        ('[{ from = "residential", only = ["repare.*"] }]', "rulebook.part_unknown", "repare.*"),
        ('[{ from = "residential", olny = ["repair"] }]', "rulebook.unknown_key", "olny"),
        ('[{ only = ["repair"] }]', "rulebook.bad_shape", None),
        ('[{ from = "residential", only = "repair" }]', "rulebook.bad_shape", None),
        ("3", "rulebook.bad_shape", None),
    ],
)
def test_a_part_that_cannot_be_taken_is_told(tmp_path: Path, extends: str, code: str, word: str | None) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f"extends = {extends}\n")
    with pytest.raises(Refusal) as refused:
        load(path, find)
    assert refused.value.code == code
    assert word is None or refused.value.params["word"] == word
