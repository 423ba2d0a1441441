"""Free notes in the duty log."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk.errors import Refusal
from tests.desks import DeskForTest, make_desk


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "residential")


def test_each_note_stands_by_itself(desk: DeskForTest) -> None:
    first = desk.do("log", of="log", note="东门道闸坏了", urgent=True)
    second = desk.do("log", of="log", note="第一行\n第二行[/b]\x1b[31m")
    assert first.subject_id != second.subject_id
    assert desk.names(first.subject_id) == ["log.noted"]
    assert desk.events(first.subject_id)[0].facts["urgent"] is True
    assert desk.words(second.subject_id, "log.noted") == {"note": "第一行\n第二行[/b][31m"}
    # free text stands beside the event, never in it
    assert "第一行" not in str(desk.events(second.subject_id)[0].facts)


def test_a_note_is_written_up_later(desk: DeskForTest) -> None:
    note = desk.do("log", of="log", at="12:00", note="停电期间手写", late="2026-03-02 10:30")
    (event,) = desk.events(note.subject_id)
    assert (desk.local(event.happened_at), event.late) == ("2026-03-02 10:30", True)


@pytest.mark.parametrize("text", ["", "   ", "\u202e\u200b"])
def test_an_empty_note_is_refused(desk: DeskForTest, text: str) -> None:
    with pytest.raises(Refusal) as refused:
        desk.do("log", of="log", note=text)
    assert refused.value.code == "value.missing"
    assert [name for name in desk.names() if name == "log.noted"] == []
