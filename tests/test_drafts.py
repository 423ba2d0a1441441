"""Half-filled forms."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from desk.errors import Refusal
from desk.ledger import Ledger
from desk.procedures import drafts
from desk.store import Store
from tests.desks import DeskForTest, make_desk


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path)


def test_a_draft_is_saved_over_and_over_and_outlives_the_program(desk: DeskForTest) -> None:
    agent = desk.staff["agent"]
    ident = drafts.save(desk.ledger, "intake", {"what": "漏"}, desk.now, staff_id=agent)
    later = desk.now + timedelta(seconds=2)
    assert drafts.save(desk.ledger, "intake", {"what": "漏水[/b]"}, later, draft_id=ident) == ident
    with Store.open(desk.store.path or desk.store.url) as again:
        kept = drafts.load(Ledger(again, desk.ledger.estate_id), ident)
    assert (kept.content, kept.staff_id, kept.form, kept.updated_at) == ({"what": "漏水[/b]"}, agent, "intake", later)


def test_several_lie_half_filled_at_once(desk: DeskForTest) -> None:
    agent, other = desk.staff["agent"], desk.staff["agent2"]
    first = drafts.save(desk.ledger, "intake", {"n": 1}, desk.now, staff_id=agent)
    second = drafts.save(desk.ledger, "intake", {"n": 2}, desk.now + timedelta(seconds=1), staff_id=agent)
    third = drafts.save(desk.ledger, "callback", {"n": 3}, desk.now, staff_id=other)
    assert [kept.id for kept in drafts.kept(desk.ledger, form="intake")] == [second, first]
    assert [kept.id for kept in drafts.kept(desk.ledger, staff_id=other)] == [third]
    drafts.drop(desk.ledger, second)
    drafts.drop(desk.ledger, second)
    assert {kept.id for kept in drafts.kept(desk.ledger)} == {first, third}
    with pytest.raises(Refusal) as refused:
        drafts.load(desk.ledger, second)
    assert refused.value.code == "draft.gone"


def test_drafts_are_no_events(desk: DeskForTest) -> None:
    before = len(desk.events())
    drafts.save(desk.ledger, "intake", {}, desk.now)
    assert len(desk.events()) == before
