"""Where an estate's records are kept: one SQLite file, or a PostgreSQL server for several counters.

Everything that can go wrong with a file or a server is a ``Refusal`` whose code begins with ``store.`` and
whose parameter ``place`` names the store; nothing is ever half-written. Importing this module loads the
tables (0.3 s): the console paints first and imports it in its first worker.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError

from desk.errors import Refusal
from desk.store import backups, postgres, reserve, sqlite
from desk.store.faults import refused
from desk.store.schema import OURS, Schema
from desk.store.session import Question, Session

__all__ = ["Question", "Session", "Store", "default_path", "default_place"]

#: How long (seconds) to wait for another process to finish writing before saying that the store is locked.
WAIT = 5.0
#: bytes up to which a file is written anew after something was taken away
_REWRITTEN = 1_000_000_000


def default_path() -> Path:
    """The store's file when nobody names one: ``DESK_DB`` if it is a path, else in the user's data folder."""
    place = default_place()
    return place if isinstance(place, Path) else _users_own()


def default_place() -> str | Path:
    """What to open when nobody names it: ``DESK_DB``, a path or a server's URL, else the user's own file."""
    named = os.environ.get("DESK_DB", "").strip()
    if "://" in named:
        return named
    return Path(named).expanduser() if named else _users_own()


def _users_own() -> Path:
    from platformdirs import user_data_path

    return user_data_path("desk", appauthor=False) / "desk.db"


class Store:
    """An open store. Threads may share it; each takes short sessions of its own."""

    def __init__(
        self,
        *,
        url: str,
        place: str,
        path: Path | None,
        engine: Engine,
        reader: Engine,
        read_only: bool,
        schema: Schema,
    ) -> None:
        self.url = url
        #: how people see it named: the file, or the server's address without its password
        self.place = place
        self.path = path
        self.engine = engine
        self.read_only = read_only
        self._reader = reader
        self._schema = schema
        self._identity = sqlite.identity(path) if path else None
        self._watch: Any = None
        self._watching = threading.Lock()

    @classmethod
    def open(
        cls,
        where: str | Path,
        *,
        create: bool = False,
        read_only: bool = False,
        wait: float = WAIT,
        schema: Schema = OURS,
    ) -> Store:
        """Open the store at ``where``, a path or a URL (``postgresql://…``).

        With ``create`` it is made when it is not there. An older one is upgraded, with a copy of the file as
        it was left beside it. ``read_only`` opens what cannot be written, such as a file in a read-only
        folder; an older one is refused then. ``wait`` is how long (seconds) to wait for other processes.

        Raises ``Refusal``: ``store.missing``, ``store.gone`` (but backups of it are there),
        ``store.no_folder``, ``store.no_access``, ``store.read_only``,
        ``store.not_a_database``, ``store.foreign``, ``store.newer``, ``store.older`` (read-only),
        ``store.upgrade``, ``store.locked``, ``store.full``, ``store.io``, ``store.corrupt``,
        ``store.address``, ``store.driver``, ``store.unreachable``.
        """
        if isinstance(where, str) and "://" in where and not where.startswith("sqlite:"):
            return cls._open_server(where, create=create, read_only=read_only, wait=wait, schema=schema)
        if isinstance(where, str) and where.startswith("sqlite:"):
            where = make_url(where).database or ""
        path = sqlite.absolute(where)
        try:
            return cls._open_file(path, create=create, read_only=read_only, wait=wait, schema=schema)
        except Refusal as fault:
            # Even to open takes a little room.
            if fault.code != "store.full" or not reserve.give_up(path):
                raise
        return cls._open_file(path, create=create, read_only=read_only, wait=wait, schema=schema)

    @classmethod
    def _open_file(cls, path: Path, *, create: bool, read_only: bool, wait: float, schema: Schema) -> Store:
        place = str(path)
        with refused(place, path, files=True):
            if create and path == _users_own():
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not path.exists() and backups.copies(path):
                # An empty desk in the place of records that were lost would be believed.
                raise Refusal("store.gone", place=place)
            if sqlite.look_at(path, place, create=create, read_only=read_only):
                _make(path, place, wait, schema)
            mode = sqlite.reading_mode(path) if read_only else "rw"
            reader = sqlite.reading(path, mode=mode, wait=wait)
            writer = reader if read_only else sqlite.writing(path, wait=wait)
            try:
                with reader.connect() as connection:
                    found = schema.found(connection, place)
                old = bool(found) and schema.judge(found, place)
                if old and read_only:
                    raise Refusal("store.older", place=place, found=found, known=schema.version)
                if not found:
                    # Somebody else's beginning, or a database with nothing in it.
                    if not create:
                        raise Refusal("store.missing", place=place)
                    _make(path, place, wait, schema)
                if not read_only:
                    # A connection of our own would stand in the way too.
                    reader.dispose()
                    sqlite.settle_journal(path, wait=wait)
                if old:
                    _upgrade(path, place, wait, schema)
            except BaseException:
                reader.dispose()
                writer.dispose()
                raise
            return cls(
                url=f"sqlite:///{path.as_posix()}",
                place=place,
                path=path,
                engine=writer,
                reader=reader,
                read_only=read_only,
                schema=schema,
            )

    @classmethod
    def _open_server(cls, where: str, *, create: bool, read_only: bool, wait: float, schema: Schema) -> Store:
        try:
            url = make_url(where)
        except (ArgumentError, ValueError):
            raise Refusal("store.address", place=where.partition("://")[0] + "://…") from None
        # For people to read: a socket's folder is a folder.
        place = unquote(url.render_as_string(hide_password=True))
        if url.get_backend_name() not in ("postgresql", "postgres"):
            raise Refusal("store.address", place=place)
        url = url.set(drivername="postgresql+psycopg")
        engine, reader = postgres.engines(url, place=place, wait=wait)
        try:
            with refused(place), engine.begin() as connection:
                found = schema.found(connection, place)
                if not found and not create:
                    raise Refusal("store.missing", place=place)
                if not found or schema.judge(found, place):
                    if read_only:
                        raise Refusal("store.older", place=place, found=found, known=schema.version)
                    postgres.alone(connection)
                    # Another counter may have been first.
                    found = schema.found(connection, place)
                    if not found:
                        schema.build(connection)
                    elif schema.judge(found, place):
                        _migrate(connection, place, found, schema)
        except BaseException:
            engine.dispose()
            raise
        return cls(
            url=url.render_as_string(hide_password=False),
            place=place,
            path=None,
            engine=engine,
            reader=reader,
            read_only=read_only,
            schema=schema,
        )

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A short session that sees one state of the store throughout; what is changed in it is never kept.

        Raises ``Refusal`` for the store's faults (module's text).
        """
        self._same_file()
        with (
            refused(self.place, self.path),
            Session(self._reader, autoflush=False, expire_on_commit=False) as session,
        ):
            yield session

    @contextmanager
    def write(self, estate_id: UUID | None = None, *ahead: Question) -> Iterator[Session]:
        """One transaction: kept, and on the disk, when the block ends; undone whole when it raises.

        The store is locked for writing from the first line, so what is read here cannot change before it is
        written; on a server, with ``estate_id``, that estate alone, and others go on writing in theirs. What is asked
        first inside may be asked ``ahead``, in one journey with the lock. Do nothing slow inside.

        Raises ``Refusal`` for the store's faults, ``store.conflict`` when a row contradicts the schema,
        ``store.newer`` when another program has upgraded the store meanwhile, ``store.reserve`` when the disk is full
        and room for some more acts has just been freed, ``store.unsure`` when a server went away before it said
        whether all of it was kept.
        """
        if self.read_only:
            raise Refusal("store.read_only", place=self.place)
        self._same_file()
        keeping = False
        try:
            with (
                refused(self.place, self.path),
                Session(self.engine, expire_on_commit=False) as session,
                session.begin(),
            ):
                self._take(session, estate_id, ahead)
                yield session
                keeping = self.path is None
                session.finish(*((postgres.TELL,) if keeping else ()))
        except Refusal as fault:
            if keeping and fault.code == "store.unreachable":
                raise Refusal("store.unsure", **fault.params) from fault
            if fault.code == "store.full" and self.path is not None and reserve.give_up(self.path):
                raise Refusal("store.reserve", **fault.params) from fault
            raise

    def _take(self, session: Session, estate_id: UUID | None, ahead: Sequence[Question]) -> None:
        """Begin to write: take the lock, see that the schema is ours."""
        version = session.enter(estate_id, *ahead) if estate_id is not None else None
        if version is None:
            connection = session.connection()
            if self.path is None:
                postgres.alone(connection)
            version = self._schema.version_of(connection)
        if version != self._schema.version:
            raise Refusal("store.newer", place=self.place, found=version, known=self._schema.version)

    def rewrite(self) -> bool:
        """Write the file anew, so that nothing deleted lies on in the unused corners of its pages.

        False where that was not done: on a server, for a file so large that everybody would wait (1 GB and more), and
        where somebody else is writing or the disk has no room; nothing is lost then.
        """
        if self.path is None or self.read_only or self.path.stat().st_size > _REWRITTEN:
            return False
        try:
            connection = sqlite.connect(self.path, mode="rw", wait=WAIT, query_only=False)
            with refused(self.place, self.path), closing(connection) as raw:
                raw.execute("VACUUM")
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except Refusal:
            return False
        return True

    def _same_file(self) -> None:
        """Refuse to go on with a file moved or replaced under us: what we write would be lost with it."""
        if self.path is None:
            return
        try:
            same = sqlite.identity(self.path) == self._identity
        except OSError:
            same = False
        if not same:
            raise Refusal("store.replaced", place=self.place)

    def change_mark(self) -> int:
        """A number that differs from the last one whenever anybody, here or elsewhere, has written since.

        Costs some microseconds and asks nobody anything: a server tells, within milliseconds of the write.
        """
        self._same_file()
        with self._watching, refused(self.place, self.path):
            if self.path is None:
                self._watch = self._watch or postgres.Watch(self.engine)
                return int(self._watch.mark())
            if self._watch is None:
                mode = sqlite.reading_mode(self.path) if self.read_only else "rw"
                self._watch = sqlite.connect(self.path, mode=mode, wait=WAIT)
            return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def check(self, *, thorough: bool = False) -> tuple[str, ...]:
        """What is wrong with the file's structure, in SQLite's words; empty when nothing is (0.5 s a GB).

        With ``thorough`` every index is compared with its table too (some ten times as long).
        """
        if self.path is None:
            return ()
        which = "integrity_check" if thorough else "quick_check"
        try:
            with refused(self.place, self.path), self._reader.connect() as connection:
                found = connection.exec_driver_sql(f"PRAGMA {which}").scalars().all()
        except Refusal as fault:
            # Damaged so badly that the check itself gives up.
            if fault.code != "store.corrupt":
                raise
            return (str(fault.params["detail"]),)
        return () if found == ["ok"] else tuple(map(str, found))

    def backup(self, to: Path) -> None:
        """Copy the store, as it is now, into the new file ``to``; others may go on writing meanwhile.

        The copy is checked and on the disk before it appears. Raises ``Refusal``: ``store.exists``,
        ``store.no_folder``, ``store.full``, ``store.corrupt``, ``store.server`` (a server's copies are made
        with its own tools).
        """
        if self.path is None:
            raise Refusal("store.server", place=self.place)
        self._same_file()
        _copy(self.path, sqlite.absolute(to), WAIT, read_only=self.read_only)

    def close(self) -> None:
        """Let go of every connection; the last one to leave a file tidies its log into it."""
        with self._watching:
            if self._watch is not None:
                self._watch.close()
                self._watch = None
        self._reader.dispose()
        self.engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _make(path: Path, place: str, wait: float, schema: Schema) -> None:
    """Make a new store, in one transaction. When that fails, the file we began is removed again."""
    begun = sqlite.touch(path)
    engine = sqlite.changing(path, wait=wait)
    try:
        with engine.begin() as connection:
            # Another counter may have been first.
            if not schema.found(connection, place):
                schema.build(connection)
    except BaseException:
        if begun:
            sqlite.remove(path)
        raise
    finally:
        engine.dispose()


def _upgrade(path: Path, place: str, wait: float, schema: Schema) -> None:
    """Bring an older file to our version: all or nothing, with a copy of it as it was left beside it."""
    engine = sqlite.changing(path, wait=wait)
    copied: Path | None = None
    try:
        with engine.begin() as connection:
            found = schema.found(connection, place)
            # Another process may have been first; nobody else can be, from here on.
            if schema.judge(found, place):
                former = _beside(path, schema.version)
                _copy(path, former, wait)
                copied = former
                _migrate(connection, place, found, schema)
    except BaseException:
        # The file is as it was, and so the copy of no use.
        if copied is not None:
            sqlite.remove(copied)
        raise
    finally:
        engine.dispose()


def _migrate(connection: Connection, place: str, found: str, schema: Schema) -> None:
    params: dict[str, object] = {"place": place, "found": found, "known": schema.version}
    try:
        with refused(place):
            schema.migrate(connection)
    except Refusal as fault:
        if fault.code != "store.conflict":
            raise
        # Rows the new version does not allow: the old program still works with them.
        raise Refusal("store.upgrade", **params, detail=str(fault.params.get("detail"))) from fault
    except Exception as fault:
        raise Refusal("store.upgrade", **params, detail=str(fault)) from fault


def _beside(path: Path, version: str) -> Path:
    """Name of the copy kept before an upgrade: ``desk.db.before-0002-20261122-063700`` (UTC)."""
    name = f"{path.name}.before-{version}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    named = path.with_name(name)
    count = 1
    while named.exists():
        count += 1
        named = path.with_name(f"{name}-{count}")
    return named


def _copy(path: Path, to: Path, wait: float, *, read_only: bool = False) -> None:
    if not to.parent.is_dir():
        raise Refusal("store.no_folder", place=str(to), folder=str(to.parent))
    with refused(str(to), to, files=True):
        mode = sqlite.reading_mode(path) if read_only else "rw"
        source = sqlite.connect(path, mode=mode, wait=wait)
        try:
            sqlite.copy(source, to, place=str(path))
        finally:
            source.close()
