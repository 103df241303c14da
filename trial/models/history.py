"""Row history that exists only inside an audited block, with its user and reason taken from there."""

from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords

from trial import writing


class History(HistoricalRecords):
    """django-simple-history, tightened: no history row without an open audited block to cite it.

    Raises `writing.OutsideAction` when a tracked row is saved or deleted anywhere else.
    """

    def create_historical_record(self, instance: models.Model, history_type: str, using: Any = None) -> None:
        block = writing.current()
        instance._history_user = block.actor  # type: ignore[attr-defined]
        instance._change_reason = block.reason  # type: ignore[attr-defined]
        super().create_historical_record(instance, history_type, using=using)

    def post_save(self, instance: models.Model, created: bool, using: Any = None, **kwargs: Any) -> None:
        touched = kwargs.get("update_fields")
        if touched and set(touched) <= set(self.excluded_fields):
            return
        # The library keeps quiet about fixtures (`raw`); a fixture must not slip past the audit trail.
        writing.current()
        super().post_save(instance, created, using=using, **{**kwargs, "raw": False})
