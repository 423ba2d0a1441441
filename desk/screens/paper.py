"""Text on paper: read here, saved to a file, sent to the printer."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import ScrollableContainer, Vertical
from textual.content import Content
from textual.widgets import Static

from desk.actions import CLOSE, PRINT, SAVE_FILE, Action
from desk.errors import Refusal
from desk.i18n import N_, _
from desk.screens.base import DeskModal
from desk.text import clean
from desk.widgets.form import Ask, Form
from desk.widgets.keys import HintBar, bindings
from desk.widgets.text import plain

#: seconds the printer may take to accept a page
_PATIENCE = 20


class PaperScreen(DeskModal[None]):
    """A text as it will stand on paper. ``name`` is what its file is called unless somebody says otherwise."""

    ABOUT = N_("As it will stand on paper: Ctrl+S saves it to a text file, Ctrl+L sends it to the printer.")
    BINDINGS = bindings(CLOSE, SAVE_FILE, PRINT, Action("close", "enter", "", show=False))

    def __init__(self, text: str = "", name: str = "desk.txt") -> None:
        super().__init__()
        self.text, self.name_of_file = text, name

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="paper"):
            yield Static(id="paper-choice")
            with ScrollableContainer():
                yield Static(id="paper-text")
        yield HintBar()

    def on_mount(self) -> None:
        self.query_one("#paper-choice").display = False
        self.query_one(ScrollableContainer).focus()
        self.show(self.text)

    def show(self, text: str) -> None:
        """Put ``text`` on the paper."""
        self.text = text
        self.query_one("#paper-text", Static).update(plain_lines(text))

    def action_close(self) -> None:
        self.dismiss(None)

    def action_save_file(self) -> None:
        self.once(self._save, group="file")

    async def _save(self) -> None:
        path = await self.app.push_screen_wait(FileScreen(self.text, Path.home() / self.name_of_file))
        if path is not None:
            self.desk.say(_("Saved as {file}.").format(file=path))

    def action_print(self) -> None:
        self.once(self._print, group="print", holds=0)

    async def _print(self) -> None:
        try:
            lp = await asyncio.create_subprocess_exec(
                "lp", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
            )
        except OSError:
            self.desk.say(_("No printer is set up here (lp is not found). Ctrl+S saves it to a file."), "warning")
            return
        try:
            said, _err = await asyncio.wait_for(lp.communicate(self.text.encode() + b"\n"), _PATIENCE)
        except (TimeoutError, BrokenPipeError, ConnectionResetError):
            with contextlib.suppress(ProcessLookupError):
                lp.kill()
            self.desk.say(_("The printer does not answer. Ctrl+S saves it to a file."), "warning")
            return
        if lp.returncode:
            why = clean(said.decode(errors="replace"), 200)
            self.desk.say(_("The printer refused: {why}. Ctrl+S saves it to a file.").format(why=why), "warning")
        else:
            self.desk.say(_("Sent to the printer."))


def plain_lines(text: str) -> Content:
    """``text`` line by line with its own blanks; never markup, never control characters."""
    lines = []
    for line in text.split("\n"):
        body = line.lstrip(" ")
        lines.append(" " * (len(line) - len(body)) + clean(body, None))
    return Content("\n".join(lines))


class FileScreen(DeskModal[Path | None]):
    """Where to: the name of a new file. Dismisses with the path once it is written."""

    ABOUT = N_("The name of the file to write. A file that is there already is never overwritten.")

    def __init__(self, text: str, path: Path) -> None:
        super().__init__()
        self.text, self.path = text, path

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(plain(_("Save to a file"), "bold"))
            ask = Ask("path", "text", _("File"), required=True, start=str(_free(self.path)))
            yield Form([ask], self.desk.clock)
        yield HintBar()

    def on_mount(self) -> None:
        self.query_one(Form).focus()

    def on_form_saved(self, event: Form.Saved) -> None:
        event.stop()
        self.job(self._write(Path(event.values["path"]).expanduser()), group="file")

    async def _write(self, path: Path) -> None:
        try:
            await asyncio.to_thread(_write_new, path, self.text)
        except FileExistsError:
            self.query_one(Form).refuse(_("{file} is there already. Choose another name.").format(file=path), "path")
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            said = _("It can't be written to {file}: {why}.").format(file=path, why=why)
            self.query_one(Form).refuse(said, "path")
        else:
            self.dismiss(path)

    def refused(self, error: Exception) -> None:
        if isinstance(error, Refusal):
            self.query_one(Form).refuse(self.desk.sentence(error))
        else:
            super().refused(error)

    def on_form_left(self, event: Form.Left) -> None:
        event.stop()
        self.dismiss(None)


def _free(path: Path) -> Path:
    """``path``, or the same with a number where it is taken."""
    found, n = path, 1
    while found.exists() and n < 1000:
        n += 1
        found = path.with_name(f"{path.stem}-{n}{path.suffix}")
    return found


def _write_new(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8") as file:
        file.write(text + "\n")
