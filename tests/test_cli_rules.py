"""``desk rules`` and ``desk calendar``: they need no store, and say what they say to scripts exactly."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from desk import i18n, vocabulary
from desk.cli import COMMANDS, GROUPS, run_cli
from tests.commandline import Run, founded, runner


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Without any store."""
    return runner(tmp_path / "no.db")


def due(run: Run, line: str) -> dict[str, Any]:
    return {row["rule"]: row for row in run(f"rules due {line} --json").record}


IMPORTANT = "ticket.opened --rulebook residential --set kind=complaint --set grade=important"


@pytest.mark.parametrize(
    ("line", "rule", "expected"),
    [
        (
            "ticket.opened --rulebook work-orders --set kind=repair --at 2026-03-02T10:00",
            "repair.claim",
            "2026-03-02T10:05:00+08:00",
        ),
        (
            "ticket.completed --rulebook residential --set kind=repair --set repair_class=safety --at 2026-03-02T10:00",
            "repair.callback_safety",
            "2026-03-04T10:00:00+08:00",
        ),
        (
            "ticket.opened --rulebook residential --set kind=complaint --set grade=important --at 2026-09-30T17:00",
            "complaint.important_to_head",
            "2026-10-08T08:30:00+08:00",
        ),
        (
            f"{IMPORTANT} --calendar work-orders --at 2026-09-30T17:00",
            "complaint.important_to_head",
            "2026-09-30T18:00:00+08:00",
        ),
        (
            "appointment.made --rulebook residential --set kind=repair --set appointment=2026-03-03T14:00 --at 2026-03-02T10:00",
            "repair.appointment",
            "2026-03-03T14:00:00+08:00",
        ),
        (
            "shift.planned --rulebook residential --set shift_start=2026-03-03T08:00 --at 2026-03-02T10:00+08:00",
            "shift.arrival",
            "2026-03-03T07:45:00+08:00",
        ),
    ],
)
def test_what_an_event_makes_due(run: Run, line: str, rule: str, expected: str) -> None:
    row = due(run, line)[rule]
    assert list(row) == ["rule", "source", "starts_at", "due_at", "by", "provisional", "explain"]
    assert row["due_at"] == expected
    assert row["provisional"] is False
    assert row["explain"][-1].startswith("Due ")


def test_what_is_not_known_has_no_time_and_says_why(run: Run) -> None:
    row = due(run, "appointment.made --rulebook residential --set kind=repair --at 2026-03-02T10:00")[
        "repair.appointment"
    ]
    assert (row["due_at"], row["missing"]) == (None, "@appointment")
    assert row["explain"][-1] == "No due time yet: Appointment is not known."


def test_beyond_the_known_holidays_is_provisional(run: Run) -> None:
    row = due(
        run, "ticket.opened --rulebook residential --set kind=complaint --set grade=important --at 2027-03-02T10:00"
    )
    assert row["complaint.important_to_head"]["provisional"] is True


def test_facts_are_typed_by_the_vocabulary(run: Run) -> None:
    plain = "ticket.opened --rulebook residential --at 2026-03-02T10:00 --set kind=complaint"
    assert "complaint.stop_harm" not in due(run, plain)
    for yes in ("true", "yes", "是"):
        assert "complaint.stop_harm" in due(run, f"{plain} --set harm={yes}")
    assert "complaint.stop_harm" not in due(run, f"{plain} --set harm=false")


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("rules due ticket.oepned --rulebook residential", 1, "Did you mean “ticket.opened”?"),
        ("rules due ticket.opened --rulebook residental", 1, "Did you mean “residential”?"),
        ("rules due ticket.opened --rulebook residential --set kind=repar", 1, "Did you mean “repair”?"),
        ("rules due ticket.opened --rulebook residential --set urgnet=true", 1, "Did you mean “urgent”?"),
        (
            "rules due ticket.opened --rulebook residential --set urgent=perhaps",
            1,
            "Urgent is yes or no, not “perhaps”.",
        ),
        ("rules due ticket.opened --rulebook residential --set grade=mayor", 1, "Grade cannot be “mayor”."),
        ("rules due ticket.opened --rulebook residential --set cost=lots", 1, "Cost must be a number"),
        ("rules due ticket.opened --rulebook residential --at noonish", 1, "“noonish” is no time."),
        ("rules due ticket.opened", 2, "The option --rulebook is missing."),
        ("rules explain repair.clam --rulebook work-orders", 1, "Did you mean “repair.claim”?"),
        ("calendar due 2026-09-30T16:00 parsecs --calendar residential", 1, "is no time limit"),
        ("calendar show 2026-13 --calendar residential", 1, "“2026-13” is no day."),
        ("calendar show", 4, "There is no store at"),
    ],
)
def test_what_is_wrong_is_said_with_the_nearest_word(run: Run, line: str, code: int, said: str) -> None:
    ran = run(line, code=code)
    assert said in ran.err
    assert ran.out == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            '[[rule]]\nid = "repair.tell"\nuntil = ["ticket.tld"]',
            "rule repair.tell, key until: there is no event “ticket.tld”. Did you mean “ticket.told”?",
        ),
        (
            '[[rule]]\nid = "repair.tell"\nwithin = "2 wroking hours"',
            "“2 wroking hours” is no time limit. Did you mean “2 working hours”?",
        ),
        (
            '[[rule]]\nid = "repair.tell"\nwithn = "2 hours"',
            "“withn” is no key a rulebook may have here. Did you mean “within”?",
        ),
        ('[[rule]]\nid = "repair.tell"\nby = "agnet"', "there is no duty “agnet”. Did you mean “agent”?"),
        ('[[rule]]\nid = "repair.tell"\nwhere = { knid = "repair" }', "there is no fact “knid”. Did you mean “kind”?"),
        ('off = ["repair.tel"]', "switches off “repair.tel”, which is not in it. Did you mean “repair.tell”?"),
        ("[[rule]\n", "is not written in TOML"),
        ('calendar = "residental"', "Did you mean “residential”?"),
    ],
)
def test_a_broken_rulebook_is_refused_with_place_and_nearest_word(
    run: Run, tmp_path: Path, change: str, said: str
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(f'extends = "residential"\n{change}\n', encoding="utf-8")
    ran = run(f"rules check {file}", code=1)
    assert said in ran.out
    assert "own.toml" in ran.out or "residental" in ran.out


@pytest.mark.parametrize("manual", ["residential", "work-orders"])
def test_our_own_rulebooks_are_sound(run: Run, manual: str) -> None:
    assert run(f"rules check {manual}").out.endswith("nothing is wrong.\n")
    found = run(f"rules check {manual} --json").record
    assert (found["empty"], found["wrong"]) == ([], False)
    # what is said of them is true, and there is nothing to mend
    assert {each["code"] for each in found["findings"]} <= {"rulebook.stretched", "rulebook.through_closing"}


def test_a_check_names_every_fault_with_its_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        'extends = "residential"\n[[rule]]\nid = "own.rule"\ntitle = "x"\non = "ticket.opned"\nuntil = ["ticket.clsed"]\n'
        'within = "2 min"\nby = "agnet"\n[[rule]]\nid = "repair.tell"\nwarn = "1 day before"\n',
        encoding="utf-8",
    )
    found = run(f"rules check {file} --json", code=1).record["findings"]
    told = [(each["rule"], each["key"], each["line"], each["nearest"]) for each in found if each["severity"] == "error"]
    assert told == [
        ("own.rule", "on", 5, "ticket.opened"),
        ("own.rule", "until", 6, "ticket.closed"),
        ("own.rule", "by", 8, "agent"),
        ("repair.tell", "warn", 11, None),
    ]
    assert all(each["message"] and each["advice"] for each in found)
    lines = run(f"rules check {file}", code=1).out.splitlines()
    assert lines[0].startswith(f"error: {file}:5 rule own.rule, key on: there is no event “ticket.opned”.")


def test_what_is_no_toml_is_found_with_its_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('extends = "residential"\n[[rule]\n', "utf-8")
    [found] = run(f"rules check {file} --json", code=1).record["findings"]
    assert (found["code"], found["line"], found["file"]) == ("rulebook.toml", 2, str(file))


def test_how_two_rulebooks_differ_is_said_in_words(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        'extends = "work-orders"\noff = ["callback.again"]\n[settings]\ncallback_attempts = 3\n[figures]\npromptly = "20 min"\n'
        '[[rule]]\nid = "repair.claim"\nwithin = "3 min"\nmissed = [{ then = "report", who = "manager" }]\n'
        '[[rule]]\nid = "garden.look"\ntitle = { zh = "巡园", en = "Look at the garden" }\non = "ticket.opened"\n'
        'until = ["ticket.closed"]\nwithin = "1 day"\nby = "agent"\n',
        "utf-8",
    )
    assert run(f"rules diff work-orders {own}").out.splitlines() == [
        "Setting callback_attempts: 2 → 3",
        "Figure promptly: 30 min → 20 min",
        (
            "Rule Claim the order (repair.claim): Limit 5 min → 3 min; If missed Chase (Engineering supervisor, 5 min), "
            "Report up (Company manager) → Report up (Company manager)"
        ),
        "Added: Rule Look at the garden (garden.look), 1 d, Agent",
        "Gone: Rule Unanswered: call again (callback.again), 2 h ($callback_retry), Agent",
    ]
    assert "时限" in run(f"rules diff work-orders {own} --lang zh").out
    assert run("rules diff residential residential").out == "Nothing differs.\n"
    rows = run(f"rules diff work-orders {own} --json").record
    assert [(row["change"], row["id"]) for row in rows[2:4]] == [("changed", "repair.claim"), ("added", "garden.look")]


def test_the_words_a_rulebook_may_use(run: Run) -> None:
    found = run("rules words --json").record
    assert {row["name"] for row in found["events"]} == set(vocabulary.EVENTS)
    assert all(row["verb"] for row in found["events"])
    assert {row["name"] for row in found["facts"]} == set(vocabulary.FACTS)
    assert {row["name"] for row in found["duties"]} == set(vocabulary.DUTIES)
    assert {"@appointment", "end of duty"} <= {row["name"] for row in found["anchors"]}
    assert ("repair", "work-orders") in {(row["name"], row["rulebook"]) for row in found["kinds"]}
    facts = {row["name"]: row["verbs"] for row in found["facts"]}
    assert "promise" in facts["promised_at"]
    assert "open" in facts["urgent"]
    text = run("rules words").out
    assert "ticket.claimed" in text


def test_a_rule_in_words(run: Run) -> None:
    told = run("rules explain repair.claim --rulebook work-orders").out
    assert "Opens when: Opened" in told
    assert "Warns: 1 min before the due time" in told
    assert "If missed, 1: Chase (Engineering supervisor), 5 min" in told


def test_why_the_deadlines_of_a_ticket_are_due_then(tmp_path: Path) -> None:
    run = founded(tmp_path)
    run("ticket open repair --room 3-2-501 --what 漏水 --at 2026-03-02T10:00")
    found = run("rules explain R-0302-001 --at 2026-03-02T10:01 --json").record
    assert {row["rule"] for row in found} >= {"repair.claim", "repair.movement"}
    lines = run("rules explain R-0302-001 repair.claim --at 2026-03-02T10:06").out
    assert "Claim the order (source: S4-05, S4-06, D-59)" in lines
    assert "Claim the order missed: Chase" in lines


def test_the_hours_of_a_month(run: Run) -> None:
    rows = run("calendar show 2026-10 --calendar residential --json").record
    days = {row["date"]: row for row in rows}
    assert len(rows) == 31
    assert (days["2026-10-01"]["hours"], days["2026-10-01"]["why"]) == ([], "holiday")
    assert days["2026-10-10"]["why"] == "make_up"
    assert days["2026-10-09"]["hours"][0] == ["2026-10-09T08:00:00+08:00", "2026-10-09T12:00:00+08:00"]
    drawn = run("calendar show 2026-10 --calendar residential").out
    assert "10-10 Sat: make-up workday (National Day), hours A" in drawn
    assert len(run("calendar show 2026-10-01 --calendar residential --json").record) == 1


@pytest.mark.parametrize(
    ("limit", "due"),
    [
        ("2 working hours", "2026-10-08T08:30:00+08:00"),
        ("3 days", "2026-10-03T16:00:00+08:00"),
        ("3 working days", "2026-10-10T16:00:00+08:00"),
        ("end of duty", "2026-09-30T17:30:00+08:00"),
        ("start of next duty", "2026-10-08T08:00:00+08:00"),
    ],
)
def test_due_times_through_a_calendar(run: Run, limit: str, due: str) -> None:
    found = run("calendar due 2026-09-30T16:00 --calendar residential --json", limit).record
    assert found["due_at"] == due


def everything() -> list[str]:
    """Every command of every group, as it is typed."""
    from desk.cli import build

    found = [""]
    command = build(frozenset(COMMANDS))
    for name, each in command.commands.items():
        found.append(name)
        found += [f"{name} {sub}" for sub in getattr(each, "commands", ())]
    return found


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_command_has_help_in_both_languages(capsys: pytest.CaptureFixture[str], lang: str) -> None:
    for line in everything():
        assert run_cli(["--lang", lang, *line.split(), "--help"]) == 0, line
        text = capsys.readouterr().out
        head = "Usage: " if lang == "en" else i18n.in_language("Usage: ", "zh_CN")
        assert text.startswith(head), line
        assert "<lambda>" not in text
        assert "None" not in text
        # “<str>” says nothing: a value is named in capitals, or its choices are
        assert not re.findall(r"<[a-z\[\] ]+>", text), line
        assert not re.findall(r"^ +--[a-z-]+ [a-z]+(?: |$)", text, re.MULTILINE), line


def test_every_group_is_known_to_be_one() -> None:
    from desk.cli import build

    command = build(frozenset(COMMANDS))
    assert {name for name, each in command.commands.items() if hasattr(each, "commands")} == GROUPS
