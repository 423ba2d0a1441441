"""A page of what is due costs by its rows, not by the store: 10,000 tickets (200 open) against 1,000,000 (20,000 open).

    python -m benchmarks.due [--folder FOLDER] [--rounds 60] [--grown]

``--grown`` makes the large store of a hundred copies of the small one's tickets, deadlines and open matters (minutes)
instead of from a million matters with all their events (an hour on a slow machine).

The first page and the counts of the status line, in turns on both stores. Goal: at most
1.3 times, for the page; the counts are told beside it.
"""

from __future__ import annotations

import argparse
import gc
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.stores import NOW, make
from desk.ledger import Ledger
from desk.queries.due import counts, due_page
from desk.store import Store, sqlite

GOAL = 1.3


def acts(path: Path) -> dict[str, Callable[[], Any]]:
    """What is timed, on the store at ``path``: each reads as a console does, in a transaction of its own."""
    store = Store.open(path)
    ledger = Ledger.only(store)

    def page() -> Any:
        with store.read() as session:
            return due_page(ledger, session, NOW)

    def counted() -> Any:
        with store.read() as session:
            return counts(ledger, session, NOW)

    first = page()
    assert first.rows
    return {"due page": page, "counts": counted}


def grown(small: Path, times: int) -> Path:
    """A store of so many times the tickets and deadlines of ``small``, ids and numbers made others; made once."""
    path = small.with_name(f"grown-{times}-{small.name}")
    if path.exists():
        return path
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    shutil.copy(small, part)
    with closing(sqlite.connect(part, mode="rw", wait=5, query_only=False)) as store:
        store.execute("PRAGMA synchronous = OFF")
        # events only of what is still open: nothing here reads those of closed matters
        still = "root_id IN (SELECT id FROM ticket WHERE status NOT IN ('closed', 'cancelled'))"
        for table in ("ticket", "deadline", "event"):
            store.execute(
                f"CREATE TEMP TABLE few_{table} AS SELECT * FROM {table} WHERE {still if table == 'event' else '1'}"
            )
        most = store.execute("SELECT max(seq) FROM event").fetchone()[0]
        fresh = dict.fromkeys(
            ("id", "root_id", "subject_id", "opened_by", "batch"), "printf('%08x', :n) || substr({0}, 9)"
        )
        fresh |= {"number": "{0} || '-' || :n", "seq": f"{{0}} + :n * {most}"}
        for n in range(1, times):
            store.execute("BEGIN")
            for table in ("ticket", "event", "deadline"):
                names = [row[1] for row in store.execute(f"PRAGMA table_info({table})")]
                chosen = ", ".join(fresh.get(name, "{0}").format(f'"{name}"') for name in names)
                quoted = ", ".join(f'"{name}"' for name in names)
                store.execute(f"INSERT INTO {table} ({quoted}) SELECT {chosen} FROM few_{table}", {"n": n})
            store.execute("COMMIT")
    part.rename(path)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "desk-benchmarks")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--grown", action="store_true")
    given = parser.parse_args()
    sizes = [(10_000, 200), (given.large, given.large // 50)]
    small = make(given.folder, *sizes[0])
    both = [
        acts(small),
        acts(grown(small, given.large // sizes[0][0]) if given.grown else make(given.folder, *sizes[1])),
    ]
    gc.collect()
    gc.disable()
    for name in both[0]:
        taken: list[list[float]] = [[], []]
        for _round in range(given.rounds):
            for place, each in enumerate(both):
                began = time.process_time()
                each[name]()
                taken[place].append(time.process_time() - began)
        a, b = (statistics.median(each[5:]) for each in taken)
        goal = f"goal {GOAL} x   {'met' if b / a <= GOAL else 'MISSED'}" if name == "due page" else ""
        print(
            f"{name:<20} {sizes[0][0]:,}: {a * 1000:7.2f} ms   {sizes[1][0]:,}: {b * 1000:7.2f} ms   {b / a:5.2f} x   {goal}"
        )


if __name__ == "__main__":
    main()
