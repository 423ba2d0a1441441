"""What a database driver complains of, said as a refusal.

Two drivers speak here, SQLite's with result codes and PostgreSQL's with SQLSTATEs; above this module nobody
needs to know either. A complaint that only a mistake of ours can cause (no such column) stays the driver's
exception.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import exc

from desk.errors import Refusal

# SQLite's primary result codes (https://sqlite.org/rescode.html); the low byte of an extended code.
_PERM, _BUSY, _LOCKED, _READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN = 3, 5, 6, 8, 10, 11, 13, 14
_CONSTRAINT, _AUTH, _NOT_A_DATABASE = 19, 23, 26

_SQLITE = {
    _PERM: "store.no_access",
    _BUSY: "store.locked",
    _LOCKED: "store.locked",
    _READONLY: "store.read_only",
    _IOERR: "store.io",
    _CORRUPT: "store.corrupt",
    _FULL: "store.full",
    _CANTOPEN: "store.io",
    _CONSTRAINT: "store.conflict",
    _AUTH: "store.no_access",
    _NOT_A_DATABASE: "store.not_a_database",
}

# Copying leaves the code out.
_TEXTS = {
    "database is locked": _BUSY,
    "attempt to write a readonly database": _READONLY,
    "disk I/O error": _IOERR,
    "database disk image is malformed": _CORRUPT,
    "database or disk is full": _FULL,
    "unable to open database file": _CANTOPEN,
    "file is not a database": _NOT_A_DATABASE,
}

# PostgreSQL: the whole SQLSTATE wins over its class of two characters.
_POSTGRES = {
    "08": "store.unreachable",
    "22021": "store.text",
    "22P05": "store.text",
    "23": "store.conflict",
    "25006": "store.read_only",
    "28": "store.unreachable",
    "3D": "store.unreachable",
    "40001": "store.locked",
    "40P01": "store.locked",
    "42501": "store.no_access",
    "53100": "store.full",
    "53300": "store.unreachable",
    "55P03": "store.locked",
    "57P": "store.unreachable",
    "58": "store.io",
    "XX001": "store.corrupt",
    "XX002": "store.corrupt",
}

_SYSTEM = {
    errno.ENOSPC: "store.full",
    errno.EDQUOT: "store.full",
    errno.EROFS: "store.read_only",
    errno.EACCES: "store.no_access",
    errno.EPERM: "store.no_access",
    errno.ENOENT: "store.no_folder",
    errno.ENOTDIR: "store.no_folder",
}

#: With less than this left (bytes), SQLite's "I/O error" and "cannot open" mean a full disk: it has no room
#: even for the index of its write-ahead log.
_NO_ROOM = 256 * 1024


@contextmanager
def refused(place: str, path: Path | None = None, *, files: bool = False) -> Iterator[None]:
    """Turn the driver's complaints inside into ``Refusal("store.*", place=…)``; all else passes unchanged.

    ``place`` names the store in the sentence; ``path`` is its file, when it has one. With ``files`` the
    operating system's complaints are ours too: not where a caller's own work runs inside.
    """
    try:
        yield
    except Refusal:
        raise
    except Exception as fault:
        if isinstance(fault, OSError):
            refusal = _of_system(fault, place) if files else None
        else:
            refusal = _of_driver(fault, place, path)
        if refusal is None:
            raise
        raise refusal from fault


def _of_driver(fault: Exception, place: str, path: Path | None) -> Refusal | None:
    if isinstance(fault, exc.TimeoutError):
        # Every connection is in use: to the person waiting it is the same as a lock.
        return Refusal("store.locked", place=place)
    if isinstance(fault, UnicodeDecodeError):
        # What is wrong quotes bytes of the file, and the driver can't read them out.
        return Refusal("store.corrupt", place=place, detail="malformed text")
    if isinstance(fault, UnicodeEncodeError):
        # Half a surrogate pair, as a terminal hands over bytes it cannot decode.
        return Refusal("store.text", place=place) if fault.encoding.replace("-", "") == "utf8" else None
    original = fault.orig if isinstance(fault, exc.DBAPIError) else fault
    code = _code(original, path)
    detail = str(original).strip()
    if code == "store.unreachable":
        # The rest is advice for whoever keeps the server.
        detail = detail.partition("\n")[0]
    return Refusal(code, place=place, detail=detail) if code else None


def _code(original: Any, path: Path | None) -> str | None:
    driver = type(original).__module__.partition(".")[0]
    ciphered = "sqlcipher" in driver
    sqlite = ciphered or "sqlite" in driver
    if sqlite and str(original).startswith("Could not decode to UTF-8"):
        return "store.corrupt"  # we never wrote such bytes; the driver gives no number for it
    number = getattr(original, "sqlite_errorcode", _TEXTS.get(str(original)) if sqlite else None)
    if number is not None:
        primary = number & 0xFF
        if primary in (_IOERR, _CANTOPEN) and path is not None and _room(path) < _NO_ROOM:
            return "store.full"
        if ciphered and primary == _NOT_A_DATABASE:
            return "store.corrupt"  # the key has been found right before: it is the first page that is not
        return _SQLITE.get(primary)
    if driver != "psycopg":
        return None
    state = original.sqlstate
    if state is None:
        # The driver's own: it never reached a server, lost it, or will not send the value.
        return "store.text" if "NUL" in str(original) else "store.unreachable" if _network(original) else None
    return next((_POSTGRES[head] for head in (state, state[:3], state[:2]) if head in _POSTGRES), None)


def _network(original: Any) -> bool:
    return type(original).__name__ in {"OperationalError", "ConnectionTimeout", "InterfaceError"}


def _room(path: Path) -> int:
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return _NO_ROOM


def _of_system(fault: OSError, place: str) -> Refusal:
    code = _SYSTEM.get(fault.errno or 0, "store.io")
    return Refusal(code, place=place, detail=fault.strerror or str(fault))
