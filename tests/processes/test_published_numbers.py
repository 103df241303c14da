"""A real trial imported, frozen, analysed by a real worker over Redis and PostgreSQL gives R's numbers."""

import json
from typing import Any

import pytest

from tests.processes.outside import Outside
from tests.reference.colon import EXPECTED, close

# Our recurrence endpoint is R's REC; arms as R's data name them.
IN_R = {"DFS": "DFS", "OS": "OS", "LRR": "REC"}
PAIR_IN_R = {"Lev+5FU": "lev5fu_vs_obs", "Lev": "lev_vs_obs"}


@pytest.fixture(scope="module")
def found(outside: Outside) -> dict[str, dict[str, Any]]:
    """Endpoint → the values of its stored Result."""
    return {
        key: json.loads(row[0]) for key, row in outside.results(outside.freeze("published numbers")).items()
    }


@pytest.mark.shows("EST-01")
@pytest.mark.parametrize("endpoint", IN_R)
def test_curves_of_the_stored_result_equal_r(found: dict[str, dict[str, Any]], endpoint: str) -> None:
    compared = 0
    for experimental, pair in PAIR_IN_R.items():
        for arm in EXPECTED[pair][IN_R[endpoint]]["km"]:
            place = found[endpoint]["arms"].index(arm["arm"])
            assert arm["arm"] in ("Obs", experimental)
            for expected, point in zip(arm["at"], found[endpoint]["landmarks"][place], strict=True):
                _assert_point(point, expected)
                compared += 1
    assert compared == 16


def _assert_point(point: dict[str, Any], expected: dict[str, Any]) -> None:
    assert point["at"] == close(expected["t"])
    assert point["at_risk"] == expected["n_risk"]
    assert point["survival"] == close(expected["surv"])
    assert point["se"] == close(expected["se_greenwood"])
    for scale in ("plain", "log", "loglog"):
        limits = point["scales"][scale]
        assert [limits["lower"], limits["upper"]] == close(expected[f"ci_{scale}"])


@pytest.mark.shows("EST-01", "NI-01")
@pytest.mark.parametrize("endpoint", IN_R)
def test_differences_and_log_rank_of_the_stored_result_equal_r(
    found: dict[str, dict[str, Any]], endpoint: str
) -> None:
    for pair in found[endpoint]["comparisons"]:
        expected = EXPECTED[PAIR_IN_R[pair["experimental"]]][IN_R[endpoint]]
        fixed = expected["fixed_time_ni"][0]
        wald, mover = (pair["non_inferiority"][key] for key in ("difference", "sensitivity"))
        assert wald["difference"] == close(fixed["diff"])
        assert wald["se"] == close(fixed["se"])
        assert [wald["interval"]["lower"], wald["interval"]["upper"]] == close(fixed["ci95"])
        assert [mover["interval"]["lower"], mover["interval"]["upper"]] == close(fixed["ci95_mover_loglog"])
        assert pair["log_rank"]["chi_square"] == close(expected["logrank"]["chisq"])
        assert pair["log_rank"]["p"] == close(expected["logrank"]["p"])


def test_cumulative_incidence_of_the_stored_result_equals_r(found: dict[str, dict[str, Any]]) -> None:
    incidence = found["LRR"]["incidence"]
    for pair in PAIR_IN_R.values():
        for arm in EXPECTED[pair]["competing"]["per_arm"]:
            points = incidence["landmarks"][found["LRR"]["arms"].index(arm["arm"])]
            for expected, point in zip(arm["cif"][0], points, strict=True):
                assert point["incidence"] == close(expected["cif"])
                assert point["se_aalen"] == close(expected["se_cmprsk_aalen"])
                assert [point["interval"]["lower"], point["interval"]["upper"]] == close(
                    expected["ci_cmprsk_loglog"]
                )


@pytest.mark.shows("NI-01")
def test_verdicts_of_the_stored_result_stand_on_the_right_side_of_the_margins(
    found: dict[str, dict[str, Any]],
) -> None:
    verdicts = {
        (pair["experimental"], round(verdict["margin"], 4)): verdict["conclusion"]
        for pair in found["DFS"]["comparisons"]
        for verdict in pair["non_inferiority"]["verdicts"]
    }
    assert verdicts == {
        ("Lev+5FU", 0.1): "superior",
        ("Lev+5FU", 0.05): "superior",
        ("Lev", 0.1): "non-inferior",
        ("Lev", 0.05): "inconclusive",
    }
    assert all(
        not pair["non_inferiority"]["verdicts"] for key in ("LRR", "OS") for pair in found[key]["comparisons"]
    )
