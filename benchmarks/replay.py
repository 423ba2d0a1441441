"""A store's recorded events run again under a rulebook with one limit changed: what a million of them cost.

    python -m benchmarks.replay FOLDER [--tickets 500000]

The store (two events a ticket) is made once in FOLDER and kept. What is timed is all of it: choosing the matters,
reading their events, folding them, counting. Goal: a million events in minutes, on one core.
"""

from __future__ import annotations

import argparse
import time
from datetime import timedelta
from pathlib import Path

from benchmarks.stores import NOW, make
from desk.ledger import Ledger
from desk.ledger.replay import Replayed, replay
from desk.rulebook import build, changing
from desk.store import Store

#: the rule whose deadlines the made store holds, and the limit it gets
RULE, LIMIT = "unfinished.publish", "12 hours"


def run(store: Store) -> tuple[Replayed, float, float]:
    """The result, and the seconds it took: on the wall, and of the processor."""
    ledger = Ledger.only(store)
    raw = changing.with_value(ledger.book.raw, f"{RULE}.within", LIMIT)
    book = build(raw, name="other", file="other")
    wall, cpu = time.perf_counter(), time.process_time()
    found = replay(ledger, book, ledger.calendar, NOW - timedelta(days=400), NOW, NOW)
    return found, time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tickets", type=int, default=500_000)
    given = parser.parse_args()
    with Store.open(make(given.folder, given.tickets, given.tickets // 100), read_only=True) as opened:
        result, wall, cpu = run(opened)
    changed = result.rules[0]
    assert changed.was is not None
    assert changed.would is not None
    print(f"{result.events} events of {result.roots} matters: {wall:.0f} s, {cpu:.0f} s of one core")
    print(f"{changed.id} within {LIMIT}: {changed.would.late} of {changed.would.opened} late; {changed.was.late} were")
