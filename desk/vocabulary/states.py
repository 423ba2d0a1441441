"""How far tickets and visits have come, how and why people come: the values that screens and rules share."""

from __future__ import annotations

from desk.i18n import N_

STATUSES = {
    "open": N_("New"),
    "assigned": N_("Assigned"),
    "accepted": N_("Accepted"),
    "working": N_("In work"),
    "done": N_("Done, callback due"),
    "closed": N_("Closed"),
    "cancelled": N_("Cancelled"),
}
#: statuses in which a ticket still asks for something
LIVE = ("open", "assigned", "accepted", "working", "done")
#: statuses before the work itself is done
UNFINISHED = ("open", "assigned", "accepted", "working")
#: how far a visit has come
VISIT_STATUSES = {
    "waiting": N_("Waiting"),
    "served": N_("Being served"),
    "upgraded": N_("Moved up"),
    "with_host": N_("With the host"),
    "left": N_("Gone"),
}
#: what visitors come for, the seven kinds of S1-02
MATTERS = {
    "business": N_("Business talk"),
    "move_in": N_("Moving in, change of owner"),
    "renovation": N_("Renovation"),
    "payment": N_("Payment"),
    "repair": N_("Repair"),
    "release": N_("Goods release"),
    "question": N_("Inquiry"),
}
#: how a matter reaches the desk
CHANNELS = {
    "phone": N_("By telephone"),
    "visit": N_("At the counter"),
    "letter": N_("By letter"),
    "fax": N_("By fax"),
    "online": N_("Online"),
    "box": N_("Contact box"),
    "staff": N_("By staff"),
    "hotline": N_("24-hour line"),
}
#: what somebody on call answers
ANSWERS = {"coming": N_("Is coming"), "unanswered": N_("No answer"), "cannot_come": N_("Cannot come")}
