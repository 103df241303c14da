"""What is printed from code says what the code says, and is current."""

import shutil
from enum import StrEnum
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import override_settings

from config.documents import addresses, dictionary, permissions, spec, states
from config.documents.markdown import table
from config.management.commands.generate_docs import documents, readmes
from tests.protocol_texts import loaded
from trial.permissions import Permission
from trial.protocol.loader import load
from trial.protocol.problems import ProtocolError
from trial.roles import ROLES, Role, Scope


class Light(StrEnum):
    RED = "red"
    GREEN = "green"
    BROKEN = "broken"


def _row(text: str, first: str) -> list[str]:
    """The cells of the table row that begins with `first`."""
    line = next(line for line in text.splitlines() if line.startswith(f"| {first} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_documents_of_the_repository_are_current() -> None:
    call_command("generate_docs", check=True)


def test_a_stale_document_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    call_command("generate_docs", folder=tmp_path, verbosity=0)
    (tmp_path / "states.md").write_text("old")
    with pytest.raises(CommandError, match=r"Stale: states\.md\. Run: python manage\.py generate_docs"):
        call_command("generate_docs", check=True, folder=tmp_path)
    assert (tmp_path / "states.md").read_text() == "old"


def test_a_missing_document_is_stale(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"permissions\.md"):
        call_command("generate_docs", check=True, folder=tmp_path)


def test_printing_twice_gives_the_same_text() -> None:
    assert documents() == documents()


@pytest.mark.shows("TRY-01")
def test_a_stale_list_of_addresses_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "t1-salvage"
    shutil.copytree(settings.PROTOCOLS / "t1-salvage", folder)
    form = folder / "forms" / "local_excision.yaml"
    form.write_text(form.read_text().replace("{en: mm,", "{en: millimetres,"))
    with override_settings(PROTOCOLS=tmp_path):
        with pytest.raises(CommandError, match=r"Stale: .*t1-salvage/README\.md"):
            call_command("generate_docs", check=True)
        text = readmes()[folder / "README.md"]
    assert _row(text, "`local_excision.size_mm`")[2] == "millimetres"


def test_what_is_written_around_the_addresses_stays(tmp_path: Path) -> None:
    protocol = loaded("colon-moertel").protocol
    readme = tmp_path / "README.md"
    readme.write_text(f"Before.\n\n{addresses.BEGIN}\nold\n{addresses.END}\n\nAfter.\n")
    text = addresses.readme(readme, protocol)
    assert text is not None
    assert text.startswith(f"Before.\n\n{addresses.BEGIN}\n\n### ")
    assert text.endswith(f"|\n\n{addresses.END}\n\nAfter.\n")
    assert "old" not in text
    # No criterion, no class: nothing is said about eligibility.
    assert "### Eligibility" not in text
    readme.write_text(text)
    assert addresses.readme(readme, protocol) == text


def test_a_folder_without_markers_is_left_alone(tmp_path: Path) -> None:
    protocol = loaded("colon-moertel").protocol
    assert addresses.readme(tmp_path / "README.md", protocol) is None
    (tmp_path / "README.md").write_text("Nothing to print.")
    assert addresses.readme(tmp_path / "README.md", protocol) is None


@pytest.mark.parametrize(
    "text",
    [addresses.BEGIN, addresses.END, f"{addresses.END}\n{addresses.BEGIN}"],
    ids=["begin", "end", "turned"],
)
def test_a_marker_without_the_other_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "README.md").write_text(text)
    with pytest.raises(ProtocolError, match=r"README\.md: .*no beginning or no end"):
        addresses.readme(tmp_path / "README.md", loaded("colon-moertel").protocol)


@pytest.mark.shows("TRY-01")
def test_the_addresses_of_eligibility_and_of_each_form_are_listed() -> None:
    text = addresses.section(loaded("t1-salvage").protocol)
    eligibility, excision = (
        text.split("### ")[1],
        next(part for part in text.split("### ") if part.startswith("local_excision:")),
    )
    assert (
        "`risk_class` is `derived.risk_class`: `not_invasive`, `high`, `intermediate`, `low`" in eligibility
    )
    assert _row(eligibility, "`local_excision.size_mm`")[1:3] == ["decimal", "mm"]
    assert "`participant.consented_on`" in eligibility
    assert "budding" not in eligibility
    # What its checks ask of another form stands with the form's own items.
    assert {"`local_excision.budding`", "`demography.birth_date`", "`today`"} <= set(excision.split())


def test_the_folder_of_the_main_trial_lists_its_addresses() -> None:
    assert [path.parent.name for path in readmes()] == ["t1-salvage"]


def test_a_diagram_has_a_beginning_every_step_and_an_end() -> None:
    drawn = states.diagram(
        {Light.RED: (Light.GREEN, Light.RED), Light.GREEN: (Light.BROKEN,), Light.BROKEN: ()}
    )
    assert drawn.splitlines() == [
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> red",
        "    red --> green",
        "    red --> red",
        "    green --> broken",
        "    broken --> [*]",
        "```",
    ]


def test_the_diagrams_show_the_ways_of_participants_and_records() -> None:
    text = states.document()
    assert "    enrolled --> randomized" in text
    assert "    submitted --> corrected" in text
    # Nobody is randomized who was not enrolled, and a submitted form is never a draft again.
    assert "consented --> randomized" not in text
    assert "submitted --> draft" not in text


def test_a_right_stands_in_the_column_of_its_role() -> None:
    text = permissions.rights(ROLES)
    head = _row(text, "permission")
    freezing = dict(zip(head[1:], _row(text, "`snapshot.freeze`")[1:], strict=True))
    assert [role for role, answer in freezing.items() if answer == "yes"] == ["Unblinded statistician"]


def test_a_right_given_to_a_role_appears_in_the_table() -> None:
    clerk = Role("clerk", "Clerk", "Files.", Scope.SITE, frozenset({Permission.TRACK_VIEW}))
    assert _row(permissions.rights({"clerk": clerk}), "`track.view`") == ["`track.view`", "yes"]
    assert _row(permissions.rights({"clerk": clerk}), "`randomize`") == ["`randomize`", ""]
    assert _row(permissions.arms({"clerk": clerk}), "Clerk") == ["Clerk", "yes", "no", "no", "no", "yes"]


def test_who_may_know_an_arm_is_as_written_here_by_hand() -> None:
    text = permissions.arms(ROLES)
    answers = {role.name: _row(text, role.name)[1:] for role in ROLES.values()}
    assert answers == {
        "Coordinator": ["yes", "no", "no", "no", "yes"],
        "Investigator": ["yes", "no", "no", "no", "yes"],
        "Data manager": ["no", "yes", "no", "no", "yes"],
        "Blinded statistician": ["no", "no", "no", "no", "yes"],
        "Unblinded statistician": ["no", "no", "yes", "yes", "no"],
        "DSMB member": ["no", "no", "yes", "no", "no"],
        "Administrator": ["no", "no", "no", "no", "yes"],
        "System administrator": ["no", "no", "no", "no", "yes"],
    }


def test_the_dictionary_holds_every_item_of_the_protocol() -> None:
    loaded = load(settings.PROTOCOLS / "colon-moertel")
    text = dictionary.document([loaded])
    assert text.count("### ") == 5
    assert text.index("### baseline") < text.index("### treatment_start") < text.index("### death")
    age = _row(text, "`age`")
    assert {"Age", "年龄", "integer, years", "hard 0 to 120; soft 18 to 90"} <= set(age)
    assert "absent from blinded data" in _row(text, "`treatment`")
    assert loaded.sha256 in text


def test_the_dictionary_says_when_a_form_is_offered_and_who_wrote_it() -> None:
    text = dictionary.document([load(settings.PROTOCOLS / "t1-salvage")])
    assert text.count("### ") == 20
    death = text[text.index("### death") :]
    assert "Offered when `participant.consented_on is not missing`. Open after a withdrawal too." in death
    tme = text[text.index("### tme") : text.index("### radiotherapy")]
    assert "Offered when `participant.arm == 'TME' or treatment_start.treatment == 'TME'" in tme
    assert "Written by: trial statistician. Reviewed by: coordinating investigator, " in tme
    assert any("30.0 mm belongs to 30 to 50 mm" in cell for cell in _row(text, "`size_mm`"))


SPEC = """\
title: When lights change
about: A light that is red turns green.
columns: [light, seconds, turns]
rows:
  - [red, 3, true]
  - [green, null, no]
"""


def test_a_table_of_the_specification_is_printed_as_the_tests_read_it(tmp_path: Path) -> None:
    (tmp_path / "lights.yaml").write_text(SPEC)
    lights = spec.read(tmp_path / "lights.yaml")
    assert lights.records == [
        {"light": "red", "seconds": 3, "turns": True},
        {"light": "green", "seconds": None, "turns": "no"},
    ]
    text = spec.document([lights])
    assert "## When lights change\n\nA light that is red turns green.\n\n" in text
    assert [_row(text, name) for name in ("light", "red", "green")] == [
        ["light", "seconds", "turns"],
        ["red", "3", "true"],
        ["green", "", "no"],
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[red, 3, true]", "[red, 3]", r"lights\.yaml:5: the row does not fit the columns"),
        ("[green, null, no]", "[green, [1], no]", r"lights\.yaml:6: the row does not fit the columns"),
        ("about: A", "abuot: A", r"lights\.yaml:1: a table needs title, about, columns and rows"),
        ("[light, seconds", "[light, *seconds", r"lights\.yaml:3: .*repeats another part"),
        ("rows:", "rows: {", r"lights\.yaml:\d+: .*"),
    ],
)
def test_a_table_that_cannot_be_read_is_told_by_file_and_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    (tmp_path / "lights.yaml").write_text(SPEC.replace(old, new))
    with pytest.raises(ProtocolError, match=said):
        spec.read(tmp_path / "lights.yaml")


def test_the_specification_holds_the_tables_of_the_main_trial() -> None:
    text = documents()["spec.md"]
    assert "## Eligibility\n" in text
    assert "| local_excision.resection_plane | yes | resection_plane | broken | yes |" in text
    assert "| pT1 | 29 | moderate | no | yes | SM1 |  |  | intermediate | yes |  |" in text


def test_a_label_cannot_break_out_of_its_cell() -> None:
    made = table(("a", "b"), [("x | y", "<script>\nz"), ("`p < q`", "")])
    assert made.splitlines()[2:] == ["| x \\| y | &lt;script> z |", "| `p < q` |  |"]
