"""Rules room of floor 4: the nested values of a Result as flat rows, one number with its interval a row."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from outcomes.noninferiority import Conclusion, support
from outcomes.reporting import stored
from trial.protocol.endpoints import EndpointPlan

COLUMNS = (
    "RESULT",
    "SNAPSHOT",
    "PARAMCD",
    "POPULATION",
    "QUANTITY",
    "ARM",
    "CONTROL",
    "AT_DAYS",
    "ESTIMATE",
    "SE",
    "LOWER",
    "UPPER",
    "LEVEL",
    "METHOD",
    "N",
    "AT_RISK",
    "EVENTS",
    "MARGIN",
    "CONCLUSION",
    "SUPPORT",
    "P",
    "WHY_MISSING",
)
Values = Mapping[str, Any]


def rows(
    found: Values, *, result: int, snapshot: int, others: Iterable[Values], plan: EndpointPlan
) -> list[dict[str, Any]]:
    """Landmark estimates, medians, differences, verdicts and log-rank tests of one Result.

    `found` is the Result's payload, `others` are those of the snapshot, `plan` is what its protocol declares. SUPPORT
    is what the per-protocol population says of a conclusion of the trial's verdict, empty in every other row: no
    conclusion stands without it. A difference has the experimental arm in ARM and the control in CONTROL;
    WHY_MISSING says why a number does not exist. Curves are left out: the JSON form has them.
    """
    known = {
        "RESULT": result,
        "SNAPSHOT": snapshot,
        "PARAMCD": found["endpoint"],
        "POPULATION": found["population"],
    }
    found_rows = _rows(found, stored.per_protocol(found, others, plan), plan)
    return [{**dict.fromkeys(COLUMNS), **known, **row} for row in found_rows]


def _rows(found: Values, per_protocol: Values | None, plan: EndpointPlan) -> Iterator[dict[str, Any]]:
    yield from (_point("survival", point) for arm in found["landmarks"] for point in arm)
    yield from (_median(quantile) for quantile in found["medians"])
    incidence = found.get("incidence")
    if incidence:
        yield from (_point("incidence", point) for arm in incidence["landmarks"] for point in arm)
        for pair, difference in zip(found["comparisons"], incidence["differences"], strict=True):
            yield _difference("incidence_difference", pair, difference)
    for pair in found["comparisons"]:
        yield from _comparison(pair)
        for verdict, other in stored.verdicts(pair, per_protocol):
            standing = _support(verdict, other, plan) if stored.gives_verdict(found, plan) else None
            yield {**_arms(pair), **_verdict(verdict), "SUPPORT": standing}
    yield {"QUANTITY": "log_rank", **_log_rank(found["log_rank"])}


def _comparison(pair: Values) -> Iterator[dict[str, Any]]:
    compared = pair["non_inferiority"]
    for key in ("difference", "sensitivity"):
        yield _difference("survival_difference", pair, compared[key])
    yield {"QUANTITY": "log_rank", **_arms(pair), **_log_rank(pair["log_rank"])}


def _verdict(verdict: Values) -> dict[str, Any]:
    return {
        "QUANTITY": "verdict",
        "MARGIN": verdict["margin"],
        "CONCLUSION": verdict["conclusion"],
        "ESTIMATE": verdict["test"]["z"] if verdict["test"] else None,
        "P": verdict["test"]["p"] if verdict["test"] else None,
    }


def _support(verdict: Values, other: Values | None, plan: EndpointPlan) -> str:
    conclusion = Conclusion(other["conclusion"]) if other else None
    declared = plan.analysis.per_protocol is not None
    return support(Conclusion(verdict["conclusion"]), conclusion, declared=declared).value


def _point(measure: str, point: Values) -> dict[str, Any]:
    se = point["se"] if measure == "survival" else point["se_aalen"]
    return {
        "QUANTITY": measure,
        "ARM": point["arm"],
        "AT_DAYS": point["at"],
        "ESTIMATE": _number(point[measure]),
        "SE": _number(se),
        **_interval(point["interval"]),
        "METHOD": point.get("scale", "loglog"),
        "N": point["n"],
        "AT_RISK": point["at_risk"],
        "EVENTS": point["events"],
        "WHY_MISSING": _why(point[measure]) or _why(se) or _why(point["interval"]),
    }


def _median(quantile: Values) -> dict[str, Any]:
    return {
        "QUANTITY": "median_days",
        "ARM": quantile["arm"],
        "ESTIMATE": _number(quantile["time"]),
        "LOWER": quantile["lower"],
        "UPPER": quantile["upper"],
        "LEVEL": quantile["level"],
        "METHOD": quantile["scale"],
        "WHY_MISSING": _why(quantile["time"]),
    }


def _difference(quantity: str, pair: Values, difference: Values) -> dict[str, Any]:
    why = _why(difference)
    if why:
        return {"QUANTITY": quantity, **_arms(pair), "WHY_MISSING": why}
    return {
        "QUANTITY": quantity,
        **_arms(pair),
        "AT_DAYS": difference["at"],
        "ESTIMATE": difference["difference"],
        "SE": difference["se"],
        **_interval(difference["interval"]),
        "METHOD": difference["method"],
    }


def _log_rank(test: Values) -> dict[str, Any]:
    why = _why(test)
    if why:
        return {"WHY_MISSING": why}
    counted = {"N": sum(test["n"]), "EVENTS": sum(test["observed"])}
    return {"ESTIMATE": test["chi_square"], "P": test["p"], **counted}


def _arms(pair: Values) -> dict[str, Any]:
    return {"ARM": pair["experimental"], "CONTROL": pair["control"]}


def _interval(interval: Values) -> dict[str, Any]:
    if _why(interval):
        return {}
    return {"LOWER": interval["lower"], "UPPER": interval["upper"], "LEVEL": interval["level"]}


def _number(value: Any) -> Any:
    return None if _why(value) else value


def _why(value: Any) -> str | None:
    return str(value["not_estimable"]) if isinstance(value, Mapping) and "not_estimable" in value else None
