"""People for a test's desk: an owner with family in one home, a tenant in the next, a shopkeeper."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from desk.procedures.people import PersonData, RoomData, add_person, add_room
from tests.desks import DeskForTest, make_desk


def inhabited(tmp_path: Path, manual: str | Path = "residential") -> DeskForTest:
    """A desk whose rooms and people can be found as one types."""
    return make_desk(tmp_path, manual, rooms=(), more=_people)


def _people(desk: DeskForTest) -> None:
    rooms = (
        RoomData("3-2-501", project="一期", handed_over_on=date(2021, 5, 1)),
        RoomData("3-2-502"),
        RoomData("3-2-503"),
        RoomData("商铺12", "shop"),
        RoomData("东门岗", "public"),
    )
    for room in rooms:
        desk.rooms[room.code] = add_room(desk.ledger, room, desk.doing())
    for name, phones, room_code, role in (
        ("张伟", ("13812342211",), "3-2-501", "owner"),
        ("李梅", ("13912348888", "010-66668888"), "3-2-501", "family"),
        ("张雯", ("13700001111",), "3-2-502", "tenant"),
        ("Ann Taylor", ("4407700900123",), "商铺12", "tenant"),
    ):
        add_person(desk.ledger, PersonData(name, phones, ((desk.rooms[room_code], role),)), desk.doing())
