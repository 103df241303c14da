"""Shapes of floor 0."""

from trial.models.audit import Act, ChainHead
from trial.models.consent import Consent
from trial.models.installation import Installation, Purpose
from trial.models.lease import Leased
from trial.models.notification import Notification
from trial.models.participant import Participant
from trial.models.person import Person, RoleGrant
from trial.models.protocol import ProtocolVersion, Trial
from trial.models.site import Site

__all__ = [
    "Act",
    "ChainHead",
    "Consent",
    "Installation",
    "Leased",
    "Notification",
    "Participant",
    "Person",
    "ProtocolVersion",
    "Purpose",
    "RoleGrant",
    "Site",
    "Trial",
]
