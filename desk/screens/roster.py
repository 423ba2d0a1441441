"""The roster: who is on duty when, where nobody is, their coming and going (S0-20 to S0-22; T-01)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from desk.actions import CANCEL_SHIFT, CLOSE, COME, GO, PLAN, PLAN_WEEK, WEEK_BACK, WEEK_ON
from desk.errors import Refusal
from desk.i18n import N_, _
from desk.screens.base import DeskScreen
from desk.screens.drafts import DraftedForm
from desk.screens.verb import VerbScreen
from desk.text import clean, fold
from desk.widgets.form import Ask, Form
from desk.widgets.groups import GroupedTable, heading
from desk.widgets.keys import HintBar, bindings
from desk.widgets.table import Column, TableRow
from desk.widgets.text import dot, plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Doing, Ledger
    from desk.queries.shifts import Gap, ShiftRow


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days of the roster."""

    monday: date
    shifts: tuple[ShiftRow, ...]
    gaps: tuple[Gap, ...]
    #: days on which the desk is open
    open: frozenset[date]
    #: whom to ring now, in order, telephones in full
    on_call: str


class RosterTable(GroupedTable):
    """A week: a heading a day, a row a duty or a gap."""

    BINDINGS = bindings(WEEK_BACK, WEEK_ON)
    ABOUT = N_("The week's duties, and open hours nobody is on the roster for. Left and right go from week to week.")

    def action_week(self, weeks: int) -> None:
        screen = self.screen
        assert isinstance(screen, RosterScreen)
        screen.go(weeks)


class RosterScreen(DeskScreen[None]):
    """Who is on duty when."""

    ABOUT = N_("Who is on duty when, a week at a time; open hours without anybody are shown as gaps.")
    BINDINGS = bindings(COME, GO, PLAN, PLAN_WEEK, CANCEL_SHIFT, CLOSE)

    def __init__(self) -> None:
        super().__init__()
        self.week: Week | None = None
        self.weeks = 0

    def body(self) -> ComposeResult:
        yield Static(id="roster-head")
        yield Static(id="roster-ring")
        columns = [Column("span", _("Time"), 13), Column("turn", _("Turn"), 12), Column("who", _("Who"))]
        yield RosterTable([*columns, Column("state", _("State"), 26)])

    def on_mount(self) -> None:
        self.query_one(RosterTable).focus()

    # -- reading ---------------------------------------------------------------------------------------------

    async def reload(self) -> None:
        await self.desk.ready()
        now, zone, weeks = self.desk.now(), self.desk.zone, self.weeks

        def read(ledger: Ledger, session: Session) -> Week:
            from desk.procedures.oncall import on_call, on_call_text
            from desk.queries.shifts import gaps, roster

            listed = on_call(ledger, session, now)
            today = now.astimezone(ledger.zone).date()
            monday = today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)
            start, end = (_midnight(monday + timedelta(days=n), ledger.zone) for n in (0, 7))
            days = [monday + timedelta(days=n) for n in range(7)]
            return Week(
                monday,
                tuple(roster(ledger, session, start, end)),
                # what is past can't be filled any more
                tuple(gaps(ledger, session, max(start, now), end)) if end > now else (),
                frozenset(day for day in days if ledger.calendar.intervals(day)),
                on_call_text(ledger, listed).replace("\n", "  ") if listed else "",
            )

        self.week = await self.desk.reading(read)
        assert zone is not None
        self._show(self.week, now, zone)

    def _show(self, week: Week, now: datetime, zone: ZoneInfo) -> None:
        from desk.wording import day

        sunday = week.monday + timedelta(days=6)
        head = [_("Week {first} to {last}").format(first=day(week.monday), last=day(sunday))]
        if week.gaps:
            hours = sum((gap.end - gap.start for gap in week.gaps), timedelta())
            head.append(_("open hours without anybody: {hours} h").format(hours=round(hours.total_seconds() / 3600, 1)))
        self.query_one("#roster-head", Static).update(plain(dot().join(head), "bold"))
        ring = self.query_one("#roster-ring", Static)
        ring.display = bool(week.on_call)
        ring.update(plain(_("To be rung now: {list}").format(list=week.on_call)))
        today = now.astimezone(zone).date()
        rows: list[TableRow] = []
        for date_ in (week.monday + timedelta(days=n) for n in range(7)):
            title = day(date_)
            if date_ == today:
                title += dot() + _("today")
            if date_ not in week.open:
                title += dot() + _("closed")
            rows.append(heading(date_.isoformat(), title))
            entries: list[tuple[datetime, TableRow]] = [
                (shift.starts_at, self._shift(shift, now, zone))
                for shift in week.shifts
                if _day(shift.starts_at, zone, week.monday) == date_
            ]
            for gap in week.gaps:
                for start, end in _by_day(gap, zone):
                    if start.astimezone(zone).date() == date_:
                        entries.append((start, self._gap(start, end, zone)))
            rows += [row for _at, row in sorted(entries, key=lambda each: each[0])]
        self.query_one(RosterTable).fill(rows)

    def _shift(self, shift: ShiftRow, now: datetime, zone: ZoneInfo) -> TableRow:
        state = ""
        if shift.on_call:
            state = _("on call, place {n}").format(n=shift.rank)
        elif shift.left_at is not None:
            state = _("left {time}").format(time=_clock(shift.left_at, zone))
        elif shift.arrived_at is not None:
            state = _("came {time}").format(time=_clock(shift.arrived_at, zone))
            state += dot() + _("came late") if shift.late else ""
        elif shift.starts_at < now:
            state = _("has not come")
        if shift.briefed_at is not None and shift.left_at is None:
            state += dot() + _("briefing read")
        mine = self.desk.who is not None and shift.staff_id == self.desk.who.id
        cells = (_span(shift.starts_at, shift.ends_at, zone), shift.name, shift.staff, state)
        return TableRow(str(shift.id), cells, "bold" if mine else "", shift)

    def _gap(self, start: datetime, end: datetime, zone: ZoneInfo) -> TableRow:
        cells = (_span(start, end, zone), _("gap"), _("nobody"), _("open, but nobody is there"))
        return TableRow(f"gap{start.isoformat()}", cells, f"bold {self.app.current_theme.error}", (start, end))

    def go(self, weeks: int) -> None:
        """To another week."""
        self.weeks += weeks
        self.freshen()

    # -- acts ------------------------------------------------------------------------------------------------

    @property
    def _marked(self) -> Any:
        row = self.query_one(RosterTable).marked
        return row.data if row is not None else None

    def action_come(self) -> None:
        self.once(self._come, group="come")

    async def _come(self) -> None:
        def write(ledger: Ledger, doing: Doing) -> UUID:
            from desk.procedures.shifts import come

            return come(ledger, doing)

        if await self.desk.writing(write) is not None:
            self.desk.say(_("Noted: you are on duty."))

    def action_leave_duty(self) -> None:
        self.once(self._leave, group="leave")

    async def _leave(self) -> None:
        now, who = self.desk.now(), self.desk.who
        assert who is not None

        def write(ledger: Ledger, doing: Doing) -> bool:
            from desk.procedures import find_verb
            from desk.procedures.verbs import act
            from desk.queries.shifts import current

            with ledger.store.read() as session:
                shift = current(ledger, session, who.id, now)
            if shift is None or shift.arrived_at is None:
                raise Refusal("shift.not_arrived")
            act(ledger, find_verb("leave-shift", "shift"), shift.id, {}, doing)
            return True

        if await self.desk.writing(write):
            self.desk.say(_("Noted: you have left duty."))

    def action_cancel(self) -> None:
        from desk.queries.shifts import ShiftRow

        shift = self._marked
        if isinstance(shift, ShiftRow) and self.desk.zone is not None:
            about = f"{shift.staff} {shift.starts_at.astimezone(self.desk.zone):%m-%d %H:%M}"
            self.app.push_screen(VerbScreen("shift", "cancel-shift", shift.id, about))

    def action_plan(self) -> None:
        marked = self._marked
        start, end = marked if isinstance(marked, tuple) else (None, None)
        self.app.push_screen(PlanScreen(start, end))

    def action_plan_week(self) -> None:
        if self.week is not None:
            self.app.push_screen(PlanWeekScreen(self.week.monday))


class PlanScreen(DraftedForm):
    """One person, one duty."""

    ABOUT = N_("Who, and from when to when.")

    def __init__(self, start: datetime | None, end: datetime | None) -> None:
        super().__init__(f"roster:{start.isoformat() if start else ''}")
        self.start, self.end = start, end

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(plain(_("Plan a duty"), "bold"))
            yield Form(
                [
                    Ask("staff", "staff", _("Who"), required=True, find=self.desk.colleagues("agent")),
                    Ask("starts_at", "time", _("From"), required=True, start=self.start),
                    Ask("ends_at", "time", _("Until"), required=True, start=self.end),
                    Ask("name", "text", _("Turn")),
                    Ask("rank", "number", _("On call: place in the order of ringing")),
                ],
                self.desk.clock,
            )
        yield HintBar()

    async def save(self, values: dict[str, Any]) -> bool:
        def write(ledger: Ledger, doing: Doing) -> UUID:
            from desk.procedures.shifts import plan_shift

            staff = UUID(values["staff"])
            name, rank = values.get("name") or "", int(values.get("rank") or 0)
            return plan_shift(ledger, staff, values["starts_at"], values["ends_at"], doing, name, rank)

        return await self.desk.writing(write) is not None


class PlanWeekScreen(DraftedForm):
    """The week's free turns filled, one person after another."""

    ABOUT = N_(
        "Names in the order of their turns, with commas or blanks between. Turns already taken stay as they are. "
        "Those on call are all rung in turn; the first of one day is the last of the next, unless all stay each time."
    )

    def __init__(self, monday: date) -> None:
        super().__init__(f"roster:week:{monday.isoformat()}")
        self.monday = monday

    def compose(self) -> ComposeResult:
        from desk.wording import day

        with Vertical(classes="dialog"):
            yield Static(plain(_("Plan the week of {day}").format(day=day(self.monday)), "bold"))
            yield Form(
                [
                    Ask("names", "text", _("Who, in turn"), required=True),
                    Ask("everyone", "flag", _("All of them each time"), start=False),
                    Ask("on_call", "flag", _("On call, to be rung in this order"), start=False),
                ],
                self.desk.clock,
            )
        yield HintBar()

    async def save(self, values: dict[str, Any]) -> bool:
        people: list[UUID] = []
        names = clean(values["names"], 400).replace("、", ",").replace(",", ",").replace(" ", ",")
        for name in filter(None, names.split(",")):
            found = [item for item in await self.desk.colleagues()(name) if fold(item.title) == fold(name)]
            found = found or list(await self.desk.colleagues()(name))
            if len(found) != 1:
                said = _("“{name}” fits {n} people. Write the name in full.").format(name=name, n=len(found))
                self.form.refuse(said, "names")
                return False
            people.append(UUID(found[0].key))
        monday, everyone, on_call = self.monday, bool(values.get("everyone")), bool(values.get("on_call"))

        def write(ledger: Ledger, doing: Doing) -> list[UUID]:
            from desk.procedures.shifts import plan_on_call, plan_roster

            if on_call:
                return plan_on_call(ledger, people, monday, 7, doing, rotate=not everyone)
            return plan_roster(ledger, people, monday, 7, doing, everyone=everyone)

        made = await self.desk.writing(write)
        if made is None:
            return False
        self.desk.say(_("Planned: {n} duties.").format(n=len(made)))
        return True


# -- words and times -----------------------------------------------------------------------------------------


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _day(at: datetime, zone: ZoneInfo, monday: date) -> date:
    """The day a duty stands under; one that began before the week stands under its first."""
    return max(at.astimezone(zone).date(), monday)


def _by_day(gap: Gap, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """A gap cut at each midnight."""
    pieces, start = [], gap.start
    while start < gap.end:
        end = min(gap.end, _midnight(start.astimezone(zone).date() + timedelta(days=1), zone))
        pieces.append((start, end))
        start = end
    return pieces


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"


def _span(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """``08:00-17:00``; an end at midnight is the day's own."""
    last = _clock(end, zone)
    return f"{_clock(start, zone)}-{'24:00' if last == '00:00' and end > start else last}"
