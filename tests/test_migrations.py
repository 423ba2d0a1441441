"""Migrations: they make what the tables say, and an older store comes up whole or stays as it was."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, inspect, make_url, text
from sqlmodel import select

from desk.errors import Refusal
from desk.models import SCHEMA, Estate, Event, Room, new_id
from desk.store import Store, postgres, sqlite
from desk.store.schema import OURS, Schema
from tests import postgres as server
from tests.test_store import add, estate, event, fill, held, names, refuses, small_disk

__all__ = ["small_disk"]


# -- they make what the tables say ---------------------------------------------------------------------------


def test_the_newest_migration_is_the_version_the_program_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(OURS.scripts))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [SCHEMA]
    in_order = [script.revision for script in scripts.walk_revisions()][::-1]
    assert in_order == [f"{number:04}" for number in range(1, len(in_order) + 1)]


def drift(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, OURS.tables))


ADVICE = "python tools/migrations.py writes the migration that is missing"


def on_a_file(path: Path, how: str) -> tuple[list[object], dict[tuple[str, str], object]]:
    """Differences from the tables, and everything the schema holds, by kind and name."""
    sqlite.touch(path)
    engine = sqlite.changing(path, wait=1)
    with engine.begin() as connection:
        getattr(OURS, how)(connection)
    with engine.begin() as connection:
        found: dict[tuple[str, str], object] = {
            (kind, name): " ".join((sql or "").split())
            for kind, name, sql in connection.execute(text("SELECT type, name, sql FROM sqlite_master"))
            if kind != "table"
        }
        for table in inspect(connection).get_table_names():
            # Columns in the order of their names: a migration adds them at the end.
            columns = connection.execute(text(f"PRAGMA table_xinfo({table})")).all()
            found["table", table] = sorted(tuple(column)[1:] for column in columns)
            found["keys", table] = connection.execute(text(f"PRAGMA foreign_key_list({table})")).all()
            found["unique", table] = sorted(map(str, inspect(connection).get_unique_constraints(table)))
            found["primary", table] = inspect(connection).get_pk_constraint(table)
        found["pragma", "application_id"] = connection.execute(text("PRAGMA application_id")).scalar()
        return drift(connection), found


def test_making_at_once_and_migrating_give_the_same_file(tmp_path: Path) -> None:
    lacking, migrated = on_a_file(tmp_path / "migrated.db", "migrate")
    surplus, built = on_a_file(tmp_path / "built.db", "build")
    assert lacking == [], ADVICE
    assert surplus == []
    assert migrated == built
    assert {name for kind, name in built if kind == "trigger"} == {"event_no_update", "event_no_delete"}


SHAPE = (
    """SELECT table_name, column_name, data_type, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = 'public'""",
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint",
    "SELECT pg_get_triggerdef(oid) FROM pg_trigger",
    "SELECT version_num FROM alembic_version",
    "SELECT prosrc FROM pg_proc WHERE proname LIKE 'event%'",
)


@pytest.mark.postgres
def test_making_at_once_and_migrating_give_the_same_on_a_server(socket_folder: Path) -> None:
    found = []
    for how in ("migrate", "build"):
        writing, reading = postgres.engines(_url(server.database(socket_folder)), place="here", wait=1)
        with writing.begin() as connection:
            getattr(OURS, how)(connection)
        with reading.connect() as connection:
            assert drift(connection) == [], ADVICE
            found.append([sorted(map(str, connection.execute(text(query)).all())) for query in SHAPE])
        writing.dispose()
    migrated, built = found
    # The function's text stands in the migration on one line.
    assert [" ".join(each.replace("\\n", " ").split()) for each in built.pop()] == migrated.pop()
    assert migrated == built


def _url(address: str) -> URL:
    return make_url(address).set(drivername="postgresql+psycopg")


# -- an older store ------------------------------------------------------------------------------------------

NEXT = '''"""Rooms get a colour, and the events' table is rebuilt"""

import sqlalchemy as sa
from alembic import op

revision = "9001"
down_revision = "{former}"


def upgrade() -> None:
    with op.batch_alter_table("room") as batch:
        batch.add_column(sa.Column("colour", sa.String(), nullable=False, server_default="white"))
        batch.alter_column("note", new_column_name="remark")
        batch.drop_constraint("uq_room_estate_id_code", type_="unique")
    op.execute("UPDATE room SET colour = 'green' WHERE remark <> ''")
{last}
'''


def following(folder: Path, last: str = "    pass") -> Schema:
    """The program of some later day: one migration more than ours."""
    shutil.copytree(OURS.scripts, folder)
    (folder / "versions" / "9001_later.py").write_text(NEXT.format(former=SCHEMA, last=last), encoding="utf-8")
    return Schema("9001", OURS.tables, folder)


def fill_in(store: Store) -> None:
    add(store, "阳光花园")
    with store.write() as session:
        session.add(event())
        for number in range(200):
            session.add(Room(estate_id=new_id(), code=f"3-2-{number}", note="朝南" if number % 2 else ""))


def colours(store: Store) -> dict[str, int]:
    with store.read() as session:
        rows = session.connection().execute(text("SELECT colour, count(*) AS rooms FROM room GROUP BY colour"))
        return {row.colour: row.rooms for row in rows}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "estate" / "desk.db"
    made.parent.mkdir()
    with Store.open(made, create=True) as store:
        fill_in(store)
    return made


def copies(path: Path) -> list[Path]:
    return sorted(path.parent.glob("desk.db.before-*"))


def version(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def test_an_older_store_is_upgraded_and_kept_as_it_was(path: Path, tmp_path: Path) -> None:
    with Store.open(path, schema=following(tmp_path / "later")) as store:
        assert colours(store) == {"white": 100, "green": 100}
        assert names(store) == ["阳光花园"]
        assert store.check() == ()
        add(store, "afterwards")
        with refuses("store.conflict"), store.write() as session:
            session.connection().execute(text("DELETE FROM event"))
    assert version(path) == "9001"
    (former,) = copies(path)
    assert former.name.startswith("desk.db.before-9001-")
    assert former.stat().st_mode & 0o777 == 0o600
    assert {each.name for each in path.parent.iterdir()} == {path.name, former.name}
    with Store.open(former) as store, store.read() as session:
        assert len(session.exec(select(Room)).all()) == 200
        assert session.exec(select(Event.name)).all() == ["ticket.opened"]
        assert session.exec(select(Estate.name)).all() == ["阳光花园"]


def test_the_earlier_program_refuses_the_upgraded_store(path: Path, tmp_path: Path) -> None:
    later = following(tmp_path / "later")
    with Store.open(path) as running:
        Store.open(path, schema=later).close()
        with refuses("store.newer") as caught:
            add(running, "with what it knew yesterday")
        assert (caught.value.params["found"], caught.value.params["known"]) == ("9001", SCHEMA)
    with refuses("store.newer"):
        Store.open(path)


FAILS = {
    "a mistake": "    raise ValueError('half-way')",
    "a statement": "    op.execute('SELECT no_such_column FROM room')",
    "rows that contradict": "    op.execute('INSERT INTO room SELECT * FROM room')",
    "no module": "    import no_such_module",
    "rows that point nowhere": (
        "    op.execute('CREATE TABLE pet (id INTEGER PRIMARY KEY, friend INTEGER REFERENCES pet)')\n"
        "    op.execute('INSERT INTO pet VALUES (1, 2)')"
    ),
}


@pytest.mark.parametrize("kind", FAILS)
def test_an_upgrade_that_fails_changes_nothing(path: Path, tmp_path: Path, kind: str) -> None:
    before = path.read_bytes()
    with refuses("store.upgrade") as caught:
        Store.open(path, schema=following(tmp_path / "later", FAILS[kind]))
    assert (caught.value.params["found"], caught.value.params["known"]) == (SCHEMA, "9001")
    assert path.read_bytes() == before
    assert {each.name for each in path.parent.iterdir()} == {path.name}
    with Store.open(path) as store:
        assert names(store) == ["阳光花园"]


def test_an_upgrade_of_a_store_in_use_waits_and_is_refused(path: Path, tmp_path: Path) -> None:
    later = following(tmp_path / "later")
    with held(path, "BEGIN IMMEDIATE"), refuses("store.locked"):
        Store.open(path, schema=later, wait=0.2)
    assert (version(path), copies(path)) == (SCHEMA, [])


@pytest.mark.parametrize("leave", [0, 100_000, 350_000])
def test_an_upgrade_without_room_changes_nothing(path: Path, tmp_path: Path, small_disk: Path, leave: int) -> None:
    moved = Path(shutil.copy(path, small_disk))
    fill(small_disk, leave)
    with refuses("store.full"):
        Store.open(moved, schema=following(tmp_path / "later"))
    # SQLite may leave its own empty log; no copy is left.
    left = {each.name for each in small_disk.iterdir()}
    assert left <= {"desk.db", "desk.db-wal", "desk.db-shm", "ballast"}
    (small_disk / "ballast").unlink()
    assert version(moved) == SCHEMA


def test_two_counters_started_at_once_upgrade_once(path: Path, tmp_path: Path) -> None:
    later = following(tmp_path / "later")
    start = threading.Barrier(4)

    def first(_: int) -> dict[str, int]:
        start.wait()
        with Store.open(path, schema=later, wait=30) as store:
            return colours(store)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(first, range(4))) == [{"white": 100, "green": 100}] * 4
    assert len(copies(path)) == 1


def test_an_older_store_that_may_only_be_read_is_refused(path: Path, tmp_path: Path) -> None:
    with refuses("store.older"):
        Store.open(path, schema=following(tmp_path / "later"), read_only=True)
    assert copies(path) == []


@pytest.mark.postgres
def test_an_older_store_on_a_server_is_upgraded_whole_or_not_at_all(socket_folder: Path, tmp_path: Path) -> None:
    url = server.database(socket_folder)
    with Store.open(url, create=True) as running:
        fill_in(running)
        with refuses("store.upgrade"):
            Store.open(url, schema=following(tmp_path / "broken", FAILS["a mistake"]))
        with running.write() as session:
            session.add(estate("the former one goes on"))
        with Store.open(url, schema=following(tmp_path / "later")) as store:
            assert colours(store) == {"white": 100, "green": 100}
        with pytest.raises(Refusal, match="newer"):
            add(running, "with what it knew yesterday")
