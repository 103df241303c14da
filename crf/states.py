"""Rules room of floor 1: which state of a record may follow which."""

from enum import StrEnum


class RecordState(StrEnum):
    EMPTY = "empty"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CORRECTED = "corrected"


RECORD: dict[RecordState, tuple[RecordState, ...]] = {
    RecordState.EMPTY: (RecordState.DRAFT, RecordState.SUBMITTED),
    RecordState.DRAFT: (RecordState.DRAFT, RecordState.SUBMITTED),
    RecordState.SUBMITTED: (RecordState.CORRECTED,),
    RecordState.CORRECTED: (RecordState.CORRECTED,),
}

# What counts in checks of other records, snapshots and exports.
COUNTED = (RecordState.SUBMITTED, RecordState.CORRECTED)
