"""What stored results say on the command line: the verdict as randomized together with the one per protocol."""

import json
from typing import Any

import pandas as pd
import pytest
from django.conf import settings

from outcomes.estimators import panel
from outcomes.models import Analysis, Result, Snapshot
from outcomes.verdict_lines import verdict_lines
from tests.reference.colon import frame
from trial.models import ProtocolVersion
from trial.protocol.loader import LoadedProtocol, load

MAIN, COLON = (load(settings.PROTOCOLS / key) for key in ("t1-salvage", "colon-moertel"))


def rows(size: int, *, failing: float = 0.1, followed: int = 1461) -> pd.DataFrame:
    """Both arms alike: some fail on day 400, the others are followed to the end."""
    events = round(size * failing)
    arm = [(400, 1)] * events + [(followed, 0)] * (size - events)
    return pd.DataFrame(
        [(name, *each) for name in ("TME", "CRT") for each in arm], columns=["arm", "time", "event"]
    )


def result(
    data: pd.DataFrame, endpoint: str, population: str, loaded: LoadedProtocol = MAIN, **plan: Any
) -> Result:
    """A stored result, as a run would make it."""
    protocol = loaded.protocol
    arms = [protocol.control.id, *(arm.id for arm in protocol.arms if not arm.control)]
    declared = protocol.endpoints.model_copy(update=plan)
    found = panel.estimate(data, endpoint=declared.endpoint(endpoint), plan=declared, arms=arms)
    version = ProtocolVersion(sha256=loaded.sha256, files=loaded.files)
    analysis = Analysis(
        snapshot=Snapshot(number=1, protocol=version), endpoint=endpoint, population=population
    )
    payload = json.dumps({**found, "population": population})
    return Result(pk=len(payload), analysis=analysis, payload=payload)


def without_numbers(lines: list[str]) -> list[str]:
    return [line.partition(" · Result ")[0] for line in lines]


@pytest.mark.shows("NI-02")
def test_both_populations_have_their_lines_and_share_one_verdict() -> None:
    lines = verdict_lines([result(rows(300), "DFS", "ITT"), result(rows(30), "DFS", "PP")])
    assert without_numbers(lines) == [
        "DFS  Disease-free survival, event-free at 36 months, ITT",
        "    CRT − TME: 0.00 points (95 % CI −4.80 to 4.80)",
        "        non-inferior at a margin of 10 points in ITT, not supported per protocol (inconclusive)",
        "DFS  Disease-free survival, event-free at 36 months, PP",
        "    CRT − TME: 0.00 points (95 % CI −15.18 to 15.18)",
    ]


@pytest.mark.shows("NI-02")
def test_without_the_per_protocol_result_the_verdict_says_so() -> None:
    lines = verdict_lines([result(rows(300), "DFS", "ITT")])
    assert lines[2].strip() == "non-inferior at a margin of 10 points (without a per-protocol analysis)"


def test_competing_events_give_a_difference_of_incidences() -> None:
    lines = verdict_lines([result(rows(300), "LRR", "ITT")])
    assert without_numbers(lines)[0] == "LRR  Local recurrence, cumulative incidence at 36 months, ITT"
    assert len(lines) == 2
    assert "0.00 points (95 % CI " in lines[1]


def test_what_cannot_be_estimated_says_why() -> None:
    lines = verdict_lines([result(rows(300, followed=500), "DFS", "ITT")])
    assert lines[1].strip() == "CRT − TME: not estimable (follow-up-too-short)"
    assert lines[2].strip() == "not estimable at a margin of 10 points"


def one_arm(**how: Any) -> pd.DataFrame:
    both = rows(300, **how)
    return both[both["arm"] == "CRT"]


def test_an_endpoint_of_one_arm_has_its_rate() -> None:
    lines = verdict_lines([result(one_arm(), "TMEFREE", "ITT")])
    assert without_numbers(lines) == [
        "TMEFREE  TME-free survival, event-free at 36 months, ITT, CRT only",
        "    CRT: 90.0\u00a0% (95 % CI 86.0 to 92.9)",
    ]
    assert verdict_lines([result(one_arm(failing=0), "TMEFREE", "ITT")])[1].strip() == "CRT: 100.0\u00a0%"
    short = verdict_lines([result(one_arm(followed=500), "TMEFREE", "ITT")])
    assert short[1].strip() == "CRT: not estimable (follow-up-too-short)"
    elsewhere = MAIN.protocol.endpoints.analysis.model_copy(update={"landmarks_months": (12,)})
    lines = verdict_lines([result(one_arm(), "TMEFREE", "ITT", analysis=elsewhere)])
    assert lines[1].strip() == "CRT: not estimable (no such landmark)"


def test_a_trial_without_a_per_protocol_population_reads_as_before() -> None:
    lines = verdict_lines([result(frame("DFS"), "DFS", "ITT", COLON)])
    assert without_numbers(lines) == [
        "DFS  Disease-free survival, event-free at 36 months",
        "    Lev+5FU − Obs: +14.38 points (95 % CI 6.65 to 22.11)",
        "        superior at a margin of 10 points",
        "        superior at a margin of 5 points",
        "    Lev − Obs: −0.08 points (95 % CI −7.93 to 7.76)",
        "        non-inferior at a margin of 10 points (without a per-protocol analysis)",
        "        inconclusive at a margin of 5 points",
    ]
