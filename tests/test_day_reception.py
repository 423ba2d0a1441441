"""A whole day under the manual ``reception`` at the command line: from ``desk init`` to the last message passed on.

One store, one day, told in its order; what is due is read from ``desk due --json`` and ``desk visit board --json`` and
held against the manual's figures: three minutes of waiting, three of explaining, twice, twenty seconds on hold.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.commandline import Answer, CommandLine

PEOPLE = """楼栋,单元,房号,姓名,电话,身份
3,2,501,张伟,13800002211,业主
3,2,502,刘芳,13800002212,业主
"""


@pytest.fixture
def desk(tmp_path: Path) -> CommandLine:
    """An estate founded the evening before, its people brought in."""
    line = CommandLine(tmp_path / "desk.db", as_="李静", day="2026-03-02")
    staff = ["李静:agent", "陈晓:agent", "周敏:director", "吴涛:office_director", "王强:technician", "孙工:specialist"]
    line("init", at="2026-03-01 18:00", name="阳光花园", rulebook="reception", language="zh", staff=staff)
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE, "utf-8")
    line("import", "people", str(people), at="2026-03-01 18:05", as_="周敏")
    return line


def test_a_day(desk: CommandLine) -> None:
    busy_counter(desk)
    telephone(desk)
    question(desk)
    host(desk)
    repair(desk)
    outside(desk)
    cannot_come(desk)
    mistakes(desk)
    evening(desk)


def visit(desk: CommandLine, verb: str, at: str, *words: str, expect: int = 0, **values: Any) -> Answer:
    return desk("visit", verb, *words, at=at, expect=expect, **values)


def arrive(desk: CommandLine, at: str, **values: Any) -> str:
    return str(visit(desk, "arrive", at, json=True, **values).record["number"])


def board(desk: CommandLine, at: str) -> dict[str, tuple[str, str]]:
    """Who is there: state, and who is with them."""
    found = visit(desk, "board", at, json=True).record["visits"]
    return {row["number"]: (row["status"], row["served_by"]) for row in found}


def busy_counter(desk: CommandLine) -> None:
    """Somebody is being served, another comes (S1-05, S1-06, S1-09)."""
    first = arrive(desk, "8:31", matter="payment", person_name="张伟")
    assert first == "W-260302-001"
    assert desk.due("8:31", first) == {"visit.wait": ("08:34", "soon", 0)}
    visit(desk, "serve", "8:32", first)
    second = arrive(desk, "8:40")  # nothing known: two keys
    assert desk.due("8:42", second) == {"visit.wait": ("08:43", "soon", 0)}
    visit(desk, "send-off", "8:42", first, satisfied=True)
    visit(desk, "serve", "8:42", "2")
    assert board(desk, "8:43") == {second: ("served", "李静")}
    assert desk.due("8:50", second) == {}

    third = arrive(desk, "8:45", person_name="刘芳", matter="move_in")
    late = {"visit.wait": ("08:48", "overdue", 1), "visit.wait/1": ("08:49", "soon", 1)}
    assert desk.due("8:48:30", third) == late
    shown = desk("step", "visit.wait", number="3", step=1, at="8:48:35", note="同事在路上").out
    assert shown == "Acknowledged.\n"
    visit(desk, "call-colleague", "8:48:40", third, whom="陈晓")
    assert board(desk, "8:49") == {second: ("served", "李静"), third: ("served", "陈晓")}
    assert desk.due("8:50", third) == {}
    urgent = arrive(desk, "8:50", urgent=True)
    assert desk.due("8:50", urgent) == {"visit.urgent": ("08:51", "soon", 0)}
    visit(desk, "call-colleague", "8:50:30", urgent, whom="陈晓")
    for number in (second, third, urgent):
        visit(desk, "send-off", "8:58", number, satisfied=True)
    assert board(desk, "8:59") == {}


def telephone(desk: CommandLine) -> None:
    """On the line with one, another waits: twenty seconds on hold while a colleague is found (S1-07, S1-08)."""
    call = arrive(desk, "9:00", channel="phone", person_name="王女士")
    waits = arrive(desk, "9:01")
    assert desk.due("9:01", waits) == {"visit.wait_phone": ("09:04", "soon", 0)}
    found = visit(desk, "board", "9:01", json=True).record
    assert found["busy"] == [{"name": "李静", "number": call, "phone": True}]
    visit(desk, "hold", "9:03:10", call)
    assert desk.due("9:03:20", call) == {"visit.hold": ("09:03", "soon", 0)}
    assert desk.due("9:03:31", call) == {"visit.hold": ("09:03", "overdue", 0)}
    visit(desk, "call-colleague", "9:03:25", waits, whom="陈晓")
    visit(desk, "back", "9:03:29", call)
    assert desk.due("9:05", call) == desk.due("9:05", waits) == {}
    assert "not on hold" in visit(desk, "back", "9:05", call, expect=1).err
    for number in (call, waits):
        visit(desk, "send-off", "9:08", number)


def question(desk: CommandLine) -> None:
    """Explained for three minutes, then the director, then the management office (S1-57…S1-59)."""
    asks = arrive(desk, "9:20", matter="question", person_name="赵敏")
    visit(desk, "serve", "9:20", asks)
    visit(desk, "pass-question", "9:21", asks, whom="孙工", question="公摊水电")
    assert desk.due("9:21", asks) == {"visit.answer": ("09:23", "soon", 0)}  # since somebody is with them
    late = {"visit.answer": ("09:23", "overdue", 1), "visit.answer/1": ("09:24", "soon", 1)}
    assert desk.due("9:23:30", asks) == late
    visit(desk, "upgrade", "9:23:40", asks)
    assert board(desk, "9:25") == {asks: ("upgraded", "周敏")}
    assert desk.due("9:25", asks) == {"visit.answer_director": ("09:26", "soon", 0)}
    visit(desk, "upgrade", "9:28", asks, reason="仍未说清")
    assert board(desk, "9:29") == {asks: ("upgraded", "吴涛")}
    assert "nobody further up" in visit(desk, "upgrade", "9:29", asks, expect=1).err
    visit(desk, "clear-answer", "9:31", asks)
    visit(desk, "send-off", "9:32", asks, satisfied=True)

    # not satisfied: it is asked before they are let go, and moves up at their wish (S1-03, S1-10)
    unhappy = arrive(desk, "9:40", matter="payment")
    visit(desk, "serve", "9:40", unhappy)
    assert "不满意" in visit(desk, "send-off", "9:44", unhappy, satisfied=False, expect=3, lang="zh").err
    visit(desk, "upgrade", "9:44", unhappy, upgrade_to="colleague", whom="陈晓", cause="insists")
    visit(desk, "send-off", "9:50", unhappy, satisfied=True)


def host(desk: CommandLine) -> None:
    """In, out, busy; a message, a telephone call (S1-52…S1-56)."""
    seen = arrive(desk, "10:00", matter="business", person_name="李总")
    visit(desk, "serve", "10:01", seen)
    assert desk.due("10:01", seen) == {"visit.host": ("10:03", "soon", 0)}
    visit(desk, "host-busy", "10:02", seen)
    assert desk.due("10:02", seen) == {"visit.tea": ("10:12", "soon", 0)}
    visit(desk, "tea", "10:11", seen)
    visit(desk, "host-in", "10:15", seen)
    assert (board(desk, "10:16"), desk.due("10:16", seen)) == ({seen: ("with_host", "")}, {})
    visit(desk, "send-off", "10:40", seen, satisfied=True)

    urgent = arrive(desk, "10:45", matter="business", urgent=True, person_name="消防队")
    visit(desk, "host-out", "10:45:20", urgent)
    assert desk.due("10:45:30", urgent) == {"visit.host_phone": ("10:46", "soon", 0)}
    visit(desk, "phone-host", "10:46", urgent, answer="十分钟后到")
    visit(desk, "host-in", "10:56", urgent)
    visit(desk, "send-off", "11:20", urgent)

    left = arrive(desk, "11:25", matter="business")
    visit(desk, "host-out", "11:26", left)
    visit(desk, "take-message", "11:28", left, person_name="钱", phone="13900000000", message="合同下周一签")
    visit(desk, "send-off", "11:29", left, satisfied=True)
    assert desk.due("11:30", left) == {"visit.message": ("18:00", "later", 0)}
    assert [each["name"] for each in visit(desk, "board", "11:30", json=True).record["messages"]] == ["钱"]


def repair(desk: CommandLine) -> None:
    """In-house: engineering called, minutes told, prices shown, when somebody is home (S1-29…S1-34)."""
    comes = arrive(desk, "11:32", matter="repair", person_name="张伟", room="3-2-501", note="水龙头漏水")
    opened = visit(desk, "open-ticket", "11:33", comes, json=True).record["opened"]
    assert opened == ["R-260302-001"]
    number = opened[0]
    shown = desk.show(number, "11:33")
    assert (shown["room"], shown["what"], shown["facts"]["visit"]) == ("3-2-501", "水龙头漏水", comes)
    assert desk.due("11:33", number) == {"repair.tell": ("11:38", "soon", 0)}
    desk.do("say-parts", number, "11:33", parts="company")
    desk.do("tell", number, "11:34", to="王强", means="phone")
    assert desk.due("11:34", number) == {"repair.promise": ("11:39", "soon", 0)}
    assert "价目表" in desk.do("tell-minutes", number, "11:35", lang="zh").err
    assert desk.due("11:35", number) == {"repair.inspect": ("12:05", "soon", 0)}
    desk.do("show-prices", number, "11:36")
    assert desk.do("appoint", number, "11:37", appointment="15:00").err == ""
    visit(desk, "send-off", "11:38", comes, satisfied=True)
    desk.do("arrive", number, "11:58", by="王强")
    assert desk.due("12:10", number) == {}
    desk.do("complete", number, "15:20", by="王强", result="换阀芯")
    desk.do("close", number, "15:30", yes=True)


def outside(desk: CommandLine) -> None:
    """Beyond engineering's ability: the trade's number on a note (S1-30, S1-38)."""
    comes = arrive(desk, "13:40", matter="repair", room="3-2-502", note="钢琴调音")
    number = visit(desk, "open-ticket", "13:41", comes, in_house=False, json=True).record["opened"][0]
    assert desk.due("13:41", number) == {"repair.refer": ("13:46", "soon", 0)}
    desk.do("refer-out", number, "13:42", trade="调音", number_given="021-55550000")
    assert (desk.show(number, "13:43")["status"], desk.due("13:43", number)) == ("closed", {})
    visit(desk, "send-off", "13:44", comes, satisfied=True)


def cannot_come(desk: CommandLine) -> None:
    """Another time, later than the one we offered; the second is kept (S1-35…S1-37, D-28, T-06, T-07)."""
    number = desk.open("repair", "13:50", room="3-2-501", what="门锁", appointment="2026-03-02 15:00", parts="customer")
    desk.do("tell", number, "13:51", to="王强")
    assert desk.due("13:52", number) == {"repair.visit": ("15:00", "later", 0), "repair.promise": ("13:56", "soon", 0)}
    desk.do("tell-minutes", number, "13:52", told_at="14:30")
    early = desk.do("rebook", number, "14:20", reason="抢修", appointment="15:30", offered="16:00", expect=1)
    assert "before the time we offered" in early.err
    desk.do("rebook", number, "14:20", reason="抢修", appointment="16:30", offered="16:00", agreed_by="张伟")
    desk.do("tell-minutes", number, "14:21", told_at="16:30", reason="抢修")
    second = {"repair.visit_second": ("16:30", "later", 0), "repair.inspect_second": ("16:30", "later", 0)}
    assert desk.due("14:25", number) == second
    assert desk.do("rebook", number, "16:00", reason="又忙", appointment="17:00", expect=3).err
    assert desk.due("16:31", number)["repair.visit_second"] == ("16:30", "overdue", 1)
    desk.do("arrive", number, "16:29", by="王强")  # was there in time, written down later
    assert desk.due("16:31", number) == {}


def mistakes(desk: CommandLine) -> None:
    """Put on the board twice, left unserved, a number nobody has."""
    twice = arrive(desk, "16:50")
    assert visit(desk, "undo", "16:51", twice, json=True).record["undone"] == ["visit.arrived"]
    assert "no visit" in visit(desk, "serve", "16:51", "99", expect=1).err
    gone = arrive(desk, "16:55")
    visit(desk, "gone", "17:05", gone)
    assert board(desk, "17:06") == {}


def evening(desk: CommandLine) -> None:
    """The message is passed on; the day's list says who came, how long they waited, how they left."""
    visit(desk, "pass-message", "17:30", "11")
    assert desk.due("17:31", "W-260302-011") == {}
    rows = visit(desk, "list", "17:35", json=True).record
    waited = {row["number"][-3:]: row["waited_seconds"] for row in rows}
    assert (len(rows), waited["001"], waited["003"]) == (14, 60, 220)
    assert {row["status"] for row in rows} == {"left"}
    found = visit(desk, "report", "17:40", json=True).record
    assert (found["visitors"], found["callers"], found["upgraded"]) == (13, 1, 3)
    assert (found["in_time"], found["unserved"], found["satisfied"]) == ([11, 13], [1, 13], [10, 10])
    assert (found["median"], found["longest"]) == (60, 220)
    assert found["causes"] == {"unexplained": 2, "insists": 1}
    told = visit(desk, "report", "17:40", from_="2026-03-01", to="2026-03-02").out
    assert all(word in told for word in ("11/13", "85%"))
    shown = visit(desk, "show", "17:35", "3", json=True).record
    assert [event["name"] for event in shown["events"]][:2] == ["visit.arrived", "escalation.fired"]
