"""Who must act and how a rule says so: duties, steps, anchors, settings, counts, measures."""

from __future__ import annotations

from desk.i18n import N_

#: duties a person may have; a rule's ``by`` and ``who`` name one (``duty@department`` narrows it)
DUTIES = {
    "agent": N_("Agent"),
    "supervisor": N_("Customer-service supervisor"),
    "manager": N_("Company manager"),
    "technician": N_("Repair worker"),
    "repair_team_leader": N_("Repair team leader"),
    "engineering_supervisor": N_("Engineering supervisor"),
    "specialty_supervisor": N_("Specialty supervisor"),
    "project_manager": N_("Project manager"),
    "complaint_specialist": N_("Complaint specialist"),
    "quality_specialist": N_("Quality specialist"),
    "leader_in_charge": N_("Leader in charge"),
    "department_head": N_("Department head"),
    "specialist": N_("Specialist"),
    "security": N_("Security"),
    "cashier": N_("Cashier"),
    "director": N_("Customer-service director"),
    "office_director": N_("Management-office director"),
    "administrator": N_("Administrator"),
    "team_leader": N_("Team leader"),
    "cleaner": N_("Cleaner"),
}

#: what a missed deadline's step may ask for, and the events that are its doing
STEPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "chase": (N_("Chase"), ("ticket.chased",)),
    "report": (N_("Report up"), ("ticket.reported",)),
    "escalate": (N_("Escalate"), ("ticket.escalated",)),
    "publish": (N_("Publish"), ("ticket.published", "day.published")),
    "colleague": (N_("Fetch a colleague"), ("visit.colleague_called",)),
    "upgrade": (N_("Move the service up"), ("visit.upgraded",)),
    "remind": (N_("Remind"), ()),
    "tell": (N_("Tell"), ()),
}


#: measures that are shares, and what each is a share of
SHARES = {
    "callback_rate": N_("of the callbacks of matters done, those that were made"),
    "satisfaction": N_("of the callbacks in which the source gave an opinion, those that were satisfied"),
    "timeliness": N_("of the limits that fell due, those that were kept"),
    "pass_rate": N_("of the matters done, those never handled a second time"),
}

#: moments a limit may count from or to, besides ``@fact``
ANCHORS = ("end of duty", "start of next duty", "end of day", "end of month", "end of day N of next month")

#: settings without a clock, with their form: ``number``, ``flag``, ``text``, ``kind``, ``kinds``, ``shifts``, or, by
#: kind, one of some words
SETTINGS: dict[str, str | tuple[str, ...]] = {
    "callback_attempts": "number",
    "unsatisfied": ("reopen", "route", "escalate"),
    "handler_first": "kinds",
    "complaints": "kinds",
    "repair_kind": "kind",
    "lift_contact": "text",
    "owner": ("first_contact", "on_duty", "assignee"),
    "intake_seconds": "number",
    "shifts": "shifts",
    "on_call": "shifts",
    "sample_size": "number",
    "letters_kind": "kind",
}

#: counts a recurring duty may ask for by ``only_if``
COUNTS = {
    "open_today": N_("orders opened today and not closed"),
    "unfinished": N_("unfinished orders"),
    "unfinished_24h": N_("orders unfinished for more than 24 hours"),
    "carried_over": N_("matters carried over"),
    "renovations": N_("renovations under way"),
}

#: what a target may measure
MEASURES = {
    "on_duty": N_("people on duty"),
    "callback_rate": N_("callback rate"),
    "satisfaction": N_("customer satisfaction"),
    "timeliness": N_("timeliness rate"),
    "pass_rate": N_("pass rate"),
    "callback_attempts": N_("unanswered callbacks in a row"),
}
