"""Refusals: what the desk will not do, as a code and data.

Nothing below the edge writes a sentence; :mod:`desk.wording` turns a refusal into one, in the user's language.
"""

from __future__ import annotations


class Refusal(Exception):
    """The desk declines an act and nothing has been written.

    ``code`` is a dotted word (``"ticket.closed"``, ``"rulebook.unknown_word"``); ``params`` are the plain
    values its sentence needs. A test holds that every code has a sentence in every language.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        return f"{self.code} {self.params}" if self.params else self.code
