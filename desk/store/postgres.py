"""The store on a PostgreSQL server: one for several counters."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Any
from uuid import UUID

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

from desk.errors import Refusal
from desk.store.sqlite import to_json

#: told on it: somebody has written
_CHANNEL = "desk_written"
#: Sent last in a transaction: tells every console that looks, when it is kept.
TELL = f"NOTIFY {_CHANNEL}"
#: the lock of the whole database: shared by whoever writes in one estate, alone for what concerns all of it
_WHOLE = 1684370283
#: The lock of one estate. Not its row: of those who wait for a row all are woken by each change of it, and the last
#: comes first as often as not; here they stand in line.
LOCK = f"SELECT pg_advisory_xact_lock_shared({_WHOLE}), pg_advisory_xact_lock({_WHOLE}, %s)"
#: Seconds for which a connection just used is taken for alive unless the server has said something on it. Asking would
#: be one journey more for every act.
_ALIVE = 5.0
#: A counter that stands still in the middle of a write (a laptop closed) must not hold the others up for ever.
_LONGEST_PAUSE = "30s"
#: When nothing comes back any more the operating system says so after some ten seconds, not after two hours.
_VANISHED = {"keepalives_idle": 4, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 10_000}
#: what ``sslmode`` may be towards another machine: the rest may go in the clear
_ENCRYPTED = ("require", "verify-ca", "verify-full")


def engines(url: URL, *, place: str, wait: float) -> tuple[Engine, Engine]:
    """The engines to write and to read with. ``wait`` (seconds) is for locks and for reaching the server.

    Raises ``Refusal``: ``store.driver`` when psycopg is not installed, ``store.plain`` when the address asks for a
    connection to another machine that need not be encrypted.
    """
    if find_spec("psycopg") is None:
        raise Refusal("store.driver", place=place, package="psycopg")
    writing = create_engine(
        secured(url, place),
        pool_timeout=wait,
        json_serializer=to_json,
        connect_args={
            "connect_timeout": max(2, round(wait)),
            **_VANISHED,
            # "Saved" means on the server's disk, whatever the server's own settings say.
            "options": f"-c lock_timeout={round(wait * 1000)} -c timezone=UTC -c synchronous_commit=on "
            f"-c idle_in_transaction_session_timeout={_LONGEST_PAUSE}",
        },
    )
    event.listen(writing, "connect", _used)
    event.listen(writing, "checkin", _used)
    event.listen(writing, "checkout", _alive)
    # As on SQLite: whoever reads sees one state throughout.
    reading = writing.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return writing, reading


def secured(url: URL, place: str) -> URL:
    """The address, encryption demanded where it leads to another machine. Raises ``Refusal`` ``store.plain``."""
    hosts = [url.host, url.query.get("host"), url.query.get("hostaddr")]
    names = [name for host in hosts if host for name in ([host] if isinstance(host, str) else host)]
    if all(_here(part) for name in names for part in name.split(",")):
        return url
    mode = url.query.get("sslmode")
    if mode is None:
        return url.update_query_dict({"sslmode": "require"})
    if mode not in _ENCRYPTED:
        raise Refusal("store.plain", place=place, mode=str(mode))
    return url


def _here(host: str) -> bool:
    """Whether ``host`` is this machine: a socket's folder, its own name, a loopback address."""
    if host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _used(_raw: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _alive(raw: Any, record: Any, proxy: Any) -> None:
    """Before a connection is used again: is the server still at its end? One that is not is replaced by the pool."""
    if time.monotonic() - record.info.get("used", 0.0) < _ALIVE and not raw.closed:
        waiting = select.poll()
        waiting.register(raw.fileno(), select.POLLIN)
        # A server that goes away says so, or its system does.
        if not waiting.poll(0):
            return
    try:
        with raw.cursor() as cursor:
            cursor.execute("SELECT 1")
        raw.rollback()
    except Exception as fault:
        raise DisconnectionError from fault


def alone(connection: Connection) -> None:
    """Let nobody else write until the transaction ends: what SQLite does by itself, and what callers rely on."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WHOLE})")


def place_in_line(estate_id: UUID) -> int:
    """The estate's number among the server's locks. That two have the same would only make them wait for each other."""
    return int.from_bytes(estate_id.bytes[-4:], signed=True)


def stand_in_line(driver: Any, estate_id: UUID) -> None:
    """Wait until nobody else writes in this estate. Who holds the lock appends next."""
    driver.execute(LOCK, (place_in_line(estate_id),))


@cache
def _pipelines() -> bool:
    """Whether the driver can send more before it has an answer: libpq 14 and later."""
    from psycopg import Pipeline

    return Pipeline.is_supported()


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """Send what is executed inside in one journey; answers are there afterwards. Nothing on a file.

    Not for the session's own flush, which counts the rows of each answer.
    """
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name != "postgresql" or not _pipelines():
        yield
        return
    try:
        with raw.pipeline():
            yield
    except Exception:
        if raw.closed:
            connection.invalidate()
        raise


class Watch:
    """A connection that is told when somebody writes: looking asks the server nothing.

    Not for two threads at once.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Any = None
        self._count = 0

    def mark(self) -> int:
        """A number that grows with every telling, and after a lost connection: much may have been missed.

        Raises the driver's error when the server cannot be reached.
        """
        if self._connection is None:
            connection = self._engine.raw_connection()
            raw: Any = connection.driver_connection
            # The pool must not get it back: it listens.
            connection.detach()
            raw.autocommit = True
            raw.execute(f"LISTEN {_CHANNEL}")
            self._connection = raw
            self._count += 1
        try:
            self._count += sum(1 for _ in self._connection.notifies(timeout=0))
        except Exception:
            self.close()
            raise
        return self._count

    def close(self) -> None:
        """Stop listening."""
        if self._connection is not None:
            with suppress(Exception):
                self._connection.close()
            self._connection = None
