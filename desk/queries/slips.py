"""Slips to read, to file or to print, as plain text of a given width: order, record, contact sheet, notice.

Wide characters count as two cells. Sources: S0-24, S0-26, S0-32, S0-44, S0-62, S1-38, S2-29, S3-20, S3-34…S3-36;
forms F-04, F-07, F-09, F-11, F-39, F-64.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from rich.cells import cell_len

from desk.breaking import broken
from desk.i18n import N_, _, pick
from desk.ledger import Ledger
from desk.queries.log import EventRow
from desk.queries.tickets import TicketView

#: form: its title
FORMS = {
    "order": N_("Work order"),
    "record": N_("Complaint record"),
    "sheet": N_("Work contact sheet"),
    "notice": N_("Correction notice"),
    "referral": N_("Outside specialist"),
    "handling": N_("Information handling slip"),
    "copy": N_("Information handling slip: customer's copy"),
}


def form_of(view: TicketView) -> str:
    """The form a ticket's slip has unless another is asked for."""
    if _last(view, "ticket.referred") is not None:
        return "referral"
    if "slip" in view.facts:
        return "handling"
    return "record" if view.row.kind == "complaint" else "order"


def forms_of(view: TicketView, complaints: Collection[str]) -> list[str]:
    """The forms a ticket has, the natural one first; ``complaints`` are the kinds that are complaints."""
    first = form_of(view)
    if first == "handling":
        return ["handling", "copy", *(["record", "sheet"] if view.row.kind in complaints else [])]
    forms = [first, *(form for form in ("order", "record", "sheet") if form != first)]
    if view.row.kind not in complaints:
        forms = forms[:1]
    return [*forms, "notice"] if view.facts.get("notices") else forms


def slip_text(ledger: Ledger, view: TicketView, now: datetime, *, form: str | None = None, width: int = 40) -> str:
    """The slip of a ticket; ``form`` is a word of :data:`FORMS`. The verification code is never on it."""
    lines = _LINES[form or form_of(view)]
    title = _(FORMS[form or form_of(view)])
    text = [_centred(ledger.name, width), _centred(title, width), "=" * width]
    for label, value in lines(ledger, view):
        if label == "-":
            text.append("-" * width)
        else:
            text += _field(label, value, width)
    text.append("-" * width)
    text.append(_("Printed {time}").format(time=f"{now.astimezone(ledger.zone):%Y-%m-%d %H:%M}"))
    return "\n".join(text)


_Lines = Iterator[tuple[str, str]]
#: to be filled in by hand
_BLANK = "________________"


def _head(ledger: Ledger, view: TicketView) -> _Lines:
    row = view.row
    yield _("Number"), row.number
    yield _("Kind"), pick(row.kind_title)
    yield _("Received"), _at(ledger, row.opened_at)
    if row.urgent or row.emergency:
        yield _("Marked"), _("Emergency") if row.emergency else _("Urgent")
    yield _("Room"), row.room
    yield _("Name"), row.person
    yield _("Telephone"), row.phone


def _order(ledger: Ledger, view: TicketView) -> _Lines:
    row, facts = view.row, view.facts
    yield from _head(ledger, view)
    yield _("Place"), row.place
    yield _("Matter"), row.what
    yield (
        _("Parts supplied by"),
        {"company": _("The company"), "customer": _("The customer")}.get(facts.get("parts", ""), ""),
    )
    yield _("Warranty"), {"in": _("In warranty"), "out": _("Out of warranty")}.get(facts.get("warranty", ""), "")
    yield _("Convenient time"), view.convenient_time
    yield _("Appointment"), _at(ledger, view.appointment)
    yield "-", ""
    yield _("Department"), view.department
    yield _("Assignee"), row.assignee
    yield _("Worker asked for"), str(facts.get("named_worker") or "")
    yield _("Arrived"), _happened(ledger, view, "ticket.arrived") or _BLANK
    yield _("Completed"), _at(ledger, view.completed_at) or _BLANK
    yield _("Result"), _said(view, "ticket.completed", "result") or _BLANK
    yield _("Materials used"), _said(view, "ticket.completed", "materials") or _BLANK
    yield "-", ""
    yield from _callback(ledger, view)
    yield _("Worker's signature"), _BLANK
    yield _("Resident's signature"), _BLANK


def _record(ledger: Ledger, view: TicketView) -> _Lines:
    row, facts = view.row, view.facts
    yield from _head(ledger, view)
    yield _("Time of the event"), _said(view, "ticket.opened", "event_time")
    yield _("Place"), row.place
    yield _("Person complained of"), _said(view, "ticket.opened", "complained_person")
    yield _("Department complained of"), str(facts.get("complained_department") or "")
    yield _("Course of events"), row.what
    yield _("Resident's demand"), _said(view, "ticket.opened", "demand")
    grades = {"major": _("Major"), "important": _("Important"), "minor": _("Minor")}
    yield _("Grade"), grades.get(facts.get("grade", ""), _BLANK)
    yield "-", ""
    yield _("Received by"), view.first_contact
    for event in view.events:
        if event.name.startswith("complaint.") or event.name in (
            "ticket.decided",
            "ticket.contacted",
            "ticket.completed",
        ):
            words = " ".join(" ".join(text.split()) for text in event.words.values() if text)
            yield _at(ledger, event.happened_at)[5:], f"{_(event.title)} {words}".strip()
    yield "-", ""
    yield from _callback(ledger, view)


def _sheet(ledger: Ledger, view: TicketView) -> _Lines:
    sent = _last(view, "complaint.sheet_sent")
    yield _("Number"), view.row.number
    yield (
        _("To"),
        str((sent.sets if sent else {}).get("department") or _word(sent, "department") or view.department or _BLANK),
    )
    yield _("Sent"), _at(ledger, sent.happened_at) if sent else _BLANK
    yield _("Sent by"), sent.done_by if sent else _BLANK
    yield _("Matter"), _word(sent, "matter") or view.row.what
    yield _("Room"), view.row.room
    yield "-", ""
    reply = _last(view, "complaint.sheet_answered")
    yield _("Reply"), _word(reply, "reply") or "\n".join([_BLANK] * 3)
    yield _("Replied"), _at(ledger, reply.happened_at) if reply else _BLANK
    yield _("Signature"), _BLANK


def _notice(ledger: Ledger, view: TicketView) -> _Lines:
    """The latest notice, with room for what was done and who signs (S2-29)."""
    issued = _last(view, "notice.issued")
    yield _("Number"), _word(issued, "notice")
    yield _("Work order"), view.row.number
    yield _("Issued to"), str((issued.facts.get("to") if issued else None) or view.row.assignee or _BLANK)
    yield _("Issued"), _at(ledger, issued.happened_at) if issued else ""
    yield _("Issued by"), issued.done_by if issued else ""
    yield _("Room"), view.row.room
    yield _("Matter"), view.row.what
    call = next((each for each in reversed(view.callbacks) if each.outcome == "unsatisfied"), None)
    yield _("Found at the callback"), _at(ledger, call.done_at) if call else ""
    yield _("What is to be corrected"), _word(issued, "matter")
    by = issued.sets.get("correct_by") if issued else None
    yield _("To be corrected by"), _at(ledger, datetime.fromisoformat(by)) if by else _BLANK
    yield "-", ""
    after = issued is not None and view.completed_at is not None and view.completed_at >= issued.happened_at
    yield _("Put right"), _at(ledger, view.completed_at) if after else _BLANK
    yield _("Result"), (_said(view, "ticket.completed", "result") if after else "") or _BLANK
    yield _("Worker's signature"), _BLANK
    yield _("Checked by"), _BLANK


def _referral(ledger: Ledger, view: TicketView) -> _Lines:
    """What the customer takes along: the trade and its number, written clearly (S1-38)."""
    referred = _last(view, "ticket.referred")
    yield _("Number"), view.row.number
    yield _("Room"), view.row.room
    yield _("Matter"), view.row.what
    yield "-", ""
    yield _("Trade"), _word(referred, "trade")
    yield _("Telephone"), _word(referred, "number_given")


def _handling(ledger: Ledger, view: TicketView) -> _Lines:
    """What the desk keeps: the whole of it, with the plan as it was explained (S3-20, S3-29, S3-35)."""
    yield from _head(ledger, view)
    yield _("Place"), view.row.place
    yield _("Matter"), view.row.what
    yield _("Appointment"), _at(ledger, view.appointment)
    yield _("First contact"), view.first_contact
    yield (
        _("Slip signed out"),
        " ".join(filter(None, (_happened(ledger, view, "ticket.signed_out"), view.row.assignee))) or _BLANK,
    )
    yield "-", ""
    yield _("Arrived"), _happened(ledger, view, "ticket.arrived") or _BLANK
    yield _("Diagnosis"), _said(view, "ticket.diagnosed", "diagnosis") or _BLANK
    yield _("Plan"), _said(view, "ticket.planned", "plan") or _BLANK
    yield _("Work instruction"), _said(view, "ticket.planned", "instruction")
    for name, title in POINTS.items():
        yield _(title), _said(view, "ticket.plan_explained", name)
    yield "-", ""
    yield from _done(ledger, view)
    yield _("Slip back at the desk"), _happened(ledger, view, "ticket.slip_returned") or _BLANK
    yield from _callback(ledger, view)


def _copy(ledger: Ledger, view: TicketView) -> _Lines:
    """What the customer keeps: what was done, with what, for how much, and what they signed (S3-35, S3-36)."""
    yield from _head(ledger, view)
    yield _("Place"), view.row.place
    yield _("Matter"), view.row.what
    yield "-", ""
    yield from _done(ledger, view)


def _done(ledger: Ledger, view: TicketView) -> _Lines:
    """The contents the manual asks for (S3-34, S3-35); what the desk filled in on checking counts like the rest."""

    def said(event: str, word: str) -> str:
        return _said(view, "ticket.slip_checked", word) or _said(view, event, word) or _BLANK

    charge = view.facts.get("charge")
    yield _("Handled by"), view.row.assignee or _BLANK
    yield _("Begun"), _happened(ledger, view, "ticket.started") or _happened(ledger, view, "ticket.arrived") or _BLANK
    yield _("Completed"), _at(ledger, view.completed_at) or _BLANK
    yield _("Result"), said("ticket.completed", "result")
    yield _("Materials used"), said("ticket.completed", "materials")
    yield _("Amount charged"), _BLANK if charge is None else f"{charge:g}"
    yield _("Opinion on the slip"), said("ticket.inspected", "opinion")
    yield _("Signed by"), said("ticket.inspected", "signed_by")


def _callback(ledger: Ledger, view: TicketView) -> _Lines:
    outcomes = {
        "satisfied": _("Satisfied"),
        "unsatisfied": _("Not satisfied"),
        "unanswered": _("No answer"),
        "hung_up": _("Hung up"),
        "refused": _("Refused to answer"),
    }
    call = view.callbacks[-1] if view.callbacks else None
    yield _("Callback"), _at(ledger, call.done_at) if call and call.done_at else _BLANK
    yield _("Outcome"), outcomes.get(call.outcome or "", _BLANK) if call else _BLANK
    yield _("Resident's opinion"), (call.opinion or call.why if call else "") or _BLANK


def _at(ledger: Ledger, at: datetime | None) -> str:
    return f"{at.astimezone(ledger.zone):%Y-%m-%d %H:%M}" if at is not None else ""


def _last(view: TicketView, name: str) -> EventRow | None:
    return next((event for event in reversed(view.events) if event.name == name and event.undone != "retracted"), None)


def _happened(ledger: Ledger, view: TicketView, name: str) -> str:
    event = _last(view, name)
    return _at(ledger, event.happened_at) if event else ""


def _said(view: TicketView, event: str, word: str) -> str:
    return _word(_last(view, event), word)


def _word(event: EventRow | None, word: str) -> str:
    return (event.words.get(word) or "") if event else ""


def _centred(text: str, width: int) -> str:
    line = next(iter(wrapped(text, width)), "")
    return " " * ((width - cell_len(line)) // 2) + line


def _field(label: str, value: str, width: int) -> Iterable[str]:
    """``label: value``, the value going on under itself; nothing for an empty value."""
    if not value:
        return []
    head = _("{label}: ").format(label=label)
    indent = min(cell_len(head), width // 2)
    rest = [line for part in value.splitlines() or [""] for line in wrapped(part, width - indent) or [""]]
    if cell_len(head) > indent:
        return [*wrapped(head, width), *(" " * indent + line for line in rest)]
    return [head + rest[0], *(" " * indent + line for line in rest[1:])]


def wrapped(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` cells, none beginning with what closes."""
    return broken(" ".join(text.split()), width)


#: the points explained to the customer before the work, by word of the event (S3-29)
POINTS = {
    "working_time": N_("Working time"),
    "effects": N_("Likely effects"),
    "protection": N_("Protective measures"),
    "cooperation": N_("Cooperation needed"),
    "charges": N_("Charges, and how they are reckoned"),
}
_LINES = {
    "order": _order,
    "record": _record,
    "sheet": _sheet,
    "notice": _notice,
    "referral": _referral,
    "handling": _handling,
    "copy": _copy,
}
