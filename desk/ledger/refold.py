"""Deadlines reckoned again from the events as they lie in the store, and compared with their rows.

Rows come from the driver, ids stay what they are there and JSON is read once a text: to make objects of it all costs
several times what the rules themselves do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import Session

from desk import rules
from desk.errors import Refusal
from desk.ledger import bare, deadlines
from desk.ledger.adopted import Adopted
from desk.ledger.found import Checked
from desk.ledger.record import Ledger
from desk.rulebook import Rulebook

#: matters of one part
TOGETHER = 400
#: matters whose deadlines a quick check reckons again
_SAMPLE = 200
_JUST_AFTER = timedelta(microseconds=1)

#: what the rules decide of a row; provisional it may be called for as long as its time is right
_COMPARED = deadlines.SAID[:-1]
_OPEN = _COMPARED.index("open")
_FLAGS = ("paused", "open")
_ROWS = ", ".join(f'"{name}"' for name in ("root_id", "rule_id", "opened_by", "step", "id", *_COMPARED))
_EVENTS = (
    "root_id, id, seq, name, happened_at, subject_type, subject_id, root_type, facts, own, sets, corrects, "
    "rulebook_version"
)
_SEQ, _VERSION = 2, 12
_NOTHING: dict[str, Any] = {}


class Part(NamedTuple):
    """Some matters, by their roots' ids as the driver has them: from ``since`` to before ``before``, None for the end.

    ``only`` one of them is it where a sample is looked at.
    """

    since: Any
    before: Any
    matters: int
    only: bool = False


def parts(session: Session, estate_id: UUID, quick: bool) -> list[Part]:
    """All matters in parts; of a quick check those with something open, oldest due first, and those written last."""
    if not quick:
        every = [
            root for (root,) in _asked(session, "SELECT DISTINCT root_id FROM event WHERE {} ORDER BY 1", estate_id)
        ]
        first = every[::TOGETHER]
        ends = zip(first, [*first[1:], None], strict=True)
        return [
            Part(since, before, min(TOGETHER, len(every) - number * TOGETHER))
            for number, (since, before) in enumerate(ends)
        ]
    still = f'SELECT root_id FROM deadline WHERE {{}} AND "open" ORDER BY due_at LIMIT {_SAMPLE}'
    newest = f"SELECT root_id FROM event WHERE {{}} ORDER BY seq DESC LIMIT {_SAMPLE}"
    roots = {root for query in (still, newest) for (root,) in _asked(session, query, estate_id)}
    return [Part(root, None, 1, only=True) for root in sorted(roots)]


def recheck(ledger: Ledger, part: Part) -> Checked:
    """The deadlines of some matters, reckoned again and compared with their rows."""
    found = Checked(matters=part.matters)
    rulebooks: dict[int, Adopted | None] = {}
    with ledger.store.read() as session:
        values = bare.Values()
        present: dict[Any, dict[tuple[str, Any, int], Sequence[Any]]] = {}
        for row in _of(session, f"SELECT {_ROWS} FROM deadline", ledger.estate_id, part):
            present.setdefault(row[0], {})[row[1:4]] = row
        events = _of(session, f"SELECT {_EVENTS} FROM event", ledger.estate_id, part, "root_id, seq")
        for root, several in groupby(events, key=itemgetter(0)):
            lying = list(several)
            version = lying[-1][_VERSION] or ledger.version
            if version not in rulebooks:
                rulebooks[version] = _adopted(ledger, session, version)
            adopted = rulebooks[version]
            if adopted is None:
                found.add("rulebook.version", version=version, seq=lying[-1][_SEQ])
                present.pop(root, None)
                continue
            past = _past(lying, adopted.book, values)
            # whatever has come up was written as an event at its moment, and comes up just after it
            now = max([event.at + _JUST_AFTER if event.name == "escalation.fired" else event.at for event in past])
            standings = rules.fold(past, adopted.book, adopted.calendar, now)
            _compare(found, lying, past, standings, present.pop(root, {}), values)
    for left in (row for several in present.values() for row in several.values()):
        found.add("deadline.unfounded", rule=left[1], id=str(values.id(left[4])))
    return found


def _adopted(ledger: Ledger, session: Session, version: int) -> Adopted | None:
    try:
        return ledger.adopted(session, version)
    except Refusal:
        return None


def _compare(
    found: Checked,
    lying: Sequence[Sequence[Any]],
    past: list[rules.Happening],
    standings: Iterable[rules.Standing],
    there: dict[tuple[str, Any, int], Sequence[Any]],
    values: bare.Values,
) -> None:
    found.deadlines += len(there)
    for standing in standings:
        for step in (None, *standing.steps):
            number = step.number if step is not None else 0
            should = deadlines.said(standing, step)[: len(_COMPARED)]
            row = there.pop((standing.rule.id, standing.opened_by, number), None)
            says = None if row is None else _says(row, values)
            if says == should:
                continue
            where = _where(lying, values, standing.rule.id, number)
            if says is None:
                found.add("deadline.missing", **where)
                continue
            name, was, must = next(each for each in zip(_COMPARED, says, should, strict=True) if each[1] != each[2])
            found.add("deadline.differs", **where, field=name, was=bool(was) if name in _FLAGS else was, should=must)
    for row in there.values():
        if row[5 + _OPEN]:
            found.add("deadline.unfounded", **_where(lying, values, row[1], row[3]))


def _says(row: Sequence[Any], values: bare.Values) -> tuple[Any, ...]:
    """What a row says of all that is compared."""
    at = values.moments
    _, _, _, _, _, then, by, staff, starts, due, warn, met, cancelled, why, paused, open_, level, fires, count = row
    staff = staff if staff is None else values.id(staff)
    times = at[starts], at[due], at[warn], at[met], at[cancelled]
    return then, by, staff, *times, why, paused, open_, level, at[fires], count


def _where(lying: Sequence[Sequence[Any]], values: bare.Values, rule: str, step: int) -> dict[str, Any]:
    """The rule, and the matter as people call it: only looked up when there is something to say."""
    number = next((str(sets["number"]) for row in lying if (sets := values.said(row[10])).get("number")), "")
    return {"rule": rule, "step": step, "number": number, "seq": lying[0][_SEQ]}


def _past(lying: Sequence[Sequence[Any]], book: Rulebook, values: bare.Values) -> list[rules.Happening]:
    """A root's events as the rules see them, from rows in the order they were written.

    Of facts nobody will ask the JSON is not read: it is most of what there is to read.
    """
    moments, words, said, asked, happening = values.moments, values.words, values.said, rules.asked, rules.Happening
    every = any(row[11] is not None for row in lying)  # a correction lays its facts on those of what it corrects
    past = []
    for root_id, id_, seq, name, at, kind, subject_id, root_type, facts, own, sets, corrects, _ in lying:
        # one and the same pair where it is its own root: the fold asks of every event whose it is
        root = (root_type, root_id)
        subject = root if subject_id == root_id and kind == root_type else (kind, subject_id)
        facts = said(facts) if every or asked(book, name) else _NOTHING
        own = words[own] if isinstance(own, str) else frozenset(own)  # a server's driver has read JSON already
        past.append(happening(id_, seq, name, moments[at], subject, root, facts, own, said(sets), corrects))
    return past


def _of(session: Session, query: str, estate_id: UUID, part: Part, order: str = "") -> Iterator[Any]:
    where = ["{}", f"root_id {'=' if part.only else '>='} {{since}}"]
    if part.before is not None:
        where.append("root_id < {before}")
    asked = f"{query} WHERE {' AND '.join(where)}" + (f" ORDER BY {order}" if order else "")
    return _asked(session, asked, estate_id, since=part.since, before=part.before)


def _asked(session: Session, query: str, estate_id: UUID, **params: Any) -> Iterator[Any]:
    """Rows as the driver gives them; ``{}`` in the query is the estate, names in braces are parameters."""
    connection = session.connection()
    file = connection.dialect.name == "sqlite"
    mark = ":{}" if file else "%({})s"
    given = {name: value for name, value in params.items() if value is not None}
    asked = query.format("estate_id = " + mark.format("estate"), **{name: mark.format(name) for name in given})
    given["estate"] = estate_id.hex if file else estate_id
    if file:  # the driver's own cursor: SQLAlchemy's rows cost as much as all the rest
        return iter(connection.connection.cursor().execute(asked, given).fetchall())
    return iter(connection.exec_driver_sql(asked, given).all())
