"""A file encrypted, opened up again, or given another passphrase: made anew beside it, compared, put in its place.

Nothing of the present file is changed, but that its log is taken into it. It is held closed to everybody meanwhile, and
kept afterwards under a name that says what it was; to remove it, and the unencrypted backups, is for whoever asked
(:func:`plain_left`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from desk.errors import Refusal
from desk.store import backups, cipher, sqlite
from desk.store.cipher import Key
from desk.store.faults import refused

#: told a table's name, how many are compared and how many there are
Progress = Callable[[str, int, int], None]
_MADE = "%Y%m%d-%H%M%S"


def seal(path: Path, key: Key | None, now: datetime, progress: Progress = lambda what, done, of: None) -> Path:
    """Put a copy of the store at ``path``, encrypted with ``key``, in its place; with None one that is not encrypted.

    Every row of it is compared before. Returns where the former file is kept. There is no moment at which no file
    stands at ``path``, and none at which somebody could write to the one that goes. ``now`` is aware. Raises
    ``Refusal``: ``store.locked`` while anybody has it open, ``store.full``, ``store.corrupt``, ``store.cipher`` …;
    nothing is changed then.
    """
    place = str(path)
    backups.held(path)  # ours, and readable with the key we have
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    using = cipher.driver(place)
    word = "encryption" if key is not None else "decryption"
    with refused(place, path, files=True):
        try:
            with closing(_connect(using, path)) as source:
                _hold(source, place)
                _carry(source, part, key, place, progress)
                backups.look(part)
                kept = backups.free_name(path, f"before-{word}-{now.astimezone(UTC):{_MADE}}")
                backups.link(path, kept)
                if os.name == "nt":  # no file is replaced there while it is open
                    source.close()
                part.replace(path)
                cipher.remember(path, key)
        finally:
            sqlite.remove(part)
        sqlite.sync_folder(path.parent)
    return kept


def carry(source: Path, to: Path, key: Key | None) -> None:
    """The store at ``source`` into the new file ``to``, encrypted with ``key`` or not; compared and on the disk.

    Raises ``Refusal`` as :func:`seal`.
    """
    place = str(source)
    with refused(place, source, files=True), closing(_connect(cipher.driver(place), source)) as raw:
        _carry(raw, to, key, place, lambda what, done, of: None)


def plain_left(path: Path, folders: Iterable[Path] = ()) -> list[Path]:
    """What lies about of the store at ``path`` and is not encrypted: former files, backups here and in ``folders``."""
    found = [
        file
        for place in (backups.folder(path), *(each / backups.folder(path).name for each in folders))
        if place.is_dir()
        for file in place.iterdir()
    ]
    found += path.parent.glob(f"{path.name}.before-*")
    found += path.parent.glob(f".{path.name}.*.part")  # of something that was cut off half-way
    return sorted(file for file in found if file.is_file() and _plain(file))


def remove(files: Iterable[Path]) -> list[Path]:
    """Remove these files and what lies beside them; returns those that could not be."""
    left = []
    for file in files:
        sqlite.remove(file)
        if file.exists():
            left.append(file)
    return left


def _plain(file: Path) -> bool:
    with suppress(OSError), file.open("rb") as there:
        return there.read(len(cipher.PLAIN)) == cipher.PLAIN
    return False


def _connect(using: Any, path: Path) -> Any:
    """SQLCipher's connection to a file, encrypted or not: the two ends of the carrying are one driver's."""
    key = cipher.key_of(path)
    raw = using.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=0.5, isolation_level=None)
    cipher.unlock(raw, key)
    return raw


def _hold(source: Any, place: str) -> None:
    """Take the log into the file and let nobody else in until the connection is closed."""
    if source.execute("PRAGMA main.journal_mode = DELETE").fetchone()[0] != "delete":
        raise Refusal("store.locked", place=place)
    source.execute("PRAGMA main.locking_mode = EXCLUSIVE")
    source.execute("BEGIN EXCLUSIVE")
    source.execute("COMMIT")  # the lock stays


def _carry(source: Any, part: Path, key: Key | None, place: str, progress: Progress) -> None:
    sqlite.touch(part)
    if key is not None:
        cipher.hold(key)
    asked = "" if key is None else key.pragma
    source.execute("ATTACH ? AS sealed KEY ?", (f"{part.as_uri()}?mode=rw", asked))
    try:
        source.execute("BEGIN")
        source.execute("SELECT sqlcipher_export('sealed')").fetchone()
        source.execute("COMMIT")
        for name in ("application_id", "user_version"):
            said = source.execute(f"PRAGMA main.{name}").fetchone()[0]
            source.execute(f"PRAGMA sealed.{name} = {int(said)}")
        _compare(source, place, progress)
    finally:
        if source.in_transaction:
            source.execute("ROLLBACK")
        source.execute("DETACH sealed")
    with part.open("rb+") as file:
        os.fsync(file.fileno())


def _compare(source: Any, place: str, progress: Progress) -> None:
    """Every table, index, trigger and row is in the new file as it is in the old. Raises ``store.corrupt``."""
    listed = "SELECT type, name, tbl_name, sql FROM {}.sqlite_master ORDER BY type, name"
    here, there = (source.execute(listed.format(end)).fetchall() for end in ("main", "sealed"))
    if here != there:
        raise Refusal("store.corrupt", place=place, detail="sqlite_master")
    tables = [name for kind, name, _, sql in here if kind == "table" and sql]
    for done, name in enumerate(tables):
        progress(name, done, len(tables))
        rows = 'SELECT * FROM {}."{}"'
        one, other = rows.format("main", name), rows.format("sealed", name)
        counts = [source.execute(f"SELECT count(*) FROM ({each})").fetchone()[0] for each in (one, other)]
        if counts[0] != counts[1] or source.execute(f"{one} EXCEPT {other} LIMIT 1").fetchone():
            raise Refusal("store.corrupt", place=place, detail=name)
    progress("", len(tables), len(tables))
