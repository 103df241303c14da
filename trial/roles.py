"""Rules room of floor 0: roles, what each may do, and which may not meet in one person."""

from dataclasses import dataclass
from enum import StrEnum

from trial.permissions import Permission as P


class Scope(StrEnum):
    SITE = "site"
    TRIAL = "trial"
    INSTALLATION = "installation"


@dataclass(frozen=True)
class Role:
    """One row of the role table. `name` and `sentence` are msgids; templates translate them."""

    key: str
    name: str
    sentence: str
    scope: Scope
    permissions: frozenset[P]

    @property
    def blinded(self) -> bool:
        """Whether aggregated outcomes by arm must stay unknown to this role."""
        return P.OUTCOMES_BY_ARM not in self.permissions

    @property
    def tells_arms(self) -> bool:
        """Whether whoever holds this role learns outcomes by arm, or what is allocated next."""
        return bool({P.OUTCOMES_BY_ARM, P.SCHEME_OPEN} & self.permissions)


def _role(key: str, name: str, sentence: str, scope: Scope, *permissions: P) -> Role:
    of_a_trial = () if scope is Scope.INSTALLATION else (P.TRIAL_VIEW,)
    return Role(key, name, sentence, scope, frozenset((*of_a_trial, *permissions)))


_SITE_STAFF = (
    P.PARTICIPANT_VIEW,
    P.PARTICIPANT_REGISTER,
    P.FORM_ENTER,
    P.FORM_CORRECT,
    P.TRACK_VIEW,
    P.RANDOMIZE,
)

ROLES: dict[str, Role] = {
    role.key: role
    for role in (
        _role(
            "coordinator",
            "Coordinator",
            "Registers participants of one site and enters their forms.",
            Scope.SITE,
            *_SITE_STAFF,
        ),
        _role(
            "investigator",
            "Investigator",
            "Answers for the participants of one site.",
            Scope.SITE,
            *_SITE_STAFF,
            P.AUDIT_VIEW,
        ),
        _role(
            "data_manager",
            "Data manager",
            "Keeps the data of all sites complete and consistent.",
            Scope.TRIAL,
            P.PARTICIPANT_VIEW,
            P.DATA_IMPORT,
            P.TRACK_VIEW,
            P.AUDIT_VIEW,
            P.SNAPSHOT_VIEW,
        ),
        _role(
            "blinded_statistician",
            "Blinded statistician",
            "Prepares the analysis on data without arms.",
            Scope.TRIAL,
            P.SNAPSHOT_VIEW,
            P.OUTCOMES_POOLED,
            P.TOKEN_MAKE,
        ),
        _role(
            "unblinded_statistician",
            "Unblinded statistician",
            "Freezes snapshots and runs the analyses by arm.",
            Scope.TRIAL,
            P.SNAPSHOT_VIEW,
            P.SNAPSHOT_FREEZE,
            P.OUTCOMES_POOLED,
            P.OUTCOMES_BY_ARM,
            P.TOKEN_MAKE,
            P.TOKEN_READ_ARM,
            P.SCHEME_OPEN,
        ),
        _role(
            "dsmb_member",
            "DSMB member",
            "Reviews outcomes by arm and advises whether the trial goes on.",
            Scope.TRIAL,
            P.SNAPSHOT_VIEW,
            P.OUTCOMES_POOLED,
            P.OUTCOMES_BY_ARM,
        ),
        _role(
            "administrator",
            "Administrator",
            "Manages sites, people and grants, and reads the audit trail.",
            Scope.TRIAL,
            P.PEOPLE_MANAGE,
            P.SITE_MANAGE,
            P.OUTBOX_VIEW,
            P.AUDIT_VIEW,
        ),
        _role(
            "system_administrator",
            "System administrator",
            "Activates protocols and grants the administrators of trials; sees no participant.",
            Scope.INSTALLATION,
            P.PROTOCOL_ACTIVATE,
            P.ADMINISTRATOR_GRANT,
            P.OUTBOX_VIEW,
        ),
    )
}

# The roles that the system administrator gives; a trial gives its own, further administrators among them.
NAMED_BY_INSTALLATION = ("administrator", "system_administrator")

INCOMPATIBLE: frozenset[frozenset[str]] = frozenset(
    frozenset((blinded.key, other.key))
    for blinded in ROLES.values()
    for other in ROLES.values()
    if blinded.blinded and not other.blinded
)
