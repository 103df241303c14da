"""Views room of floor 1: findings in the reader's words, each saying what to do."""

from collections.abc import Callable
from datetime import date

from django.utils.translation import gettext as _

from crf.checks import Finding
from crf.rehearsal import Unusable
from trial.wording import day, words


def sentence(finding: Finding) -> str:
    """What is wrong and what to do, in the reader's language."""
    if finding.say is not None:
        return words(finding.say)
    return _SENTENCES[finding.rule](finding.value, dict(finding.details))


def unusable_words(given: Unusable) -> str:
    """Why a value given for a rehearsal cannot be used, and what to do."""
    told = {"address": given.address, "value": given.value, "nearest": given.nearest}
    if given.nearest:
        return _("There is no address %(address)s. Did you mean %(nearest)s?") % told
    if given.computed:
        return _("%(address)s is computed. Give the values that it is computed from instead.") % told
    if given.finding is None:
        return _("%(address)s: %(value)s is not a text. Write it in quotes.") % told
    if given.finding.rule == "missing_reason" and not given.finding.details.get("allowed"):
        return _("%(address)s takes no reason why it is missing. Give a value, or null.") % told
    return _("%(address)s: %(sentence)s") % {**told, "sentence": sentence(given.finding)}


def _day(text: str) -> str:
    return day(date.fromisoformat(text))


def _range(details: dict[str, str]) -> str:
    low, high = details.get("low"), details.get("high")
    if low and high:
        return _("from %(low)s to %(high)s") % {"low": low, "high": high}
    return _("%(low)s or more") % {"low": low} if low else _("%(high)s or less") % {"high": high}


_SENTENCES: dict[str, Callable[[str, dict[str, str]], str]] = {
    "unknown_item": lambda value, details: _("The form has no such item. Remove it or check its name."),
    "text": lambda value, details: _("The text is too long. Use at most 4,000 characters."),
    "integer": lambda value, details: (
        _("“%(value)s” is not a whole number. Enter digits only.") % {"value": value}
    ),
    "decimal": lambda value, details: (
        _("“%(value)s” is not a number. Enter digits with at most one decimal point.") % {"value": value}
    ),
    "yesno": lambda value, details: _("Answer yes or no."),
    "choices": lambda value, details: (
        _("“%(value)s” is not one of the answers: %(allowed)s.")
        % {"value": value, "allowed": details.get("allowed", "")}
    ),
    "date": lambda value, details: (
        _("“%(value)s” is not a date. Enter year, month and day, such as 2026-11-22.") % {"value": value}
    ),
    "partial_date": lambda value, details: (
        _("“%(value)s” is not a date. Enter the year, and the month and day where they are known.")
        % {"value": value}
    ),
    "missing_reason": lambda value, details: (
        _("“%(value)s” is not a reason this item allows: %(allowed)s.")
        % {"value": value, "allowed": details.get("allowed", "")}
    ),
    "value_and_reason": lambda value, details: _(
        "Give either a value or the reason why it is missing, not both."
    ),
    "required": lambda value, details: (
        _("Enter a value, or the reason why it is missing.")
        if details.get("reasons")
        else _("Enter an answer.")
    ),
    "hidden": lambda value, details: _(
        "This item does not apply after the other answers. Clear it or change them."
    ),
    "hard_range": lambda value, details: (
        _("%(value)s is impossible here: enter a number %(range)s.")
        % {"value": value, "range": _range(details)}
    ),
    "soft_range": lambda value, details: (
        _("%(value)s is unusual: expected a number %(range)s.") % {"value": value, "range": _range(details)}
    ),
    "window": lambda value, details: (
        _("%(day)s lies outside the window of this visit, %(opens)s to %(closes)s.")
        % {"day": _day(value), "opens": _day(details["opens"]), "closes": _day(details["closes"])}
    ),
}
