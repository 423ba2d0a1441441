"""Facts: what a rule may ask about an event or its subject, and what intake may ask of a caller."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from desk.i18n import N_
from desk.vocabulary.states import ANSWERS, CHANNELS, STATUSES


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
        ("rows", "number", N_("Rows")),
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
