"""What Textual reckons again and again for consoles driven by tests, reckoned once: the same answers for less.

A quarter of what a walk through the console costs. Each stands in for Textual's own (8.2, pinned) and gives what that gives.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterable
from typing import Any
from weakref import WeakSet

from textual import _wait
from textual.app import App
from textual.css import match, stylesheet
from textual.css.model import CombinatorType, RuleSet, Selector
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.message import Message
from textual.message_pump import MessagePump
from textual.pilot import Pilot, WaitForScreenTimeout
from textual.screen import Screen

#: consoles that nobody looks at but their test
DRIVEN: WeakSet[App[Any]] = WeakSet()

paint = Screen._compositor_refresh
_parse_rules = Stylesheet._parse_rules
_parse = Stylesheet.parse
_check_selectors = match._check_selectors
_get_dispatch_methods = MessagePump._get_dispatch_methods

_RULES: dict[Hashable, list[RuleSet]] = {}
_SHEETS: dict[Hashable, tuple[list[RuleSet], dict[str, list[RuleSet]]]] = {}
_UNHEARD: dict[tuple[type, type, str], bool] = {}


def _parse_rules_once(sheet: Stylesheet, *source: Any, **more: Any) -> list[RuleSet]:
    """The rules of one source, parsed for the first console that has it."""
    key = (frozenset(sheet._variables.items()), source, frozenset(more.items()))
    if key not in _RULES:
        _RULES[key] = _parse_rules(sheet, *source, **more)
    return _RULES[key]


def _parse_once(sheet: Stylesheet) -> None:
    """All sources of a stylesheet, put together for the first console that has just these in this order."""
    key = (tuple(sheet._variables.items()), tuple(sheet.source.items()))
    if key not in _SHEETS:
        _parse(sheet)
        _SHEETS[key] = sheet.rules, sheet.rules_map
    sheet._rules, sheet._rules_map = _SHEETS[key]
    sheet._require_parse = False


def _check_last_first(selectors: list[Selector], path: list[DOMNode]) -> bool:
    """A rule is for a node only where its last selector is; Textual comes to that last, down from the app."""
    last = selectors[-1]
    if not last.check(path[-1]):
        return False
    if len(selectors) == 1 and last.combinator == CombinatorType.DESCENDENT:
        return True
    return _check_selectors(selectors, path)


def _dispatch_to_those_who_hear(pump: MessagePump, name: str, message: Message) -> Iterable[Any]:
    """Nothing for a kind of message that this class of widgets has no handler for, as most have none for most."""
    key = (type(pump), type(message), name)
    if key not in _UNHEARD:
        kinds = [kind for kind in type(message).__mro__ if issubclass(kind, Message)]
        _UNHEARD[key] = not any(_hears(vars(part), name, kinds) for part in type(pump).__mro__)
    return () if _UNHEARD[key] else _get_dispatch_methods(pump, name, message)


def _hears(part: Any, name: str, kinds: list[type[Message]]) -> bool:
    decorated = part.get("_decorated_handlers") or {}
    return name in part or f"_{name}" in part or any(kind in decorated for kind in kinds)


async def _wait_for_the_busy(pilot: Pilot[Any], timeout: float = 30.0) -> bool:
    """Until every part of the screen has done what is before it now. Textual asks those with nothing to do, too."""
    try:
        parts = [pilot.app, *pilot.app.screen.walk_children(with_self=True)]
    except Exception:
        return False
    left = set[MessagePump]()
    done = asyncio.Event()

    def one_less(part: MessagePump) -> None:
        left.discard(part)
        if not left:
            done.set()

    for part in parts:
        if not _waits_for_messages(part) and part.call_later(one_less, part):
            left.add(part)
    if not left:
        return True
    waiting = [asyncio.create_task(event.wait()) for event in (done, pilot.app._exception_event)]
    finished, rest = await asyncio.wait(waiting, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    if not finished:
        raise WaitForScreenTimeout("Timed out while waiting for widgets to process pending messages.")
    return not left


def _waits_for_messages(part: MessagePump) -> bool:
    queue: Any = part._message_queue
    return bool(queue.empty() and queue.ready_event._waiters)


def _paint_later(screen: Screen[Any]) -> None:
    """Not for each part that changes: it is drawn when a test looks."""
    if screen.app not in DRIVEN or screen is not screen.app.screen:
        paint(screen)
        return
    screen._dirty_widgets.clear()  # where they stand the compositor knows
    screen.app._update_mouse_over(screen)


def install() -> None:
    """From now on, for every console of this process."""
    # After a key Textual looks every 20 ms whether the process has come to rest, three times and more. In 10 ms it can
    # be seen as well: twice that is longer than the 17 ms between two frames.
    _wait.SLEEP_GRANULARITY, _wait.SLEEP_IDLE = 0.01, 0.0005
    Stylesheet._parse_rules = _parse_rules_once  # type: ignore[method-assign, assignment]
    Stylesheet.parse = _parse_once  # type: ignore[method-assign, assignment]
    RuleSet.__hash__ = object.__hash__  # type: ignore[method-assign]  # by identity as before, without a call
    match._check_selectors = _check_last_first  # type: ignore[assignment]
    stylesheet._check_selectors = _check_last_first  # type: ignore[attr-defined, assignment]
    MessagePump._get_dispatch_methods = _dispatch_to_those_who_hear  # type: ignore[method-assign, assignment]
    Pilot._wait_for_screen = _wait_for_the_busy  # type: ignore[method-assign, assignment]
    Screen._compositor_refresh = _paint_later  # type: ignore[method-assign, assignment]
