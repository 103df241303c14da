"""Wording room of floor 1: why a file of answers cannot be scored, each with what to do."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crf.scoring.instruments import INSTRUMENTS
from crf.scoring.tables import Problem

STANDARD_INPUT = "-"
SHOWN = 20
LONGEST = 40

_SAYS = {
    "heading": gettext_lazy(
        "There is no heading. Name the columns on the first line, %(first)s to %(last)s."
    ),
    "unknown_column": gettext_lazy(
        "Column %(column)r is unknown. Take it out, above all when it identifies a person; the columns are "
        "%(first)s to %(last)s, separated by commas."
    ),
    "missing_column": gettext_lazy("Column %(column)s is missing. Add it; its cells may be empty."),
    "double_column": gettext_lazy("Column %(column)s stands twice. Keep one of the two."),
    "csv": gettext_lazy("Line %(line)s is not CSV (%(value)s). Save the file as CSV again."),
    "cells": gettext_lazy(
        "Row %(row)s (line %(line)s) has %(value)s cells where the heading has %(allowed)s. Write one cell for "
        "each column."
    ),
    "answer": gettext_lazy(
        "Row %(row)s (line %(line)s), column %(column)s: %(value)r is no answer to this item. Write one of "
        "%(allowed)s, or leave the cell empty."
    ),
}


def unknown_instrument(key: str) -> str:
    """That there is no such instrument, and which there are."""
    return _("There is no instrument %(key)r. Use one of these: %(known)s.") % {
        "key": key,
        "known": ", ".join(INSTRUMENTS),
    }


def source(file: str) -> str:
    """What a person calls the place that the answers come from."""
    return _("The standard input") if file == STANDARD_INPUT else file


def unreadable(file: str, reason: str) -> str:
    """That a file cannot be opened."""
    return _(
        "%(file)s cannot be read: %(reason)s. Give the path of a CSV file, or - for the standard input."
    ) % {"file": source(file), "reason": reason}


def no_text(file: str) -> str:
    """That a file holds something else than text."""
    return _("%(file)s is no text in UTF-8. Save it as CSV in UTF-8.") % {"file": source(file)}


def unfit(file: str, problems: Iterable[Problem]) -> str:
    """Everything that does not fit, a line each, after one line that says how rows are counted."""
    told = [_said(problem) for problem in problems]
    first = _("%(file)s was not scored. Row 1 is the first below the heading; line 1 is the heading.") % {
        "file": source(file)
    }
    more = len(told) - SHOWN
    rest = [_("… and %(number)s more.") % {"number": more}] if more > 0 else []
    return "\n  ".join([first, *told[:SHOWN], *rest])


def _said(problem: Problem) -> str:
    facts: dict[str, object] = {
        "row": problem.row,
        "line": problem.line,
        "column": problem.column[:LONGEST],
        "value": problem.value[:LONGEST],
        "allowed": ", ".join(problem.allowed),
        "first": problem.allowed[0] if problem.allowed else "",
        "last": problem.allowed[-1] if problem.allowed else "",
    }
    return str(_SAYS[problem.rule]) % facts
