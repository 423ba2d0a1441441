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
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager, suppress
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
#: thresholds of the collector while nothing but rows is made
SELDOM = (200_000, 20, 100)


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

    ``done`` is told of each that is done. At the end, or when it is stopped, no process is left over.
    """
    if workers < 2:
        yield lambda piece: _done_here(store, piece, done)
        return
    before = set(multiprocessing.active_children())
    pool: ProcessPoolExecutor | None = None
    begun: dict[int, Future[Any]] = {}
    mine: set[BaseProcess] = set()
    try:
        with suppress(OSError, ImportError, NotImplementedError, BrokenExecutor), _uninterrupted():
            spawn = multiprocessing.get_context("spawn")
            pool = ProcessPoolExecutor(min(workers, _MOST, len(pieces)), spawn, _begin, _given(store))
            for number, piece in enumerate(pieces):
                begun[number] = pool.submit(_do, piece)
        mine = set(multiprocessing.active_children()) - before
        names = {id(future): pieces[number] for number, future in begun.items()}
        numbers = {id(piece): number for number, piece in enumerate(pieces)}
        finished = as_completed(list(begun.values()))

        def do(piece: Piece) -> Checked:
            future = begun.get(numbers[id(piece)])
            if future is None:
                return _done_here(store, piece, done)
            while not future.done():
                done(names[id(next(finished))])
            try:
                return _opened(future.result())
            except BrokenExecutor:
                return _done_here(store, piece, done)

        yield do
        if pool is not None:
            pool.shutdown(cancel_futures=True)
    except BaseException:
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)
        for process in mine:  # they only read
            process.terminate()
        raise


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


def _opened(result: Any) -> Checked:
    if isinstance(result, Checked):
        return result
    kind, said = result
    if isinstance(kind, str):
        raise Refusal(kind, **said)
    raise kind(said)
