"""The console in a real terminal, as somebody new to it meets it: an empty home, the set-up, a shift, the handover."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from desk.cli import run_cli
from desk.ledger import Ledger
from desk.procedures import drafts
from desk.screens.setup import manuals
from desk.store import Store
from tests.terminal import PATIENCE, Screen, terminal

pytestmark = [pytest.mark.terminal, pytest.mark.xdist_group("terminal")]
ROOT = Path(__file__).resolve().parent.parent
DESK = (sys.executable, "-m", "desk")
ENV = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
#: the same on a Monday morning that goes on from ten: what is due next must not depend on when the tests are run
MONDAY = (
    sys.executable,
    "-c",
    "import time_machine; time_machine.travel('2026-03-02T02:00:00+00:00').start(); from desk.cli import main; main()",
)
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
#: the digits that choose a manual in the set-up
WORK_ORDERS, RESIDENTIAL = (
    str([name for name, _title in manuals()].index(manual) + 1) for manual in ("work-orders", "residential")
)


def found(screen: Screen, words: dict[str, str], manual: str, name: str, people: list[str]) -> None:
    """Go through the set-up screen, field by field."""
    screen.sees(words["welcome"])
    screen.keys("Enter")
    screen.sees(">" + words["language"])
    screen.keys("Enter")
    screen.sees(">" + words["estate"])
    screen.type(name)
    screen.sees(name)
    screen.keys("Enter")
    screen.sees(">" + words["manual"])
    screen.type(manual)
    screen.sees(">" + words["people"])
    for place, person in enumerate(people):
        if place:
            screen.keys("C-j")
        screen.type(person)
        screen.sees(person.split()[0])
    screen.keys("C-s")
    screen.sees(words["who"])


def sign_in(screen: Screen, typed: str, name: str, title: str) -> None:
    screen.type(typed)
    screen.sees(f"{name} · {title}")
    screen.keys("Enter")
    # the status line says who is signed in, at the end of what fits on its first line or before what is due
    screen.until(lambda text: f"{name} " in f"{text.splitlines()[0]} ", f"{name} signed in")


def test_a_shift(tmp_path: Path) -> None:
    """Set up, register, see what is due, pass it on, call back, hand over: by keys alone."""
    words = {"welcome": "Welcome", "language": "Language", "estate": "Estate", "manual": "Manual", "people": "People"}
    with terminal(tmp_path, *MONDAY, "--lang", "en", size=(100, 30), env=ENV) as screen:
        people = ["Lin Agent", "Chen Agent", "Wang technician"]
        found(screen, {**words, "who": "Who are you?"}, WORK_ORDERS, "Sunny Garden", people)
        sign_in(screen, "lin", "Lin", "Agent")

        # somebody nobody knows yet brings something to be repaired
        screen.sees(">Who")
        screen.type("3-2-501 Mr Zhang")
        screen.sees("as typed, not on record")
        screen.keys("Enter")
        screen.sees(">Kind")
        screen.type("1")
        screen.sees(">What", "After saving", "Claim the order")
        screen.type("tap leaks")
        screen.sees("tap leaks")
        screen.keys("C-s")
        screen.sees("Saved:", "Verification code")
        screen.keys("C-r")
        screen.sees("was read out")

        # what is due next, done from the board
        screen.keys("F3")
        screen.sees("Claim the order", "Enter Claim")
        screen.keys("Enter")
        screen.sees("Who claims it", "Wang", "Enter records it")  # the only one who can
        screen.keys("Enter")
        screen.sees("Recorded: Claim", "Call the customer")
        screen.keys("F9")
        screen.sees("Why it is due then", "source: S4-48")
        screen.keys("Escape")
        screen.until(lambda text: "Why it is due then" not in text, "the board again")

        # its page: everything about it, and what can be done now
        screen.keys("C-o")
        screen.sees("What to do?", "Claimed: Wang")
        screen.type("complete")
        screen.until(lambda text: "\n complete" in text or "\ncomplete" in text, "the search for an act")
        screen.keys("Enter")
        screen.sees(">Result")
        screen.keys("C-s")
        screen.sees("Recorded: Complete", "Closed")

        # the callback: all answers good
        screen.keys("F5")
        screen.sees("1 waiting", "Mr Zhang")
        screen.keys("Enter")
        screen.sees(">Outcome")
        screen.keys("C-s")
        screen.sees("0 waiting")
        screen.keys("F4")
        screen.sees("Called back", "Completed", "Claimed: Wang")

        # handed over, and taken over with what differs
        screen.keys("F6")
        screen.sees("Your sheet on leaving", "Called back 1")
        screen.keys("C-n")
        screen.sees(">Notes")
        screen.type("keys are in the drawer")
        screen.keys("C-s")
        screen.sees("Enter yes")
        screen.keys("Enter")
        screen.sees("waiting for whoever comes", "keys are in the drawer")
        screen.keys("F8")
        screen.sees("Who are you?")
        sign_in(screen, "chen", "Chen", "Agent")
        screen.sees("Waiting to be taken over", "keys are in the drawer")
        screen.keys("C-n")
        screen.sees(">Differences")
        screen.type("one key is missing")
        screen.keys("C-s")
        screen.sees("Your sheet on leaving · Chen")
        screen.keys("C-g")
        screen.sees("Lin", "Chen", "one key is missing")
        screen.keys("Escape", "F10")
        screen.sees("Enter Yes")
        end = time.monotonic() + PATIENCE
        # an Enter before the question can have been read does not answer it: then one presses again
        while "Enter Yes" in screen.text() and time.monotonic() < end:
            time.sleep(0.5)
            screen.keys("Enter")
        assert screen.ended() == 0


def test_in_chinese_on_a_small_screen(tmp_path: Path) -> None:
    """The same desk in Chinese at 80×24, typed as a Chinese input method hands it over: full-width digits and marks."""
    words = {"welcome": "欢迎使用", "language": "语言", "estate": "小区", "manual": "执行规程", "people": "人员"}
    with terminal(tmp_path, *MONDAY, "--lang", "zh", size=(80, 24), env=ENV) as screen:
        digit = RESIDENTIAL.translate(FULL_WIDTH)
        found(screen, {**words, "who": "您是哪一位"}, digit, "阳光花园", ["李静 客服员、客服主管", "王强 维修人员"])
        sign_in(screen, "lj", "李静", "客服员")
        screen.sees("[F2 接待]", ">谁")
        screen.type("３－２－５０１ 张伟")
        screen.sees("张伟 ·")
        screen.keys("Enter")
        screen.sees(">类别", "3-2-501")
        screen.type("１")
        screen.sees(">事项", "保存后", "开工单并通知维修部")
        screen.type("厨房漏水？能不能[/b]今天来")
        screen.sees("[/b]")
        screen.keys("C-s")
        screen.sees("已保存", "R-")
        screen.keys("F3")
        screen.sees("[F3 待办]", "开工单并通知维修部", "厨房漏水")
        screen.keys("Enter")
        screen.sees("通知责任部门或人员")
        screen.keys("Escape", "F1")
        screen.sees("帮助")
        screen.keys("Escape", "C-p")
        screen.sees("查找命令")
        screen.keys("Escape", "F6")
        screen.sees("[F6 交接班]", "未结事项 (1)")
        screen.resize(140, 40)
        text = screen.sees("未结事项 (1)", "厨房漏水")
        assert len(text.splitlines()) == 40


def _kept(ledger: Ledger) -> set[object]:
    return {draft.content.get("what") for draft in drafts.kept(ledger)}


def test_half_an_intake_survives_a_kill(tmp_path: Path) -> None:
    """What was typed two seconds before the power went is there again."""
    store = tmp_path / "desk.db"
    founding = ("init", "--name", "阳光花园", "--rulebook", "work-orders", "--staff", "Lin:agent", "--db", str(store))
    assert run_cli(founding) == 0
    command = (*DESK, "--lang", "en", "--db", str(store))
    with terminal(tmp_path, *command, env=ENV) as screen:
        sign_in(screen, "lin", "Lin", "Agent")
        screen.sees(">Who")
        screen.type("3-2-501 Mr Zhang")
        screen.sees("as typed")
        screen.keys("Enter")
        screen.sees(">Kind")
        screen.type("1")
        screen.sees(">What")
        screen.type("water under the sink")
        screen.sees("water under the sink")
        with Store.open(store, read_only=True) as records:
            ledger = Ledger.only(records)
            screen.until(lambda _text: bool(_kept(ledger) & {"water under the sink"}), "the draft on the disk")
        screen.kill()
    with terminal(tmp_path, *command, env=ENV) as screen:
        sign_in(screen, "lin", "Lin", "Agent")
        screen.sees("[1 Repair]", "water under the sink")


def test_a_store_that_cannot_be_opened(tmp_path: Path) -> None:
    """Told in a sentence at the start, and left as it is."""
    store = tmp_path / "desk.db"
    store.write_text("a shopping list")
    command = (*DESK, "--lang", "en", "--db", str(store))
    with terminal(tmp_path, *command, size=(80, 24), env=ENV) as screen:
        screen.sees("can't be opened", "Enter tries again")
        screen.keys("Escape")
        assert screen.ended() == 4
    assert store.read_text() == "a shopping list"
    with terminal(tmp_path, *command, size=(80, 24), env=ENV) as screen:
        screen.sees("Enter tries again")
        store.unlink()
        assert run_cli(("init", "--name", "Sunny Garden", "--staff", "Lin:agent", "--db", str(store))) == 0
        screen.keys("Enter")
        screen.sees("Who are you?", "Lin · Agent")


def test_the_linux_console_speaks_english_and_says_why(tmp_path: Path) -> None:
    """A console without Chinese letters: English though the locale and the memory of last time are Chinese, lines of
    plain characters, and a word on what would show Chinese."""
    folder = tmp_path / ".local" / "state" / "desk"
    folder.mkdir(parents=True)
    (folder / "console.json").write_text('{"language": "zh_CN"}', encoding="utf-8")
    env = {**ENV, "TERM": "linux", "LANG": "zh_CN.UTF-8"}
    with terminal(tmp_path, *MONDAY, size=(80, 25), env=env) as screen:
        told = screen.sees("This console cannot show Chinese.", "CJK font", "Welcome.", "[2 English]")
        assert not set(told) & set("╭╮│─…·欢迎"), told
