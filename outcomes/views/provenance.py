"""Views room of floor 3: where the numbers of a report come from."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from outcomes.views.reading import Reading


def provenance(readings: Sequence[Reading]) -> list[dict[str, Any]]:
    """Rows of components/description_list.html: what was analysed, by what, and how to prove it."""
    first = readings[0]
    said = first.found["provenance"]
    libraries = ", ".join(f"{name} {version}" for name, version in sorted(said["libraries"].items()))
    rows: list[tuple[str, Any]] = [
        (_("Snapshot taken"), {"time": first.snapshot.taken_at, "note": first.snapshot.taken_by.name}),
        (_("Snapshot SHA-256"), said["snapshot_sha256"]),
        (_("Protocol SHA-256"), said["protocol_sha256"]),
        (_("Code version"), said["code"]),
        (_("Libraries"), libraries),
    ]
    rows += [
        (
            _("Result %(number)s, %(endpoint)s") % {"number": reading.result.pk, "endpoint": reading.name},
            {"text": reading.result.sha256, "note": _made(reading)},
        )
        for reading in readings
    ]
    return [{"label": label, "value": value} for label, value in rows]


def _made(reading: Reading) -> str:
    code = reading.found["provenance"]["code"]
    return _("%(population)s; code %(code)s") % {"population": reading.population, "code": code}
