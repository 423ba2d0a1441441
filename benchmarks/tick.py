"""The clock's tick costs by what is newly missed, not by what is open: 1,000 open deadlines against 1,000,000.

    python -m benchmarks.tick FOLDER [--open 1000000] [--runs 5]

Both stores hold the same thousand open tickets, and the same deadlines of theirs come up at each tick; the larger one
has as many more rows of open deadlines, not due yet, as are asked for. Goal: at most 1.3 times.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import statistics
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from benchmarks.stores import NOW, make
from desk.ledger import Ledger
from desk.ledger.tick import tick
from desk.store import Store

#: tickets whose deadlines come up at each tick
MISSED = 50


def prepared(folder: Path, more: int) -> Path:
    """A thousand open tickets whose deadlines lie ahead, fifty a minute; and ``more`` rows of open deadlines."""
    path = folder / f"tick-{more}.db"
    if path.exists():
        return path
    part = path.with_suffix(".part")
    shutil.copy(make(folder, 1_000, 1_000), part)
    with closing(sqlite3.connect(part)) as store, store:
        first = store.execute("SELECT id FROM deadline ORDER BY id").fetchall()
        for n, (ident,) in enumerate(first):
            at = (NOW + timedelta(minutes=1 + n // MISSED)).strftime("%Y-%m-%d %H:%M:%S.000000")
            store.execute("UPDATE deadline SET due_at = ?, fires_at = ? WHERE id = ?", (at, at, ident))
        names = [row[1] for row in store.execute("PRAGMA table_info(deadline)")]
        fresh = {"id": "randomblob(16)", "opened_by": "randomblob(16)", "root_id": "randomblob(16)"}
        fresh = {name: f"lower(hex({made}))" for name, made in fresh.items()}
        far = (NOW + timedelta(days=90)).strftime("%Y-%m-%d %H:%M:%S.000000")
        chosen = ", ".join(
            fresh.get(name, f"'{far}'" if name in ("due_at", "fires_at") else f'"{name}"') for name in names
        )
        quoted = ", ".join(f'"{name}"' for name in names)
        for _ in range(more // len(first)):
            store.execute(f"INSERT INTO deadline ({quoted}) SELECT {chosen} FROM deadline LIMIT {len(first)}")
        store.execute("ANALYZE")
    part.rename(path)
    return path


def ticks(path: Path, runs: int) -> list[float]:
    """Seconds of each tick, a minute apart, on a copy: each brings fifty steps."""
    copy = path.with_suffix(".run")
    shutil.copy(path, copy)
    found = []
    try:
        with Store.open(copy) as store:
            ledger = Ledger.only(store)
            for n in range(runs + 1):
                began = time.perf_counter()
                up = tick(ledger, NOW + timedelta(minutes=n + 1, seconds=30))
                found.append(time.perf_counter() - began)
                assert len({step.root_id for step in up.steps}) == MISSED
    finally:
        for name in (copy, Path(f"{copy}-wal"), Path(f"{copy}-shm")):
            name.unlink(missing_ok=True)
    return found[1:]  # the first one compiles its queries


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--open", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=7)
    given = parser.parse_args()
    few, many = (ticks(prepared(given.folder, more), given.runs) for more in (0, given.open))
    a, b = statistics.median(few), statistics.median(many)
    print(
        f"a tick with {MISSED} newly missed, 1,000 open: {a * 1000:.1f} ms; {given.open:,} more open: {b * 1000:.1f} ms"
    )
    print(f"{b / a:.2f} x   goal 1.3 x   {'met' if b / a <= 1.3 else 'MISSED'}")


if __name__ == "__main__":
    main()
