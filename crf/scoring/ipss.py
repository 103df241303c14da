"""Rules room of floor 1: IPSS, lower urinary tract symptoms; for men.

Barry and others, J Urol 1992;148:1549-1557. Item 8 is the question on quality of life, which no total holds.
"""

from crf.scoring.answers import Answers, Bands, Points, Scores, answered, band, total

QUALITY_OF_LIFE = 8
SYMPTOMS = range(1, 8)
VOIDING = (1, 3, 5, 6)
STORAGE = (2, 4, 7)
POINTS: Points = {**dict.fromkeys(SYMPTOMS, (0, 1, 2, 3, 4, 5)), QUALITY_OF_LIFE: (0, 1, 2, 3, 4, 5, 6)}
BANDS: Bands = ((0, 7, "mild"), (8, 19, "moderate"), (20, 35, "severe"))
COLUMNS = ("total", "band", "voiding", "storage", "qol")


def scores(answers: Answers) -> Scores:
    """`total`, from 0 to 35, its `band`, `voiding`, 0 to 20, `storage`, 0 to 15, and `qol`, 0 to 6; high is bad.

    The first four are None unless all seven symptoms are answered; `qol` stands apart. Raises ImpossibleAnswer.
    """
    given = answered(answers, POINTS)
    points = total(given, SYMPTOMS)
    return {
        "total": points,
        "band": band(points, BANDS),
        "voiding": None if points is None else total(given, VOIDING),
        "storage": None if points is None else total(given, STORAGE),
        "qol": given.get(QUALITY_OF_LIFE),
    }
