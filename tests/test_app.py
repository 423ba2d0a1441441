"""The console's shell: starts, signs in, goes from place to place, tells faults, keeps drafts, speaks both languages."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.widgets import Input, Static

from desk import i18n
from desk.app import DeskApp
from desk.errors import Refusal
from desk.screens.base import DeskScreen
from desk.screens.fault import FaultScreen
from desk.screens.setup import SetupScreen
from desk.screens.sign_in import SignInScreen
from desk.screens.verb import VerbScreen
from desk.session import DeskSession
from desk.store import Store
from desk.widgets.fields import Line
from desk.widgets.form import Form
from desk.widgets.palette import Palette
from desk.widgets.pick import Picker
from tests.desks import DeskForTest, make_desk
from tests.screens import HOSTILE, DeskPilot, run_desk


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "residential")


# -- starting ------------------------------------------------------------------------------------------------


async def test_takes_keys_before_the_store_is_open(desk: DeskForTest, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    honest = DeskSession.open

    def slow(self: DeskSession) -> bool:
        gate.wait(5)
        return honest(self)

    monkeypatch.setattr(DeskSession, "open", slow)
    async with run_desk(desk, who=None) as pilot:
        await pilot.sees("Opening the records")
        await pilot.press(*"superv", "enter")
        assert pilot.app.who is None
        gate.set()
        await pilot.until(lambda: pilot.app.current_mode == "intake")
        signed: str = pilot.who
        assert signed == "supervisor"


async def test_signs_in_by_initials_number_or_arrow(desk: DeskForTest) -> None:
    async with run_desk(desk, who=None) as pilot:
        await pilot.sees("Who are you?", "agent2")
        await pilot.type("003")
        await pilot.press("enter")
        await pilot.until(lambda: pilot.who)
        assert pilot.who == "manager"
    async with run_desk(desk, who=None) as pilot:
        await pilot.sees("agent2")
        pilot.app.memory.people[pilot.app.session.where] = str(desk.staff["manager"])
        await pilot.press("x", "backspace")
        await pilot.until(lambda: pilot.text().index("manager") < pilot.text().index("agent2"), "last one first")


async def test_nobody_fits(desk: DeskForTest) -> None:
    async with run_desk(desk, who=None) as pilot:
        await pilot.sees("agent2")
        await pilot.type("nobody at all")
        await pilot.until(lambda: not pilot.one(Picker).items)
        await pilot.press("enter")
        assert pilot.app.who is None
        await pilot.press("f3")
        assert isinstance(pilot.app.screen, SignInScreen), "no place is open to nobody"


async def test_an_unknown_name_on_the_command_line_asks(desk: DeskForTest) -> None:
    async with run_desk(desk, who=None) as pilot:
        pilot.app._asked_who = "谁"
        await pilot.sees("Who are you?")


async def test_first_start_sets_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was typed before anybody could know that there are no records yet does not stand there afterwards."""
    place = tmp_path / "new.db"
    gate, honest = threading.Event(), DeskSession.open
    monkeypatch.setattr(DeskSession, "open", lambda self: gate.wait(5) and honest(self))
    async with run_desk(place, who=None) as pilot:
        await pilot.type("2")
        gate.set()
        await pilot.until(lambda: isinstance(pilot.app.screen, SetupScreen))
        await pilot.press("1", "2")
        await pilot.type("阳光花园")
        await pilot.press("enter", "1")
        pilot.one("#people").put("李静 agent,supervisor\n王敏 technician")
        await pilot.sees("王敏: Repair worker")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: isinstance(pilot.app.screen, SignInScreen), "set up")
        await pilot.sees("李静", "王敏")
        await pilot.press("enter")
        await pilot.until(lambda: pilot.app.current_mode == "intake")
        assert pilot.who == "李静"
        await pilot.sees("阳光花园")


async def test_set_up_in_the_other_language_goes_on_in_it(tmp_path: Path) -> None:
    async with run_desk(tmp_path / "new.db", who=None) as pilot:
        await pilot.until(lambda: isinstance(pilot.app.screen, SetupScreen))
        await pilot.press("2", "1", "1", "ctrl+s")
        await pilot.until(lambda: isinstance(pilot.app.screen, SignInScreen), "the demonstration estate", seconds=60)
        await pilot.sees("阳光花园", "您是哪一位" if i18n._("Who are you?") != "Who are you?" else "Who are you?")
        await pilot.press("enter")
        await pilot.until(lambda: pilot.app.current_mode == "intake")
        assert i18n.language() == "zh_CN"


async def test_set_up_says_what_is_missing(tmp_path: Path) -> None:
    async with run_desk(tmp_path / "new.db", who=None) as pilot:
        await pilot.until(lambda: isinstance(pilot.app.screen, SetupScreen))
        await pilot.press("ctrl+s")
        await pilot.sees("What is the estate called?")
        await pilot.type("A")
        await pilot.press("ctrl+s")
        await pilot.sees("Who works here?")
        await pilot.type("李静 astronaut")
        await pilot.press("ctrl+s")
        await pilot.sees("astronaut")
        assert not (tmp_path / "new.db").exists(), "nothing is made before it is whole"


# -- faults at the start ---------------------------------------------------------------------------------------


def _garbage(path: Path) -> None:
    path.write_bytes(b"this is no database at all" * 100)


def _newer(path: Path) -> None:
    store = Store.open(path, create=True)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()


def _broken_rulebook(path: Path) -> None:
    desk = make_desk(path.parent, "residential")
    with desk.store.engine.begin() as connection:
        connection.exec_driver_sql("""UPDATE rulebookversion SET rulebook = '{"title": 3, "nonsense": 1}'""")
    desk.store.close()


@pytest.mark.file_only("the faults of a file")
@pytest.mark.parametrize(
    ("spoil", "code"), [(_garbage, "not_a_database"), (_newer, "newer"), (_broken_rulebook, "rulebook")]
)
async def test_faults_are_told_in_a_sentence(tmp_path: Path, spoil: Any, code: str) -> None:
    path = tmp_path / "desk.db"
    spoil(path)
    async with run_desk(path, who=None) as pilot:
        await pilot.until(lambda: isinstance(pilot.app.screen, FaultScreen), code)
        await pilot.sees("can't be opened", "Nothing has been changed")
        assert "Traceback" not in pilot.text()
        assert not pilot.app.bugs
        if code == "not_a_database":
            path.unlink()
            await pilot.press("enter")
            await pilot.until(lambda: isinstance(pilot.app.screen, SetupScreen), "trying again finds it gone")


async def test_a_bug_in_a_job_is_noted_and_the_console_stays(desk: DeskForTest) -> None:
    async with run_desk(desk, bugs=True) as pilot:

        async def broken() -> None:
            raise ZeroDivisionError("[/b]")

        pilot.app.job(broken())
        await pilot.sees("Something went wrong")
        await pilot.press("f3")
        await pilot.until(lambda: pilot.app.current_mode == "due")
        assert [type(bug) for bug in pilot.app.bugs] == [ZeroDivisionError]


# -- places, status, help, commands ----------------------------------------------------------------------------


def _stands_in(pilot: DeskPilot, mode: str) -> bool:
    return pilot.app.current_mode == mode


async def test_every_place_by_its_key_with_the_status_line(desk: DeskForTest) -> None:
    desk.open("repair", what="漏水", room="3-2-501")
    async with run_desk(desk, size=(80, 24)) as pilot:
        for key, mode in [
            ("f3", "due"),
            ("f4", "log"),
            ("f5", "callbacks"),
            ("f6", "handover"),
            ("f7", "more"),
            ("f2", "intake"),
        ]:
            await pilot.press(key)
            await pilot.until(partial(_stands_in, pilot, mode), mode)
            await pilot.sees("阳光花园", "agent", "10:00", "Overdue", "Within the hour", "Next", "left", "F1 Help")


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_the_status_line_counts_and_the_countdown_runs(desk: DeskForTest, size: tuple[int, int]) -> None:
    desk.open("repair", what="漏水", room="3-2-501")
    async with run_desk(desk, size=size) as pilot:
        await pilot.sees("Next 10:30 R-0302-001", "30:00 left")
        desk.now += timedelta(seconds=75)
        await pilot.sees("28:45 left")


async def test_what_another_counter_wrote_is_seen(desk: DeskForTest) -> None:
    async with run_desk(desk, tick=0.05) as pilot:
        before = pilot.app.revision
        await pilot.sees("Overdue")
        desk.open("repair", what="漏水", room="3-2-501")
        await pilot.until(lambda: pilot.app.revision > before)
        await pilot.sees("R-0302-001")


async def test_what_comes_up_is_gathered_in_one_notice(desk: DeskForTest) -> None:
    for _n in range(20):
        desk.open("repair", what="漏水", room="3-2-501")
    async with run_desk(desk, tick=0.05) as pilot:
        await pilot.until(lambda: pilot.app.status.overdue is not None)
        pilot.app.clear_notifications()
        desk.now += timedelta(days=2)
        await pilot.sees("more")
        assert len(pilot.app._notifications) <= 2


async def test_help_says_what_the_focused_part_is_for(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    async with run_desk(desk) as pilot:
        await _form(pilot, "ticket", "note", ticket, "R-1")
        await pilot.press("f1")
        await pilot.sees("Several lines of text", "Ctrl+S", "Save what has been written")
        await pilot.press("f1")
        await pilot.until(lambda: isinstance(pilot.app.screen, VerbScreen))


async def test_the_palette_finds_by_part_and_by_initials(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await pilot.press("ctrl+p")
        await pilot.until(lambda: isinstance(pilot.app.screen, Palette))
        await pilot.type("callb")
        await pilot.press("enter")
        await pilot.until(lambda: pilot.app.current_mode == "callbacks")
        await pilot.press("ctrl+p")
        await pilot.until(lambda: isinstance(pilot.app.screen, Palette))
        await pilot.type("nothing like it")
        await pilot.sees("No command fits")
        await pilot.press("escape")
        await pilot.until(lambda: isinstance(pilot.app.screen, DeskScreen))


async def test_change_of_person_and_of_colours(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await pilot.press("f8")
        await pilot.sees("Who are you?")
        await pilot.type("manager")
        await pilot.until(lambda: [i.title for i in pilot.one(Picker).items] == ["manager", "project_manager"])
        await pilot.press("enter")
        await pilot.until(lambda: pilot.who == "manager")
        await pilot.sees("manager")
        pilot.app.job(pilot.app.action_theme())
        await pilot.sees("Plain lines")
        await pilot.press("3")
        await pilot.until(lambda: pilot.app.theme == "desk-plain")


async def test_plain_lines_use_no_character_of_uncertain_width(desk: DeskForTest) -> None:
    import unicodedata

    desk.open("repair", what="漏水", room="3-2-501")
    async with run_desk(desk, theme="desk-plain", size=(80, 24)) as pilot:
        await pilot.sees("Next 10:30")
        for key in ("f7", "f1"):
            await pilot.press(key)
            await asyncio.sleep(0.2)
            uncertain = {c for c in pilot.text() if unicodedata.east_asian_width(c) == "A"}
            assert not uncertain, uncertain


async def test_the_other_language_at_once(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await pilot.sees("F3 To do")
        pilot.app.job(pilot.app.action_language())
        await pilot.sees("简体中文")
        await pilot.press("1")
        await pilot.until(lambda: i18n.language() == "zh_CN")
        await pilot.until(lambda: isinstance(pilot.app.screen, DeskScreen) and pilot.app.current_mode == "intake")
        assert pilot.app.memory.language == "zh_CN"


async def test_leaving_asks_once(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await pilot.press("ctrl+c")
        await pilot.sees("F10 leaves")
        await pilot.press("f10")
        await pilot.sees("Leave the console?")
        await pilot.press("escape")
        await pilot.until(lambda: isinstance(pilot.app.screen, DeskScreen))
        assert pilot.app.is_running


# -- doing a verb ------------------------------------------------------------------------------------------------


async def _form(pilot: DeskPilot, *args: Any, **more: Any) -> list[Any]:
    done: list[Any] = []
    pilot.app.push_screen(VerbScreen(*args, **more), done.append)
    await pilot.until(lambda: pilot.has_keys(pilot.one(Form)), "the form has the keys")
    return done


async def test_a_verb_is_done_by_its_form(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    async with run_desk(desk) as pilot:
        done = await _form(pilot, "ticket", "note", ticket, "R-0302-001")
        await pilot.press("ctrl+s")
        await pilot.sees("still missing")
        await pilot.type("水管在墙里")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: done)
        assert desk.words(ticket, "ticket.noted")["note"] == "水管在墙里"
        assert desk.events(ticket)[-1].done_by == desk.staff["agent"]
        await pilot.sees("Recorded")


async def test_done_earlier_and_by_another(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    async with run_desk(desk) as pilot:
        done = await _form(pilot, "ticket", "note", ticket)
        await pilot.type("x")
        form = pilot.one(Form)
        form.fields["_by"].focus()
        await pilot.until(lambda: pilot.has_keys(form.fields["_by"]))
        await pilot.type("technician2")
        await pilot.until(lambda: len(form.fields["_by"].items) == 1)
        await pilot.press("enter")
        await pilot.until(lambda: pilot.has_keys(form.fields["_at"]))
        await pilot.type("９：３０")
        await pilot.sees("= 09:30")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: done)
        event = desk.events(ticket)[-1]
        assert (event.done_by, event.recorded_by) == (desk.staff["technician2"], desk.staff["agent"])
        assert desk.local(event.happened_at) == "2026-03-02 09:30"
        assert event.late


async def test_a_refusal_stands_in_the_form(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    desk.do("cancel", ticket, reason="误报")
    async with run_desk(desk) as pilot:
        await _form(pilot, "ticket", "pause", ticket, values={"reason": "parts"})
        await pilot.press("ctrl+s")
        await pilot.until(lambda: pilot.one("Sentence").text)
        assert isinstance(pilot.app.screen, VerbScreen)
        form = pilot.one(Form)
        form.fields["_at"].put("呵呵")
        await pilot.sees("is no time")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: "呵呵" in pilot.one("Sentence").text)


async def test_a_draft_survives_leaving_and_a_crash(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    async with run_desk(desk) as pilot:
        await _form(pilot, "ticket", "note", ticket)
        await pilot.type("写到一半")
        await pilot.press("escape")
        await pilot.until(lambda: not isinstance(pilot.app.screen, VerbScreen))
        await _form(pilot, "ticket", "note", ticket)
        await pilot.sees("写到一半")
        await pilot.type("又写了一些")
        await pilot.until(lambda: _drafts(desk) == ["写到一半又写了一些"], "on the disk by itself")
        # a crash now: nothing is flushed
        pilot.app.keepers.clear()
    async with run_desk(desk) as pilot:
        done = await _form(pilot, "ticket", "note", ticket)
        await pilot.sees("写到一半又写了一些")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: done)
        await pilot.until(lambda: not _drafts(desk), "a saved form leaves no draft")


async def test_what_is_pasted_before_a_form_is_painted_is_on_the_disk_by_itself(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    async with run_desk(desk) as pilot:
        screen = VerbScreen("ticket", "note", ticket)
        pilot.app.push_screen(screen)
        while screen.form is None or not pilot.has_keys(screen.form):
            await asyncio.sleep(0)
        screen.form.fields["note"].post_message(events.Paste("写到一半"))
        await pilot.until(lambda: _drafts(desk) == ["写到一半"], "on the disk by itself")


async def test_what_is_taken_out_again_is_not_in_the_draft(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    async with run_desk(desk) as pilot:
        await _form(pilot, "ticket", "note", ticket)
        await pilot.type("x")
        await pilot.until(lambda: _drafts(desk) == ["x"], "on the disk by itself")
        await pilot.press("backspace")
        await pilot.until(lambda: not _drafts(desk), "nothing is written any more")


def _drafts(desk: DeskForTest) -> list[str]:
    from desk.procedures import drafts

    return [draft.content["note"] for draft in drafts.kept(desk.ledger)]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_does_no_harm(desk: DeskForTest, text: str) -> None:
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    async with run_desk(desk) as pilot:
        done = await _form(pilot, "ticket", "note", ticket, about=text)
        await pilot.type(text)
        pilot.app.say(text, "error")
        await asyncio.sleep(0.1)
        assert not {"\x1b", "\u202e", "\x07"} & set(pilot.text())
        await pilot.press("ctrl+s")
        await pilot.until(lambda: done)


async def test_guards_are_put_to_the_person(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        asked: list[dict[str, object]] = []

        def write(ledger: Any, doing: Any) -> str:
            asked.append({"confirmed": doing.confirmed, "approved_by": doing.approved_by})
            if not doing.confirmed:
                raise Refusal("guard.ask", guard="x", text={"en": "Sure? [/b]", "zh": "?"})
            if doing.approved_by is None:
                raise Refusal("guard.approve", guard="y", text={"en": "Costly.", "zh": "?"}, duties=["manager"])
            return "done"

        results: list[object] = []

        async def go() -> None:
            results.append(await pilot.app.writing(write))

        pilot.app.job(go())
        await pilot.sees("Sure? [/b]")
        await pilot.press("enter")
        await pilot.sees("Costly. Who approves it?", "manager")
        await pilot.press("enter")
        await pilot.until(lambda: results == ["done"])
        assert asked[-1] == {"confirmed": True, "approved_by": desk.staff["manager"]}
        pilot.app.job(go())
        await pilot.sees("Sure?")
        await pilot.press("escape")
        await pilot.until(lambda: results[1:] == [None])


async def test_no_screen_feeds_user_text_to_markup(desk: DeskForTest) -> None:
    """Every Static on the shell's own screens was given content, not a string to be parsed."""
    async with run_desk(desk) as pilot:
        for key in ("f2", "f7", "f1"):
            await pilot.press(key)
            await asyncio.sleep(0.1)
            for static in pilot.app.screen.query(Static):
                assert not isinstance(static.content, str) or not static.content, static
        assert isinstance(pilot.app, DeskApp)
        assert all(isinstance(field, Line) for field in pilot.app.screen.query(Input))


async def test_named_beforehand_one_stands_in_the_place_at_once(
    desk: DeskForTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    honest = DeskSession.open

    def slow(self: DeskSession) -> bool:
        gate.wait(5)
        return honest(self)

    monkeypatch.setattr(DeskSession, "open", slow)
    i18n.install("en")
    app = DeskApp(desk.store.path or desk.store.url, who="agent", mode="intake", clock=lambda: desk.now, tick=0)
    async with app.run_test(size=(80, 24)) as inner:
        pilot = DeskPilot(inner, app)
        await pilot.sees("[F2 Intake]", "Opening the records")
        await pilot.type("3-2-501")
        await pilot.press("f3")
        await pilot.sees("[F3 To do]")
        await pilot.press("f2")
        gate.set()
        await pilot.sees("agent", "3-2-501", "Overdue")
