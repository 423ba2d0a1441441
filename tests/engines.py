"""Which engine the suite's stores stand on: a file each, or with ``--engine postgresql`` a database each of one server.

Founding a store costs more than a copy of it, so what is founded alike is founded once: a file is copied, a database is
made with the founded one as its template.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Protocol

from desk.store import Store
from tests import postgres

NAMES = ("sqlite", "postgresql")


class Stores(Protocol):
    """What makes the stores of a test."""

    def new(self, path: Path) -> str | Path:
        """Where a new store may be made; ``path`` is where a file would stand."""

    def founded(self, key: Hashable, path: Path, found: Callable[[Store], object]) -> Store:
        """An open store as ``found`` leaves it; ``found`` is called for the first of every ``key``."""

    def keep(self) -> None:
        """Before a test: what has been made so far is of more than one."""

    def tidy(self) -> None:
        """After a test: let go of what it had."""


class Files:
    """A file in the test's own folder; pytest removes it. In ``shared`` the workers of a run find what one founded."""

    def __init__(self, shared: Path | None = None) -> None:
        self._founded: dict[Hashable, bytes] = {}
        self._shared = shared

    def new(self, path: Path) -> str | Path:
        return path

    def founded(self, key: Hashable, path: Path, found: Callable[[Store], object]) -> Store:
        if key not in self._founded:
            self._founded[key] = self._of_another(key, path, found)
        path.write_bytes(self._founded[key])
        return Store.open(path)

    def _of_another(self, key: Hashable, path: Path, found: Callable[[Store], object]) -> bytes:
        name = _name_of(key)
        kept = self._shared / name if self._shared and name else None
        if kept is not None and kept.exists():
            return kept.read_bytes()
        with Store.open(path, create=True) as fresh:
            found(fresh)
        if kept is not None:
            kept.parent.mkdir(exist_ok=True)
            own = kept.with_suffix(f".{os.getpid()}")
            own.write_bytes(path.read_bytes())
            own.replace(kept)  # whole or not at all: two may found the same at once
        return path.read_bytes()

    def keep(self) -> None:
        pass

    def tidy(self) -> None:
        """Nothing: the garbage collector closes the files."""


def _name_of(key: Hashable) -> str | None:
    """The same for the same key in every worker; None where a function in it has no name of its own there."""
    parts = []
    for part in key if isinstance(key, tuple) else (key,):
        if not callable(part):
            parts.append(repr(part))
        elif "<" in (name := getattr(part, "__qualname__", "<")):
            return None
        else:
            parts.append(f"{part.__module__}:{name}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class Databases:
    """A database on the server whose socket is in ``folder``; dropped after the test, connections and all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._founded: dict[Hashable, str] = {}
        self._opened: list[Store] = []
        self._made: dict[Path, str] = {}

    def new(self, path: Path) -> str | Path:
        if path not in self._made:
            self._made[path] = postgres.database(self.folder)
        return self._made[path]

    def founded(self, key: Hashable, path: Path, found: Callable[[Store], object]) -> Store:
        if key not in self._founded:
            template = postgres.database(self.folder)
            with Store.open(template, create=True) as fresh:
                found(fresh)
            self._founded[key] = template
        self._made[path] = postgres.database(self.folder, like=self._founded[key])
        store = Store.open(self._made[path])
        self._opened.append(store)
        return store

    def keep(self) -> None:
        self._opened.clear()
        self._made.clear()

    def tidy(self) -> None:
        for store in self._opened:
            store.close()
        for url in self._made.values():
            postgres.drop(self.folder, url)
        self._opened.clear()
        self._made.clear()


class _Chosen:
    stores: Stores = Files()


def use(stores: Stores) -> None:
    """Let every test's stores be made by ``stores`` from now on."""
    _Chosen.stores = stores


def stores() -> Stores:
    """What makes the stores of this run."""
    return _Chosen.stores
