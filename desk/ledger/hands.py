"""Pieces of a check done by several processes, where there is more than one core and enough to do.

Each process opens the store for itself, for reading only. Whatever keeps processes from being had (no semaphores, no
memory, one that dies) costs time only: what is missing is done here. What a piece finds, and the order in which pieces
are put together, is the same either way.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.process import BaseProcess
from typing import Any

from desk.errors import Refusal
from desk.ledger.found import Checked
from desk.store import Store, cipher

#: a function of a module and what it is given besides the store: such a piece can be sent to another process
Piece = tuple[Callable[..., Checked], tuple[Any, ...]]
#: what does a piece and returns what was found, or raises what the piece raised
Do = Callable[[Piece], Checked]

#: more would wait for the same disk
_MOST = 8
#: seconds for which one that waits can't be interrupted, where the system has it so
_WAITS = 0.1
#: thresholds of the collector while nothing but rows is made
SELDOM = (200_000, 20, 100)


#: how much of a file to keep at hand, 64 MB as SQLite says it: an index is compared with rows that lie all over it
KEPT = -64_000


def cores() -> int:
    """How many processors this process may use."""
    with suppress(AttributeError, OSError):  # not everywhere
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def free() -> int:
    """How many of them have nothing to do, one at least: beside others' work several processes hinder each other."""
    with suppress(AttributeError, OSError):  # not everywhere
        return max(1, cores() - int(os.getloadavg()[0]))
    return cores()


@contextmanager
def hands(
    store: Store, pieces: Sequence[Piece], workers: int, done: Callable[[Piece], None] = lambda piece: None
) -> Iterator[Do]:
    """Something that does each of the ``pieces``, once; with ``workers`` over one they are begun at once.

    This process is one of the workers: while it waits for a piece it does others, from the end. ``done`` is told of
    each that is done. At the end, or when it is stopped, no process is left over.
    """
    if workers < 2:
        yield lambda piece: _done_here(store, piece, done)
        return
    before = set(multiprocessing.active_children())
    shared = _Shared(store, pieces, done)
    mine: set[BaseProcess] = set()
    try:
        with suppress(OSError, ImportError, NotImplementedError, BrokenExecutor), _uninterrupted():
            shared.begin(min(workers - 1, _MOST, len(pieces)))
        mine = set(multiprocessing.active_children()) - before
        yield shared.do
        shared.end(wait=True)
    except BaseException:
        shared.end(wait=False)
        for process in mine:  # they only read
            process.terminate()
        raise


class _Shared:
    """Pieces that other processes do in their order, from the beginning, and this one meanwhile from the end."""

    def __init__(self, store: Store, pieces: Sequence[Piece], done: Callable[[Piece], None]) -> None:
        self._store, self._done = store, done
        self._pool: ProcessPoolExecutor | None = None
        #: how many are given out before others are: so many that nobody waits for this process
        self._ahead = 0
        #: nobody has begun them; those given out and not known to be done; what came of them, or will
        self._left = deque(pieces)
        self._out: list[tuple[Piece, Future[Any]]] = []
        self._came: dict[int, Callable[[], Checked]] = {}

    def begin(self, others: int) -> None:
        """Begin so many other processes. Whatever keeps them from being had is raised, and all is done here."""
        spawn = multiprocessing.get_context("spawn")
        self._ahead = 3 * others
        try:
            self._pool = ProcessPoolExecutor(others, spawn, _begin, _given(self._store))
            self._give_out()
        except BaseException:
            self._ahead = 0
            raise

    def end(self, *, wait: bool) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=wait, cancel_futures=True)

    def do(self, piece: Piece) -> Checked:
        """What a piece finds; or what it raised is raised now, when it is its turn."""
        while id(piece) not in self._came:
            if self._look():
                continue
            if not self._left:
                wait([future for _, future in self._out], _WAITS, FIRST_COMPLETED)
                continue
            # without others in the order in which they are asked for
            other = self._left.pop() if self._out else self._left.popleft()
            self._came[id(other)] = _kept(self._store, other, self._done)
        return self._came.pop(id(piece))()

    def _look(self) -> bool:
        """See what others have done, and give out more; False when nothing has come."""
        over = [each for each in self._out if each[1].done()]
        if over:
            self._out = [each for each in self._out if each not in over]
        for piece, future in over:
            if isinstance(future.exception(), BrokenExecutor):
                self._left.appendleft(piece)  # whoever was at it has died
            else:
                self._came[id(piece)] = partial(_result, future)
                self._done(piece)
        self._give_out()
        return bool(over)

    def _give_out(self) -> None:
        while self._pool is not None and self._left and len(self._out) < self._ahead:
            piece = self._left[0]
            try:
                self._out.append((piece, self._pool.submit(_do, piece)))
            except BrokenExecutor:
                self._ahead = 0
                return
            self._left.popleft()


def _kept(store: Store, piece: Piece, done: Callable[[Piece], None]) -> Callable[[], Checked]:
    """What gives what a piece found, or raises what it raised."""
    try:
        found = _done_here(store, piece, done)
    except Exception as fault:
        raised = fault

        def again() -> Checked:
            raise raised

        return again
    return lambda: found


def keep(store: Store, size: int) -> int:
    """Let the connection by which this process reads keep so much of a file; returns how much it was."""
    before = size
    if store.path is not None:
        with suppress(Refusal), store.read() as session:  # what is damaged is found by those who look
            connection = session.connection()
            before = int(connection.exec_driver_sql("PRAGMA cache_size").scalar_one())
            connection.exec_driver_sql(f"PRAGMA cache_size = {size:d}")
    return before


def _done_here(store: Store, piece: Piece, done: Callable[[Piece], None]) -> Checked:
    work, more = piece
    found = work(store, *more)
    done(piece)
    return found


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Processes begun inside leave Ctrl+C to this one: it ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


# -- in the other process ------------------------------------------------------------------------------------

_store: Store | None = None


def _given(store: Store) -> tuple[str, cipher.Key | None]:
    """What the other process opens the store with; it goes through a pipe, not through its arguments."""
    if store.path is None:
        return store.url, None
    return str(store.path), cipher.key_of(store.path)


def _begin(place: str, key: cipher.Key | None) -> None:
    global _store
    with suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_with_parent, daemon=True).start()
    gc.set_threshold(*SELDOM)
    if key is not None:
        cipher.hold(key)
    _store = Store.open(place, read_only=True)
    keep(_store, KEPT)


def _with_parent() -> None:
    """Nobody is left behind by a process that was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _do(piece: Piece) -> Any:
    """What a piece finds; or what it raised, in a form that travels."""
    work, more = piece
    assert _store is not None
    try:
        return work(_store, *more)
    except Refusal as refusal:
        return refusal.code, refusal.params
    except (ValueError, TypeError) as fault:
        return type(fault), str(fault)


def _result(future: Future[Any]) -> Checked:
    result = future.result()
    if isinstance(result, Checked):
        return result
    kind, said = result
    if isinstance(kind, str):
        raise Refusal(kind, **said)
    raise kind(said)
