"""Copies of a store's file: made by themselves, thinned with age, and put back.

Copies lie in ``desk.db.backups`` beside the store and in every folder of ``DESK_BACKUPS``, another disk or a stick; one
that is not there now is passed over and said. The name holds when a copy was made (UTC) and why:
``20261122-022400-start.db``. Every copy is checked when it is written and again before it is put back. Only files:
a server's copies are made with its own tools.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from desk.errors import Refusal
from desk.store import cipher, sqlite
from desk.store.faults import refused

_NAME = re.compile(r"(\d{8}-\d{6})-([a-z]+)\.db")
_MADE = "%Y%m%d-%H%M%S"
#: after a restart a copy no older than this will do
FRESH = timedelta(hours=1)
#: all copies of so long are kept; then the newest of each day, of each week, of each month
_ALL, _DAYS, _WEEKS, _MONTHS = timedelta(days=2), timedelta(days=14), timedelta(weeks=9), timedelta(days=750)


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that is there. ``made_at`` is aware UTC; ``why``: ``start`` | ``day`` | ``asked``."""

    path: Path
    made_at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Held:
    """What a store's file holds: each estate's head of the chain, by id as hex; when the last entry was made."""

    heads: dict[str, tuple[int, str]]
    last: datetime | None

    @property
    def entries(self) -> int:
        return sum(seq for seq, _ in self.heads.values())


@dataclass(frozen=True, slots=True)
class Lost:
    """What putting a copy back would take away: entries, when the first and last were made, numbers of new matters.

    ``entries`` is None where the present file can't be read.
    """

    entries: int | None
    since: datetime | None = None
    until: datetime | None = None
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """What came of making a copy: None when nothing was written since the last; folders it could not reach."""

    copy: Copy | None
    unreached: tuple[Path, ...] = ()


def folder(path: Path) -> Path:
    """Where the copies of the store at ``path`` lie."""
    return path.with_name(f"{path.name}.backups")


def also() -> tuple[Path, ...]:
    """The further folders of ``DESK_BACKUPS``, separated as in ``PATH``."""
    return tuple(Path(each).expanduser() for each in os.environ.get("DESK_BACKUPS", "").split(os.pathsep) if each)


def copies(path: Path, folders: Iterable[Path] = ()) -> list[Copy]:
    """Every copy of the store at ``path``, newest first; of one copy in several folders the nearest."""
    found: dict[str, Copy] = {}
    for place in (folder(path), *(each / folder(path).name for each in folders)):
        with suppress(OSError):
            for file in place.iterdir():
                if (name := _NAME.fullmatch(file.name)) and file.name not in found:
                    made = datetime.strptime(name[1], _MADE).replace(tzinfo=UTC)
                    found[file.name] = Copy(file, made, name[2])
    return sorted(found.values(), key=lambda each: each.made_at, reverse=True)


def make(path: Path, why: str, now: datetime, folders: Sequence[Path] = (), *, wait: float = 5.0) -> Made:
    """Copy the store at ``path`` into its folder and into ``folders``, unless nothing was written since the last copy.

    ``now`` is aware. The copy is checked, file and chain's head, before it appears. What is too old is thinned out.
    Raises ``Refusal``: ``store.full``, ``store.corrupt``, ``store.read_only``, ``store.locked`` …
    """
    here = folder(path)
    with refused(str(here), path, files=True):
        here.mkdir(mode=0o700, exist_ok=True)
        there = copies(path)
        if there and why != "asked" and _same(path, there[0].path):
            return Made(None)
        made_at = now.astimezone(UTC).replace(microsecond=0)
        while made_at in {each.made_at for each in there}:  # twice within a second: the later one must be the newest
            made_at += timedelta(seconds=1)
        to = here / f"{made_at:{_MADE}}-{why}.db"
        with closing(sqlite.connect(path, mode="rw", wait=wait)) as source:
            sqlite.copy(source, to, place=str(path))
        try:
            look(to)
        except Refusal as fault:
            sqlite.remove(to)
            raise Refusal("store.corrupt", place=str(path), detail=str(fault.params.get("detail", ""))) from fault
    _thin(here, now)
    unreached = tuple(place for place in folders if not _bring(to, place / here.name, now))
    return Made(Copy(to, made_at, why), unreached)


def _same(path: Path, copy: Path) -> bool:
    try:
        return held(path).heads == held(copy).heads and cipher.key_of(path) == cipher.key_of(copy)
    except Refusal:
        return False


def _bring(copy: Path, to: Path, now: datetime) -> bool:
    """A copy into another folder; False where that can't be reached or the copy did not arrive whole."""
    part = to / f".{copy.name}.part"
    try:
        to.mkdir(mode=0o700, exist_ok=True)  # not its parents: a stick that is not there must not become a folder
        shutil.copyfile(copy, part)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        look(part)
        part.replace(to / copy.name)
        _thin(to, now)
    except (OSError, Refusal):
        with suppress(OSError):
            part.unlink()
        return False
    return True


def _thin(place: Path, now: datetime) -> None:
    there = {file: name for file in place.iterdir() if (name := _NAME.fullmatch(file.name))}
    made = {datetime.strptime(name[1], _MADE).replace(tzinfo=UTC): file for file, name in there.items()}
    for at in thinned(made, now):
        with suppress(OSError):
            made[at].unlink()


def thinned(made: Iterable[datetime], now: datetime) -> list[datetime]:
    """Which of the copies ``made`` then may go: all of two days stay, then one a day, a week, a month; the newest ever.

    Weeks and months are counted in UTC.
    """
    gone: list[datetime] = []
    seen: set[object] = set()
    for index, at in enumerate(sorted(made, reverse=True)):
        age = now - at
        if index == 0 or age < _ALL:
            continue
        day = at.astimezone(UTC).date()
        slot: object
        if age < _DAYS:
            slot = day
        elif age < _WEEKS:
            slot = tuple(day.isocalendar())[:2]
        elif age < _MONTHS:
            slot = f"{day:%Y-%m}"
        else:
            slot = None
        if slot is None or slot in seen:
            gone.append(at)
        seen.add(slot)
    return gone


# -- looking -------------------------------------------------------------------------------------------------


def held(path: Path) -> Held:
    """What the file at ``path`` holds, without writing to it. Raises ``Refusal`` ``store.*``."""
    place = str(path)
    with refused(place, path, files=True), closing(_reading(path)) as source:
        _ours(source, place)
        return _held(source)


def look(copy: Path) -> Held:
    """The same of a copy, which is checked first: the file, and that the last entry is the chain's head.

    Raises ``Refusal``: ``store.corrupt``, ``store.not_a_database``, ``store.foreign``, ``store.missing``.
    """
    place = str(copy)
    sqlite.look_at(copy, place, create=False, read_only=True)
    with refused(place, copy, files=True), closing(_reading(copy)) as source:
        _ours(source, place)
        found = source.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise Refusal("store.corrupt", place=place, detail=found)
        what = _held(source)
        for estate, head in what.heads.items():
            last = source.execute(
                "SELECT seq, hash FROM event WHERE estate_id = ? ORDER BY seq DESC LIMIT 1", (estate,)
            ).fetchone()
            if (last or (0, "")) != head:
                raise Refusal("store.corrupt", place=place, detail=f"{last} ≠ {head}")
        return what


def newest_good(path: Path, folders: Iterable[Path] = ()) -> Copy | None:
    """The newest copy that is whole."""
    for copy in copies(path, folders):
        with suppress(Refusal):
            look(copy.path)
            return copy
    return None


def lost(path: Path, copy: Path) -> Lost:
    """What was written at ``path`` since ``copy`` was made."""
    try:
        with refused(str(path), path, files=True), closing(_reading(path)) as source:
            _ours(source, str(path))
            there = held(copy).heads
            count, numbers, times = 0, list[str](), list[str]()
            for estate, (seq, _) in _held(source).heads.items():
                since = there.get(estate, (0, ""))[0]
                count += max(0, seq - since)
                asked = "FROM event WHERE estate_id = ? AND seq > ?"
                for row in source.execute(f"SELECT min(recorded_at), max(recorded_at) {asked}", (estate, since)):
                    times += filter(None, row)
                opened = f"SELECT json_extract(sets, '$.number') {asked} AND name = 'ticket.opened' ORDER BY seq"
                numbers += [number for (number,) in source.execute(opened, (estate, since)) if number]
    except Refusal:
        return Lost(None)
    return Lost(count, _time(min(times, default=None)), _time(max(times, default=None)), tuple(numbers))


def _reading(path: Path) -> Any:
    return sqlite.connect(path, mode=sqlite.reading_mode(path), wait=5.0)


def _ours(source: Any, place: str) -> None:
    if source.execute("PRAGMA application_id").fetchone()[0] != sqlite.APPLICATION_ID:
        raise Refusal("store.foreign", place=place)


def _held(source: Any) -> Held:
    heads = {row[0]: (row[1], row[2]) for row in source.execute("SELECT estate_id, head_seq, head_hash FROM estate")}
    return Held(heads, _time(source.execute("SELECT max(recorded_at) FROM event").fetchone()[0]))


def _time(said: str | None) -> datetime | None:
    return None if said is None else datetime.fromisoformat(said).replace(tzinfo=UTC)


# -- putting back --------------------------------------------------------------------------------------------


def put_back(path: Path, copy: Path, now: datetime) -> Path | None:
    """Put ``copy`` in the place of the store at ``path``; returns where the present file is kept, if there was one.

    The copy is checked first; one that is not encrypted is encrypted where the present file is. The present file,
    damaged or not, is kept beside it with its log, under a name that says when (``now``, aware). There is no moment at
    which no file stands at ``path``. Raises ``Refusal``: as :func:`look`, ``store.locked`` while another program has
    the file open, ``store.full``.
    """
    look(copy)
    place = str(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with refused(place, path, files=True):
        try:
            key = _stays_encrypted(path, copy)
            if key is not None:
                from desk.store import sealing

                sealing.carry(copy, part, key)
            else:
                shutil.copyfile(copy, part)
                part.chmod(0o600)
                with part.open("rb+") as file:
                    os.fsync(file.fileno())
            look(part)
            kept = _set_aside(path, now) if path.exists() else None
            part.replace(path)
            cipher.remember(path, cipher.key_of(part))
        finally:
            with suppress(OSError):
                part.unlink()
        sqlite.sync_folder(path.parent)
    return kept


def _stays_encrypted(path: Path, copy: Path) -> cipher.Key | None:
    """The key to encrypt ``copy`` with before it takes the place of ``path``; None: it is put there as it is."""
    if cipher.key_of(copy) is not None or not path.exists():
        return None
    try:
        return cipher.recognised(path)
    except Refusal:  # nobody here has the passphrase, or the beginning is destroyed
        return None


def _set_aside(path: Path, now: datetime) -> Path:
    kept = free_name(path, f"before-restore-{now.astimezone(UTC):{_MADE}}")
    _alone(path)
    logs = [suffix for suffix in ("-wal", "-shm", "-journal") if path.with_name(path.name + suffix).exists()]
    for suffix in ("", *logs):
        link(path.with_name(path.name + suffix), kept.with_name(kept.name + suffix))
    # Another file's log must never be played into the copy.
    for suffix in logs:
        path.with_name(path.name + suffix).unlink()
    return kept


def link(old: Path, new: Path) -> None:
    """Another name for a file; a copy where the file system has no hard links."""
    try:
        os.link(old, new)
    except OSError:
        shutil.copyfile(old, new)


def _alone(path: Path) -> None:
    """Take the log into the file and see that nobody else has it open. A file too damaged for that is left as it is."""
    place = str(path)
    try:
        with refused(place, path), closing(sqlite.connect(path, mode="rw", wait=0.5, query_only=False)) as source:
            if source.execute("PRAGMA journal_mode = DELETE").fetchone()[0] != "delete":
                raise Refusal("store.locked", place=place)
    except Refusal as fault:
        if fault.code == "store.locked":
            raise


def free_name(path: Path, word: str) -> Path:
    """``desk.db.WORD`` beside the store, with a number behind it while that is taken."""
    named, count = path.with_name(f"{path.name}.{word}"), 1
    while named.exists():
        count += 1
        named = path.with_name(f"{path.name}.{word}-{count}")
    return named
