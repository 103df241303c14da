"""Tests: the main trial in a database of its own, its participants at every step before an allocation."""

from config import demonstration
from tests import salvage

ELIGIBLE, OPEN, BROKEN, ENROLLED = "01-0101", "01-0102", "01-0103", "01-0104"


def build() -> None:
    """Fill an empty database through actions, with the demonstration's people. Run inside `manage.py shell`."""
    demonstration.prepare()
    demonstration.cast(salvage.open_trial())
    salvage.screened("01", ELIGIBLE)
    salvage.screened("01", OPEN, **{"local_excision.size_mm": "20", "local_excision.lvi": None})
    salvage.screened("01", BROKEN, **{"local_excision.pt": "pT2", "screening.distance_mm": "120"})
    unknown = {"local_excision.size_mm": "22", "local_excision.lvi": "yes", "local_excision.pni": None}
    salvage.enrolled("01", ENROLLED, **unknown)
