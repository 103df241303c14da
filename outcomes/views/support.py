"""Views room of floor 3: the primary endpoint in the population of the verdict and per protocol, side by side."""

from typing import Any

from django.utils.translation import gettext as _

from outcomes.reporting.tables import percentage, points
from outcomes.views.reading import Reading, Values, limits, missing
from outcomes.views.verdicts import SIDES
from outcomes.wording import conclusion_name, conclusion_words


def side_by_side(reading: Reading, pair: Values) -> dict[str, Any] | None:
    """A table of one comparison in the population of the verdict and per protocol; None without the latter."""
    other = reading.beside(pair)
    if reading.per_protocol is None or other is None:
        return None
    told = {"versus": reading.versus(pair), "horizon": reading.horizon}
    numbers = [*(reading.arm(pair[side]) for side in SIDES), _("Difference, points")]
    return {
        "caption": reading.titled(_("%(versus)s at %(horizon)s in both populations") % told),
        "columns": [
            {"label": _("Population")},
            *({"label": head, "numeric": True} for head in numbers),
            {"label": _("Conclusion")},
        ],
        "rows": [
            {"cells": _row(each, compared)}
            for each, compared in ((reading, pair), (reading.per_protocol, other))
        ],
    }


def _row(reading: Reading, pair: Values) -> list[Any]:
    compared = pair["non_inferiority"]
    rates = [_event_free(compared[side]) for side in SIDES]
    return [reading.population, *rates, _difference(compared["difference"]), _concluded(reading, pair)]


def _event_free(point: Values) -> dict[str, Any]:
    why, noted = missing(point["survival"]), _("%(n)s participants") % {"n": point["n"]}
    return (
        {"missing": why, "note": noted} if why else {"number": percentage(point["survival"]), "note": noted}
    )


def _difference(difference: Values) -> dict[str, Any]:
    why = missing(difference)
    if why:
        return {"missing": why}
    return {"number": points(difference["difference"]), "note": limits(difference["interval"])}


def _concluded(reading: Reading, pair: Values) -> str:
    """The population of the verdict says what supports it; the other one what it finds by the same rule."""
    verdict, beside = reading.verdicts(pair)[0]
    if reading.gives_verdict:
        return conclusion_words(verdict, beside, declared=reading.declares_per_protocol)
    return conclusion_name(verdict["conclusion"])
