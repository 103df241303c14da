"""Rules room of floor 4: what each column of an export means, in English as in CDISC."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "integer", "date"]


@dataclass(frozen=True)
class Column:
    """A column's name, the kind of its values and its meaning."""

    name: str
    kind: Kind
    label: str


ARM = Column("TRT01P", "text", "Planned treatment: the arm's id in the protocol; only with read:arm")
RECEIVED = Column(
    "TRT01A", "text", "Treatment begun first: the arm's id, empty when none was; only with read:arm"
)

PARTICIPANTS: tuple[Column, ...] = (
    Column("STUDYID", "text", "Trial"),
    Column("USUBJID", "text", "Participant, unique: STUDYID-SITEID-SUBJID"),
    Column("SUBJID", "text", "Participant's label in the trial"),
    Column("SITEID", "text", "Site"),
    Column("RANDDT", "date", "Day of randomization at the site"),
    Column("RFICDT", "date", "Day of informed consent"),
    Column("STATE", "text", "State of the participant when the snapshot was taken"),
)
# One column per declared analysis set follows, named by its id.
FLAG_SUFFIX = "FL"
FLAG_LABEL = "Y or N: member of the analysis set"

ADTTE: tuple[Column, ...] = (
    Column("USUBJID", "text", "Participant, unique"),
    Column("SITEID", "text", "Site"),
    Column("PARAMCD", "text", "Endpoint's id"),
    Column("PARAM", "text", "Endpoint"),
    Column("STARTDT", "date", "Origin of the time to event"),
    Column("ADT", "date", "Day of the event or of censoring"),
    Column("AVAL", "integer", "Days from STARTDT to ADT"),
    Column("CNSR", "integer", "0 event, 1 censored, 2 competing event"),
    Column("EVENT", "integer", "1 event, 0 censored, 2 competing event"),
    Column("EVNTDESC", "text", "What happened; empty when censored"),
    Column("CNSDTDSC", "text", "What the day of censoring is; empty at an event"),
    Column("SRCDOM", "text", "Form the day comes from"),
    Column("SRCVAR", "text", "Item the day comes from"),
    Column("SRCSEQ", "integer", "Which of the participant's records of that form"),
    Column("SRCVIS", "text", "Visit of that record"),
    Column("SRCVREP", "integer", "Which repeat of that visit"),
    Column("SRCREP", "integer", "Which record of the form at that visit"),
    Column("ADTF", "text", "D or M where a day or month was imputed, else empty"),
    Column("NOTE", "text", "What the protocol wants said of the row; some notes only with read:arm"),
)

HEADINGS = ("DATASET", "COLUMN", "KIND", "LABEL")


def described(
    *,
    populations: Iterable[str],
    arm_populations: Iterable[str] = (),
    received: bool = False,
    with_arm: bool,
) -> list[dict[str, str]]:
    """The columns of both data sets in their order, one row each.

    `populations` are ids of analysis sets, `arm_populations` of those whose members tell the arm; `received` says
    whether the protocol declares the treatment received. What tells the arm is there only `with_arm`.
    """
    named = [*populations, *(arm_populations if with_arm else ())]
    flags = tuple(Column(f"{population}{FLAG_SUFFIX}", "text", FLAG_LABEL) for population in named)
    arm = (ARM, *((RECEIVED,) if received else ())) if with_arm else ()
    tables = {"participants": (*PARTICIPANTS, *flags, *arm), "adtte": (*ADTTE, *arm)}
    return [
        dict(zip(HEADINGS, (table, column.name, column.kind, column.label), strict=True))
        for table, columns in tables.items()
        for column in columns
    ]
