"""`manage.py demo`: from an empty folder to the published verdicts, again without harm, and its refusals."""

import csv
import os
import random
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import ports
from tests.architecture.source import ROOT
from tests.processes.independent import difference, said
from tests.processes.serving import until_it_answers
from tests.processes.shell import DATABASE, Answer, manage, surroundings

SEED = 1990
# Enough for every arm and for a time that differs from all; the whole trial is imported elsewhere.
SOME = 250


@pytest.mark.shows("DEM-01")
def test_the_demonstration_prints_the_published_verdicts(demo: tuple[Path, Answer]) -> None:
    text = demo[1].text
    assert "Lev+5FU − Obs: +14.38 points (95 % CI 6.65 to 22.11)" in text
    assert "Lev − Obs: −0.08 points (95 % CI −7.93 to 7.76)" in text
    lev = text.split("Lev − Obs: −0.08")[1]
    assert "non-inferior at a margin of 10 points" in lev.splitlines()[1]
    assert "inconclusive at a margin of 5 points" in lev.splitlines()[2]
    assert re.search(r"SHA-256 [0-9a-f]{64}", text)
    assert re.search(r"Result \d+", text)


@pytest.mark.shows("DEM-01")
def test_both_trials_are_printed_under_their_ids_each_with_a_verdict(demo: tuple[Path, Answer]) -> None:
    public, synthetic = re.split(r"^Trial t1-salvage, protocol version 1 ", demo[1].text, flags=re.MULTILINE)
    assert re.search(r"^Trial colon-moertel, protocol version 1 ", public, flags=re.MULTILINE)
    assert re.search(
        r"^ {8}\S.* at a margin of 10 points in ITT, .*per protocol", synthetic, flags=re.MULTILINE
    )
    assert not re.search(r"^ {8}\S", synthetic.split("DFSFDA", 1)[1], flags=re.MULTILINE)


@pytest.mark.shows("SYN-01")
def test_the_synthetic_cohort_is_entered_by_an_identity_of_that_name(demo: tuple[Path, Answer]) -> None:
    with sqlite3.connect(demo[0] / DATABASE) as connection:
        actors = connection.execute(
            "SELECT DISTINCT p.name, p.is_service, p.is_active FROM trial_act a "
            "JOIN trial_person p ON p.id = a.actor_id "
            "WHERE a.chain = 't1-salvage' AND a.participant <> ''"
        ).fetchall()
        states = dict(
            connection.execute(
                "SELECT p.state, count(*) FROM trial_participant p JOIN trial_trial t ON t.id = p.trial_id "
                "WHERE t.key = 't1-salvage' GROUP BY p.state"
            )
        )
    assert actors == [("SYNTHETIC", 1, 0)]
    assert states["screen_failed"] == 64
    assert states["randomized"] + states["withdrawn"] == 258


@pytest.mark.shows("SYN-01")
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("lag_entered: 0.6", "lag_entered: 1.6", "data/cohort.yaml"),
        ("distance_mm: [22, 55, 100]", "distance_mm: [101, 120, 140]", "100 mm"),
    ],
)
def test_a_cohort_that_cannot_be_entered_is_refused_and_nothing_of_it_is_left(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(ROOT / "protocols" / "t1-salvage", tmp_path / "protocol"))
    file = folder / "data" / "cohort.yaml"
    assert file.read_text().count(old) == 1
    file.write_text(file.read_text().replace(old, new))
    answer = manage(tmp_path / "var", "demo", "--no-serve", "--protocol", str(folder))
    assert answer.code == 1
    assert said in answer.text
    assert "Traceback" not in answer.text
    for table in ("trial_trial", "trial_participant", "trial_site", "crf_record"):
        assert _count(tmp_path / "var" / DATABASE, table) == 0


@pytest.mark.shows("DEM-01")
def test_run_again_it_destroys_nothing_and_says_the_same(demo: tuple[Path, Answer], copy: Path) -> None:
    again = manage(copy, "demo", "--no-serve")
    assert again.code == 0, again.text
    table = demo[1].text.split("Trial colon-moertel", 1)[1]
    assert again.text.split("Trial colon-moertel", 1)[1] == table


@pytest.mark.shows("DEM-02")
def test_fresh_moves_the_old_database_aside(copy: Path, tmp_path: Path) -> None:
    before = _count(copy / DATABASE)
    # Stops at a folder without data, so that the test need not import everything again.
    answer = manage(copy, "demo", "--no-serve", "--fresh", "--protocol", str(tmp_path))
    aside = list(copy.glob("equipoise-*.sqlite3"))
    assert answer.code == 1
    assert len(aside) == 1
    assert str(aside[0]) in answer.text
    assert _count(aside[0]) == before


@pytest.mark.shows("DEM-02")
def test_a_database_with_another_trial_is_refused_and_left_alone(copy: Path) -> None:
    with sqlite3.connect(copy / DATABASE) as connection:
        connection.execute("UPDATE trial_trial SET is_demo = 0")
    answer = manage(copy, "demo", "--no-serve")
    assert answer.code == 1
    assert "not a demonstration" in answer.text
    assert "DATABASE_URL" in answer.text


def test_a_wrong_seal_key_is_a_clear_refusal(copy: Path) -> None:
    answer = manage(copy, "demo", "--no-serve", SEAL_KEY="A" * 43 + "=")
    assert answer.code == 1
    assert "SEAL_KEY" in answer.text
    assert "Traceback" not in answer.text


def test_an_unusable_seal_key_is_a_clear_refusal_and_nothing_is_left(tmp_path: Path) -> None:
    answer = manage(tmp_path, "demo", "--no-serve", SEAL_KEY="short")
    assert answer.code == 1
    assert "SEAL_KEY" in answer.text
    assert _count(tmp_path / DATABASE, "trial_participant") == 0


def test_a_port_in_use_is_said_before_anything_is_done(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        answer = manage(tmp_path, "demo", "--port", port)
    assert answer.code == 1
    assert "Traceback" not in answer.text
    assert port in answer.text
    assert "PORT=" in answer.text
    assert not (tmp_path / DATABASE).exists()


def test_a_folder_without_write_permission_is_a_clear_refusal(tmp_path: Path) -> None:
    # A file where the folder should be: root may write into read-only folders, so permissions alone prove nothing.
    (tmp_path / "var").write_text("")
    answer = manage(tmp_path / "var", "demo", "--no-serve")
    assert answer.code != 0
    assert "EQUIPOISE_VAR" in answer.text
    assert "Traceback" not in answer.text


PRODUCTION = {
    "EQUIPOISE_MODE": "production",
    "SECRET_KEY": "x" * 50,
    "SEAL_KEY": "A" * 43 + "=",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
    "ALLOWED_HOSTS": "trial.example",
    "PUBLIC_URL": "https://trial.example",
}


@pytest.mark.shows("CFG-01")
def test_production_starts_with_what_it_needs(tmp_path: Path) -> None:
    answer = manage(tmp_path, "check", **PRODUCTION)
    assert answer.code == 0, answer.text


@pytest.mark.parametrize("missing", [name for name in PRODUCTION if name != "EQUIPOISE_MODE"])
@pytest.mark.shows("CFG-01")
def test_production_refuses_to_start_without(missing: str, tmp_path: Path) -> None:
    given = {name: value for name, value in PRODUCTION.items() if name != missing}
    answer = manage(tmp_path, "check", **given)
    assert answer.code == 1
    assert missing in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.shows("CFG-01")
def test_production_refuses_sqlite(tmp_path: Path) -> None:
    given = PRODUCTION | {"DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite3"}
    answer = manage(tmp_path, "check", **given)
    assert answer.code == 1
    assert "PostgreSQL" in answer.text


def test_it_serves_its_pages_and_leaves_nothing_behind_when_told_to_stop(copy: Path) -> None:
    port = ports.free()
    serving = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--port", str(port)],
        cwd=ROOT,
        env=surroundings(EQUIPOISE_VAR=str(copy)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert "Sign in" in until_it_answers(f"http://127.0.0.1:{port}/account/sign-in/")
    finally:
        serving.terminate()
        serving.wait(60)
    ports.require_free(port, remedy="nobody may be left listening")


def _count(database: Path, table: str = "crf_record") -> int:
    with sqlite3.connect(database) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


# What follows changes the data and expects other figures: nothing may be looked up.


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A copy of the protocol folder with the first participants only, the times of twenty drawn ones halved."""
    folder = Path(shutil.copytree(ROOT / "protocols" / "colon-moertel", tmp_path / "protocol"))
    dice = random.Random(SEED)
    file = folder / "data" / "colon.csv"
    with file.open(newline="") as source:
        reader = csv.DictReader(source)
        rows = [row for row in reader if int(row["id"]) <= SOME]
        names = list(reader.fieldnames or ())
    drawn = set(dice.sample(sorted({row["id"] for row in rows}), 20))
    for row in rows:
        if row["id"] in drawn:
            row["time"] = str(int(row["time"]) // 2 + 1)
    with file.open("w", newline="") as target:
        writer = csv.DictWriter(target, names)
        writer.writeheader()
        writer.writerows(rows)
    return folder


def _disease_free(folder: Path) -> dict[str, list[tuple[int, bool]]]:
    people: dict[str, dict[str, dict[str, str]]] = {}
    with (folder / "data" / "colon.csv").open(newline="") as source:
        for row in csv.DictReader(source):
            people.setdefault(row["id"], {})[row["etype"]] = row
    arms: dict[str, list[tuple[int, bool]]] = {}
    for rows in people.values():
        first = min(int(row["time"]) for row in rows.values())
        event = any(row["status"] == "1" for row in rows.values())
        arms.setdefault(rows["1"]["rx"], []).append((first, event))
    return arms


def _printed(folder: Path, experimental: str) -> str:
    arms = _disease_free(folder)
    return f"{experimental} − Obs: {said(difference(arms[experimental], arms['Obs']))}"


@pytest.mark.shows("DEM-01")
def test_changed_times_give_other_figures_by_the_same_command(changed: Path, tmp_path: Path) -> None:
    unchanged = ROOT / "protocols" / "colon-moertel"
    assert _printed(unchanged, "Lev+5FU") == "Lev+5FU − Obs: +14.38 points (95 % CI 6.65 to 22.11)"
    answer = manage(tmp_path / "var", "demo", "--no-serve", "--protocol", str(changed))
    assert answer.code == 0, answer.text
    for experimental in ("Lev+5FU", "Lev"):
        assert _printed(changed, experimental) != _printed(unchanged, experimental)
        assert _printed(changed, experimental) in answer.text


def test_the_expected_results_are_read_by_tests_only() -> None:
    named = [
        path
        for folder in (
            "config",
            "trial",
            "crf",
            "randomization",
            "outcomes",
            "exports",
            "deploy",
            "protocols",
            "scripts",
        )
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
        and path.suffix in (".py", ".yaml", ".md", ".json")
        and "colon.json" in path.read_text()
    ]
    assert named == []
    assert os.path.exists(ROOT / "tests" / "reference" / "data" / "colon.json")
