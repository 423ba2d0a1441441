"""The file encrypted (SQLCipher), where an estate wants that: which files are, and the keys this process was given.

An encrypted file is SQLCipher's own format with its own settings: every page AES-256 with an authentication code of its
own, the key made from the passphrase by 256,000 rounds of PBKDF2-HMAC-SHA512 over the sixteen random bytes the file
begins with. Any SQLCipher opens it with the same passphrase (NFKC). The key is made once a process, by OpenSSL, and
checked against the pages before the file is opened: so a wrong passphrase is never taken for a damaged file, nor the
other way round. Keys are kept in memory only, never in an argument, a log or a file.

Without the package ``sqlcipher3`` (``desk[encrypted]``) everything else works.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desk.errors import Refusal

#: what every file of SQLite that is not encrypted begins with
PLAIN = b"SQLite format 3\x00"
#: the passphrase, where nobody can be asked; and the new one for ``desk encrypt``
VARIABLE, NEW_VARIABLE = "DESK_PASSPHRASE", "DESK_NEW_PASSPHRASE"
#: characters a passphrase has at least: whoever has the file can try as many as they like
SHORTEST = 10

# SQLCipher 4's settings, as it writes them unless told otherwise.
_PAGE, _SALT, _KEY, _CODE, _ROUNDS = 4096, 16, 32, 64, 256_000
#: pages looked at to know what a file is, and whether a key is its key
_LOOKED_AT = 8
#: of 4096 random bytes no value comes up so often (16 on average); in a page of records or text one always does
_MUCH = 80


@dataclass(frozen=True, slots=True)
class Key:
    """What opens one file and its copies; never shown."""

    salt: bytes = field(repr=False)
    secret: bytes = field(repr=False)

    @classmethod
    def made(cls, passphrase: str, salt: bytes | None = None) -> Key:
        """From a passphrase; for a new file with a salt of its own. Takes a good part of a second, on purpose."""
        salt = secrets.token_bytes(_SALT) if salt is None else salt
        said = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
        return cls(salt, hashlib.pbkdf2_hmac("sha512", said, salt, _ROUNDS, _KEY))

    @property
    def pragma(self) -> str:
        return f"x'{self.secret.hex()}{self.salt.hex()}'"

    def opens(self, pages: dict[int, bytes]) -> bool:
        """Whether one of the ``pages``, by number from one, was written with this key."""
        codes = hashlib.pbkdf2_hmac("sha512", self.secret, bytes(each ^ 0x3A for each in self.salt), 2, _KEY)
        for number, page in pages.items():
            covered = page[_SALT if number == 1 else 0 : -_CODE] + number.to_bytes(4, "little")
            if hmac.compare_digest(hmac.digest(codes, covered, "sha512"), page[-_CODE:]):
                return True
        return False


#: keys this process has, by salt: a copy is opened by the key of its original
_keys: dict[bytes, Key] = {}
#: passphrases it was given, newest last, and those that have opened something: a copy may be older than the file
_given: list[str] = []
_right: set[str] = set()
#: what was found out about files this process opened; None: not encrypted
_known: dict[str, Key | None] = {}


def give(passphrase: str) -> None:
    """A passphrase for this process; :func:`recognised` says whether it opens a file."""
    if passphrase in _given:
        _given.remove(passphrase)
    _given.append(passphrase)


def hold(key: Key) -> None:
    """A key for this process, as a process it was started by has it already."""
    _keys[key.salt] = key


def forget() -> None:
    """Let go of every key and passphrase."""
    _keys.clear()
    _given.clear()
    _right.clear()
    _known.clear()


def encrypted(path: Path) -> bool:
    """Whether the file at ``path`` looks encrypted: its pages are noise from end to end, whatever became of some."""
    pages = _pages(path)
    if not pages or pages.get(1, b"").startswith(PLAIN):
        return False
    noise = sum(map(_noise, pages.values()))
    return noise * 2 > len(pages) >= _LOOKED_AT  # a store has a hundred pages when it is made


def key_of(path: Path) -> Key | None:
    """The key of a file this process has open already; else as :func:`recognised`.

    A file that is open is not looked into again: to close it here would undo the locks the driver holds on it.
    """
    name = str(path)
    return _known[name] if name in _known else recognised(path)


def recognised(path: Path) -> Key | None:
    """The key for the file at ``path``; None for one that is not encrypted. Looks into it: not while it is open.

    Raises ``Refusal``: ``store.encrypted`` when no passphrase was given, ``store.passphrase`` when none of those given
    is right, ``store.cipher`` when the package is missing, ``store.corrupt`` when its beginning is destroyed.
    """
    place, name = str(path), str(path)
    _known.pop(name, None)
    if not path.is_file() or not encrypted(path):
        _known[name] = None
        return None
    driver(place)
    pages = _pages(path)
    head = pages[1]
    if not _noise(head):
        raise Refusal("store.corrupt", place=place, detail="the first page is destroyed")
    salt = head[:_SALT]
    if (held := _keys.get(salt)) is not None and (held.opens(pages) or _opens_later(held, path)):
        _known[name] = held
        return held
    asked = [*reversed(_given), *filter(None, [os.environ.get(VARIABLE)])]
    for passphrase in asked:
        key = Key.made(passphrase, salt)
        if key.opens(pages):
            _right.add(passphrase)
            hold(key)
            _known[name] = key
            return key
    _given[:] = [each for each in _given if each in _right]  # what never opened anything is not tried again
    raise Refusal("store.passphrase" if asked else "store.encrypted", place=place)


def remember(path: Path, key: Key | None) -> None:
    """What the file at ``path`` is from now on: it was just made, or put there."""
    _known[str(path)] = key


def _opens_later(key: Key, path: Path) -> bool:
    """Once more: another process may have been writing the very pages that were read."""
    time.sleep(0.05)
    return key.opens(_pages(path))


def _noise(page: bytes) -> bool:
    return max(map(page.count, set(page))) < _MUCH


def _pages(path: Path) -> dict[int, bytes]:
    """Some whole pages from all over the file, by number from one; the first and second are among them."""
    with path.open("rb") as file:
        total = os.fstat(file.fileno()).st_size // _PAGE
        numbers = sorted({0, 1, *range(0, total, max(1, total // _LOOKED_AT))} & set(range(total)))
        found = {}
        for number in numbers:
            file.seek(number * _PAGE)
            found[number + 1] = file.read(_PAGE)
        return found


def driver(place: str) -> Any:
    """SQLCipher's driver. Raises ``Refusal`` ``store.cipher`` when the package is missing."""
    try:
        from sqlcipher3 import dbapi2
    except ImportError:
        raise Refusal("store.cipher", place=place, package="sqlcipher3") from None
    return dbapi2


def unlock(connection: Any, key: Key | None) -> None:
    """Give a new connection of :func:`driver` its key, before anything else; with None it reads a plain file."""
    # It writes what it finds wrong to the terminal otherwise, across the console.
    connection.execute("PRAGMA cipher_log_level = NONE")
    if key is not None:
        connection.execute(f'PRAGMA key = "{key.pragma}"')
