"""The ledger: records what happened, reckons the deadlines, in one transaction."""

from desk.ledger.acts import Act, Doing
from desk.ledger.record import Entry, Ledger
from desk.ledger.rows import Row

__all__ = ["Act", "Doing", "Entry", "Ledger", "Row"]
