"""Views room of floor 0: acts of the audit trail as people may read them, on the page and in the download."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from trial.models import Act
from trial.protocol.forms import Form
from trial.protocol.schema import Protocol
from trial.wording import answer, detail_value, detail_word, missing_word, verb_words, words

HEADINGS = (
    "seq",
    "at_utc",
    "who",
    "verb",
    "refused",
    "subject",
    "site",
    "participant",
    "changes",
    "why",
    "hidden",
)
# How crf names the record an act is about: visit.repeat/form.repeat.
RECORD = re.compile(r"[a-z0-9_]+\.([0-9]+)/([a-z0-9_]+)\.[0-9]+")
# What a spreadsheet takes for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")

MayKnow = Callable[[Act], bool]


@dataclass(frozen=True)
class Change:
    """One line of what an act changed, in words; `old` is "" where nothing stood before."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Shown:
    """An act as one reader may see it. `hidden`: subject, changes and reason would tell her the arm."""

    act: Act
    verb: str
    subject: str
    changes: tuple[Change, ...]
    reason: str
    hidden: bool


def shown(act: Act, protocol: Protocol, may_know: MayKnow) -> Shown:
    """The act in the reader's words, masked where it tells an arm that she may not know."""
    if is_hidden(act, may_know):
        return Shown(act, verb_words(act.verb), "", (), "", True)
    form = _form(act, protocol)
    changes = tuple(_change(name, value, form, protocol) for name, value in act.changes.items())
    return Shown(act, verb_words(act.verb), _subject(act, form), changes, act.reason, False)


def is_hidden(act: Act, may_know: MayKnow) -> bool:
    """Whether an act must be masked. An act about no single participant tells more than any one arm."""
    return act.shows_arm and not (act.participant and may_know(act))


def csv_rows(acts: Iterable[Act], may_know: MayKnow) -> Iterator[list[str]]:
    """Headings, then one row an act, stored codes unchanged.

    The hashes of the chain stay out: whoever knows everything of an act but one of three arms could try each.
    """
    yield list(HEADINGS)
    for act in acts:
        hidden = is_hidden(act, may_know)
        yield [
            str(act.seq),
            act.at.isoformat(),
            _harmless(act.actor.name if act.actor else ""),
            act.verb,
            "yes" if act.refused else "no",
            "" if hidden else _harmless(act.subject),
            _harmless(act.site),
            _harmless(act.participant),
            "" if hidden else json.dumps(act.changes, ensure_ascii=False, sort_keys=True),
            "" if hidden else _harmless(act.reason),
            "yes" if hidden else "no",
        ]


def _form(act: Act, protocol: Protocol) -> Form | None:
    found = RECORD.fullmatch(act.subject)
    return protocol.forms.get(found.group(2)) if found else None


def _subject(act: Act, form: Form | None) -> str:
    """The form's title, numbered from the second visit on; nothing where the participant says it already."""
    found = RECORD.fullmatch(act.subject)
    if form is None or found is None:
        return "" if act.subject.startswith("trial.participant:") else act.subject
    repeat = int(found.group(1))
    return words(form.title) if repeat == 1 else f"{words(form.title)} {repeat}"


def _change(name: str, value: Any, form: Form | None, protocol: Protocol) -> Change:
    old, new = _pair(value)
    if form is None:
        return Change(detail_word(name), detail_value(name, _plain(old)), detail_value(name, _plain(new)))
    rule, _colon, item = name.rpartition(":")
    known = {each.id: each for each in form.items}
    if rule:
        label = words(known[item].label) if item in known else words(form.title)
        return Change(_("%(item)s: why it is right") % {"item": label}, _plain(old), _plain(new))
    if item not in known:
        return Change(name, _plain(old), _plain(new))
    choices = protocol.choices(known[item])
    old, new = (
        missing_word(each["missing"]) if isinstance(each, dict) else answer(known[item], choices, each)
        for each in (old, new)
    )
    return Change(words(known[item].label), old, new)


def _pair(value: Any) -> tuple[Any, Any]:
    if isinstance(value, dict) and set(value) == {"from", "to"}:
        return value["from"], value["to"]
    if isinstance(value, list) and len(value) == 2:
        return value[0], value[1]
    return None, value


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)


def _harmless(text: str) -> str:
    """Free text that a spreadsheet cannot run: a leading apostrophe where it looks like a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
