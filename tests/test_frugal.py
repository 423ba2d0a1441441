"""What tests reckon in Textual's stead is what Textual reckons."""

from __future__ import annotations

from pathlib import Path

from textual import events
from textual.css.stylesheet import Stylesheet
from textual.widgets import Button, Input

from tests import frugal
from tests.desks import make_desk
from tests.screens import run_desk


async def test_the_same_rules_and_the_same_handlers(tmp_path: Path) -> None:
    async with run_desk(make_desk(tmp_path)) as pilot:
        await pilot.until(lambda: pilot.focused is not None)
        sheet = pilot.app.stylesheet
        parts = [pilot.app, *pilot.app.screen.walk_children(with_self=True)]
        met = 0
        for part in parts:
            path = part.css_path_nodes
            mine = {rule for name in sheet.rules_map.keys() & part._selector_names for rule in sheet.rules_map[name]}
            for selectors in (each.selectors for rule in mine for each in rule.selector_set):
                matches = frugal._check_selectors(selectors, path)
                assert frugal._check_last_first(selectors, path) == matches, (part, selectors)
                met += matches
            for name, message in (
                ("on_key", events.Key("a", "a")),
                ("on_idle", events.Idle()),
                ("on_leave", events.Leave(part)),
                ("on_input_changed", Input.Changed(Input(), "")),
                ("on_button_pressed", Button.Pressed(Button())),
            ):
                mine_too = [kind for kind, _method in frugal._dispatch_to_those_who_hear(part, name, message)]
                assert mine_too == [kind for kind, _method in frugal._get_dispatch_methods(part, name, message)]
        assert met > 100
        again = Stylesheet(variables=sheet._variables)
        again.source = dict(sheet.source)
        frugal._parse(again)
        assert [rule.selectors for rule in again.rules] == [rule.selectors for rule in sheet.rules]
        assert {name: len(rules) for name, rules in again.rules_map.items()} == {
            name: len(rules) for name, rules in sheet.rules_map.items()
        }
