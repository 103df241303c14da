"""Writes of floor 0: what people do with the audit trail itself."""

from collections.abc import Mapping

from trial import audit
from trial.models import Person, Trial


@audit.audited
def note_download(*, trial: Trial, filters: Mapping[str, str], by: Person) -> None:
    """Record that somebody takes a copy of the audit trail along, and which part of it."""
    audit.record("audit.downloaded", on="audit trail", trial=trial, changes=dict(filters))
