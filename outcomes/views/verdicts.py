"""Views room of floor 3: what the verdict component shows. Nothing is concluded here."""

from typing import Any

from django.utils.translation import gettext as _

from outcomes.reporting.tables import p_value, percentage
from outcomes.views.reading import (
    Reading,
    Values,
    confidence,
    difference_words,
    limits,
    missing,
    signed,
)
from outcomes.wording import (
    caution_sentence,
    conclusion_words,
    flag_name,
    interval_method_name,
    margin_points,
    reason_sentence,
    verdicts_sentence,
)

# Room beside the outermost mark of an interval's scale, as a share of the scale.
_ROOM = 0.12
SIDES = ("experimental", "control")


def verdict(reading: Reading, pair: Values) -> dict[str, Any]:
    """Context of components/verdict.html for one comparison of the primary endpoint."""
    compared = pair["non_inferiority"]
    words = difference_words(compared["difference"])
    concluded = not missing(compared["difference"])
    told = {"words": words, "verdicts": _said(reading, pair)}
    sentence = _("%(words)s: %(verdicts)s.") % told if concluded else _("%(words)s.") % told
    first, beside = reading.verdicts(pair)[0]
    return {
        "conclusion": first["conclusion"],
        "word": _capitalized(conclusion_words(first, beside, declared=reading.declares_per_protocol)),
        "about": _("%(versus)s, %(endpoint)s at %(horizon)s")
        % {"versus": reading.versus(pair), "endpoint": reading.name, "horizon": reading.horizon},
        "sentence": sentence,
        "facts": [
            *_margins(reading, pair),
            *_methods(reading, pair),
            *_arms(reading, compared),
            *_completions(reading, pair),
            *_hazard_ratio(reading),
        ],
        "flags": [*_flags(compared), *_reasons(reading, compared), *cautions(reading, pair)],
        "scale": _scale(compared),
        "scale_alt": words,
        "provenance": _("%(population)s · snapshot %(snapshot)s · Result %(result)s")
        % {
            "population": reading.population,
            "snapshot": reading.snapshot.number,
            "result": reading.result.pk,
        },
    }


def _said(reading: Reading, pair: Values) -> str:
    other = reading.beside(pair)
    return verdicts_sentence(
        pair["non_inferiority"]["verdicts"],
        other["non_inferiority"]["verdicts"] if other else None,
        population=reading.found["population"],
        declared=reading.declares_per_protocol,
    )


def _capitalized(words: str) -> str:
    return words[:1].upper() + words[1:]


def cautions(reading: Reading, pair: Values) -> list[str]:
    """The warnings that stand beside a comparison."""
    return [
        caution_sentence(w["caution"], reading.arm(w["arm"])) for w in pair["non_inferiority"]["cautions"]
    ]


def _margins(reading: Reading, pair: Values) -> list[tuple[str, str]]:
    return [
        (
            _("Margin %(points)s points") % {"points": margin_points(verdict)},
            conclusion_words(verdict, beside, declared=reading.declares_per_protocol)
            + _test(verdict["test"]),
        )
        for verdict, beside in reading.verdicts(pair)
    ]


def _completions(reading: Reading, pair: Values) -> list[tuple[str, str]]:
    """The difference with imputed dates completed otherwise, and whether it leads to another conclusion."""
    names = {"earliest": _("Imputed dates at their earliest"), "latest": _("Imputed dates at their latest")}
    place, own = reading.found["comparisons"].index(pair), _concluded(pair["non_inferiority"])
    return [
        (names[how], difference_words(again[place]["difference"]) + _compared(_concluded(again[place]), own))
        for how, again in reading.found.get("completions", {}).items()
    ]


def _concluded(compared: Values) -> list[str]:
    return [verdict["conclusion"] for verdict in compared["verdicts"]]


def _compared(again: list[str], own: list[str]) -> str:
    return _(" · same conclusion") if again == own else _(" · another conclusion")


def _hazard_ratio(reading: Reading) -> list[tuple[str, str]]:
    """The supportive margin as declared; nothing is estimated against it."""
    margin = reading.plan.analysis.hazard_ratio_margin
    if margin is None:
        return []
    return [(_("Hazard ratio margin"), f"{margin:f} · {_('Supportive; not estimated yet.')}")]


def _test(test: Values | None) -> str:
    if test is None:
        return ""
    return _(" (z %(z)s, one-sided p %(p)s)") % {"z": signed(test["z"]), "p": p_value(test["p"])}


def _methods(reading: Reading, pair: Values) -> list[tuple[str, str]]:
    compared = pair["non_inferiority"]
    declared, other = compared["difference"], compared["sensitivity"]
    if missing(declared) or missing(other):
        return []
    names = [interval_method_name(difference["method"]) for difference in (declared, other)]
    level = confidence(declared["interval"]["level"])
    others = [
        conclusion_words(
            _by_other_method(verdict),
            beside and _by_other_method(beside),
            declared=reading.declares_per_protocol,
        )
        for verdict, beside in reading.verdicts(pair)
    ]
    conclusions = others[0] if len(set(others)) == 1 else _("; ").join(others)
    return [
        (
            _("%(level)s, %(method)s (declared)") % {"level": level, "method": names[0]},
            limits(declared["interval"]),
        ),
        (
            _("%(level)s, %(method)s (sensitivity)") % {"level": level, "method": names[1]},
            f"{limits(other['interval'])} · {conclusions}",
        ),
    ]


def _by_other_method(verdict: Values) -> dict[str, Any]:
    return {**verdict, "conclusion": verdict["sensitivity"] or verdict["conclusion"]}


def _arms(reading: Reading, compared: Values) -> list[tuple[str, str]]:
    facts = []
    for side in SIDES:
        point = compared[side]
        rate = missing(point["survival"]) or percentage(point["survival"])
        words = _("%(rate)s of %(n)s, %(at_risk)s at risk") % {
            "rate": rate,
            "n": point["n"],
            "at_risk": point["at_risk"],
        }
        facts.append((_("%(arm)s, event-free") % {"arm": reading.arm(point["arm"])}, words))
    return facts


def _flags(compared: Values) -> list[str]:
    return [
        _("At a margin of %(points)s points: %(flag)s.")
        % {"points": margin_points(verdict), "flag": flag_name(flag)}
        for verdict in compared["verdicts"]
        for flag in verdict["flags"]
    ]


def _reasons(reading: Reading, compared: Values) -> list[str]:
    """Why nothing is estimable in an arm, and what is known there all the same."""
    known = {compared[side]["arm"]: compared[side] for side in SIDES}
    return [
        _(
            "%(arm)s: %(reason)s. Known: %(events)s events among %(n)s, %(at_risk)s still at risk; "
            "the event-free share lies between %(limits)s %% whatever the censored did."
        )
        % {
            "arm": reading.arm(reason["arm"]),
            "reason": reason_sentence(reason["not_estimable"]),
            "events": known[reason["arm"]]["events"],
            "n": known[reason["arm"]]["n"],
            "at_risk": known[reason["arm"]]["at_risk"],
            "limits": limits(known[reason["arm"]]["bound"], decimals=1),
        }
        for reason in compared["reasons"]
    ]


def _scale(compared: Values) -> dict[str, str] | None:
    difference = compared["difference"]
    if missing(difference):
        return None
    margin = -compared["verdicts"][0]["margin"]
    marks = {
        "lower": difference["interval"]["lower"],
        "estimate": difference["difference"],
        "upper": difference["interval"]["upper"],
        "zero": 0.0,
        "margin": margin,
    }
    low, high = min(marks.values()), max(*marks.values(), -margin)
    room = _ROOM * (high - low)
    places = {
        name: f"{100 * (value - low + room) / (high - low + 2 * room):.2f}" for name, value in marks.items()
    }
    return {
        **places,
        "margin_label": signed(100 * margin, decimals=0),
        "left_label": _("control better"),
        "right_label": _("experimental better"),
    }
