"""Rules room of floor 1: the Wexner score (CCIS), faecal incontinence.

Jorge and Wexner, Dis Colon Rectum 1993;36:77-97. Where a registry turns it
round, this is still the published way.
"""

from crf.scoring.answers import NOT_APPLICABLE, Answers, Points, Scores, answered, total

POINTS: Points = dict.fromkeys(range(1, 6), (0, 1, 2, 3, 4))
COLUMNS = ("total",)


def scores(answers: Answers, *, stoma: bool = False) -> Scores:
    """`total`, from 0, perfect continence, to 20; None unless all five items are answered.

    While a stoma is present it is not applicable, whatever was answered. Raises ImpossibleAnswer.
    """
    given = answered(answers, POINTS)
    return {"total": NOT_APPLICABLE if stoma else total(given, POINTS)}
