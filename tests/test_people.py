"""People, rooms and staff: kept through the ledger, found as one types."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import col, select

from desk.errors import Refusal
from desk.ledger import Ledger
from desk.models import Event, EventWord, SearchKey, Staff
from desk.pinyin import person_keys, room_keys
from desk.procedures.people import (
    PersonData,
    RoomData,
    StaffData,
    add_person,
    add_room,
    add_staff,
    change_person,
    change_room,
    change_staff,
)
from desk.queries.people import find_people, find_rooms, person_card, room_card
from desk.text import clean, fold, mask_phone, narrow, room_code
from tests.estate import DOING, open_estate

HOMES = {
    "3-2-501": [("张伟", "owner", ["13812342211"]), ("李娜", "family", ["13900001111"])],
    "3-2-502": [("单英", "owner", ["13722220000"])],
    "3-1-1501": [("张晓伟", "tenant", ["0571-88012211"])],
    "2-1-501": [("欧阳修", "owner", ["+86 135 5555 6666"])],
    "12-3-501": [("John Smith", "tenant", ["13812349999"])],
}


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    ledger = open_estate(tmp_path_factory.mktemp("people"))
    for code, people in HOMES.items():
        room_id = add_room(ledger, RoomData(code, handed_over_on=date(2020, 5, 1)), DOING)
        for name, role, phones in people:
            add_person(ledger, PersonData(name, tuple(phones), ((room_id, role),)), DOING)
    add_room(ledger, RoomData("商铺12", kind="shop"), DOING)
    add_room(ledger, RoomData("东门岗", kind="public"), DOING)
    yield ledger
    ledger.store.close()


def found(ledger: Ledger, typed: str) -> list[str]:
    with ledger.store.read() as session:
        return [f"{hit.room} {hit.name}".strip() for hit in find_people(session, ledger.estate_id, typed)]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("张伟", ["3-2-501 张伟"]),
        ("张", ["3-1-1501 张晓伟", "3-2-501 张伟"]),
        ("晓伟", ["3-1-1501 张晓伟"]),
        ("zw", ["3-2-501 张伟"]),
        ("ZhangW", ["3-2-501 张伟"]),
        ("zxw", ["3-1-1501 张晓伟"]),
        ("shan", ["3-2-502 单英"]),
        ("sy", ["3-2-502 单英"]),
        ("oyx", ["2-1-501 欧阳修"]),
        ("john", ["12-3-501 John Smith"]),
        ("smith j", ["12-3-501 John Smith"]),
        ("3-2-501", ["3-2-501 张伟", "3-2-501 李娜"]),
        ("3-2-5", ["3-2-501 张伟", "3-2-501 李娜", "3-2-502 单英"]),
        ("3-2-5…", ["3-2-501 张伟", "3-2-501 李娜", "3-2-502 单英"]),
        ("3-2-", ["3-2-501 张伟", "3-2-501 李娜", "3-2-502 单英"]),
        ("32501", ["3-2-501 张伟", "3-2-501 李娜"]),
        ("3栋2单元501", ["3-2-501 张伟", "3-2-501 李娜"]),
        ("3栋 2单元 501室", ["3-2-501 张伟", "3-2-501 李娜"]),
        ("十二栋三单元501", ["12-3-501 John Smith"]),
        ("３－２－５０２", ["3-2-502 单英"]),
        ("501", ["2-1-501 欧阳修", "3-2-501 张伟", "3-2-501 李娜", "12-3-501 John Smith"]),
        ("2211", ["3-1-1501 张晓伟", "3-2-501 张伟"]),
        ("138", ["3-2-501 张伟", "12-3-501 John Smith"]),
        ("0571-880", ["3-1-1501 张晓伟"]),
        ("057188012211", ["3-1-1501 张晓伟"]),
        ("13555556666", ["2-1-501 欧阳修"]),
        ("+8613555556666", ["2-1-501 欧阳修"]),
        ("3-2 zhang", ["3-2-501 张伟"]),
        ("zhang 3-2", ["3-2-501 张伟"]),
        ("zhang 2211", ["3-1-1501 张晓伟", "3-2-501 张伟"]),
        ("２２１１　张", ["3-1-1501 张晓伟", "3-2-501 张伟"]),
        ("3-2 2211 zw", ["3-2-501 张伟"]),
        ("张伟 2-1", []),
        ("nobody", []),
        ("", []),
        (" - ", []),
        ("%", []),
        ("'; DROP TABLE person; --", []),
        ("[/b]", []),
        ("\x1b[31m\u202e", []),
        ("a" * 100_000, []),
    ],
)
def test_found_by(ledger: Ledger, typed: str, expected: list[str]) -> None:
    assert found(ledger, typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("3-2", ["3-2-501", "3-2-502"]),
        ("3", ["3-1-1501", "3-2-501", "3-2-502"]),
        ("商铺", ["商铺12"]),
        ("sp12", ["商铺12"]),
        ("dmg", ["东门岗"]),
        ("东门", ["东门岗"]),
        ("501", ["2-1-501", "3-2-501", "12-3-501"]),
        ("", []),
    ],
)
def test_rooms_found_by(ledger: Ledger, typed: str, expected: list[str]) -> None:
    with ledger.store.read() as session:
        assert [room.code for room in find_rooms(session, ledger.estate_id, typed)] == expected


def test_a_room_card_says_who_lives_there(ledger: Ledger) -> None:
    with ledger.store.read() as session:
        room = find_rooms(session, ledger.estate_id, "3-2-501")[0]
        card = room_card(session, ledger.estate_id, room.room_id)
        assert (room.people, room.open_tickets) == (2, 0)
        assert [(hit.name, hit.role, hit.phone) for hit in card.people] == [
            ("张伟", "owner", "13812342211"),
            ("李娜", "family", "13900001111"),
        ]
        assert card.handed_over_on == date(2020, 5, 1)
        with pytest.raises(Refusal, match=r"room\.unknown"):
            room_card(session, ledger.estate_id, UUID(int=0))
        with pytest.raises(Refusal, match=r"person\.unknown"):
            person_card(session, ledger.estate_id, UUID(int=0))


def test_a_person_may_have_several_numbers_and_rooms(tmp_path: Path) -> None:
    ledger = open_estate(tmp_path)
    first, second = (add_room(ledger, RoomData(code), DOING) for code in ("1-1-101", "1-1-102"))
    person = PersonData("王芳", ("138 0000 1111", "０５７１－８８８８６６６６"), ((first, "owner"), (second, "tenant")))
    ident = add_person(ledger, person, DOING)
    with ledger.store.read() as session:
        card = person_card(session, ledger.estate_id, ident)
        assert card.phones == ("13800001111", "0571-88886666")
        assert [(hit.room, hit.role) for hit in card.rooms] == [("1-1-101", "owner"), ("1-1-102", "tenant")]
    assert found(ledger, "6666") == ["1-1-101 王芳", "1-1-102 王芳"]

    change_person(ledger, ident, {"name": "王方", "phones": ["13900002222"], "rooms": [(second, "owner")]}, DOING)
    assert found(ledger, "6666") == found(ledger, "王芳") == found(ledger, "1-1-101") == []
    assert found(ledger, "wf") == found(ledger, "2222") == ["1-1-102 王方"]


def test_a_room_changes_its_code_and_kind(tmp_path: Path) -> None:
    ledger = open_estate(tmp_path)
    ident = add_room(ledger, RoomData("1栋101"), DOING)
    add_room(ledger, RoomData("1-102"), DOING)
    change_room(ledger, ident, {"code": "商铺3", "kind": "shop"}, DOING)
    with ledger.store.read() as session:
        assert [(room.code, room.kind) for room in find_rooms(session, ledger.estate_id, "sp")] == [("商铺3", "shop")]
        assert find_rooms(session, ledger.estate_id, "1-101") == []
    with pytest.raises(Refusal, match=r"room\.exists"):
        change_room(ledger, ident, {"code": "1-102"}, DOING)


def test_names_and_numbers_are_words_never_facts(ledger: Ledger) -> None:
    with ledger.store.read() as session:
        for event in session.exec(select(Event).where(Event.name == "person.added")):
            assert (event.facts, event.sets) == ({}, {})
        words = session.exec(select(EventWord.name, EventWord.text)).all()
    assert ("name", "张伟") in words
    assert ("phones", "13812342211") in words
    assert ("rooms", "3-2-501 owner") in words


def test_staff_come_change_and_go(tmp_path: Path) -> None:
    ledger = open_estate(tmp_path)
    ident = add_staff(ledger, StaffData("李静", ("agent",), number="007", phone="8001"), DOING)
    change_staff(ledger, ident, {"duties": ["agent", "supervisor"]}, DOING)
    change_staff(ledger, ident, {"active": False}, DOING)
    with ledger.store.read() as session:
        staff = session.get_one(Staff, (ledger.estate_id, ident))
        assert (staff.name, staff.duties, staff.active) == ("李静", ["agent", "supervisor"], False)
        names = session.exec(select(Event.name).order_by(col(Event.seq))).all()
    assert names == ["staff.added", "staff.changed", "staff.changed"]


@pytest.mark.parametrize(
    ("code", "act"),
    [
        ("room.no_code", lambda ledger: add_room(ledger, RoomData(" - "), DOING)),
        ("room.kind", lambda ledger: add_room(ledger, RoomData("9-9-9", kind="hom"), DOING)),
        ("room.exists", lambda ledger: add_room(ledger, RoomData("３－２－５０１"), DOING)),
        ("room.unknown", lambda ledger: change_room(ledger, UUID(int=0), {}, DOING)),
        ("person.no_name", lambda ledger: add_person(ledger, PersonData("\u200b\x1b "), DOING)),
        ("person.phone", lambda ledger: add_person(ledger, PersonData("张三", ("call me",)), DOING)),
        (
            "person.phones",
            lambda ledger: add_person(ledger, PersonData("张三", tuple(map(str, range(110, 120)))), DOING),
        ),
        (
            "person.role",
            lambda ledger: add_person(ledger, PersonData("张三", (), ((UUID(int=0), "king"),)), DOING),
        ),
        (
            "room.unknown",
            lambda ledger: add_person(ledger, PersonData("张三", (), ((UUID(int=0), "owner"),)), DOING),
        ),
        ("person.unknown", lambda ledger: change_person(ledger, UUID(int=0), {}, DOING)),
        ("staff.no_name", lambda ledger: add_staff(ledger, StaffData("\n"), DOING)),
        ("staff.duty", lambda ledger: add_staff(ledger, StaffData("王五", ("suprvisor",)), DOING)),
        ("staff.unknown", lambda ledger: change_staff(ledger, UUID(int=0), {}, DOING)),
    ],
)
def test_refused_and_nothing_written(ledger: Ledger, code: str, act: object) -> None:
    def rows() -> tuple[int, int]:
        with ledger.store.read() as session:
            return len(session.exec(select(Event.id)).all()), len(session.exec(select(SearchKey.key)).all())

    before = rows()
    with pytest.raises(Refusal) as refused:
        act(ledger)  # type: ignore[operator]
    assert refused.value.code == code
    assert rows() == before


# -- text and keys -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  a\tb \n c ", "a b c"),
        ("[/b] <b>", "[/b] <b>"),
        ("\x1b[31mred\x00\x9b", "[31mred"),
        ("a\u202eb\u2066c\u200fd\ufeff", "abcd"),
        ("\ud800x", "x"),
        ("👨\u200d👩\u200d👧 好", "👨\u200d👩\u200d👧 好"),
        ("长" * 1_000_000, "长" * 200),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_clean_keeps_lines_where_asked() -> None:
    assert clean("a\r\nb\rc\u2028d\x0b", lines=True) == "a\nb\nc\nd"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("３－２　５０１", "3-2 501"), ("：／．。，？ＡＢｃ", ":/..,?ABc"), ("张伟", "张伟")],
)
def test_narrow(text: str, expected: str) -> None:
    assert narrow(text) == expected


def test_fold_makes_equal_what_people_think_equal() -> None:
    assert fold("Zhāng Wěi") == fold("ｚｈａｎｇｗｅｉ") == "zhangwei"
    assert fold("阿不都·热合曼") == fold("阿不都.热合曼")
    assert fold("Lü") == "lv"


@pytest.mark.parametrize(
    ("spoken", "code"),
    [
        ("3栋2单元501室", "3-2-501"),
        ("3#楼2单元501", "3-2-501"),
        ("3号楼501", "3-501"),
        ("Ａ座１２０３", "A-1203"),
        ("十栋一单元101", "10-1-101"),
        ("商铺12号", "商铺12"),
        ("东门岗", "东门岗"),
        ("3栋电梯", "3栋电梯"),
        ("3栋", "3-"),
        (" 3 - 2 - 501 ", "3-2-501"),
    ],
)
def test_room_code(spoken: str, code: str) -> None:
    assert room_code(spoken) == code


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13812342211", "138****2211"),
        ("0571-88001234", "057*****1234"),
        ("88001234", "****1234"),
        ("8001", "8001"),
        ("", ""),
    ],
)
def test_mask_phone(number: str, shown: str) -> None:
    assert mask_phone(number) == shown


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("单雄信", {"shanxiongxin", "sxx", "danxiongxin"}),
        ("曾志伟", {"zengzhiwei", "zzw", "志伟", "伟"}),
        ("解缙", {"xiejin", "xj"}),
        ("仇和", {"qiuhe"}),
        ("查良镛", {"zhaliangyong", "zly"}),
        ("区楚良", {"ouchuliang", "ocl"}),
        ("翟天临", {"zhaitianlin", "ztl"}),
        ("覃辉", {"qinhui", "tanhui"}),
        ("尉迟恭", {"yuchigong", "ycg"}),
        ("万俟卨", {"moqixie", "mqx"}),
        ("吕布", {"lvbu"}),
        ("O'Brien Pat", {"obrienpat", "pat", "obp"}),
    ],
)
def test_person_keys(name: str, keys: set[str]) -> None:
    assert keys <= person_keys(name)
    assert len(person_keys(name)) <= 40


def test_keys_stay_few_and_short_whatever_the_name() -> None:
    keys = person_keys("乐" * 60) | person_keys("x" * 60) | room_keys("查" * 60)
    assert len(keys) < 80
    assert max(map(len, keys)) <= 64
