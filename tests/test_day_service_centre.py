"""A whole day under the manual ``service-centre`` at the command line: from ``desk init`` to the night's emergency.

One store, one day, told in its order; what is due is read from ``desk due --json`` and held against the manual's
figures: hours and days by the clock, "promptly" by the counter's opening hours (8:30–18:00).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commandline import CommandLine

PEOPLE = """房号,姓名,电话,身份,类型
3-2-501,张伟,13800002211,业主,住宅
3-2-502,刘芳,13800002212,租户,住宅
商铺12,何琳,13800002213,租户,商铺
"""

#: duties noted by hand: they come round too, but belong to no step of this day
BESIDES = {"day.patrol", "month.plan", "month.meetings", "month.lists_review", "month.archive"}
BESIDES |= {"quarter.files", "quarter.rules"}


def board(desk: CommandLine, at: str) -> dict[str, tuple[str | None, str, int]]:
    """What is due of the estate as a whole, without the duties noted by hand."""
    return {rule: due for rule, due in desk.due(at).items() if rule.partition("/")[0] not in BESIDES}


@pytest.fixture
def desk(tmp_path: Path) -> CommandLine:
    """An estate founded a month before, its people brought in, its roster and on-call list planned."""
    line = CommandLine(tmp_path / "desk.db", as_="李静", day="2026-03-02")
    staff = ["李静:agent", "周敏:supervisor", "吴涛:manager", "孙丽:department_head"]
    staff += [f"{name}:technician" for name in ("王强", "赵刚", "冯磊")]
    line("init", at="2026-02-27 18:00", name="阳光花园", rulebook="service-centre", language="zh", staff=staff)
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE, "utf-8")
    line("import", "people", str(people), at="2026-02-27 18:05", as_="周敏")
    line("roster", "plan", at="2026-02-27 18:10", who="李静", from_="2026-03-02", days=1)
    on_call = ["王强", "赵刚", "冯磊"]
    line("roster", "plan", at="2026-02-27 18:11", who=on_call, from_="2026-03-02", days=2, on_call=True)
    return line


def test_a_day(desk: CommandLine) -> None:
    morning(desk)
    box(desk)
    repairs(desk)
    complaints(desk)
    opinions_and_questions(desk)
    emergency(desk)
    next_month(desk)


def morning(desk: CommandLine) -> None:
    """The week's statistics (R-12), the box at its time (R-09), the month's sample due since the 1st (R-11)."""
    desk("roster", "arrive", at="8:25")
    assert board(desk, "9:00") == {
        "week.complaints": ("18:00", "later", 0),
        "day.box": ("09:30", "soon", 0),
        "month.sample": ("03-06 09:00", "later", 0),
    }
    assert "2026-02-23" in desk("day", "sheet", "week", at="8:40").out
    desk("day", "count-week", at="8:45", summary="", expect=1)
    desk("day", "count-week", at="8:45", summary="上周没有投诉")
    # nobody was called in February: drawn all the same, and said
    desk("day", "sample", at="8:50", expect=1)
    desk("day", "draw-sample", at="8:50", as_="吴涛")
    assert desk("day", "sample", at="8:51", json=True).record["population"] == 0
    assert board(desk, "9:00").keys() == {"day.box"}


def box(desk: CommandLine) -> None:
    """Three letters: two written out at once, the third at the counter (S2-17)."""
    opened = desk("day", "open-box", at="9:02", letters=3, contents="投诉 3-2-501 夜里装修\n多种些花", json=True)
    letters = opened.record["opened"]
    assert [number[0] for number in letters] == ["C", "O"]
    assert desk.show(letters[0], "9:03")["facts"]["channel"] == "box"
    assert board(desk, "9:05") == {"box.letters": ("03-03 09:02", "later", 0)}
    third = desk.open("inquiry", "9:06", what="停车费怎么交", channel="box")
    desk("day", "enter-letters", at="9:07", elsewhere=1)
    assert board(desk, "9:08") == {}
    desk("day", "enter-letters", at="9:08", elsewhere=1, expect=1)
    desk.do("answer", third, "9:10", answer="到收费窗口,按公示标准")
    desk.do("pass-opinion", letters[1], "9:15", opinion="多种些花", department="绿化部", means="message")
    desk.do("report", letters[1], "9:16", whom="孙丽")
    assert desk.due("9:17", letters[1]) == {}
    desk.do("close", letters[1], "9:17", yes=True)
    desk.do("cancel", letters[0], "9:18", yes=True, reason="与前一封重复")


def repairs(desk: CommandLine) -> None:
    """Told within half an hour of opening time, called back in a week, 2 or 3 days; a bad one gets its notice (D-34…D-37)."""
    number = desk.open("repair", "9:20", person="张伟", what="卫生间渗水", repair_class="leak")
    assert desk.due("9:21", number) == {"repair.tell": ("09:50", "soon", 0)}
    desk.do("tell", number, "9:25", to="王强", department="维修部")
    desk.do("complete", number, "10:00", by="王强", result="补胶")
    assert desk.due("10:01", number) == {"repair.callback_leak": ("03-05 10:00", "later", 0)}
    for repair_class, due in (("safety", "03-04 10:00"), ("other", "03-09 10:00")):
        other = desk.open("repair", "9:30", room="商铺12", person="何琳", what="卷帘门", repair_class=repair_class)
        desk.do("tell", other, "9:35", to="赵刚")
        assert desk.due("9:36", other) == {"repair.shop_follow": ("03-03 09:35", "later", 0)}
        desk.do("complete", other, "10:00", by="赵刚")
        assert desk.due("10:01", other) == {f"repair.callback_{repair_class}": (due, "later", 0)}

    desk("callback", number, at="10:30", outcome="unsatisfied", expect=1)
    answers = ["repaired=no", "on_time=yes"]
    desk("callback", number, at="10:30", outcome="unsatisfied", why="墙角还渗", opinion="派熟手来", answer=answers)
    assert desk.due("10:31", number) == {
        "callback.notice": ("03-03 10:30", "later", 0),
        "callback.opinion": ("03-03 10:30", "later", 0),
    }
    desk.do("pass-opinion", number, "10:40", opinion="派熟手来", department="维修部")
    assert desk("ticket", "show", number, at="10:41", form="notice", expect=1).out == ""
    desk.do("issue-notice", number, "10:45", to="王强", matter="墙角重做防水", correct_by="17:00")
    notice = desk("ticket", "show", number, at="10:46", form="notice").out
    assert all(word in notice for word in (f"{number}-1", "墙角重做防水", "2026-03-02 17:00", "王强"))
    assert desk.due("10:46", number) == {"notice.corrected": ("17:00", "later", 0)}
    desk.do("tell", number, "10:50", to="王强")
    desk.do("complete", number, "16:00", by="王强", result="重做防水")
    assert desk.due("16:01", number) == {"repair.callback_leak": ("03-05 16:00", "later", 0)}
    desk("callback", number, at="17:00", outcome="satisfied", answer=["repaired=yes", "on_time=yes", "manner=yes"])
    assert desk.show(number, "17:01")["status"] == "closed"


def complaints(desk: CommandLine) -> None:
    """The window and the 24-hour line: 72 hours for the answer, the serious one upward, the result written down."""
    number = desk.open(
        "complaint", "11:00", person="刘芳", what="保洁不到位", channel="visit", complained_department="保洁部"
    )
    assert desk.due("11:01", number) == {
        "complaint.contact": ("11:30", "soon", 0),
        "complaint.department": ("11:30", "soon", 0),
        "complaint.reply": ("03-05 11:00", "later", 0),
    }
    desk.do("tell", number, "11:05", department="保洁部", means="phone")
    desk.do("grade", number, "11:10", large_effect=True)
    assert desk.due("11:11", number)["complaint.serious_up"] == ("11:30", "soon", 0)
    desk.do("report", number, "11:15", as_="周敏", whom="吴涛")
    desk.do("reply", number, "14:00", answer="已加派保洁,每天两次", means="phone")
    desk.do("complete", number, "15:00", expect=1)
    desk.do("complete", number, "15:00", result="加派保洁")
    assert desk.due("15:01", number) == {
        "complaint.tell_result": ("15:30", "soon", 0),
        "complaint.callback": ("03-09 15:00", "later", 0),
    }
    desk.do("tell-result", number, "15:10", means="phone")
    desk("callback", number, at="15:20", outcome="satisfied")
    assert desk.due("15:21", number) == {}

    night = desk.open("complaint", "2:00", what="隔壁打牌吵闹", channel="hotline")
    waiting = desk.due("2:01", night)
    assert waiting["line.reply"] == ("03-05 02:00", "later", 0)
    assert waiting["complaint.contact"] == ("09:00", "later", 0)  # the counter opens at 8:30
    assert "complaint.reply" not in waiting
    late = desk.due("2026-03-05 02:01", night)["line.reply"]
    assert late[1:] == ("overdue", 1)
    desk.do("tell", night, "9:00", department="安保部")
    desk.do("explain", night, "9:05", note="已请巡逻员上门提醒", means="phone")
    assert desk.due("9:06", night) == {}


def opinions_and_questions(desk: CommandLine) -> None:
    """An opinion at the window to the department and its head (R-34); a question answered at the time agreed."""
    opinion = desk.open("opinion", "13:00", person="张伟", what="儿童乐园加遮阳", channel="visit")
    assert desk.due("13:01", opinion).keys() == {"opinion.department", "opinion.head"}
    desk.do("pass-opinion", opinion, "13:05", opinion="加遮阳", expect=1)
    desk.do("pass-opinion", opinion, "13:05", opinion="加遮阳", to="孙丽", means="phone")
    desk.do("report", opinion, "13:06", whom="孙丽")
    assert desk.due("13:07", opinion) == {}
    question = desk.open("inquiry", "13:10", what="车位怎么租", specialist=True)
    assert desk.due("13:11", question) == {"inquiry.answer": ("03-03 13:10", "later", 0)}
    desk.do("agree-reply", question, "13:12", reply_at="15:00")
    assert desk.due("13:13", question) == {"inquiry.reply": ("15:00", "later", 0)}
    desk.do("answer", question, "14:30", answer="月底统一登记")
    payment = desk.open("payment", "14:40", room="3-2-501", what="交三月物业费", fee="480")
    desk.do("close", payment, "14:45", yes=True)
    assert desk.due("15:01", payment) == {}


def emergency(desk: CommandLine) -> None:
    """At night the clocks run: the list is rung in its order, whoever comes has the hour (S2-24)."""
    on_call = ("--starts", "2026-03-05 18:00", "--ends", "2026-03-06 08:30")
    desk("roster", "plan", *on_call, at="18:05", who=["冯磊", "王强"], on_call=True)
    later = desk("oncall", at="2026-03-06 08:29", json=True).record
    assert [(row["name"], row["rank"]) for row in later] == [("冯磊", 1), ("王强", 2)]
    assert desk("oncall", at="2026-03-06 08:30", json=True).record == []
    number = desk.open("repair", "23:40", person="张伟", what="水管爆裂", emergency=True)
    assert desk.due("23:41", number) == {"emergency.call_out": ("23:50", "soon", 0)}
    desk.do("carry-over", number, "23:41", reason="太晚", note="明早", expect=1)
    assert [row["name"] for row in desk("oncall", at="23:41", json=True).record] == ["王强", "赵刚", "冯磊"]
    desk.do("call-out", number, "23:42", whom="王强", answer="unanswered")
    assert desk.due("23:43", number)["emergency.ring_next"] == ("23:45", "soon", 0)
    desk.do("call-out", number, "23:44", whom="赵刚", answer="coming", note="20分钟到")
    listed = desk("oncall", number, at="23:45").out
    assert all(word in listed for word in ("王强", "No answer", "赵刚", "Is coming"))
    assert desk.due("23:45", number) == {"emergency.arrive": ("03-03 00:44", "soon", 0)}
    assert desk.show(number, "23:45")["assignee"] == "赵刚"
    desk.do("arrive", number, "2026-03-03 00:05", by="赵刚")
    desk.do("complete", number, "2026-03-03 00:50", by="赵刚", result="换管")
    assert desk.due("2026-03-03 00:51", number)["repair.callback_other"][0] == "03-10 00:50"


def next_month(desk: CommandLine) -> None:
    """On the 1st the manager draws among March's callbacks, checks what was drawn, and anybody can draw again (R-11)."""
    desk.day = "2026-04-01"
    assert desk.due("9:00")["month.sample"] == ("04-06 09:00", "later", 0)
    desk("day", "draw-sample", at="9:10", as_="吴涛", size=2)
    sample = desk("day", "sample", at="9:11", json=True).record
    assert (sample["month"], sample["population"], len(sample["lines"]), sample["agrees"]) == ("2026-03", 3, 2, True)
    desk("day", "draw-sample", at="9:12", as_="吴涛", expect=1)
    for line in sample["lines"]:
        assert desk.due("9:13", line["number"])["sample.review"] == ("04-08 09:10", "later", 0)
        desk.do("review-callback", line["number"], "9:20", as_="吴涛", comment="已核实")
    assert "month.sample" not in desk.due("9:21")
    assert "they are the same" in desk("day", "sample", "2026-03", at="9:21").err
