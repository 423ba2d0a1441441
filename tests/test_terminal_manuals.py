"""A day at each of the other three desks in a real terminal, by keys alone: the visitors' reception, the property
service centre, the serviced apartments. Set up, on duty, what the desk is for, handed over and signed by both."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from desk.screens.setup import manuals
from tests.terminal import PATIENCE, Screen, terminal
from tests.test_terminal import ENV, found, sign_in

pytestmark = [pytest.mark.terminal, pytest.mark.xdist_group("terminal")]
#: a Monday morning that goes on from 8:35, with what comes round each day still ahead
MORNING = (
    sys.executable,
    "-c",
    "import time_machine; time_machine.travel('2026-03-02T00:35:00+00:00').start(); from desk.cli import main; main()",
)
CHINESE = {"welcome": "欢迎使用", "language": "语言", "estate": "小区", "manual": "执行规程", "people": "人员"}
CHINESE |= {"who": "您是哪一位", "sheet": "我的交班单", "notes": "备注", "yes": "回车：是"}
CHINESE |= {"waiting": "已签字", "take": "待接班", "leave": "Enter 是"}
ENGLISH = {"welcome": "Welcome", "language": "Language", "estate": "Estate", "manual": "Manual", "people": "People"}
ENGLISH |= {"who": "Who are you?", "sheet": "Your sheet on leaving", "notes": "Notes", "yes": "Enter yes"}
ENGLISH |= {"waiting": "waiting for whoever comes", "take": "Waiting to be taken over", "leave": "Enter Yes"}


def digit(manual: str) -> str:
    """The digit that chooses a manual in the set-up."""
    return str([name for name, _title in manuals()].index(manual) + 1)


def hand_over(screen: Screen, words: dict[str, str], note: str, comes: tuple[str, str, str]) -> None:
    """Sign the sheet on leaving and, as who comes, on taking over; the console is left with F10."""
    screen.keys("F6")
    screen.sees(words["sheet"])
    screen.keys("C-n")
    screen.sees(">" + words["notes"])
    screen.type(note)
    screen.sees(note)
    screen.keys("C-s")
    screen.sees(words["yes"])
    screen.press_until("Enter", words["waiting"])
    screen.keys("F8")
    screen.sees(words["who"])
    sign_in(screen, *comes)
    screen.sees(words["take"], note)
    screen.keys("C-s")
    screen.sees(words["yes"])
    screen.press_until("Enter", f"{words['sheet']} · {comes[1]}")
    screen.keys("C-g")
    screen.sees(note, comes[1])
    screen.keys("Escape", "F10")
    screen.sees(words["leave"])
    end = time.monotonic() + PATIENCE
    # an Enter before the question can have been read does not answer it: then one presses again
    while words["leave"] in screen.text() and time.monotonic() < end:
        time.sleep(0.5)
        screen.keys("Enter")
    assert screen.ended() == 0


def test_the_reception(tmp_path: Path) -> None:
    """Who comes is on the board by two keys; a repair taken down for one, a message for another; handed over."""
    with terminal(tmp_path, *MORNING, "--lang", "zh", size=(80, 24), env=ENV) as screen:
        people = ["李静 前台", "钱慧 前台", "周敏 客服主任", "吴涛 管理处主任", "王强 维修工"]
        found(screen, CHINESE, digit("reception"), "望湖苑", people)
        sign_in(screen, "lj", "李静", "客服员")
        screen.sees(">谁", "Ctrl+Y 来访")

        # somebody with something to be repaired: two keys, served by one, their ticket by the intake
        screen.keys("C-y")
        screen.sees("有客户来：办什么？")
        screen.keys("5")
        screen.sees("已上板")
        screen.keys("F5")
        screen.sees("[F5 等候]", "W-0302-001", "/3:00", "Enter 接待")
        screen.keys("Enter")
        screen.sees("李静正在接待 W-001", "Enter 开单")
        screen.keys("C-g")
        screen.sees("W-0302-001", ">谁", "[1 客户报修]")
        screen.type("3-2-501 张伟")
        screen.sees("照此登记")
        screen.keys("Enter")
        screen.sees(">事项", "保存后", "电话联系工程部")
        screen.type("厨房漏水")
        screen.sees("厨房漏水")
        screen.keys("C-s")
        screen.sees("已保存", "R-0302-001")
        screen.keys("F5")
        screen.sees("R-0302-001", "Enter 送客")
        screen.keys("Enter")
        screen.sees("满意吗")
        screen.keys("1")
        screen.sees("现在没有客户")

        # somebody for the director, who is out: a message, which stays on the due board
        screen.keys("C-y")
        screen.sees("有客户来：办什么？")
        screen.keys("1")
        screen.sees("W-0302-002", "Enter 接待")
        screen.keys("Enter")
        screen.sees("看主任在不在", "2 被访人不在")
        screen.keys("2")
        screen.sees("被访人不在 · W-0302-002")
        screen.keys("C-s")
        screen.sees("Enter 记留言")
        screen.keys("Enter")
        screen.sees(">留言")
        screen.type("请回电")
        screen.sees("请回电")
        screen.keys("C-s")
        screen.sees("Enter 送客")
        screen.keys("Enter")
        screen.sees("满意吗")
        screen.keys("1")
        screen.sees("留言")

        # what is due: engineering is told, the message stands there
        screen.keys("F3")
        screen.sees("[F3 待办]", "电话联系工程部", "Enter 通知责任部门或人员")
        screen.keys("Enter")
        screen.sees("通知到谁", "王强", "回车即可记录")
        screen.keys("Enter")
        screen.sees("Enter 告知上门时间", "转达留言")
        hand_over(screen, CHINESE, "请留意 W-002 的留言", ("qh", "钱慧", "客服员"))


def test_the_service_centre(tmp_path: Path) -> None:
    """The box is opened, its letter a complaint; a repair told, done, called back with no good result: a notice."""
    with terminal(tmp_path, *MORNING, "--lang", "en", size=(120, 36), env=ENV) as screen:
        people = ["Lin Agent", "Chen Agent", "Zhou supervisor", "Wang technician"]
        found(screen, ENGLISH, digit("service-centre"), "River Homes", people)
        sign_in(screen, "lin", "Lin", "Agent")
        screen.keys("F3")
        screen.sees("[F3 To do]", "09:30", "Enter Open the contact box")
        screen.keys("Enter")
        screen.sees(">Letters")
        screen.type("1")
        screen.keys("Tab")
        screen.type("complaint 3-2-501 noise at night")
        screen.sees("noise at night")
        screen.keys("C-s")
        screen.sees("C-0302-001", "3-2-501", "noise at night")

        screen.keys("F2")
        screen.sees(">Who")
        screen.type("3-2-502 Mr Liu")
        screen.sees("as typed")
        screen.keys("Enter")
        screen.sees(">Kind")
        screen.type("1")
        screen.sees(">What")
        screen.type("tap leaks")
        screen.sees("tap leaks")
        screen.keys("C-s")
        screen.sees("Saved", "R-0302-001")
        screen.keys("F3")
        screen.sees("tap leaks")
        screen.keys("C-f")
        screen.type("tap leaks")
        screen.until(lambda text: "noise at night" not in text, "only what was searched for")
        screen.keys("Enter")
        screen.sees("Enter Tell who must act")
        screen.keys("Enter")
        screen.sees(">Who was told", "Nothing more is needed")
        screen.keys("Enter")
        screen.sees("Recorded: Tell who must act")
        screen.keys("F4")
        screen.sees("tap leaks")
        screen.keys("C-o")
        screen.sees("What to do?")
        screen.type("complete")
        screen.until(lambda text: "│ Complete" in text and "Give it out" not in text, "the search for an act")
        screen.keys("Enter")
        screen.sees(">Result")
        screen.keys("C-s")
        screen.sees("Recorded: Complete")

        # not satisfied, and why: a notice to whoever did it, due within a day
        screen.keys("F5")
        screen.sees("1 waiting", "Mr Liu")
        screen.keys("Enter")
        screen.sees(">Outcome")
        screen.type("7")
        screen.sees("[7 ", ">Why not satisfied")
        screen.type("still drips")
        screen.sees("still drips")
        screen.keys("C-s")
        screen.sees("0 waiting")
        screen.keys("F3")
        screen.sees("notice")
        hand_over(screen, ENGLISH, "the notice for R-001", ("chen", "Chen", "Agent"))


def test_the_serviced_apartments(tmp_path: Path) -> None:
    """The life of a slip: relayed with read-back, signed out, on site, done, accepted, back, checked, called back."""
    with terminal(tmp_path, *MORNING, "--lang", "zh", size=(80, 24), env=ENV) as screen:
        people = ["李静 前台", "钱慧 前台", "周敏 领班", "吴涛 经理", "王强 维修"]
        found(screen, CHINESE, digit("serviced-apartment"), "云栖公寓", people)
        sign_in(screen, "lj", "李静", "客服员")
        screen.sees(">谁")
        screen.type("1208 王先生")
        screen.sees("照此登记")
        screen.keys("Enter")
        screen.sees(">类别")
        screen.type("4")
        screen.sees(">事项", "2分钟内分类传递")
        screen.type("空调不制冷")
        screen.sees("空调不制冷")
        screen.keys("C-s")
        screen.sees("已保存", "R-0302-001")
        screen.keys("F3")
        # each by two keys from the board: relayed, the slip signed out, on site
        for act, then in (
            ("传递，对方复述确认", "Enter 签收处理单"),
            ("签收处理单", "Enter 到达现场"),
            ("到达现场", "Enter 现场诊断"),
        ):
            screen.sees(f"Enter {act}")
            screen.keys("Enter")
            screen.sees(f"{act} · R-0302-001", "回车即可记录")
            screen.keys("Enter")
            screen.sees(then)
        screen.keys("C-o")
        screen.sees("办什么？", "现场诊断")
        screen.type("完成")
        screen.sees("承诺完成时间")
        screen.keys("Enter")
        screen.sees(">处理结果")
        screen.type("已加氟")
        screen.sees("已加氟")
        screen.keys("C-s")
        screen.sees("已记录：完成")
        screen.keys("F3")
        for act, then in (("信息源点验收签名", "Enter 处理单返回前台"), ("处理单返回前台", "Enter 核对处理单")):
            screen.sees(f"Enter {act}")
            screen.keys("Enter")
            screen.sees(f"{act} · R-0302-001", "回车即可记录")
            screen.keys("Enter")
            screen.sees(then)
        # what is missing on it is told though the form is longer than the screen
        screen.keys("Enter")
        screen.sees(">处理结果", "核对处理单 · R-0302-001")
        screen.keys("C-s")
        screen.sees("缺：所用材料、收费金额")
        screen.keys("Tab")
        screen.sees(">耗费材料")
        screen.type("氟利昂")
        screen.keys("Enter")
        screen.sees(">收费金额")
        screen.type("0")
        screen.keys("C-s")
        screen.sees("Enter 回访")
        screen.keys("F5")
        screen.sees("待回访 1", "王先生")
        screen.keys("Enter")
        screen.sees(">结果")
        screen.keys("C-s")
        screen.sees("待回访 0")
        hand_over(screen, CHINESE, "钥匙在抽屉里", ("qh", "钱慧", "客服员"))
