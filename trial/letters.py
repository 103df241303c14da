"""What messages say: subject and plain text in every language of the house, from the templates of their kinds."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trial import links
from trial.models import Notification
from trial.roles import ROLES
from trial.wording import day, moment

# Kind → what the outbox calls it. The template is templates/trial/mail/<kind>.txt: a subject, then the text.
KINDS = {
    "invited": gettext_lazy("Invitation"),
    "granted": gettext_lazy("New role"),
    "link": gettext_lazy("One-time link"),
    "randomized": gettext_lazy("Participant randomized"),
}
# Kinds that give their reader a one-time link: only she may see it, so it is made when the message is sent.
WITH_LINK = {"invited", "link"}
RULE = "\n\n———\n\n"


def letter(message: Notification) -> tuple[str, str]:
    """Subject and text. Somebody who has chosen a password since she was invited needs no link any more."""
    kind = message.kind
    if kind == "invited" and message.to.has_usable_password():
        kind = "granted"
    link = links.make(message.to) if kind in WITH_LINK else ""
    parts: list[tuple[str, str]] = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            text = render_to_string(f"trial/mail/{kind}.txt", _words(message, link))
        subject, _newline, body = text.strip().partition("\n")
        if (subject, body.strip()) not in parts:
            parts.append((subject, body.strip()))
    return " / ".join(subject for subject, _body in parts), RULE.join(body for _subject, body in parts)


def kind_word(kind: str) -> str:
    """The words for a kind of message."""
    return str(KINDS.get(kind, kind))


def _words(message: Notification, link: str) -> dict[str, Any]:
    """The names a template may use."""
    told: Mapping[str, Any] = message.context
    return {
        "name": message.to.name,
        "trial": message.trial.key if message.trial else "",
        "role": _(ROLES[told["role"]].name) if "role" in told else "",
        "site": told.get("site", ""),
        "starts_on": day(date.fromisoformat(told["starts_on"])) if "starts_on" in told else "",
        "participant": told.get("participant", ""),
        "at": moment(datetime.fromisoformat(told["at"]), told["zone"]) if "at" in told else "",
        "link": link,
        "hours": links.HOURS,
        "address": links.address(_page(message)),
    }


def _page(message: Notification) -> str:
    if "participant" in message.context and message.trial:
        return reverse("casebook", args=[message.trial.key, message.context["participant"]])
    return reverse("home")
