"""A desk worked by the command line alone: set up, opened, seen, passed on, called back, handed over."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from python_calamine import load_workbook

from tests.commandline import Run, founded, runner


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return founded(tmp_path)


def test_a_repair_from_the_call_to_the_signed_handover(run: Run) -> None:
    opened = run(
        "ticket open repair --room 3-2-501 --what 漏水 --phone 13812342211 --at 2026-03-02T10:00 --json"
    ).record
    number = opened["number"]
    assert number == "R-260302-001"
    assert len(opened["code"]) == 4
    assert {"rule": "repair.claim", "due_at": "2026-03-02T10:05:00+08:00"} in opened["due"]

    board = run("due --at 2026-03-02T10:06 --json").record
    assert [list(row) for row in board] == [
        ["number", "title", "rule", "source", "starts_at", "due_at", "state", "level", "who", "provisional", "deadline"]
    ] * len(board)
    claim = next(row for row in board if row["rule"] == "repair.claim")
    assert len(claim.pop("deadline")) == 36
    assert claim == {
        "number": number,
        "title": "Claim the order",
        "rule": "repair.claim",
        "source": ["S4-05", "S4-06", "D-59"],
        "starts_at": "2026-03-02T10:00:00+08:00",
        "due_at": "2026-03-02T10:05:00+08:00",
        "state": "overdue",
        "level": 1,
        "who": "Repair worker",
        "provisional": False,
    }

    assert run("ticket claim r0302001 --at 2026-03-02T10:07", as_="王师傅").out == f"{number} Claimed\n"
    refused = run("ticket claim R-0302-001 --at 2026-03-02T10:08", as_="王师傅", code=1)
    assert refused.err == f"{number} has been claimed already, by 王师傅.\n"
    assert refused.out == ""

    code = opened["code"]
    run("ticket tell-code R-0302-001 --means phone --at 2026-03-02T10:09")
    run("ticket arrive R-0302-001 --by 王师傅 --at 2026-03-02T10:30")
    run(f"ticket verify R-0302-001 --code {code} --by 王师傅 --at 2026-03-02T10:31")
    run("ticket complete R-0302-001 --by 王师傅 --at 2026-03-02T11:00 --result", "换了密封圈,试水正常")

    queue = run("callback --at 2026-03-02T11:01 --json").record
    assert [(row["number"], row["due_at"]) for row in queue] == [(number, "2026-03-02T11:10:00+08:00")]
    assert [question["id"] for question in queue[0]["questions"]] == ["repaired", "on_time"]
    run("callback R-0302-001 --outcome unanswered --at 2026-03-02T11:02")
    card = run("callback R-0302-001 --at 2026-03-02T11:03")
    assert "No answer" in card.out
    done = "--outcome satisfied --means phone --answer repaired=yes --answer on_time=是"
    assert run(f"callback R-0302-001 {done} --at 2026-03-02T13:00").out == f"{number} Satisfied\n"
    assert run("callback --at 2026-03-02T13:01 --json").record == []

    log = run("log --at 2026-03-02T14:00 --json").record
    names = [row["name"] for row in log if row["number"] == number]
    assert names == [
        "ticket.opened",
        "escalation.fired",
        "ticket.claimed",
        "ticket.code_told",
        "ticket.arrived",
        "ticket.code_verified",
        "ticket.started",
        "ticket.completed",
        "callback.opened",
        "callback.tried",
        "callback.done",
    ]
    assert next(row for row in log if row["name"] == "ticket.arrived")["done_by"] == "王师傅"
    assert next(row for row in log if row["name"] == "ticket.arrived")["recorded_by"] == "李静"

    run("log --urgent --at 2026-03-02T15:00 --note", "明早八点停水,通知已贴")
    assert "明早八点停水" in run("handover sheet --at 2026-03-02T17:50").out
    run("handover sign-out --notes 一切正常 --at 2026-03-02T17:55")
    run("handover sign-in --differences 钥匙少一把 --at 2026-03-03T07:50", as_="陈经理")
    past = run("handover list --json").record
    assert [(row["outgoing"], row["incoming"], row["differences"]) for row in past] == [
        ("李静", "陈经理", "钥匙少一把")
    ]


def test_everything_about_a_ticket(run: Run) -> None:
    run("ticket open repair --room 3-2-501 --what 漏水 --at 2026-03-02T10:00")
    record = run("ticket show R-0302-001 --at 2026-03-02T10:01 --json").record
    assert record["number"] == "R-260302-001"
    assert {row["rule"]: row["due_at"] for row in record["deadlines"]}["repair.movement"] == "2026-03-02T12:00:00+08:00"
    verbs = {each["verb"]: each["refused"] for each in record["verbs"]}
    assert verbs["claim"] is None
    assert verbs["resume"] == "R-260302-001 is not paused."
    text = run("ticket show R-0302-001 --at 2026-03-02T10:01").out
    assert "Can be done now:" in text
    assert "Join another caller" in text
    assert "漏水" in text
    slip = run("ticket show R-0302-001 --slip --width 32 --at 2026-03-02T10:01").out
    assert "Work order" in slip
    assert record["facts"]["code"] not in slip


def test_lists_are_filtered(run: Run) -> None:
    run("ticket open repair --room 3-2-501 --what 漏水 --at 2026-03-02T10:00")
    run("ticket open incident --what 路灯不亮 --at 2026-03-02T10:05")
    run("ticket open --kind 咨询 --what 停车 --set specialist=true --at 2026-03-02T10:06")
    assert [row["number"] for row in run("ticket list --json").record] == [
        "Q-260302-001",
        "E-260302-001",
        "R-260302-001",
    ]
    assert [row["number"] for row in run("ticket list --kind 报修 --json").record] == ["R-260302-001"]
    assert [row["number"] for row in run("ticket list --text 路灯 --json").record] == ["E-260302-001"]
    assert run("ticket list --room 9-9-999 --json").record == []
    assert {row["number"] for row in run("due --kind incident --at 2026-03-02T10:07 --json").record} == {"E-260302-001"}
    whose = run("due --who technician --at 2026-03-02T10:07 --json").record
    assert {row["rule"] for row in whose} == {"repair.claim"}


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("ticket open repair --what x", 1, "Room is missing"),
        ("ticket open nonsense --what x", 1, "There is no kind of ticket “nonsense”. There are: repair, incident"),
        ("ticket open", 1, "Say what kind of ticket it is"),
        ("ticket open repair --room 1 --what x --appointment 25:99", 1, "“25:99” is no time"),
        (
            "ticket open repair --room 1 --what x --area moon",
            1,
            "Area cannot be “moon”. Choose one of: in_home (In the home)",
        ),
        ("ticket open repair --room 1 --what x --set wharf=1", 1, "There is no fact “wharf”"),
        ("ticket open repair --room 1 --what x --set wharf", 1, "“wharf” should be written name=value"),
        ("ticket show R-1", 1, "There is no ticket R-1."),
        ("ticket clam R-1", 2, "There is no command “clam”. Did you mean “claim"),
        ("ticket claim", 2, "NUMBER is missing."),
        ("due --limit x", 2, "--limit is a whole number."),
        ("due --limit 0", 2, "--limit is at least 1."),
        ("handover list --limit 1001", 2, "--limit is at most 1000."),
        ("log --group tickets", 1, "Kind cannot be “tickets”. Choose one of: act,"),
        ("due --limt 3", 2, "There is no option --limt here."),
        ("due --lang fr", 2, "There is no interface in “fr”"),
        ("due --who nobody", 1, "Nobody called or numbered “nobody” works here. Here work: 李静"),
        ("handover sign-in", 1, "No handover waits to be signed."),
        ("export tickets --to out.pdf", 1, "out.pdf should end in one of: .csv, .xlsx, .json."),
        ("log --day someday", 1, "“someday” is no day."),
    ],
)
def test_what_is_refused_is_one_sentence_and_a_code(run: Run, line: str, code: int, said: str) -> None:
    ran = run(line, code=code)
    assert ran.out == ""
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_what_cannot_be_taken_back_asks_first(run: Run) -> None:
    run("ticket open repair --room 3-2-501 --what 漏水 --at 2026-03-02T10:00")
    asked = run("ticket cancel R-0302-001 --reason 已自行修好 --at 2026-03-02T10:01", code=3)
    assert "--yes" in asked.err
    run("ticket cancel R-0302-001 --reason 已自行修好 --yes --at 2026-03-02T10:01")
    assert run("ticket list --status cancelled --json").record[0]["number"] == "R-260302-001"
    # words and titles alike, in the language shown
    assert run("ticket list --status 已取消 --lang zh --json").record[0]["number"] == "R-260302-001"
    assert run("due --who 客服主管 --lang zh --json").record == []


def test_guards_ask_for_approval(run: Run) -> None:
    line = "ticket open repair --room 3-2-501 --what 自检 --source self_inspection --at 2026-03-02T10:00"
    refused = run(line, code=3)
    assert "must be approved by: Engineering supervisor" in refused.err
    run(f"{line} --approved-by 赵工")


def test_nobody_is_guessed(run: Run) -> None:
    refused = run("log --note x", as_=None, code=1)
    assert refused.err.startswith("Say who records this: --as NAME.")
    assert "王师傅" in refused.err


def test_an_act_may_lie_ahead_of_the_clock_and_is_marked_when_it_lies_behind(run: Run) -> None:
    run("ticket open repair --room 3-2-501 --what 漏水 --at 2099-03-02T10:00")
    run("ticket open repair --room 3-2-501 --what 漏水 --at 2026-03-02T10:00")
    late = {row["number"]: row["late"] for row in run("log --day all --group ticket --json").record}
    assert late == {"R-990302-001": False, "R-260302-001": True}


HOSTILE = "[/b]\x1b[31m'; DROP TABLE ticket; -- \u202e🙂" + "x" * 500


def test_hostile_text_comes_back_harmless(run: Run) -> None:
    run("ticket open repair --room 3-2-501 --at 2026-03-02T10:00 --what", HOSTILE, "--person", HOSTILE)
    for line in ("due --at 2026-03-02T10:06", "ticket list", "ticket show R-0302-001", "log --day all"):
        out = run(line).out
        assert "[/b]" in out
        assert not {"\x1b", "\u202e"} & set(out)
    run("due --at 2026-03-02T10:06 --json")


def test_export_holds_no_formula(run: Run, tmp_path: Path) -> None:
    cells = ["=1+1", "  +cmd", "@SUM(A1)", "＝1+1", "-2+3", "plain"]
    for cell in cells:
        run("ticket open incident --at 2026-03-02T10:00", f"--what={cell}")
    made = tmp_path / "tickets.csv"
    run(f"export tickets --to {made}")
    raw = made.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    with made.open(encoding="utf-8-sig", newline="") as file:
        found = {row["what"] for row in csv.DictReader(file)}
    assert found == {"'=1+1", "'+cmd", "'@SUM(A1)", "'＝1+1", "'-2+3", "plain"}
    assert "is there already" in run(f"export tickets --to {made}", code=1).err
    run(f"export tickets --to {made} --force")

    book = tmp_path / "events.xlsx"
    run(f"export events --to {book}")
    rows = load_workbook(str(book)).get_sheet_by_index(0).to_python()
    assert rows[0][:3] == ["seq", "happened_at", "recorded_at"]
    assert len(rows) > len(cells)

    plain = tmp_path / "tickets.json"
    assert run(f"export tickets --to {plain} --json").record == {"file": str(plain), "rows": 6}
    assert {row["what"] for row in json.loads(plain.read_text("utf-8"))} == {
        "=1+1",
        "+cmd",
        "@SUM(A1)",
        "＝1+1",
        "-2+3",
        "plain",
    }
    # for whoever opens it in a spreadsheet it stands in their language; a program reads the JSON file
    run(f"export tickets --to {made} --force --lang zh")
    with made.open(encoding="utf-8-sig", newline="") as file:
        row = next(iter(csv.DictReader(file)))
    assert [row[name] for name in ("登记时间", "类别", "状态", "紧急", "内容")] == [
        "2026-03-02 10:00:00",
        "报事",
        "待处理",
        "否",
        "plain",
    ]
    run(f"export tickets --to {plain} --force --lang zh")
    assert json.loads(plain.read_text("utf-8"))[0]["urgent"] is False
    assert "does not exist" in run(f"export people --to {tmp_path}/no/where.csv", code=1).err
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("period", "found"),
    [
        ("--since 2026-03-03", {"second", "third"}),
        ("--until 2026-03-02", {"first"}),
        ("--since 2026-03-03 --until 2026-03-03", {"second"}),
        ("--since 2026-03-03 --until 2026-03-04T00:01", {"second", "third"}),
        ("--since 昨天 --until 2026年3月3日 --at 2026-03-04T08:00", {"second"}),
    ],
)
def test_a_day_alone_is_that_whole_day(run: Run, tmp_path: Path, period: str, found: set[str]) -> None:
    for what, at in (("first", "2026-03-02T23:59"), ("second", "2026-03-03T00:00"), ("third", "2026-03-04T00:00")):
        run(f"ticket open incident --what {what} --at {at}")
    for what in ("tickets", "events"):
        made = tmp_path / f"{what}.json"
        run(f"export {what} --to {made} {period}")
        rows = json.loads(made.read_text("utf-8"))
        if what == "tickets":
            assert {row["what"] for row in rows} == found
        else:
            opened = [json.loads(row["words"])["what"] for row in rows if row["name"] == "ticket.opened"]
            assert set(opened) == found
    assert "is no time" in run(f"export tickets --to {tmp_path}/no.csv --since sometime", code=1).err


def test_the_roster(run: Run) -> None:
    run("roster plan --who 李静 --who 王师傅 --from 2026-03-02 --days 2 --at 2026-03-02T07:00")
    run("roster arrive --at 2026-03-02T07:50")
    found = run("roster show --from 2026-03-02 --days 3 --json").record
    assert [(row["staff"], row["arrived_at"]) for row in found["shifts"]] == [
        ("李静", "2026-03-02T07:50:00+08:00"),
        ("王师傅", None),
    ]
    assert [gap["start"] for gap in found["gaps"]] == ["2026-03-04T08:00:00+08:00"]
    run("roster leave --at 2026-03-02T18:00")


def test_duties_steps_and_the_day(tmp_path: Path) -> None:
    run = founded(tmp_path, "residential")
    due = run("due --at 2026-03-02T16:00 --json").record
    assert [(row["rule"], row["number"]) for row in due] == [("day.report", None)]
    assert "daily report 2026-03-02" in run("day sheet report --at 2026-03-02T16:00").out
    run("day report --at 2026-03-02T16:30")
    assert [row["rule"] for row in run("due --at 2026-03-02T16:31 --json").record] == []
    late = run("due --at 2026-03-03T18:00 --json").record
    assert [(row["rule"], row["state"], row["level"], row["due_at"]) for row in late] == [
        ("day.report", "overdue", 1, "2026-03-03T17:00:00+08:00"),
        ("day.report", "soon", 1, None),
    ]
    run("tick --at 2026-03-03T18:00")
    run("step day.report --at 2026-03-03T18:01", as_="陈经理")
    assert len(run("due --at 2026-03-03T18:02 --json").record) == 1
    run("duty skip day.report --reason 停电 --at 2026-03-03T18:03")
    assert run("due --at 2026-03-03T18:04 --json").record == []
    assert "day.report" not in run("duty done day.report --at 2026-03-03T18:05", code=1).out
    # what is read out or sent to a group holds no number that was written into the matter
    run("ticket open repair --room 3-2-501 --what 漏水，回电13812342211 --at 2026-03-03T18:06")
    for which in ("report", "sweep"):
        assert "回电138****2211" in run(f"day sheet {which} --at 2026-03-03T18:07").out


def test_reports_and_targets(run: Run) -> None:
    run("ticket open repair --room 3-2-501 --what 漏水 --at 2026-03-02T10:00")
    run("ticket complete R-0302-001 --result 好了 --at 2026-03-02T12:00")
    # answered is at an end, too; cancelled is not completed
    run("ticket open inquiry --person 张伟 --what 泳池几月开放 --at 2026-03-02T10:00")
    run("ticket answer Q-0302-001 --answer 六月 --at 2026-03-02T11:00")
    run("ticket open repair --room 3-2-501 --what 误登 --at 2026-03-02T10:00")
    run("ticket cancel R-0302-002 --reason 重复 --yes --at 2026-03-02T10:40")
    totals = run("report totals 2026-03 --json").record
    columns = ("kind", "opened", "completed", "unfinished", "cancelled", "mean_seconds")
    assert [tuple(row[name] for name in columns) for row in totals] == [
        ("repair", 2, 1, 0, 1, 7200),
        ("inquiry", 1, 1, 0, 0, 3600),
    ]
    rate = {row["id"]: (row["value"], row["met"]) for row in run("report targets --at 2026-03-02T13:00 --json").record}
    assert rate["callback_rate"] == (0.0, False)
    assert [row["result"] for row in run("report repairs 2026-03-02 --json").record] == ["好了", ""]
    assert run("report complaints 2026-03 --json").record == []


@pytest.mark.parametrize(
    ("make", "code", "said"),
    [
        (lambda path: None, 4, "There is no store at"),
        (
            lambda path: path.write_bytes(b"not a database at all, but long enough to be looked at" * 40),
            4,
            "is no desk store",
        ),
    ],
)
def test_a_store_that_cannot_be_used(tmp_path: Path, make: object, code: int, said: str) -> None:
    path = tmp_path / "other.db"
    assert callable(make)
    make(path)
    assert said in runner(path)("due", code=code).err


def test_init_names_what_is_wrong_and_leaves_nothing(tmp_path: Path) -> None:
    run = runner(tmp_path / "desk.db")
    assert "The estate needs a name." in run("init --staff 李静", code=1).err
    assert "is no duty" in run("init --name 阳光花园 --staff 李静:cook", code=1).err
    assert "Did you mean “residential”?" in run("init --name 阳光花园 --staff 李静 --rulebook residental", code=1).err
    made = run("init --name 阳光花园 --staff 李静：客服员，主管 --rulebook residential --json").record
    assert made["estate"] == "阳光花园"
    assert "is there already" in run("init --name 阳光花园 --staff 李静", code=1).err


def test_the_options_may_stand_before_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    founded(tmp_path)
    from desk.cli import run_cli

    capsys.readouterr()
    before = ["--db", str(tmp_path / "desk.db"), "--at", "2026-03-02T10:00", "--json"]
    assert run_cli([*before, "due"]) == 0
    assert [row["rule"] for row in json.loads(capsys.readouterr().out)] == []


@pytest.mark.parametrize(("lang", "said"), [("en", "The console needs a terminal.")])
def test_without_a_terminal_the_console_says_so(lang: str, said: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "desk", "--lang", lang],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert ran.returncode == 2
    assert said in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_a_reader_who_has_had_enough_is_no_fault(tmp_path: Path) -> None:
    ran = subprocess.run(
        f"{sys.executable} -m desk rules words | head -1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "DESK_LANG": "en"},
    )
    assert ran.stdout == "Events\n"
    assert ran.stderr == ""


def test_shell_completion(monkeypatch: pytest.MonkeyPatch) -> None:
    env = {**os.environ, "_DESK_COMPLETE": "complete_bash", "COMP_WORDS": "desk ticket cl", "COMP_CWORD": "2"}
    ran = subprocess.run(
        [sys.executable, "-c", "import sys; sys.argv=['desk']; from desk.cli import main; main()"],
        capture_output=True,
        text=True,
        env=env,
        check=False,
    )
    assert {"claim", "close"} <= set(ran.stdout.split())
