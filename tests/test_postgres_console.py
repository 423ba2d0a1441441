"""The console on a server: what another counter does, and the server that goes away and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desk.procedures import VERBS
from desk.procedures.verbs import act
from desk.screens.ticket import TicketScreen
from desk.screens.verb import VerbScreen
from desk.widgets.dialog import Confirm
from tests import postgres
from tests.desks import DeskForTest, make_desk
from tests.engines import Databases, stores, use
from tests.screens import run_desk

pytestmark = pytest.mark.postgres


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[DeskForTest, Path]]:
    """A desk on a server of its own, and that server's folder."""
    with postgres.server() as folder:
        before = stores()
        use(Databases(folder))
        made = make_desk(tmp_path)
        use(before)
        yield made, folder
        made.store.close()


async def test_another_counter_the_server_gone_and_back(desk: tuple[DeskForTest, Path]) -> None:
    made, folder = desk
    ticket = made.open("repair", what="漏水", room="3-2-501")
    async with run_desk(made, size=(140, 40), tick=0.5) as pilot:
        await pilot.until(lambda: pilot.app.who is not None)
        pilot.app.open_ticket(ticket)
        await pilot.until(lambda: isinstance(pilot.app.screen, TicketScreen) and pilot.app.screen.page is not None)
        # seen without being asked for
        made.do("contact", ticket, note="住户说下午在家", consent=True)
        # within a second: test_postgres.py. Here: long before the minute in which everything is read again by itself
        await pilot.sees("住户说下午在家")
        # a form that lies open while another acts
        pilot.app.push_screen(VerbScreen("ticket", "urge", ticket))
        await pilot.until(lambda: isinstance(pilot.app.screen, VerbScreen) and pilot.app.screen.focused is not None)
        other = replace(made.doing("agent2"), recorded_by=made.staff["agent2"])
        act(made.ledger, VERBS["ticket", "note"], ticket, {"note": "已电话联系"}, other)
        await pilot.press("ctrl+s")
        await pilot.until(lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.sees("Meanwhile something was done here", "agent2")
        assert "ticket.urged" not in made.names(ticket)
        await pilot.press("enter")
        await pilot.until(lambda: "ticket.urged" in made.names(ticket))
        await pilot.until(lambda: isinstance(pilot.app.screen, TicketScreen))
        # the server goes: what was read stays, and it is said
        postgres.stop(folder)
        await pilot.sees("you can look, nothing can be recorded", "住户说下午在家")
        postgres.start(folder)
        await pilot.sees("The server answers again")
        made.do("urge", ticket)
        assert made.names(ticket).count("ticket.urged") == 2
