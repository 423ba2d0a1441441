"""No list walks through a whole table: the engine's own plans say so, on a store of any size.

Without statistics SQLite plans for the shape of a statement, not for the rows there are; what holds here holds for a
million tickets.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from desk.ledger import Ledger
from desk.queries.callbacks import queue
from desk.queries.due import counts, due_page, of_root
from desk.queries.log import log_page
from desk.queries.tickets import by_number, ticket_page, ticket_view
from desk.queries.waiting import board, visit_numbered, visit_page
from desk.queries.waits import waits
from tests.desks import DeskForTest, make_desk

#: walking along these in order is meant: a page stops after its rows
ALONG = {"tickets": "ix_ticket_opened", "log": "ix_event_happened"}

SPAN = (datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC))
READS: dict[str, Callable[[DeskForTest, Ledger, Session], Any]] = {
    "due": lambda desk, ledger, session: due_page(ledger, session, desk.now),
    "due of somebody": lambda desk, ledger, session: due_page(ledger, session, desk.now, who="agent"),
    "due of a kind": lambda desk, ledger, session: due_page(ledger, session, desk.now, kind="repair"),
    "next due": lambda desk, ledger, session: due_page(
        ledger, session, desk.now, after=due_page(ledger, session, desk.now, limit=2).next
    ),
    "counts": lambda desk, ledger, session: counts(ledger, session, desk.now),
    "of a ticket": lambda desk, ledger, session: of_root(ledger, session, ("ticket", desk.opened[0].id), desk.now),
    "log": lambda desk, ledger, session: log_page(ledger, session),
    "log of a day": lambda desk, ledger, session: log_page(ledger, session, day=desk.now.date()),
    "log of a ticket": lambda desk, ledger, session: log_page(ledger, session, root=desk.opened[0].id),
    "tickets": lambda desk, ledger, session: ticket_page(ledger, session),
    "ticket": lambda desk, ledger, session: ticket_view(ledger, session, desk.opened[0].id, desk.now),
    "number": lambda desk, ledger, session: by_number(session, ledger.estate_id, "R-0302-001"),
    "waiting board": lambda desk, ledger, session: board(ledger, session, desk.now),
    "visits of a day": lambda desk, ledger, session: visit_page(ledger, session, *SPAN, desk.now),
    "waits": lambda desk, ledger, session: waits(ledger, session, *SPAN, desk.now),
    "visit's number": lambda desk, ledger, session: visit_numbered(ledger, session, "0302-1", desk.now),
    "callbacks": lambda desk, ledger, session: queue(ledger, session, desk.now),
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> DeskForTest:
    return filled(tmp_path_factory.mktemp("desk"))


def filled(folder: Path) -> DeskForTest:
    """A desk that has something of everything that is read."""
    desk = make_desk(folder)
    for minute in range(4):
        desk.open("repair", at=f"10:{minute:02d}", room="3-2-501", what="漏水")
        desk.do("arrive-visitor", of="visit")
    desk.do("complete", desk.opened[0].id, at="10:30", by="technician")
    desk.tick("2026-03-03 11:00")
    return desk


#: acts whose questions are asked often: what happened to a ticket, its deadlines, rows by their keys
ACTS: dict[str, Callable[[DeskForTest], Any]] = {
    "open": lambda desk: desk.open("repair", at="11:00", room="3-2-501", what="漏水"),
    "claim": lambda desk: desk.do("claim", desk.opened[1].id, at="11:05", by="technician"),
    "complete": lambda desk: desk.do("complete", desk.opened[2].id, at="11:10", by="technician"),
}


def _plans(driver: Any, does: Callable[[], object]) -> list[tuple[str, str]]:
    """The steps of what is asked of ``driver`` meanwhile, each with its statement."""
    asked: list[str] = []
    driver.set_trace_callback(asked.append)
    try:
        does()
    finally:
        driver.set_trace_callback(None)
    selects = [each for each in asked if each.startswith("SELECT")]
    return [(row[3], each) for each in selects for row in driver.execute(f"EXPLAIN QUERY PLAN {each}").fetchall()]


@pytest.mark.file_only("these plans are SQLite's; tests/test_postgres_plans.py asks the server for its own")
@pytest.mark.parametrize("name", [*READS, *ACTS])
def test_what_is_read_often_goes_along_an_index(desk: DeskForTest, name: str) -> None:
    if name in ACTS:
        with desk.store.engine.connect() as connection:  # the only one that writes
            driver: Any = connection.connection.driver_connection
        plans = _plans(driver, lambda: ACTS[name](desk))
    else:
        with desk.store.read() as session:
            driver = session.connection().connection.driver_connection
            plans = _plans(driver, lambda: READS[name](desk, desk.ledger, session))
    assert plans
    for step, statement in plans:
        table = step.split()[1] if step.startswith(("SCAN", "SEARCH")) else ""
        if table not in ("deadline", "event", "ticket", "callback", "eventword"):
            continue
        along = name in ALONG and ALONG[name] in step
        assert step.startswith("SEARCH"), (step, statement)
        assert along or not step.endswith("(estate_id=?)"), (step, statement)
