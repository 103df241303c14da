"""The declared analysis of one endpoint: what is in it, and what is refused."""

import pandas as pd
import pytest

from outcomes.estimate import EstimationError
from outcomes.estimators import panel
from tests.architecture.source import ROOT
from tests.reference.colon import ARMS, frame
from trial.protocol.loader import load

PLAN = load(ROOT / "protocols" / "colon-moertel").protocol.endpoints


def test_secondary_endpoints_have_intervals_and_no_verdicts() -> None:
    found = panel.estimate(frame("OS"), endpoint=PLAN.endpoint("OS"), plan=PLAN, arms=ARMS)
    assert [pair["non_inferiority"]["verdicts"] for pair in found["comparisons"]] == [[], []]
    assert "incidence" not in found


def test_competing_events_give_incidences_with_bands() -> None:
    found = panel.estimate(frame("competing"), endpoint=PLAN.endpoint("LRR"), plan=PLAN, arms=ARMS)
    for curve in found["incidence"]["curves"]:
        pairs = zip(curve["lower"], curve["incidence"], curve["upper"], strict=True)
        assert curve["lower"][0] is None
        assert all(low < value < high for low, value, high in pairs if low is not None)
        assert sum(low is not None for low in curve["lower"]) > 100


@pytest.mark.parametrize("event", [3, float("nan")])
def test_an_event_code_that_means_nothing_is_refused_not_censored(event: float) -> None:
    rows = frame("DFS").reset_index(drop=True).astype({"event": float})
    rows.loc[7, "event"] = event
    with pytest.raises(EstimationError) as refused:
        panel.estimate(rows, endpoint=PLAN.endpoint("DFS"), plan=PLAN, arms=ARMS)
    assert refused.value.column == "event"


def test_without_participants_everything_is_not_estimable() -> None:
    nobody = pd.DataFrame({"arm": [], "time": [], "event": []})
    found = panel.estimate(nobody, endpoint=PLAN.endpoint("DFS"), plan=PLAN, arms=ARMS)
    assert {
        v["conclusion"] for pair in found["comparisons"] for v in pair["non_inferiority"]["verdicts"]
    } == {"not-estimable"}
    assert found["log_rank"] == {"not_estimable": "no-participants", "arm": "Obs"}


def test_an_endpoint_of_one_arm_is_estimated_there_and_compared_with_nothing() -> None:
    endpoint = PLAN.endpoint("LRR").model_copy(update={"arms": ("Lev",)})
    rows = frame("competing")
    found = panel.estimate(rows[rows["arm"] == "Lev"], endpoint=endpoint, plan=PLAN, arms=ARMS)
    assert (found["arms"], found["comparisons"], found["incidence"]["differences"]) == (["Lev"], [], [])
    assert found["log_rank"] == {"not_estimable": "no-comparison", "arm": None}
    whole = panel.estimate(rows, endpoint=PLAN.endpoint("LRR"), plan=PLAN, arms=ARMS)
    assert found["landmarks"][0] == whole["landmarks"][ARMS.index("Lev")]


def test_events_that_wait_for_adjudication_and_imputed_dates_are_counted_by_arm() -> None:
    rows = frame("DFS").assign(imputed=False)
    rows.loc[rows.index[:3], "imputed"] = True
    judged = PLAN.endpoint("DFS").model_copy(update={"adjudicated": True})
    found = panel.estimate(rows, endpoint=judged, plan=PLAN, arms=ARMS)
    assert found["pending"] == {curve["arm"]: curve["events"] for curve in found["curves"]}
    assert sum(found["imputed"].values()) == 3
    plain = panel.estimate(frame("DFS"), endpoint=PLAN.endpoint("DFS"), plan=PLAN, arms=ARMS)
    assert (plain["pending"], set(plain["imputed"].values())) == (None, {0})
