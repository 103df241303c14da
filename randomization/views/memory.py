"""Views room of floor 2: what a page showed, sent along signed, so that a later answer can say what has changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core import signing
from django.utils.translation import gettext as _

from randomization.forms import LONGEST_MEMORY
from randomization.selectors import Readiness
from randomization.wording import criterion_name, factor_words, level_words
from trial.eligibility import Standing
from trial.models import Participant
from trial.selectors import protocol_of
from trial.wording import address_words, quoted, value_words

SALT = "randomization.seen"


@dataclass(frozen=True)
class Shown:
    """`token` of the readiness that was shown, and each of its facts in words; empty when nothing is known of it."""

    token: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


def shown(participant: Participant, now: Readiness) -> Shown:
    """What a page shows now."""
    protocol = protocol_of(participant.trial)
    facts = {
        address_words(protocol, fact.address): value_words(protocol, fact.address, fact.value)
        for outcome in now.eligibility.outcomes
        for fact in outcome.facts
    }
    levels = now.stratum.values if now.stratum else {}
    facts |= {
        factor_words(protocol, factor): level_words(protocol, factor, code) for factor, code in levels.items()
    }
    facts |= {criterion_name(step.id): _met(step.standing) for step in now.steps}
    return Shown(now.token, facts)


def kept(page: Shown) -> str:
    """A page's memory as the text of a hidden field.

    It grows with the protocol; where it would not fit, the token goes alone: the gate asks for nothing else.
    """
    text = _signed(page.token, page.facts)
    return text if len(text) <= LONGEST_MEMORY else _signed(page.token, {})


def recalled(text: str) -> Shown:
    """The memory that came back; an empty one for a text that is not ours, which the gate takes for a stale page."""
    try:
        token, facts = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return Shown()
    return Shown(token, facts)


def changes(before: Shown, now: Shown) -> list[str]:
    """What has changed since, a sentence each."""
    if not before.facts:
        return []
    return [
        _("%(what)s: %(before)s became %(now)s.")
        % {
            "what": quoted(name),
            "before": before.facts.get(name) or _("no value"),
            "now": now.facts.get(name) or _("no value"),
        }
        for name in {**before.facts, **now.facts}
        if before.facts.get(name, "") != now.facts.get(name, "")
    ]


def _signed(token: str, facts: Mapping[str, str]) -> str:
    return signing.dumps([token, dict(facts)], salt=SALT, compress=True)


def _met(standing: Standing) -> str:
    return {
        Standing.MET: _("met"),
        Standing.BROKEN: _("not met"),
        Standing.OPEN: _("cannot be judged"),
    }[standing]
