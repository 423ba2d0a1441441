"""How a screen goes away when its work is done."""

from __future__ import annotations

from typing import Any, cast

from textual.await_complete import AwaitComplete
from textual.screen import Screen


class Leaving:
    """For a screen: it goes when its work is done, wherever it stands by then."""

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Go, with ``result`` for whoever waits for it.

        Textual takes away what stands in front. Where that is another screen by now, or another place's, its
        half-written form would go instead of this one.
        """
        me = cast("Screen[Any]", self)
        waiting = me._result_callbacks[-1] if me._result_callbacks else None
        if waiting is not None and waiting.future is not None and waiting.future.done():
            waiting.future = None  # whoever asked has been stopped
        if me.app.screen_stack[-1] is me:
            return cast("AwaitComplete", cast(Any, super()).dismiss(result))
        stack = next((stack for stack in me.app._screen_stacks.values() if me in stack[1:]), None)
        if stack is None:
            return AwaitComplete()  # it has gone already
        if waiting is not None:
            waiting(result)
        stack.remove(me)
        me._pop_result_callback()
        return AwaitComplete(me.app._replace_screen(me)).call_next(me.app)
