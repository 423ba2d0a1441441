"""The day's forms: its duties, the sweep of unfinished orders, publishing the overdue ones, carry-overs, the report.

Sources: S0-17, S0-25, S0-26; S2-17, S2-28, S2-31; S4-16, S4-26 to S4-29.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from desk.actions import ANSWER, CARRY, CLOSE, PUBLISH, REPORT, SWEEP, TICKET, WORKLOAD
from desk.i18n import N_, _, ngettext
from desk.screens.base import DeskModal, DeskScreen
from desk.screens.drafts import DraftKeeper
from desk.screens.paper import PaperScreen
from desk.screens.verb import VerbScreen
from desk.text import clean, short_number
from desk.widgets.dialog import Choose, Confirm
from desk.widgets.form import Ask, Form
from desk.widgets.groups import GroupedTable, heading
from desk.widgets.keys import HintBar, bindings
from desk.widgets.table import Column, RecordTable, TableRow
from desk.widgets.text import dot, plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Doing, Ledger
    from desk.procedures.unfinished import Unfinished
    from desk.queries.due import DueRow
    from desk.queries.sheets import OpenLine
    from desk.widgets.palette import Command

#: duties that have a key here
_KEYED = ("sweep", "publish-day", "report-day")
#: what an acceptor's answer holds, as kept in the draft
_Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sheets:
    """What the day still asks for."""

    #: recurring duties without a key here and letters left, in the order they are due
    duties: tuple[DueRow, ...]
    sweep: tuple[Unfinished, ...]
    publish: tuple[Unfinished, ...]
    carried: tuple[OpenLine, ...]
    #: whether this manual publishes at all
    publishes: bool
    #: from when visits may be booked, by the project whose workload is full; "" is the whole estate
    full: Mapping[str, datetime]
    #: what else this manual has done for the whole day: type of subject, verb, title
    acts: tuple[tuple[str, str, str], ...]


class DayTable(GroupedTable):
    """The sheets."""

    BINDINGS = bindings(ANSWER)
    ABOUT = N_(
        "One line a duty or an unfinished order. Enter does the duty, or takes down what the acceptor answers; Ctrl+S "
        "records the sweep."
    )


class DayScreen(DeskScreen[None]):
    """What is done for the whole day before leaving."""

    ABOUT = N_("Before leaving: ask each acceptor for a definite time, tell the group, publish, report, carry over.")
    BINDINGS = bindings(SWEEP, PUBLISH, REPORT, CARRY, WORKLOAD, TICKET, CLOSE)

    def __init__(self) -> None:
        super().__init__()
        self.sheets: Sheets | None = None
        self.answers: dict[str, _Answer] = {}
        self.keeper = DraftKeeper(self.desk, self, "sweep", lambda: self.answers)
        self._restored = False

    def body(self) -> ComposeResult:
        yield Static(id="day-head")
        columns = [Column("number", _("Number"), 10), Column("what", _("Room and matter"))]
        columns += [Column("who", _("Acceptor"), 14), Column("promised", _("Promised finish"), 14)]
        yield DayTable([*columns, Column("state", _("State"), 18)], lines=2)

    def on_mount(self) -> None:
        self.query_one(DayTable).focus()

    def on_unmount(self) -> None:
        self.keeper.let_go()

    def commands(self) -> Sequence[Command]:
        from desk.widgets.palette import Command

        def start(subject: str, verb: str) -> Callable[[], object]:
            return lambda: self.app.push_screen(VerbScreen(subject, verb, None))

        acts = self.sheets.acts if self.sheets is not None else ()
        return [Command(_(title), start(subject, verb), keys=(title,)) for subject, verb, title in acts]

    @property
    def marked(self) -> tuple[str, Any] | None:
        """The section and the row under the mark."""
        row = self.query_one(DayTable).marked
        return row.data if row is not None else None

    # -- reading ---------------------------------------------------------------------------------------------

    async def reload(self) -> None:
        await self.desk.ready()
        now, who, zone = self.desk.now(), self.desk.who, self.desk.zone
        assert who is not None

        def read(ledger: Ledger, session: Session) -> Sheets:
            from desk.procedures import verbs_of
            from desk.procedures.unfinished import publish_sheet, sweep_sheet
            from desk.procedures.verbs import full_workloads
            from desk.queries.due import of_no_ticket
            from desk.queries.handovers import sheet

            steps = (step.then for rule in ledger.book.rules.values() for step in rule.missed)
            standing = sheet(ledger, session, who.id, now, now)
            return Sheets(
                tuple(
                    row
                    for row in of_no_ticket(ledger, session, now, "duty", "box")
                    # what is due next month is on the board, and no duty of this day
                    if row.form not in _KEYED and (row.due_at is None or row.due_at <= now + timedelta(days=1))
                ),
                tuple(sweep_sheet(ledger, session, now)),
                tuple(publish_sheet(ledger, session, now)),
                tuple(line for line in standing.open if line.carried),
                "publish" in steps,
                full_workloads(ledger, session, now),
                tuple(
                    (verb.subject, verb.name, verb.title)
                    for subject in ("day", "box", "sample")
                    for verb in verbs_of(subject)
                    if verb.name not in _KEYED and verb.event in ledger.book.mentioned
                ),
            )

        self.sheets = await self.desk.looking(read)
        if not self._restored:
            kept = await self.keeper.restore()
            self._restored = True  # and not before: reading may be begun anew meanwhile
            self.answers |= {key: dict(value) for key, value in (kept or {}).items() if isinstance(value, Mapping)}
        self._show(self.sheets, now, zone)

    def _show(self, sheets: Sheets, now: datetime, zone: Any) -> None:
        from desk.wording import day, moment

        head = [day(now.astimezone(zone).date()), _("unfinished {n}").format(n=len(sheets.sweep))]
        for project, at in sorted(sheets.full.items()):
            words = _("workload full, bookable from {time}").format(time=moment(at, zone, now))
            head.append(f"{clean(project)} {words}".strip())
        self.query_one("#day-head", Static).update(plain(dot().join(head), "bold"))
        rows = []
        if sheets.duties:
            rows.append(heading("duties", _("Duties of the day ({n})").format(n=len(sheets.duties))))
            rows += [self._duty(duty, now, zone) for duty in sheets.duties]
        rows += [heading("sweep", _("Unfinished orders of the day ({n})").format(n=len(sheets.sweep)))]
        rows += [self._order("sweep", order, now, zone) for order in sheets.sweep]
        if sheets.publishes:
            rows.append(heading("publish", _("To be published ({n})").format(n=len(sheets.publish))))
            rows += [self._order("publish", order, now, zone) for order in sheets.publish]
        rows.append(heading("carried", _("Carried over, to be taken up ({n})").format(n=len(sheets.carried))))
        for line in sheets.carried:
            what = f"{line.room} {clean(line.what, 200)}".strip()
            cells = (short_number(line.number), what, line.who, "", _("carried over"))
            rows.append(TableRow(f"carried{line.ticket_id}", cells, "", ("carried", line)))
        self.query_one(DayTable).fill(rows)

    def _duty(self, duty: DueRow, now: datetime, zone: Any) -> TableRow:
        from desk.screens.ways import to_do
        from desk.wording import left, moment

        when = moment(duty.due_at, zone, now, until=True) if duty.due_at is not None else ""
        state = left(duty.due_at, now) if duty.due_at is not None else ""
        cells = ("", to_do(duty), duty.who, when, state)
        return TableRow(f"duty{duty.deadline_id}", cells, "bold" if duty.state == "overdue" else "", ("duty", duty))

    def _order(self, section: str, order: Unfinished, now: datetime, zone: Any) -> TableRow:
        from desk.wording import moment
        from desk.wording.values import value

        answer = self.answers.get(str(order.id)) if section == "sweep" else None
        promised = datetime.fromisoformat(answer["promised_at"]) if answer else order.promised_at
        when = moment(promised, zone, now) if promised is not None else _("no time yet")
        reason = (answer or {}).get("reason") or order.reason
        state = [_("answered") if answer else "", value("pause_reason", reason) if reason else ""]
        state.append(_("customer told") if order.told or (answer or {}).get("told") else "")
        cells = (
            short_number(order.number),
            f"{order.room} {clean(order.what, 200)}".strip(),
            order.assignee or _("nobody yet"),
            when,
            dot().join(filter(None, state)),
        )
        style = "bold" if promised is None or promised <= now else ""
        return TableRow(f"{section}{order.id}", cells, style, (section, order))

    # -- one line --------------------------------------------------------------------------------------------

    def on_record_table_chosen(self, event: RecordTable.Chosen) -> None:
        event.stop()
        section, row = event.row.data
        if section == "duty":
            self.once(partial(self._do_duty, row), group="do")
        elif section == "sweep":
            self.app.push_screen(
                AnswerScreen(row, self.answers.get(str(row.id))), lambda given: self._answered(row, given)
            )
        elif section == "carried":
            about = " ".join(filter(None, (short_number(row.number), row.room, clean(row.what, 60))))
            self.app.push_screen(VerbScreen("ticket", "pick-up", row.ticket_id, about))
        else:
            self.desk.open_ticket(row.id)

    async def _do_duty(self, row: DueRow) -> None:
        from desk.screens.ways import do_it, ways_of

        now = self.desk.now()
        ways = await self.desk.reading(lambda ledger, session: ways_of(ledger, session, row, now))
        if ways and ways[0].why_not is None:
            await do_it(self, row, ways[0])
        elif ways and ways[0].why_not is not None:
            self.desk.say(self.desk.sentence(ways[0].why_not), "warning")

    def _answered(self, order: Unfinished, given: _Answer | None) -> None:
        if given is not None and self.sheets is not None:
            self.answers[str(order.id)] = given
            self.keeper.changed()
            self._show(self.sheets, self.desk.now(), self.desk.zone)

    def action_ticket(self) -> None:
        if self.marked is not None and self.marked[0] != "duty":
            section, row = self.marked
            self.desk.open_ticket(row.ticket_id if section == "carried" else row.id)

    def action_carry(self) -> None:
        if self.marked is not None and self.marked[0] not in ("carried", "duty"):
            row = self.marked[1]
            about = " ".join(filter(None, (short_number(row.number), row.room, clean(row.what, 60))))
            self.app.push_screen(VerbScreen("ticket", "carry-over", row.id, about))

    # -- the whole day ---------------------------------------------------------------------------------------

    def action_sweep(self) -> None:
        self.once(self._sweep, group="sweep")

    async def _sweep(self) -> None:
        if self.sheets is None:
            return
        here = {str(order.id) for order in self.sheets.sweep}
        given = {key: answer for key, answer in self.answers.items() if key in here}
        left = len(here) - len(given)
        question = ngettext(
            "{n} order has no answer yet. Record the sweep all the same?",
            "{n} orders have no answer yet. Record the sweep all the same?",
            left,
        ).format(n=left)
        if left and not await self.app.push_screen_wait(Confirm(question)):
            return

        def write(ledger: Ledger, doing: Doing) -> str:
            from desk.procedures.unfinished import Answer, group_text, sweep, sweep_sheet

            answers = [
                Answer(
                    UUID(key),
                    datetime.fromisoformat(each["promised_at"]),
                    each.get("reason"),
                    each.get("note"),
                    each.get("told"),
                )
                for key, each in given.items()
            ]
            sweep(ledger, answers, doing)
            with ledger.store.read() as session:
                return group_text(ledger, sweep_sheet(ledger, session, doing.happened_at), doing.happened_at)

        text = await self.desk.writing(write)
        if text is not None:
            self.answers.clear()
            await self.keeper.drop()
            self._paper(text, "sweep")

    def action_publish(self) -> None:
        if self.sheets is not None and self.sheets.publishes:
            self.once(self._publish, group="publish")
        else:
            self.desk.say(_("The estate's rules publish no unfinished orders."))

    async def _publish(self) -> None:
        assert self.sheets is not None
        n = len(self.sheets.publish)
        question = ngettext(
            "Publish {n} order as unfinished for too long?", "Publish {n} orders as unfinished for too long?", n
        ).format(n=n)
        if not await self.app.push_screen_wait(Confirm(question)):
            return

        def write(ledger: Ledger, doing: Doing) -> str:
            from desk.procedures import find_verb
            from desk.procedures.unfinished import group_text, publish_sheet
            from desk.procedures.verbs import act

            with ledger.store.read() as session:
                rows = publish_sheet(ledger, session, doing.happened_at)
            act(ledger, find_verb("publish-day", "day"), None, {}, doing)
            return group_text(ledger, rows, doing.happened_at, published=True)

        text = await self.desk.writing(write)
        if text is not None:
            self._paper(text, "publish")

    def _paper(self, text: str, name: str) -> None:
        text = self.desk.sight().prose(text)  # it goes to a group: no number that stands in what was said
        self.app.copy_to_clipboard(text)
        self.desk.say(_("The text for the group is in the clipboard; Ctrl+S saves it to a file."))
        local = self.desk.now().astimezone(self.desk.zone)
        self.app.push_screen(PaperScreen(text, f"{name}-{local:%Y-%m-%d}.txt"))

    def action_report(self) -> None:
        self.once(self._report, group="report")

    async def _report(self) -> None:
        now = self.desk.now()

        def read(ledger: Ledger, session: Session) -> str:
            from desk.procedures.day import day_report, report_text

            return report_text(ledger, day_report(ledger, session, now))

        text = await self.desk.reading(read)
        local = now.astimezone(self.desk.zone)
        await self.app.push_screen_wait(PaperScreen(self.desk.sight().prose(text), f"report-{local:%Y-%m-%d}.txt"))
        self.app.push_screen(VerbScreen("day", "report-day", None))

    def action_workload(self) -> None:
        self.once(self._workload, group="workload")

    async def _workload(self) -> None:
        """Full, or free again; where a project has a team of its own, asked which."""
        full = sorted(self.sheets.full) if self.sheets is not None else []
        chosen: str | None = full[0] if full else "+"
        if full not in ([], [""]):
            free = [(name, _("{project}: free again").format(project=clean(name) or _("All"))) for name in full]
            chosen = await self.app.push_screen_wait(Choose(_("Workload"), [("+", _("Workload is full")), *free], "+"))
        if chosen == "+":
            self.app.push_screen(VerbScreen("workload", "saturate", None))
        elif chosen is not None:
            self.app.push_screen(VerbScreen("workload", "free", None, values={"project": chosen} if chosen else {}))

    def action_close(self) -> None:
        self.once(self._leave, group="leave")

    async def _leave(self) -> None:
        if await self.keeper.may_go():
            self.dismiss(None)


class AnswerScreen(DeskModal["_Answer | None"]):
    """What the acceptor of one unfinished order answers (S4-26 to S4-28)."""

    ABOUT = N_("A definite time by which it will be finished, why it isn't yet, and what the customer was told.")

    def __init__(self, order: Unfinished, given: _Answer | None) -> None:
        super().__init__()
        self.order, self.given = order, given or {}

    def compose(self) -> ComposeResult:
        from desk.procedures.unfinished import DELAYS
        from desk.wording.values import value

        order, kept = self.order, self.given
        start = datetime.fromisoformat(kept["promised_at"]) if kept else order.promised_at
        reasons = tuple((each, value("pause_reason", each)) for each in DELAYS)
        about = " ".join(filter(None, (short_number(order.number), order.room, clean(order.what, 60))))
        with Vertical(classes="dialog"):
            yield Static(plain(dot().join(filter(None, (about, order.assignee))), "bold"))
            yield Form(
                [
                    Ask("promised_at", "time", _("Promised finish"), required=True, start=start),
                    Ask("reason", "choice", _("Reason"), options=reasons, start=kept.get("reason")),
                    Ask("note", "text", _("Note"), start=kept.get("note")),
                    Ask("told", "prose", _("What the customer was told"), start=kept.get("told")),
                ],
                self.desk.clock,
            )
        yield HintBar()

    def on_mount(self) -> None:
        self.query_one(Form).focus()

    def on_form_saved(self, event: Form.Saved) -> None:
        event.stop()
        values = dict(event.values)
        at: datetime = values["promised_at"]
        if at <= self.desk.now():
            self.query_one(Form).refuse(_("The promised time must lie ahead."), "promised_at")
            return
        self.dismiss({**values, "promised_at": at.isoformat()})

    def on_form_left(self, event: Form.Left) -> None:
        event.stop()
        self.dismiss(None)
