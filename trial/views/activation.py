"""Doors of floor 0: the protocols beside this installation, and putting one in force."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from trial import access, selectors
from trial.access import Over, recently_authenticated, requires, signed_in
from trial.actions import protocols as actions
from trial.forms import ReasonForm, accepted
from trial.models import ProtocolVersion, Purpose, Trial
from trial.permissions import Permission
from trial.protocol.loader import LoadedProtocol
from trial.protocol_folders import Folder, folder, folders
from trial.refusals import Refusal
from trial.views import questions
from trial.wording import words


@requires(Permission.PROTOCOL_ACTIVATE, over=Over.INSTALLATION)
def protocols(request: HttpRequest) -> HttpResponse:
    """Every protocol folder: what it holds, and whether its text is in force."""
    standing = selectors.trials_by_key()
    found = folders(settings.PROTOCOLS)
    context = {
        "breadcrumbs": [(_("Home"), reverse("home")), (_("Protocols"), "")],
        "folder": str(settings.PROTOCOLS),
        "columns": _columns(),
        "rows": [{"cells": _cells(each, standing)} for each in found],
        "broken": [each for each in found if each.problems],
    }
    return render(request, "trial/protocol_list.html", context)


@requires(Permission.PROTOCOL_ACTIVATE, over=Over.INSTALLATION)
@recently_authenticated
def protocol_activate(request: HttpRequest, folder_name: str) -> HttpResponse:
    """Show what would be put in force and what that means; then do it."""
    found = folder(settings.PROTOCOLS, folder_name)
    if found is None or found.loaded is None:
        raise Http404
    form = ReasonForm(request.POST or None)
    loaded = found.loaded
    version = accepted(form, lambda: _activated(request, loaded, form.cleaned_data["reason"]))
    if version:
        text = _("%(trial)s, version %(number)s, is in force.")
        messages.success(request, text % {"trial": version.trial.key, "number": version.number})
        return redirect(_next(request, version.trial))
    return questions.ask(request, _question(loaded, form))


def _activated(request: HttpRequest, loaded: LoadedProtocol, reason: str) -> ProtocolVersion:
    if request.POST.get("sha256") != loaded.sha256:
        raise Refusal(
            "protocol.changed",
            _("The text has changed since you looked at it."),
            remedy=_("Look at its hash again, then decide."),
        )
    demo = selectors.purpose() == Purpose.DEMONSTRATION
    return actions.activate(loaded=loaded, by=signed_in(request), reason=reason, demo=demo)


def _next(request: HttpRequest, trial: Trial) -> str:
    """Where to go on: a trial without an administrator needs one; its administrator goes to the first steps."""
    if not selectors.grants_in_force(trial).filter(role="administrator").exists():
        return f"{reverse('account_invite')}?{urlencode({'trial': trial.key})}"
    mine = any(
        where.trial == trial and where.can_somewhere(Permission.SITE_MANAGE)
        for where in access.rooms(request.user)
    )
    return reverse("first_steps", args=[trial.key]) if mine else reverse("protocols")


def _question(loaded: LoadedProtocol, form: Any) -> dict[str, Any]:
    protocol, back = loaded.protocol, reverse("protocols")
    trial = Trial.objects.filter(key=protocol.trial).select_related("protocol").first()
    changed = _changed(loaded, trial.protocol.files if trial and trial.protocol else {})
    return {
        "title": words(protocol.title),
        "question": _("Put version %(number)s of %(trial)s in force?")
        % {"number": protocol.version, "trial": protocol.trial},
        "text": _("SHA-256 of its text: %(sha256)s") % {"sha256": loaded.sha256},
        "consequences": [
            _(
                "From now on the trial runs under this text. The text in force is kept for ever and cannot be edited."
            ),
            _("Every form remembers the version that it was entered under."),
            _("A change of the protocol is a new version of the text, activated in the same way."),
            *([_("Changed files: %(files)s") % {"files": ", ".join(changed)}] if trial and changed else []),
        ],
        "submit_label": _("Activate"),
        "danger": False,
        "form": form,
        "hidden": [("sha256", loaded.sha256)],
        "cancel_url": back,
        "way": [(_("Protocols"), back)],
    }


def _changed(loaded: LoadedProtocol, files: dict[str, str]) -> list[str]:
    names = sorted({*loaded.files, *files})
    return [name for name in names if loaded.files.get(name) != files.get(name)]


def _columns() -> list[dict[str, Any]]:
    labels = (_("Protocol"), _("Version"), _("SHA-256"), _("State"))
    return [*({"label": label} for label in labels), {"label": _("Action"), "hidden": True}]


def _cells(each: Folder, standing: dict[str, Trial]) -> list[Any]:
    if each.loaded is None:
        broken = {"status": "failed", "label": _("Does not load")}
        return [each.name, {"missing": _("unknown")}, {"missing": _("unknown")}, broken, ""]
    protocol = each.loaded.protocol
    trial = standing.get(protocol.trial)
    return [
        {"text": words(protocol.title), "note": protocol.trial},
        str(protocol.version),
        {"text": f"{each.loaded.sha256[:12]}…"},
        _state(each.loaded, trial),
        {"links": _links(each, trial)},
    ]


def _state(loaded: LoadedProtocol, trial: Trial | None) -> dict[str, str]:
    if trial is None or trial.protocol is None:
        return {"status": "not_due", "label": _("Not activated")}
    if trial.protocol.sha256 == loaded.sha256:
        return {"status": "done", "label": _("In force")}
    if loaded.protocol.version == trial.next_version:
        note = _("in force: version %(number)s") % {"number": trial.protocol.number}
        return {"status": "due", "label": _("Newer text"), "note": note}
    note = _("Set `version: %(next)s` in protocol.yaml.") % {"next": trial.next_version}
    return {"status": "failed", "label": _("Changed under the same number"), "note": note}


def _links(each: Folder, trial: Trial | None) -> list[tuple[str, str]]:
    """What can be done with a folder that loads: activate its text, or name an administrator of its trial."""
    if each.loaded is None:
        return []
    protocol = each.loaded.protocol
    name = (_("Name an administrator"), f"{reverse('account_invite')}?{urlencode({'trial': protocol.trial})}")
    activate = (_("Activate"), reverse("protocol_activate", args=[each.name]))
    if trial is None or trial.protocol is None:
        return [activate]
    newer = protocol.version == trial.next_version and trial.protocol.sha256 != each.loaded.sha256
    return [activate, name] if newer else [name]
