"""Doors of floor 2: how the trial allocates, for everybody in it, and the entry of the sealed block sizes."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from randomization import selectors
from randomization.actions import open_scheme
from randomization.forms import SizesForm
from randomization.models import Scheme
from randomization.strata import shares
from randomization.wording import stratum_words
from trial.access import Over, TrialRoom, recently_authenticated, requires, signed_in
from trial.models import Site
from trial.permissions import Permission
from trial.protocol.schema import Protocol, RandomizationMethod
from trial.refusals import Refusal
from trial.selectors import managed_sites, protocol_of
from trial.wording import moment, refusal_words, source_cell, words

METHODS = {
    RandomizationMethod.PERMUTED_BLOCKS: gettext_lazy("Stratified permuted blocks of random, sealed sizes"),
    RandomizationMethod.UPLOADED_LIST: gettext_lazy("A sealed list that was made elsewhere"),
}


@requires(Permission.TRIAL_VIEW, over=Over.TRIAL)
def scheme(request: HttpRequest, where: TrialRoom) -> HttpResponse:
    """Method, ratio, strata, commitments and the number randomized at each site; never by arm or stratum."""
    protocol, found = protocol_of(where.trial), selectors.scheme_of(where.trial)
    context = {
        "breadcrumbs": [(_("Home"), reverse("home")), (_("Randomization"), "")],
        "found": found,
        "by_blocks": by_blocks(protocol),
        "may_open": where.can(Permission.SCHEME_OPEN),
        "facts": _facts(protocol, found),
        "factors": _factors(protocol),
        "impossible": [stratum_words(protocol, each) for each in protocol.randomization.impossible],
        "sites": _sites(where),
        "actions": _actions(where, protocol, found),
    }
    return render(request, "randomization/scheme_view.html", context)


@requires(Permission.SCHEME_OPEN, over=Over.TRIAL)
@recently_authenticated
def scheme_open(request: HttpRequest, where: TrialRoom) -> HttpResponse:
    """Ask for the block sizes, show them once more, seal them. They stand in no address and on no later page."""
    protocol = protocol_of(where.trial)
    if selectors.scheme_of(where.trial) or not by_blocks(protocol):
        return redirect("scheme", trial=where.trial.key)
    form = SizesForm(request.POST or None, shares=shares(protocol))
    if form.is_valid() and "confirmed" in request.POST:
        try:
            open_scheme(trial=where.trial, block_sizes=form.cleaned_data["sizes"], by=signed_in(request))
        except Refusal as refusal:
            form.add_error(None, refusal_words(refusal))
        else:
            messages.success(request, _("The scheme is open: participants can be randomized."))
            return redirect("scheme", trial=where.trial.key)
    return render(request, "randomization/scheme_open.html", _entry(where, protocol, form))


def _entry(where: TrialRoom, protocol: Protocol, form: SizesForm) -> dict[str, Any]:
    back = reverse("scheme", args=[where.trial.key])
    sizes = ", ".join(str(size) for size in form.cleaned_data["sizes"]) if form.is_valid() else ""
    return {
        "form": form,
        "breadcrumbs": [
            (_("Home"), reverse("home")),
            (_("Randomization"), back),
            (_("Open the scheme"), ""),
        ],
        "back": back,
        "ratio": ratio_words(protocol),
        "sizes": sizes,
        "hidden": [("sizes", sizes), ("confirmed", "1")],
    }


def ratio_words(protocol: Protocol) -> str:
    """The ratio with the arms' labels: “Radical TME 1 : Salvage CRT 1”."""
    return " : ".join(
        f"{words(arm.label)} {share}"
        for arm, (_id, share) in zip(protocol.arms, shares(protocol), strict=True)
    )


def by_blocks(protocol: Protocol) -> bool:
    """Whether allocations are made here, so that a scheme has to be opened."""
    return protocol.randomization.method is RandomizationMethod.PERMUTED_BLOCKS


def _facts(protocol: Protocol, found: Scheme | None) -> list[dict[str, Any]]:
    plan = protocol.randomization
    rows: list[tuple[str, Any]] = [
        (_("Method"), str(METHODS[plan.method])),
        (_("Ratio"), ratio_words(protocol)),
        (_("Source"), source_cell(plan.source)),
    ]
    if found:
        rows.append((_("Opened"), {"text": moment(found.opened_at), "note": found.opened_by.name}))
    if found and found.list_sha256:
        rows.append((_("SHA-256 of the list"), found.list_sha256))
    if found and found.seed_sha256:
        told = _(
            "Published before the first allocation: whoever is given the seed after the trial can check it."
        )
        rows.append((_("SHA-256 of the seed"), {"text": found.seed_sha256, "note": told}))
        told = _("The supplement holds the block sizes. It is sealed like the seed.")
        rows.append((_("SHA-256 of the supplement"), {"text": found.supplement_sha256, "note": told}))
    return [{"label": label, "value": value} for label, value in rows]


def _factors(protocol: Protocol) -> dict[str, Any]:
    rows = [
        [words(factor.label), f"{words(level.label)} ({level.code})", level.when]
        for factor in protocol.randomization.strata
        for level in factor.levels
    ]
    rows[:0] = [
        [words(factor.label), _each(factor.value), factor.value]
        for factor in protocol.randomization.strata
        if factor.value
    ]
    heads = [_("Factor"), _("Level"), _("Condition")]
    return {"columns": [{"label": head} for head in heads], "rows": [{"cells": cells} for cells in rows]}


def _each(address: str) -> str:
    """The levels of a factor that takes the codes of an address."""
    return _("Each site") if address == "participant.site" else _("Each code of its own")


def _sites(where: TrialRoom) -> dict[str, Any]:
    counts: list[tuple[Site, int]] = [(site, site.randomized_count) for site in managed_sites(where.trial)]
    rows: list[list[Any]] = [
        [str(site), {"number": number}, {"number": _("no limit") if site.cap is None else site.cap}]
        for site, number in counts
    ]
    rows.append([_("All sites"), {"number": sum(number for _site, number in counts)}, ""])
    columns = [
        {"label": _("Site")},
        {"label": _("Randomized"), "numeric": True},
        {"label": _("At most"), "numeric": True},
    ]
    return {"columns": columns, "rows": [{"cells": cells} for cells in rows]}


def _actions(where: TrialRoom, protocol: Protocol, found: Scheme | None) -> list[dict[str, Any]]:
    if found or not by_blocks(protocol) or not where.can(Permission.SCHEME_OPEN):
        return []
    url = reverse("scheme_open", args=[where.trial.key])
    return [{"label": _("Open the scheme"), "url": url, "kind": "primary"}]
