"""The margin figure: intervals, margins and the side that is non-inferior, where they belong."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from outcomes.reporting.forest import IntervalData, MarginData, MarginWords, margin_figure
from tests import pictures

WORDS = MarginWords(
    value_axis="Difference in 3-year disease-free survival, points (experimental \u2212 control)",
    figures="Points (95 % CI)",
    shading="Shaded: non-inferior when the whole interval lies here",
    favours_control="favours control",
    favours_experimental="favours experimental",
    not_estimable="not estimable",
    to="to",
)
# Moertel 1990, disease-free survival at 3 years, Wald intervals.
FU = IntervalData("Levamisole + fluorouracil \u2212 Observation", 0.1437623482, 0.0664715, 0.2210532)
LEV = IntervalData("Levamisole \u2212 Observation", -0.0008471594, -0.0792908, 0.0775965)
UNKNOWN = IntervalData("Radiotherapy \u2212 Observation", None, None, None)
MARGINS = (MarginData("margin 10 points", 0.10), MarginData("margin 5 points", 0.05))
BLUE, INK = "#005eb8", "#212b32"


BOTH = (FU, LEV)


def figure(
    intervals: Sequence[IntervalData] = BOTH,
    margins: Sequence[MarginData] = MARGINS,
    *,
    words: MarginWords = WORDS,
    width: int = 640,
) -> str:
    return margin_figure(
        intervals=intervals,
        margins=margins,
        words=words,
        title="Differences at 3 years",
        description="Two intervals against two margins.",
        prefix="m",
        width=width,
    )


def scale(picture: str) -> dict[float, float]:
    """x on the sheet of each labelled value of the axis."""
    centred = [text for text in pictures.texts(picture) if text.anchor == "middle"]
    return {float(text.text.replace("\u2212", "-")): text.x for text in centred}


def at(picture: str, value: float) -> float:
    """x on the sheet of a value in points, from two labels of the axis."""
    labels = scale(picture)
    (first, x), (last, x2) = min(labels.items()), max(labels.items())
    return x + (x2 - x) * (value - first) / (last - first)


def test_axis_is_signed_in_points() -> None:
    labels = [text.text for text in pictures.texts(figure()) if text.anchor == "middle"]
    assert labels == ["\u221210", "0", "+10", "+20"]


def test_whiskers_reach_from_limit_to_limit() -> None:
    picture = figure()
    level = [line for line in pictures.lines(picture, stroke=BLUE) if line[1] == line[3]]
    expected = [(6.64715, 22.10532), (-7.92908, 7.75965)]
    for line, (lower, upper) in zip(level, expected, strict=True):
        assert line[0] == pytest.approx(at(picture, lower), abs=0.8)
        assert line[2] == pytest.approx(at(picture, upper), abs=0.8)


def test_square_stands_on_the_estimate() -> None:
    picture = figure()
    squares = [
        x
        for e, x, _ in pictures.placed(pictures.parsed(picture))
        if e.tag.endswith("path") and e.get("fill") == BLUE
    ]
    expected = [at(picture, 14.37623482), at(picture, -0.08471594)]
    assert [x for x in squares if x in squares[-2:]] == pytest.approx(expected, abs=0.8)


def test_figures_stand_as_text() -> None:
    names = [text.text for text in pictures.texts(figure())]
    for text in ("+14.38", "(6.65 to 22.11)", "\u22120.08", "(\u22127.93 to 7.76)"):
        assert text in names


def test_no_difference_is_a_full_line_and_each_margin_a_dashed_one() -> None:
    picture = figure()
    upright = [line for line in pictures.lines(picture, stroke=INK) if line[0] == line[2]]
    dashed = pictures.lines(picture, stroke=INK, stroke_dasharray="6,4")
    full = [line for line in upright if line not in dashed]
    assert [line[0] for line in full] == pytest.approx([at(picture, 0)], abs=0.8)
    places = sorted({line[0] for line in dashed})
    assert places == pytest.approx([at(picture, -10), at(picture, -5)], abs=0.8)


def test_shade_begins_at_the_margin_and_ends_with_the_plot() -> None:
    picture = figure([LEV], [MARGINS[0]])
    (shade,) = pictures.paths(picture, opacity="0.09")
    start = float(shade.get("d", "").removeprefix("M").split(",")[0])
    width = float(shade.get("d", "").split("h")[1].split("v")[0])
    origin = next(
        x
        for e, x, _ in pictures.placed(pictures.parsed(picture))
        if e is not None and e.get("stroke-miterlimit")
    )
    assert origin + start == pytest.approx(at(picture, -10), abs=0.8)
    axis = next(line for line in pictures.lines(picture, stroke="#4c6272") if line[2] - line[0] > 100)
    assert origin + start + width == pytest.approx(axis[2], abs=0.8)


def test_figure_without_margins_shades_and_explains_nothing() -> None:
    picture = figure([FU, LEV], [])
    assert pictures.paths(picture, opacity="0.09") == []
    assert WORDS.shading not in picture
    assert pictures.lines(picture, stroke_dasharray="6,4") == []


def test_comparison_that_cannot_be_estimated_says_so() -> None:
    picture = figure([UNKNOWN, replace(FU, upper=float("nan"))])
    assert [text.text for text in pictures.texts(picture)].count("not estimable") == 2
    assert pictures.lines(picture, stroke=BLUE) == []


def test_nothing_known_and_no_margin_still_draws_an_axis_around_zero() -> None:
    assert 0.0 in scale(figure([UNKNOWN], []))


def test_wide_intervals_get_wide_ticks() -> None:
    wide = IntervalData("A \u2212 B", 0.0, -1.0, 1.0)
    assert scale(figure([wide], width=480)).keys() == {-100.0, -50.0, 0.0, 50.0, 100.0}


LONG = IntervalData(
    "Long-course chemoradiotherapy with capecitabine \u2212 radical total mesorectal excision",
    -0.31,
    -0.9,
    -0.1,
)
CHINESE = IntervalData("左旋咪唑加氟尿嘧啶联合治疗组与手术后单纯观察组比较", 0.1437, 0.066, 0.221)


@pytest.mark.parametrize("width", [480, 640, 1200])
@pytest.mark.parametrize("margins", [[], MARGINS, MARGINS[::-1]], ids=["0", "2", "2 reversed"])
@pytest.mark.parametrize(
    "intervals", [[FU, LEV], [LONG], [UNKNOWN, CHINESE]], ids=["usual", "long", "unknown"]
)
def test_no_text_is_cut_off_or_touches_another(
    width: int, margins: list[MarginData], intervals: list[IntervalData]
) -> None:
    picture = figure(intervals, margins, width=width)
    assert pictures.colliding(picture) == []
    assert pictures.outside(picture) == []


@pytest.mark.parametrize("intervals", [[FU, LEV], [LONG]], ids=["right", "left"])
def test_no_dashed_line_crosses_the_label_of_a_margin(intervals: list[IntervalData]) -> None:
    picture = figure(intervals)
    labels = [text for text in pictures.texts(picture) if text.text.startswith("margin")]
    assert len(labels) == 2
    for x, top, _, bottom in pictures.lines(picture, stroke_dasharray="6,4"):
        assert not [t for t in labels if t.left < x < t.right and top < t.bottom and t.top < bottom]


def test_percentage_points_in_place_of_proportions_are_refused() -> None:
    with pytest.raises(ValueError, match="as proportions"):
        figure([IntervalData("A \u2212 B", 14.38, 6.65, 22.11)])
    with pytest.raises(ValueError, match="positive proportions"):
        figure([FU], [MarginData("ten", 10)])
    with pytest.raises(ValueError, match="positive proportions"):
        figure([FU], [MarginData("none", 0)])


def test_wald_limit_beyond_a_hundred_points_is_drawn() -> None:
    assert "(\u2212109.00 to 9.00)" in figure([IntervalData("A \u2212 B", -0.5, -1.09, 0.09)])


def test_figure_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one comparison"):
        figure([])


def test_unreadable_width_is_refused() -> None:
    with pytest.raises(ValueError, match="479 pixels"):
        figure(width=479)
