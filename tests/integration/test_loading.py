"""A protocol folder's data become a trial: days are days by the clock of the site."""

import pytest
from django.conf import settings

from config.loading import load_trial, mapped
from tests.unit.trial.protocol_files import changed
from tests.world import World, _part, _quiet
from trial import audit
from trial.actions import people
from trial.models import Participant
from trial.protocol.loader import load, load_files


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_day_of_randomization_is_a_day_at_the_site(world: World, zone: str) -> None:
    folder = settings.PROTOCOLS / "colon-moertel"
    files = changed("protocol.yaml", "trial: colon-moertel", "trial: far-away", among=load(folder).files)
    clocks = files["imports.yaml"].replace("time_zone: UTC", f"time_zone: {zone}")
    loaded = load_files({**files, "imports.yaml": clocks})
    assert {site.time_zone for site in loaded.protocol.imports.sites} == {zone}
    found = _part(mapped(loaded.protocol, folder), 0, 3)
    trial = load_trial(loaded, found, by=people.service_identity(name="IMPORT"), report=_quiet)
    for person in found.participants:
        assert Participant.objects.get(trial=trial, label=person.label).randomized_on == person.randomized_on
    assert audit.verify() == []
