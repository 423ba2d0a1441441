"""A page of what is due costs by its rows, not by the store: 10,000 tickets (200 open) against 1,000,000 (20,000 open).

    python -m benchmarks.due [--folder FOLDER] [--rounds 60]

The first page and the counts of the status line, in turns on both stores. Goal: at most
1.3 times, for the page; the counts are told beside it.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.stores import NOW, make
from desk.ledger import Ledger
from desk.queries.due import counts, due_page
from desk.store import Store

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "desk-benchmarks")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--large", type=int, default=1_000_000)
    given = parser.parse_args()
    sizes = [(10_000, 200), (given.large, given.large // 50)]
    both = [acts(make(given.folder, *size)) for size in sizes]
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
