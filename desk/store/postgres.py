"""The store on a PostgreSQL server: one for several counters."""

from __future__ import annotations

from importlib.util import find_spec

from sqlalchemy import URL, Connection, Engine, create_engine

from desk.errors import Refusal
from desk.store.sqlite import to_json


def engines(url: URL, *, place: str, wait: float) -> tuple[Engine, Engine]:
    """The engines to write and to read with. ``wait`` (seconds) is for locks and for reaching the server.

    Raises ``Refusal``: ``store.driver`` when psycopg is not installed.
    """
    if find_spec("psycopg") is None:
        raise Refusal("store.driver", place=place, package="psycopg")
    writing = create_engine(
        url,
        pool_pre_ping=True,
        pool_timeout=wait,
        json_serializer=to_json,
        connect_args={
            "connect_timeout": max(2, round(wait)),
            "options": f"-c lock_timeout={round(wait * 1000)} -c timezone=UTC",
        },
    )
    # As on SQLite: whoever reads sees one state throughout.
    reading = writing.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return writing, reading


def alone(connection: Connection) -> None:
    """Let nobody else write until the transaction ends: what SQLite does by itself, and what callers rely on."""
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(1684370283)")


def position(connection: Connection) -> int:
    """How far the server has written: grows with every change (and, harmlessly, now and then without)."""
    return int(connection.exec_driver_sql("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").scalar() or 0)
