"""A whole day under the manual ``residential`` at the command line: from ``desk init`` to the handover taken over.

One store, one day, told in its order; what is due is read from ``desk due --json`` and held against the manual's
figures: days by the calendar, hours and "the same day" by the counter's opening hours (8:00–12:00, 13:00–17:00).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commandline import CommandLine

PEOPLE = """楼栋,单元,房号,姓名,电话,身份
3,2,501,张伟,13800002211,业主
3,2,502,刘芳,13800002212,业主
3,1,101,赵敏,13800002213,租户
"""


@pytest.fixture
def desk(tmp_path: Path) -> CommandLine:
    """An estate founded the evening before, its people brought in, its roster planned."""
    line = CommandLine(tmp_path / "desk.db", as_="李静", day="2026-03-02")
    staff = ["李静:agent", "陈晓:agent", "周敏:supervisor", "吴涛:manager", "王强:technician", "孙丽:department_head"]
    staff += ["钱工:specialist"]
    line("init", at="2026-03-01 18:00", name="阳光花园", rulebook="residential", language="zh", staff=staff)
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE, "utf-8")
    line("import", "people", str(people), at="2026-03-01 18:05", as_="周敏")
    line("roster", "plan", at="2026-03-01 18:10", who="李静", from_="2026-03-02", days=1)
    return line


def test_a_day(desk: CommandLine) -> None:
    morning(desk)
    told_repair(desk)
    leak(desk)
    complaint(desk)
    other_complaints(desk)
    questions_and_visits(desk)
    carried = evening(desk)
    next_morning(desk, carried)


def morning(desk: CommandLine) -> None:
    """Early at the desk, the briefing read (S0-22, S0-29, D-01, D-02); the day's report is due by its end (R-01)."""
    assert desk.due("7:30") == {"shift.briefing": ("07:45", "soon", 0), "shift.arrival": ("07:45", "soon", 0)}
    desk("roster", "arrive", at="7:40")
    desk("roster", "briefing", at="7:43")
    desk("roster", "briefing", at="7:44", read=True)
    assert desk.due("8:00") == {"day.report": ("17:00", "later", 0)}
    desk("roster", "plan", at="8:01", who="陈晓", from_="2026-03-03", days=1)


def told_repair(desk: CommandLine) -> None:
    """Asked about the warranty, told by the desk, attended with the slip, called back, filed under its callback."""
    number = desk.open("repair", "8:05", person="张伟", what="主卧空调不制冷", warranty="in", convenient_time="上午")
    assert number == "R-260302-001"
    shown = desk.show(number, "8:06")
    assert (shown["room"], shown["phone"], shown["facts"]["warranty"]) == ("3-2-501", "138****2211", "in")
    same_day = {"matter.same_day": ("17:00", "later", 0)}
    assert desk.due("8:06", number) == {"repair.tell": ("08:35", "soon", 0), **same_day}
    # nobody was told: the board says so, with the step that is due now
    late = {"repair.tell": ("08:35", "overdue", 1), "repair.tell/1": ("09:05", "soon", 1)}
    assert desk.due("8:36", number) == {**late, **same_day}

    # a second caller joins the open one and counts as an urge; the sheet goes to the repair department
    desk.do("join", number, "8:10", caller="邻居", phone="13900000000", channel="phone")
    assert desk.show(number, "8:11")["urges"] == 1
    desk.do("tell", number, "8:12", to="王强", department="维修部", means="phone")
    assert desk.due("8:36", number) == same_day
    desk.do("appoint", number, "8:13", appointment="9:30")
    desk.do("confirm", number, "8:14")
    assert desk.due("8:20", number) == {"repair.appointment": ("09:30", "later", 0), **same_day}
    slip = desk("ticket", "show", number, at="8:20", slip=True).out
    assert all(word in slip for word in (number, "3-2-501", "主卧空调不制冷", "王强"))

    desk.do("arrive", number, "9:25", as_="李静", by="王强")
    desk.do("start", number, "9:26", by="王强")
    assert desk.due("9:31", number) == same_day
    desk.do("complete", number, "9:50", by="王强", result="加氟", materials="R32")
    assert desk.due("9:51", number) == {"repair.callback_other": ("03-04 09:50", "later", 0)}  # D-11
    assert "callback" in (desk.refused("close", number, "9:51") or "")
    desk("callback", number, at="10:05", outcome="satisfied", answer=["repaired=yes", "on_time=yes", "clean=yes"])
    assert desk.show(number, "10:06")["status"] == "closed"
    assert desk.due("10:06", number) == {"callback.review": ("03-04 10:05", "later", 0)}  # S0-82, 2 working days
    desk.do("review-callback", number, "10:10", as_="周敏", comment="好")
    assert desk.due("10:11", number) == {}


def leak(desk: CommandLine) -> None:
    """A leak is called back within three days of its leak test (D-10); a problem found goes back at once (D-12)."""
    number = desk.open("repair", "8:20", room="3-2-502", person="刘芳", what="卫生间渗漏", repair_class="leak")
    desk.do("tell", number, "8:25", to="王强")
    desk.do("complete", number, "9:30", by="王强")
    assert desk.due("9:31", number) == {"repair.leak_test": ("03-05 09:30", "later", 0)}
    desk.do("leak-test", number, "10:15", by="王强", result="24小时无渗漏")
    assert desk.due("10:16", number) == {"repair.callback_leak": ("03-05 10:15", "later", 0)}
    desk("callback", number, at="10:20", outcome="unsatisfied", expect=1)  # the reason is missing
    desk("callback", number, at="10:20", outcome="unsatisfied", why="天花板仍有水渍", answer=["repaired=no"])
    shown = desk.show(number, "10:21")
    assert (shown["status"], shown["facts"]["reopened"]) == ("open", 1)
    assert desk.due("10:21", number)["repair.callback_problem"] == ("10:50", "soon", 0)
    desk.do("tell", number, "10:25", to="王强", means="phone")
    assert "repair.callback_problem" not in desk.due("10:26", number)

    safety = desk.open("repair", "10:30", room="3-1-101", what="消防栓漏水", repair_class="safety")
    desk.do("tell", safety, "10:31", to="王强")
    desk.do("complete", safety, "11:00", by="王强")
    assert desk.due("11:01", safety) == {"repair.callback_safety": ("03-04 11:00", "later", 0)}  # D-09


def complaint(desk: CommandLine) -> None:
    """Opened without a grade, graded later; each grade's deadlines count from when it came in (S0-69…S0-71)."""
    number = desk.open(
        "complaint",
        "9:00",
        person="刘芳",
        what="夜间施工噪声",
        channel="visit",
        demand="停止夜间施工",
        complained_department="工程部",
    )
    same_day = {"matter.same_day": ("17:00", "later", 0)}
    assert desk.due("9:01", number) == {"complaint.sheet": ("10:00", "soon", 0), **same_day}

    desk.do("grade", number, "9:10", grade="minor")
    minor = desk.due("9:11", number)
    assert minor["complaint.minor_solved"] == ("03-04 09:00", "later", 0)  # D-19
    desk.do("correct", number, "9:12", resident_limit="2026-03-03 12:00")
    assert desk.due("9:13", number)["complaint.minor_solved"] == ("03-03 12:00", "later", 0)

    desk.do("grade", number, "9:15", grade="important")
    important = desk.due("9:16", number)
    assert "complaint.minor_solved" not in important
    assert important["complaint.important_to_head"] == ("10:00", "soon", 0)  # D-17
    assert important["complaint.important_solved"] == ("03-05 09:00", "later", 0)  # D-18
    desk.do("pass-to-head", number, "9:20", whom="孙丽")
    assert "complaint.important_to_head" not in desk.due("9:21", number)

    desk.do("grade", number, "9:30", grade="major", beyond_department=True)
    major = desk.due("9:31", number)
    assert not {"complaint.important_to_head", "complaint.important_solved"} & major.keys()
    assert major["complaint.major_to_manager"] == ("17:00", "later", 0)  # D-14
    assert major["complaint.major_answer"] == ("03-04 09:00", "later", 0)  # D-15
    assert major["complaint.major_solved"] == ("03-12 09:00", "later", 0)  # D-16

    desk.do("put-to-manager", number, "9:40", whom="吴涛")
    assert desk.due("9:41", number)["complaint.major_decision"] == ("03-03 09:40", "later", 0)  # S0-33
    desk.do("decide", number, "9:45", by="吴涛", decision="22点后停工")
    desk.do("send-sheet", number, "9:50", department="工程部", matter="停止夜间施工", due="2026-03-03 12:00")
    sheet = desk.due("9:51", number)
    assert not {"complaint.sheet", "complaint.major_decision", "complaint.major_to_manager"} & sheet.keys()
    assert sheet["complaint.first_contact"] == ("10:20", "soon", 0)  # S0-73
    assert sheet["complaint.report_back"] == ("03-03 09:50", "later", 0)
    desk.do("contact", number, "10:10", by="孙丽", means="visit")
    desk.do("answer-sheet", number, "10:40", reply="已停工")
    desk.do("report-handling", number, "10:45", handling="已停工,已道歉")
    told = desk.due("10:46", number)
    assert told["complaint.tell_result"] == ("17:00", "later", 0)  # D-20
    assert not {"complaint.first_contact", "complaint.report_back"} & told.keys()
    desk.do("reply", number, "10:50", answer="22点后不再施工", means="phone")
    desk.do("tell-result", number, "10:52", means="phone", result="22点后不再施工")
    desk.do("complete", number, "10:55", result="整改完毕")
    assert desk.due("10:56", number) == {"complaint.callback": ("03-04 10:55", "later", 0)}
    assert "file" in (desk.refused("file", number, "10:56") or "").lower() or desk.refused("file", number, "10:56")
    desk("callback", number, at="11:10", outcome="satisfied", answer=["contacted=yes", "solved=yes"], opinion="满意")
    assert desk.due("11:11", number) == {
        "callback.review": ("03-04 11:10", "later", 0),
        "complaint.file": ("03-04 11:10", "later", 0),
    }
    desk.do("file", number, "11:15", folder="投诉2026-1")
    desk.do("review-callback", number, "11:16", as_="周敏")
    assert desk.due("11:17", number) == {}


def other_complaints(desk: CommandLine) -> None:
    """Liability and remedies, somebody agitated, harm going on, a complaint that is none (S0-64…S0-68, S0-75, S0-76)."""
    number = desk.open("complaint", "13:00", person="赵敏", what="楼上漏水泡坏地板")
    desk.do("set-liability", number, "13:05", liability="neighbour")
    assert desk.due("13:06", number)["complaint.mediate"] == ("03-03 13:05", "later", 0)
    desk.do("mediate", number, "13:10", note="双方同意各半")
    desk.do("set-liability", number, "13:12", liability="shared")
    assert desk.due("13:13", number)["complaint.heads_on_site"] == ("13:42", "soon", 0)
    desk.do("call-heads", number, "13:15", departments="工程部 秩序部")
    desk.do("head-arrived", number, "13:20", department="工程部", head="孙丽")
    desk.do("set-liability", number, "13:22", liability="company")
    assert desk.due("13:23", number)["complaint.company_remedy"] == ("03-03 13:22", "later", 0)
    desk.do("remedy", number, "13:25", draft="更换地板", cost=1200)
    desk.do("remedy", number, "13:26", draft="现金补偿", cost=800)
    assert desk.due("13:27", number)["complaint.cannot_solve"] == ("13:55", "soon", 0)
    desk.do("choose-remedy", number, "13:28", remedy=3, expect=1)
    desk.do("choose-remedy", number, "13:28", remedy=2)
    left = desk.due("13:29", number)
    assert (
        not {"complaint.company_remedy", "complaint.cannot_solve", "complaint.heads_on_site", "complaint.mediate"}
        & left.keys()
    )

    desk.do("call-supervisor", number, "13:30", whom="周敏")
    assert desk.due("13:31", number)["complaint.agitated"] == ("13:35", "soon", 0)
    assert desk.due("13:36", number)["complaint.agitated"] == ("13:35", "overdue", 0)
    desk.do("receive-apart", number, "13:34", by="周敏", meeting_room="二号洽谈室")
    assert "complaint.agitated" not in desk.due("13:36", number)

    harm = desk.open("complaint", "13:40", room="3-1-101", what="阳台外墙瓷砖坠落", harm=True)
    first = desk.due("13:40", harm)
    assert first["complaint.stop_harm"][:2] == ("13:40", "soon")  # D-21: at once
    assert first["matter.emergency_same_day"] == ("17:00", "later", 0)
    assert desk.due("13:41", harm)["complaint.stop_harm"] == ("13:40", "overdue", 1)
    desk.do("carry-over", harm, "13:41", reason="来不及", note="明天再修", expect=1)  # S0-25
    desk.do("stop-harm", harm, "13:42", measure="拉警戒线,清除松动瓷砖")
    assert "complaint.stop_harm" not in desk.due("13:43", harm)
    desk.do("send-sheet", harm, "13:45", department="工程部")
    desk.do("complete", harm, "13:50")

    invalid = desk.open("complaint", "13:55", person="张伟", what="小区外道路堵车")
    desk.do("invalid", invalid, "13:58", reason="不属物业管理范围", served="告知交警电话")
    assert desk.show(invalid, "13:59")["facts"]["valid"] is False
    desk.do("complete", invalid, "14:00")
    assert desk.due("14:01", invalid)["complaint.tell_result"] == ("17:00", "later", 0)
    assert "complaint.tell_result/1" not in desk.due("16:59", invalid)
    for each in (harm, invalid):
        desk.do("tell-result", each, "14:05", means="visit")


def questions_and_visits(desk: CommandLine) -> None:
    """A specialist's answer at the time agreed (D-05), a host for who comes on business, a leader's to-do."""
    question = desk.open("inquiry", "14:10", person="张伟", what="墙能不能拆", specialist=True)
    assert desk.due("14:11", question)["inquiry.consult"] == ("14:40", "soon", 0)
    desk.do("consult", question, "14:12", whom="钱工")
    desk.do("agree-reply", question, "14:15", reply_at="15:00")
    assert desk.due("14:16", question)["inquiry.reply"] == ("15:00", "soon", 0)
    assert desk.due("15:01", question)["inquiry.reply"] == ("15:00", "overdue", 1)
    desk.do("answer", question, "14:50", answer="承重墙不能拆")
    assert desk.due("15:01", question) == {}
    assert desk.show(question, "14:51")["status"] == "closed"

    for channel in ("visit", "phone"):
        visit = desk.open("visit", "14:55", person_="", what="街道办检查", official=True, host="周敏", channel=channel)
        assert desk.due("14:56", visit)["visit.host"] == ("15:00", "soon", 0)
        desk.do("pass-on", visit, "14:57", whom="周敏")
        desk.do("receive", visit, "15:00", by="周敏")
        assert desk.due("15:01", visit) == {}

    todo = desk.open("todo", "15:05", what="统计空置房", leader="吴涛", due_by="2026-03-03 10:00")
    assert desk.due("15:06", todo) == {"todo.due": ("03-03 10:00", "later", 0)}
    desk.do("complete", todo, "15:30")
    assert desk.due("15:31", todo) == {}

    # a kind whose procedure comes later: a plain ticket with an owner and a due time, closed by hand
    goods = desk.open("release", "15:10", room="3-1-101", what="搬出沙发一套")
    assert desk.due("15:11", goods) == {"matter.same_day": ("17:00", "later", 0)}
    desk.do("close", goods, "15:20", expect=3)
    desk.do("close", goods, "15:20", yes=True, result="已放行")
    assert desk.due("15:21", goods) == {}


def evening(desk: CommandLine) -> str:
    """What stays is carried over with its reason; the day is reported; who leaves signs what they have read."""
    number = desk.open("repair", "16:00", room="3-2-501", person="张伟", what="入户门锁坏")
    desk.do("tell", number, "16:05", to="王强")
    desk.do("carry-over", number, "16:30", reason="", note="锁芯缺货", expect=1)
    desk.do("carry-over", number, "16:30", reason="锁芯缺货", note="明早到货,已与业主说明")
    assert desk.due("16:31", number) == {"matter.next_day": ("03-03 08:00", "later", 0)}  # D-04

    report = desk("day", "sheet", "report", at="16:40").out
    assert "夜间施工噪声" in report
    assert "刘芳" not in report
    assert desk.due("16:45")["day.report"] == ("17:00", "soon", 0)
    desk("day", "report", at="16:46", whom="吴涛")
    assert "day.report" not in desk.due("16:47")

    sheet = desk("handover", "sheet", at="16:50").out
    assert number in sheet
    answer = desk("handover", "sign-out", at="16:51", notes="早上先取锁芯", expect=3)
    assert "--yes" in answer.err
    desk("handover", "sign-out", at="16:52", notes="早上先取锁芯", yes=True)
    desk("roster", "leave", at="17:00")
    return number


def next_morning(desk: CommandLine, carried: str) -> None:
    """Who comes reads, finds what differs, signs; the carried-over matter is taken up; the supervisor reviews."""
    desk.day = "2026-03-03"
    signed = desk("handover", "show", at="7:40", json=True).record["sheet"]
    desk("roster", "arrive", at="7:40", as_="陈晓")
    briefing = desk("roster", "briefing", at="7:41", as_="陈晓", json=True).record
    assert [line["number"] for line in briefing["carried"]] == [carried]
    desk("roster", "briefing", at="7:42", as_="陈晓", read=True)
    desk("handover", "sign-in", at="7:50", as_="陈晓", differences="备用钥匙少一把")
    desk("handover", "sign-in", at="7:51", as_="陈晓", expect=1)

    assert desk.due("8:05", carried)["matter.next_day"] == ("08:00", "overdue", 1)
    desk.do("pick-up", carried, "7:55", as_="陈晓", to="王强", department="维修部")
    assert "matter.next_day" not in desk.due("8:05", carried)
    desk("handover", "review", at="9:00", as_="周敏", comment="补配备用钥匙")
    desk("handover", "review", at="9:00", as_="陈晓", comment="自己的", expect=1)
    (row,) = desk("handover", "list", at="9:01", json=True).record
    assert (row["outgoing"], row["incoming"], row["differences"]) == ("李静", "陈晓", "备用钥匙少一把")
    assert desk("handover", "show", at="9:01", json=True).record["sheet"] == signed
