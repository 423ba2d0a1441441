"""Personal data: identity numbers never stored, numbers and names masked, a person exported and forgotten, retention."""

from __future__ import annotations

import csv
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from desk import grants, memory
from desk.errors import Refusal
from desk.ledger import Doing
from desk.ledger.check import check
from desk.models import Draft, EventWord, Person, Phone, Staff
from desk.privacy import Sight, mask_name, mask_numbers, spoken_to, unmask_numbers, without_identities
from desk.procedures import drafts, privacy
from desk.procedures.corrections import correct_event
from desk.procedures.people import PersonData, add_person, change_person
from desk.queries.held import held, person_meant, told
from desk.queries.log import log_page
from desk.queries.people import person_card
from desk.screens.people import PeopleScreen
from desk.screens.verb import VerbScreen
from desk.vocabulary import DUTIES
from tests.commandline import CommandLine
from tests.desks import DeskForTest
from tests.residents import inhabited
from tests.screens import run_desk

#: made up: place, birthday, a serial number, and the sign that fits
ID18 = "110101199003071233"
ID15 = "110101900307123"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskForTest]:
    made = inhabited(tmp_path)
    yield made
    made.store.close()


def person(desk: DeskForTest, name: str) -> UUID:
    with desk.store.read() as session:
        return person_meant(session, desk.ledger.estate_id, name)


def sound(desk: DeskForTest) -> None:
    found = check(desk.store)
    assert found.sound, found.troubles


def raw(desk: DeskForTest) -> bytes:
    """The file as it lies there, its journal included."""
    assert desk.store.path is not None
    path = desk.store.path
    return b"".join(each.read_bytes() for each in sorted(path.parent.glob(f"{path.name}*")))


# -- identity numbers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (ID18, "**************1233"),
        (f"身份证号{ID18}，请核对", "身份证号**************1233，请核对"),
        ("11010119900307002x", "**************002x"),
        ("110101 19900307 1233", "****** ******** 1233"),
        (f"1 {ID18} 2", "1 **************1233 2"),
        ("１１０１０１１９９００３０７１２３３", "**************１２３３"),
        (ID15, "***********7123"),
        (f"{ID18} {ID15}", "**************1233 ***********7123"),
        ("110101199003071234", None),  # the last sign does not fit
        ("990101199003071233", None),  # no such place
        ("110101901307123", None),  # no such month
        ("R-261122-017 13812342211", None),
        (f"{ID18}9", None),  # nineteen digits are something else
        (f"a{ID18}", None),
        ("", None),
    ],
)
def test_identity_numbers_are_known_and_starred_out(text: str, kept: str | None) -> None:
    assert without_identities(text)[0] == (text if kept is None else kept)
    assert bool(without_identities(text)[1]) == (kept is not None)


@pytest.mark.file_only("it looks into the file")
def test_no_identity_number_is_stored_whatever_it_is_written_into(desk: DeskForTest) -> None:
    doing = desk.doing("supervisor")
    ticket = desk.open("repair", what=f"漏水,{ID18}", room="3-2-501", person_name=f"张伟 {ID18}")
    desk.do("note", ticket, note=f"业主证件 {ID18}")
    added = add_person(desk.ledger, PersonData(f"王芳 {ID15}", note=f"{ID18}"), doing)
    change_person(desk.ledger, added, {"note": f"又一个 {ID18}"}, doing)
    event = next(each for each in desk.events(ticket) if each.name == "ticket.noted")
    correct_event(desk.ledger, event.id, doing, words={"note": f"改 {ID18}"})
    drafts.save(desk.ledger, "intake", {"what": ID18, "more": {"note": [ID18]}}, desk.now)
    with pytest.raises(Refusal, match=r"person\.phone"):
        change_person(desk.ledger, added, {"phones": [ID18]}, doing)
    assert doing.noticed == ["name", "note", "note", "note"]
    assert ID18.encode() not in raw(desk)
    assert ID15.encode() not in raw(desk)
    sound(desk)


def test_identity_numbers_in_a_list_of_people_are_not_taken_over(desk: DeskForTest, tmp_path: Path) -> None:
    from desk.importing.people import bring_people, compare, read_people

    (tmp_path / "list.csv").write_text(f"房号,姓名,电话,备注\n3-2-501,赵六,13600001111,证件{ID18}\n", "utf-8")
    doing = desk.doing("supervisor")
    bring_people(desk.ledger, read_people(tmp_path / "list.csv"), doing)
    assert doing.noticed == ["note"]
    with desk.store.read() as session:
        again = compare(session, desk.ledger.estate_id, read_people(tmp_path / "list.csv"))
        card = person_card(session, desk.ledger.estate_id, person(desk, "赵六"))
    assert (again.people_changed, card.note) == (0, "证件**************1233")


def test_imports_are_not_everybodys(desk: DeskForTest, tmp_path: Path) -> None:
    from desk.importing.people import bring_people, read_people

    (tmp_path / "list.csv").write_text("房号,姓名\n3-2-501,赵六\n", "utf-8")
    with pytest.raises(Refusal, match=r"grant\.denied"):
        bring_people(desk.ledger, read_people(tmp_path / "list.csv"), desk.doing("agent"))
    assert "act.refused" in [event.name for event in desk.events()]


# -- masked --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shown"),
    [("张伟", "张*"), ("张小伟", "张**"), ("王女士", "王女士"), ("John Smith", "J*** S****"), ("", "")],
)
def test_mask_name(name: str, shown: str) -> None:
    assert Sight(names=False).name(name) == shown
    assert not name or mask_name(name) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("回电 13812342211 谢谢", "回电 138****2211 谢谢"),
        ("+86 138 1234 2211", "861******2211"),
        ("０571-88886666", "057*****6666"),
        ("R-261122-017 3-2-501 2026-11-22", "R-261122-017 3-2-501 2026-11-22"),
        (ID18, ID18),
    ],
)
def test_numbers_in_prose(text: str, shown: str) -> None:
    assert mask_numbers(text) == shown


@pytest.mark.parametrize(
    ("said", "is_them"),
    [("张伟", True), ("张先生", True), ("张 伟", True), ("李先生", False), ("张小姐", True), ("张三", False)],
)
def test_how_somebody_is_taken_down(said: str, is_them: bool) -> None:
    assert spoken_to(said, "张伟") == is_them


@dataclass(frozen=True)
class Somebody:
    """A record as queries hand them out."""

    person: str
    phone: str
    what: str
    number: str = "R-261122-017"
    words: tuple[dict[str, str], ...] = ()


def test_a_record_as_one_sees_it() -> None:
    row = Somebody(
        "张伟", "13812342211 / 0571-88886666", "张伟说回电13812342211", words=({"caller_phone": "13812342211"},)
    )
    everything, usual, least = Sight(True, True), Sight(), Sight(names=False)
    assert everything.over(row) is row
    masked = Somebody(
        "张伟", "138****2211 / 057*****6666", "张伟说回电138****2211", words=({"caller_phone": "138****2211"},)
    )
    assert usual.over([row]) == [masked]
    assert least.over((row,))[0].what == "张*说回电138****2211"
    assert least.over((row,))[0].person == "张*"


# -- seen in full --------------------------------------------------------------------------------------------


def test_a_number_seen_in_full_is_recorded_once_a_person_and_shift(desk: DeskForTest) -> None:
    zhang, li = person(desk, "张伟"), person(desk, "李梅")
    assert privacy.reveal(desk.ledger, ("person", zhang), desk.doing())
    assert not privacy.reveal(desk.ledger, ("person", zhang), desk.doing())
    assert privacy.reveal(desk.ledger, ("person", li), desk.doing())
    assert privacy.reveal(desk.ledger, ("person", zhang), desk.doing("supervisor"))
    later = Doing(desk.now + timedelta(hours=13), by=desk.staff["agent"])
    assert privacy.reveal(desk.ledger, ("person", zhang), later)
    with desk.store.read() as session:
        rows = log_page(desk.ledger, session, name="person.revealed").rows
    # the log says whose it was, to those who may see names
    assert [row.person for row in rows] == ["张伟", "张伟", "李梅", "张伟"]
    assert Sight(names=False).over(rows)[0].person == "张*"
    seen = [event for event in desk.events() if event.name == "person.revealed"]
    assert [event.digests for event in seen] == [{}] * 4


# -- one person ----------------------------------------------------------------------------------------------


def about_zhang(desk: DeskForTest) -> UUID:
    """A closed matter of 张伟 and what else gives his number; returns the matter."""
    zhang = person(desk, "张伟")
    desk.people["张伟"] = zhang
    ticket = desk.open("repair", what="卧室漏水张伟", room="3-2-501", person="张伟", at="9:00")
    desk.do("note", ticket, note="13812342211 找张伟", at="9:01")
    desk.do("cancel", ticket, reason="张伟自己修好了", at="9:02")
    other = desk.open("repair", what="灯", room="3-2-502", at="9:03")
    desk.do("join", other, caller="张伟", phone="138-1234-2211", at="9:04")
    by_phone = desk.open("inquiry", what="停车费", person_name="张先生", phone="138 1234 2211", at="9:05")
    desk.do("cancel", by_phone, reason="x", at="9:06")
    drafts.save(desk.ledger, "intake", {"who": {"phone": "13812342211"}}, desk.now)
    return ticket


def test_everything_held_about_somebody(desk: DeskForTest) -> None:
    about_zhang(desk)
    with desk.store.read() as session:
        what = held(session, desk.ledger.estate_id, person(desk, "13812342211"))
        tables = told(session, desk.ledger.estate_id, what)
    assert (what.name, what.phones, what.rooms) == ("张伟", ("13812342211",), (("3-2-501", "owner"),))
    assert len(what.matters) == 2
    assert {name for _event, name in what.mentions} == {"caller", "caller_phone"}
    assert (len(tables["tickets"]), len(tables["drafts"])) == (2, 1)
    names = [row["name"] for row in tables["entries"]]
    assert {"person.added", "ticket.opened", "ticket.noted", "ticket.cancelled", "ticket.joined"} <= set(names)
    assert "13812342211 找张伟" in str(tables["entries"])


@pytest.mark.file_only("it looks into the file")
def test_a_person_is_forgotten_and_the_chain_holds(desk: DeskForTest) -> None:
    ticket = about_zhang(desk)
    zhang = desk.people["张伟"]
    before = [(event.seq, event.hash) for event in desk.events()]
    gone = privacy.forget_person(desk.ledger, zhang, desk.doing("manager"))
    assert (gone.roots, gone.drafts) == (2, 1)
    assert gone.words > 8
    sound(desk)
    assert [(event.seq, event.hash) for event in desk.events()][: len(before)] == before
    row = desk.ticket(ticket)
    assert (row.what, row.person_name, row.phone, row.status, row.kind) == (None, None, None, "cancelled", "repair")
    with desk.store.read() as session:
        left = session.get_one(Person, (desk.ledger.estate_id, zhang))
        assert (left.name, left.note) == ("", "")
        assert not session.exec(select(Phone).where(Phone.person_id == zhang)).all()
        assert not session.exec(select(Draft)).all()
        forgotten = session.exec(select(EventWord).where(col(EventWord.text).is_(None))).all()
        assert {word.salt for word in forgotten} == {""}
        kept = [word for word in session.exec(select(EventWord).where(EventWord.name == "what")) if word.text]
        assert [word.text for word in kept] == ["灯"]
    for name in ("张伟", "13812342211", "138-1234-2211"):
        with pytest.raises(Refusal, match=r"person\.no_such"):
            person(desk, name)
    with pytest.raises(Refusal, match=r"person\.unknown"):
        privacy.forget_person(desk.ledger, zhang, desk.doing("manager"))
    # rows made again from their events stay without words
    event = next(each for each in desk.events(ticket) if each.name == "ticket.noted")
    correct_event(desk.ledger, event.id, desk.doing(), at=desk.time("9:00:30"))
    assert desk.ticket(ticket).what is None
    sound(desk)
    lying = raw(desk)
    for word in ("张伟", "卧室漏水", "13812342211", "138-1234-2211", "停车费"):
        assert word.encode() not in lying, word


def test_nobody_is_forgotten_while_something_of_theirs_is_open(desk: DeskForTest) -> None:
    desk.people["张伟"] = person(desk, "张伟")
    ticket = desk.open("repair", what="漏水", room="3-2-501", person="张伟")
    with pytest.raises(Refusal, match=r"forget\.open") as caught:
        privacy.forget_person(desk.ledger, desk.people["张伟"], desk.doing("manager"))
    assert caught.value.params["numbers"] == [desk.ticket(ticket).number]
    with pytest.raises(Refusal, match=r"grant\.denied"):
        privacy.forget_person(desk.ledger, desk.people["张伟"], desk.doing("agent"))
    assert desk.ticket(ticket).what == "漏水"


def test_who_is_meant(desk: DeskForTest) -> None:
    with desk.store.read() as session:
        here = desk.ledger.estate_id
        assert person_meant(session, here, "李梅") == person_meant(session, here, "139 1234 8888")
        assert person_meant(session, here, "anntaylor") == person_meant(session, here, "Ann Taylor")
        assert person_meant(session, here, str(person_meant(session, here, "李梅"))) == person_meant(
            session, here, "李梅"
        )
        with pytest.raises(Refusal, match=r"person\.no_such"):
            person_meant(session, here, "李")
    add_person(desk.ledger, PersonData("张伟"), desk.doing())
    with desk.store.read() as session, pytest.raises(Refusal, match=r"person\.which") as caught:
        person_meant(session, here, "张伟")
    assert str(caught.value.params["people"]).count("-") > 8


# -- kept for so long ----------------------------------------------------------------------------------------


def test_retention(desk: DeskForTest) -> None:
    old = desk.open("repair", what="旧单 [/b]", room="3-2-501", at="2024-03-01 9:00")
    desk.do("cancel", old, reason="x", at="2024-03-01 9:10")
    asking = desk.open("repair", what="没修完", room="3-2-501", at="2024-03-01 9:20")
    desk.do("log", of="log", note="旧日志", at="2024-03-01 9:30")
    new = desk.open("repair", what="新单", room="3-2-502", at="2026-03-01 9:00")
    desk.do("cancel", new, reason="x", at="2026-03-01 9:10")
    gone = add_person(desk.ledger, PersonData("搬走了", ("13511112222",)), desk.doing())
    desk.at("2026-03-02 10:00")
    manager = desk.doing("manager")
    with pytest.raises(Refusal, match=r"retention\.nothing"):
        privacy.apply_retention(desk.ledger, manager)
    with pytest.raises(Refusal, match=r"retention\.kind"):
        privacy.keep_for(desk.ledger, {"nosuch": 1}, manager)
    with pytest.raises(Refusal, match=r"grant\.denied"):
        privacy.keep_for(desk.ledger, {"repair": 1}, desk.doing("agent"))
    privacy.keep_for(desk.ledger, {"repair": 24, "notes": 12, "people": 1, "inquiry": 6}, manager)
    privacy.keep_for(desk.ledger, {"inquiry": 0}, manager)
    with desk.store.read() as session:
        lines = {line.kind: line for line in privacy.retention(desk.ledger, session, desk.now)}
    assert {kind: line.due for kind, line in lines.items() if line.months} == {"repair": 1, "notes": 1, "people": 0}
    assert lines["inquiry"].months is None
    assert desk.local(lines["repair"].before) == "2024-03-02 00:00"
    assert desk.ticket(old).what == "旧单 [/b]"  # a look changes nothing
    done = privacy.apply_retention(desk.ledger, manager)
    assert (done.roots, done.people) == (2, 0)
    assert [desk.ticket(each).what for each in (old, asking, new)] == [None, "没修完", "新单"]
    with pytest.raises(Refusal, match=r"retention\.nothing"):
        privacy.apply_retention(desk.ledger, manager)
    desk.at("2026-04-10 10:00")
    assert privacy.apply_retention(desk.ledger, desk.doing("manager")).people == 1
    with desk.store.read() as session:
        assert session.get_one(Person, (desk.ledger.estate_id, gone)).name == ""
    sound(desk)


# -- the commands --------------------------------------------------------------------------------------------


@pytest.fixture
def line(desk: DeskForTest, tmp_path: Path) -> CommandLine:
    about_zhang(desk)
    return CommandLine(tmp_path / "desk.db", as_="manager")


@pytest.mark.file_only("the commands are typed on a file")
def test_one_persons_export(line: CommandLine, desk: DeskForTest, tmp_path: Path) -> None:
    line.line("export person 张伟 --to", str(tmp_path / "z.json"))
    kept = json.loads((tmp_path / "z.json").read_text("utf-8"))
    assert (kept["person"][0]["name"], kept["phones"]) == ("张伟", [{"number": "13812342211"}])
    line.line("export person 13812342211 --to", str(tmp_path / "z"))
    with (tmp_path / "z" / "entries.csv").open(encoding="utf-8-sig", newline="") as file:
        entries = list(csv.DictReader(file))
    assert len(entries) == len(kept["entries"]) + 1  # that it was exported
    assert any("找张伟" in row["words"] for row in entries)
    line.line("export person 张伟 --to", str(tmp_path / "no.json"), as_="agent", code=1)
    assert not (tmp_path / "no.json").exists()
    assert "act.refused" in [event.name for event in desk.events()]
    assert next(event.facts["rows"] for event in desk.events() if event.name == "records.exported") > 8


@pytest.mark.file_only("the commands are typed on a file")
def test_exports_are_masked_unless_asked_for_in_full(line: CommandLine, tmp_path: Path) -> None:
    for what in ("tickets", "events", "people"):
        exports_masked(line, tmp_path, what)


def exports_masked(line: CommandLine, tmp_path: Path, what: str) -> None:
    files = [tmp_path / f"{what}{number}.csv" for number in range(3)]
    line.line(f"export {what} --to", str(files[0]))
    line.line(f"export {what} --full --to", str(files[1]))
    masked, full = (file.read_text("utf-8-sig") for file in files[:2])
    for word in ("13812342211", "138-1234-2211", "138 1234 2211", "张伟"):
        assert word not in masked or (word == "张伟" and what == "events"), word
    assert "1381234" in full.replace("-", "").replace(" ", "")
    assert masked.count("\n") <= full.count("\n")
    # an administrator keeps the records, and has no business with the numbers in them
    answer = line.line(f"export {what} --full --to", str(files[2]), as_="administrator", code=1)
    assert "in full" in answer.err
    assert not files[2].exists()


@pytest.mark.file_only("the commands are typed on a file")
def test_forget_asks_and_says_what_goes(line: CommandLine, desk: DeskForTest) -> None:
    asked = line.line("forget person 张伟", code=3)
    assert "2 matters" in asked.err
    assert isinstance(person(desk, "张伟"), UUID)  # nothing has happened yet
    line.line("forget person 张伟 --yes", as_="agent", code=1)
    answer = line.line("forget person 张伟 --yes --json")
    assert json.loads(answer.out)["roots"] == 2
    line.line("forget person 张伟 --yes", code=1)
    assert "Everything is as it was written" in line.line("check").out


@pytest.mark.file_only("the commands are typed on a file")
def test_retention_by_command(line: CommandLine, desk: DeskForTest) -> None:
    line.line("retention --keep Repair=1 --keep inquiry=1")  # a title serves as well as a word
    table = json.loads(line.line("retention --json").out)
    assert {row["kind"]: row["months"] for row in table if row["months"]} == {"repair": 1, "inquiry": 1}
    # the desk's day is long past for the machine's clock
    assert "Would lose" in line.line("retention").out
    line.line("retention --do", code=3)
    line.line("retention --keep repair --do", code=1)
    line.line("retention --do --yes", as_="agent", code=1)
    done = json.loads(line.line("retention --do --yes --json").out)
    assert done["roots"] == 2
    assert "Everything is as it was written" in line.line("check").out


@pytest.mark.file_only("the commands are typed on a file")
def test_whoever_writes_an_identity_number_is_told(line: CommandLine) -> None:
    answer = line.line("log --note", f"证件{ID18}")
    assert "identity number" in answer.err
    assert ID18 not in line.line("log --day all --json").out
    assert "identity number" not in line.line("log --note 没有").err


# -- what commands ask ---------------------------------------------------------------------------------------

#: what is done to all of the records, and the right it wants; {out} is a place for what it writes
ASKING = {
    "backup --to {out}/copy.db": "backup",
    "restore {copy} --yes": "restore",
    "move --to {out}/moved.db --yes": "records",
    "export tickets --to {out}/tickets.csv": "export",
    "export person 张伟 --to {out}/person.json": "export",
    "forget person 张伟 --yes": "forget",
    "retention --keep repair=1": "forget",
    "retention --do --yes": "forget",
    "import people {list} --yes": "import",
    "rules adopt work-orders --reason x --yes": "rules",
    "pin require on": "staff",
    "pin give 003": "staff",
}


Commanded = tuple[CommandLine, dict[str, Path]]


@pytest.fixture(scope="module")
def commanded(tmp_path_factory: pytest.TempPathFactory) -> Commanded:
    """One store for all of them: a command that is refused changes nothing."""
    folder = tmp_path_factory.mktemp("commands")
    made = inhabited(folder)
    (folder / "out").mkdir()
    (folder / "list.csv").write_text("房号,姓名\n3-2-501,赵六\n", "utf-8")
    made.store.backup(folder / "copy.db")
    made.store.close()
    places = {"out": folder / "out", "copy": folder / "copy.db", "list": folder / "list.csv"}
    return CommandLine(folder / "desk.db", as_="manager"), places


@pytest.mark.file_only("a server has its own ways for most of them")
@pytest.mark.parametrize("typed", ASKING)
def test_each_command_on_all_the_records_asks_its_right(commanded: Commanded, typed: str) -> None:
    """Refused in one sentence to whoever has it not, and the refusal is an entry."""
    line, places = commanded
    right = grants.RIGHTS[ASKING[typed]]
    lacking = next(duty for duty in DUTIES if duty not in right.duties)
    before = sorted(places["out"].iterdir())
    answer = line.line(typed.format(**places), as_=lacking, code=1)
    assert len(answer.err.splitlines()) == 1, answer.err
    assert not answer.out
    assert sorted(places["out"].iterdir()) == before
    last = json.loads(line.line("log --day all --json --limit 100000", as_="manager").out)[-1]
    assert (last["name"], last["facts"]["right"], last["recorded_by"]) == ("act.refused", right.name, lacking)


@pytest.mark.file_only("a server has its own ways for it")
def test_where_nobody_has_a_pin_and_nobody_is_named_scripts_go_on(commanded: Commanded) -> None:
    line, places = commanded
    line.line(f"backup --to {places['out']}/nightly.db", as_=None)
    line.line(f"export tickets --to {places['out']}/nightly.csv", as_=None)
    line.line("forget person 李梅 --yes", as_=None, code=1)


# -- the log -------------------------------------------------------------------------------------------------


def bugs(desk: DeskForTest) -> Iterator[Exception]:
    """Errors that quote what somebody had written, as a bug might."""
    name, phone, latin = "张伟", "13812342211", "Ann Taylor"
    table = {"a": 1}
    for make in (
        lambda: table[f"{name} {phone}"],
        lambda: int(f"{name}"),
        lambda: {name: phone}[phone],
        lambda: [name].index(phone),
        lambda: Path(f"/{name}/{phone}").read_text("utf-8"),
        lambda: getattr(name, phone),
        lambda: name.encode("ascii"),
        lambda: date.fromisoformat(phone),
        lambda: (_ for _ in ()).throw(Refusal("person.phone", number=phone, name=name)),
        lambda: (_ for _ in ()).throw(RuntimeError(f"{latin} said {name} {phone}")),
        lambda: twice_the_same(desk, name, phone),
    ):
        try:
            make()
        except Exception as error:
            error.add_note(f"{name} {phone}")
            try:
                raise LookupError(f"{latin} {name}") from error
            except LookupError as both:
                yield both


def twice_the_same(desk: DeskForTest, name: str, phone: str) -> None:
    """A statement the database refuses, with the values it was asked with."""
    with desk.store.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO staff (name, phone) VALUES (:name, :phone)"), {"name": name, "phone": phone}
        )


def test_no_name_and_no_number_gets_into_the_log(desk: DeskForTest) -> None:
    memory.start_log()
    log = logging.getLogger("desk")
    handler = log.handlers[-1]
    try:
        met = list(bugs(desk))
        for bug in met:
            log.error("bug", exc_info=bug)
        log.warning("somebody wrote %s, %s", "张伟", "13812342211")
        handler.flush()
        written = memory.log_path().read_text("utf-8")
    finally:
        log.removeHandler(handler)
        handler.close()
    assert len(met) == 11
    with desk.store.read() as session:
        names = [*session.exec(select(Person.name)), *session.exec(select(Staff.name)), "Taylor"]
        numbers = session.exec(select(Phone.number)).all()
    said = "".join(line for line in written.splitlines())
    for secret in (*(name for name in names if not name.isascii() or " " in name), "Taylor", *numbers):
        assert secret not in said, secret
        assert secret.encode("unicode_escape").decode() not in said, secret
    # what is needed to mend it stands there
    assert "test_privacy.py" in said
    assert "person.phone (name, number)" in said
    assert "INSERT INTO staff" in said
    assert [json.loads(line)["what"] for line in written.splitlines()][-1] == "somebody wrote %s, %s"


# -- set-up --------------------------------------------------------------------------------------------------


@pytest.mark.file_only("the commands make a file")
@pytest.mark.parametrize("wanted", [True, False])
def test_set_up_asks_whether_pins_are_wanted(tmp_path: Path, wanted: bool) -> None:
    """The one who may give them gets the first one; nobody else gets in before they have theirs."""
    line = CommandLine(tmp_path / "new.db")
    made = line.line(
        f"init --name 新苑 --rulebook residential --staff 李静:agent --staff 周敏:supervisor {'--pins' if wanted else ''}"
    )
    rows = {row["name"]: row["has"] for row in json.loads(line.line("pin show --json", as_=None).out)["staff"]}
    assert rows == {"李静": False, "周敏": wanted}
    assert ("First PIN of 周敏: " in made.out) == wanted
    assert ("Nobody has a PIN" in made.err) != wanted
    assert line.line("log --note x", as_="李静", code=1 if wanted else 0).err.startswith(
        "李静 has no PIN" if wanted else ""
    )


# -- the console ---------------------------------------------------------------------------------------------


async def test_the_people_screen_and_forms_mask_numbers_and_reveal_one(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="漏水 13812342211", room="3-2-501", person_name="张伟", phone="13812342211")
    async with run_desk(desk, size=(140, 40)) as pilot:
        pilot.app.push_screen(PeopleScreen())
        await pilot.until(lambda: isinstance(pilot.app.screen, PeopleScreen))
        await pilot.type("张伟")
        await pilot.sees("张伟", "138****2211")
        await pilot.press("enter", "enter")
        await pilot.sees("Change the person", "138****2211")
        assert "13812342211" not in pilot.text()
        pilot.form.fields["note"].put("常出差")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: isinstance(pilot.app.screen, PeopleScreen), "saved")
        with desk.store.read() as session:
            card = person_card(session, desk.ledger.estate_id, person(desk, "张伟"))
        assert (card.phones, card.note) == (("13812342211",), "常出差")  # what stood masked is what it was
        await pilot.press("ctrl+r")
        await pilot.sees("13812342211")
        pilot.app.push_screen(VerbScreen("ticket", "correct", ticket))
        await pilot.sees("Correct the entries", "漏水 138****2211")
        assert "漏水 13812342211" not in pilot.text()
        await pilot.press("ctrl+s")
        await pilot.sees("Nothing was changed. Correct a")
        pilot.form.fields["place"].put("厨房")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: desk.ticket(ticket).place == "厨房", "saved")
    assert desk.ticket(ticket).phone == "13812342211"
    corrected = [event for event in desk.events() if event.name == "ticket.corrected"]
    assert len(corrected) == 1  # what was still so was not corrected
    assert desk.ticket(ticket).what == "漏水 13812342211"
    seen = [event for event in desk.events() if event.name == "person.revealed"]
    assert [(event.subject_id, event.recorded_by) for event in seen] == [(person(desk, "张伟"), desk.staff["agent"])]


async def test_a_person_is_forgotten_from_the_people_screen(desk: DeskForTest) -> None:
    li = person(desk, "李梅")
    async with run_desk(desk, who="manager", size=(80, 24)) as pilot:
        pilot.app.push_screen(PeopleScreen())
        await pilot.until(lambda: isinstance(pilot.app.screen, PeopleScreen))
        await pilot.type("李梅")
        await pilot.sees("139****8888")
        await pilot.press("ctrl+d")
        await pilot.sees("Forget 李梅?")
        await pilot.press("enter")
        await pilot.sees("Forgotten", "Nothing fits")
    with desk.store.read() as session:
        assert session.get_one(Person, (desk.ledger.estate_id, li)).name == ""


async def test_whose_duty_it_is_not_sees_neither_names_nor_numbers(desk: DeskForTest) -> None:
    desk.people["张伟"] = person(desk, "张伟")
    ticket = desk.open("repair", what="漏水 13812342211", room="3-2-501", person="张伟", phone="13812342211")
    async with run_desk(desk, who="security", mode="log") as pilot:
        await pilot.sees("漏水 138****2211", "Person added: 张*")
        assert "张伟" not in pilot.text()
        pilot.app.open_ticket(ticket)
        await pilot.sees("3-2-501 张*", "138****2211")
        await pilot.press("ctrl+r")
        await pilot.sees("Not your right")
        assert "13812342211" not in pilot.text()
        pilot.app.push_screen(PeopleScreen())
        await pilot.until(lambda: isinstance(pilot.app.screen, PeopleScreen))
        await pilot.type("张伟")
        await pilot.sees("3-2-501", "张*")
        await pilot.press("enter", "enter")
        await pilot.sees("See residents' names in full")
    assert [event.name for event in desk.events()].count("act.refused") == 2


@pytest.mark.parametrize(
    ("whole", "written", "saved"),
    [
        ("回电 13812342211", "回电 138****2211", "回电 13812342211"),
        ("回电 13812342211", "急，回电 138****2211，厨房", "急，回电 13812342211，厨房"),
        ("回电 13812342211", "不必回电", "不必回电"),
        ("13812342211 或 13899992211", "138****2211 或 138****2211", "13812342211 或 13899992211"),
        ("13812342211", "13700001111", "13700001111"),
    ],
)
def test_a_text_corrected_under_masks_keeps_its_numbers(whole: str, written: str, saved: str) -> None:
    assert unmask_numbers(written, whole) == saved
