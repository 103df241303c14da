"""Rules room of floor 1: IIEF-5, also called SHIM, erectile function; for men.

Rosen and others, Int J Impot Res 1999;11:319-326; answers of 0: Cappelleri and Rosen, Int J Impot Res 2005;17:307-319.
"""

from crf.scoring.answers import Answers, Bands, Points, Scores, answered, band, total

# In the SHIM form items 2 to 5 may be 0: there was no occasion to tell.
POINTS: Points = {1: (1, 2, 3, 4, 5), **dict.fromkeys(range(2, 6), (0, 1, 2, 3, 4, 5))}
PUBLISHED: Bands = (
    (5, 7, "severe"),
    (8, 11, "moderate"),
    (12, 16, "mild_to_moderate"),
    (17, 21, "mild"),
    (22, 25, "none"),
)
# Those of the record NCT06043999, which differ in every limit and have no words.
REGISTRY: Bands = (
    (1, 4, "1-4"),
    (5, 10, "5-10"),
    (11, 15, "11-15"),
    (16, 20, "16-20"),
    (21, 25, "21-25"),
)
COLUMNS = ("total", "band_published", "band_registry")


def scores(answers: Answers) -> Scores:
    """`total`, from 1 to 25, high is good, and its bands as published and as in the registry.

    All are None unless all five items are answered; the published bands begin at 5. Raises ImpossibleAnswer.
    """
    points = total(answered(answers, POINTS), POINTS)
    return {
        "total": points,
        "band_published": band(points, PUBLISHED),
        "band_registry": band(points, REGISTRY),
    }
