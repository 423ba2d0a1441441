"""A broken rulebook is refused whole, with file, rule, key and the nearest valid word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from desk import resources
from desk.errors import Refusal
from desk.rulebook import digest, extend, load

GOOD = """
calendar = "residential"
[settings]
callback_attempts = 2
[figures]
promptly = "30 min"
[kind.repair]
title = { zh = "报修", en = "Repair" }
number = "R"
key = 1
[[rule]]
id = "a"
title = { zh = "甲", en = "A" }
on = "ticket.opened"
where = { kind = "repair" }
until = ["ticket.claimed"]
within = "$promptly"
by = "agent"
"""


def write(tmp_path: Path, text: str, name: str = "own.toml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_all_that_ship_load() -> None:
    for name in resources.names("rulebooks"):
        book = load(resources.path(f"rulebooks/{name}.toml"))
        assert book.rules or book.kinds, name


@pytest.mark.parametrize(
    ("old", "new", "code", "params"),
    [
        (
            "ticket.claimed",
            "ticket.clamed",
            "rulebook.unknown_event",
            {"rule": "a", "key": "until", "nearest": "ticket.claimed"},
        ),
        ('by = "agent"', 'by = "agnt"', "rulebook.unknown_duty", {"nearest": "agent"}),
        ('by = "agent"', 'by = "@ownr"', "rulebook.unknown_fact", {"nearest": "owner"}),
        ("within =", "withn =", "rulebook.unknown_key", {"word": "withn", "nearest": "within"}),
        ("$promptly", "$prompty", "rulebook.unknown_figure", {"nearest": "promptly"}),
        ("$promptly", "5 mins ago", "limit.unknown", {"rule": "a", "key": "within"}),
        ("$promptly", "@apointment", "rulebook.unknown_anchor", {"nearest": "appointment"}),
        ('{ kind = "repair" }', '{ knd = "repair" }', "rulebook.unknown_fact", {"nearest": "kind"}),
        ('{ kind = "repair" }', '{ kind = "repiar" }', "rulebook.unknown_kind", {"nearest": "repair"}),
        ('{ kind = "repair" }', '{ grade = "majr" }', "rulebook.unknown_value", {"nearest": "major"}),
        ('{ kind = "repair" }', '{ urgent = "yes" }', "rulebook.not_a_flag", {"word": "yes"}),
        ('{ zh = "甲", en = "A" }', '{ zh = "甲" }', "rulebook.bad_text", {"key": "title"}),
        ('calendar = "residential"', "", "rulebook.missing_key", {"key": "calendar"}),
        ('on = "ticket.opened"', 'every = "FREQ=DAYLY"', "rulebook.bad_rrule", {"key": "every"}),
        ('on = "ticket.opened"', 'on = "ticket.opened"\nevery = "each duty"', "rulebook.on_and_every", {}),
        ('on = "ticket.opened"', "", "rulebook.missing_key", {"key": "on"}),
        ('on = "ticket.opened"', "on = []", "rulebook.missing_key", {"key": "on"}),
        ("[settings]", "[setings]", "rulebook.unknown_key", {"nearest": "settings"}),
        ("[settings]", "[settings", "rulebook.toml", {}),
        ("callback_attempts", "callback_attemps", "rulebook.unknown_key", {"nearest": "callback_attempts"}),
        (
            "callback_attempts = 2",
            'callback_attempts = "two"',
            "rulebook.bad_setting",
            {"key": "settings.callback_attempts"},
        ),
        ("callback_attempts = 2", 'unsatisfied = { repair = "reopn" }', "rulebook.unknown_word", {"nearest": "reopen"}),
        ("callback_attempts = 2", 'handler_first = ["repiar"]', "rulebook.unknown_kind", {"nearest": "repair"}),
        (
            'by = "agent"',
            'by = "agent"\nmissed = [{ then = "chse", who = "agent" }]',
            "rulebook.unknown_word",
            {"nearest": "chase"},
        ),
    ],
)
def test_refused_with_the_place_and_the_nearest_word(
    tmp_path: Path, old: str, new: str, code: str, params: dict[str, Any]
) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(Refusal) as refused:
        load(path)
    assert refused.value.code == code
    assert refused.value.params["file"] == str(path)
    assert {key: refused.value.params.get(key) for key in params} == params


@pytest.mark.parametrize("text", ["", "\ufeff", "\x00\x01", "[[rule]]", "= 1", "a" * 100_000])
def test_garbage_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Refusal):
        load(write(tmp_path, text))


def test_not_a_text_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xff\xfe\x00binary\xd8")
    with pytest.raises(Refusal) as refused:
        load(path)
    assert refused.value.code == "rulebook.unreadable"


def test_an_estate_extends_overrides_and_switches_off(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "base.toml")
    own = write(
        tmp_path,
        'extends = "base"\noff = []\n[figures]\npromptly = "10 min"\n[[rule]]\nid = "a"\nby = "supervisor"\n'
        '[kind.repair]\nkey = 4\n[kind.other]\ntitle = "o"\nnumber = "O"\nkey = 2\n',
    )
    book = load(own)
    rule = book.rules["a"]
    assert (rule.by, rule.until, rule.within.words()) == ("supervisor", ("ticket.claimed",), "$promptly")
    assert book.figures["promptly"] == "10 min"
    assert (book.kinds["repair"].key, book.kinds["repair"].number) == ("4", "R")
    assert book.digest != load(tmp_path / "base.toml").digest

    off = write(tmp_path, 'extends = "base"\noff = ["a"]\n', "off.toml")
    assert load(off).rules == {}
    wrong = write(tmp_path, 'extends = "base"\noff = ["b"]\n', "wrong.toml")
    with pytest.raises(Refusal) as refused:
        load(wrong)
    assert refused.value.code == "rulebook.off_unknown"


def test_extending_in_a_circle_and_what_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, 'extends = "b"\n', "a.toml")
    write(tmp_path, 'extends = "a"\n', "b.toml")
    with pytest.raises(Refusal, match=r"rulebook\.circle"):
        load(tmp_path / "a.toml")
    with pytest.raises(Refusal, match=r"rulebook\.no_base"):
        load(write(tmp_path, 'extends = "nobody"\n', "c.toml"))
    with pytest.raises(Refusal, match=r"rulebook\.no_file"):
        load(tmp_path / "none.toml")


def test_two_manuals_in_one() -> None:
    """Complaints of one manual, repairs of another: parts combine, each id once."""
    one = {"calendar": "a", "rule": [{"id": "x", "by": "agent"}]}
    two = {"rule": [{"id": "y"}, {"id": "x", "by": "manager"}]}
    both = extend(one, two, "f")
    assert [row["id"] for row in both["rule"]] == ["x", "y"]
    assert both["rule"][0]["by"] == "manager"
    assert digest(both) != digest(one)
