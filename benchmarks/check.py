"""``desk check`` over a store of whole matters: every event chained, every deadline as the fold wrote it.

    python -m benchmarks.check FOLDER [--tickets 55000] [--runs 3]

The matters are those of :mod:`benchmarks.recompute`, brought in as a register is; 55,000 of them make some 300,000
events. The store is made once in FOLDER and kept. What is timed is processor seconds, by part, and the whole; by one
process, and by as many as there are processors.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from datetime import timedelta
from pathlib import Path

from benchmarks.recompute import NOW, START, matters
from desk import resources
from desk.ledger.acts import Doing
from desk.ledger.bulk import Bulk
from desk.ledger.check import Checked, check
from desk.ledger.hands import cores
from desk.models import Ticket, new_id
from desk.procedures.estate import open_estate
from desk.procedures.people import StaffData
from desk.store import Store

_TOGETHER = 2000


def make(folder: Path, tickets: int, manual: str = "residential") -> Path:
    """A store of ``tickets`` matters; made once, then kept."""
    path = folder / f"check-{manual}-{tickets}.db"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with Store.open(part, create=True) as store:
        staff = [StaffData(name="李静", duties=("agent", "supervisor"))]
        book = resources.path(f"rulebooks/{manual}.toml")
        ledger = open_estate(store, "阳光花园", book, None, "zh_CN", staff, START - timedelta(days=1))
        several = list(matters(ledger.book, tickets))
        for start in range(0, tickets, _TOGETHER):
            with store.write() as session:
                bulk = Bulk(ledger, session, Doing(NOW))
                for number, past in enumerate(several[start : start + _TOGETHER], start):
                    first = past[0]
                    ticket = Ticket(
                        estate_id=ledger.estate_id,
                        id=new_id(),
                        number=f"R-{number:06d}",
                        kind=str(first.facts["kind"]),
                        opened_at=first.at,
                    )
                    told = bulk.history(ticket)
                    for event in past:
                        opens = event is first
                        told.record(
                            event.name,
                            event.at,
                            sets={**event.sets, **({"number": ticket.number, "opened_at": event.at} if opens else {})},
                            facts={name: event.facts[name] for name in event.own},
                            words={"what": "厨房水槽漏水"} if opens else None,
                        )
                    told.settle()
                bulk.close()
    part.rename(path)
    return path


def run(path: Path, workers: int) -> tuple[Checked, dict[str, float], float, float]:
    """What was found; the processor's seconds by part and in all, other processes' too; the clock's seconds."""
    parts: dict[str, float] = {}
    at: tuple[str, float] = ("", 0.0)

    def progress(part: str, done: int, of: int) -> None:
        nonlocal at
        before, since = at
        at = part, spent()
        if before:
            parts[before] = parts.get(before, 0.0) + at[1] - since

    with Store.open(path, read_only=True) as store:
        began, clock = spent(), time.perf_counter()
        found = check(store, progress=progress, workers=workers)
        return found, parts, spent() - began, time.perf_counter() - clock


def spent() -> float:
    """Processor seconds of this process and those it began and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tickets", type=int, default=55_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    store = make(given.folder, given.tickets)
    for workers in sorted({1, cores()}):
        times = []
        for _run in range(given.runs):
            found, parts, took, clock = run(store, workers)
            times.append((took, clock))
            by_part = "  ".join(f"{part} {seconds:.2f}" for part, seconds in parts.items()) if workers == 1 else ""
            print(f"{workers} at work: {took:.2f} s of processor, {clock:.2f} s on the clock  {by_part}")
        took, clock = map(statistics.median, zip(*times, strict=True))
        print(f"{workers} at work, median: {took:.2f} s of processor, {clock:.2f} s on the clock")
    looked = f"{found.events:,} events, {found.deadlines:,} deadlines of {found.matters:,} matters"
    print(f"{looked}: {found.counts or 'sound'}")
