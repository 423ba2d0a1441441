"""A whole day under the manual ``serviced-apartment`` at the command line: from ``desk init`` to the week's four rates.

One store, one day, told in its order; what is due is read from ``desk due --json`` and held against the manual's
figures. The desk never closes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from desk import demo
from desk.models import Event, Staff
from desk.queries.meeting import meeting_list
from desk.store import Store
from tests.commandline import CommandLine

PEOPLE = """房号,姓名,电话,身份,类型
A-1201,张伟,13800002211,业主,住宅
A-1202,刘芳,13800002212,租户,住宅
"""
FIVE: dict[str, Any] = {
    "working_time": "半小时",
    "effects": "停水十分钟",
    "protection": "铺防水布",
    "cooperation": "请清空水槽",
    "charges": "人工30元,材料另计",
}


@pytest.fixture
def desk(tmp_path: Path) -> CommandLine:
    """An estate founded the evening before, its people brought in."""
    line = CommandLine(tmp_path / "desk.db", as_="李静", day="2026-03-02")
    staff = ["李静:agent", "陈晓:agent", "周敏:supervisor", "吴涛:manager", "王强:technician", "郑洁:cleaner"]
    staff += [
        "冯磊:engineering_supervisor",
        "孙立:team_leader",
        "赵刚:security",
        "钱勇:specialist",
        "高峰:department_head",
    ]
    line("init", at="2026-03-01 19:00", name="阳光公寓", rulebook="serviced-apartment", language="zh", staff=staff)
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE, "utf-8")
    line("import", "people", str(people), at="2026-03-01 19:05", as_="周敏")
    return line


def test_a_day(desk: CommandLine) -> None:
    night(desk)
    immediate = repair(desk)
    booked(desk)
    asked(desk)
    second(desk)
    stuck(desk)
    evening(desk, immediate)
    week(desk)


def night(desk: CommandLine) -> None:
    """At three in the morning: 90 seconds, rung by the list, directed, gone first and signed for later (S3-18, S3-19, S3-24)."""
    number = desk.open("fire", "3:00", place="12楼走廊", what="走廊冒烟", urgent=True, person="张伟")
    due = desk.due("3:00", number)
    assert due["urgent.responsible"] == due["urgent.superior"] == ("03:01", "soon", 0)  # D-48
    assert due["urgent.direct"] == ("03:05", "soon", 0)
    assert "relay.read_back" not in due
    assert desk.due("3:02", number)["urgent.superior"][1] == "overdue"
    assert [(row["role"], row["rung_at"]) for row in desk("oncall", number, at="3:00", json=True).record] == [
        ("responsible", None),
        ("superior", None),
    ]
    desk.do("ring", number, "3:00", whom="周敏", role="superior", answered=False)
    listed = desk("oncall", number, at="3:00").out
    assert "not rung yet" in listed
    assert "no answer 03:00" in listed
    desk.do("ring", number, "3:00", whom="赵刚", role="responsible")
    desk.do("ring", number, "3:01", whom="周敏", role="superior")
    desk.do("direct", number, "3:01", direction="关闭12楼新风,疏散住客", whom="赵刚", flow="火警")
    due = desk.due("3:02", number)
    assert not {"urgent.responsible", "urgent.superior", "urgent.direct"} & due.keys()
    assert due["site.ten_minutes"] == ("03:10", "soon", 0)  # D-51
    desk.do("arrive", number, "3:06", by="赵刚")
    assert desk.due("3:07", number)["slip.sign_later"] == ("03:36", "soon", 0)
    desk.do("diagnose", number, "3:08", by="赵刚", diagnosis="垃圾桶阴燃")
    desk.do("sign-out", number, "3:20", by="赵刚")
    desk.do("plan", number, "3:20", by="赵刚", plan="已灭火,通风")
    desk.do("explain-plan", number, "3:21", by="赵刚", **FIVE)
    finish(desk, number, "3:30", "赵刚")
    assert desk.show(number, "3:40")["status"] == "closed"


def finish(desk: CommandLine, number: str, at: str, by: str, *, charge: int = 0, signed_by: str = "张伟") -> None:
    """Done, signed, back, checked, called back, all within ten minutes of ``at`` (a time ending in 0)."""
    hour = at[:-1]
    desk.do("complete", number, f"{hour}0", by=by, result="已处理", materials="无", charge=charge)
    desk.do("sign-off", number, f"{hour}2", by=by, signed_by=signed_by, opinion="满意")
    desk.do("return-slip", number, f"{hour}5", by=by)
    desk.do("check-slip", number, f"{hour}5")
    desk("callback", number, at=f"{hour}6", outcome="satisfied", answer=["agrees=yes"])


def repair(desk: CommandLine) -> str:
    """An immediate service, every limit of the slip's life in turn (S3-16…S3-41)."""
    number = desk.open("repair", "8:01", received_at="8:00", person="张伟", what="厨房水龙头滴水")
    due = desk.due("8:01", number)
    assert "entry.minute" not in due  # D-47: entered within the minute
    assert due["relay.read_back"] == ("08:03", "soon", 0)  # D-49
    assert due["meeting.same_day"] == ("03-03 00:00", "later", 0)  # D-56
    assert desk.due("8:04", number)["relay.read_back/1"] == ("08:08", "soon", 1)
    desk.do("relay", number, "8:02", to="王强", means="phone")
    due = desk.due("8:03", number)
    assert due["slip.sign_out"] == ("08:07", "soon", 0)
    assert due["site.ten_minutes"] == ("08:12", "soon", 0)  # D-51
    desk.do("arrive", number, "8:05", by="王强", expect=3)  # the slip first (S3-22)
    desk.do("sign-out", number, "8:06", by="王强")
    desk.do("arrive", number, "8:10", by="王强")
    desk.do("diagnose", number, "8:15", by="王强", diagnosis="垫圈老化")
    assert desk.due("8:16", number)["plan.three_minutes"] == ("08:18", "soon", 0)  # D-54
    desk.do("plan", number, "8:17", by="王强", plan="换垫圈", instruction="水暖-03")
    desk.do("start", number, "8:18", by="王强", expect=3)  # nothing agreed yet (S3-31)
    desk.do("explain-plan", number, "8:19", by="王强", chargeable=True, expect=1, **FIVE)  # the price list (S3-30)
    desk.do("explain-plan", number, "8:19", by="王强", effects="停水", expect=3)  # all five points (S3-29)
    desk.do("explain-plan", number, "8:19", by="王强", chargeable=True, price_shown=True, **FIVE)
    desk.do("start", number, "8:20", by="王强")
    desk.do("complete", number, "8:40", by="王强", result="已换垫圈", materials="垫圈1个")
    desk.do("sign-off", number, "8:42", by="王强", signed_by="张伟", opinion="很快")
    assert desk.due("8:43", number)["slip.back"] == ("08:52", "soon", 0)  # D-57
    desk.do("return-slip", number, "8:45", by="王强")
    assert desk.due("8:45", number)["callback.two_minutes"] == ("08:47", "soon", 0)  # D-58
    assert "Amount charged" in desk.do("check-slip", number, "8:45", expect=1).err
    desk("callback", number, at="8:46", outcome="satisfied", expect=3)  # not before it is checked (S3-39)
    desk.do("check-slip", number, "8:46", charge=30)
    desk.do("close", number, "8:46", yes=True, expect=1)  # not before the source agrees (S3-05)
    desk("callback", number, at="8:47", outcome="satisfied", answer=["repaired=yes", "charged=yes", "agrees=yes"])
    shown = desk.show(number, "8:48")
    assert (shown["status"], shown["facts"]["charge"]) == ("closed", 30)
    assert desk.due("8:48", number) == {}
    return number


def booked(desk: CommandLine) -> None:
    """Confirmed 15 minutes ahead, there 3 to 5 minutes early, signed for before the time (S3-17, S3-23, S3-26)."""
    number = desk.open("cleaning", "9:00", person="刘芳", what="客厅地毯清洗", appointment="14:00")
    desk.do("relay", number, "9:01", to="郑洁")
    assert desk.due("9:02", number) == {
        "visit.confirm": ("13:45", "later", 0),  # D-52
        "visit.early": ("13:57", "later", 0),  # D-53
        "slip.sign_out_booked": ("14:00", "later", 0),  # D-50
    }
    desk("ticket", "confirm", number, at="13:44", by="郑洁")
    desk.do("sign-out", number, "13:50", by="郑洁")
    assert desk.due("13:56", number)["visit.early"] == ("13:57", "soon", 0)
    desk.do("arrive", number, "13:56", by="郑洁")
    assert desk.due("13:57", number).keys() == {"site.diagnose", "meeting.booked_day"}
    finish(desk, number, "14:40", "郑洁", charge=80, signed_by="刘芳")


def asked(desk: CommandLine) -> None:
    """A colleague's entry, the supervisor asked, the reply in five minutes, closed when the source agrees (S3-06, S3-13)."""
    words = {"first_contact": "赵刚", "received_at": "9:20", "source": "department"}
    number = desk.open("inquiry", "9:30", person="刘芳", what="能否延迟退房", **words)
    shown = desk.show(number, "9:30")
    assert (shown["first_contact"], shown["owner"]) == ("赵刚", "赵刚")
    assert desk.due("9:31", number)["reply.at_once"] == ("09:35", "soon", 0)
    desk.do("ask-supervisor", number, "9:32", whom="周敏", question="可延到几点")
    assert desk.due("9:33", number) == {"reply.after_asking": ("09:37", "soon", 0)}  # D-46
    desk.do("answer", number, "9:36", answer="可延到14点", expect=3)
    desk.do("answer", number, "9:36", answer="可延到14点", yes=True)
    assert desk.show(number, "9:37")["status"] == "closed"


def second(desk: CommandLine) -> None:
    """Handed down, rejected, handled a second time, not agreed on the telephone, agreed at the door (S3-04, S3-38, S3-41)."""
    number = desk.open("repair", "10:00", person="刘芳", what="空调漏水")
    desk.do("delegate", number, "10:01", to="冯磊", node="查冷凝管")
    assert desk.due("10:02", number)["delegation.taken"] == ("10:06", "soon", 0)
    desk.do("take-over", number, "10:03", by="王强", expect=1)
    desk.do("take-over", number, "10:03", by="冯磊")
    desk.do("delegate", number, "10:04", by="冯磊", to="王强")
    desk.do("decline", number, "10:05", by="王强", reason="在别的房间")
    shown = desk.show(number, "10:06")
    assert (shown["first_contact"], shown["owner"]) == ("李静", "冯磊")
    assert [link["name"] for link in shown["chain"]] == ["李静", "冯磊"]
    desk.do("relay", number, "10:06", to="王强")
    desk.do("sign-out", number, "10:08", by="王强")
    desk.do("arrive", number, "10:14", by="王强")
    desk.do("complete", number, "10:40", by="王强", result="疏通", materials="无", charge=0)
    desk.do("reject", number, "10:45", by="王强", reason="还在滴")
    assert desk.due("10:46", number)["accept.second"] == ("10:50", "soon", 0)
    desk.do("start", number, "10:47", by="王强", yes=True)
    desk.do("complete", number, "11:10", by="王强", result="换接头", materials="接头1个", charge=0)
    desk.do("sign-off", number, "11:12", by="王强", signed_by="刘芳")
    desk.do("return-slip", number, "11:15", by="王强")
    desk.do("check-slip", number, "11:15")
    desk("callback", number, at="11:16", outcome="unanswered")
    assert desk.due("11:17", number)["callback.again"] == ("11:46", "soon", 0)
    desk("callback", number, at="11:40", outcome="refused", means="phone")
    assert desk.due("11:41", number) == {"close.agreement": ("12:10", "soon", 0)}
    desk.do("source-agrees", number, "12:00", who="刘芳", means="visit")
    assert desk.show(number, "12:01")["status"] == "closed"


def stuck(desk: CommandLine) -> None:
    """Cannot be handled: the supervisor in five minutes, the managers' meeting the same day (S3-32, S3-33)."""
    number = desk.open("repair", "15:00", person="张伟", what="主管道渗水")
    desk.do("relay", number, "15:01", to="王强")
    desk.do("sign-out", number, "15:03", by="王强")
    desk.do("arrive", number, "15:09", by="王强")
    desk.do("cannot", number, "15:20", by="王强", reason="主管道锈穿", beyond=True)
    due = desk.due("15:21", number)
    assert due["stuck.supervisor"] == ("15:25", "soon", 0)  # D-55
    assert due["meeting.beyond"] == ("16:20", "soon", 0)
    desk.do("report", number, "15:24", by="王强", whom="冯磊")
    desk.do("to-meeting", number, "15:50", by="高峰", matter="更换A座主管道", reason="需停水一天")
    (item,) = desk("report", "meeting", at="15:55", json=True).record
    assert (item["number"], item["matter"], item["reason"]) == (number, "更换A座主管道", "需停水一天")
    assert desk.due("16:00", number) == {"meeting.decides": ("03-03 15:50", "later", 0)}
    assert "更换A座主管道" in desk("report", "meeting", at="16:00").out


def evening(desk: CommandLine, closed: str) -> None:
    """The shift changes; what is open is followed up by the one who comes, the first contact stays (S3-09)."""
    desk("handover", "sign-out", at="19:50", notes="A座主管道明天上会", yes=True)
    desk("handover", "sign-in", at="20:00", as_="陈晓", differences="无")
    (number,) = [row["number"] for row in desk("ticket", "list", at="20:05", json=True, status="live").record]
    shown = desk.show(number, "20:05")
    assert (shown["first_contact"], shown["owner"]) == ("李静", "陈晓")
    assert [(link["name"], link["how"]) for link in shown["chain"]] == [("李静", "first"), ("陈晓", "shift")]
    assert "李静 > 陈晓" in desk("ticket", "show", number, at="20:05").out
    assert desk.show(closed, "20:05")["owner"] == "李静"
    desk.do("decide", number, "2026-03-03 09:30", by="吴涛", decision="周三换管")
    assert desk("report", "meeting", at="2026-03-03 09:31", json=True).record == []


def week(desk: CommandLine) -> None:
    """On Monday the week's four rates, each with what it is a share of, by week and month (S3-42, R-30)."""
    desk.day = "2026-03-09"
    assert desk.due("9:05")["rates.week"] == ("03-10 00:00", "later", 0)
    desk("day", "rate-week", at="9:10")
    assert "rates.week" not in desk.due("9:11")
    found = desk("report", "rates", "2026-03", at="9:15", json=True).record
    rates = {rate["id"]: (rate["part"], rate["count"]) for rate in found["rates"]}
    assert rates["satisfaction"] == (3, 3)
    assert rates["callback_rate"] == (4, 4)
    assert rates["pass_rate"] == (3, 4)  # one was handled a second time
    met, due = rates["timeliness"]
    assert 0 < met < due
    assert [week["first"] for week in found["weeks"]] == ["2026-03-01", "2026-03-02", "2026-03-09"]
    assert all(rate["of"] for rate in found["rates"])
    shown = desk("report", "rates", "2026-03", at="9:15").out
    assert "75.0% (3/4)" in shown
    assert "of the matters done" in shown


def test_the_demonstration_lives_through_it(tmp_path: Path) -> None:
    """Shifts round the clock hand over to each other; every scene of the manual happens, at the counter or at night."""
    with Store.open(tmp_path / "demo.db", create=True) as store:
        ledger = demo.load(store, datetime(2026, 11, 24, 2, 24, tzinfo=UTC), manual="serviced-apartment")
        with store.read() as session:
            (item,) = meeting_list(ledger, session)
            names = set(session.exec(select(Event.name)))
            there = {duty for duties in session.exec(select(Staff.duties)) for duty in duties}
    assert "立管" in item.matter
    assert {"ticket.rung", "ticket.directed", "ticket.signed_out", "ticket.source_agreed"} <= names
    assert {"ticket.transfer_accepted", "handover.signed_in"} <= names
    table = {row.who for row in ledger.book.responsible} | {row.superior for row in ledger.book.responsible}
    assert table <= there | {None}
