"""Hostile surroundings in small: what people type and what stands in files, a store of escape sequences, odd terminals.

In full: ``make torture``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from textual import events

from desk import rulebook
from desk.errors import Refusal
from desk.files import Malformed, toml
from desk.importing.people import read_people
from desk.importing.table import read_table
from desk.rulebook.every import is_sound
from tests import hostile
from tests.desks import DeskForTest, make_desk
from tests.screens import run_desk
from tests.torture import surroundings

FEW = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("name", [*hostile.TYPED, *hostile.FILES])
@FEW
@given(text=hostile.texts)
def test_what_is_typed_or_stands_in_a_file(name: str, text: str) -> None:
    hostile.fair({**hostile.TYPED, **hostile.FILES}[name], text)


@pytest.mark.parametrize("name", hostile.FILES)
def test_a_file_spoilt(name: str) -> None:
    @FEW
    @given(text=hostile.spoilt_text(hostile.seed_of(name)))
    def one(text: str) -> None:
        hostile.fair(hostile.FILES[name], text)

    one()


@pytest.mark.parametrize("name", hostile.TABLES)
def test_a_table_spoilt(name: str) -> None:
    read, sound = hostile.TABLES[name]

    @FEW
    @given(value=hostile.spoilt(sound()))
    def one(value: Any) -> None:
        hostile.fair(read, value)

    one()


# -- what has been found, kept ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("when", "0001-01-01T00:00", "time.unclear"),
        ("rulebook", "a = " + "[" * 5000, "rulebook.toml"),
        ("rulebook", ".".join("a" * 3000) + " = 1", "rulebook.toml"),
        ("rulebook", "a = " + "9" * 5000, "rulebook.toml"),
        ("rulebook", "rule = [0" + ", 1" * 500 + "]", "rulebook.bad_shape"),
        ("rulebook", f'extends = "{"a" * 300}"', "rulebook.no_base"),
        ("mapping", hostile.MAPPING.read_text("utf-8").replace("stlouis", "s" * 300), "rulebook.unreadable"),
        ("calendar", "a = " + "{a = " * 3000, "calendar.unreadable"),
        ("days", '{"a": ' * 5000, "calendar.unreadable"),
        ("mapping", "a = " + "[" * 5000, "import.map_toml"),
        ("cases", "[" * 100_000, "cases.unreadable"),
        ("people", ("(" * 9000 + ",") * 20 + "\n", "import.no_headings"),
        ("people", 'b","x\n' * 20_000, "import.no_headings"),
    ],
    ids=lambda each: str(each)[:20],
)
def test_refused_soon(name: str, text: str, code: str) -> None:
    """Once these crashed, or cost the square of their length."""
    began = time.thread_time()
    refusal = hostile.fair({**hostile.TYPED, **hostile.FILES}[name], text)
    assert refusal is not None
    assert refusal.code == code
    assert time.thread_time() - began < 2


def test_a_device_gives_no_end() -> None:
    if Path("/dev/zero").exists():
        with pytest.raises(Refusal, match=r"rulebook\.unreadable"):
            rulebook.load(Path("/dev/zero"))


def test_dots_in_prose_are_no_nesting() -> None:
    assert toml(f'a = """\n{"." * 500}\n{"One. Two and three. " * 300}\n"""')["a"]
    with pytest.raises(Malformed):
        toml("[" + ".".join("a" * 300) + "]")


@pytest.mark.parametrize(
    ("every", "sound"),
    [
        ("each duty", True),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;BYHOUR=8;BYMINUTE=0;BYSECOND=0", True),
        ("FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO,TU,WE,TH,FR", True),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", True),
        ("FREQ=HOURLY", True),
        ("FREQ=MINUTELY", False),
        ("FREQ=SECONDLY", False),
        ("FREQ=DAILY;BYHOUR=8,9,10;BYMINUTE=0,5,10,15,20,25,30,35,40,45,50,55;BYSECOND=0,30", False),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", False),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", False),
        ("FREQ=DAILY;UNTIL=20300101T000000Z", False),
        ("DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY", False),
        ("FREQ=DAILY;FREQ=DAILY", False),
        (3, False),
    ],
)
def test_how_often_a_duty_comes_round(every: object, sound: bool) -> None:
    began = time.thread_time()
    assert is_sound(every) is sound
    assert time.thread_time() - began < 2


# -- workbooks -------------------------------------------------------------------------------------------------

_ROWS = (
    '<sheetData><row r="1"><c r="A1" t="str"><v>房号</v></c><c r="B1" t="str"><v>姓名</v></c></row>'
    '<row r="2"><c r="A2" t="str"><v>3-2-501</v></c><c r="B2" t="str"><v>张伟</v></c></row>{}</sheetData>'
)
_TWO = hostile.SPREAD.format(_ROWS)


def test_a_plain_workbook_is_read(tmp_path: Path) -> None:
    """Also one with a format on its farthest cell, as spreadsheets leave them."""
    far = '<row r="1048576"><c r="XFD1048576" s="0"/></row>'
    assert [line.name for line in read_people(hostile.workbook(tmp_path, _TWO.format(far))).lines] == ["张伟"]


_FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
_ODS = (
    '<office:document-content xmlns:office="o" xmlns:table="t"><table:table><table:table-row table:number-rows-repeated'
    '="1048576"><table:table-cell office:value-type="string" table:number-columns-repeated="16384"/></table:table-row>'
    "</table:table></office:document-content>"
)


@pytest.mark.parametrize(
    ("sheet", "more"),
    [
        (_TWO.format(_FAR), {}),
        (_TWO.format(_FAR.replace('r="XFD', 'x=">" r="XFD')), {}),
        (_TWO.format(""), {"content.xml": _ODS}),
        (_TWO.format(""), {"xl/workbook.bin": b""}),
        ('<!DOCTYPE x [<!ENTITY a "b">]>' + _TWO.format(""), {}),
        (
            hostile.SPREAD.format("<sheetData><row>" + '<c t="s"><v>0</v></c>' * 5000 + "</row></sheetData>"),
            {"xl/sharedStrings.xml": "<sst><si><t>" + "x" * 100_000 + "</t></si></sst>"},
        ),
        ("<worksheet><sheetData>", {}),
    ],
    ids=["far", "far, hidden", "repeated", "binary", "entities", "texts", "cut off"],
)
def test_a_workbook_that_would_eat_the_machine(tmp_path: Path, sheet: str, more: dict[str, str | bytes]) -> None:
    """One cell in the farthest corner made the reader ask for 512 GB, and the program end without a word."""
    path = hostile.workbook(tmp_path, sheet, more)
    refusal = hostile.fair(read_table, path)
    assert refusal is not None
    assert refusal.code == "import.unreadable"


def test_an_archive_that_lies_of_its_size(tmp_path: Path) -> None:
    path = hostile.workbook(tmp_path, _TWO.format(_FAR))
    raw = bytearray(path.read_bytes())
    at = raw.rindex(b"xl/worksheets/sheet1.xml") - 46  # its entry in the list at the end
    raw[at + 24 : at + 28] = (10).to_bytes(4, "little")
    path.write_bytes(raw)
    with pytest.raises(Refusal, match=r"import\.unreadable"):
        read_table(path)


# -- the console -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hostile_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskForTest]:
    with surroundings.hostile_desk(tmp_path_factory.mktemp("hostile"), each=1) as desk:
        yield desk


@pytest.mark.file_only("spoils a file past every door")
async def test_texts_of_a_spoilt_store_and_odd_sizes(hostile_desk: DeskForTest) -> None:
    """Whatever got into the store: no screen shows a control character, in no size."""
    assert hostile_desk.store.path is not None
    async with run_desk(hostile_desk.store.path, mode="due") as pilot:
        await pilot.sees("R-0302-001")
        for key, size in (("f3", (1, 1)), ("ctrl+o", (80, 24)), ("f4", (3, 2))):
            await pilot.press(key)
            await pilot.pilot.resize_terminal(*size)
            assert not hostile.FORBIDDEN & set(pilot.text()), ascii(pilot.text())


async def test_a_paste_of_a_million_characters(tmp_path: Path) -> None:
    """Cut before it is laid out, in every field of the intake; the thread of the interface stays free."""
    desk = make_desk(tmp_path, "work-orders")
    async with run_desk(desk) as pilot:
        await pilot.until(lambda: pilot.focused is not None)
        await pilot.until(lambda: pilot.app.screen.query("Prose"))
        for field in pilot.app.screen.query("Line, Prose, Choice"):
            began = time.thread_time()
            for text in ("长" * 1_000_000, "\x1b[31m\n" * 200_000):
                field.post_message(events.Paste(text))
            await pilot.until(lambda: True)
            assert time.thread_time() - began < 1
        await pilot.until(lambda: "长" in pilot.text())
