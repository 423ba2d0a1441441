"""The first start: what is shown until it is known which start it is, and how the people are read."""

from __future__ import annotations

import asyncio
from importlib import resources
from pathlib import Path

import pytest

from desk import i18n, memory
from desk.app import DeskApp
from desk.errors import Refusal
from desk.screens.setup import SetupScreen, read_staff
from desk.widgets.fields import Line, Prose
from tests.screens import DeskPilot


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("李静 客服员、客服主管", [("李静", ("agent", "supervisor"))]),
        ("李静 客服专员", [("李静", ("agent",))]),
        ("李静", [("李静", ("agent",))]),
        ("王敏：水电工，保安", [("王敏", ("technician", "security"))]),
        ("王敏 前台 维修师傅", [("王敏", ("agent", "technician"))]),
        ("刘洋 客服 前台", [("刘洋", ("agent",))]),
        ("周立 物业经理", [("周立", ("project_manager",))]),
        ("吴芳 出纳", [("吴芳", ("cashier",))]),
        ("Mary Smith, repair team leader, front desk", [("Mary Smith", ("repair_team_leader", "agent"))]),
        ("Lin Chen Agent", [("Lin Chen", ("agent",))]),
        ("\n ,、 \n", []),
    ],
)
def test_a_line_of_people(line: str, people: list[tuple[str, tuple[str, ...]]]) -> None:
    for language in i18n.LANGUAGES:
        i18n.install(language)
        assert read_staff(line) == people


@pytest.mark.parametrize(
    ("line", "word", "name"), [("李静 宇航员", "宇航员", "李静"), ("Lin Chen, astronaut", "astronaut", "Lin Chen")]
)
def test_a_word_that_is_no_duty(line: str, word: str, name: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_staff(line)
    assert (caught.value.code, caught.value.params["word"], caught.value.params["name"]) == ("setup.duty", word, name)


class SlowDesk(DeskApp):
    """A console whose records take their time."""

    CSS_PATH = str(resources.files("desk") / "desk.tcss")

    def __init__(self, place: Path) -> None:
        super().__init__(place, remember=memory.Memory(), tick=0)
        self.gate = asyncio.Event()

    async def open_records(self) -> None:
        await self.gate.wait()
        await super().open_records()


async def test_nobody_is_asked_for_before_it_is_known_who_works_here(tmp_path: Path) -> None:
    i18n.install("en")
    app = SlowDesk(tmp_path / "new.db")
    async with app.run_test(size=(80, 24)) as pilot:
        driver = DeskPilot(pilot, app)
        await driver.sees("Opening the records")
        assert "Who are you?" not in driver.text()
        app.gate.set()
        await driver.until(lambda: isinstance(app.screen, SetupScreen))
        await driver.sees("Welcome", "Duties")
        app.screen.query_one("#people", Prose).put("Mary Smith, front desk\n李静 客服专员\nX astronaut")
        await driver.sees("Mary Smith: Agent", "李静: Agent", "usually called", "Duties: ")
        app.screen.query_one("#name", Line).put("A")
        await pilot.press("ctrl+s")
        await driver.sees("“astronaut” (X) is no duty")
