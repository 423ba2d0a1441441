"""Lists of people and rooms: read from what estates have, understood, and brought in whole or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlmodel import col, func, select

from desk import i18n
from desk.errors import Refusal
from desk.importing.people import Changes, bring_people, compare, read_people
from desk.importing.rejects import harmless, unmarked, write_rejects
from desk.importing.table import read_table
from desk.ledger import Ledger
from desk.models import Event, EventWord, Occupancy, Person, Phone, Room, SearchKey
from desk.queries.people import find_people, find_rooms, person_card
from tests.estate import DOING, open_estate

LIST = """\
房号,业主姓名,联系电话,身份,交房日期,备注
3-2-501,张伟,13812342211/0571-88001234,业主,2020-06-01,
３栋２单元５０２室,李娜,138 0000 1111,租户,2020年6月1日,夜班，勿扰
商铺12,王老板,无,,,
3-2-503,,,,,空置
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = open_estate(tmp_path)
    yield ledger
    ledger.store.close()


def written(folder: Path, content: str | bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def bring(ledger: Ledger, path: Path, *, accept: bool = False) -> Changes:
    return bring_people(ledger, read_people(path), DOING, accept=accept)


def rows(ledger: Ledger) -> list[int]:
    tables = (Room, Person, Occupancy, Phone, SearchKey, Event)
    with ledger.store.read() as session:
        return [session.exec(select(func.count()).select_from(table)).one() for table in tables]


@pytest.mark.parametrize(
    ("make", "taken_for"),
    [
        (lambda text: text.encode(), ("utf-8", ",")),
        (lambda text: text.encode("utf-8-sig"), ("utf-8", ",")),
        (lambda text: text.encode("gb18030"), ("gb18030", ",")),
        (lambda text: text.encode("utf-16"), ("utf-16", ",")),
        (lambda text: text.replace(",", ";").encode("gb18030"), ("gb18030", ";")),
        (lambda text: text.replace(",", "\t").encode(), ("utf-8", "tab")),
        (lambda text: text.replace("\n", "\r\n").encode(), ("utf-8", ",")),
        (lambda text: ("阳光花园业主清册\n\n" + text).encode(), ("utf-8", ",")),
    ],
)
def test_encodings_and_delimiters(tmp_path: Path, make: Callable[[str], bytes], taken_for: tuple[str, str]) -> None:
    path = written(tmp_path, make(LIST))
    table = read_table(path)
    assert (table.encoding, table.form) == taken_for
    people = read_people(path)
    assert not people.rejects
    assert [(line.room, line.name, line.phones, line.role, line.kind) for line in people.lines] == [
        ("3-2-501", "张伟", ("13812342211", "0571-88001234"), "owner", ""),
        ("3-2-502", "李娜", ("13800001111",), "tenant", ""),
        ("商铺12", "王老板", (), "", "shop"),
        ("3-2-503", "", (), "", ""),
    ]
    assert people.lines[0].handed_over_on == people.lines[1].handed_over_on == date(2020, 6, 1)
    assert people.lines[1].note == "夜班，勿扰"


@pytest.mark.parametrize(
    ("headings", "line", "expected"),
    [
        ("楼栋,单元,房号,姓名", "3栋,2单元,501,张伟", ("3-2-501", "张伟", ())),
        ("姓名,室,单元,楼栋", "张伟,501,2,3", ("3-2-501", "张伟", ())),
        ("楼栋,单元,房号,姓名", "3,2,3-2-501,张伟", ("3-2-501", "张伟", ())),
        ("楼栋,房号,姓名", "A座,1203,张伟", ("A-1203", "张伟", ())),
        ("姓名*,房间号（必填）,手机：", "张伟,3-2-501,13812342211", ("3-2-501", "张伟", ("13812342211",))),
        ("Room No.,Owner Name,Phone 1,Phone 2", "3-2-501,Wei,110,119", ("3-2-501", "Wei", ("110", "119"))),
        ("房号,姓名,手机,备用电话", "3-2-501,张伟,13812342211,-", ("3-2-501", "张伟", ("13812342211",))),
        (
            "房号,姓名,电话",
            "3-2-501,张伟,13812342211、13900000000",
            ("3-2-501", "张伟", ("13812342211", "13900000000")),
        ),
        ("房号,姓名,电话", "3-2-501,张伟,13812342211 13900000000", ("3-2-501", "张伟", ("13812342211", "13900000000"))),
        ("房号,姓名,电话", '3-2-501,张伟,"=""13812342211"""', ("3-2-501", "张伟", ("13812342211",))),
        ("房号,姓名,电话", "3-2-501,张伟,+86 138-1234-2211", ("3-2-501", "张伟", ("+86138-1234-2211",))),
    ],
)
def test_headings_in_any_order_and_language(tmp_path: Path, headings: str, line: str, expected: Any) -> None:
    (only,) = read_people(written(tmp_path, f"{headings}\n{line}\n")).lines
    assert (only.room, only.name, only.phones) == expected


def test_spreadsheets(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("空表")
    sheet = book.add_worksheet("业主")
    sheet.write_row(0, 0, ["阳光花园业主清册"])
    sheet.write_row(1, 0, ["房号", "姓名", "电话", "交房日期"])
    sheet.merge_range(2, 0, 3, 0, "3-2-501")
    sheet.write_row(2, 1, ["张伟", 13812342211])
    sheet.write_datetime(2, 3, date(2020, 6, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
    sheet.write_row(3, 1, ["李娜", "13900001111"])
    sheet.write_row(4, 0, ["3-2-502"])
    sheet.write_formula(4, 1, '="王"&"芳"', None, "王芳")
    book.close()

    people = read_people(path)
    assert [(line.line, line.room, line.name, line.phones) for line in people.lines] == [
        (3, "3-2-501", "张伟", ("13812342211",)),
        (4, "3-2-501", "李娜", ("13900001111",)),
        (5, "3-2-502", "王芳", ()),
    ]
    assert people.lines[0].handed_over_on == date(2020, 6, 1)


def test_brought_in_and_found(ledger: Ledger, tmp_path: Path) -> None:
    path = written(tmp_path, LIST)
    with ledger.store.read() as session:
        before = compare(session, ledger.estate_id, read_people(path))
    changes = bring(ledger, path)
    assert changes == before == Changes(rooms_added=4, people_added=3)
    with ledger.store.read() as session:
        assert [hit.room for hit in find_people(session, ledger.estate_id, "zw 2211")] == ["3-2-501"]
        assert [hit.name for hit in find_people(session, ledger.estate_id, "0571")] == ["张伟"]
        assert [room.kind for room in find_rooms(session, ledger.estate_id, "sp")] == ["shop"]
        room = session.exec(select(Room).where(Room.code == "3-2-502")).one()
        assert (room.building, room.unit, room.number, room.handed_over_on) == ("3", "2", "502", date(2020, 6, 1))
        event = session.exec(select(Event)).one()
        assert (event.name, event.sets["people_added"]) == ("import.finished", 3)
        assert session.exec(select(EventWord.text)).all() == ["list.csv"]


def test_again_changes_nothing_and_what_changed_changes(ledger: Ledger, tmp_path: Path) -> None:
    path = written(tmp_path, LIST)
    bring(ledger, path)
    before = rows(ledger)
    assert bring(ledger, path) == Changes(unchanged=3)
    assert rows(ledger)[:-1] == before[:-1]

    changed = (
        LIST.replace("13812342211", "13777777777")
        .replace("租户", "业主")
        .replace("3-2-503,,", "3-2-503,张伟,13777777777")
    )
    assert bring(ledger, written(tmp_path, changed)) == Changes(people_changed=2, unchanged=1)
    with ledger.store.read() as session:
        hit = find_people(session, ledger.estate_id, "张伟 3-2-503")[0]
        card = person_card(session, ledger.estate_id, hit.person_id)
        # the list's numbers first, what the desk had noted behind them
        assert card.phones == ("13777777777", "0571-88001234", "13812342211")
        assert [home.room for home in card.rooms] == ["3-2-501", "3-2-503"]
        assert [hit.role for hit in find_people(session, ledger.estate_id, "李娜")] == ["owner"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",张伟,,,,", "The room is missing."),
        ("3-2-501,,13812342211,,,", "The name is missing."),
        ("3-2-501,张伟,打我电话,,,", "“打我电话” is no telephone number."),
        ("3-2-501,张伟,1.38123E+10,,,", "“1.38123E+10” is no telephone number."),
        ("3-2-501,张伟,110/111/112/113/114/115/116/117/118/119,,,", "There are more than 9 telephone numbers."),
        ("3-2-501,张伟,,国王,,", "“国王” is not owner, tenant or family."),
        ("3-2-501,张伟,,,去年,", "“去年” is no date."),
        ("3-2-501,张伟,,,2020-13-01,", "“2020-13-01” is no date."),
        ('3-2-501,张"三"伟",",,,,', "The quotation marks don't match."),
        ('3-2-501,"张伟,,,,', "The quotation marks don't match."),
        ("3-2-501,=cmd|' /C calc'!A0,,,,", "“=cmd|' /C calc'!A0” is a formula, not a text."),
        ("3-2-501,＝1+1,,,,", "“＝1+1” is a formula, not a text."),
        ("=1+1,张伟,,,,", "“=1+1” is a formula, not a text."),
        ("3-2-501," + "长" * 100_000 + ",,,,", "A cell is longer than 10000 characters."),
        ("3-2-501," + "长" * 61 + ",,,,", "The name is longer than 60 characters."),
        ("3-2-501,\u202e\x1b,13812342211,,,", "The name is missing."),
    ],
)
def test_rejected_with_line_and_reason(ledger: Ledger, tmp_path: Path, line: str, reason: str) -> None:
    people = read_people(written(tmp_path, LIST + line + "\n1-1-101,末行,,,,\n"))
    assert [(reject.line, reject.reason) for reject in people.rejects] == [(6, reason)]
    assert people.lines[-1].name == "末行"
    with pytest.raises(Refusal) as refused:
        bring_people(ledger, people, DOING)
    assert refused.value.code == "import.rejects"
    assert rows(ledger) == [0, 0, 0, 0, 0, 0]
    assert bring_people(ledger, people, DOING, accept=True).rejected == 1


def test_hostile_texts_are_only_texts(ledger: Ledger, tmp_path: Path) -> None:
    bring(
        ledger,
        written(
            tmp_path, "房号,姓名,备注\n[/b],[@click=app.quit]x[/],'; DROP TABLE person; --\n1-1-1,a\x00b\x9b,=1+1\n"
        ),
    )
    with ledger.store.read() as session:
        assert session.exec(select(Room.code).order_by(col(Room.code))).all() == ["1-1-1", "[/b]"]
        assert session.exec(select(Person.name).order_by(col(Person.name))).all() == ["[@click=app.quit]x[/]", "ab"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "import.empty"),
        (b"\n\n ,,\n", "import.empty"),
        (b"a,b\n1,2\n", "import.no_headings"),
        ("姓名,电话\n张伟,110\n".encode(), "import.no_headings"),
        ("房号,姓名\n".encode(), "import.no_lines"),
        (b"\x00\x01\x02\xff" * 50, "import.encoding"),
        (b"PK\x03\x04 not a spreadsheet", "import.unreadable"),
        (b"\x89PNG\r\n\x1a\n\x00\xff\xfe", "import.encoding"),
    ],
)
def test_files_that_are_no_list(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_people(written(tmp_path, content))
    assert refused.value.code == code


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"import\.no_file"):
        read_people(tmp_path / "none.csv")
    with pytest.raises(Refusal, match=r"import\.unreadable"):
        read_people(tmp_path)


def test_nothing_is_written_when_every_line_is_bad(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"import\.nothing"):
        bring(ledger, written(tmp_path, "房号,姓名\n,张伟\n"), accept=True)
    assert rows(ledger) == [0, 0, 0, 0, 0, 0]


def test_rejects_are_written_and_can_be_put_right_and_read_again(tmp_path: Path) -> None:
    people = read_people(written(tmp_path, LIST + "3-2-509,=bad,+86 13812342211,,,\n"))
    out = tmp_path / "rejects.csv"
    write_rejects(out, people.headings, people.rejects)
    head, line = csv.reader(io.StringIO(out.read_bytes().decode("utf-8-sig")))
    assert head[:3] == ["Line", "Reason", "房号"]
    assert line == ["6", "“=bad” is a formula, not a text.", "3-2-509", "'=bad", "'+86 13812342211", "", "", ""]
    out.write_bytes(out.read_bytes().replace(b"'=bad", "张伟".encode()))
    (again,) = read_people(out).lines
    assert (again.room, again.name, again.phones) == ("3-2-509", "张伟", ("+8613812342211",))
    with pytest.raises(Refusal, match=r"import\.not_written"):
        write_rejects(tmp_path, people.headings, people.rejects)


@pytest.mark.parametrize("cell", ["=1", " +1", "-1", "@x", "\tx", "＝1", "''=1"])
def test_cells_a_spreadsheet_would_run_are_marked(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert unmarked(harmless(cell)) == cell
    assert harmless(f"a{cell}") == f"a{cell}"


def test_a_thousand_homes_in_seconds(ledger: Ledger, tmp_path: Path) -> None:
    lines = [f"{n // 300 + 1}-{n // 100 % 3 + 1}-{n % 100 + 101},住户{n},138{n:08d}" for n in range(3000)]
    path = written(tmp_path, "房号,姓名,电话\n" + "\n".join(lines))
    assert bring(ledger, path) == Changes(rooms_added=3000, people_added=3000)
    assert bring(ledger, path) == Changes(unchanged=3000)


def test_reasons_are_in_the_language_in_force(tmp_path: Path) -> None:
    (reject,) = read_people(written(tmp_path, "房号,姓名\n,张伟\n")).rejects
    i18n.install("en")
    assert reject.reason == "The room is missing."
