"""Every refusal has its sentence, every length of time and reason its words, in both languages."""

from __future__ import annotations

import ast
import functools
import re
import string
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from desk import i18n, resources, rulebook, wording
from desk.calendars import load_calendar
from desk.errors import Refusal
from desk.limits import parse_limit
from desk.queries.log import EventRow
from desk.rules import Standing, preview, reckon
from desk.vocabulary import EVENTS, FACTS, STEPS
from desk.wording import values
from desk.wording.rules import every_words
from desk.wording.sentences import SENTENCES

ROOT = Path(__file__).resolve().parent.parent
SHANGHAI = ZoneInfo("Asia/Shanghai")

#: refusals whose parameters are put together elsewhere than where they are raised
SPREAD = ("rulebook.", "limit.", "calendar.", "store.")


@functools.cache
def raised() -> list[tuple[str, str, set[str] | None]]:
    """What :func:`_raised` finds: the whole tree is read for it."""
    return list(_raised())


def _raised() -> Iterator[tuple[str, str, set[str] | None]]:
    """Every code the tree raises: (code, place, names of its parameters where all are written out)."""
    for file in sorted((ROOT / "desk").rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            codes = [
                c.value for c in ast.walk(node.args[0]) if isinstance(c, ast.Constant) and isinstance(c.value, str)
            ]
            place = f"{file.relative_to(ROOT)}:{node.lineno}"
            if called in ("Refusal", "refuse"):
                spread = called == "refuse" or any(keyword.arg is None for keyword in node.keywords)
                names = None if spread else {keyword.arg for keyword in node.keywords if keyword.arg}
                yield from ((code, place, names) for code in codes if re.fullmatch(r"[a-z_]+\.[a-z_]+", code))
            elif called == "fail" and file.parent.name == "rulebook":
                yield from ((f"rulebook.{code}", place, None) for code in codes if re.fullmatch("[a-z_]+", code))
            elif called in ("error", "advice") and file.name == "findings.py":
                yield from ((code, place, None) for code in codes if re.fullmatch(r"rulebook\.[a-z_]+", code))
        if file.name == "faults.py":
            yield from ((code, str(file), None) for code in re.findall(r'"(store\.[a-z_]+)"', text))
        if file.parent.name == "rulebook":
            yield from ((f"rulebook.{code}", str(file), None) for code in re.findall(r'"(unknown_[a-z]+)"', text))


def test_every_refusal_has_a_sentence() -> None:
    known = set(SENTENCES)
    assert sorted({f"{code} ({place})" for code, place, _names in raised() if code not in known}) == []


def test_no_sentence_is_for_a_refusal_nobody_raises() -> None:
    assert sorted(set(SENTENCES) - {code for code, _place, _names in raised()}) == []


def placeholders(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name}


def test_a_sentence_asks_only_for_what_the_refusal_carries() -> None:
    wrong = [
        f"{code} ({place}): {sorted(placeholders(SENTENCES[code]) - names)}"
        for code, place, names in raised()
        if names is not None
        and code in SENTENCES
        and not code.startswith(SPREAD)
        and not placeholders(SENTENCES[code]) <= names
    ]
    assert wrong == []


HOSTILE = ["[/b] {x} {0} %s", "x" * 100_000, "\x1b[31m\u202e‮", "'; DROP TABLE ticket; --", "", "🙂👩‍👩‍👧", "\ud800"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_sentence_bears_anything_it_is_given(lang: str) -> None:
    i18n.install(lang)
    given: list[Any] = [*HOSTILE, None, 7, ["a", "b"], datetime(2026, 3, 2, tzinfo=UTC), UUID(int=1)]
    for code in SENTENCES:
        names = placeholders(SENTENCES[code]) | {"file", "rule", "key", "nearest"}
        for value in given:
            said = wording.sentence(Refusal(code, **dict.fromkeys(names, value)), zone=SHANGHAI)
            left = said
            for braced in ("{x}", "{0}", "{ zh", "{ fact", "{ 事实"):
                left = left.replace(braced, "")
            assert "{" not in left, (code, said)
            assert not {"\n", "\x1b"} & set(said), (code, said)
            assert len(said) < 3000, code
        assert wording.sentence(Refusal(code)), code


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (
            Refusal("ticket.over", number="R-261122-017", status="closed"),
            "R-261122-017 is over (Closed). Reopen it first.",
        ),
        (
            Refusal("value.choice", name="area", title="Area", value="moon", known=[]),
            "Area cannot be “moon”. Choose one of: in_home (In the home), public (Public area).",
        ),
        (Refusal("value.missing", name="what", title="what"), "Matter is missing: fill it in."),
        (
            Refusal("verb.unknown", verb="clam", nearest="claim", known=[]),
            "There is no command “clam” for this. Did you mean “claim”?",
        ),
        (
            Refusal(
                "rulebook.unknown_event",
                file="own.toml",
                rule="repair.claim",
                key="on",
                word="ticket.open",
                nearest="ticket.opened",
            ),
            "own.toml, rule repair.claim, key on: there is no event “ticket.open”. Did you mean “ticket.opened”?",
        ),
        (
            Refusal("guard.approve", guard="x", text={"zh": "须经同意", "en": "Needs approval"}, duties=["manager"]),
            "Needs approval. It must be approved by: Company manager.",
        ),
        (
            Refusal("appointment.past", number="R-1", at=datetime(2026, 3, 2, 2, 0, tzinfo=UTC)),
            "2026-03-02 10:00 is past. Give a time to come.",
        ),
        (Refusal("no.such_code"), "This can't be done (no.such_code)."),
    ],
)
def test_sentences(refusal: Refusal, said: str) -> None:
    assert wording.sentence(refusal, zone=SHANGHAI) == said


def test_people_are_named_where_somebody_knows_their_names() -> None:
    refusal = Refusal("ticket.claimed_already", number="R-1", who=UUID(int=1))
    assert wording.sentence(refusal) == "R-1 has been claimed already, by somebody else."
    assert wording.sentence(refusal, name_of=lambda ident: "李静") == "R-1 has been claimed already, by 李静."


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (61, "1 min 01 s"),
        (3600, "1 h"),
        (3660, "1 h 01 min"),
        (86400, "1 d"),
        (90000, "1 d 1 h"),
        (-60, "1 min"),
    ],
)
def test_durations(seconds: int, said: str) -> None:
    assert wording.duration(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (252, "4:12 left"),
        (0, "0:00 left"),
        (3599, "59:59 left"),
        (7260, "2 h 01 min left"),
        (7265, "2 h 01 min left"),
        (-30, "30 s overdue"),
        (-7265, "2 h 01 min overdue"),
        (-200000, "2 d 7 h overdue"),
    ],
)
def test_what_is_left(seconds: int, said: str) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert wording.left(now + timedelta(seconds=seconds), now) == said


def test_every_value_a_fact_may_take_has_a_name() -> None:
    for word in FACTS.values():
        assert set(word.values) <= set(values.choices(word.name)), word.name
        assert wording.field(word.name)


@pytest.mark.parametrize("manual", ["residential", "work-orders"])
def test_every_field_of_intake_has_a_title(manual: str) -> None:
    book = rulebook.load(resources.path(f"rulebooks/{manual}.toml"))
    for kind in book.kinds.values():
        for name in kind.fields:
            assert wording.field(name) != name


def test_every_step_and_event_has_a_title() -> None:
    assert all(wording.title(name) != name for name in EVENTS)
    assert all(title for title, _doings in STEPS.values())


def why(start: str, limit: object, **facts: object) -> list[str]:
    book = rulebook.load(resources.path("rulebooks/residential.toml"))
    calendar = load_calendar(resources.path("calendars/residential.toml"), resources.path("calendars"))
    at = datetime.fromisoformat(start).replace(tzinfo=SHANGHAI)
    standing: Standing = preview(book, calendar, "ticket.opened", {"kind": "repair", **facts}, at)[0]
    asked = parse_limit(limit, where="within")
    result = reckon(asked, standing, book, calendar, explain=True)
    return wording.explain(standing.rule, asked, standing.starts_at, result, zone=SHANGHAI, figures=book.figures)


def test_reasons_count_each_stretch() -> None:
    assert why("2026-09-30 16:00", "2 working hours")[1:] == [
        "Began 2026-09-30 Wed 16:00.",
        "Limit: 2 working hours.",
        "09-30 Wed 16:00–17:30: 1 h 30 min counted",
        "09-30 Wed 17:30–24:00: closed for the night, not counted",
        "10-01 Thu 00:00–10-07 Wed 24:00: National Day, not counted",
        "10-08 Thu 00:00–08:00: closed for the night, not counted",
        "10-08 Thu 08:00–08:30: 30 min counted",
        "Counted in all: 2 h.",
        "Due 2026-10-08 Thu 08:30.",
    ]


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("$promptly", "Limit: 30 min ($promptly)."),
        ("15 min before @appointment", "Limit: 15 min before Appointment."),
        ("end of duty", "Limit: the end of duty."),
        ("end of day 5 of next month", "Limit: the end of day 5 of next month."),
        ({"earliest": ["2 days", "@resident_limit"]}, "Limit: the earliest of: 2 d, Resident's own limit."),
        ({"limit": "2 days", "not_before": "end of duty"}, "Limit: 2 d, not before the end of duty."),
    ],
)
def test_limits_in_words(limit: object, said: str) -> None:
    assert why("2026-03-02 10:00", limit)[2] == said


def test_what_is_not_known_is_said() -> None:
    assert why("2026-03-02 10:00", "@appointment")[-1] == "No due time yet: Appointment is not known."


def test_provisional_is_said() -> None:
    assert "Provisional" in why("2027-03-02 10:00", "2 working hours")[-1]


def row(name: str, facts: dict[str, Any] | None = None, words: dict[str, Any] | None = None, **more: Any) -> EventRow:
    at = datetime(2026, 3, 2, 2, tzinfo=UTC)
    ident = UUID(int=1)
    base: dict[str, Any] = {
        "id": ident,
        "seq": 1,
        "name": name,
        "title": EVENTS[name].title,
        "happened_at": at,
        "recorded_at": at,
        "late": False,
        "done_by": "李静",
        "recorded_by": "李静",
        "subject_type": "ticket",
        "subject_id": ident,
        "root_type": "ticket",
        "root_id": ident,
        "number": "R-260302-001",
        "facts": facts or {},
        "sets": {},
        "words": words or {},
    }
    return EventRow(**{**base, **more})


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (row("ticket.opened", words={"what": "厨房漏水", "phone": "138"}), "Opened: 厨房漏水; 138"),
        (row("ticket.urged", {"channel": "phone"}, {"note": "孩子发烧"}), "Urged: By telephone; 孩子发烧"),
        (row("ticket.noted", words={"note": None}), "Note: (forgotten)"),
        (
            row(
                "escalation.fired", {"rule": "repair.claim", "step": 1, "then": "chase", "by": "engineering_supervisor"}
            ),
            "Deadline missed: Claim the order: Chase (Engineering supervisor)",
        ),
        (
            row("ticket.promised", sets={"promised_at": "2026-03-02T08:00:00+00:00"}),
            "Finish time promised: 2026-03-02 16:00",
        ),
        (row("ticket.claimed", undone="retracted"), "Claimed (taken back)"),
        (row("pin.given", whom="王敏"), "First PIN given: 王敏"),
        (row("person.revealed", person="张伟"), "Seen in full: 张伟"),
        (row("person.revealed", subject_type="estate"), "Seen in full: a whole list"),
        (row("pin.settings", sets={"required": True}), "PIN settings changed: everybody needs one"),
        (row("pin.settings", sets={"idle_minutes": 5}), "PIN settings changed: locks after 5 minutes without a key"),
        (row("shift.arrived", whom="李静"), "Arrived for duty"),
        (
            row("shift.cancelled", whom="王敏", begins=datetime(2026, 3, 3, tzinfo=UTC), words={"reason": "请假"}),
            "Shift cancelled: 王敏; 2026-03-03 08:00; 请假",
        ),
        (row("ticket.noted", words={"note": "a\nb " + "x" * 500}), "Note: a b " + "x" * 75 + "…"),
    ],
)
def test_an_event_in_one_line(event: EventRow, said: str) -> None:
    book = rulebook.load(resources.path("rulebooks/work-orders.toml"))
    assert wording.summary(event, SHANGHAI, book) == said


@pytest.mark.parametrize(
    ("now", "seconds", "shown"),
    [
        ("2026-03-02T03:00", False, "09:00"),
        ("2026-03-02T03:00", True, "09:00:53"),
        ("2026-03-03T03:00", False, "03-02 09:00"),
        ("2027-03-03T03:00", True, "2026-03-02 09:00:53"),
    ],
)
def test_a_moment_is_said_to_the_minute(now: str, seconds: bool, shown: str) -> None:
    at, zone = datetime(2026, 3, 2, 1, 0, 53, tzinfo=UTC), ZoneInfo("Asia/Shanghai")
    assert wording.moment(at, zone, datetime.fromisoformat(f"{now}+00:00"), seconds=seconds) == shown


def test_a_limit_that_ends_with_a_day_ends_at_its_midnight() -> None:
    """当日办结 is by 24:00 of the day and not by 0:00 of the next (D-56); what begins then begins at 00:00."""
    zone, at = ZoneInfo("Asia/Shanghai"), datetime(2026, 3, 2, 16, tzinfo=UTC)
    now = at - timedelta(hours=9)
    assert wording.moment(at, zone, now, until=True) == "24:00"
    assert wording.moment(at, zone, now) == "03-03 00:00"
    assert wording.moment(at, zone, now + timedelta(days=1), until=True) == "03-02 24:00"
    assert wording.moment(at + timedelta(seconds=1), zone, now, until=True, seconds=True) == "03-03 00:00:01"


@pytest.mark.parametrize(
    ("every", "said"),
    [
        ("each duty", "each duty"),
        ("FREQ=DAILY;BYHOUR=8;BYMINUTE=30;BYSECOND=0", "each day, 08:30"),
        ("FREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=9,14;BYMINUTE=0;BYSECOND=0", "each Mon, Thu, 09:00, 14:00"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;BYHOUR=8;BYMINUTE=0;BYSECOND=0", "every 2 weeks on Mon, 08:00"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=8;BYMINUTE=0;BYSECOND=0", "the last day of each month, 08:00"),
        ("FREQ=YEARLY;BYMONTH=1,7;BYMONTHDAY=5;BYHOUR=0;BYMINUTE=0;BYSECOND=0", "day 5 of month 1, 7, 00:00"),
        # what is rarer stands as it was written
        (
            "FREQ=MONTHLY;BYDAY=1MO;BYHOUR=8;BYMINUTE=0;BYSECOND=0",
            "FREQ=MONTHLY;BYDAY=1MO;BYHOUR=8;BYMINUTE=0;BYSECOND=0",
        ),
        ("FREQ=DAILY;BYHOUR=8;BYMINUTE=0,30", "FREQ=DAILY;BYHOUR=8;BYMINUTE=0,30"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15;BYHOUR=8;BYMINUTE=0", "FREQ=MONTHLY;BYMONTHDAY=1,15;BYHOUR=8;BYMINUTE=0"),
    ],
)
def test_when_a_duty_comes_round(every: str, said: str) -> None:
    assert every_words(every) == said
