"""A PostgreSQL server of the tests' own: on a socket in a folder of its own, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

_number = count(1)

#: memory that looks like a folder: a database is made there in a fifth of the time
_MEMORY = Path("/dev/shm")
_ENOUGH = 2 << 30
"""Bytes that must be free there."""


def _program(name: str) -> str:
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(debian[-1]) if debian else shutil.which(name) or name


def _run(*command: str) -> None:
    # The server refuses to run as root.
    first = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*first, *command], check=True, stdout=subprocess.DEVNULL, cwd="/")


def _memory() -> Path | None:
    """Where what is thrown away may stand in memory; None where there is no such place, or not enough of it."""
    try:
        free = shutil.disk_usage(_MEMORY).free
    except OSError:
        return None
    return _MEMORY if free >= _ENOUGH and os.access(_MEMORY, os.W_OK) else None


@contextmanager
def server(*, synced: bool = False) -> Iterator[Path]:
    """Start a server; gives the folder of its socket. Nothing it writes is synced, unless ``synced``: it is thrown away."""
    # Not pytest's folder: a socket's name may have some hundred bytes.
    folder = Path(tempfile.mkdtemp(prefix="desk-pg-", dir=None if synced else _memory()))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = str(folder / "data")
    try:
        _run(
            *(_program("initdb"), "-D", data, "-U", "postgres", "--auth=trust", "--no-sync"),
            *("--encoding=UTF8", "--locale=C.UTF-8"),
        )
        start(folder, synced=synced)
        try:
            yield folder
        finally:
            _run(_program("pg_ctl"), "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def again(folder: Path) -> None:
    """Stop the server in the middle of whatever it does, and start it again."""
    _run(_program("pg_ctl"), "-D", str(folder / "data"), "-l", str(folder / "log"), "-m", "immediate", "-w", "restart")


def stop(folder: Path) -> None:
    """Stop the server at once; :func:`start` brings it back."""
    _run(_program("pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "-w", "stop")


def start(folder: Path, *, synced: bool = False) -> None:
    """Start the server again as it was started first."""
    options = f"-k {folder} -c listen_addresses=''{'' if synced else ' -c fsync=off'}"
    _run(_program("pg_ctl"), "-D", str(folder / "data"), "-l", str(folder / "log"), "-o", options, "-w", "start")


def end(connection: Any) -> None:
    """Let the server end ``connection`` (psycopg's), as it does when it is stopped."""
    import psycopg

    with psycopg.connect(host=connection.info.host, user="postgres", autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (connection.info.backend_pid,))


def database(folder: Path, like: str | None = None) -> str:
    """Make a database on the server whose socket is in ``folder``, empty or as that of the URL ``like``; gives its URL."""
    name = f"desk_{next(_number)}"
    template = f" TEMPLATE {_name_of(like)}" if like else ""
    _tell(folder, f"CREATE DATABASE {name}{template}", since_15=" STRATEGY FILE_COPY")  # a third of the time
    return f"postgresql://postgres@/{name}?host={folder}"


def drop(folder: Path, url: str) -> None:
    """Drop the database of ``url``, whoever is still connected to it."""
    _tell(folder, f"DROP DATABASE IF EXISTS {_name_of(url)} WITH (FORCE)")


def _name_of(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def _tell(folder: Path, statement: str, *, since_15: str = "") -> None:
    import psycopg

    with psycopg.connect(host=str(folder), user="postgres", autocommit=True) as connection:
        more = since_15 if connection.info.server_version >= 150000 else ""
        connection.execute((statement + more).encode())
