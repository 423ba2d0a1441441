"""What lies over other widgets keeps its Chinese characters, and nothing else is drawn otherwise than Textual does."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from textual._compositor import Compositor
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from desk.widgets.wide import WideCompositor
from tests.desks import make_desk
from tests.screens import run_desk

WORDS = "新到的待办：上报当日重大投诉和报修信息"


class Layers(App[None]):
    """Columns with borders anywhere, and texts that lie over them."""

    CSS = "Screen { layers: below above; } .over { layer: above; position: absolute; height: 1; width: auto; }"

    def __init__(self, widths: list[int], over: list[tuple[str, int, int]]) -> None:
        super().__init__()
        self.widths, self.over = widths, over

    def compose(self) -> ComposeResult:
        with Horizontal():
            for place, width in enumerate(self.widths):
                column = Static(Content("\n".join([chr(97 + place % 26) * width] * 12)))
                column.styles.width = width
                yield column
        for text, x, y in self.over:
            over = Static(Content(text), classes="over")
            over.styles.offset = (x, y)
            yield over

    def lines(self) -> list[str]:
        strips = self.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]


@pytest.mark.parametrize("x", [0, 1, 2, 3])
async def test_no_character_is_lost_over_columns(x: int) -> None:
    app = Layers([1, 2, 3, 5, 7, 11, 3, 3], [(WORDS, x, 2)])
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        app.screen._compositor.__class__ = WideCompositor
        app.screen._compositor._cuts = None
        assert WORDS in app.lines()[2]
        assert all(len(line) == 60 for y, line in enumerate(app.lines()) if y != 2)


async def test_the_console_is_drawn_so(tmp_path: Path) -> None:
    async with run_desk(make_desk(tmp_path), who=None) as pilot:
        assert isinstance(pilot.app.screen._compositor, WideCompositor)


@pytest.mark.parametrize("seed", range(12))
async def test_all_else_is_drawn_as_before(seed: int) -> None:
    dice = random.Random(seed)
    widths = [dice.randint(1, 9) for _ in range(12)]
    over = [("x" * dice.randint(1, 30), dice.randint(-3, 50), dice.randint(0, 11)) for _ in range(8)]
    app = Layers(widths, over)
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        compositor = app.screen._compositor
        compositor.__class__, compositor._cuts = Compositor, None
        before = app.lines()
        compositor.__class__, compositor._cuts = WideCompositor, None
        assert app.lines() == before
        compositor._dirty_regions.update({compositor.size.region.shrink((1, 2, 1, 2))})
        assert compositor.render_partial_update() is not None
