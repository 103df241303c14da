"""The Kaplan-Meier figure: what a reader must find in it, and what a page must not."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from outcomes.reporting.figures import CurveData, CurveKind, CurveWords, RiskRow, TimeUnit, curve_figure
from tests import pictures

YEAR, MONTH = 365.25, 30.4375
WORDS = CurveWords(
    time_axis="Years since randomization",
    value_axis="Disease-free survival",
    at_risk="At risk",
    events="Events",
    censored="Censored",
    competing="Died first",
    horizon="3 years",
)
# Moertel 1990 (R survival::colon), disease-free survival: at risk, events, censored at 0 to 8 years.
COLON = {
    "Observation": (
        (315, 227, 177, 155, 141, 128, 81, 34, 6),
        (0, 88, 137, 159, 173, 181, 185, 188, 190),
        (0, 0, 1, 1, 1, 6, 49, 93, 119),
    ),
    "Levamisole": (
        (310, 221, 170, 153, 146, 135, 89, 38, 6),
        (0, 89, 140, 157, 164, 173, 180, 182, 182),
        (0, 0, 0, 0, 0, 2, 41, 90, 122),
    ),
    "Levamisole + fluorouracil": (
        (304, 251, 209, 194, 186, 174, 117, 50, 12),
        (0, 53, 95, 110, 116, 124, 132, 133, 134),
        (0, 0, 0, 0, 2, 6, 55, 121, 158),
    ),
}


def colon_arm(label: str) -> CurveData:
    """The arm at whole years only, censored in the middle of each year in which somebody was."""
    at_risk, events, censored = COLON[label]
    survival = [1 - had / at_risk[0] for had in events]
    return CurveData(
        label=label,
        times=[YEAR * year for year in range(9)],
        survival=survival,
        lower=[max(0.0, value - 0.05) for value in survival],
        upper=[min(1.0, value + 0.05) for value in survival],
        censor_times=[YEAR * (year + 0.5) for year in range(8) if censored[year + 1] > censored[year]],
        risk_table=[RiskRow(YEAR * year, at_risk[year], events[year], censored[year]) for year in range(9)],
    )


ARMS = tuple(colon_arm(label) for label in COLON)
DASHES = {"#005eb8": None, "#d5281b": "8,4", "#212b32": "2,2.5"}


def figure(
    curves: Sequence[CurveData] = ARMS,
    *,
    words: CurveWords = WORDS,
    prefix: str = "dfs",
    horizon: float | None = 3 * YEAR,
    unit: TimeUnit = TimeUnit.YEARS,
    kind: CurveKind = CurveKind.SURVIVAL,
    width: int = 640,
) -> str:
    return curve_figure(
        curves=curves,
        words=words,
        title="Disease-free survival by arm",
        description="Three step curves falling from 100 %.",
        prefix=prefix,
        horizon=horizon,
        unit=unit,
        kind=kind,
        width=width,
    )


def axis_labels(picture: str) -> dict[str, float]:
    """The labels of the time axis with their x: the first texts that are centred."""
    centred = [text for text in pictures.texts(picture) if text.anchor == "middle"]
    return {text.text: text.x for text in centred if text.top == centred[0].top}


def plot_height(picture: str) -> float:
    """From 0 % to 100 % in pixels."""
    labels = {text.text: text.top for text in pictures.texts(picture) if "%" in text.text}
    return labels["0\u00a0%"] - labels["100\u00a0%"]


def curve_paths(picture: str) -> dict[str, str | None]:
    """Colour and dash of the curves."""
    return {
        path.get("stroke", ""): path.get("stroke-dasharray")
        for path in pictures.paths(picture, stroke_width="2.2")
    }


def test_figure_names_itself_to_a_screen_reader() -> None:
    root = pictures.parsed(figure())
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "dfs-title dfs-desc"
    assert [(child.tag.removeprefix(pictures.SVG), child.get("id"), child.text) for child in root[:2]] == [
        ("title", "dfs-title", "Disease-free survival by arm"),
        ("desc", "dfs-desc", "Three step curves falling from 100 %."),
    ]


def test_figure_breaks_no_content_security_policy() -> None:
    picture = figure()
    names = {name for element in pictures.parsed(picture).iter() for name in element.attrib}
    assert not {name for name in names if name == "style" or name == "class" or name.startswith("on")}
    assert "script" not in picture
    assert "href" not in picture
    assert picture.count("http") == picture.count("http://www.w3.org/2000/svg") == 1


def test_two_figures_of_a_page_share_no_id() -> None:
    first, second = (
        {element.get("id") for element in pictures.parsed(figure(prefix=prefix)).iter() if element.get("id")}
        for prefix in ("dfs", "os")
    )
    assert first.isdisjoint(second)
    assert all(name.startswith("dfs") for name in first if name)


def test_same_input_gives_the_same_bytes_in_every_process() -> None:
    program = "import sys; from test_figures import figure; sys.stdout.buffer.write(figure().encode())"
    here = Path(__file__).resolve()
    pictures_of = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": f"{here.parent}:{here.parents[3]}", "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert pictures_of == [figure().encode()] * 2


def test_every_count_stands_under_its_time() -> None:
    picture = figure()
    columns = axis_labels(picture)
    assert list(columns) == [str(year) for year in range(9)]
    for year in range(9):
        expected = [str(counts[year]) for arm in COLON.values() for counts in arm]
        below = [t for t in pictures.texts(picture) if t.anchor == "middle" and t.text.isdigit()]
        found = [t.text for t in below if abs(t.x - columns[str(year)]) < 1]
        assert sorted(found) == sorted([str(year), *expected])


def test_columns_that_would_touch_are_left_out_with_their_axis_labels() -> None:
    every_month = [RiskRow(MONTH * month, 300 - month, month, 0) for month in range(97)]
    arm = replace(colon_arm("Observation"), risk_table=every_month)
    shown = axis_labels(figure([arm], unit=TimeUnit.MONTHS))
    months = [int(label) for label in shown]
    assert months[0] == 0
    assert 5 < len(months) < 30
    assert {after - before for before, after in pairwise(months)} == {months[1]}


def test_month_axis_shows_whole_months() -> None:
    half_years = [RiskRow(6 * MONTH * step, 200 + step, step, 0) for step in range(0, 21, 2)]
    arm = replace(colon_arm("Observation"), risk_table=half_years)
    labels = axis_labels(figure([arm], unit=TimeUnit.MONTHS, width=1200))
    assert list(labels) == ["0", "12", "24", "36", "48", "60", "72", "84", "96", "108", "120"]


def test_arms_differ_by_colour_and_by_dash() -> None:
    assert curve_paths(figure()) == DASHES
    assert len(set(curve_paths(figure([*ARMS, replace(ARMS[0], label="Fourth")])).values())) == 4


def test_each_arm_is_named_in_the_legend_and_over_its_counts() -> None:
    names = [text.text for text in pictures.texts(figure())]
    assert [names.count(label) for label in COLON] == [2, 2, 2]
    for colour, dash in DASHES.items():
        swatches = pictures.lines(figure(), stroke=colour, stroke_width="2.2", **_dash(dash))
        assert len(swatches) == 2


def _dash(dash: str | None) -> dict[str, str]:
    return {} if dash is None else {"stroke_dasharray": dash}


def test_curve_steps_at_its_times_to_its_values() -> None:
    arm = replace(
        ARMS[0], times=[0, YEAR, 4 * YEAR], survival=[1, 0.75, 0.5], lower=[None] * 3, upper=[None] * 3
    )
    picture = figure([replace(arm, censor_times=[])])
    (path,) = pictures.paths(picture, stroke_width="2.2")
    year, height = axis_labels(picture)["1"] - axis_labels(picture)["0"], plot_height(picture)
    ((start, *points),) = pictures.corners(path)
    drop = 0.25 * height
    assert start == (0, 0)
    expected = [(year, 0), (year, drop), (4 * year, drop), (4 * year, 2 * drop)]
    assert points == [pytest.approx(point, abs=0.5) for point in expected]


def test_band_ends_where_its_limits_end() -> None:
    undefined = replace(
        ARMS[0],
        lower=[*ARMS[0].lower[:5], None, float("nan"), None, None],
        upper=[*ARMS[0].upper[:5], *[0.9] * 4],
    )
    labels = axis_labels(figure([undefined]))
    (band,) = pictures.paths(figure([undefined]), opacity="0.13")
    reach = max(x for x, _ in pictures.corners(band)[0])
    assert reach == pytest.approx(labels["5"] - labels["0"], abs=0.2)


def test_figure_without_limits_has_no_band() -> None:
    bare = replace(ARMS[0], lower=[None] * 9, upper=[None] * 9)
    assert pictures.paths(figure([bare]), opacity="0.13") == []


def test_each_censoring_has_a_tick_on_the_curve() -> None:
    arm = replace(ARMS[0], censor_times=[0.5 * YEAR, 3.2 * YEAR, 3.2 * YEAR, 9 * YEAR])
    picture = figure([arm])
    (ticks,) = pictures.paths(picture, stroke="#005eb8", stroke_width="1")
    labels, height = axis_labels(picture), plot_height(picture)
    year = (labels["8"] - labels["0"]) / 8
    middles = [(low[0], (low[1] + high[1]) / 2) for low, high in pictures.corners(ticks)]
    expected = [(0.5, 1.0), (3.2, arm.survival[3]), (9, arm.survival[8])]
    assert middles == [
        pytest.approx((time * year, height * (1 - value)), abs=0.3) for time, value in expected
    ]


def test_horizon_is_ruled_over_the_whole_plot_and_named() -> None:
    picture = figure()
    upright = [line for line in pictures.lines(picture, stroke="#212b32") if line[0] == line[2]]
    assert len(upright) == 1
    assert upright[0][0] == pytest.approx(axis_labels(picture)["3"], abs=1)
    assert upright[0][3] - upright[0][1] == pytest.approx(plot_height(picture), abs=0.1)
    assert [text.text for text in pictures.texts(picture)].count("3 years") == 1


def test_horizon_may_be_absent_or_nameless() -> None:
    assert "3 years" not in figure(horizon=None)
    assert not [line for line in pictures.lines(figure(horizon=None), stroke="#212b32") if line[0] == line[2]]
    nameless = figure(words=replace(WORDS, horizon=""))
    assert [line for line in pictures.lines(nameless, stroke="#212b32") if line[0] == line[2]]


def test_survival_axis_always_reaches_from_0_to_100_percent() -> None:
    high = replace(ARMS[0], survival=[1, *[0.97] * 8])
    percents = [text.text for text in pictures.texts(figure([high])) if "%" in text.text]
    assert percents == [f"{value}\u00a0%" for value in (0, 20, 40, 60, 80, 100)]


@pytest.mark.parametrize(
    ("highest", "labels"),
    [
        (0.04, ["0", "5"]),
        (0.18, ["0", "5", "10", "15", "20"]),
        (0.3, ["0", "10", "20", "30"]),
        (0.97, ["0", "20", "40", "60", "80", "100"]),
    ],
)
def test_incidence_axis_ends_above_the_highest_band(highest: float, labels: list[str]) -> None:
    rows = [replace(row, competing=3) for row in ARMS[0].risk_table]
    upper = [None, *[highest] * 7, float("nan")]
    arm = replace(ARMS[0], survival=[0, *[highest / 2] * 8], lower=[0] * 9, upper=upper, risk_table=rows)
    picture = figure([arm], kind=CurveKind.INCIDENCE)
    found = [text.text for text in pictures.texts(picture) if "%" in text.text]
    assert found == [f"{label}\u00a0%" for label in labels]
    assert "Died first" in picture


LONG = [
    "Observation alone after complete resection",
    "Levamisole 50 mg three times daily",
    "Levamisole + fluorouracil 450 mg/m² weekly for one year",
]
CHINESE = ["手术后单纯观察组", "左旋咪唑", "左旋咪唑加氟尿嘧啶联合治疗组"]


@pytest.mark.parametrize("width", [400, 640, 1200])
@pytest.mark.parametrize("labels", [list(COLON), LONG, CHINESE], ids=["short", "long", "chinese"])
@pytest.mark.parametrize("horizon", [None, 0.0, 8.7 * YEAR], ids=["none", "first", "last"])
def test_no_text_is_cut_off_or_touches_another(width: int, labels: list[str], horizon: float | None) -> None:
    curves = [replace(arm, label=label) for arm, label in zip(ARMS, labels, strict=True)]
    words = replace(WORDS, value_axis="Cumulative incidence of recurrence, with death as a competing event")
    picture = figure(curves, words=words, width=width, horizon=horizon)
    assert pictures.colliding(picture) == []
    assert pictures.outside(picture) == []
    assert pictures.parsed(picture).get("width") == str(width)


def daily_arm(place: int) -> CurveData:
    """Events on every day and censorings on every noon for nine years."""
    days = [float(day) for day in range(3200)]
    survival = [0.9999 ** (day / (place + 1)) for day in days]
    return CurveData(
        label=f"Arm {place}",
        times=days,
        survival=survival,
        lower=[value - 0.01 for value in survival],
        upper=[min(1.0, value + 0.01) for value in survival],
        censor_times=[day + 0.5 for day in days],
        risk_table=ARMS[0].risk_table,
    )


def test_figure_of_ten_thousand_participants_stays_light() -> None:
    assert len(figure([daily_arm(place) for place in range(3)], width=760).encode()) < 100_000


def test_lightened_curve_stays_within_a_pixel_of_the_whole_one() -> None:
    arm = daily_arm(0)
    picture = figure([arm])
    (path,) = pictures.paths(picture, stroke_width="2.2")
    (points,) = pictures.corners(path)
    assert len(points) < 2 * 700
    day = (axis_labels(picture)["8"] - axis_labels(picture)["0"]) / (8 * YEAR)
    for time in range(0, 3200, 97):
        drawn = [y for x, y in points if x <= time * day][-1]
        assert drawn == pytest.approx(plot_height(picture) * (1 - arm.survival[time]), abs=1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"times": [0, 1]}, "same length"),
        ({"times": [], "survival": [], "lower": [], "upper": []}, "same length"),
        ({"times": [1, *range(2, 10)]}, "start at 0"),
        ({"times": [0, 5, 4, *range(6, 12)]}, "increase"),
        ({"survival": [100, *[50] * 8]}, "proportions"),
        ({"risk_table": []}, "not be empty"),
    ],
)
def test_curve_that_cannot_be_drawn_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        figure([replace(ARMS[0], **change)])


def test_risk_tables_at_different_times_are_refused() -> None:
    other = replace(ARMS[1], risk_table=ARMS[1].risk_table[:5])
    with pytest.raises(ValueError, match="same times"):
        figure([ARMS[0], other])


@pytest.mark.parametrize("count", [0, 5])
def test_figure_shows_one_to_four_arms(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 4 arms"):
        figure([ARMS[0]] * count)


def test_unreadable_width_is_refused() -> None:
    with pytest.raises(ValueError, match="399 pixels"):
        figure(width=399)
