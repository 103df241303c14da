"""Views room of floor 1: findings in the reader's words, each saying what to do."""

from collections.abc import Callable
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crf.checks import Finding
from trial.protocol.forms import Form
from trial.protocol.vocabulary import in_language
from trial.wording import day


def sentence(finding: Finding) -> str:
    """What is wrong and what to do, in the reader's language."""
    if finding.say is not None:
        return in_language(dict(finding.say), get_language() or "en")
    words: dict[str, str] = dict(finding.details)
    return _SENTENCES[finding.rule](finding.value, words)


def label(form: Form, item: str) -> str:
    """The label of an item in the reader's language, the id where the form has none."""
    known = {i.id: i for i in form.items}
    return in_language(known[item].label, get_language() or "en") if item in known else item


def _day(text: str) -> str:
    return day(date.fromisoformat(text))


def _range(words: dict[str, str]) -> str:
    low, high = words.get("low"), words.get("high")
    if low and high:
        return _("from %(low)s to %(high)s") % {"low": low, "high": high}
    return _("%(low)s or more") % {"low": low} if low else _("%(high)s or less") % {"high": high}


_SENTENCES: dict[str, Callable[[str, dict[str, str]], str]] = {
    "unknown_item": lambda value, words: _("The form has no such item. Remove it or check its name."),
    "text": lambda value, words: _("The text is too long. Use at most 4,000 characters."),
    "integer": lambda value, words: (
        _("“%(value)s” is not a whole number. Enter digits only.") % {"value": value}
    ),
    "decimal": lambda value, words: (
        _("“%(value)s” is not a number. Enter digits with at most one decimal point.") % {"value": value}
    ),
    "yesno": lambda value, words: _("Answer yes or no."),
    "choices": lambda value, words: (
        _("“%(value)s” is not one of the answers: %(allowed)s.")
        % {"value": value, "allowed": words.get("allowed", "")}
    ),
    "date": lambda value, words: (
        _("“%(value)s” is not a date. Enter year, month and day, such as 2026-11-22.") % {"value": value}
    ),
    "partial_date": lambda value, words: (
        _("“%(value)s” is not a date. Enter the year, and the month and day where they are known.")
        % {"value": value}
    ),
    "missing_reason": lambda value, words: (
        _("“%(value)s” is not a reason this item allows: %(allowed)s.")
        % {"value": value, "allowed": words.get("allowed", "")}
    ),
    "value_and_reason": lambda value, words: _(
        "Give either a value or the reason why it is missing, not both."
    ),
    "required": lambda value, words: _("Enter a value, or the reason why it is missing.")
    if words.get("reasons")
    else _("Enter an answer."),
    "hidden": lambda value, words: _(
        "This item does not apply after the other answers. Clear it or change them."
    ),
    "hard_range": lambda value, words: (
        _("%(value)s is impossible here: enter a number %(range)s.")
        % {"value": value, "range": _range(words)}
    ),
    "soft_range": lambda value, words: (
        _("%(value)s is unusual: expected a number %(range)s.") % {"value": value, "range": _range(words)}
    ),
    "window": lambda value, words: (
        _("%(day)s lies outside the window of this visit, %(opens)s to %(closes)s.")
        % {"day": _day(value), "opens": _day(words["opens"]), "closes": _day(words["closes"])}
    ),
}
