"""The roof: the pages of one participant. Only here all floors are seen, hence all of their pages."""

from typing import Any

from django.http import HttpRequest
from django.urls import resolve, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trial.access import TrialRoom

# URL name of a page about one participant, what it is called, and the pages that belong to it.
PAGES: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("casebook", gettext_lazy("Casebook"), ()),
    ("eligibility", gettext_lazy("Eligibility"), ("screen_failure", "randomize", "allocation")),
    ("participant_endpoints", gettext_lazy("Endpoints"), ()),
)


def participant_tabs(request: HttpRequest, where: TrialRoom) -> list[dict[str, Any]]:
    """The pages about the participant of this address that she may open, as components/tabs.html takes them."""
    match = request.resolver_match
    label = match.kwargs.get("participant") if match else None
    if label is None:
        return []
    current = match.url_name if match else ""
    place = [where.trial.key, label]
    pages = [
        (str(word), reverse(name, args=place), current in (name, *within)) for name, word, within in PAGES
    ]
    trail = f"{reverse('audit', args=[where.trial.key])}?{urlencode({'participant': label})}"
    pages.append((_("History"), trail, False))
    return [
        {"label": word, "url": url, "current": here} for word, url, here in pages if _may_open(where, url)
    ]


def _may_open(where: TrialRoom, url: str) -> bool:
    """By the right that the page itself declares."""
    view: Any = resolve(url.partition("?")[0]).func
    return where.can_somewhere(view.permission)
