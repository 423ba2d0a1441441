"""Registers of tickets: read by their mapping, brought in with what really happened, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from desk import resources
from desk.calendars import Calendar, load_calendar
from desk.cli import run_cli
from desk.errors import Refusal
from desk.importing.mapping import RegisterMap, read_mapping
from desk.importing.register import Register, learn_days, understand, working_days
from desk.importing.table import read_table
from desk.importing.tickets import Brought, bring_tickets, compare
from desk.ledger import Doing, Ledger
from desk.ledger.tick import tick
from desk.models import Deadline, Estate, Event, EventWord, RulebookVersion, Ticket
from desk.procedures.people import StaffData, add_staff
from desk.wording import sentence
from tests.engines import stores
from tests.estate import DOING, NOW, open_estate

MAP = """
zone = "Asia/Shanghai"
kind = "todo"
prefix = "OLD-"
[columns]
number = "编号"
opened_at = "时间"
closed_at = "结束"
status = "状态"
channel = "来源"
problem_code = "类别"
what = ["内容", "说明"]
[status]
"完成" = "closed"
"作废" = "cancelled"
"处理中" = "open"
[channel]
"电话" = "phone"
"网上" = "online"
[working_days]
"水" = 3
"""
REGISTER = """\
编号,时间,结束,状态,来源,类别,内容,说明
1,2026/11/5 8:05,2026-11-06 10:00:00.0,完成,电话,水,漏水,漏水
2,2026-11-05 09:00,,处理中,,水,停水,
1,2026-11-05 09:30,2026-11-06 10:00,完成,网上,水,还在漏,
3,2026-11-05 10:00,,作废,电话,电,停电,误报
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = open_estate(tmp_path)
    yield ledger
    ledger.store.close()


def read(folder: Path, register: str = REGISTER, mapping: str = MAP) -> tuple[Register, RegisterMap]:
    (folder / "map.toml").write_text(mapping, "utf-8")
    (folder / "register.csv").write_text(register, "utf-8")
    found = read_mapping(folder / "map.toml")
    return understand(read_table(folder / "register.csv"), found), found


def tickets(ledger: Ledger) -> dict[str, Ticket]:
    with ledger.store.read() as session:
        return {ticket.number: ticket for ticket in session.exec(select(Ticket))}


def history(ledger: Ledger, number: str) -> list[tuple[str, str]]:
    ident = tickets(ledger)[number].id
    with ledger.store.read() as session:
        events = session.exec(select(Event).where(Event.root_id == ident).order_by(col(Event.seq))).all()
        return [(event.name, f"{event.happened_at:%d %H:%M}") for event in events]


def test_brought_in_with_what_really_happened(ledger: Ledger, tmp_path: Path) -> None:
    register, mapping = read(tmp_path)
    with ledger.store.read() as session:
        expected = compare(session, ledger.estate_id, register, mapping)
    assert bring_tickets(ledger, register, mapping, DOING) == expected
    assert expected == Brought(opened=3, joined=1, closed=1, cancelled=1, live=1)
    found = tickets(ledger)
    assert {number: (ticket.status, ticket.urges) for number, ticket in found.items()} == {
        "OLD-1": ("closed", 1),
        "OLD-2": ("open", 0),
        "OLD-3": ("cancelled", 0),
    }
    # register's times, in UTC; an end the register does not date is put at the latest time it gives
    assert history(ledger, "OLD-1") == [
        ("ticket.opened", "05 00:05"),
        ("ticket.joined", "05 01:30"),
        ("ticket.closed", "06 02:00"),
    ]
    assert history(ledger, "OLD-3") == [("ticket.opened", "05 02:00"), ("ticket.cancelled", "05 02:00")]
    assert (found["OLD-1"].what, found["OLD-3"].what) == ("漏水", "停电, 误报")
    assert found["OLD-1"].facts["channel"] == "phone"
    with ledger.store.read() as session:
        assert set(session.exec(select(Event.recorded_at))) == {NOW}
        assert "还在漏" in session.exec(select(EventWord.text).where(EventWord.name == "note")).all()


def test_whoever_imports_writes_down_what_others_did(ledger: Ledger, tmp_path: Path) -> None:
    clerk = add_staff(ledger, StaffData("李静"), DOING)
    bring_tickets(ledger, *read(tmp_path), Doing(NOW, by=clerk))
    with ledger.store.read() as session:
        who = session.exec(select(Event.done_by, Event.recorded_by).where(Event.name == "ticket.opened")).all()
    assert set(who) == {(None, clerk)}
    assert {ticket.owner for ticket in tickets(ledger).values()} == {None}


def test_days_by_problem_code_become_the_time_it_is_due_by(ledger: Ledger, tmp_path: Path) -> None:
    bring_tickets(ledger, *read(tmp_path), DOING)
    facts = tickets(ledger)["OLD-2"].facts
    # Thursday 5 November 9:00 and three working days: Tuesday
    assert datetime.fromisoformat(facts["due_by"]) == datetime(2026, 11, 10, 1, 0, tzinfo=UTC)


def test_again_adds_only_what_is_new(ledger: Ledger, tmp_path: Path) -> None:
    bring_tickets(ledger, *read(tmp_path), DOING)
    told: list[tuple[int, int]] = []
    same = bring_tickets(ledger, *read(tmp_path), DOING, progress=lambda *at: told.append(at))
    assert same == Brought(unchanged=3)
    assert told == [(1, 3), (2, 3), (3, 3)]

    later = REGISTER.replace("2,2026-11-05 09:00,,处理中", "2,2026-11-05 09:00,2026-11-07 09:00,完成")
    later += "2,2026-11-06 08:00,,完成,电话,水,催,\n4,2026-11-09 08:00,,处理中,,水,新,\n"
    again = Doing(NOW + timedelta(days=1))
    assert bring_tickets(ledger, *read(tmp_path, later), again) == Brought(1, 1, 1, 0, 1, 2)
    assert history(ledger, "OLD-2") == [
        ("ticket.opened", "05 01:00"),
        ("ticket.joined", "06 00:00"),
        ("ticket.closed", "07 01:00"),
    ]
    assert tickets(ledger)["OLD-2"].status == "closed"
    assert bring_tickets(ledger, *read(tmp_path, later), again) == Brought(unchanged=4)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",2026-11-05,,完成,,,x,", "The number is missing."),
        ("9,2026-11-05,,完成,,,,", "It does not say what the matter is."),
        ("9,,,完成,,,x,", "The time of opening is missing."),
        ("9,yesterday,,完成,,,x,", "“yesterday” is no time."),
        ("9,2026-02-30,,完成,,,x,", "“2026-02-30” is no time."),
        ("9,2026-11-05,,没了,,,x,", "The status “没了” is not in the mapping."),
        ("9,2026-11-05,,完成,鸽子,,x,", "The channel “鸽子” is not in the mapping."),
        ('9,2026-11-05,,完成,,,"x,', "The quotation marks don't match."),
        ("9,2026-11-05,,完成,,," + "x" * 100_000 + ",", "A cell is longer than 10000 characters."),
    ],
)
def test_rejected_with_line_and_reason(ledger: Ledger, tmp_path: Path, line: str, reason: str) -> None:
    register, mapping = read(tmp_path, REGISTER + line + "\n5,2026-11-05,,处理中,,,末,\n")
    assert [(each.line, each.reason) for each in register.rejects] == [(6, reason)]
    assert list(register.requests) == ["OLD-1", "OLD-2", "OLD-3", "OLD-5"]
    with pytest.raises(Refusal, match=r"import\.rejects"):
        bring_tickets(ledger, register, mapping, DOING)
    assert tickets(ledger) == {}
    assert bring_tickets(ledger, register, mapping, DOING, accept=True).rejected == 1


def test_an_end_before_the_opening_counts_as_not_known(ledger: Ledger, tmp_path: Path) -> None:
    register, mapping = read(tmp_path, REGISTER.replace("2026-11-06 10:00:00.0", "2011-01-26 14:45"))
    assert [(each.line, each.reason) for each in register.doubts] == [
        (2, "It ended (2011-01-26 14:45) before it was opened (2026-11-05 08:05).")
    ]
    assert bring_tickets(ledger, register, mapping, DOING).doubtful == 1
    assert history(ledger, "OLD-1")[-1] == ("ticket.joined", "05 01:30")
    assert tickets(ledger)["OLD-1"].status == "closed"


def test_hostile_texts_are_only_texts(ledger: Ledger, tmp_path: Path) -> None:
    hostile = "9,2026-11-05,,处理中,,[/b]'; DROP TABLE ticket; --,[@click=app.quit]\x1b[31m\u202ex,=1+1\n"
    bring_tickets(ledger, *read(tmp_path, REGISTER + hostile), DOING)
    ticket = tickets(ledger)["OLD-9"]
    assert ticket.what == "[@click=app.quit][31mx, =1+1"
    assert ticket.facts["problem_code"] == "[/b]'; DROP TABLE ticket; --"


def test_nothing_is_written_when_the_import_fails_half_way(ledger: Ledger, tmp_path: Path) -> None:
    register, mapping = read(tmp_path)

    def pulled_out(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring_tickets(ledger, register, mapping, DOING, progress=pulled_out)
    assert tickets(ledger) == {}
    with ledger.store.read() as session:
        assert session.exec(select(func.count()).select_from(Event)).one() == 0


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ('kind = "todo"', "", "import.map_missing", "lacks kind"),
        ('what = ["内容", "说明"]', "", "import.map_missing", "lacks columns.what"),
        ('number = "编号"', 'numbr = "编号"', "import.map_key", "columns.numbr. Did you mean “number”?"),
        ("[status]", "[statuses]", "import.map_key", "Did you mean “status”?"),
        ('"closed"', '"clsed"', "import.map_value", "Did you mean “closed”?"),
        ('"Asia/Shanghai"', '"Asia/Shanghi"', "import.map_value", "Asia/Shanghi"),
        ('"水" = 3', '"水" = -1', "import.map_value", "working_days.水"),
        ('"水" = 3', "水 = 3", "import.map_toml", "TOML"),
        ('"类别"', '"类型"', "import.no_column", "“类型”"),
    ],
)
def test_a_broken_mapping_is_refused_by_name(tmp_path: Path, old: str, new: str, code: str, said: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(tmp_path, mapping=MAP.replace(old, new))
    assert refused.value.code == code
    assert said in sentence(refused.value)


def test_a_kind_the_estate_lacks_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"kind\.unknown"):
        bring_tickets(ledger, *read(tmp_path, mapping=MAP.replace('"todo"', '"tod"')), DOING)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-11-05 09:00", "2026-11-05", 0),
        ("2026-11-05 09:00", "2026-11-06", 1),
        ("2026-11-05 18:00", "2026-11-09", 1),
        ("2026-11-07 09:00", "2026-11-10", 1),
        ("2026-11-05 09:00", "2026-11-08", None),
        ("2026-11-05 09:00", "2026-11-04", None),
        ("2026-11-05 18:00", "2026-11-05", None),
    ],
)
def test_working_days_are_counted_as_the_rules_count(ledger: Ledger, start: str, end: str, days: int | None) -> None:
    at = datetime.fromisoformat(start).replace(tzinfo=ledger.zone)
    assert working_days(ledger.calendar, at, date.fromisoformat(end)) == days


# -- the real register ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return load_calendar(resources.path("calendars/stlouis.toml"), resources.path("calendars"))


@pytest.fixture(scope="module")
def real(shared_real: Path) -> tuple[Register, RegisterMap]:
    mapping = read_mapping(resources.path("imports/stlouis-csb-2012.toml"))
    return understand(read_table(shared_real / "stlouis-csb-2012.csv"), mapping), mapping


@pytest.fixture(scope="module")
def brought(
    real: tuple[Register, RegisterMap], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Ledger, Brought]]:
    ledger = open_estate(tmp_path_factory.mktemp("real"))
    yield ledger, bring_tickets(ledger, *real, DOING)
    ledger.store.close()


def test_the_real_register_comes_in_whole_and_once(
    real: tuple[Register, RegisterMap], brought: tuple[Ledger, Brought]
) -> None:
    ledger, counts = brought
    assert real[0].rows == 3915
    assert counts == Brought(opened=3675, joined=240, closed=3437, cancelled=227, live=11, doubtful=145)
    assert bring_tickets(ledger, *real, DOING) == Brought(unchanged=3675, doubtful=145)
    with ledger.store.read() as session:
        statuses = session.exec(select(Ticket.status, func.count()).group_by(Ticket.status)).all()
    assert dict(statuses) == {"assigned": 11, "cancelled": 227, "closed": 3437}


def test_due_dates_equal_the_register_s_own(
    real: tuple[Register, RegisterMap], brought: tuple[Ledger, Brought], calendar: Calendar
) -> None:
    """Import, calendar and rules together: 93 % of the distinct requests of codes that can be judged."""
    register, mapping = real
    ledger, _counts = brought
    judged = {each.code for each in learn_days(register, calendar) if each.reliable}
    with ledger.store.read() as session:
        query = select(Ticket.number, Deadline.due_at).join(Deadline, col(Deadline.root_id) == col(Ticket.id))
        due = dict(session.exec(query).all())
    agree = total = 0
    for number, (first, *_more) in register.requests.items():
        if first.problem_code in judged and first.promised is not None:
            at = due[number]
            total += 1
            agree += at is not None and at.astimezone(mapping.zone).date() == first.promised
    assert (agree, total) == (2898, 3115)
    assert agree / total >= 0.92


def test_the_days_that_travel_are_those_the_register_shows(
    real: tuple[Register, RegisterMap], calendar: Calendar
) -> None:
    register, mapping = real
    assert {each.code: each.days for each in learn_days(register, calendar)} == dict(mapping.days)


def test_the_estate_s_own_rules_stay_untouched(brought: tuple[Ledger, Brought]) -> None:
    ledger, _counts = brought
    with ledger.store.read() as session:
        estate = session.get_one(Estate, ledger.estate_id)
        versions = session.exec(select(RulebookVersion.version, RulebookVersion.name)).all()
        assert estate.rulebook_version == 1
        assert set(versions) == {(1, "residential"), (-1, "stlouis")}
        assert set(session.exec(select(Deadline.rulebook_version))) == {-1}
        assert session.exec(select(func.count()).where(col(Deadline.open).is_(True))).one() == 11
    assert tick(ledger, NOW + timedelta(minutes=1)).steps == []


# -- the command line ----------------------------------------------------------------------------------------


def desk(folder: Path, *words: str) -> int:
    return run_cli([*words, "--db", str(stores().new(folder / "desk.db")), "--lang", "en"])


@pytest.fixture
def place(tmp_path: Path) -> Path:
    ledger = open_estate(tmp_path)
    add_staff(ledger, StaffData("李静"), DOING)
    ledger.store.close()
    (tmp_path / "map.toml").write_text(MAP, "utf-8")
    (tmp_path / "register.csv").write_text(REGISTER + ",2026-11-05,,完成,,,x,\n", "utf-8")
    return tmp_path


def test_the_command_line_brings_a_register_in(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("import", "tickets", str(place / "register.csv"), "--map", str(place / "map.toml"))
    rejects = place / "rejects.csv"
    assert desk(place, *words, "--rejects", str(rejects), "--dry-run", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["opened"], told["written"]) == (3, False)
    assert told["rejects"] == [{"line": 6, "reason": "The number is missing."}]
    assert desk(place, *words, "--rejects", str(rejects)) == 0
    said = capsys.readouterr()
    assert "tickets opened 3" in said.out
    assert "line 6: The number is missing." in said.err
    assert rejects.read_text("utf-8-sig").splitlines()[1].startswith("6,The number is missing.,,2026-11-05")
    assert desk(place, *words, "--rejects", str(rejects), "--json") == 0
    assert json.loads(capsys.readouterr().out)["unchanged"] == 3
    assert desk(place, "import", "tickets", str(place / "register.csv"), "--map", str(place / "none.toml")) == 1
    assert "There is no mapping" in capsys.readouterr().err


def test_the_command_line_brings_people_in(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = place / "people.csv"
    path.write_text("房号,姓名,电话\n3-2-501,张伟,13812342211\n,李娜,\n", "utf-8")
    words = ("import", "people", str(path))
    assert desk(place, *words, "--dry-run") == 0
    said = capsys.readouterr()
    assert "3-2-501" in said.out
    assert "line 3: The room is missing." in said.err
    assert desk(place, *words) == 1
    assert "so nothing was written" in capsys.readouterr().err
    assert desk(place, *words, "--accept-rejects", "--rejects", str(place / "out.csv"), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["people_added"], told["written"], told["columns"]["phone"]) == (1, True, ["电话"])
    assert (place / "out.csv").exists()
    assert desk(place, "import", "people", str(place / "none.csv")) == 1


def test_the_command_line_reckons_days(shared_real: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mapping = resources.path("imports/stlouis-csb-2012.toml")
    assert (
        run_cli(["import", "days", str(shared_real / "stlouis-csb-2012.csv"), "--map", str(mapping), "--lang", "en"])
        == 0
    )
    said = capsys.readouterr()
    assert '"Inspect City Tree" = 14  # 1504 / 1570' in said.out
    assert "2898 of 3115 requests (93.0%)" in said.err
