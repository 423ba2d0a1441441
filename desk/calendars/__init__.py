"""Opening hours, seasons, holidays and make-up days, and the reckoning of deadlines through them.

Pure: nothing here asks the system clock, and only :func:`load_calendar` and :func:`load_statutory` read a
the files they are given. Every instant that goes in or comes out is an aware datetime, in UTC when it comes
out.

The nine rules (each has its table in ``tests/test_calendars.py``):

1. Exact date > holiday or make-up day > season > weekly hours, one weekday at a time: a season that says
   nothing of a weekday leaves its weekly hours. A make-up workday has the hours in force on its date; where
   its weekday has none, Saturday is as Friday and Sunday as Monday.
2. Working time runs in open stretches only. Hours are wall-clock hours: an opening within the hour that a
   clock change leaves out is the change itself, one within a repeated hour is its first pass.
3. A budget that ends exactly at closing time is due at closing time.
4. Stretches are half-open. A closed start counts from the next opening, and a budget of zero gives it.
   Going back is the mirror image.
5. N working days: the same wall-clock time on the N-th day with open hours after the start's date; a time
   outside that day's hours moves to the next opening; a closing instant stands.
6. End of duty: the first last-closing after the start. Start of next duty: the first day's-first-opening
   after it. A desk that never closes says where its day ends.
7. Overlapping pauses are merged. Working time and elapsed time stop in a pause; days move by the time paused
   (working days by the working time paused).
8. What consults a day whose year's statutory days are not known is provisional.
9. A calendar without an open hour in a year is refused, with file and key.

Hours past midnight (``"22:00-06:00"``) belong to the day on which they open.
"""

from desk.calendars.amounts import UNIT_WORDS, Amount, Interval, Name, Reckoned, Span, Unit
from desk.calendars.calendar import Calendar, add_months, load_calendar
from desk.calendars.cases import calendar_of_case, verify
from desk.calendars.schedule import Day, Schedule
from desk.calendars.statutory import Statutory, load_statutory, read_year, statutory_years

__all__ = [
    "UNIT_WORDS",
    "Amount",
    "Calendar",
    "Day",
    "Interval",
    "Name",
    "Reckoned",
    "Schedule",
    "Span",
    "Statutory",
    "Unit",
    "add_months",
    "calendar_of_case",
    "load_calendar",
    "load_statutory",
    "read_year",
    "statutory_years",
    "verify",
]
