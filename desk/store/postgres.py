"""The store on a PostgreSQL server: one for several counters."""

from __future__ import annotations

from contextlib import suppress
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine

from desk.errors import Refusal
from desk.store.sqlite import to_json

#: told on it: somebody has written
_CHANNEL = "desk_written"
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
        pool_pre_ping=True,
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


def alone(connection: Connection) -> None:
    """Let nobody else write until the transaction ends: what SQLite does by itself, and what callers rely on."""
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(1684370283)")


def tell(connection: Connection) -> None:
    """Tell every console that looks, when the transaction is kept."""
    connection.exec_driver_sql(f"NOTIFY {_CHANNEL}")


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
