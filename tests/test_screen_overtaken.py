"""Keys and edits that come too early or too late: nothing written is lost, nothing is done twice or to another."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from desk.actions import CARD_TICKET
from desk.errors import Refusal
from desk.procedures import drafts
from desk.screens.intake import IntakeScreen
from desk.screens.people import PeopleScreen
from desk.screens.tickets import TicketsScreen
from desk.screens.verb import VerbScreen
from desk.store import sqlite
from desk.typeahead import READ, passed
from desk.widgets import table
from desk.widgets.dialog import Confirm
from desk.widgets.palette import Palette
from desk.widgets.pick import Item, Picker
from tests.desks import DeskForTest, make_desk
from tests.residents import inhabited
from tests.screens import DeskPilot, run_desk
from tests.test_screen_handover import signed
from tests.test_screen_waiting import board, come, visit
from tests.test_typeahead import burst


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return inhabited(tmp_path)


@asynccontextmanager
async def held(pilot: DeskPilot, *, write: bool = False) -> AsyncIterator[threading.Event]:
    """Whatever is read (or written) waits until the event is set, at the latest at the end."""
    free = threading.Event()
    begin = pilot.app.session.write if write else pilot.app.session.read
    busy = [asyncio.ensure_future(begin(lambda: free.wait(20))) for _thread in range(1 if write else 2)]
    try:
        yield free
    finally:
        free.set()
        await asyncio.gather(*busy)


async def _form(pilot: DeskPilot, *args: Any) -> VerbScreen:
    screen = VerbScreen(*args)
    pilot.app.push_screen(screen)
    await pilot.until(lambda: screen.form is not None and pilot.has_keys(screen.form), "the form has the keys")
    return screen


def _named(desk: DeskForTest, name: str) -> int:
    return [event.name for event in desk.events()].count(name)


async def test_a_form_whose_save_takes_long(desk: DeskForTest) -> None:
    """Saved twice it is recorded once; done, it goes itself, and not what stands over it or in another place."""
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    async with run_desk(desk) as pilot:
        screen = await _form(pilot, "ticket", "note", ticket)
        await pilot.type("水管在墙里")
        async with held(pilot, write=True):
            assert screen.form is not None
            for _press in range(2):
                screen.form.action_save()
                await pilot.pilot.pause()
            question = Confirm("Leave?")
            pilot.app.push_screen(question)
        await pilot.until(lambda: screen not in pilot.app.screen_stack, "the form has gone")
        assert pilot.app.screen is question
        assert _named(desk, "ticket.noted") == 1
        # -- what is typed behind the key that saves an intake is in no ticket: it is a draft of its own
        await pilot.press("escape")
        intake = cast(IntakeScreen, pilot.app.screen)
        burst(pilot, "zw 501", "enter", "1", "厨房漏水")
        await pilot.until(lambda: intake.form.what.text == "厨房漏水", "all of it")
        async with held(pilot, write=True):
            intake.action_save()
            await pilot.until(lambda: intake._asked, "the save has begun")
            intake.form.what.insert("，灯也不亮")
            await pilot.pilot.pause()
        await pilot.sees("is kept as a draft: Ctrl+B", "Saved: R-0302-002")
        assert [draft.content["what"] for draft in drafts.kept(desk.ledger)] == ["厨房漏水，灯也不亮"]
        assert desk.ticket(desk.events()[-1].root_id).what == "厨房漏水"


@pytest.mark.file_only("the locks of a file")
async def test_what_cannot_be_kept_stays_in_the_form(desk: DeskForTest) -> None:
    """The records are locked: putting aside, leaving and going elsewhere leave what was written where it is."""
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    async with run_desk(desk, size=(120, 40)) as pilot:
        form = pilot.app.screen.form  # type: ignore[attr-defined]
        await pilot.type("501")
        with _locked(pilot):
            await pilot.press("escape", "escape")
            await pilot.sees("is being written by another program")
            assert form.who.text == "501"
            screen = await _form(pilot, "ticket", "note", ticket)
            await pilot.type("写到一半")
            await pilot.press("f2")
            assert pilot.app.screen is screen
            await pilot.press("escape")
            await pilot.sees("could not be kept as a draft")
            await pilot.press("escape")
            assert pilot.app.screen is screen
            assert screen.form is not None
            assert screen.form.draft() == {"note": "写到一半"}
            await pilot.press("escape", "enter")
            await pilot.until(lambda: screen not in pilot.app.screen_stack, "let go")


@contextmanager
def _locked(pilot: DeskPilot) -> Iterator[None]:
    """Another program writes to the records, longer than the console waits for it."""
    store = pilot.app.session.store
    assert store is not None
    assert store.path is not None
    with store.engine.connect() as ours:
        ours.exec_driver_sql("PRAGMA busy_timeout = 100")
    with closing(sqlite.connect(store.path, mode="rw", wait=5, query_only=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def _waits(pilot: DeskPilot) -> None:
    """The keys that were sent have been handed on, or wait for what was begun by the one before."""
    keys = pilot.app.typeahead
    await passed(pilot.app.call_later)  # by then they stand in line
    await pilot.until(lambda: keys._line.empty() or keys._holds, "the keys stand in line, or are through")
    await pilot.pilot.pause(0.05)


async def test_keys_behind_what_is_still_being_read(desk: DeskForTest) -> None:
    """The palette's letters are the palette's, an arrow behind a name marks among the answers, and a reading that
    another counter's act begins anew is waited for as the first one was."""
    desk.open("repair", what="灯不亮", room="3-2-502")
    async with run_desk(desk) as pilot:
        async with held(pilot):
            burst(pilot, "ctrl+p", "callb", "enter")
            await _waits(pilot)
        await pilot.until(lambda: pilot.app.current_mode == "callbacks", "the palette's command")
        burst(pilot, "f8")
        await pilot.sees("agent2")
        picker = pilot.one(Picker)
        asked, honest = list[bool](), picker.find

        async def locked(_typed: str) -> Sequence[Item]:
            asked.append(picker._enter_waits)
            raise Refusal("store.locked", place="here")

        picker.find = locked
        burst(pilot, "manage", "enter")
        await pilot.until(lambda: any(asked), "Enter asks too, and waits for the answer")
        await pilot.sees("is being written by another program")
        picker.find = honest
        burst(pilot, "r")
        await pilot.until(lambda: len(picker.items) == 2, "those who fit")
        await pilot.pilot.pause()
        assert pilot.one(Picker) is picker, "the Enter before was not for these"
        picker.put("")
        async with held(pilot):
            burst(pilot, "managerx", "backspace")
            # an answer is waited for a second longer
            await pilot.until(lambda: picker.text == "manager", "what is taken out again waits for no answer", READ - 1)
            burst(pilot, "down", "enter")
            await _waits(pilot)
        await pilot.until(lambda: pilot.who == "project_manager", "the second of those found")
        async with held(pilot):
            burst(pilot, "f4")
            await pilot.until(lambda: pilot.app.current_mode == "log" and pilot.app.typeahead._holds, "reading")
            pilot.app.stale(by_itself=True)
            burst(pilot, "ctrl+o")
            await _waits(pilot)
        await pilot.sees("What to do?", "灯不亮")


async def test_a_key_as_the_rows_move_by_themselves(desk: DeskForTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else has done what is marked: the Enter that was meant for it does not open the next one."""
    monkeypatch.setattr(table, "GLIMPSE", 1e9)
    tickets = [desk.open("repair", what=f"漏水{n}", room="3-2-501") for n in range(12)]
    async with run_desk(desk, mode="due") as pilot:
        await pilot.sees("漏水0", "漏水1")
        board = pilot.table
        marked = board.marked
        assert marked is not None
        desk.do("cancel", marked.data.ticket_id, reason="误报")
        pilot.app.stale(by_itself=True)
        await pilot.until(lambda: board.marked is not None and board.marked.key != marked.key, "the row has gone")
        await pilot.press("enter")
        await pilot.sees("It has just changed by itself")
        assert pilot.app.screen is board.screen
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, VerbScreen), "the next one, as it stands there")
        # -- a page that comes while the first is being read anew
        screen = TicketsScreen()
        screen.PAGE = 4
        pilot.app.push_screen(screen)
        await pilot.until(lambda: len(screen.rows) == 8, "two pages")
        first, second = threading.Event(), threading.Event()
        session = pilot.app.session
        busy = [asyncio.ensure_future(session.read(partial(event.wait, 20))) for event in (first, second)]
        screen.job(screen._next_page(), group="more")
        await asyncio.sleep(0)
        screen.freshen(by_itself=True)
        await pilot.pilot.pause()
        first.set()
        await pilot.until(lambda: len(screen.rows) > 8, "the third page")
        screen.table.mark(str(tickets[1]))
        await pilot.pilot.pause()
        second.set()
        await asyncio.gather(*busy)
        await pilot.until(lambda: screen._reading is not None and screen._reading.is_finished, "read anew")
        assert screen.table.marked is not None
        assert screen.table.marked.key == str(tickets[1])


async def test_a_visitor_others_have_dealt_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the palette offers is done for whom it stood there, and Enter is what stood there when it was pressed."""
    monkeypatch.setattr(table, "GLIMPSE", 1e9)
    counter = make_desk(tmp_path, "reception")
    first, second = come(counter, "10:00"), come(counter, "10:00")
    async with run_desk(counter, mode="waiting") as pilot:
        await board(pilot)
        await pilot.press("ctrl+p")
        await pilot.until(lambda: isinstance(pilot.app.screen, Palette))
        counter.do("serve", first, of="visit")
        counter.do("send-off", first, of="visit")
        pilot.app.stale(by_itself=True)
        waiting = pilot.app.screen_stack[0]
        await pilot.until(lambda: waiting.marked.id == second and waiting._ways_for is waiting.marked, "the next one")  # type: ignore[attr-defined]
        await pilot.type("serve")
        await pilot.press("enter")
        await pilot.until(lambda: pilot.app.screen is waiting)
        await pilot.pilot.pause(0.3)
        assert visit(counter, second).status == "waiting"


async def test_the_card_of_another(desk: DeskForTest) -> None:
    """The mark has moved on, the card is still being read: the key is about whom is marked."""
    desk.open("repair", what="主卧空调", room="3-2-501")
    desk.open("repair", what="灯不亮", room="3-2-502")
    async with run_desk(desk, mode="more") as pilot:
        screen = PeopleScreen()
        pilot.app.push_screen(screen)
        await pilot.sees("Staff")
        await pilot.type("3-2-50")
        await pilot.sees("Rooms", "3-2-502")
        people = pilot.table
        people.focus()
        at = {row.cells[0]: row.key for row in people.rows_shown if row.key.startswith("r")}
        people.mark(at["3-2-501"])
        await pilot.until(lambda: getattr(screen.card, "code", "") == "3-2-501", "the first one's card")
        async with held(pilot):
            people.mark(at["3-2-502"])
            await pilot.press(CARD_TICKET.key)
        await pilot.sees("灯不亮", "What to do?")


async def test_drafts_are_of_whoever_wrote_them_and_kept_once(desk: DeskForTest) -> None:
    """A writing nobody waits for any more, somebody else at the console, a lock while the disk is slow: one draft."""
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    async with run_desk(desk) as pilot:
        app = pilot.app
        screen = await _form(pilot, "ticket", "note", ticket)
        await pilot.type("写到一半")
        app.session.with_pin = frozenset({desk.staff["agent"]})
        async with held(pilot, write=True):
            stopped = asyncio.ensure_future(screen.keeper.flush())
            await asyncio.sleep(0)
            stopped.cancel()
            for _second in range(3):
                app.action_lock()
                await pilot.until(lambda: app.current_mode == "locked", "locked at once")
        await app.switch_mode("intake")
        await app.keep_drafts()
        assert [draft.content for draft in drafts.kept(desk.ledger)] == [{"note": "写到一半"}]
        await pilot.type("又写了一些")
        app.job(app.sign_in(next(each for each in app.session.staff if each.name == "agent2")))
        await pilot.until(lambda: pilot.who == "agent2")
        (draft,) = drafts.kept(desk.ledger)
        assert (draft.content, draft.staff_id) == ({"note": "写到一半又写了一些"}, desk.staff["agent"])
        # -- the terminal goes while a draft is being written for the first time
        other = await _form(pilot, "ticket", "urge", ticket)
        assert other.form is not None
        other.form.fields["note"].put("催")
        async with held(pilot, write=True) as free:
            asyncio.ensure_future(other.keeper.flush())  # noqa: RUF006 - nobody is left to wait for it
            await asyncio.sleep(0)
            threading.Timer(0.1, free.set).start()
            app.keep_drafts_at_once()
        assert [draft.content["note"] for draft in drafts.kept(desk.ledger)] == ["写到一半又写了一些", "催"]


async def test_a_draft_taken_up_while_the_place_is_read_anew(desk: DeskForTest) -> None:
    """It stands there whole, or what is missing would be missing on the disk from then on."""
    content = {"who": "张伟", "person": "张伟", "kind": "complaint", "what": "噪音", "fields": {"demand": "道歉"}}
    drafts.save(desk.ledger, "intake", content, desk.now, staff_id=desk.staff["agent"])
    async with run_desk(desk, mode="log") as pilot:
        going = asyncio.ensure_future(pilot.app.action_mode("intake"))
        while not isinstance(pilot.app.screen, IntakeScreen) or pilot.app.screen.keeper.draft_id is None:
            await asyncio.sleep(0)
        screen = pilot.app.screen
        screen.freshen(by_itself=True)
        await going
        await pilot.sees("The intake you were at is here again.")
        kept = screen._content()
        assert {name: kept.get(name) for name in content} == content


async def test_another_sheet_while_notes_are_written(desk: DeskForTest) -> None:
    """Another counter signs: what one writes stays on one's own sheet, all of it."""
    async with run_desk(desk, mode="handover") as pilot:
        await pilot.sees("Your sheet on leaving")
        await pilot.press("ctrl+n")
        await pilot.type("钥匙在")
        signed(desk, "agent2")
        async with held(pilot, write=True):
            pilot.app.stale(by_itself=True)
            await pilot.sees("waiting to be taken over")
            await pilot.type("抽屉")
        await pilot.press("ctrl+n")
        await pilot.sees("Your sheet on leaving", "钥匙在抽屉")
        await pilot.press("ctrl+t")
        await pilot.sees("Differences")
