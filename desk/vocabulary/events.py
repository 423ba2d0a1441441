"""Events: what can have happened, and the verb that records it. A test holds the verbs against the procedures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from desk.i18n import N_


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
        ("ticket.scheduled", N_("Time of the visit on the ticket"), "appoint"),
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
        ("records.exported", N_("Exported"), "export", "exported rows full"),
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
