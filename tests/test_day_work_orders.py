"""A whole day under the manual ``work-orders`` at the command line: from ``desk init`` to the handover taken over.

One store, one day, told in its order; what is due is read from ``desk due --json`` and held against the manual's
figures. The desk is open every day from 8:00 to 18:00.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commandline import CommandLine

PEOPLE = """房号,姓名,电话,身份,类型
3-2-501,张伟,13800002211,业主,住宅
3-2-502,刘芳,13800002212,业主,住宅
商铺12,何琳,13800002213,租户,商铺
"""


@pytest.fixture
def desk(tmp_path: Path) -> CommandLine:
    """An estate founded the evening before, its people brought in."""
    line = CommandLine(tmp_path / "desk.db", as_="李静", day="2026-03-02")
    staff = ["李静:agent", "陈晓:agent", "周敏:supervisor", "吴涛:manager", "王强:technician", "赵刚:technician"]
    staff += [
        "冯磊:engineering_supervisor",
        "孙立:repair_team_leader",
        "郑洁:specialty_supervisor",
        "钱勇:project_manager",
    ]
    staff += ["林敏:complaint_specialist", "许静:quality_specialist", "高峰:leader_in_charge"]
    line("init", at="2026-03-01 19:00", name="阳光花园", rulebook="work-orders", language="zh", staff=staff)
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE, "utf-8")
    line("import", "people", str(people), at="2026-03-01 19:05", as_="周敏")
    return line


def test_a_day(desk: CommandLine) -> None:
    desk("roster", "arrive", at="7:50")
    pool(desk)
    full(desk)
    incidents(desk)
    complaints(desk)
    evening(desk)


def pool(desk: CommandLine) -> None:
    """Claimed or chased, the code at the door, paused and resumed, extra work, the callback (S4-03…S4-15, S4-48…S4-54)."""
    number = desk.open("repair", "8:05", person="张伟", what="厨房水管漏水", appointment="10:30")
    code = desk.show(number, "8:05")["facts"].get("code")
    assert desk.due("8:06", number) == {
        "repair.claim": ("08:10", "soon", 0),  # D-59
        "repair.tell_code": ("08:10", "soon", 0),
        "repair.movement": ("10:05", "later", 0),  # D-61
        "repair.appointment": ("10:30", "later", 0),
        "unfinished.publish": ("03-03 08:05", "later", 0),  # D-67
    }
    desk.do("tell-code", number, "8:07")
    late = desk.due("8:11", number)
    assert late["repair.claim"] == ("08:10", "overdue", 1)
    assert late["repair.claim/1"] == ("08:15", "soon", 1)
    assert desk.due("8:16", number)["repair.claim"] == ("08:10", "overdue", 2)
    desk.do("chase", number, "8:12", whom="冯磊", answer="派王强去")
    assert "repair.claim/1" not in desk.due("8:16", number)
    desk.do("claim", number, "8:13", as_="李静", by="李静", expect=1)  # an agent claims no orders
    desk.do("claim", number, "8:13", by="王强")
    mine = desk.due("8:14", number)
    assert "repair.claim" not in mine
    assert mine["repair.contact"] == ("08:43", "soon", 0)
    assert mine["unfinished.tell"] == ("18:00", "later", 0)  # D-64
    desk.do("claim", number, "8:14", by="赵刚", expect=1)

    # the same worker claims while at work: the next household within 30 minutes (D-71)
    busy = desk.open("repair", "8:20", person="刘芳", what="插座没电")
    desk.do("claim", busy, "8:22", by="王强")
    assert desk.due("8:23", busy)["repair.next_job"] == ("08:52", "soon", 0)
    assert desk.due("8:53", busy)["repair.next_job"] == ("08:52", "overdue", 1)
    desk.do("ask-help", busy, "8:45", by="王强", whom="孙立")
    assert "repair.next_job" not in desk.due("8:53", busy)
    desk.do("assign", busy, "8:50", by="孙立", assignee="赵刚")
    assert desk.due("8:51", busy)["repair.accept"] == ("08:55", "soon", 0)  # D-60
    assert desk.due("8:56", busy)["repair.accept/1"] == ("09:00", "soon", 1)
    desk.do("accept", busy, "8:52", by="赵刚")
    assert "repair.accept" not in desk.due("8:56", busy)

    # no code to be had: the worker telephones, the desk says why (S4-10)
    desk.do("override", busy, "9:10", reason="", expect=1)
    desk.do("override", busy, "9:10", reason="业主手机停机")
    assert desk.show(busy, "9:11")["status"] == "working"

    # at the door: only the right code opens the work (S4-09)
    desk.do("contact", number, "10:00", by="王强", consent=True)
    desk.do("start", number, "10:20", by="王强", expect=1)
    desk.do("verify", number, "10:20", by="王强", code="x", expect=1)
    assert code is not None
    desk.do("verify", number, "10:20", by="王强", code=code)
    working = desk.due("10:31", number)
    assert not {"repair.movement", "repair.appointment", "repair.contact", "repair.tell_code"} & working.keys()
    desk.do("helper", number, "10:25", by="王强", helper="老陈")
    desk.do("extra", number, "10:30", by="王强", extra="顺手换水龙头垫片")
    linked = desk.do("extra-order", number, "10:32", by="王强", extra="卫生间吊顶松动", json=True).record["opened"]
    assert len(linked) == 1
    assert desk.show(linked[0], "10:33")["room"] == "3-2-501"
    desk.do("helper-left", number, "10:50", by="王强")

    # cannot be finished: the reason, the customer told, nothing runs while it rests, but the 24 hours (S4-13, S4-29)
    desk.do("pause", number, "10:55", reason="parts", note="缺阀门")
    assert desk.due("10:56", number)["repair.delay_told"] == ("11:25", "soon", 0)
    desk.do("explain", number, "11:00", note="下午到货", means="phone")
    desk.do("resume", number, "14:00")
    rested = desk.due("14:01", number)
    assert rested["unfinished.publish"] == ("03-03 08:05", "later", 0)
    assert "repair.delay_told" not in rested
    desk.do("complete", number, "14:40", by="王强", result="更换阀门", materials="阀门1个")
    assert desk.due("14:41", number) == {"callback.at_once": ("14:50", "soon", 0)}  # D-62
    desk("callback", number, at="14:45", outcome="unanswered")
    assert desk.due("14:46", number) == {"callback.again": ("16:45", "later", 0)}
    desk("callback", number, at="16:40", outcome="unanswered")  # two in a row: no more calls (T-16)
    assert desk.due("16:41", number) == {}
    desk("callback", number, at="16:45", outcome="satisfied", expect=1)

    # an order named for one worker, who is busy and gives a rough time (S4-11, S4-12)
    named = desk.open("repair", "11:05", room="3-2-501", person="张伟", what="门锁不灵", named_worker="王强")
    desk.do("assign", named, "11:06", assignee="王强", named=True)
    desk.do("explain", named, "11:10", note="手上有活", expected_at="15:00")
    assert desk.show(named, "11:11")["facts"]["expected_at"]
    desk.do("accept", named, "11:12", by="王强")
    # two hours without movement: the team leader is chased (D-61)
    still = desk.due("13:06", named)
    assert still["repair.movement"] == ("13:05", "overdue", 1)
    assert still["repair.movement/1"] == ("13:35", "soon", 1)
    desk.do("chase", named, "13:10", whom="孙立", answer="三点到")
    desk.do("feedback", named, "13:20", by="王强", note="三点到")
    assert not {"repair.movement", "repair.movement/1"} & desk.due("13:36", named).keys()
    desk.do("override", named, "15:00", reason="业主外出,家人在")
    desk.do("complete", named, "15:30", by="王强")
    desk("callback", named, at="15:35", outcome="unsatisfied", why="还是不灵", answer=["repaired=no"])
    back = desk.show(named, "15:36")
    assert (back["status"], back["assignee"], back["facts"]["dispatch"]) == ("open", "", "told")
    assert desk.due("15:36", named)["callback.unsatisfied"] == ("16:05", "soon", 0)
    desk.do("report", named, "15:40", whom="周敏")
    assert "callback.unsatisfied" not in desk.due("15:41", named)
    desk.do("assign", named, "15:45", assignee="赵刚")

    # an appointment nobody kept is agreed anew with the owner (S4-07)
    missed = desk.open("repair", "11:20", room="3-2-502", what="窗户漏风", appointment="13:00")
    desk.do("claim", missed, "11:21", by="赵刚")
    assert desk.due("13:01", missed)["repair.appointment"] == ("13:00", "overdue", 1)
    desk.do("miss", missed, "13:02", reason="师傅未到")
    assert desk.due("13:03", missed)["repair.rebook"] == ("13:32", "soon", 0)
    desk.do("rebook", missed, "13:10", by="冯磊", appointment="2026-03-03 09:00", reason="师傅未到", agreed_by="刘芳")
    again = desk.due("13:11", missed)
    assert again["repair.appointment"] == ("03-03 09:00", "later", 0)
    assert "repair.rebook" not in again


def full(desk: CommandLine) -> None:
    """The workload full: earlier visits are asked about, a special fault is coordinated (S4-16, S4-17)."""
    desk("workload", "saturate", at="11:30", bookable_from="2026-03-03 09:00", told_by="孙立")
    number = desk.open("repair", "11:31", room="3-2-501", what="灯不亮")
    desk.do("appoint", number, "11:32", appointment="15:00", expect=3)
    desk.do("coordinate", number, "11:33", whom="冯磊")
    desk.do("appoint", number, "11:34", appointment="15:00", yes=True)
    assert desk.due("11:35", number)["repair.appointment"] == ("15:00", "later", 0)
    desk("workload", "free", at="11:50")
    desk("workload", "free", at="11:51", expect=1)
    desk.do("cancel", number, "11:55", reason="业主自己换了灯泡", expect=3)
    desk.do("cancel", number, "11:55", reason="业主自己换了灯泡", yes=True)
    assert desk.due("11:56", number) == {}


def incidents(desk: CommandLine) -> None:
    """Incidents to the specialty supervisor, a lift with somebody in it, faults the company finds (S4-18…S4-24, S4-30, S4-32)."""
    number = desk.open(
        "incident", "9:00", room="3-2-501", what="楼道灯罩掉落", source="department", source_department="保洁"
    )
    assert desk.due("9:01", number)["incident.send"] == ("09:05", "soon", 0)
    desk.do("tell", number, "9:02", to="郑洁", means="message")
    assert desk.due("9:03", number)["incident.accept"] == ("09:32", "soon", 0)
    desk.do("accept", number, "9:10", by="郑洁")
    (repair,) = desk.do("link-repair", number, "9:15", by="冯磊", order="更换灯罩", assignee="赵刚", json=True).record[
        "opened"
    ]
    linked = desk.show(repair, "9:16")
    assert (linked["kind"], linked["assignee"], linked["status"]) == ("repair", "赵刚", "assigned")
    desk.do("complete", number, "9:40", by="郑洁")
    assert desk.due("9:41", number) == {"callback.at_once": ("09:50", "soon", 0)}
    desk("callback", number, at="9:45", outcome="refused", note="不便接听")
    assert desk.due("9:46", number) == {}

    lift = desk.open("incident", "9:50", what="3号梯困人", place="3号楼2单元", lift=True, trapped=True)
    assert desk.show(lift, "9:50")["emergency"] is True
    for rule in ("lift.calm", "lift.contact", "lift.rescue"):  # D-63
        assert desk.due("9:50", lift)[rule][:2] == ("09:51", "soon")
    assert desk.due("9:53", lift)["lift.rescue"] == ("09:51", "overdue", 2)  # the manager within another minute
    desk.do("calm", lift, "9:50", means="phone")
    desk.do("tell-lift", lift, "9:51", by="冯磊", contact="电梯维保24小时电话")
    desk.do("send-rescue", lift, "9:51", by="冯磊", whom="赵刚")
    assert not {"lift.calm", "lift.contact", "lift.rescue"} & desk.due("9:53", lift).keys()
    desk.do("rescue-arrived", lift, "9:58")
    desk.do("freed", lift, "10:05")
    desk.do("complete", lift, "10:30")
    desk("callback", lift, at="10:35", outcome="satisfied", means="visit", answer=["handled=yes"])

    # a fault the engineers find needs approval before it becomes an order (S4-30)
    words = {"room": "3-2-501", "what": "消防水泵渗水", "area": "public", "source": "self_inspection"}
    desk("ticket", "open", "repair", at="10:40", expect=3, **words)
    desk("ticket", "open", "repair", at="10:40", approved_by="赵刚", expect=3, **words)
    own = desk.open("repair", "10:40", approved_by="冯磊", **words)
    shown = desk.show(own, "10:41")
    # in a public area nobody is there to give a code
    assert "code" not in shown["facts"]
    assert "repair.tell_code" not in desk.due("10:41", own)
    desk.do("claim", own, "10:42", by="王强")
    desk.do("start", own, "10:50", by="王强")
    desk.do("complete", own, "11:00", by="王强")
    desk("callback", own, at="11:05", outcome="hung_up")
    assert desk.show(own, "11:06")["status"] == "closed"


def complaints(desk: CommandLine) -> None:
    """Sent at once, accepted in 5 minutes, the customer heard in 15, above after 24 hours (S4-33…S4-41, D-68…D-70)."""
    number = desk.open(
        "complaint", "11:40", room="3-2-502", person="刘芳", phone="13800002212", what="保安态度差", definite_time=True
    )
    assert desk.due("11:41", number) == {
        "complaint.send": ("11:45", "soon", 0),
        "complaint.contact": ("11:55", "soon", 0),  # D-68
        "complaint.grade": ("12:10", "soon", 0),
        "complaint.handled": ("03-03 11:40", "later", 0),  # D-70
        "unfinished.publish": ("03-03 11:40", "later", 0),
    }
    desk.do("tell", number, "11:42", to="周敏")
    assert desk.due("11:43", number)["complaint.accept"] == ("11:47", "soon", 0)  # D-69
    late = desk.due("11:48", number)
    assert (late["complaint.accept"], late["complaint.accept/1"]) == (("11:47", "overdue", 1), ("11:52", "soon", 1))
    desk.do("chase", number, "11:48", whom="周敏", answer="马上")
    desk.do("accept", number, "11:49", by="周敏")
    desk.do("contact", number, "11:52", by="林敏")
    desk.do("grade", number, "12:00", by="周敏", grade="major", large_effect=True)
    assert desk.due("12:01", number)["complaint.large_effect"] == ("12:10", "soon", 0)
    desk.do("report", number, "12:05", by="周敏", whom="高峰")
    assert desk.due("12:06", number)["complaint.decision"] == ("16:05", "later", 0)
    desk.do("decide", number, "12:20", by="高峰", decision="换岗并致歉")
    assert desk.due("12:21", number).keys() == {"complaint.handled", "unfinished.publish", "unfinished.tell"}
    desk.do("complete", number, "14:00", by="周敏")
    assert desk.due("14:01", number) == {
        "callback.at_once": ("14:10", "soon", 0),
        "complaint.handler": ("14:10", "soon", 0),
    }
    desk("callback", number, at="14:02", outcome="satisfied", expect=1)  # the handler first (S4-40)
    desk.do("hear-handler", number, "14:03", account="已换岗,已当面致歉")
    desk("callback", number, at="14:05", outcome="unsatisfied", why="没有书面答复")
    assert desk.due("14:06", number)["complaint.to_company"] == ("14:35", "soon", 0)  # S4-41
    desk.do("escalate", number, "14:10", whom="许静")
    assert "complaint.to_company" not in desk.due("14:11", number)

    # a shop: to the project manager (S4-35)
    shop = desk.open("complaint", "14:15", room="商铺12", person="何琳", phone="13800002213", what="门前积水")
    due = desk.due("14:16", shop)
    assert "complaint.send" not in due
    assert due["complaint.send_non_residential"] == ("14:20", "soon", 0)
    desk.do("tell", shop, "14:17", to="钱勇")
    assert desk.due("14:18", shop)["complaint.accept_non_residential"] == ("14:22", "soon", 0)
    desk.do("accept", shop, "14:19", by="钱勇")
    desk.do("contact", shop, "14:25", by="林敏")
    desk.do("grade", shop, "14:30", grade="minor")
    after = desk.due("2026-03-03 14:16", shop)
    assert after["complaint.handled"] == ("03-03 14:15", "overdue", 1)
    assert after["complaint.handled/1"] == ("03-03 14:45", "soon", 1)


def evening(desk: CommandLine) -> None:
    """The day swept with promised times, the texts to paste, the handover; on the morrow what is over 24 hours."""
    rows = desk("day", "sheet", "sweep", at="17:30", json=True).record
    assert desk.due("17:31")["day.sweep"] == ("18:00", "soon", 0)
    desk("day", "sweep", at="17:31", expect=3)  # orders without a definite time
    for row in rows:
        desk.do("tell-unfinished", row["number"], "17:33", reason="long_work", whom="孙立")
        desk.do("promise", row["number"], "17:34", promised_at="2026-03-03 12:00")
        desk.do("explain", row["number"], "17:35", note="明天中午前")
    text = desk("day", "sheet", "sweep", at="17:40").out
    assert all(row["number"] in text for row in rows)
    assert "13800002211" not in text
    assert "张伟" not in text
    desk("day", "sweep", at="17:41")
    assert "day.sweep" not in desk.due("17:42")
    first = rows[0]["number"]
    assert desk.due("17:42", first)["unfinished.promise"] == ("03-03 12:00", "later", 0)  # D-66
    assert "unfinished.tell" not in desk.due("17:42", first)

    sheet = desk("handover", "sheet", at="17:50").out
    assert first in sheet
    desk("handover", "sign-out", at="17:52", notes="明早先看困梯的电梯", yes=True)
    desk("roster", "leave", at="18:00")

    desk.day = "2026-03-03"
    desk("roster", "arrive", at="7:50", as_="陈晓")
    desk("handover", "sign-in", at="7:55", as_="陈晓", differences="无")
    publish = desk("day", "sheet", "publish", at="17:00", json=True).record
    assert {row["number"] for row in publish} >= {rows[0]["number"]}
    assert desk.due("17:00")["day.publish"] == ("18:00", "soon", 0)
    desk("day", "publish", at="17:05", as_="陈晓")
    assert "day.publish" not in desk.due("17:06")
    assert "unfinished.publish/1" not in desk.due("17:06", first)
