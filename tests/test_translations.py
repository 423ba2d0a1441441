"""The interface is complete in both languages, and the language is chosen as the handbook says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desk import i18n
from desk.errors import Refusal
from desk.i18n import N_, _, ngettext
from tools import translations

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def english_afterwards() -> object:
    yield
    i18n.install("en")


def test_every_text_of_the_code_has_chinese() -> None:
    assert translations.problems(ROOT) == []


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_HK.UTF-8"}, "zh_CN"),
        ({"LANG": "C.UTF-8"}, "zh_CN"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "TERM": "linux"}, "en"),
        ({"LANG": "en_US.UTF-8", "DESK_LANG": "zh"}, "zh_CN"),
        ({"DESK_LANG": "zh", "TERM": "linux"}, "zh_CN"),
    ],
)
def test_language_by_environment(env: dict[str, str], expected: str) -> None:
    assert i18n.choose(env) == expected
    assert i18n.install(env=env) == expected == i18n.language()


@pytest.mark.parametrize(
    ("given", "expected"), [("zh", "zh_CN"), ("zh-CN", "zh_CN"), ("EN", "en"), ("en_GB.UTF-8", "en")]
)
def test_language_asked_for(given: str, expected: str) -> None:
    assert i18n.install(given) == expected


@pytest.mark.parametrize("given", ["fr", "english", "zz", " "])
def test_unknown_language_is_refused_and_changes_nothing(given: str) -> None:
    i18n.install("en")
    with pytest.raises(Refusal) as refused:
        i18n.install(given)
    assert refused.value.code == "language.unknown"
    assert i18n.language() == "en"


def test_english_is_the_message_itself() -> None:
    i18n.install("en")
    assert _(N_("Nobody has written this")) == "Nobody has written this"
    assert [ngettext("{n} day", "{n} days", n) for n in (1, 2)] == ["{n} day", "{n} days"]
    assert _("") == ""


@pytest.mark.parametrize(("lang", "expected"), [("zh", "抢单"), ("en", "Claim")])
def test_pairs_from_data_files(lang: str, expected: str) -> None:
    i18n.install(lang)
    assert i18n.pick({"zh": "抢单", "en": "Claim"}) == expected
    assert i18n.pick({"zh": "抢单"}) == "抢单"
    assert i18n.pick({}) == ""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small checkout with complete translations."""
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "board.py").write_text(
        'from desk.i18n import N_, _, ngettext\nTITLE = N_("Due")\n'
        'def say(who: str, n: int) -> str:\n    return _("Hello {who}").format(who=who) + '
        'ngettext("{n} call", "{n} calls", n)\n'
    )
    chinese = {"Due": "待办", "Hello {who}": "{who},您好", "{n} call": "{n}个电话"}
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "board.json").write_text(json.dumps(chinese))
    assert translations.update(tmp_path, tmp_path / "zh") == []
    return tmp_path


def po(checkout: Path) -> Path:
    return translations.catalogue_path(checkout)


def test_update_makes_a_complete_catalogue_and_twice_the_same(checkout: Path) -> None:
    assert translations.problems(checkout) == []
    before = po(checkout).read_bytes(), po(checkout).with_suffix(".mo").read_bytes()
    assert translations.update(checkout) == []
    assert (po(checkout).read_bytes(), po(checkout).with_suffix(".mo").read_bytes()) == before


def test_update_names_what_does_not_fit(checkout: Path) -> None:
    (checkout / "zh" / "other.json").write_text(json.dumps({"Due": "到期", "Gone": "没了"}))
    assert translations.update(checkout, checkout / "zh") == [
        "other.json: 'Due' is '待办' elsewhere, '到期' here",
        "other.json: no code shows 'Gone'",
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("desk/board.py", '"Due"', '"Due now"', "no Chinese for 'Due now'"),
        ("desk/board.py", 'N_("Due")', '"Due"', "No code shows 'Due' any more"),
        ("desk/board.py", '_("Hello {who}")', '_(f"Hello {who}")', "_(…) wants a plain text"),
        ("po", '"待办"', '""', "no Chinese for 'Due'"),
        ("po", "{who},您好", "{name},您好", "fills in {who}, its Chinese {name}"),
        ("po", "待办", "到期", "desk.mo does not match its .po file"),
        ("po", 'msgid "Due"', '#, fuzzy\nmsgid "Due"', "only a guess (fuzzy)"),
        (
            "po",
            "#: desk/board.py\nmsgid",
            '#~ msgid "Gone"\n#~ msgstr "没了"\n\nmsgid',
            "No code shows 'Gone'",
        ),
    ],
)
def test_check_finds(checkout: Path, file: str, old: str, new: str, said: str) -> None:
    path = po(checkout) if file == "po" else checkout / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert any(said in problem for problem in translations.problems(checkout)), translations.problems(checkout)
