"""The store as one SQLite file: how it is opened, kept safe and copied."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, NullPool, QueuePool, create_engine, event

from desk.errors import Refusal
from desk.store import cipher

#: In the file's header, so that another program's database is never taken for ours: "Desk".
APPLICATION_ID = 0x4465736B
#: Before this version a write-ahead log can be reset while another connection reads it, and pages get lost.
_SAFE_LOG = (3, 51, 3)

_PRAGMAS = (
    "foreign_keys = ON",
    # The answer to the receptionist means "on the disk". FULL would do with a write-ahead log; without one a
    # power cut may bring the removed journal back, and EXTRA sees to that too. (macOS needs fullfsync for
    # either.)
    "synchronous = EXTRA",
    "fullfsync = ON",
    "checkpoint_fullfsync = ON",
    # INSERT OR REPLACE must not slip past the trigger that keeps events unerasable.
    "recursive_triggers = ON",
    # A file from elsewhere must not run functions through its views and triggers.
    "trusted_schema = OFF",
    "cell_size_check = ON",
    "temp_store = MEMORY",
    "cache_size = -8000",
    # An import leaves a log of hundreds of megabytes behind otherwise.
    "journal_size_limit = 16777216",
)


def _driver() -> Any:
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        from sqlite3 import dbapi2
    return dbapi2


driver = _driver()

#: Chinese is kept as it is, not as ``\\uXXXX``: a third of the size, and a person can read the file.
to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def connect(path: Path, *, mode: str, wait: float, query_only: bool = True) -> Any:
    """A driver's connection in autocommit, with the house's pragmas.

    ``mode`` is ``rw`` (the file must be there), ``ro``, or ``immutable`` for a file nobody can write, such as one
    in a read-only folder. One that only reads still wants ``rw`` where it may be had: whoever comes first after a
    power cut must put the file right. ``wait`` is how long (seconds) to wait for other processes' locks. An encrypted
    file is opened with the key this process has. Raises ``Refusal`` as :func:`desk.store.cipher.recognised`.
    """
    query = "immutable=1" if mode == "immutable" else f"mode={mode}"
    key = cipher.key_of(path)
    connection = driver_of(path).connect(
        f"{path.as_uri()}?{query}", uri=True, timeout=wait, isolation_level=None, check_same_thread=False
    )
    try:
        if key is not None:
            cipher.unlock(connection, key)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(f"PRAGMA query_only = {query_only:d}")
    except BaseException:
        connection.close()
        raise
    return connection


def driver_of(path: Path) -> Any:
    """The driver for the file at ``path``: SQLCipher's where it is encrypted."""
    return driver if cipher.key_of(path) is None else cipher.driver(str(path))


def _engine(path: Path, connect: Callable[[], Any], begin: str, **pool: Any) -> Engine:
    module = driver_of(path)
    engine = create_engine("sqlite+pysqlite://", module=module, creator=connect, json_serializer=to_json, **pool)
    _share_compiled(engine, module.__name__)
    # The driver's own transactions begin too late and would fail half-way (BUSY_SNAPSHOT); we begin them.
    event.listen(engine, "begin", lambda connection: connection.connection.driver_connection.execute(begin) and None)
    return engine


_first: dict[str, Engine] = {}


def _share_compiled(engine: Engine, module: str) -> None:
    """Let every engine of the process use what the first has compiled: reading, writing, another store's.

    A statement costs more to put into SQL than to run, and it reads the same everywhere. SQLAlchemy keeps what it has
    compiled by engine and by the dialect's identity, so the engines of one driver get both in common.
    """
    first = _first.setdefault(module, engine)
    engine.dialect = engine.pool._dialect = first.dialect
    engine._compiled_cache = first._compiled_cache


def reading(path: Path, *, mode: str, wait: float) -> Engine:
    """An engine whose transactions see one state of the store throughout and cannot write."""
    pool = {"poolclass": QueuePool, "pool_size": 4, "max_overflow": 28, "pool_timeout": wait}
    return _engine(path, partial(connect, path, mode=mode, wait=wait), "BEGIN", **pool)


def writing(path: Path, *, wait: float) -> Engine:
    """An engine of one connection: writers of one process queue here in order, not polling a lock."""
    pool = {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0, "pool_timeout": wait}
    return _engine(path, partial(connect, path, mode="rw", wait=wait, query_only=False), "BEGIN IMMEDIATE", **pool)


def changing(path: Path, *, wait: float) -> Engine:
    """An engine for changing the schema: no connection is kept, foreign keys are not enforced meanwhile."""
    connecting = partial(connect, path, mode="rw", wait=wait, query_only=False)
    engine = _engine(path, connecting, "BEGIN IMMEDIATE", poolclass=NullPool)
    # Rebuilding a table would otherwise fail on, or cascade to, the rows that point at it.
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys = OFF") and None)
    return engine


def look_at(path: Path, place: str, *, create: bool, read_only: bool) -> bool:
    """Refuse what can be known to fail without opening the file; True when a new store is to be made in it.

    Raises ``Refusal``: ``store.missing``, ``store.no_folder``, ``store.no_access``, ``store.read_only``,
    ``store.not_a_database``; of an encrypted one as :func:`desk.store.cipher.recognised`.
    """
    if not path.parent.is_dir():
        raise Refusal("store.no_folder", place=place, folder=str(path.parent))
    if not path.exists():
        if not create:
            raise Refusal("store.missing", place=place)
        if not _may(path.parent, os.W_OK | os.X_OK):
            raise Refusal("store.read_only", place=place)
        cipher.remember(path, None)
        return True
    # A pipe would make us wait for ever.
    if not path.is_file():
        raise Refusal("store.not_a_database", place=place)
    if not _may(path, os.R_OK):
        raise Refusal("store.no_access", place=place)
    if not read_only and not (_may(path, os.W_OK) and _may(path.parent, os.W_OK | os.X_OK)):
        raise Refusal("store.read_only", place=place)
    with path.open("rb") as file:
        head = file.read(len(cipher.PLAIN))
    if head == b"" and not create:
        raise Refusal("store.missing", place=place)
    if head in (b"", cipher.PLAIN):
        cipher.remember(path, None)
    elif cipher.recognised(path) is None:
        raise Refusal("store.not_a_database", place=place)
    return head == b""


def _may(path: Path, how: int) -> bool:
    return os.access(path, how, effective_ids=os.access in os.supports_effective_ids)


def absolute(where: str | Path) -> Path:
    """``where`` as it stands now, whatever the working folder becomes; a link stays a link."""
    return Path(os.path.abspath(Path(where).expanduser()))  # noqa: PTH100


def touch(path: Path) -> bool:
    """Make the empty file, for its owner only: it will hold people's telephones. False when it is there."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return False
    return True


def remove(path: Path) -> None:
    """Remove a store's file and what SQLite laid beside it."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        with suppress(OSError):
            path.with_name(path.name + suffix).unlink()


def settle_journal(path: Path, *, wait: float) -> None:
    """Choose the journal: a write-ahead log where SQLite has a safe one, else the old way.

    Needs the file for itself for a moment. Where others keep it busy, a log that would be quicker can wait for the
    next start; one that this SQLite might spoil cannot: the driver's "database is locked" is raised.
    """
    using = driver_of(path)
    safe = using.sqlite_version_info >= _SAFE_LOG
    wanted = "wal" if safe else "delete"
    with closing(connect(path, mode="rw", wait=0.1 if safe else wait, query_only=False)) as connection:
        if connection.execute("PRAGMA journal_mode").fetchone()[0] == wanted:
            return
        try:
            connection.execute(f"PRAGMA journal_mode = {wanted}")
        except using.OperationalError as fault:
            if not safe or fault.sqlite_errorcode & 0xFF != using.SQLITE_BUSY:
                raise


def reading_mode(path: Path) -> str:
    """How a store that will not be written is to be opened.

    A write-ahead log needs to make files beside the store. In a folder where that cannot be, the file alone
    holds everything as long as no log is left beside it.
    """
    log = path.with_name(path.name + "-wal")
    unwritable = not _may(path.parent, os.W_OK)
    return "immutable" if unwritable and not (log.exists() and log.stat().st_size) else "ro"


def identity(path: Path) -> tuple[int, int]:
    """Which file stands at ``path``: another one after somebody moved or restored it."""
    there = path.stat()
    return there.st_dev, there.st_ino


def copy(source: Any, to: Path, *, place: str) -> None:
    """Copy the store at ``place``, behind the driver's connection ``source``, into the new file ``to``, and check it.

    A copy of an encrypted file is encrypted, with the same key. It appears under its name only when it is whole,
    checked and on the disk. Raises ``Refusal``: ``store.exists``; ``store.corrupt`` when the copy fails its check.
    """
    if to.exists():
        raise Refusal("store.exists", place=str(to))
    part = to.with_name(f".{to.name}.{os.getpid()}.part")
    try:
        touch(part)
        # Taken first, so that a lock held by somebody else is refused after a while; the copying would
        # wait for ever.
        source.execute("BEGIN")
        try:
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
            _copy_into(source, part, place)
        finally:
            if source.in_transaction:
                source.execute("ROLLBACK")
        _publish(part, to)
    finally:
        remove(part)


def _copy_into(source: Any, part: Path, place: str) -> None:
    key = cipher.key_of(Path(place))
    using = driver_of(Path(place))
    with closing(using.connect(f"{part.as_uri()}?mode=rw", uri=True, isolation_level=None)) as target:
        if key is not None:
            cipher.unlock(target, key)
        # In one step: in several it would begin anew each time somebody writes.
        source.backup(target)
        # Self-contained: a copy is often put on a medium where a log cannot be made.
        target.execute("PRAGMA journal_mode = DELETE")
        found = target.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise Refusal("store.corrupt", place=place, detail=found)


def _publish(part: Path, to: Path) -> None:
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    try:
        os.link(part, to)
    except FileExistsError:
        raise Refusal("store.exists", place=str(to)) from None
    except OSError:
        # A file system without hard links.
        if to.exists():
            raise Refusal("store.exists", place=str(to)) from None
        part.rename(to)
    sync_folder(to.parent)


def sync_folder(folder: Path) -> None:
    """See that the names in a folder are on the disk, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
