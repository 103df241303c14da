"""Rules room of floor 0: which state may follow which."""

from enum import StrEnum


class ParticipantState(StrEnum):
    SCREENING = "screening"
    CONSENTED = "consented"
    ENROLLED = "enrolled"
    RANDOMIZED = "randomized"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    SCREEN_FAILED = "screen_failed"


class SiteState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class WorkState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


PARTICIPANT: dict[ParticipantState, tuple[ParticipantState, ...]] = {
    ParticipantState.SCREENING: (ParticipantState.CONSENTED, ParticipantState.SCREEN_FAILED),
    ParticipantState.CONSENTED: (
        ParticipantState.ENROLLED,
        ParticipantState.SCREEN_FAILED,
        ParticipantState.WITHDRAWN,
    ),
    ParticipantState.ENROLLED: (
        ParticipantState.RANDOMIZED,
        ParticipantState.SCREEN_FAILED,
        ParticipantState.WITHDRAWN,
    ),
    ParticipantState.RANDOMIZED: (ParticipantState.COMPLETED, ParticipantState.WITHDRAWN),
    ParticipantState.COMPLETED: (),
    # Only to take back a withdrawal that was recorded wrongly.
    ParticipantState.WITHDRAWN: (
        ParticipantState.CONSENTED,
        ParticipantState.ENROLLED,
        ParticipantState.RANDOMIZED,
    ),
    ParticipantState.SCREEN_FAILED: (),
}
# Somebody waits for the next step: nobody was allocated yet, and it may still come to that.
BEFORE_RANDOMIZATION = (ParticipantState.SCREENING, ParticipantState.CONSENTED, ParticipantState.ENROLLED)
# Where somebody can stand who has been randomized: the database keeps it, too.
AFTER_RANDOMIZATION = (ParticipantState.RANDOMIZED, ParticipantState.COMPLETED, ParticipantState.WITHDRAWN)
# Nothing is due any more, whatever was planned.
ENDED = (ParticipantState.COMPLETED, ParticipantState.WITHDRAWN, ParticipantState.SCREEN_FAILED)
SITE: dict[SiteState, tuple[SiteState, ...]] = {
    SiteState.OPEN: (SiteState.CLOSED,),
    SiteState.CLOSED: (SiteState.OPEN,),
}
WORK: dict[WorkState, tuple[WorkState, ...]] = {
    WorkState.QUEUED: (WorkState.RUNNING,),
    WorkState.RUNNING: (WorkState.RUNNING, WorkState.DONE, WorkState.FAILED),
    WorkState.DONE: (),
    WorkState.FAILED: (),
}
# A message is work that is put back after a failure, and may be asked for again by a person, also while it waits.
MESSAGE: dict[WorkState, tuple[WorkState, ...]] = {
    WorkState.QUEUED: (WorkState.RUNNING, WorkState.QUEUED),
    WorkState.RUNNING: (WorkState.RUNNING, WorkState.QUEUED, WorkState.DONE, WorkState.FAILED),
    WorkState.DONE: (),
    WorkState.FAILED: (WorkState.QUEUED,),
}
# The states of a message that a person may ask for again.
RESENDABLE = (WorkState.QUEUED, WorkState.FAILED)
