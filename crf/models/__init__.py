"""Shapes of floor 1."""

from crf.models.record import Record
from crf.models.visit import Visit

__all__ = ["Record", "Visit"]
