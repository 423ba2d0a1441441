"""``desk rules adopt | show | export``: the rules an estate works by come in and go out as files."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk import resources, rulebook
from desk.limits import parse_limit
from desk.procedures.estate import read_manual
from desk.queries.adopted import differences
from desk.rulebook.changing import as_written
from desk.wording.toml import written
from tests.commandline import Run, founded

OWN = """\
extends = "work-orders"
off = ["callback.at_once"]
[settings]
callback_attempts = 3
[[rule]]
id = "repair.claim"
within = "3 min"
[[rule]]
id = "garden.look"
title = { zh = "巡园", en = "Look at the garden" }
on = "ticket.opened"
until = ["ticket.closed"]
within = "1 day"
by = "agent"
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return founded(tmp_path)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "garden.toml"
    path.write_text(OWN, "utf-8")
    return path


def test_what_differs_is_said_before_it_is_asked_for(run: Run, own: Path) -> None:
    asked = run(f"rules adopt {own} --reason faster", code=3)
    assert asked.out.splitlines() == [
        "Setting callback_attempts: 2 → 3",
        "Rule Claim the order (repair.claim): Limit 5 min → 3 min",
        "Added: Rule Look at the garden (garden.look), 1 d, Agent",
        "Gone: Rule Call back at once on completion (callback.at_once), 10 min ($callback_at_once), Agent",
    ]
    assert asked.err == "Nothing is changed yet. Repeat the command with --yes to adopt this.\n"
    assert run(f"rules adopt {own}", code=1).err == "Say why the rules are changed.\n"
    assert run("rules show --json").record["version"] == 1


def test_what_is_open_keeps_its_rules(run: Run, own: Path) -> None:
    run("ticket open repair --room 3-2-501 --what 漏水 --at 2026-03-02T10:00")
    told = run(f"rules adopt {own} --reason faster --yes --at 2026-03-02T10:01").out
    assert told.endswith("garden is in force as version 2. What is open keeps the rules it was opened under.\n")
    run("ticket open repair --room 3-2-502 --what 没电 --at 2026-03-02T10:02")
    due = {
        row["number"]: row["due_at"]
        for row in run("due --at 2026-03-02T10:03 --json").record
        if row["rule"] == "repair.claim"
    }
    assert due == {"R-260302-001": "2026-03-02T10:05:00+08:00", "R-260302-002": "2026-03-02T10:05:00+08:00"}
    assert run("ticket show R-0302-001 --at 2026-03-02T10:06 --json").record["deadlines"]
    row = run("rules show --json").record
    assert (row["version"], row["name"], row["adopted_by"], row["reason"]) == (2, "garden", "李静", "faster")
    assert run("rules show --version 1 --json").record["name"] == "work-orders"
    adopted = [each for each in run("log --day all --json").record if each["name"] == "rulebook.adopted"]
    assert [each["sets"]["version"] for each in adopted] == [1, 2]
    assert "Nothing differs" in run(f"rules adopt {own} --reason again --yes", code=1).err
    assert run("rules show --version 7", code=1).err


def test_opening_hours_are_adopted_with_them(run: Run, tmp_path: Path) -> None:
    hours = tmp_path / "hours.toml"
    hours.write_text('timezone = "Asia/Shanghai"\nholidays = "none"\n[hours]\nmon-sun = ["07:00-19:00"]\n', "utf-8")
    told = run(f"rules adopt work-orders --calendar {hours} --reason summer --yes --json").record
    assert told["calendar"] == "hours"
    assert {(each["change"], each["table"], each["id"]) for each in told["differences"]} >= {
        ("changed", "calendar.hours", "mon-sun")
    }
    assert "07:00-19:00" in run("calendar show 2026-03-03").out
    assert 'mon-sun = ["07:00-19:00"]' in run("rules show --hours").out


def test_a_broken_rulebook_is_not_adopted(run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text(OWN.replace("ticket.closed", "ticket.closd"), "utf-8")
    refused = run(f"rules adopt {broken} --reason x --yes", code=1).err
    assert "ticket.closed" in refused
    assert "garden.look" in refused


def test_what_goes_out_comes_in_as_the_same(run: Run, tmp_path: Path) -> None:
    book, hours = tmp_path / "out.toml", tmp_path / "out-hours.toml"
    run(f"rules export --to {book} --hours-to {hours}")
    assert book.read_text("utf-8").startswith("# 阳光花园 #1 work-orders 2026-03-02 07:00\n")
    assert "Nothing differs" in run(f"rules adopt {book} --calendar {hours} --reason x --yes", code=1).err
    assert "is there already" in run(f"rules export --to {book}", code=1).err
    book.write_text(book.read_text("utf-8").replace('"5 min"', '"4 min"'), "utf-8")
    assert run(f"rules adopt {book} --calendar {hours} --reason x --yes --json").record["version"] == 2


@pytest.mark.parametrize("name", resources.names("rulebooks"))
def test_every_manual_is_written_as_it_is_read(name: str, tmp_path: Path) -> None:
    book, hours, _name = read_manual(resources.path(f"rulebooks/{name}.toml"))
    for raw in (book, hours):
        assert tomllib.loads(written(raw)) == raw
    path = tmp_path / "again.toml"
    path.write_text(written(book), "utf-8")
    assert rulebook.load(path).digest == rulebook.digest(book)
    assert differences((book, hours), (book, hours)) == []


_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.text(st.characters(exclude_categories=["Cs"]))
    | st.integers(-(2**60), 2**60)
    | st.booleans()
    | st.floats(allow_nan=False),
    lambda each: (
        st.lists(each, max_size=3) | st.dictionaries(st.text('ab-.中 "', min_size=0, max_size=4), each, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text('ab-.中 "', max_size=4), _VALUES, max_size=4))
def test_whatever_is_written_reads_back(raw: dict[str, Any]) -> None:
    assert tomllib.loads(written(raw)) == raw


def test_one_limit_is_changed_with_what_it_does_to_open_work(run: Run) -> None:
    run("ticket open repair --room 3-2-501 --what 漏水 --at 2026-03-02T10:00")
    line = "rules set repair.claim.within --reason faster --at 2026-03-02T10:01"
    asked = run(line, "3 min", code=3)
    assert [row.split()[:3] for row in asked.out.splitlines()[-2:]] == [
        ["Change", "Number", "What"],
        ["moved", "R-260302-001", "Claim"],
    ]
    assert asked.out.splitlines()[-1].endswith("10:05  10:03")
    told = run(f"{line} --yes", "3 min").out
    assert told.endswith("in force as version 2. What is open keeps the rules it was opened under.\n")
    assert due_of(run)["repair.claim"] == "2026-03-02T10:05:00+08:00"
    row = run("rules show --json").record
    assert (row["version"], row["name"], row["reason"], row["adopted_by"]) == (2, "work-orders", "faster", "李静")
    # told to, what is open goes by it too, and its log says so
    done = run("rules recompute --reason fair --yes --at 2026-03-02T10:02 --json").record
    assert (done["version"], done["matters"]) == (2, 1)
    assert [(each["rule_id"], each["now"][11:16]) for each in done["changes"]] == [("repair.claim", "10:03")]
    assert due_of(run)["repair.claim"] == "2026-03-02T10:03:00+08:00"
    names = [each["name"] for each in run("log --day all --json").record]
    assert names.count("rulebook.applied") == 1
    assert "already" in run("rules recompute --reason again --yes --at 2026-03-02T10:02", code=1).err


def due_of(run: Run) -> dict[str, str]:
    return {row["rule"]: row["due_at"] for row in run("due --at 2026-03-02T10:02 --json").record}


def test_changed_and_reckoned_anew_at_once(run: Run) -> None:
    run("ticket open repair --room 3-2-501 --what 漏水 --at 2026-03-02T10:00")
    line = "rules set figures.first_moment --reason fair --yes --recompute --at 2026-03-02T10:01 --json"
    told = run(line, "7 min").record
    assert (told["version"], told["recomputed"]) == (2, 1)
    assert [(each["what"], each["rule_id"], each["now"][11:16]) for each in told["open"]] == [
        ("moved", "repair.tell_code", "10:07")
    ]
    assert due_of(run)["repair.tell_code"] == "2026-03-02T10:07:00+08:00"


def test_a_rule_is_switched_off_and_on_again(run: Run) -> None:
    run("ticket open repair --room 3-2-501 --what 漏水 --at 2026-03-02T10:00")
    before = run("rules show --json").record["rulebook"]["rule"]
    told = run("rules off repair.claim --reason quiet --yes --recompute --at 2026-03-02T10:01 --json").record
    assert [(each["what"], each["rule_id"]) for each in told["open"]] == [("withdrawn", "repair.claim")]
    assert "repair.claim" not in due_of(run)
    told = run("rules on repair.claim --reason again --yes --recompute --at 2026-03-02T10:02 --json").record
    assert [(each["what"], each["rule_id"]) for each in told["open"]] == [("opened", "repair.claim")]
    assert due_of(run)["repair.claim"] == "2026-03-02T10:05:00+08:00"
    assert run("rules show --json").record["rulebook"]["rule"] == before
    assert run("rules show --json").record["version"] == 3


def test_the_only_rule_of_a_matter_comes_back(tmp_path: Path) -> None:
    """Without any deadline left a matter that is not over is still open work."""
    run = founded(tmp_path, "service-centre")
    number = run("ticket open payment --what 物业费 --at 2026-03-02T10:00 --json").record["number"]
    run("rules off payment.done --reason quiet --yes --recompute --at 2026-03-02T10:01")
    told = run("rules on payment.done --reason again --yes --recompute --at 2026-03-02T10:02 --json").record
    assert [(each["what"], each["number"]) for each in told["open"]] == [("opened", number)]
    assert due_of(run)["payment.done"] == "2026-03-03T10:00:00+08:00"


def test_the_log_says_what_was_changed(run: Run) -> None:
    """Which rule, the figure before and now, and why: in the duty log as in the command's answer."""
    run("rules set repair.claim.within --reason faster --yes --at 2026-03-02T10:01", "3 min")
    run("rules set figures.promptly --reason fair --yes --at 2026-03-02T10:02", "20 min")
    run("rules off repair.claim --reason quiet --yes --at 2026-03-02T10:03")
    run("rules on repair.claim --reason again --yes --at 2026-03-02T10:04")
    run("rules adopt residential --reason moved --yes --at 2026-03-02T10:05")
    kept = [each for each in run("log --day all --json").record if each["name"] == "rulebook.adopted"]
    assert [each["changed"] and len(each["changed"]) for each in kept][:5] == [None, 1, 1, 1, 1]
    assert kept[1]["changed"][0]["keys"] == {"within": ["5 min", "3 min"]}
    for words, said in (
        (
            "",
            [
                "Rulebook adopted: work-orders",
                "version 2; Rule Claim the order (repair.claim): Limit 5 min → 3 min; faster",
                "version 3; Figure promptly: 30 min → 20 min; fair",
                "version 4; Switched off: Rule Claim the order (repair.claim), 3 min, Repair worker; quiet",
                "version 5; Added: Rule Claim the order (repair.claim), 3 min, Repair worker; again",
                "version 6: residential instead of work-orders, ",
                " differences; moved",
            ],
        ),
        (
            "--lang zh",
            ["抢单（repair.claim）：时限 5 分钟 → 3 分钟；faster", "停用：规则 抢单", "work-orders 改为 residential"],
        ),
    ):
        text = run(f"log --day all --group rulebook {words}").out
        assert [each for each in said if each not in text] == []


@pytest.mark.parametrize(
    ("line", "value", "said"),
    [
        ("rules set repair.clam.within", "3 min", "Did you mean “repair.claim.within”?"),
        ("rules set figures.promtly", "3 min", "Did you mean “figures.promptly”?"),
        ("rules set repair.claim.within", "3 mins ago", "is no time limit"),
        ("rules set repair.claim.by", "agnet", "Did you mean “agent”?"),
        ("rules set settings.callback_attempts", "many", "is not what this setting takes"),
        ("rules set repair.claim.warn", "1 hour before", "is before the start"),
        ("rules set repair.claim.within", "5 min", "Nothing differs"),
        ("rules off repair.clam", None, "Did you mean “repair.claim”?"),
        ("rules on repair.claim", None, "is not switched off"),
    ],
)
def test_what_cannot_be_changed_so_is_refused(run: Run, line: str, value: str | None, said: str) -> None:
    words = [value] if value else []
    assert said in run(f"{line} --reason x --yes", *words, code=1).err
    assert run("rules show --json").record["version"] == 1


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("3分钟", "3 min"),
        (" 3 分钟 ", "3 min"),
        ("90秒", "90 s"),
        ("2个小时", "2 hours"),
        ("2 小时（工作时间）", "2 working hours"),
        ("2工作小时", "2 working hours"),
        ("3个工作日", "3 working days"),
        ("2天", "2 days"),
        ("1周", "1 weeks"),
        ("2个星期", "2 weeks"),
        ("3个月", "3 months"),
        ("到期前 30 分钟", "30 min before"),
        ("1分钟前", "1 min before"),
        ("3 min", "3 min"),
        ("三分钟", "三分钟"),
        ("end of duty", "end of duty"),
    ],
)
def test_an_amount_said_in_chinese_is_written_as_in_the_file(said: str, text: str) -> None:
    assert as_written(said) == text
    if text != said:
        parse_limit(text, where="within" if "before" not in text else "warn")


def test_a_limit_is_changed_in_chinese(run: Run) -> None:
    run("rules set repair.claim.within --reason faster --yes", "3分钟")
    run("rules set repair.claim.warn --reason faster --yes", "到期前1分钟", code=1)  # as it was: nothing differs
    run("rules set figures.promptly --reason faster --yes", "2 小时（工作时间）")
    book = run("rules show --json").record["rulebook"]
    assert next(row for row in book["rule"] if row["id"] == "repair.claim")["within"] == "3 min"
    assert book["figures"]["promptly"] == "2 working hours"
