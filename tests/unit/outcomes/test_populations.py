"""Who belongs to an analysis set, who does not and for which conditions, by which arm; and what would tell the arm."""

import pytest

from outcomes.blinding import endpoint_tells_arm, note_tells_arm, population_tells_arm, tells_arm
from outcomes.populations import Membership, memberships, received
from tests.unit.outcomes.sample_trial import PROTOCOL, Told, changed, day, history
from trial.protocol.endpoints import DatedFact, Population

FIT: Told = ("base", {"ecog": 1})
POPULATIONS = {each.id: each for each in PROTOCOL.endpoints.populations}


def treated(what: str) -> Told:
    return "treated", {"on": day(10), "what": what}


def standing(population: str, *told: Told, arm: str = "A") -> Membership:
    return memberships(POPULATIONS[population], [history(*told, arm=arm)])[0]


@pytest.mark.shows("END-02")
def test_who_breaks_a_condition_is_left_out_with_its_reason() -> None:
    assert standing("PP", FIT, treated("A")).inside
    assert standing("PP", FIT, treated("B")).reasons == ("as_allocated",)
    assert standing("PP", ("base", {"ecog": 3}), treated("B")).reasons == ("fit", "as_allocated")
    assert standing("PP", ("base", {"ecog": 3}), treated("B")).arm == ""


@pytest.mark.shows("END-02")
def test_what_is_not_known_does_not_hold() -> None:
    assert standing("PP", treated("A")).reasons == ("fit",)
    assert standing("PP", FIT, arm="").reasons == ("as_allocated",)


@pytest.mark.shows("END-02")
def test_a_population_with_one_rule_gives_the_rule_as_its_reason() -> None:
    rule = Population.model_validate({"id": "FIT", "label": {"en": "x"}, "rule": "base.ecog <= 2"})
    found = memberships(rule, [history(FIT, usubjid="1"), history(("base", {"ecog": 3}), usubjid="2")])
    assert [(each.usubjid, each.inside, each.reasons) for each in found] == [
        ("1", True, ()),
        ("2", False, ("rule",)),
    ]


@pytest.mark.shows("END-02")
def test_as_treated_goes_by_what_was_received() -> None:
    assert standing("AT", treated("B"), arm="A").arm == "B"
    assert standing("ITT", treated("B"), arm="A").arm == "A"
    assert standing("AT").reasons == ("rule", "treatment_received")
    assert received(history(treated("elsewhere"))) == ""


def test_endpoints_that_describe_one_arm_or_hang_on_marked_items_tell_the_arm() -> None:
    told = {each.id: endpoint_tells_arm(each, PROTOCOL) for each in PROTOCOL.endpoints.endpoints}
    assert told == {"DFS": False, "DFSFDA": True, "LRR": False, "OS": False, "FROM": True, "ONLYB": True}
    by_condition = changed("OS", events=[{"on": "death.date", "type": "x", "when": "treated.what == 'A'"}])
    assert endpoint_tells_arm(by_condition, PROTOCOL)
    despite = {"on": "death.date", "type": "x", "despite_withdrawal": "therapy.began is missing"}
    assert endpoint_tells_arm(changed("OS", events=[despite]), PROTOCOL)
    later = {"on": "death.date", "type": "x", "not_after": ["treated.on"]}
    assert endpoint_tells_arm(changed("OS", censor=[later]), PROTOCOL)


def test_an_endpoint_with_deaths_hangs_on_the_proof_of_life_too() -> None:
    alive = (DatedFact(on="treated.on", type="alive"),)
    plan = PROTOCOL.endpoints.model_copy(update={"known_alive": alive})
    protocol = PROTOCOL.model_copy(update={"endpoints": plan})
    ending = changed("OS", events=[{"on": "death.date", "type": "x", "ends_life": True}])
    assert endpoint_tells_arm(ending, protocol)
    assert not endpoint_tells_arm(ending, PROTOCOL)
    endless = changed("OS", events=[{"on": "death.date", "type": "x"}])
    assert not endpoint_tells_arm(endless, protocol)


def test_notes_are_judged_apart() -> None:
    assert note_tells_arm(PROTOCOL.endpoints.endpoint("DFS"), PROTOCOL)
    assert not note_tells_arm(PROTOCOL.endpoints.endpoint("OS"), PROTOCOL)


def test_a_population_tells_the_arm_when_declared_by_treatment_received_or_by_its_rules() -> None:
    assert {key: population_tells_arm(each, PROTOCOL) for key, each in POPULATIONS.items()} == {
        "ITT": False, "PP": True, "AT": True,
    }  # fmt: skip
    silent = POPULATIONS["PP"].model_copy(update={"reveals_arm": False})
    assert population_tells_arm(silent, PROTOCOL)


@pytest.mark.shows("END-02")
def test_populations_may_ask_whether_all_criteria_are_met() -> None:
    rule = {"id": "FIT", "label": {"en": "x"}, "rule": "participant.eligible == 'yes'"}
    told = {"yes": {"ecog": 1, "born": "1960"}, "no": {"ecog": 3, "born": "1960"}, "open": {"born": "1960"}}
    people = [history(("base", values), usubjid=name) for name, values in told.items()]
    found = memberships(Population.model_validate(rule), people)
    assert [each.usubjid for each in found if each.inside] == ["yes"]
    lenient = {**rule, "rule": "participant.eligible is missing or participant.eligible == 'yes'"}
    found = memberships(Population.model_validate(lenient), people)
    assert [each.usubjid for each in found if each.inside] == ["yes", "open"]


def test_a_population_of_the_eligible_tells_the_arm_if_a_criterion_does() -> None:
    rule = {"id": "FIT", "label": {"en": "x"}, "rule": "participant.eligible == 'yes'"}
    eligible = Population.model_validate(rule)
    assert not population_tells_arm(eligible, PROTOCOL)
    fit = PROTOCOL.eligibility[0].model_copy(update={"rule": "treated.what == 'A'"})
    telling = PROTOCOL.model_copy(update={"eligibility": (fit, *PROTOCOL.eligibility[1:])})
    assert population_tells_arm(eligible, telling)


def test_adequacy_tells_the_arm_only_when_the_assessments_do() -> None:
    assert not tells_arm(["record.adequate == 'yes'"], PROTOCOL)
    form = PROTOCOL.forms["visit"].model_copy(update={"reveals_arm": "content"})
    marked = PROTOCOL.model_copy(update={"forms": {**PROTOCOL.forms, "visit": form}})
    assert tells_arm(["record.adequate == 'yes'"], marked)
