"""The rules in force (F7). A supervisor changes a figure or switches a rule off, and sees first what moves."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from desk.actions import CHANGE_RULE, CLOSE, RECKON_ANEW, RUN_AGAIN, SWITCH_RULE
from desk.errors import Refusal
from desk.i18n import N_, _, ngettext, pick
from desk.screens.base import DeskModal, DeskScreen
from desk.screens.paper import plain_lines
from desk.screens.rules_reading import Entry, changes_words, entries
from desk.widgets.form import Ask, Form, PassingForm
from desk.widgets.groups import GroupedTable, heading
from desk.widgets.keys import HintBar, bindings
from desk.widgets.table import Column, RecordTable, TableRow
from desk.widgets.text import plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Ledger
    from desk.queries.changed import Change, Progress


class RulesTable(GroupedTable):
    """The rules."""

    ABOUT = N_("The rules, figures and settings in force. Enter changes one, Ctrl+D switches a rule off or on again.")
    BINDINGS = bindings(CHANGE_RULE)


class RulesScreen(DeskScreen[None]):
    """The rules in force, and what each says."""

    ABOUT = N_(
        "The rules the estate works by. Enter changes the marked one: what that does to open work is shown beforehand. "
        "What is open keeps its rules unless you have it reckoned anew."
    )
    BINDINGS = bindings(CLOSE, SWITCH_RULE, RECKON_ANEW, RUN_AGAIN)
    AUTO_FOCUS = "RulesTable"

    def body(self) -> ComposeResult:
        yield Static(id="rules-head")
        yield RulesTable(
            [
                Column("title", _("Rule")),
                Column("limit", _("Limit"), 24),
                Column("who", _("Who"), 16),
                Column("source", _("Source"), 14, from_width=100),
            ]
        )
        yield Static(id="rules-words")

    async def reload(self) -> None:
        def read(ledger: Ledger, session: Session) -> tuple[str, list[Entry]]:
            from desk.queries.adopted import adopted

            row = adopted(ledger, session)
            head = _("{name}, version {version}, since {day}").format(
                name=_("{title} ({id})").format(title=pick(ledger.book.title), id=row.name),
                version=row.version,
                day=f"{row.adopted_at.astimezone(ledger.zone):%Y-%m-%d}",
            )
            said = [head, row.adopted_by, row.reason]
            return " · ".join(filter(None, said)), entries(ledger, session)

        head, found = await self.desk.reading(read)
        self.query_one("#rules-head", Static).update(plain(head, "bold"))
        rows: list[TableRow] = []
        for each in found:
            if not rows or rows[-1].data is None or getattr(rows[-1].data, "group", "") != each.group:
                rows.append(heading(each.group, each.group))
            style = "dim" if each.off else ""
            limit = _("switched off") if each.off else each.limit
            rows.append(TableRow(each.name, (each.title, limit, each.who, each.source), style, each))
        table = self.query_one(RulesTable)
        table.fill(rows)
        self._tell(table.marked)

    def on_record_table_marked(self, event: RecordTable.Marked) -> None:
        event.stop()
        self._tell(event.row)

    def _tell(self, row: TableRow | None) -> None:
        """What the marked rule says; also where it has just been changed under the mark."""
        words = row.data.words if row is not None and isinstance(row.data, Entry) else ()
        self.query_one("#rules-words", Static).update(plain_lines("\n".join(words)))

    def on_record_table_chosen(self, event: RecordTable.Chosen) -> None:
        event.stop()
        entry = event.row.data
        if isinstance(entry, Entry):
            self._open(ChangeScreen(entry, switch=entry.off))

    def action_switch(self) -> None:
        """Off or on again."""
        row = self.query_one(RulesTable).marked
        if row is None or not isinstance(row.data, Entry):
            return
        if row.data.rule:
            self._open(ChangeScreen(row.data, switch=True))
        else:
            self.desk.say(_("Only rules are switched off; Enter changes this."))

    def action_reckon_anew(self) -> None:
        """Everything open by the rules in force."""
        self._open(AnewScreen())

    def action_run_again(self) -> None:
        """The replay, of the marked one changed."""
        from desk.screens.replay import ReplayScreen

        row = self.query_one(RulesTable).marked
        entry = row.data if row is not None else None
        if not isinstance(entry, Entry) or entry.off:
            self.app.push_screen(ReplayScreen())
            return
        key, _title, now = entry.keys[0]
        self.app.push_screen(ReplayScreen(f"{entry.name}.{key}" if key else entry.name, now))

    def _open(self, screen: _Reasoned) -> None:
        """A form that changes the rules, for whoever may."""

        async def open_it() -> None:
            if await self.desk.allowed("rules"):
                self.app.push_screen(screen)

        self.job(open_it(), group="change")

    def action_close(self) -> None:
        self.dismiss(None)


class _Overtaken(Exception):
    """Something else is asked meanwhile, or nobody looks any more."""


class _Reasoned(DeskModal["bool | None"]):
    """A form that says beforehand what it would change of what is open, and wants a reason."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="change-rule"):
            yield Static(id="change-title")
            yield VerticalScroll(Static(id="change-before"), classes="shown")
        yield HintBar()

    def on_mount(self) -> None:
        self.job(self._begin(), group="begin")

    async def _begin(self) -> None:
        self.form = PassingForm(self.asks(), self.desk.clock)
        await self.query_one("#change-rule").mount(self.form)
        # what it shall say stands there already, and is what one came for
        self.form.fields.get("value", self.form).focus()
        self._look()

    form: Form | None = None
    #: what the form said when it was last asked what that would change
    _asked: dict[str, Any] | None = None

    def asks(self) -> list[Ask]:
        return []

    def before(
        self, ledger: Ledger, session: Session, values: Mapping[str, Any], told: Progress
    ) -> list[Change] | None:
        """What would change; None while there is nothing to say."""
        return None

    def write(self, ledger: Ledger, doing: Any, values: Mapping[str, Any], told: Progress) -> str:
        """Do it; answers what is said afterwards."""
        return ""

    def on_form_edited(self, event: Form.Edited) -> None:
        event.stop()
        self._look()

    def _look(self) -> None:
        if self.form is None:
            return
        # the reason moves no deadline
        values = {name: value for name, value in self.form.draft().items() if name not in ("reason", "anew")}
        if values != self._asked:
            self._asked = values
            self.job(partial(self._foresee, values), group="foresee", exclusive=True)

    def _tell(self, done: int, of: int) -> None:
        """Far too much is open to be through at once: how far it has come (called in a thread)."""
        if not self.is_attached:
            raise _Overtaken
        if done < of:
            words = _("{done} of {of} matters").format(done=done, of=of)
            self.app.call_from_thread(self.query_one("#change-before", Static).update, plain(words, "dim"))

    async def _foresee(self, values: dict[str, Any]) -> None:
        def told(done: int, of: int) -> None:
            if self._asked is not values:
                raise _Overtaken
            self._tell(done, of)

        def read(ledger: Ledger, session: Session) -> str:
            try:
                found = self.before(ledger, session, values, told)
            except _Overtaken:
                return ""
            except Refusal as refusal:
                return self.desk.sentence(refusal)
            if found is None:
                return ""
            return "\n".join(changes_words(found, self.desk.now(), ledger))

        text = await self.desk.reading(read)
        if self._asked is values and self.is_attached:
            self.query_one("#change-before", Static).update(plain_lines(text))

    def on_form_saved(self, event: Form.Saved) -> None:
        event.stop()
        self.once(partial(self._save, dict(event.values)), group="save")

    async def _save(self, values: dict[str, Any]) -> None:
        def told(done: int, of: int) -> None:
            # what was begun is written to its end, watched or not
            with suppress(_Overtaken):
                self._tell(done, of)

        said = await self.desk.writing(lambda ledger, doing: self.write(ledger, doing, values, told))
        if said is None:
            return
        self.desk.say(said)
        self.dismiss(True)

    def refused(self, error: Exception) -> None:
        if isinstance(error, Refusal) and self.form is not None:
            self.form.refuse(self.desk.sentence(error))
        else:
            super().refused(error)

    def on_form_left(self, event: Form.Left) -> None:
        event.stop()
        self.dismiss(None)


class ChangeScreen(_Reasoned):
    """One rule, figure or setting changed; or a rule switched off or on again."""

    ABOUT = N_("What it says now and what it shall say. Below stands what that would change of what is open.")

    def __init__(self, entry: Entry, *, switch: bool = False) -> None:
        super().__init__()
        self.entry, self.switch = entry, switch

    async def _begin(self) -> None:
        words = _("Change: {title}")
        if self.switch:
            words = _("Switch on again: {title}") if self.entry.off else _("Switch off: {title}")
        title = self.entry.title
        if self.entry.rule:
            title = _("{title} ({id})").format(title=title, id=self.entry.name)
        self.query_one("#change-title", Static).update(plain(words.format(title=title), "bold"))
        await super()._begin()

    def asks(self) -> list[Ask]:
        asks = []
        if not self.switch:
            options = tuple((key, title) for key, title, _now in self.entry.keys)
            first = self.entry.keys[0]
            self._key = first[0]
            if len(options) > 1:
                asks.append(Ask("key", "choice", _("What"), required=True, options=options, start=first[0]))
            asks.append(Ask("value", "text", _("Shall say"), required=True, start=first[2]))
        asks.append(Ask("reason", "text", _("Reason"), required=True))
        asks.append(Ask("anew", "flag", _("Open work too")))
        return asks

    def on_form_edited(self, event: Form.Edited) -> None:
        # another key: what that one says now is what is changed
        form, key = event.form, event.form.draft().get("key")
        said = {each: now for each, _title, now in self.entry.keys}
        if key in said and key != self._key:
            self._key = str(key)
            form.fields["value"].put(said[key])
        super().on_form_edited(event)

    _key = ""

    def _amended(self, raw: Mapping[str, Any], ledger: Ledger, session: Session, values: Mapping[str, Any]) -> Any:
        from desk.queries.adopted import adopted, switched_on
        from desk.rulebook import changing

        if self.switch and self.entry.off:
            return switched_on(ledger, session, adopted(ledger, session), self.entry.name)
        if self.switch:
            return changing.without(raw, self.entry.name)
        key = values.get("key") or self.entry.keys[0][0]
        name = f"{self.entry.name}.{key}" if key else self.entry.name
        return changing.with_value(raw, name, str(values.get("value") or ""))

    def before(
        self, ledger: Ledger, session: Session, values: Mapping[str, Any], told: Progress
    ) -> list[Change] | None:
        from desk.queries.adopted import adopted
        from desk.queries.changed import foresee

        row = adopted(ledger, session)
        book = self._amended(row.rulebook, ledger, session, values)
        if book == row.rulebook:
            return None
        return foresee(ledger, session, row.name, book, row.calendar_name, row.calendar, self.desk.now(), told)

    def write(self, ledger: Ledger, doing: Any, values: Mapping[str, Any], told: Progress) -> str:
        from desk.procedures.estate import adopt
        from desk.procedures.recompute import recompute
        from desk.queries.adopted import adopted
        from desk.queries.changed import checked

        with ledger.store.read() as session:
            row = adopted(ledger, session)
            book = self._amended(row.rulebook, ledger, session, values)
            # what can't be right is refused here too, not only shown
            checked(ledger, row.name, book, row.calendar_name, row.calendar)
        reason = str(values.get("reason") or "")
        version = adopt(ledger, row.name, book, row.calendar_name, row.calendar, doing, reason)
        kept = _("What is open keeps the rules it was opened under.")
        if values.get("anew"):
            try:
                done = recompute(ledger, doing, reason, told)
            except Refusal as refusal:
                if refusal.code != "recompute.none":
                    raise
            else:
                kept = ngettext(
                    "{n} open matter was reckoned anew.", "{n} open matters were reckoned anew.", done.matters
                ).format(n=done.matters)
        return _("Version {version} is in force. {kept}").format(version=version, kept=kept)


class AnewScreen(_Reasoned):
    """Everything open reckoned by the rules in force."""

    ABOUT = N_("Open work goes by the rules it was opened under. Here it is let go by the rules in force.")

    async def _begin(self) -> None:
        self.query_one("#change-title", Static).update(plain(_("Reckon what is open anew"), "bold"))
        await super()._begin()

    def asks(self) -> list[Ask]:
        return [Ask("reason", "text", _("Reason"), required=True)]

    def before(
        self, ledger: Ledger, session: Session, values: Mapping[str, Any], told: Progress
    ) -> list[Change] | None:
        from desk.queries.changed import changes

        return changes(ledger, session, ledger.book, ledger.calendar, self.desk.now(), progress=told)

    def write(self, ledger: Ledger, doing: Any, values: Mapping[str, Any], told: Progress) -> str:
        from desk.procedures.recompute import recompute

        done = recompute(ledger, doing, str(values.get("reason") or ""), told)
        return ngettext(
            "{n} matter goes by version {version} from now on.",
            "{n} matters go by version {version} from now on.",
            done.matters,
        ).format(n=done.matters, version=done.version)
