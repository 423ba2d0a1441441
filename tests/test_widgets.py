"""The shared widgets by themselves: what is typed and pasted, picked and chosen, paged and refused."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget

from desk import themes
from desk.errors import Refusal
from desk.widgets.fields import Changed, Choice, Entered, Flag, Line, Number, Prose, TimeLine
from desk.widgets.form import Ask, Clock, Form, Sentence
from desk.widgets.options import Options
from desk.widgets.palette import Command, matches
from desk.widgets.pick import Item, Picker
from desk.widgets.table import Column, RecordTable, TableRow
from desk.widgets.text import cell, cut, fill, plain
from tests.screens import HOSTILE

ROOT = Path(__file__).resolve().parent.parent
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def _parse(text: str) -> datetime:
    if text != "noon":
        raise Refusal("time.unclear", text=text)
    return NOON


CLOCK = Clock(_parse, lambda at: f"{at:%H:%M}", lambda refusal: f"no: {refusal.code}")


@pytest.fixture(autouse=True)
def _drawn_as_usual() -> None:
    themes.draw(themes.DEFAULT)


class Host(App[None]):
    """Holds the widgets under test and remembers their messages."""

    def __init__(self, *widgets: Widget) -> None:
        super().__init__()
        self.parts = widgets
        self.got: list[Any] = []

    def compose(self) -> ComposeResult:
        yield from self.parts

    def on_changed(self, event: Changed) -> None:
        self.got.append(event)

    def on_entered(self, event: Entered) -> None:
        self.got.append(event)

    def on_form_saved(self, event: Form.Saved) -> None:
        self.got.append(event)

    def on_record_table_chosen(self, event: RecordTable.Chosen) -> None:
        self.got.append(event)

    def on_record_table_more(self, event: RecordTable.More) -> None:
        self.got.append(event)

    def of(self, kind: type) -> list[Any]:
        return [each for each in self.got if isinstance(each, kind)]


@asynccontextmanager
async def hosting(*widgets: Widget) -> AsyncIterator[tuple[Pilot[None], Host]]:
    app = Host(*widgets)
    async with app.run_test(size=(80, 24)) as pilot:
        widgets[0].focus()
        await pilot.pause()
        yield pilot, app


async def until(condition: Callable[[], object]) -> None:
    for _n in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("never")


# -- text ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_people_is_drawn_as_it_is_and_harmless(text: str) -> None:
    drawn = plain(text)
    assert not {"\x1b", "\x07", "\x00", "\u202e"} & set(drawn.plain)
    assert not drawn.spans or all(not str(span.style).startswith("@") for span in drawn.spans)
    assert not {"\x1b", "\x07", "\x00", "\u202e"} & set(cell(text, width=20).plain)
    assert cell(text, width=20).cell_len <= 20


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("漏水了", 6, "漏水了"),
        ("漏水了吧", 6, "漏水…"),
        ("漏水了吧", 5, "漏水…"),
        ("abc", 2, "a…"),
        ("漏", 1, "…"),
        ("", 3, ""),
    ],
)
def test_cut_counts_cells(text: str, width: int, shown: str) -> None:
    assert cut(text, width) == shown
    assert plain(fill(text, width)).plain is not None


# -- fields -------------------------------------------------------------------------------------------------------


async def test_a_paste_of_a_million_characters_is_cut_at_once() -> None:
    line, prose = Line(), Prose()
    async with hosting(line, prose) as (pilot, _app):
        line.post_message(events.Paste("长\x1b[31m" * 200_000))
        prose.post_message(events.Paste("行\r\n" * 300_000))
        await until(lambda: line.value and prose.text)
        await pilot.pause()
        assert len(line.given) == 200
        assert len(prose.text) <= 4000
        assert "\x1b" not in line.value
        assert "\r" not in prose.text


async def test_a_line_takes_and_gives() -> None:
    line = Line()
    async with hosting(line) as (pilot, app):
        line.put("已有")
        await pilot.press("end", "a", "enter")
        assert line.given == "已有a"
        assert [type(each) for each in app.got][-1] is Entered
        line.put("x\x00y\u202e  z")
        assert line.given == "xy z"
        line.put(None)
        assert line.given is None


async def test_prose_goes_on_by_enter_and_breaks_lines_by_ctrl_j() -> None:
    prose = Prose()
    async with hosting(prose) as (pilot, app):
        await pilot.press("a", "ctrl+j", "b", "enter")
        assert prose.given == "a\nb"
        assert len(app.of(Entered)) == 1


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (["2"], "b"),
        (["２"], "b"),
        (["right"], "a"),
        (["left"], "c"),
        (["2", "right"], "c"),
        (["9"], None),
        (["1", "backspace"], None),
    ],
)
async def test_a_choice_by_digit_or_arrow(keys: Sequence[str], value: str | None) -> None:
    choice = Choice([("a", "One"), ("b", "Two"), ("c", "Three")])
    async with hosting(choice) as (pilot, app):
        await pilot.press(*keys)
        assert choice.given == value
        assert bool(app.of(Entered)) == bool({"1", "2", "２"} & set(keys)), "a digit goes on"


@pytest.mark.parametrize(
    ("key", "value"), [("1", True), ("y", True), ("2", False), ("n", False), ("ｙ", True), ("x", None)]
)
async def test_a_flag(key: str, value: bool | None) -> None:
    flag = Flag()
    async with hosting(flag) as (pilot, _app):
        await pilot.press(key)
        assert flag.given is value


@pytest.mark.parametrize(
    ("typed", "value"), [("１２．５", 12.5), ("1,200", 1200), ("", None), ("abc", "abc"), ("nan", "nan"), ("-3", -3)]
)
async def test_a_number(typed: str, value: object) -> None:
    number = Number(limit=20)
    async with hosting(number) as (_pilot, _app):
        number.put(typed)
        assert number.given == value


async def test_a_time_says_what_it_means() -> None:
    field = TimeLine(CLOCK.parse, CLOCK.show, sentence=CLOCK.sentence)
    async with hosting(field) as (pilot, _app):
        meaning = field.query_one(TimeLine.Meaning)
        await pilot.press(*"noo")
        await until(lambda: meaning.text == "no: time.unclear")
        with pytest.raises(Refusal):
            assert field.given
        await pilot.press("n")
        await until(lambda: meaning.text == "= 04:00")
        assert field.given == NOON
        exact = NOON.replace(second=17)
        field.put(exact)
        assert field.given == exact, "a time that was put is not rounded by being shown"


# -- picking ------------------------------------------------------------------------------------------------------

PEOPLE = [Item(str(n), name, "[/b] hint") for n, name in enumerate(["马俊", "马[/b]俊", "李静"])]


async def _find(text: str) -> list[Item]:
    await asyncio.sleep(0.02)
    return [item for item in PEOPLE if item.title.startswith(text)]


async def test_what_is_written_is_there_before_it_is_mounted_and_after() -> None:
    """A draft is kept while a form comes up or goes: F3 behind Ctrl+S must not end the console."""
    async with hosting(TimeLine(CLOCK.parse, CLOCK.show)) as (_pilot, app):
        picker, time = Picker(_find), TimeLine(CLOCK.parse, CLOCK.show, NOON)
        assert (picker.text, time.text) == ("", "04:00")
        await app.mount(picker, time)
        picker._line.insert_text_at_cursor("x")
        await picker.remove_children()
        await time.remove_children()
        assert (picker.text, time.text) == ("x", "04:00")


async def test_enter_before_the_answer_counts_for_the_answer() -> None:
    picker = Picker(_find)
    async with hosting(picker) as (pilot, app):
        picker._line.insert_text_at_cursor("李")
        await pilot.press("enter")
        await until(lambda: picker.picked)
        assert picker.given == "2"
        await until(lambda: app.of(Entered))


@pytest.mark.parametrize("key", ["pageup", "pagedown", "up", "down"])
async def test_a_list_without_room_is_moved_through_all_the_same(key: str) -> None:
    options = Options("a", "b")
    options.styles.display = "none"
    async with hosting(options):
        options.highlighted = 0
        assert options.move(key)
        assert not options.move("x")


async def test_arrows_pick_and_typing_again_lets_go() -> None:
    picker = Picker(_find)
    async with hosting(picker) as (pilot, _app):
        picker._line.insert_text_at_cursor("马")
        await until(lambda: len(picker.items) == 2)
        await pilot.press("down", "enter")
        assert picker.picked == PEOPLE[1]
        await pilot.press("backspace")
        await until(lambda: picker.picked is None)
        picker._line.put("马")
        await until(lambda: picker._shown_for == "马")
        with pytest.raises(Refusal, match=r"pick\.which"):
            assert picker.given, "a text that leaves open who is meant is no empty field"
        picker._line.put("")
        await until(lambda: not picker.text)
        assert picker.given is None


async def test_who_is_typed_in_full_need_not_be_picked() -> None:
    picker = Picker(_find)
    async with hosting(picker):
        picker._line.insert_text_at_cursor(PEOPLE[0].title)
        await until(lambda: len(picker.items) >= 1)
        assert picker.picked is None
        assert picker.given == PEOPLE[0].key


@pytest.mark.parametrize("free", [True, False])
async def test_what_fits_nothing(free: bool) -> None:
    picker = Picker(_find, free=free)
    async with hosting(picker) as (pilot, app):
        picker._line.insert_text_at_cursor("陈晓")
        await until(lambda: picker._shown_for == "陈晓")
        await pilot.press("enter")
        if free:
            assert picker.given == "陈晓"
        else:
            with pytest.raises(Refusal, match=r"pick\.which"):
                assert picker.given
        assert bool(app.of(Entered)) is free


async def test_an_optional_pick_left_empty_is_gone_past() -> None:
    picker = Picker(_find, empty=True)
    async with hosting(picker) as (pilot, app):
        await pilot.press("enter")
        assert picker.picked is None
        assert app.of(Entered)
        await pilot.press("down")
        await until(lambda: len(picker.items) == 3)


# -- forms --------------------------------------------------------------------------------------------------------


def _form() -> Form:
    return Form(
        [
            Ask("what", "text", "What", required=True),
            Ask("who", "staff", "Who", find=_find),
            Ask("when", "time", "When"),
            Ask("how", "choice", "How", options=(("a", "One"), ("b", "Two"))),
            Ask("sure", "flag", "Sure"),
            Ask("cost", "number", "Cost"),
            Ask("note", "prose", "Note"),
        ],
        CLOCK,
    )


async def test_a_form_by_keys_alone() -> None:
    form = _form()
    async with hosting(form) as (pilot, app):
        await pilot.press("x", "enter")
        who = form.fields["who"]
        assert isinstance(who, Picker)
        who._line.insert_text_at_cursor("李")
        await pilot.press("enter")
        await until(lambda: form.fields["when"] in (app.focused.ancestors if app.focused else ()))
        await pilot.press(*"noon", "enter", "2", "1", "7", "enter", "n", "enter")
        await until(lambda: app.of(Form.Saved))
        assert app.of(Form.Saved)[0].values == {
            "what": "x", "who": "2", "when": NOON, "how": "b", "sure": True, "cost": 7, "note": "n",
        }  # fmt: skip


async def test_a_form_refuses_and_goes_to_the_field() -> None:
    form = _form()
    async with hosting(form) as (pilot, app):
        form.fields["note"].focus()
        await pilot.pause()
        await pilot.press("ctrl+s")
        await until(lambda: form.query_one(Sentence).text == "What is still missing.")
        await until(lambda: app.focused is form.fields["what"])
        form.fields["what"].put("x")
        form.fields["when"].put("never")
        await pilot.pause()
        await pilot.press("ctrl+s")
        await until(lambda: form.query_one(Sentence).text == "no: time.unclear")
        assert not app.of(Form.Saved)


async def test_a_draft_comes_back_as_it_was() -> None:
    one, two = _form(), _form()
    async with hosting(one) as (pilot, _app):
        one.fields["what"].put("半句")
        one.fields["who"].put(PEOPLE[2])
        one.fields["when"].put("soon or so")
        one.fields["how"].put("b")
        one.fields["note"].put("一\n二")
        await pilot.pause()
        draft = one.draft()
    async with hosting(two) as (pilot, _app):
        two.restore(draft)
        await pilot.pause()
        assert two.draft() == draft
        assert two.fields["who"].given == "2"


# -- tables -------------------------------------------------------------------------------------------------------


def _rows(first: int, count: int) -> list[TableRow]:
    return [TableRow(str(n), (f"R-{n}", HOSTILE[n % len(HOSTILE)]), data=n) for n in range(first, first + count)]


async def test_a_column_is_as_wide_as_what_stands_in_it_wants() -> None:
    table = RecordTable([Column("number", "No.", 10), Column("what", "What"), Column("who", "Who", 16, 100, 28)])
    async with hosting(table) as (pilot, _app):
        for width, longest, wanted in [
            (140, 4, 4),
            (140, 20, 20),
            (140, 40, 28),
            (110, 40, 16),
            (110, 4, 4),
            (90, 4, -1),
        ]:
            await pilot.resize_terminal(width, 24)
            await until(partial(lambda width: table.size.width == width, width))
            table.fill([TableRow("1", ("R-1", "漏水", "长" * (longest // 2)))])
            rest = width - table.scrollbar_size_vertical - 10 - 2 - (wanted + 1 if wanted > 0 else 0)
            assert table._widths == (10, rest, wanted)


async def test_a_table_pages_and_keeps_the_mark() -> None:
    table = RecordTable([Column("number", "No.", 8), Column("what", "What"), Column("wide", "Wide", 9, from_width=200)])
    rows = [TableRow(r.key, (*r.cells, "far"), data=r.data) for r in _rows(0, 200)]
    async with hosting(table) as (pilot, app):
        table.fill(rows, more=True)
        await pilot.press("down", "down", "enter")
        await until(lambda: app.of(RecordTable.Chosen))
        assert app.of(RecordTable.Chosen)[0].row.data == 2
        table.fill(rows[1:], more=True)
        assert table.marked is not None
        assert table.marked.key == "2"
        await pilot.press("end", "ctrl+end")
        await until(lambda: app.of(RecordTable.More))
        assert [more.last.key for more in app.of(RecordTable.More)] == ["199"]
        table.extend([TableRow(r.key, (*r.cells, "far"), data=r.data) for r in _rows(200, 200)])
        assert table.row_count == 399
        table.fill([])
        assert table.marked is None


# -- the palette ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "rank"), [("hand", 0), ("ov", 1), ("hdo", 2), ("shift", 3), ("jj", 0), ("xyz", None), ("", 0)]
)
def test_commands_are_found(typed: str, rank: int | None) -> None:
    command = Command("Handover", lambda: None, "Pass the shift on", keys=("jjb", "交接班"))
    assert matches(command, typed) == rank


# -- markup ---------------------------------------------------------------------------------------------------------

#: what parses a string it is given
PARSERS = {"Static", "Label", "Option", "Button", "Checkbox", "RadioButton", "Tab", "Link", "Collapsible"}


def _strings(node: ast.expr) -> bool:
    """Whether an expression is plainly a string: a literal with a value, an f-string, a translation, a format."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and bool(node.value)
    if isinstance(node, ast.JoinedStr):
        return True
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name == "join" and isinstance(node.func, ast.Attribute):
            return isinstance(node.func.value, ast.Constant)
        return name in ("_", "str", "format", "pick", "sentence", "cut", "fill", "clean")
    return isinstance(node, ast.BinOp) and (_strings(node.left) or _strings(node.right))


def test_no_string_is_given_to_what_parses_markup() -> None:
    found = []
    for file in [
        *(ROOT / "desk/screens").rglob("*.py"),
        *(ROOT / "desk/widgets").rglob("*.py"),
        *(ROOT / "desk").glob("*.py"),
    ]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            keywords = {k.arg: k.value for k in node.keywords}
            if name == "notify" and not isinstance(keywords.get("markup"), ast.Constant):
                found.append(f"{file.relative_to(ROOT)}:{node.lineno}: notify without markup=False")
            parses = name in PARSERS or (name == "update" and isinstance(node.func, ast.Attribute))
            if parses and node.args and _strings(node.args[0]):
                found.append(f"{file.relative_to(ROOT)}:{node.lineno}: {name}(…) of a string; use plain()")
    assert not found, "\n".join(found)
