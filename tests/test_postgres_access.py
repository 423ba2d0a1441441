"""What a counter's own user may do on the server: everything at the desk, nothing to the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from desk.cli import run_cli
from desk.errors import Refusal
from desk.ledger import Ledger
from desk.store import Store, access
from tests.desks import DeskForTest, make_desk
from tests.engines import Databases, stores, use

pytestmark = pytest.mark.postgres


@pytest.fixture
def desk(socket_folder: Path, tmp_path: Path) -> Iterator[DeskForTest]:
    """A desk on a server whose counters have a user of their own."""
    before, databases = stores(), Databases(socket_folder)
    use(databases)
    made = make_desk(tmp_path)
    use(before)
    access.grant(made.store, "desk_counter", "desk_reader")
    with psycopg.connect(_address(made, "postgres"), autocommit=True) as connection:
        for name, role in (("counter1", "desk_counter"), ("boss", "desk_reader")):
            connection.execute(f"DROP ROLE IF EXISTS {name}".encode())
            connection.execute(f"CREATE ROLE {name} LOGIN IN ROLE {role}".encode())
    yield made
    databases.tidy()


def _address(desk: DeskForTest, user: str) -> str:
    return desk.store.url.replace("postgresql+psycopg://postgres@", f"postgresql://{user}@")


def test_a_counter_does_everything_at_the_desk(desk: DeskForTest) -> None:
    with Store.open(_address(desk, "counter1")) as store:
        desk.store, desk.ledger = store, Ledger.only(store)
        ticket = desk.open("repair", what="漏水", room="3-2-501", person="业主1")
        desk.do("claim", ticket, by="technician")
        desk.tick("2026-03-02 18:00")
        assert "escalation.fired" in desk.names(ticket)


FORBIDDEN = (
    "UPDATE event SET name = 'x'",
    "DELETE FROM event",
    "TRUNCATE event",
    "ALTER TABLE event DISABLE TRIGGER ALL",
    "DROP TRIGGER event_no_change ON event",
    "DROP TABLE event",
    "UPDATE eventword SET name = 'x'",
    "DELETE FROM eventword",
    "DELETE FROM handover",
    "DELETE FROM ticket",
    "UPDATE alembic_version SET version_num = '9999'",
    "SET session_replication_role = replica",
    "CREATE TABLE mine (id int)",
)


def test_a_counter_cannot_rewrite_the_ledger_nor_the_owner_an_event(desk: DeskForTest) -> None:
    desk.open("repair", what="漏水", room="3-2-501")
    with psycopg.connect(_address(desk, "counter1")) as connection:
        for statement in FORBIDDEN:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())
            connection.rollback()
    with psycopg.connect(_address(desk, "postgres")) as connection:
        for statement in FORBIDDEN[:3]:
            with pytest.raises(psycopg.errors.RestrictViolation):
                connection.execute(statement.encode())
            connection.rollback()


def test_a_reader_reads_and_no_more(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    address = _address(desk, "boss")
    with Store.open(address, read_only=True) as store:
        desk.store = store
        assert desk.ticket(ticket).what == "漏水"
    with psycopg.connect(address) as connection:
        for statement in ("DELETE FROM draft", "SELECT * FROM pin", "INSERT INTO counter VALUES (NULL, 'x', 1)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())
            connection.rollback()


@pytest.mark.parametrize("name", ["public", "Desk", "a; DROP TABLE event", 'a"b', "", "x" * 64])
def test_what_is_no_name_of_a_role_is_refused(name: str) -> None:
    with pytest.raises(Refusal, match=r"access\.name"):
        access.statements(name)


def test_on_the_command_line(desk: DeskForTest, capfd: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["access", "--db", desk.store.url, "--lang", "en"]) == 0
    assert "can't change it" in capfd.readouterr().out
    assert run_cli(["access", "--show", "--lang", "en"]) == 0
    assert 'GRANT INSERT ON "event", "eventword" TO "desk_counter";' in capfd.readouterr().out
