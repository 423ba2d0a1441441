"""The ledger: records what happened, reckons the deadlines, in one transaction."""

from desk.ledger.record import Act, Doing, Entry, Ledger
from desk.ledger.rows import Row

__all__ = ["Act", "Doing", "Entry", "Ledger", "Row"]
