"""What a key does, declared once: the key lines, the palette and the help are made from it.

Titles and help are message ids; they are translated when shown, so that the language may change while the console
runs. Safe keys only (design, section 6): F1–F10, ctrl+letter, enter, esc, arrows. Single letters die while a Chinese
input method is on.
"""

from __future__ import annotations

from dataclasses import dataclass

from desk.i18n import N_


@dataclass(frozen=True, slots=True)
class Action:
    """A key, what it does, and how people are told of it."""

    #: the method ``action_<name>``, with arguments as Textual writes them: ``mode('due')``
    name: str
    #: one key, or several with commas between
    key: str
    #: a word or two for the key line
    title: str
    #: one sentence for the help; the palette shows it too
    help: str = ""
    #: stands in the key line at the foot of the screen
    show: bool = True
    #: works even while a field has the focus and would take the key
    first: bool = False


# -- everywhere ----------------------------------------------------------------------------------------------

HELP = Action("help", "f1", N_("Help"), N_("What the focused part is for, and which keys it takes."), first=True)

#: the places of the console, in the order of their keys; of two with one key the manual in force offers one, and
#: where it offers both the first has the key
PLACES: dict[str, Action] = {
    "intake": Action(
        "mode('intake')", "f2", N_("Intake"), N_("Take down what a caller or visitor brings."), first=True
    ),
    "due": Action(
        "mode('due')", "f3", N_("To do"), N_("Everything with a deadline, the most urgent first."), first=True
    ),
    "log": Action("mode('log')", "f4", N_("Log"), N_("The day as it happened; write a note."), first=True),
    "callbacks": Action("mode('callbacks')", "f5", N_("Callbacks"), N_("Residents to be called back."), first=True),
    "waiting": Action(
        "mode('waiting')", "f5", N_("Visitors"), N_("Who is at the counter or on the line, and since when."), first=True
    ),
    "handover": Action(
        "mode('handover')", "f6", N_("Handover"), N_("Hand the shift over, or take it over."), first=True
    ),
    "more": Action(
        "mode('more')", "f7", N_("More"), N_("People and rooms, tickets, roster, reports, settings."), first=True
    ),
}
PERSON = Action(
    "person", "f8", N_("Change person"), N_("Somebody else sits down at this console."), show=False, first=True
)
QUIT = Action("leave", "f10", N_("Quit"), N_("Leave the console. Drafts are kept."), show=False, first=True)
VISITOR = Action(
    "visitor",
    "ctrl+y",
    N_("Visitor came"),
    N_("Put a visitor or caller on the waiting board: a digit says what for. Once more: to the board."),
    first=True,
)
PALETTE = Action("palette", "ctrl+p", N_("Commands"), N_("Find any command by its name."), first=True)
UNDO = Action(
    "undo",
    "",
    N_("Take back the last entry"),
    N_("Take back what you last recorded, as far as that can be."),
    show=False,
)
LANGUAGE = Action("language", "", N_("Change language"), N_("Chinese or English."), show=False)
LOCK = Action("lock", "", N_("Lock the console"), N_("Until your PIN opens it again; drafts are kept."), show=False)
OWN_PIN = Action("own_pin", "", N_("Change my PIN"), N_("Choose another PIN for yourself."), show=False)
THEME = Action("theme", "", N_("Change colours"), N_("Light, dark, or plain lines for older terminals."), show=False)

#: the actions of the whole console that have no place of their own
ANYWHERE = (HELP, *PLACES.values(), PERSON, PALETTE, VISITOR, QUIT)
#: commands without a key, for the palette
COMMANDS = (UNDO, LANGUAGE, THEME, LOCK, OWN_PIN)

# -- forms ---------------------------------------------------------------------------------------------------

SAVE = Action("save", "ctrl+s", N_("Save"), N_("Save what has been written."), first=True)
RUN_REPLAY = Action("save", "ctrl+s", N_("Run"), N_("Run it; nothing is written."), first=True)
LEAVE = Action("leave_form", "escape", N_("Leave (kept as draft)"), N_("Leave the form; it is kept as a draft."))
LEAVE_UNKEPT = Action("leave_form", "escape", N_("Leave"), N_("Leave; nothing is kept."))
CLOSE = Action("close", "escape", N_("Back"), N_("Back to where you came from."))
NEXT = Action("next_field", "enter", N_("Next field"), N_("Go on to the next field."), show=False)
NEW_LINE = Action("new_line", "ctrl+j", N_("New line"), N_("Begin a new line."), show=False)

SAVE_SETUP = Action("found", "ctrl+s", N_("Begin"), N_("Make the estate and sign in."), first=True)
END_SETUP = Action("end", "escape", N_("Quit"), N_("Leave; nothing is made."))

# -- lists ---------------------------------------------------------------------------------------------------

OPEN = Action("select_cursor", "enter", N_("Open row"), N_("Open the marked row."))
EXPLAIN = Action(
    "explain", "f9", N_("Explain"), N_("Why it is due then: rule, source, each interval counted or skipped.")
)

SEARCH = Action("search", "ctrl+f", N_("Search"), N_("Only what contains what you type."), first=True)

# -- what is due ---------------------------------------------------------------------------------------------

DO = Action("select_cursor", "enter", N_("Do it"), N_("Do what is due: the act that meets the marked deadline."))
TICKET = Action("ticket", "ctrl+o", N_("Ticket"), N_("Everything about the ticket of the marked row."))
#: where a row may be a visitor's
DETAILS = Action("ticket", "ctrl+o", N_("Details"), N_("Everything about the ticket or visit of the marked row."))
WHOSE = Action("whose", "ctrl+t", N_("Whose"), N_("Everybody's, yours, or what one of your duties must do."))
KIND = Action("kind", "ctrl+k", N_("Kind"), N_("Only tickets of one kind."), first=True)
OVERDUE = Action("overdue", "ctrl+d", N_("Overdue only"), N_("Only what is overdue, or everything again."), first=True)

# -- a ticket's page -----------------------------------------------------------------------------------------

RUN = Action("run", "enter", N_("Do it"), N_("Do the marked act."), show=False)
REVEAL = Action("reveal", "ctrl+r", N_("Telephone"), N_("Show the telephone number in full, or mask it again."))
SLIP = Action("slip", "ctrl+l", N_("Slip"), N_("The ticket on paper: read, save to a file, print."), first=True)
ORDER = Action(
    "order", "ctrl+b", N_("Turn the log"), N_("The log with the newest entry first, or the oldest."), first=True
)
TAKE_BACK = Action(
    "take_back", "ctrl+z", N_("Take back"), N_("Take back what you last recorded on this ticket."), first=True
)
PAPER = Action("paper", "ctrl+l", N_("On paper"), N_("As a text to read, save to a file or print."), first=True)
PRINT = Action("print", "ctrl+l", N_("Print"), N_("Send it to the printer."), first=True)
SAVE_FILE = Action("save_file", "ctrl+s", N_("Save to a file"), N_("Write it to a text file."), first=True)

# -- tickets -------------------------------------------------------------------------------------------------

STATUS = Action("status", "ctrl+t", N_("Status"), N_("Open ones, all, or those in one state."))
ASSIGNEE = Action("assignee", "ctrl+e", N_("Who"), N_("Only tickets one person works on or answers for."), first=True)

# -- callbacks -----------------------------------------------------------------------------------------------

CALL = Action(
    "select_cursor", "enter", N_("Call"), N_("Call the marked resident: what to say, what to ask, the answer.")
)
REVIEWS = Action(
    "reviews", "ctrl+t", N_("To review"), N_("Callbacks that are over and await the supervisor's review, or the queue.")
)

# -- visitors ------------------------------------------------------------------------------------------------

DO_NEXT = Action("select_cursor", "enter", N_("Do it"), N_("Do what comes next for the marked visitor."))
VISIT = Action("visit", "ctrl+o", N_("The visit"), N_("Everything about the marked visit, and all that can be done."))
TO_INTAKE = Action(
    "to_intake",
    "ctrl+g",
    N_("To intake"),
    N_("Take their matter down as a ticket; who and what are filled in."),
)
ABOUT_THEM = Action("about_them", "ctrl+n", N_("Who and what"), N_("Add or correct name, matter, room and telephone."))
EVERYBODY = Action("everybody", "ctrl+t", N_("Whole day"), N_("Also those who have gone today, or only who is there."))
UNDO_VISIT = Action(
    "take_back", "ctrl+z", N_("Take back"), N_("Take back what you last recorded for the marked visitor."), first=True
)
ON_BOARD = Action(
    "put_on_board", "ctrl+s", N_("On the board"), N_("Put them on the board with what has been written."), first=True
)
GIVE_UP_VISITOR = Action("no", "escape", N_("Back"), N_("Nobody is put on the board."))

# -- handover ------------------------------------------------------------------------------------------------

SIGN = Action(
    "sign", "ctrl+s", N_("Sign"), N_("Sign what stands on the screen; it never changes afterwards."), first=True
)
WRITE = Action("write", "ctrl+n", N_("Write"), N_("To the notes and back to the sheet."), first=True)
SIDE = Action(
    "side", "ctrl+t", N_("Leave or come"), N_("Your own sheet on leaving, or the one waiting to be taken over.")
)
BRIEFING = Action(
    "briefing",
    "ctrl+b",
    N_("Briefing"),
    N_("What to read before a duty: yesterday, and what is due today."),
    first=True,
)
PAST = Action("past", "ctrl+g", N_("Past ones"), N_("Handovers as they were signed, for review."), first=True)
COMMENT = Action(
    "comment", "ctrl+n", N_("Comment"), N_("Write a supervisor's comment about the marked handover."), first=True
)
READ = Action(
    "read_it", "ctrl+s", N_("I have read it"), N_("Note that you have read the briefing and are there."), first=True
)

# -- log -----------------------------------------------------------------------------------------------------

DAY_BACK = Action("day(-1)", "left", N_("Day before"), N_("The log of the day before."))
DAY_ON = Action("day(1)", "right", N_("Day after"), N_("The log of the day after; not beyond today."))
NOTE = Action("note", "ctrl+n", N_("Note"), N_("Write a free note in the log."), first=True)
CORRECT = Action("correct", "ctrl+d", N_("Correct"), N_("Correct the marked entry; the former version stays readable."))
MACHINE = Action(
    "machine", "ctrl+t", N_("The clock's"), N_("Also what the clock noted by itself, or only people's acts.")
)
TAKE_BACK_ENTRY = Action(
    "take_back", "ctrl+z", N_("Take back"), N_("Take back the marked act; it stays readable."), first=True
)
ENTRY = Action("select_cursor", "enter", N_("Read"), N_("Read the marked entry whole."))
PERSON_ONLY = Action("whose", "ctrl+e", N_("Who"), N_("Only what one person did or wrote."), first=True)

# -- the day's forms -----------------------------------------------------------------------------------------

SWEEP = Action(
    "sweep",
    "ctrl+s",
    N_("Sweep done"),
    N_("Record what the acceptors answered, and the text for the group."),
    first=True,
)
PUBLISH = Action(
    "publish", "ctrl+l", N_("Publish"), N_("Publish the orders unfinished for too long, and the text for the group.")
)
REPORT = Action(
    "report", "ctrl+b", N_("Report"), N_("The report of the day: read it, then note to whom it went."), first=True
)
CARRY = Action("carry", "ctrl+d", N_("Carry over"), N_("The marked order goes over to the next day, with the reason."))
WORKLOAD = Action("workload", "ctrl+t", N_("Workload"), N_("The workload is full, or free again."))
ANSWER = Action(
    "select_cursor", "enter", N_("Answer"), N_("What the acceptor of the marked order answers; or take up, or open.")
)

# -- people and rooms ----------------------------------------------------------------------------------------

CHANGE = Action("select_cursor", "enter", N_("Change"), N_("Change the marked person, room or member of staff."))
ADD_PERSON = Action(
    "add('person')", "ctrl+n", N_("New person"), N_("Add a resident with telephones and rooms."), first=True
)
ADD_ROOM = Action("add('room')", "ctrl+b", N_("New room"), N_("Add a home, a shop or a public area."), first=True)
ADD_STAFF = Action(
    "add('staff')", "ctrl+t", N_("New staff"), N_("Add a member of staff with their duties."), first=True
)
FORGET = Action(
    "forget", "ctrl+d", N_("Forget"), N_("Take the marked person's words away for good."), show=False, first=True
)
CARD_TICKET = Action("ticket", "ctrl+o", N_("Ticket"), N_("The open ticket on the card that is due next."), first=True)

# -- PINs ----------------------------------------------------------------------------------------------------

GIVE_PIN = Action("select_cursor", "enter", N_("First PIN"), N_("Give the marked person a first PIN, or a new one."))
REMOVE_PIN = Action("remove_pin", "ctrl+d", N_("Take away"), N_("Take the marked person's PIN away."), first=True)
REQUIRE_PINS = Action(
    "require_pins", "ctrl+t", N_("Required of all"), N_("Let nobody work without a PIN, or let them again."), first=True
)
IDLE_LOCK = Action(
    "idle_lock", "ctrl+b", N_("Lock after"), N_("Minutes without a key after which a console locks itself."), first=True
)

# -- roster --------------------------------------------------------------------------------------------------

WEEK_BACK = Action("week(-1)", "left", N_("Week before"), N_("The roster a week earlier."))
WEEK_ON = Action("week(1)", "right", N_("Week after"), N_("The roster a week later."))
PLAN_WEEK = Action(
    "plan_week", "ctrl+b", N_("Plan the week"), N_("Fill the week's free turns with the people you name, in turn.")
)
PLAN = Action("plan", "ctrl+n", N_("Plan a duty"), N_("Put one person on the roster."))
CANCEL_SHIFT = Action(
    "cancel", "ctrl+d", N_("Off the roster"), N_("Take the marked duty off the roster, with the reason.")
)
COME = Action("come", "ctrl+s", N_("I am here"), N_("Note that you have come on duty."), first=True)
GO = Action("leave_duty", "ctrl+l", N_("I leave"), N_("Note that you leave duty."), first=True)

# -- reports -------------------------------------------------------------------------------------------------

MONTH_BACK = Action("screen.month(-1)", "left", N_("Month before"), N_("The month before."))
CHANGE_RULE = Action("select_cursor", "enter", N_("Change"), N_("Change what the marked rule or figure says."))
SWITCH_RULE = Action("switch", "ctrl+d", N_("Off or on"), N_("Switch the marked rule off, or on again."), first=True)
RECKON_ANEW = Action(
    "reckon_anew", "ctrl+t", N_("Reckon anew"), N_("Let what is open go by the rules in force."), first=True
)
RUN_AGAIN = Action("run_again", "ctrl+l", N_("Replay"), N_("What would have been late under other rules."), first=True)
MONTH_ON = Action("screen.month(1)", "right", N_("Month after"), N_("The month after; not beyond this one."))
MONTH_COMING = Action("screen.month(1)", "right", N_("Month after"), N_("The month after."))
THIS_MONTH = Action("screen.month(0)", "ctrl+t", N_("This month"), N_("The month of today."))
