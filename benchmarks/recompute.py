"""Deadlines of 100,000 tickets under the largest rulebook, reckoned anew on one core. Goal: under 10 s.

    python -m benchmarks.recompute [--tickets 100000] [--runs 3]

A ticket's events are those of an ordinary matter of its kind, from intake to callback, at its own times over a year;
one in ten is still open, one in twenty was paused. What is timed is the fold alone, in processor seconds.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from desk import resources
from desk.calendars import Calendar, load_calendar
from desk.rulebook import Rulebook, load
from desk.rules import Happening, fold

START = datetime(2025, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=370)

#: what happens to an ordinary matter, with the minutes after intake, and the facts each brings
LIVES: dict[str, tuple[tuple[str, int, dict[str, Any]], ...]] = {
    "repair": (
        ("ticket.told", 10, {"status": "assigned"}),
        ("ticket.arrived", 90, {"status": "working"}),
        ("ticket.completed", 150, {"status": "done"}),
        ("callback.done", 1500, {"outcome": "satisfied"}),
    ),
    "complaint": (
        ("complaint.graded", 20, {"grade": "important"}),
        ("complaint.sheet_sent", 40, {}),
        ("ticket.contacted", 60, {}),
        ("complaint.passed_to_head", 70, {}),
        ("complaint.handling_reported", 600, {}),
        ("ticket.completed", 1400, {"status": "done"}),
        ("complaint.result_told", 1410, {"result_told": True}),
        ("callback.done", 2900, {"outcome": "satisfied"}),
    ),
    "inquiry": (("ticket.answered", 15, {}), ("ticket.completed", 16, {"status": "done"})),
}


def largest() -> tuple[Rulebook, Calendar]:
    """The rulebook with the most rules that open by an event, and its hours."""
    books = [load(resources.path(f"rulebooks/{name}.toml")) for name in resources.names("rulebooks")]
    book = max(books, key=lambda each: len(_of_matters(each)))
    return book, load_calendar(resources.path(f"calendars/{book.calendar}.toml"), resources.path("calendars"))


def _of_matters(book: Rulebook) -> list[str]:
    """Its rules without those the calendar opens: a ticket's events ask nothing of these."""
    return [name for name, rule in book.rules.items() if not rule.recurring]


def matters(book: Rulebook, count: int) -> Iterator[list[Happening]]:
    """Histories, the same every time."""
    chance = random.Random(7)
    kinds = [kind for kind in LIVES if kind in book.kinds]
    for n in range(count):
        kind = kinds[n % len(kinds)]
        root = ("ticket", UUID(int=n + 1))
        opened = START + timedelta(minutes=chance.randrange(360 * 24 * 60))
        facts: dict[str, Any] = {**book.kinds[kind].opening, "kind": kind, "status": "open", "urgent": False}
        lived = [(*life, frozenset[str]()) for life in LIVES[kind]]
        if chance.random() < 0.05:
            lived += [("ticket.paused", 95, {}, frozenset[str]()), ("ticket.resumed", 140, {}, frozenset[str]())]
            lived.sort(key=lambda life: life[1])
        if chance.random() < 0.1:
            lived = lived[: chance.randrange(len(lived))]
        past = [Happening(UUID(int=n * 16), 1, "ticket.opened", opened, root, root, dict(facts), frozenset(), facts)]
        for place, (name, minutes, sets, own) in enumerate(lived, 2):
            facts = {**facts, **sets}
            at = opened + timedelta(minutes=minutes)
            past.append(Happening(UUID(int=n * 16 + place), place, name, at, root, root, facts, own, sets))
        yield past


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    book, calendar = largest()
    histories = list(matters(book, given.tickets))
    times, found = [], 0
    for _run in range(given.runs):
        began = time.process_time()
        found = sum(len(fold(history, book, calendar, NOW)) for history in histories)
        times.append(time.process_time() - began)
    took = statistics.median(times)
    print(
        f"{book.name}: {len(_of_matters(book))} rules; {given.tickets:,} tickets, {sum(map(len, histories)):,} events"
    )
    print(f"{found:,} deadlines in {took:.1f} s of one core   goal 10 s   {'met' if took < 10 else 'MISSED'}")


if __name__ == "__main__":
    main()
