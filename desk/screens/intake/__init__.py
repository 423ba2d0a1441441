"""Intake, the counter's main job: who, what kind, what, when; one screen, one minute, no dialogs.

``screen`` is the place itself and ``beside`` what it reads meanwhile; ``form`` is what is taken down, ``details`` the
fields a kind asks for, ``fields`` parts of its own; ``side`` stands beside the form, ``question`` is put in between,
``reading`` is the way to the records; ``visitor`` is what a visit fills in.
"""

from __future__ import annotations

from desk.screens.intake.screen import IntakeScreen

__all__ = ["IntakeScreen"]
