"""Tests: a program that prepares participants, or randomizes all of them against others doing the same."""

import json
import os
import random
import sys
import time

import django
from django.db import IntegrityError

PARTICIPANTS = 24
PAUSE = 0.03


def prepare() -> None:
    """Participants who are enrolled and wait for their allocation."""
    found = MappedImport(*(part[:PARTICIPANTS] for part in (FOUND.participants, ())))
    records = [
        r
        for r in FOUND.records
        if r.form == "baseline" and r.participant in {p.label for p in found.participants}
    ]
    by = people.service_identity(name="IMPORT")
    trial = protocols.activate(loaded=LOADED, by=by).trial
    places = {
        s.code: sites.add(trial=trial, code=s.code, name=s.code, by=by) for s in LOADED.protocol.imports.sites
    }
    upload_list(trial=trial, text=allocation_list(found), by=by)
    for person in found.participants:
        registered = participants.register(site=places[person.site], label=person.label, by=by)
        participants.consent(participant=registered, version="1", given_on=person.consented_on, by=by)
    imports.run(
        trial=trial, rows=[row_of(record, LOADED.protocol) for record in records], reason="race", by=by
    )
    for registered in Participant.objects.select_related("site", "trial"):
        participants.enrol(participant=registered, by=by)


def race(seed: int, *, locked: bool, twins: bool) -> None:
    """Randomize everybody in an order of our own; print what went wrong and how often we were answered.

    Twins send the same requests in the same order.
    """
    if not locked:
        actions._locked_stratum = _without_lock
        actions._hold_site = lambda participant: None
        actions.participants.locked = _participant_without_lock
    by = Person.objects.get(name="IMPORT")
    labels = list(Participant.objects.values_list("label", flat=True))
    random.Random(0 if twins else seed).shuffle(labels)
    print("ready", flush=True)
    sys.stdin.readline()
    told = {"first": 0, "refused": 0, "broken": 0}
    for label in labels:
        # SQLite's waiters look again every tenth of a second: without a pause the first one in would win them all.
        time.sleep(PAUSE)
        someone = Participant.objects.select_related("site", "trial__protocol").get(label=label)
        try:
            actions.randomize(
                participant=someone, idempotency_key=label if twins else f"{seed}:{label}", by=by
            )
            told["first"] += 1
        except Refusal:
            told["refused"] += 1
        except IntegrityError:
            told["broken"] += 1
    print(json.dumps(told))


def _without_lock(participant, key):  # type: ignore[no-untyped-def]
    return Stratum.objects.select_related("scheme").get(scheme__trial=participant.trial, key=key)


def _participant_without_lock(participant):  # type: ignore[no-untyped-def]
    return Participant.objects.select_related("site", "trial__protocol").get(pk=participant.pk)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.conf import settings

    from config.loading import _row as row_of
    from config.loading import allocation_list, mapped
    from crf.actions import imports
    from crf.mapping import MappedImport
    from randomization import actions
    from randomization.actions import upload_list
    from randomization.models import Stratum
    from trial.actions import participants, people, protocols, sites
    from trial.models import Participant, Person
    from trial.protocol.loader import load
    from trial.refusals import Refusal

    FOLDER = settings.PROTOCOLS / "colon-moertel"
    LOADED = load(FOLDER)
    FOUND = mapped(LOADED.protocol, FOLDER)
    if sys.argv[1] == "prepare":
        prepare()
    else:
        race(int(sys.argv[2]), locked=sys.argv[1] != "unlocked", twins=sys.argv[1] == "twins")
