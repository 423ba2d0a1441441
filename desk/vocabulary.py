"""The words a rulebook may use: events, facts, duties, anchors, steps, counts, measures.

An unknown word in a rulebook is refused with the nearest one here. Titles are message ids; their Chinese is in the
catalogue. Which verb records an event is said here and held by a test against :mod:`desk.procedures`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

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


@dataclass(frozen=True, slots=True)
class Word:
    """An event: what it is about, its title, the verb that records it, and its own facts."""

    name: str
    title: str
    verb: str
    #: facts of the act alone, beside those of the subject's state
    own: tuple[str, ...] = ()
    #: what it does to running deadlines: ``pauses`` | ``resumes`` | ``reopens`` | ``corrects`` | ``retracts``
    effect: str = ""

    @property
    def group(self) -> str:
        return self.name.partition(".")[0]


def _events(rows: Iterable[tuple[str, ...]]) -> dict[str, Word]:
    words = {}
    for name, title, verb, *rest in rows:
        own = tuple(rest[0].split()) if rest else ()
        words[name] = Word(name, title, verb, own, rest[1] if len(rest) > 1 else "")
    return words


EVENTS: dict[str, Word] = _events(
    [
        # a ticket's life
        ("ticket.came_in", N_("Information came in"), "open", "source"),
        ("ticket.opened", N_("Opened"), "open"),
        ("ticket.joined", N_("Another caller joined"), "join", "channel"),
        ("ticket.urged", N_("Urged"), "urge", "channel"),
        ("ticket.noted", N_("Note"), "note"),
        ("ticket.corrected", N_("Corrected"), "correct"),
        ("ticket.reclassified", N_("Class changed"), "reclassify", "former_kind made_urgent"),
        ("ticket.told", N_("Department told"), "tell", "to told_to means"),
        ("ticket.assigned", N_("Dispatched"), "assign", "named"),
        ("ticket.claimed", N_("Claimed"), "claim", "busy"),
        ("ticket.accepted", N_("Accepted"), "accept"),
        ("ticket.feedback", N_("Worker's feedback"), "feedback"),
        ("ticket.contacted", N_("Customer contacted"), "contact", "consent means"),
        ("ticket.customer_told", N_("Explained to the customer"), "explain", "means"),
        ("ticket.code_told", N_("Verification code told"), "tell-code", "means"),
        ("ticket.arrived", N_("Arrived on site"), "arrive", "early"),
        ("ticket.code_verified", N_("Verification code checked"), "verify"),
        ("ticket.code_overridden", N_("Verified by telephone"), "override", "reason"),
        ("ticket.started", N_("Work started"), "start"),
        ("ticket.helper_came", N_("Helper started"), "helper"),
        ("ticket.helper_left", N_("Helper left"), "helper-left"),
        ("ticket.extra_work", N_("Extra work done on the spot"), "extra"),
        ("ticket.linked", N_("Linked order opened"), "link-repair", "number"),
        ("ticket.help_asked", N_("Cannot start in time: leader asked for help"), "ask-help", "whom"),
        ("ticket.paused", N_("Paused"), "pause", "reason", "pauses"),
        ("ticket.resumed", N_("Resumed"), "resume", "", "resumes"),
        ("ticket.unfinished_told", N_("Unfinished: team leader and centre told"), "tell-unfinished", "reason whom"),
        ("ticket.promised", N_("Finish time promised"), "promise"),
        ("ticket.leak_tested", N_("Leak test done"), "leak-test"),
        ("ticket.completed", N_("Completed"), "complete"),
        ("ticket.closed", N_("Closed"), "close", "reason replied"),
        ("ticket.cancelled", N_("Cancelled"), "cancel", "reason"),
        ("ticket.reopened", N_("Reopened"), "reopen", "reason", "reopens"),
        ("ticket.transferred", N_("Handed to another"), "transfer", "to reason"),
        ("ticket.transfer_accepted", N_("Taken over"), "take-over"),
        ("ticket.transfer_declined", N_("Taking over declined"), "decline", "reason"),
        # first-contact ownership: handed down step by step, closed only when the source agrees
        ("ticket.delegated", N_("Delegated"), "delegate", "to"),
        ("ticket.followed_on", N_("Follow-up passed on with the shift"), "sign-in", "former_owner"),
        ("ticket.source_agreed", N_("Source agrees to close"), "source-agrees", "means"),
        ("ticket.supervisor_asked", N_("Supervisor asked"), "ask-supervisor", "whom"),
        ("ticket.source_answered", N_("Source given its reply"), "answer-source", "means"),
        # passed on by the desk: read back, rung by the call list, directed
        ("ticket.read_back", N_("Passed on and read back"), "relay", "to means"),
        ("ticket.rung", N_("Rung and answered"), "ring", "whom role"),
        ("ticket.not_reached", N_("Rung, no answer"), "ring", "whom role"),
        ("ticket.directed", N_("Direction given"), "direct", "whom"),
        # the life of an information handling slip
        ("ticket.signed_out", N_("Slip signed out"), "sign-out", "signed_late"),
        ("ticket.diagnosed", N_("Diagnosed on the spot"), "diagnose"),
        ("ticket.planned", N_("Plan made"), "plan"),
        ("ticket.plan_explained", N_("Plan explained"), "explain-plan", "points chargeable price_shown"),
        ("ticket.stuck", N_("Cannot be handled"), "cannot", "beyond"),
        ("ticket.put_to_meeting", N_("Put to the managers' meeting"), "to-meeting"),
        ("ticket.inspected", N_("Accepted and signed by the source"), "sign-off"),
        ("ticket.rejected", N_("Not accepted: second handling"), "reject", "round"),
        ("ticket.slip_returned", N_("Slip back at the desk"), "return-slip"),
        ("ticket.slip_checked", N_("Slip checked"), "check-slip"),
        ("ticket.chased", N_("Chased"), "chase", "whom"),
        ("ticket.reported", N_("Reported up"), "report", "whom"),
        ("ticket.escalated", N_("Escalated"), "escalate", "whom"),
        ("ticket.decided", N_("Decision taken"), "decide"),
        ("ticket.carried_over", N_("Carried over"), "carry-over", "reason"),
        ("ticket.picked_up", N_("Carried-over matter taken up"), "pick-up"),
        ("ticket.published", N_("Published as unfinished"), "publish"),
        ("ticket.scheduled", N_("Visit rescheduled on the ticket"), "appoint"),
        ("ticket.coordinated", N_("Coordinated in spite of full workload"), "coordinate", "whom"),
        # questions and visits
        ("ticket.consulted", N_("Specialist consulted"), "consult", "whom"),
        ("ticket.reply_agreed", N_("Reply time agreed"), "agree-reply"),
        ("ticket.answered", N_("Answered"), "answer"),
        ("ticket.passed_on", N_("Host told"), "pass-on", "whom"),
        ("ticket.received", N_("Received by the host"), "receive"),
        # a repair taken at the counter
        ("ticket.arrival_told", N_("Customer told when somebody comes to look"), "tell-minutes"),
        ("ticket.prices_shown", N_("Price list shown"), "show-prices"),
        ("ticket.parts_said", N_("Parts settled"), "say-parts"),
        ("ticket.referred", N_("Outside specialist's number given"), "refer-out"),
        # complaints
        ("complaint.graded", N_("Graded"), "grade"),
        ("complaint.sheet_sent", N_("Work contact sheet sent"), "send-sheet"),
        ("complaint.sheet_answered", N_("Work contact sheet answered"), "answer-sheet"),
        ("complaint.put_to_manager", N_("Put before the manager"), "put-to-manager", "whom"),
        ("complaint.passed_to_head", N_("Passed to the department head"), "pass-to-head", "whom"),
        ("complaint.reply_given", N_("Clear answer given"), "reply", "means"),
        ("complaint.liability_set", N_("Liability stated"), "set-liability"),
        ("complaint.heads_called", N_("Department heads called"), "call-heads", "departments"),
        ("complaint.head_arrived", N_("Department head arrived"), "head-arrived", "department"),
        ("complaint.remedy_drafted", N_("Remedy drafted"), "remedy", "remedy cost"),
        ("complaint.remedy_chosen", N_("Remedy chosen"), "choose-remedy", "remedy cost"),
        ("complaint.mediated", N_("Mediated"), "mediate"),
        ("complaint.agitated", N_("Visitor agitated: supervisor called"), "call-supervisor", "whom"),
        ("complaint.received_apart", N_("Received apart by the supervisor"), "receive-apart"),
        ("complaint.harm_seen", N_("Harm continuing"), "harm"),
        ("complaint.harm_stopped", N_("Harm stopped"), "stop-harm"),
        ("complaint.judged_invalid", N_("Judged invalid, still served"), "invalid"),
        ("complaint.handling_reported", N_("Handling reported to the receptionist"), "report-handling"),
        ("complaint.result_told", N_("Result told to the complainant"), "tell-result", "means"),
        ("complaint.filed", N_("Papers filed"), "file"),
        # a lift, or another emergency
        ("rescue.calmed", N_("Trapped person calmed"), "calm", "means"),
        ("rescue.lift_contact_told", N_("Lift maintenance told"), "tell-lift", "means"),
        ("rescue.sent", N_("Rescuers sent"), "send-rescue", "whom"),
        ("rescue.arrived", N_("Rescuers arrived"), "rescue-arrived"),
        ("rescue.freed", N_("People freed"), "freed"),
        # appointments
        ("appointment.made", N_("Appointment made"), "appoint", "appointment before_bookable"),
        ("appointment.confirmed", N_("Appointment confirmed"), "confirm"),
        ("appointment.rebooked", N_("Appointment rebooked"), "rebook", "appointment former before_bookable"),
        ("appointment.missed", N_("Appointment missed"), "miss", "missed_appointments"),
        ("appointment.kept", N_("Appointment kept"), "arrive"),
        ("appointment.cancelled", N_("Appointment cancelled"), "cancel-appointment", "reason"),
        # visits: somebody at the counter, or on the line
        ("visit.arrived", N_("Visitor came"), "arrive-visitor", "desk"),
        ("visit.turned_urgent", N_("Visitor's matter turned out to be urgent"), "change-visit"),
        ("visit.changed", N_("Visit corrected"), "change-visit"),
        ("visit.served", N_("Visitor being served"), "serve"),
        ("visit.colleague_called", N_("Colleague fetched for the visitor"), "call-colleague", "whom"),
        ("visit.held", N_("Caller put on hold"), "hold"),
        ("visit.returned", N_("Back to the caller"), "back"),
        ("visit.explaining", N_("Explanation begun"), "explain-start"),
        ("visit.answered", N_("Made clear"), "clear-answer"),
        ("visit.passed", N_("Question passed to the right colleague"), "pass-question", "whom"),
        ("visit.upgraded", N_("Service moved up"), "upgrade", "upgrade_to cause whom"),
        ("visit.host_received", N_("Host receives the visitor"), "host-in"),
        ("visit.host_out", N_("Host is out"), "host-out"),
        ("visit.host_busy", N_("Host busy, told who is waiting"), "host-busy"),
        ("visit.host_phoned", N_("Host informed by telephone"), "phone-host"),
        ("visit.host_unreached", N_("Host not reached by telephone"), "phone-host"),
        ("visit.tea", N_("Tea offered or refilled"), "tea"),
        ("visit.message_taken", N_("Message taken"), "take-message"),
        ("visit.message_passed", N_("Message passed on"), "pass-message"),
        ("visit.ticket_opened", N_("Ticket opened from the visit"), "open-ticket", "number"),
        ("visit.sent_off", N_("Visitor seen out"), "send-off"),
        ("visit.gone", N_("Left without being served"), "gone"),
        # callbacks
        ("callback.opened", N_("Callback due"), "complete"),
        ("callback.handler_heard", N_("Handler heard"), "hear-handler"),
        ("callback.tried", N_("Callback unanswered"), "callback", "outcome means"),
        ("callback.done", N_("Called back"), "callback", "outcome means opinion_given"),
        ("callback.stopped", N_("No further callbacks"), "callback", "outcome means"),
        ("callback.drawn", N_("Drawn for the manager's check"), "draw-sample"),
        ("callback.reviewed", N_("Callback reviewed"), "review-callback"),
        ("sample.drawn", N_("Callbacks drawn at random"), "draw-sample", "month population drawn seed"),
        # in writing to those who did the work, and opinions to those they concern
        ("notice.issued", N_("Correction notice issued"), "issue-notice", "to"),
        ("opinion.passed_on", N_("Opinion passed on"), "pass-opinion", "to told_to means"),
        # the on-call list
        ("oncall.planned", N_("On-call duty planned"), "plan-shift"),
        ("oncall.rung", N_("On-call colleague rung: not coming"), "call-out", "whom answer rank on_call_left"),
        ("oncall.coming", N_("On-call colleague is coming"), "call-out", "whom answer rank"),
        # the contact box
        ("box.opened", N_("Contact box opened"), "open-box", "letters"),
        ("box.entered", N_("Letters taken down"), "enter-letters", "letters"),
        ("box.emptied", N_("Every letter taken down"), "enter-letters"),
        # shifts and handover
        ("shift.planned", N_("Shift planned"), "plan-shift"),
        ("shift.arrived", N_("Arrived for duty"), "arrive-shift"),
        ("shift.briefed", N_("Briefing read"), "brief"),
        ("shift.left", N_("Left duty"), "leave-shift"),
        ("shift.cancelled", N_("Shift cancelled"), "cancel-shift"),
        (
            "handover.signed_out",
            N_("Handover signed by the one who leaves"),
            "sign-out",
            "emergency last_duty uncarried",
        ),
        ("handover.signed_in", N_("Handover signed by the one who comes"), "sign-in"),
        ("handover.reviewed", N_("Handover reviewed"), "review-handover"),
        # the day, its recurring duties, its log
        ("duty.opened", N_("Duty due"), "tick"),
        ("duty.done", N_("Duty done"), "duty-done"),
        ("duty.skipped", N_("Duty skipped"), "duty-skip", "reason"),
        ("duty.missed", N_("Duty missed"), "tick"),
        ("day.reported", N_("Day reported upward"), "report-day", "whom listed"),
        ("day.swept", N_("Day's orders swept"), "sweep", "listed unchecked"),
        ("day.published", N_("Unfinished orders published"), "publish-day", "listed"),
        ("day.week_counted", N_("Complaints of the week counted"), "count-week", "complaints unfinished_complaints"),
        ("day.week_rated", N_("Week's rates taken"), "rate-week"),
        ("day.month_rated", N_("Month's rates taken"), "rate-month"),
        ("workload.saturated", N_("Workload saturated"), "saturate", "whom"),
        ("workload.freed", N_("Workload free again"), "free"),
        ("log.noted", N_("Log note"), "log", "urgent"),
        # people, rooms, staff, the estate itself
        ("person.added", N_("Person added"), "add-person"),
        ("person.changed", N_("Person changed"), "change-person"),
        ("person.revealed", N_("Seen in full"), "reveal"),
        ("person.forgotten", N_("Person forgotten"), "forget", "roots words"),
        ("records.exported", N_("Exported"), "export", "exported listed full"),
        ("retention.set", N_("Retention changed"), "retention"),
        ("retention.done", N_("Retention applied"), "retention", "roots words"),
        ("room.added", N_("Room added"), "add-room"),
        ("room.changed", N_("Room changed"), "change-room"),
        ("staff.added", N_("Staff added"), "add-staff"),
        ("staff.changed", N_("Staff changed"), "change-staff"),
        ("estate.opened", N_("Estate opened"), "init"),
        ("rulebook.adopted", N_("Rulebook adopted"), "adopt"),
        ("rulebook.applied", N_("Reckoned by the new rules"), "recompute"),
        ("calendar.imported", N_("Statutory days imported"), "import-days"),
        ("import.finished", N_("Import finished"), "import"),
        # who acts: PINs, and what was refused because of who asked
        ("pin.given", N_("First PIN given"), "pin"),
        ("pin.chosen", N_("PIN chosen"), "pin"),
        ("pin.removed", N_("PIN taken away"), "pin"),
        ("pin.locked", N_("Wrong PIN too often: locked"), "pin"),
        ("pin.settings", N_("PIN settings changed"), "pin"),
        ("act.refused", N_("Refused: not their right"), "refuse", "refused right"),
        # the ledger's own
        ("escalation.fired", N_("Deadline missed"), "tick", "rule step then by"),
        ("escalation.done", N_("Escalation step done"), "acknowledge", "deadline step then"),
        ("event.corrected", N_("Entry corrected"), "correct-event", "", "corrects"),
        ("event.retracted", N_("Entry taken back"), "undo", "reason", "retracts"),
    ]
)


@dataclass(frozen=True, slots=True)
class FactWord:
    """A fact: its type, title, allowed values (empty: any) and their titles."""

    name: str
    type: str  # text | flag | number | time | staff | choice
    title: str
    values: tuple[str, ...] = ()


def _facts(rows: Iterable[tuple[str, ...]]) -> dict[str, FactWord]:
    return {name: FactWord(name, type_, title, tuple(" ".join(v).split())) for name, type_, title, *v in rows}


FACTS: dict[str, FactWord] = _facts(
    [
        # state of a ticket; ``time`` facts are anchors
        ("kind", "choice", N_("Kind")),
        ("status", "choice", N_("Status"), " ".join(STATUSES)),
        ("channel", "choice", N_("Channel"), " ".join(CHANNELS)),
        ("source", "choice", N_("Source"), "resident self_inspection department leader desk internal"),
        ("customer", "choice", N_("Customer"), "outside inside"),
        ("building", "text", N_("Building")),
        ("source_department", "text", N_("Reporting department")),
        ("area", "choice", N_("Area"), "in_home public"),
        ("repair_class", "choice", N_("Repair class"), "safety leak other"),
        ("warranty", "choice", N_("Warranty"), "in out unknown"),
        ("room_kind", "choice", N_("Room kind"), "home shop public"),
        ("residential", "flag", N_("Residential")),
        ("project", "text", N_("Project")),
        ("dispatch", "choice", N_("Dispatch"), "told signed_out pool none"),
        ("callback", "choice", N_("Callback"), "before_close after_close none"),
        ("urgent", "flag", N_("Urgent")),
        ("emergency", "flag", N_("Emergency")),
        ("harm", "flag", N_("Harm continuing")),
        ("lift", "flag", N_("Lift")),
        ("trapped", "flag", N_("People trapped")),
        ("rescue", "choice", N_("Rescue"), "sent arrived freed"),
        ("specialist", "flag", N_("Needs a specialist")),
        ("official", "flag", N_("Official business")),
        ("host", "text", N_("Host")),
        ("agitated", "flag", N_("Agitated")),
        ("definite_time", "flag", N_("Wants a definite time")),
        ("grade", "choice", N_("Grade"), "major important minor"),
        ("large_effect", "flag", N_("Large effect")),
        ("beyond_department", "flag", N_("Beyond one department")),
        ("valid", "flag", N_("Valid")),
        ("liability", "choice", N_("Liability"), "company resident neighbour shared"),
        ("result_told", "flag", N_("Result told")),
        ("replied", "flag", N_("Reply given")),
        ("former_kind", "text", N_("Former class")),
        ("made_urgent", "flag", N_("Found to be urgent")),
        ("leak_tested", "flag", N_("Leak test done")),
        ("named_worker", "text", N_("Worker asked for")),
        ("code_state", "choice", N_("Verification code"), "made told verified overridden"),
        ("booked", "flag", N_("Booked service")),
        ("slip", "choice", N_("Handling slip"), "none out returned checked"),
        ("slip_signed", "flag", N_("Signed by the source")),
        ("copy_left", "flag", N_("Customer's copy left")),
        ("plan_agreed", "flag", N_("Plan agreed")),
        ("source_agreed", "flag", N_("Source agrees to close")),
        ("meeting", "choice", N_("Managers' meeting"), "listed decided"),
        ("charge", "number", N_("Amount charged")),
        ("first_contact", "staff", N_("First contact")),
        ("owner", "staff", N_("Owner")),
        ("offered_to", "staff", N_("Offered to")),
        ("assignee", "staff", N_("Assignee")),
        ("leader", "staff", N_("Leader who gave it")),
        ("department", "text", N_("Department")),
        ("complained_department", "text", N_("Department complained of")),
        ("problem_code", "text", N_("Problem code")),
        ("carried", "flag", N_("Carried over")),
        ("urges", "number", N_("Urges")),
        ("reopened", "number", N_("Times reopened")),
        ("missed_appointments", "number", N_("Missed appointments")),
        ("unanswered", "number", N_("Unanswered in a row")),
        ("appointment", "time", N_("Appointment")),
        ("expected_at", "time", N_("Expected arrival")),
        ("promised_at", "time", N_("Promised finish")),
        ("reply_at", "time", N_("Agreed reply time")),
        ("resident_limit", "time", N_("Resident's own limit")),
        ("due_by", "time", N_("Due by")),
        ("received_at", "time", N_("Came in at")),
        ("bookable_from", "time", N_("Bookable from")),
        ("shift_start", "time", N_("Shift begins")),
        ("shift_end", "time", N_("Shift ends")),
        ("occurrence", "time", N_("Occurrence")),
        ("saturated", "flag", N_("Workload saturated")),
        ("in_house", "flag", N_("Within our own repair ability")),
        ("parts", "choice", N_("Parts supplied by"), "company customer"),
        ("visit", "text", N_("Visit it came of")),
        ("told_at", "time", N_("Time told to the customer")),
        ("told_usual", "flag", N_("The usual minutes were told")),
        ("told_times", "number", N_("Times told")),
        ("rebooked", "number", N_("Times rebooked")),
        # state of a visit
        ("matter", "choice", N_("Matter of the visit"), "business move_in renovation payment repair release question"),
        ("served_by", "staff", N_("Served by")),
        ("level", "number", N_("Moved up to level")),
        ("host_state", "choice", N_("The host is"), "in out busy"),
        ("message", "choice", N_("Message"), "taken passed"),
        ("satisfied", "flag", N_("Satisfied")),
        # facts of single acts
        ("desk", "choice", N_("The desk was"), "free busy phone"),
        ("upgrade_to", "choice", N_("Moved up to"), "colleague director office_director"),
        ("cause", "choice", N_("Cause"), "dissatisfied insists unexplained"),
        ("outcome", "choice", N_("Outcome"), "satisfied unsatisfied unanswered hung_up refused"),
        ("means", "choice", N_("Means"), "phone visit message in_person"),
        ("consent", "flag", N_("Consent")),
        ("named", "flag", N_("Named by the customer")),
        ("busy", "flag", N_("Still at work on another")),
        ("reason", "text", N_("Reason")),
        ("whom", "staff", N_("Whom")),
        ("to", "staff", N_("To")),
        ("told_to", "text", N_("Told to")),
        ("departments", "text", N_("Departments")),
        ("cost", "number", N_("Cost")),
        ("remedy", "number", N_("Remedy")),
        ("former", "time", N_("Former time")),
        ("offered", "time", N_("Time we offered")),
        ("former_owner", "staff", N_("Owner before")),
        ("role", "choice", N_("Rung as"), "responsible superior other"),
        ("signed_late", "flag", N_("Signed for afterwards")),
        ("points", "number", N_("Points explained")),
        ("chargeable", "flag", N_("To be paid for")),
        ("price_shown", "flag", N_("Price list shown")),
        ("beyond", "flag", N_("Beyond the day or the department")),
        ("early", "number", N_("Minutes early")),
        ("round", "number", N_("Handling round")),
        ("before_bookable", "flag", N_("Before the bookable time")),
        ("rule", "text", N_("Rule")),
        ("step", "number", N_("Step")),
        ("then", "text", N_("Step asked for")),
        ("by", "text", N_("By")),
        ("deadline", "text", N_("Deadline")),
        ("number", "text", N_("Number")),
        ("last_duty", "flag", N_("Last duty of the day")),
        ("uncarried", "number", N_("Open matters without a reason for carrying over")),
        ("listed", "number", N_("Orders listed")),
        ("unchecked", "number", N_("Orders without a promised time")),
        ("opinion_given", "flag", N_("Opinion given")),
        ("result", "text", N_("Result")),
        ("correct_by", "time", N_("To be corrected by")),
        ("on_call", "flag", N_("On call")),
        ("answer", "choice", N_("Their answer"), " ".join(ANSWERS)),
        ("rank", "number", N_("Place on the list")),
        ("on_call_left", "number", N_("On the list and not yet rung")),
        ("letters", "number", N_("Letters")),
        ("letters_left", "number", N_("Letters not taken down yet")),
        ("month", "text", N_("Month")),
        ("refused", "text", N_("What was refused")),
        ("right", "text", N_("Right it wants")),
        ("exported", "choice", N_("What was exported"), "tickets events people person"),
        ("full", "flag", N_("Numbers and names in full")),
        ("roots", "number", N_("Matters whose words went")),
        ("words", "number", N_("Words taken away")),
        ("population", "number", N_("Callbacks of the month")),
        ("drawn", "number", N_("Drawn")),
        ("seed", "text", N_("Seed of the draw")),
        ("complaints", "number", N_("Complaints")),
        ("unfinished_complaints", "number", N_("Unfinished complaints")),
    ]
)

#: subjects that hang on no ticket, with the facts they keep beside those of their events: no event of theirs opens or
#: meets a ticket's deadline
APART: dict[str, tuple[str, ...]] = {
    "shift": ("shift_start", "shift_end"),
    "handover": (),
    "duty": ("rule", "occurrence"),
    "day": (),
    "workload": ("saturated", "bookable_from", "project"),
    "log": (),
    "person": (),
    "room": (),
    "staff": (),
    "estate": (),
    "rulebook": (),
    "import": (),
    "visit": ("channel", "matter", "urgent", "served_by", "level", "host_state", "message", "satisfied"),
}

#: what intake can ask for; a kind names those it wants
FIELDS = (
    *("room", "person", "phone", "what", "place", "channel", "area", "repair_class", "warranty", "convenient_time"),
    *("appointment", "urgent", "emergency", "source", "source_department", "named_worker", "specialist", "official"),
    *(
        "host",
        "grade",
        "event_time",
        "complained_person",
        "complained_department",
        "demand",
        "project",
        "definite_time",
    ),
    *("harm", "agitated", "lift", "trapped", "department", "leader", "due_by", "service", "fee", "resident_limit"),
    *("in_house", "parts"),
    *("beyond_department", "large_effect", "customer", "first_contact", "received_at"),
)

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


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like ``word``, or None: for a refusal that helps."""
    found = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return found[0] if found else None
