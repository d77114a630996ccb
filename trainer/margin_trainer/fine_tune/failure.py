"""Why a job ended without a model, and what to do now."""

from __future__ import annotations

from margin_trainer.failure import TrainerError


class JobError(TrainerError):
    """`reason` names the thing, `next_step` says what helps; both are shown to a person as they are."""

    def __init__(self, reason: str, next_step: str) -> None:
        super().__init__(f"{reason} {next_step}")
        self.reason, self.next_step = reason, next_step
