"""Intake, the counter's main job: who, what kind, what, when; one screen, one minute, no dialogs.

``screen`` is the place itself, ``form`` what is taken down, ``fields`` its own parts, ``side`` what stands beside it,
``question`` what is asked in between, ``reading`` the way to the records.
"""

from __future__ import annotations

from desk.screens.intake.screen import IntakeScreen

__all__ = ["IntakeScreen"]
