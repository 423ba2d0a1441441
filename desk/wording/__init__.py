"""What the desk says: refusals, explanations, events, names of values, lengths of time, in the user's language.

Everything below hands up codes and plain data; the screens and the command line turn them into sentences here.
Loads no table and no interface.
"""

from desk.wording.events import summary, title
from desk.wording.reasons import explain, explain_deadline, limit_words
from desk.wording.refusals import sentence
from desk.wording.spans import countdown, day, duration, left, moment
from desk.wording.values import field, value

__all__ = [
    "countdown",
    "day",
    "duration",
    "explain",
    "explain_deadline",
    "field",
    "left",
    "limit_words",
    "moment",
    "sentence",
    "summary",
    "title",
    "value",
]
