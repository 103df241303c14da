"""Rules room of floor 0: the rights that exist."""

from enum import StrEnum


class Permission(StrEnum):
    # Anyone, signed in or not: the sign-in page itself.
    PUBLIC = "public"
    # Anyone signed in, about nobody but herself.
    OWN_ACCOUNT = "own_account"
    TRIAL_VIEW = "trial.view"
    PARTICIPANT_VIEW = "participant.view"
    PARTICIPANT_REGISTER = "participant.register"
    FORM_ENTER = "form.enter"
    FORM_CORRECT = "form.correct"
    DATA_IMPORT = "data.import"
    TRACK_VIEW = "track.view"
    AUDIT_VIEW = "audit.view"
    SNAPSHOT_VIEW = "snapshot.view"
    SNAPSHOT_FREEZE = "snapshot.freeze"
    OUTCOMES_POOLED = "outcomes.pooled"
    OUTCOMES_BY_ARM = "outcomes.by_arm"
    TOKEN_MAKE = "token.make"
    TOKEN_READ_ARM = "token.read_arm"
    PEOPLE_MANAGE = "people.manage"
    # Sites and their caps, and whether the trial recruits.
    SITE_MANAGE = "site.manage"
    OUTBOX_VIEW = "outbox.view"
    # Of the installation, not of a trial.
    PROTOCOL_ACTIVATE = "protocol.activate"
    ADMINISTRATOR_GRANT = "administrator.grant"
    RANDOMIZE = "randomize"
    # Entering the sealed block sizes, after which participants can be randomized.
    SCHEME_OPEN = "scheme.open"
