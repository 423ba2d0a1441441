"""Bringing in what others wrote: people and rooms from lists, tickets from registers.

A file is read whole (:mod:`desk.importing.table`), understood line by line without touching the store, and then
carried out in one transaction. Lines that can't be taken over are rejected with line and reason; nothing is ever
half-imported.
"""
