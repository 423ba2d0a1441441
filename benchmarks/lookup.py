"""Looking people up as one types, among 200,000, against raw indexed SQL for the same rows.

    python -m benchmarks.lookup [--people 200000] [--rounds 5]

The floor is the search's own statement on the driver itself, rows left as they come: reading what was typed,
choosing the statement, ranking and turning rows into people is what ours adds. Beside it stands what a programmer
would write who knew beforehand what is meant: one statement for a name, one for a room, one for the end of a
telephone number. Goal: median at most twice the floor, p95 of a key press at most 16 ms.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from desk.models import Estate, Occupancy, Person, Phone, Room, SearchKey, new_id
from desk.pinyin import person_keys, room_keys
from desk.queries import finding
from desk.queries.finding import find_people
from desk.store import Store

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕单解仇查区翟覃欧"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华玉萍红玲芬燕彬鹏浩宇轩子涵梓豪欣怡雨泽晨曦乐瑶"

#: typed letter by letter
TYPED = (
    "zhang",
    "zw",
    "张伟",
    "3-2-501",
    "32501",
    "2211",
    "138",
    "13812",
    "3栋2单元5",
    "3-2 zhang",
    "lijing 2211",
    "wang 12-",
)


def fill(store: Store, people: int) -> Any:
    """An estate of so many people, three to a home, and its id."""
    chance = random.Random(7)
    estate = Estate(name="benchmark", created_at=datetime(2026, 1, 1, tzinfo=UTC))
    estate_id = estate.estate_id
    tables: dict[Any, list[dict[str, Any]]] = {t: [] for t in (Room, Person, Occupancy, Phone, SearchKey)}

    def key(owner: Any, kind: str, keys: set[str]) -> None:
        tables[SearchKey] += [
            {"estate_id": estate_id, "owner_id": owner, "key": each, "owner_type": kind} for each in keys
        ]

    homes = (
        f"{building}-{unit}-{floor}{door:02d}"
        for building in range(1, 1000)
        for unit in range(1, 5)
        for floor in range(1, 31)
        for door in range(1, 5)
    )
    for number in range(people):
        if number % 3 == 0:
            code = next(homes)
            room = {"estate_id": estate_id, "id": new_id(), "code": code, "number": code.rpartition("-")[2]}
            tables[Room].append(room)
            key(room["id"], "room", room_keys(code, str(room["number"])))
        name = chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))
        ident, phone = new_id(), f"1{chance.randrange(3 * 10**9, 10**10)}"
        tables[Person].append({"estate_id": estate_id, "id": ident, "name": name})
        tables[Occupancy].append({"estate_id": estate_id, "person_id": ident, "room_id": room["id"]})
        tables[Phone].append(
            {"estate_id": estate_id, "person_id": ident, "position": 0, "number": phone, "reversed": phone[::-1]}
        )
        key(ident, "person", person_keys(name))
        key(ident, "phone", {phone})
    with store.write() as session:
        session.add(estate)
        session.flush()
        for table, rows in tables.items():
            for start in range(0, len(rows), 50_000):
                session.execute(insert(table), rows[start : start + 50_000])
    return estate_id


ROW = (
    " p.id, r.id, p.name, r.code, o.role, t.number, (SELECT count(*) FROM ticket x WHERE x.estate_id = :e AND"
    " x.room_id = r.id AND x.status IN ('open', 'assigned', 'accepted', 'working', 'done')) FROM "
)
JOINED = (
    " JOIN person p ON p.estate_id = :e AND p.id = o.person_id JOIN room r ON r.estate_id = :e AND r.id = o.room_id"
    " LEFT JOIN phone t ON t.estate_id = :e AND t.person_id = p.id AND t.position = 0"
)
KEYED = "searchkey k JOIN occupancy o ON o.estate_id = :e AND o.{} = k.owner_id"
RANGE = " WHERE k.estate_id = :e AND k.owner_type = '{}' AND k.key >= :a AND k.key < :b {} ORDER BY k.key LIMIT 20"
LIVES = (
    " AND EXISTS (SELECT 1 FROM searchkey f WHERE f.estate_id = :e AND f.owner_id = {} AND f.key >= :c AND f.key < :d)"
)


def foreknown(typed: str, estate: str) -> tuple[str, dict[str, str]]:
    """The one statement for what ``typed`` means, and its values."""
    words = typed.replace("栋", "-").replace("单元", "-").split()
    room = next((word for word in words if word[0].isdigit()), "")
    name = next((word for word in words if not word[0].isdigit()), "")
    values = {"e": estate, "a": room or name, "b": (room or name) + "\U0010ffff", "c": name, "d": name + "\U0010ffff"}
    both = LIVES.format("o.person_id") if room and name else ""
    if room and "-" not in room and len(room) >= 3 and room not in "32501":
        if room.startswith("1"):
            return f"SELECT {ROW}{KEYED.format('person_id')}{JOINED}{RANGE.format('phone', both)}", values
        values |= {"a": room[::-1], "b": room[::-1] + "\U0010ffff"}
        tail = "phone k JOIN occupancy o ON o.estate_id = :e AND o.person_id = k.person_id"
        where = f" WHERE k.estate_id = :e AND k.reversed >= :a AND k.reversed < :b {both} LIMIT 20"
        return f"SELECT {ROW}{tail}{JOINED}{where}", values
    kind = ("room", "room_id") if room else ("person", "person_id")
    return f"SELECT {ROW}{KEYED.format(kind[1])}{JOINED}{RANGE.format(kind[0], both)}", values


def keystrokes() -> Iterator[str]:
    for typed in TYPED:
        for end in range(1, len(typed) + 1):
            if not typed[:end].endswith(" "):
                yield typed[:end]


def timed(acts: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """The median of so many runs of each, taken in turns, in milliseconds."""
    found: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(rounds):
        for name, act in acts.items():
            start = time.perf_counter()
            act()
            found[name].append((time.perf_counter() - start) * 1000)
    return {name: statistics.median(each) for name, each in found.items()}


def fetch(raw: Any, sql: str, values: dict[str, Any]) -> list[Any]:
    """The rows of a statement, as the driver has them."""
    return list(raw.execute(sql, values).fetchall())


def main() -> None:
    """Fill a store, measure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--all", action="store_true", help="print every key press")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "desk.db", create=True)
        estate_id = fill(store, asked.people)
        found: dict[str, list[float]] = {"look-up": [], "floor": [], "foreknown": []}
        with store.read() as session:
            raw: Any = session.connection().connection.driver_connection
            for typed in keystrokes():
                statement, values = finding.statement(session, estate_id, typed, 20)
                once: dict[str, Callable[[], Any]] = {
                    "look-up": partial(find_people, session, estate_id, typed),
                    "floor": partial(fetch, raw, str(statement), values),
                    "foreknown": partial(fetch, raw, *foreknown(typed, estate_id.hex)),
                }
                taken = timed(once, asked.rounds)
                for name in found:
                    found[name].append(taken[name])
                if asked.all:
                    print(f"{typed:<14}" + "".join(f"{each:9.2f} ms" for each in taken.values()))
        store.close()
    print(f"{asked.people:,} people, {len(found['look-up'])} key presses, milliseconds each")
    for name, each in found.items():
        median, p95 = statistics.median(each), statistics.quantiles(each, n=20)[-1]
        print(f"{name:<10} median {median:5.2f}   p95 {p95:6.2f}   worst {max(each):6.2f}")
    ratio = statistics.median(a / b for a, b in zip(found["look-up"], found["floor"], strict=True))
    print(f"look-up : floor {ratio:.2f} (goal 2), p95 goal 16 ms")


if __name__ == "__main__":
    main()
