"""Drafts: what is half-written survives a switch of screen, a crash and a power cut."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from textual.timer import Timer
from textual.widget import Widget

from desk.errors import Refusal
from desk.i18n import _
from desk.screens.base import DeskModal, Shell
from desk.widgets.form import Form, Sentence

#: seconds from a change to its being on the disk, at most; writing itself takes some hundredths
SOON = 1.5


class DraftKeeper:
    """Keeps one form's content in the store while it is being filled in.

    ``content`` gives it as plain data, empty when there is nothing worth keeping. Call :meth:`changed` at every change,
    :meth:`restore` when the form opens, :meth:`drop` after saving, :meth:`flush` before leaving, :meth:`let_go` then.
    """

    def __init__(self, desk: Shell, owner: Widget, form: str, content: Callable[[], Mapping[str, Any]]) -> None:
        self.desk, self.owner, self.form, self.content = desk, owner, form, content
        self.draft_id: UUID | None = None
        self._timer: Timer | None = None
        self._kept: Mapping[str, Any] = {}
        #: what was saved: while it still stands there it is no draft
        self._done: Mapping[str, Any] | None = None
        self._generation = 0
        self._writing = asyncio.Lock()
        desk.keepers.add(self)

    def let_go(self) -> None:
        """The form is gone, or another took its place: nothing there is this one's any more, nor asked for."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.desk.keepers.discard(self)

    def changed(self, *, anyway: bool = False) -> None:
        """Something was written: it is on the disk :data:`SOON`. ``anyway``: also what stood there as it was saved."""
        if self._done is not None and (anyway or dict(self.content()) != self._done):
            self._done = None
        if self._timer is None:
            self._timer = self.owner.set_timer(SOON, self._due)

    def _due(self) -> None:
        self._timer = None
        self.owner.run_worker(self.flush(), group="draft", exit_on_error=False)

    async def flush(self) -> bool:
        """Write down now what is there; a fault is told once and not in the way of typing.

        Whether it is on the disk: where it isn't, nothing of the form may go.
        """
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        # Whoever waits may be stopped; a draft whose id nobody learns would be kept a second time.
        writing = asyncio.ensure_future(self._write())
        return await asyncio.shield(writing)

    async def _write(self) -> bool:
        async with self._writing:  # two at once would make two drafts
            content, generation = dict(self.content()), self._generation
            if content in (self._kept, self._done):
                return True
            if content and self.draft_id is None:
                from desk.models import new_id

                # Known before it is written: whoever writes it down at once, as the terminal goes, writes the same.
                self.draft_id = new_id()
            try:
                kept = await self.desk.keep_draft(self.form, content, self.draft_id)
            except Exception as error:
                self.desk.fault(error)
                return False
            if generation == self._generation:
                self._kept, self.draft_id = content, kept
            elif kept is not None:
                await self.desk.keep_draft(self.form, {}, kept)  # saved and done meanwhile
            return True

    async def may_go(self) -> bool:
        """Before a form goes: whether all of it is kept, or whoever wrote it lets it go. Run it in a job."""
        question = _("What you wrote could not be kept as a draft. Leave all the same? It is lost then.")
        return await self.flush() or await self.desk.ask_yes(question)

    @property
    def kept(self) -> Mapping[str, Any]:
        """What is on the disk."""
        return self._kept

    def unkept(self) -> Mapping[str, Any] | None:
        """What is not on the disk yet; None when everything is."""
        content = dict(self.content())
        return None if content in (self._kept, self._done) else content

    async def restore(self) -> Mapping[str, Any] | None:
        """The content last kept for this form by whoever is signed in, or None."""
        found = await self.desk.kept_draft(self.form)
        if found is None:
            return None
        self.draft_id, self._kept = found
        return self._kept

    async def drop(self) -> None:
        """The form was saved: its draft goes."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._generation += 1
        self._done = dict(self.content())
        kept, self.draft_id, self._kept = self.draft_id, None, {}
        async with self._writing:  # one that is being written now is taken away by whoever writes it
            try:
                if kept is not None:
                    await self.desk.keep_draft(self.form, {}, kept)
            except Exception as error:
                self.desk.fault(error)  # of the draft: what was saved is saved, and not to be saved again


class DraftedForm(DeskModal[bool]):
    """A form over another screen that keeps what is written in it. Subclasses give the :class:`Form` and :meth:`save`.

    Only what differs from how the form began is kept: what was changed elsewhere meanwhile is not put back.
    """

    def __init__(self, form: str) -> None:
        """``form`` names the draft: ``roster:week:2026-11-23``."""
        super().__init__()
        self.keeper = DraftKeeper(self.desk, self, form, self._content)
        self._began: dict[str, Any] | None = None

    @property
    def form(self) -> Form:
        return self.query_one(Form)

    def on_mount(self) -> None:
        self.form.focus()
        self.job(self._restore(), group="draft")

    def on_unmount(self) -> None:
        self.keeper.let_go()

    async def _restore(self) -> None:
        kept = await self.keeper.restore()
        self._began = self.form.draft()
        if kept:
            self.form.restore(kept)
            self.call_after_refresh(self.form.query_one(Sentence).say, _("Taken up where it was left."))

    def _content(self) -> Mapping[str, Any]:
        if self._began is None:  # not read yet: what is kept stays
            return self.keeper.kept
        now = self.form.draft()
        return {name: now.get(name) for name in {**self._began, **now} if now.get(name) != self._began.get(name)}

    def on_form_edited(self, event: Form.Edited) -> None:
        event.stop()
        self.keeper.changed()

    def on_form_saved(self, event: Form.Saved) -> None:
        event.stop()
        # never exclusive: a write that has begun is carried to its end
        self.once(partial(self._save, dict(event.values)), group="save")

    async def _save(self, values: dict[str, Any]) -> None:
        if await self.save(values):
            await self.keeper.drop()
            self.dismiss(True)

    async def save(self, values: dict[str, Any]) -> bool:
        """Write it down; False where it could not be, and the form says why."""
        raise NotImplementedError

    def refused(self, error: Exception) -> None:
        if isinstance(error, Refusal):
            self.form.refuse(self.desk.sentence(error), str(error.params.get("name", "")))
        else:
            super().refused(error)

    def on_form_left(self, event: Form.Left) -> None:
        event.stop()
        self.once(self._leave, group="leave")

    async def _leave(self) -> None:
        if await self.keeper.may_go():
            self.dismiss(False)
