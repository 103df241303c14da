"""Rules room of floor 1: the LARS score, low anterior resection syndrome.

Emmertsen and Laurberg, Ann Surg 2012;255:922-928. The answers are the points themselves.
"""

from crf.scoring.answers import NOT_APPLICABLE, Answers, Bands, Points, Scores, answered, band, total

POINTS: Points = {1: (0, 4, 7), 2: (0, 3), 3: (0, 2, 4, 5), 4: (0, 9, 11), 5: (0, 11, 16)}
BANDS: Bands = ((0, 20, "none"), (21, 29, "minor"), (30, 42, "major"))
COLUMNS = ("total", "band")


def scores(answers: Answers, *, stoma: bool = False) -> Scores:
    """`total`, from 0 to 42, high is bad, and `band`: none, minor, major; None unless all five items are answered.

    While a stoma is present both are not applicable, whatever was answered. Raises ImpossibleAnswer.
    """
    given = answered(answers, POINTS)
    if stoma:
        return dict.fromkeys(COLUMNS, NOT_APPLICABLE)
    points = total(given, POINTS)
    return {"total": points, "band": band(points, BANDS)}
