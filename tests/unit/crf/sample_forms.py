"""Tests: a form with an item of every type, skip logic two steps deep and checks of both levels."""

from typing import Any

from trial.protocol.forms import Choice, Form, Item

LETTERS = [{"code": code, "label": {"en": f"Letter {code}", "zh-hans": f"字母{code}"}} for code in "abcdefgh"]

VISIT: dict[str, Any] = {
    "form": "visit",
    "version": 1,
    "title": {"en": "Visit", "zh-hans": "访视"},
    "items": [
        {
            "id": "weight",
            "label": {"en": "Weight", "zh-hans": "体重"},
            "type": "decimal",
            "unit": {"en": "kg"},
            "required": True,
            "hard_range": [1, 400],
            "soft_range": [30, 200],
            "missing": ["not_done", "refused"],
        },
        {"id": "steps", "label": {"en": "Steps"}, "type": "integer", "soft_range": [None, 50000]},
        {"id": "note", "label": {"en": "Note"}, "help": {"en": "In your words."}, "type": "text"},
        {"id": "well", "label": {"en": "Well?"}, "type": "yesno", "required": True},
        {
            "id": "symptoms",
            "label": {"en": "Symptoms"},
            "type": "choices",
            "choices": LETTERS[:3],
            "show_if": "well == 'no'",
            "required": True,
        },
        {
            "id": "worst",
            "label": {"en": "Worst symptom"},
            "type": "choice",
            "choices": LETTERS[:3],
            "show_if": "'b' in symptoms",
        },
        {"id": "letter", "label": {"en": "Letter"}, "type": "choice", "choices": LETTERS},
        {"id": "seen_on", "label": {"en": "Seen on"}, "type": "date"},
        {"id": "began", "label": {"en": "Began"}, "type": "partial_date", "show_if": "other.flag == 'yes'"},
    ],
    "checks": [
        {
            "id": "future",
            "if": "seen_on > today",
            "level": "hard",
            "item": "seen_on",
            "say": {"en": "This date lies in the future."},
        },
        {
            "id": "light",
            "if": "weight < 40 and well == 'yes'",
            "level": "soft",
            "item": "weight",
            "say": {"en": "Light for somebody well.", "zh-hans": "体重偏低。"},
        },
        {"id": "silent", "if": "note is missing", "level": "soft", "say": {"en": "There is no note."}},
    ],
}


def form(**changes: Any) -> Form:
    """The form, with other keys where given."""
    return Form.model_validate({**VISIT, **changes})


def choices_of(item: Item) -> tuple[Choice, ...]:
    """The choices of an item: all of them stand inline here."""
    return item.choices if isinstance(item.choices, tuple) else ()
