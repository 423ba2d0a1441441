"""Founding an estate in a store, and adopting another rulebook or calendar later.

What is adopted is kept in the store with a version; the files are only how it comes in. What runs already keeps the
version it was opened under (design, section 1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import false
from sqlmodel import col, or_, select

from desk import i18n, resources, rulebook
from desk.calendars import Statutory
from desk.calendars.reading import DAY, read_toml
from desk.errors import Refusal
from desk.files import there
from desk.ledger import Act, Doing, Entry, Ledger
from desk.ledger.adopted import make_adopted, years_in
from desk.models import Deadline, Estate, RulebookVersion, new_id
from desk.procedures.people import StaffData, staff_in
from desk.queries.naming import matters_of
from desk.store import Store
from desk.text import clean

Raw = Mapping[str, Any]
#: called with how much is done and of how much
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Moved:
    """A deadline whose due time is another now. ``number`` is None for a duty without a ticket."""

    number: str | None
    rule_id: str
    #: 0 the deadline itself; 1, 2 … its steps
    step: int
    was: datetime
    now: datetime | None


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import: the new version, the open deadlines it moved, how many are provisional no longer."""

    version: int
    year: Statutory
    moved: tuple[Moved, ...]
    firm: int


def open_estate(
    store: Store,
    name: str,
    rulebook_path: Path,
    calendar_path: Path | None,
    language: str,
    staff: Sequence[StaffData],
    now: datetime,
) -> Ledger:
    """Found an estate under a rulebook, with the people who work there: one transaction, or nothing.

    ``calendar_path`` None takes the calendar the rulebook names: the file beside it in ``calendars``, else ours.
    Raises :class:`Refusal`: ``estate.no_name``, ``estate.exists``, ``estate.no_staff``, ``language.unknown``,
    ``staff.*``, ``rulebook.*``, ``calendar.*``, ``store.*``.
    """
    called = check_founding(name, language, staff)
    language = i18n.known(language)
    book, calendar, calendar_name = read_manual(rulebook_path, calendar_path)
    with store.write() as session:
        estate = Estate(estate_id=new_id(), name=called, language=language, created_at=now)
        if session.exec(select(Estate).where(Estate.name == called)).first() is not None:
            raise Refusal("estate.exists", name=called)
        session.add(estate)
        row = _version(estate, rulebook_path.stem, book, calendar_name, calendar, Doing(now), "")
        session.add(row)
        session.flush()
        ledger = Ledger(store, estate.estate_id, session)
        entry = Entry(ledger, session, Doing(now))
        subject = ("estate", estate.estate_id)
        entry.record(Act("estate.opened", subject, sets={"name": called, "language": language}))
        entry.record(Act("rulebook.adopted", subject, sets=_adopted(row)))
        for person in staff:
            staff_in(entry, person)
        entry.settle()
    return ledger


def check_founding(name: str, language: str, staff: Sequence[StaffData]) -> str:
    """What can be wrong before there is a store; returns the name as it is kept.

    Raises :class:`Refusal` ``estate.no_name``, ``estate.no_staff``, ``staff.no_name``, ``language.unknown``.
    """
    called = clean(name, 60)
    if not called:
        raise Refusal("estate.no_name")
    if not staff:
        raise Refusal("estate.no_staff")
    if not all(clean(each.name, 60) for each in staff):
        raise Refusal("staff.no_name")
    i18n.known(language)
    return called


def adopt(ledger: Ledger, name: str, book: Raw, calendar_name: str, calendar: Raw, doing: Doing, reason: str) -> int:
    """Adopt another rulebook and calendar, already read and merged, from now on; returns the new version.

    Raises :class:`Refusal`: ``adopt.no_reason``, ``adopt.same`` where nothing differs, ``rulebook.*``, ``calendar.*``.
    """
    why = clean(reason, 200)
    if not why:
        raise Refusal("adopt.no_reason")
    with ledger.write(doing) as entry:
        estate = entry.head
        former = entry.session.get(RulebookVersion, (estate.estate_id, estate.rulebook_version))
        if former is not None:
            calendar = {**calendar, **years_in(former.calendar, calendar)}  # what was imported stays known
        row = _version(estate, name, book, calendar_name, calendar, doing, why)
        if former is not None and (former.digest, former.calendar_digest) == (row.digest, row.calendar_digest):
            raise Refusal("adopt.same", name=name)
        entry.session.add(row)
        entry.record(Act("rulebook.adopted", ("estate", estate.estate_id), sets=_adopted(row), words={"reason": why}))
    ledger.refresh()
    return row.version


def import_days(
    ledger: Ledger, year: Statutory, doing: Doing, source: str, progress: Progress = lambda done, of: None
) -> Imported:
    """Take a year's published days into the adopted calendar, as a new version, and reckon anew what they move.

    Which days are off is no rule: what was opened under a former version is reckoned with them as well. ``source``
    says where they come from; ``progress`` is told how many matters of how many are reckoned.

    Raises :class:`Refusal`: ``days.no_holidays`` where the calendar follows no statutory days, ``days.same`` where
    nothing is new, ``calendar.*``.
    """
    with ledger.write(doing) as entry:
        session, estate = entry.session, entry.head
        former = session.get_one(RulebookVersion, (estate.estate_id, estate.rulebook_version))
        before = make_adopted(0, former.name, former.rulebook, former.calendar_name, former.calendar).calendar
        if not before.schedule.statutory:
            raise Refusal("days.no_holidays", calendar=former.calendar_name)
        calendar = {**former.calendar, **years_in(former.calendar, {"statutory": [year.as_dict()]})}
        after = make_adopted(0, former.name, former.rulebook, former.calendar_name, calendar).calendar
        changed = before.schedule.changes(after.schedule)
        if not changed and (before.known_from, before.known_until) == (after.known_from, after.known_until):
            raise Refusal("days.same", year=year.year)
        why = clean(source, 200)
        row = _version(estate, former.name, former.rulebook, former.calendar_name, calendar, doing, why)
        session.add(row)
        session.flush()
        # the days count for the deadlines of this very transaction, and for everybody once it is written
        entry.ledger = Ledger(ledger.store, ledger.estate_id, session)
        said = {"reason": f"{year.year} {why}"}
        entry.record(Act("calendar.imported", ("estate", estate.estate_id), sets=_adopted(row), words=said))
        moved, firm = _reckon_anew(entry, before.end_of_day(min(changed) - DAY) if changed else None, progress)
    ledger.refresh()
    return Imported(row.version, year, tuple(moved), firm)


def _reckon_anew(entry: Entry, since: datetime | None, progress: Progress) -> tuple[list[Moved], int]:
    """Fold every root with an open deadline that is provisional, or due after ``since``: what moved, what is firm."""
    session, mine = entry.session, (Deadline.estate_id == entry.estate_id, col(Deadline.open).is_(True))
    later = col(Deadline.due_at) >= since if since is not None else false()
    touched = or_(col(Deadline.provisional).is_(True), later)
    columns = (Deadline.id, Deadline.root_type, Deadline.root_id, Deadline.due_at, Deadline.provisional)
    found = session.exec(select(*columns).where(*mine, touched)).all()  # type: ignore[call-overload]
    roots = list(dict.fromkeys((kind, ident) for _id, kind, ident, _due, _provisional in found))
    for done, root in enumerate(roots, 1):
        entry.refold(root)
        progress(done, len(roots))
    session.flush()
    numbers = matters_of(session, entry.estate_id, {root for _id, _kind, root, _due, _provisional in found})
    moved, firm = [], 0
    for ident, _kind, root, due, provisional in found:
        row = session.get_one(Deadline, (entry.estate_id, ident))
        firm += provisional and not row.provisional
        if row.due_at != due:
            number = numbers[root].number if root in numbers else None
            moved.append(Moved(number, row.rule_id, row.step, due, row.due_at))
    return sorted(moved, key=lambda each: (each.now or each.was, each.rule_id)), firm


def read_manual(rulebook_path: Path, calendar_path: Path | None = None) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Rulebook (whole, after ``extends``) and calendar as plain tables, checked together, and the calendar's name.

    A rulebook may extend one of ours from anywhere. Raises :class:`Refusal` ``rulebook.*``, ``calendar.*``.
    """

    def find(name: str) -> Path | None:
        beside = rulebook_path.with_name(f"{name}.toml")
        ours = resources.root() / "rulebooks" / f"{name}.toml"
        return next((path for path in (beside, ours) if there(path) and path != rulebook_path), None)

    book = rulebook.read(rulebook_path, find)
    named = str(book.get("calendar", ""))
    if calendar_path is None:
        beside = rulebook_path.parent.parent / "calendars" / f"{named}.toml"
        calendar_path = beside if there(beside) else resources.path("calendars") / f"{named}.toml"
    calendar = read_toml(calendar_path)
    # a rulebook is refused with its file's name, before anything is written
    rulebook.build(book, name=rulebook_path.stem, file=str(rulebook_path))
    make_adopted(0, rulebook_path.stem, book, calendar_path.stem, calendar)
    return book, calendar, calendar_path.stem


def _version(
    estate: Estate, name: str, book: Raw, calendar_name: str, calendar: Raw, doing: Doing, reason: str
) -> RulebookVersion:
    """The next version of what the estate has adopted."""
    adopted = make_adopted(estate.rulebook_version + 1, name, dict(book), calendar_name, dict(calendar))
    estate.rulebook_version = adopted.version
    return RulebookVersion(
        estate_id=estate.estate_id,
        version=adopted.version,
        name=name,
        digest=adopted.book.digest,
        rulebook=dict(book),
        calendar_name=calendar_name,
        calendar_digest=adopted.calendar.version,
        calendar=dict(calendar),
        adopted_at=doing.now,
        adopted_by=doing.by,
        reason=reason,
    )


def _adopted(row: RulebookVersion) -> dict[str, Any]:
    return {
        "version": row.version,
        "rulebook": row.name,
        "digest": row.digest,
        "calendar": row.calendar_name,
        "calendar_digest": row.calendar_digest,
    }
