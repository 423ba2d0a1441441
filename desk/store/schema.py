"""The schema: its version by plain SQL, made at once in a new store, brought up by alembic in an older."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, MetaData, inspect
from sqlmodel import SQLModel

from desk import models
from desk.errors import Refusal
from desk.store.sqlite import APPLICATION_ID

#: alembic keeps what it is working on in module globals.
_one_at_a_time = threading.Lock()

#: What a new store gets beside its tables: an event is never changed or removed, whoever asks.
APPEND_ONLY = {
    "sqlite": tuple(
        f"""CREATE TRIGGER event_no_{verb.lower()} BEFORE {verb} ON event
        BEGIN SELECT RAISE(ABORT, 'events are never changed'); END"""
        for verb in ("UPDATE", "DELETE")
    ),
    "postgresql": (
        """CREATE FUNCTION event_unchanging() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'events are never changed' USING ERRCODE = 'restrict_violation'; END $$""",
        """CREATE TRIGGER event_no_change BEFORE UPDATE OR DELETE ON event
        FOR EACH ROW EXECUTE FUNCTION event_unchanging()""",
        """CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON event
        FOR EACH STATEMENT EXECUTE FUNCTION event_unchanging()""",
    ),
}


@dataclass(frozen=True)
class Schema:
    """The version this program works with, its tables, and the migrations that lead to it."""

    version: str
    tables: MetaData
    scripts: Path

    def found(self, connection: Connection, place: str) -> str:
        """Version of the store behind ``connection``; empty for a database with nothing in it.

        Raises ``Refusal``: ``store.foreign`` for a database that is not ours.
        """
        if connection.dialect.name == "sqlite":
            mark = connection.exec_driver_sql("PRAGMA application_id").scalar()
            empty = not connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
            ours = mark == APPLICATION_ID
            if empty and mark in (0, APPLICATION_ID):
                return ""
        else:
            names = set(inspect(connection).get_table_names())
            if not names:
                return ""
            ours = names >= {"alembic_version", "estate", "event"}
        if not ours:
            raise Refusal("store.foreign", place=place)
        return self.version_of(connection)

    def version_of(self, connection: Connection) -> str:
        """Version written in a store known to be ours."""
        return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())

    def judge(self, found: str, place: str) -> bool:
        """True when version ``found`` must be upgraded; ``Refusal`` ``store.newer`` when it is too new."""
        if found == self.version:
            return False
        if found in self._known():
            return True
        raise Refusal("store.newer", place=place, found=found, known=self.version)

    def _known(self) -> set[str]:
        return {script.name.partition("_")[0] for script in self.scripts.glob("versions/[0-9]*.py")}

    def build(self, connection: Connection) -> None:
        """Make every table in an empty database: what the migrations make, but at once (a test compares)."""
        self.tables.create_all(connection)
        for statement in APPEND_ONLY[connection.dialect.name]:
            connection.exec_driver_sql(statement)
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.exec_driver_sql(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
            "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
        connection.exec_driver_sql(f"INSERT INTO alembic_version (version_num) VALUES ('{self.version}')")

    def migrate(self, connection: Connection) -> None:
        """Run the migrations up to our version inside the transaction of ``connection``."""
        # 0.3 s to import, and needed once in a version's life.
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(self.scripts).replace("%", "%%"))
        config.attributes["connection"] = connection
        config.attributes["tables"] = self.tables
        with _one_at_a_time:
            command.upgrade(config, self.version)
        if connection.dialect.name == "sqlite":
            # They were not enforced meanwhile.
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if broken is not None:
                raise ValueError(f"a row of {broken[0]} points at no {broken[2]}")


OURS = Schema(models.SCHEMA, SQLModel.metadata, Path(__file__).parent.parent / "migrations")
