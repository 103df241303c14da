"""Writes of floor 0: names that are given once, whoever comes first."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from trial.refusals import Refusal


@contextmanager
def refused_with(refusal: Refusal) -> Iterator[None]:
    """Make a row whose name the database gives only once. Raises `refusal` where it is taken.

    Asked beforehand, the database would not know of a row that somebody else is making at the same moment.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise refusal from error
