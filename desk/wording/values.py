"""Names of fields and of the values they take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from desk.grants import RIGHTS
from desk.i18n import LANGUAGES, N_, _, in_language
from desk.text import fold
from desk.vocabulary import ANSWERS, CHANNELS, DUTIES, EVENTS, FACTS, MATTERS, STATUSES, VISIT_STATUSES

#: what intake takes down that is no fact
FIELDS: Mapping[str, str] = {
    "room": N_("Room"),
    "room_text": N_("Room"),
    "person": N_("Person"),
    "person_name": N_("Name"),
    "phone": N_("Telephone"),
    "what": N_("Matter"),
    "place": N_("Place"),
    "convenient_time": N_("Convenient time"),
    "event_time": N_("Time of the event"),
    "complained_person": N_("Person complained of"),
    "demand": N_("Resident's demand"),
    "service": N_("Service wanted"),
    "fee": N_("Fee"),
    "note": N_("Note"),
    "result": N_("Result"),
    "materials": N_("Materials used"),
    "opinion": N_("Resident's opinion"),
    "why": N_("Why not satisfied"),
    "caller": N_("Caller"),
    "caller_phone": N_("Caller's telephone"),
    "text": N_("Text"),
    "at": N_("Time"),
    "number": N_("Number"),
    "opened_at": N_("Opened at"),
    "closed_at": N_("Closed at"),
    "completed_at": N_("Completed at"),
    "paused_at": N_("Paused at"),
    "diagnosis": N_("Diagnosis"),
    "plan": N_("Plan"),
    "instruction": N_("Work instruction"),
    "signed_by": N_("Signed by"),
    "direction": N_("Direction"),
    "flow": N_("Emergency flow used"),
    "node": N_("For which part"),
    "version": N_("Version"),
    "rulebook": N_("Rulebook"),
    "calendar": N_("Calendar"),
}

_VALUES: Mapping[str, Mapping[str, str]] = {
    "status": {
        **STATUSES,
        "stopped": N_("Stopped"),
        "made": N_("Made"),
        "confirmed": N_("Confirmed"),
        "kept": N_("Kept"),
        "missed": N_("Missed"),
        "skipped": N_("Skipped"),
        **VISIT_STATUSES,
    },
    # of a callback or a duty
    "over": {
        "open": N_("Still open"),
        "done": N_("Done"),
        "stopped": N_("Stopped"),
        "missed": N_("Missed"),
        "skipped": N_("Skipped"),
    },
    "channel": CHANNELS,
    "source": {
        "resident": N_("Resident"),
        "self_inspection": N_("Self-inspection"),
        "department": N_("Another department"),
        "leader": N_("A leader"),
        "desk": N_("Passed on inside the desk"),
        "internal": N_("Need of the house itself"),
    },
    "customer": {"outside": N_("Outside customer"), "inside": N_("Inside customer")},
    "slip": {
        "none": N_("Not signed out"),
        "out": N_("Signed for"),
        "returned": N_("Back at the desk"),
        "checked": N_("Checked"),
    },
    "meeting": {"listed": N_("On the meeting's list"), "decided": N_("Decided")},
    "role": {
        "responsible": N_("Responsible for it"),
        "superior": N_("Superior"),
        "other": N_("Other"),
        "owner": N_("Owner of the home"),
        "tenant": N_("Tenant"),
        "family": N_("Family"),
    },
    "area": {"in_home": N_("In the home"), "public": N_("Public area")},
    "repair_class": {"safety": N_("Safety facility"), "leak": N_("Leak"), "other": N_("Other")},
    "warranty": {"in": N_("In warranty"), "out": N_("Out of warranty"), "unknown": N_("Not known")},
    "room_kind": {"home": N_("Home"), "shop": N_("Shop"), "public": N_("Public area")},
    "dispatch": {
        "told": N_("Told by the desk"),
        "signed_out": N_("Signed out at the desk"),
        "pool": N_("Order pool"),
        "none": N_("Not dispatched"),
    },
    "callback": {
        "before_close": N_("Before closing"),
        "after_close": N_("After closing"),
        "none": N_("No callback"),
    },
    "code_state": {
        "made": N_("Code made"),
        "told": N_("Code told"),
        "verified": N_("Code checked"),
        "overridden": N_("Verified by telephone"),
    },
    "rescue": {"sent": N_("Rescuers sent"), "arrived": N_("Rescuers arrived"), "freed": N_("People freed")},
    "grade": {"major": N_("Major"), "important": N_("Important"), "minor": N_("Minor")},
    "liability": {
        "company": N_("The company is liable"),
        "resident": N_("The resident is liable"),
        "neighbour": N_("A neighbour is liable"),
        "shared": N_("Liability is shared"),
    },
    "outcome": {
        "satisfied": N_("Satisfied"),
        "unsatisfied": N_("Not satisfied"),
        "unanswered": N_("No answer"),
        "hung_up": N_("Hung up"),
        "refused": N_("Refused to answer"),
    },
    "means": {
        "phone": N_("By telephone"),
        "visit": N_("Home visit"),
        "message": N_("By message"),
        "in_person": N_("In person"),
    },
    "reason": {
        "parts": N_("Waiting for parts"),
        "long_work": N_("Long work"),
        "leftover": N_("Left over from the builder"),
        "customer": N_("At the customer's wish"),
        "other": N_("Other"),
        # why a ticket was closed without anybody's closing it by hand
        "callback": N_("After the callback"),
        "no_callback": N_("Nobody could be called back"),
        "answered": N_("Answered"),
        "received": N_("Received by the host"),
        "referred": N_("Passed on to another trade"),
        "source_agreed": N_("Whoever brought it agrees"),
    },
    "parts": {"company": N_("The company"), "customer": N_("The customer")},
    "matter": MATTERS,
    "host_state": {"in": N_("In"), "out": N_("Out"), "busy": N_("Busy with somebody else")},
    "message": {"taken": N_("Taken, to be passed on"), "passed": N_("Passed on")},
    "exported": {
        "tickets": N_("Tickets"),
        "events": N_("Entries"),
        "people": N_("People"),
        "person": N_("All about one person"),
    },
    "desk": {"free": N_("Desk free"), "busy": N_("Desk busy"), "phone": N_("Desk on the telephone")},
    "level": {
        "0": N_("Front desk"),
        "1": N_("Customer-service director"),
        "2": N_("Management-office director"),
    },
    "upgrade_to": {
        "colleague": N_("Another colleague"),
        "director": N_("Customer-service director"),
        "office_director": N_("Management-office director"),
    },
    "cause": {
        "dissatisfied": N_("Not satisfied"),
        "insists": N_("Insists on somebody else"),
        "unexplained": N_("Not made clear in time"),
    },
    "answer": ANSWERS,
}
#: what else people call those who have a duty, with commas between
_CALLED: Mapping[str, str] = {
    "agent": N_("receptionist, reception, front desk, customer service, clerk"),
    "supervisor": N_("supervisor, desk supervisor, shift supervisor, reception supervisor"),
    "manager": N_("manager, general manager, company head"),
    "technician": N_("technician, repairman, plumber, electrician, maintenance"),
    "repair_team_leader": N_("maintenance team leader, foreman"),
    "engineering_supervisor": N_("engineering manager, chief engineer, engineering"),
    "project_manager": N_("property manager, estate manager, project head"),
    "complaint_specialist": N_("complaints, complaint officer"),
    "quality_specialist": N_("quality, quality officer"),
    "leader_in_charge": N_("leader"),
    "department_head": N_("head of department, department manager"),
    "security": N_("guard, security guard, gatekeeper"),
    "cashier": N_("cash desk, accounts, finance"),
    "administrator": N_("admin, system administrator"),
    "team_leader": N_("shift leader, head of shift"),
    "cleaner": N_("cleaning, janitor"),
}
_VALUES = {**_VALUES, "kind_of_room": _VALUES["room_kind"], "pause_reason": _VALUES["reason"]}


def field(name: str) -> str:
    """The title of a field or fact, ``room`` → ``Room``."""
    if name in FIELDS:
        return _(FIELDS[name])
    word = FACTS.get(name)
    return _(word.title) if word else name


def value(name: str, given: Any) -> str:
    """A value of the fact ``name`` as people read it: choices by their title, flags as yes or no, duties by title."""
    if isinstance(given, bool):
        return _("yes") if given else _("no")
    if given is None:
        return ""
    title = _VALUES.get(name, {}).get(str(given))
    if title is not None:
        return _(title)
    if name in ("duty", "by", "who") and str(given).partition("@")[0] in DUTIES:
        duty, _at, department = str(given).partition("@")
        return _(DUTIES[duty]) + (f" {department}" if department else "")
    if name in ("by", "who") and str(given).startswith("@"):
        return field(str(given)[1:])
    if isinstance(given, list | tuple):
        return _(", ").join(value(name, each) for each in given)
    if name in ("refused", "right") and str(given) in RIGHTS:
        return _(RIGHTS[str(given)].title)
    if name == "refused" and str(given) in EVENTS:
        return _(EVENTS[str(given)].title)
    return str(given)


def share_words(rate: Any) -> str:
    """A rate that is a share, with its cases: ``83.3% (5/6)``."""
    return "—" if rate.value is None else f"{rate.value:.1%} ({rate.part}/{rate.count})"


def choices(name: str) -> Mapping[str, str]:
    """The titles of a choice's values by value, untranslated; empty where it has none."""
    return _VALUES.get(name, {})


def duty_named(word: str) -> str | None:
    """The duty meant by a word in any language, by what else it is usually called, or by the beginning or end of one:
    ``主管``, ``客服主管``, ``前台``."""
    wanted = fold(word)
    if not wanted:
        return None
    names = {duty: _names(duty, title) for duty, title in DUTIES.items()}
    for fits in (str.__eq__, str.startswith, str.endswith):
        near = [duty for duty, said in names.items() if any(fits(name, wanted) for name in said)]
        if near:
            return near[0]
    return None


def _names(duty: str, title: str) -> list[str]:
    """Word, titles and usual names of a duty, in every language, folded."""
    said = [in_language(text, lang) for lang in LANGUAGES for text in (title, _CALLED.get(duty, "")) if text]
    return [fold(duty), *(fold(part) for text in said for part in re.split("[,、，]", text))]
