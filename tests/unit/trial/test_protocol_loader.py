"""Unit tests, floor 0: a protocol folder is read whole, or refused with every problem told."""

import hashlib
import shutil
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.unit.trial.protocol_files import FILES, assert_told, changed, problems_of
from trial.protocol.loader import hash_of, load, load_files
from trial.protocol.problems import ProtocolError


def written(folder: Path, files: dict[str, str]) -> Path:
    (folder / "forms").mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text, newline="")
    return folder


def test_a_folder_and_its_copy_in_the_database_are_the_same_protocol(tmp_path: Path) -> None:
    folder = written(tmp_path / "p", FILES)
    (folder / "data").mkdir()
    (folder / "data" / "rows.csv").write_text("not read")
    (folder / "README.md").write_text("not read")
    from_folder, from_copy = load(folder), load_files(FILES)
    assert from_folder == from_copy
    assert from_folder.files == FILES
    assert load_files(from_folder.files).sha256 == from_folder.sha256


def test_the_hash_is_what_sha256sum_says(tmp_path: Path) -> None:
    folder = written(tmp_path / "p", FILES)
    command = "sha256sum *.yaml forms/*.yaml | LC_ALL=C sort -k 2 | sha256sum"
    said = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, check=True).stdout
    assert load(folder).sha256 == said.split()[0]


@pytest.mark.parametrize("file", sorted(FILES))
def test_the_hash_changes_with_any_character_of_any_file(file: str) -> None:
    assert hash_of({**FILES, file: FILES[file] + "\n"}) != hash_of(FILES)
    assert hash_of(dict(reversed(FILES.items()))) == hash_of(FILES)


def test_the_hash_tells_names_from_texts() -> None:
    digest = hashlib.sha256(b"x").hexdigest()
    assert hash_of({"a": "x", "b": "x"}) == hashlib.sha256(f"{digest}  a\n{digest}  b\n".encode()).hexdigest()


def test_values_have_the_types_that_were_meant() -> None:
    protocol = load_files(FILES).protocol
    values = protocol.parameter_values()
    assert values == {"start": date(2024, 1, 1), "threshold": Decimal(3), "count": 2, "word": "plain"}
    assert [type(value) for value in values.values()] == [date, Decimal, int, str]
    assert protocol.endpoints.horizon_days == Decimal("1095.75")
    assert protocol.endpoints.analysis.alpha == Decimal("0.025")
    assert protocol.endpoints.endpoint("OS").competing == ()
    assert protocol.control.id == "A"
    assert protocol.forms["contact"].reveals_arm == "no"
    imports = protocol.imports
    assert imports
    assert imports.forms[1].values["dead"].codes == {"0": "no", "1": "yes"}
    assert imports.facts["waited"].value == "day - entered_on"
    with pytest.raises(KeyError):
        protocol.endpoints.endpoint("DFS")


def test_code_lists_are_found_by_name_and_inline() -> None:
    protocol = load_files(FILES).protocol
    form = protocol.forms["entry"]
    assert [choice.code for choice in protocol.choices(form.item("sex"))] == ["female", "male"]
    assert [choice.code for choice in protocol.choices(form.item("signs"))] == ["x", "y"]
    assert protocol.choices(form.item("age")) == ()
    with pytest.raises(KeyError):
        form.item("nothing")


def test_code_lists_and_imports_may_be_absent() -> None:
    files = changed("forms/entry.yaml", "choices: sex", "choices: [{code: male, label: {en: Male}}]")
    protocol = load_files(
        {name: files[name] for name in files if name not in {"codelists.yaml", "imports.yaml"}}
    ).protocol
    assert protocol.imports is None
    assert protocol.codelists == {}


@pytest.mark.parametrize(
    ("file", "old", "new", "passage", "key", "said", "remedy"),
    [
        ("protocol.yaml", "version: 1\n", "vesrion: 1\n", "vesrion", "vesrion", "no such key", "`version`"),
        ("protocol.yaml", "version: 1\n", "version: one\n", "version", "version", "valid integer", "README"),
        ("protocol.yaml", "version: 1\n", "version: 0\n", "version", "version", "greater than", "README"),
        ("protocol.yaml", "trial: small-trial", "trial: Small Trial", "trial:", "trial", "Small Trial",
         "lower-case"),
        ("protocol.yaml", "{en: A small trial, zh-hans: 小试验}", "Small", "title", "title", "keys with",
         "en:"),
        ("protocol.yaml", "{en: Control arm}", "{zh-hans: 对照}", "  - {id: A", "arms[0].label", "English",
         "`en: …`"),
        ("protocol.yaml", "{en: Control arm}", "{en: ' '}", "  - {id: A", "arms[0].label", "empty", "leave"),
        ("protocol.yaml", "{en: Control arm}", "{en: a, fr: b}", "  - {id: A", "arms[0].label", "`fr`",
         "zh-hans"),
        ("protocol.yaml", "{en: Control arm}", "{en: a, b}", "  - {id: A", "arms[0].label.b", "a text",
         "quotes"),
        ("protocol.yaml", "id: '1'", "id: 1", "  - {id: 1", "consent_versions[0].id", "read as a number",
         "quotes"),
        ("protocol.yaml", "value: 2024-01-01,", "value: 2024-02-30,", "  - {id: start", "parameters[0].value",
         "2024-02-30", "2024-01-31"),
        ("protocol.yaml", "type: integer, value: 2", "type: integer, value: x", "  - {id: count",
         "parameters[2].value", "type", "that type"),
        ("protocol.yaml", "type: decimal, value: 3", "type: decimal, value: true", "  - {id: threshold",
         "parameters[1].value", "type", "that type"),
        ("protocol.yaml", "source: registry", "source: register", "  - {id: threshold",
         "parameters[1].source",
         "`register`", "`registry`"),
        ("protocol.yaml", "ratio: {A: 1, B: 2}", "ratio: {A: 1, B 2: 2}", "  ratio",
         "randomization.ratio.B 2",
         "`B 2`", "letters"),
        ("protocol.yaml", "forms: [entry]", "forms: entry", "  - {id: screening", "visits[0].forms", "a list",
         "[a, b]"),
        ("forms/entry.yaml", "choices: sex", "choices: Sex list", "  - {id: sex", "items[1].choices",
         "Sex list", "lower"),
        ("forms/entry.yaml", "{code: y, label", "{code: y, lable", "    choices: [",
         "items[5].choices[1].lable",
         "no such key", "`label`"),
        ("forms/entry.yaml", "choices: sex", "choice: sex", "  - {id: sex", "items[1].choice", "no such",
         "`choices`"),
        ("forms/entry.yaml", "level: soft", "level: sotf", "  - {id: young", "checks[0].level", "`sotf`",
         "`soft`"),
        ("forms/entry.yaml", "if: age < 21 and sex == 'male'", "if: ''", "  - {id: young", "checks[0].if",
         "empty",
         "comparison"),
        ("forms/entry.yaml", "unit: {en: mm}", "unti: {en: mm}", "  - {id: size", "items[2].unti", "no such",
         "`unit`"),
        ("forms/contact.yaml", "reveals_arm: no", "reveals_arm: maybe", "reveals_arm", "reveals_arm",
         "`maybe`", "no, yes"),
        ("forms/contact.yaml", "items:", "itmes:", "form", "items", "missing", "README"),
        ("endpoints.yaml", "ci: wald", "ci: walt", "  ci", "analysis.ci", "`walt`", "`wald`"),
        ("endpoints.yaml", "id: OS", "id: os", "  - id", "endpoints[0].id", "`os`", "capital"),
        ("endpoints.yaml", "alpha: 0.025", "alpha: 0.5", "  alpha", "analysis.alpha", "less than", "README"),
        ("codelists.yaml", "code: female", "kode: female", "  - {kode", "sex[0].kode", "no such key",
         "`code`"),
        ("imports.yaml", "row_key: number", "rowkey: number", "rowkey", "rowkey", "no such key", "`row_key`"),
        ("imports.yaml", "data/rows.csv", "../rows.csv", "source", "source", "../rows.csv",
         "data/<name>.csv"),
        ("imports.yaml", "size: {value: size, missing: unknown}", "size: {valeu: size}", "      size",
         "forms[0].values.size.valeu", "no such key", "`value`"),
        ("imports.yaml", "waited: day - entered_on", "waited: {value: day, row: 1}", "  waited",
         "facts.waited.row",
         "no such key", "`rows`"),
        ("imports.yaml", "age: {type: integer}", "Age: {type: integer}", "  Age", "columns.Age", "`Age`",
         "lower-case"),
    ],
)  # fmt: skip
def test_a_shape_that_does_not_fit_is_told_by_file_line_key_and_remedy(
    file: str, old: str, new: str, passage: str, key: str, said: str, remedy: str
) -> None:
    problems = assert_told(changed(file, old, new), file, passage, key, said, remedy)
    (found,) = (problem for problem in problems if problem.key == key)
    assert str(found).startswith(f"{file}:{found.line}: {key}: ")


def test_all_problems_of_all_files_are_told_at_once() -> None:
    files = {
        **changed("protocol.yaml", "version: 1\n", "version: one\n"),
        "forms/entry.yaml": FILES["forms/entry.yaml"].replace("level:", "levle:"),
        "endpoints.yaml": "a: &x 1\nb: *x\n",
        "forms/contact.yaml": "form: contact\nform: contact\n",
    }
    told = {(problem.file, problem.line) for problem in problems_of(files)}
    assert {
        ("protocol.yaml", 2),
        ("endpoints.yaml", 1),
        ("endpoints.yaml", 2),
        ("forms/contact.yaml", 2),
    } <= told
    assert len([problem for problem in problems_of(files) if problem.file == "forms/entry.yaml"]) == 4
    # What could not be read is not reported as missing as well.
    assert [problem.line for problem in problems_of(files) if problem.file == "endpoints.yaml"] == [1, 2]


def test_an_unreadable_form_alone_does_not_make_others_look_wrong() -> None:
    (problem,) = problems_of({**FILES, "forms/contact.yaml": "form: [\n"})
    assert problem.file == "forms/contact.yaml"


@pytest.mark.parametrize("file", ["protocol.yaml", "endpoints.yaml"])
def test_a_file_that_every_protocol_needs_is_missed_by_name(file: str) -> None:
    (problem,) = problems_of({name: text for name, text in FILES.items() if name != file})
    assert (problem.file, problem.line) == (file, 0)
    assert str(problem).startswith(f"{file}: this file is missing.")


def test_a_protocol_without_forms_is_told_so() -> None:
    (problem,) = problems_of({name: text for name, text in FILES.items() if "/" not in name})
    assert problem.file == "protocol.yaml"
    assert problem.key == "forms"


@pytest.mark.parametrize(
    ("file", "remedy"),
    [
        ("endpoint.yaml", "`endpoints.yaml`"),
        ("forms/death.yml", "forms/<form>.yaml"),
        ("forms/Death.yaml", "forms/<form>"),
    ],
)
def test_a_yaml_file_that_would_be_ignored_is_refused(file: str, remedy: str) -> None:
    (problem,) = problems_of({**FILES, file: "a: 1"})
    assert problem.file == file
    assert remedy in problem.remedy


@pytest.mark.parametrize("key", ["forms", "endpoints", "codelists", "imports"])
def test_a_key_that_a_file_of_its_own_would_hide_is_refused(key: str) -> None:
    (problem,) = problems_of({**FILES, "protocol.yaml": FILES["protocol.yaml"] + f"{key}: 1\n"})
    assert (problem.file, problem.key) == ("protocol.yaml", key)
    assert problem.line == FILES["protocol.yaml"].count("\n") + 1


def test_a_protocol_file_that_is_a_list_lacks_its_keys() -> None:
    keys = {problem.key for problem in problems_of({**FILES, "protocol.yaml": "- trial: x\n"})}
    assert {"trial", "version", "title", "arms"} <= keys


def test_a_folder_without_a_protocol_is_refused_by_name(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(ProtocolError) as refused:
            load(folder)
        assert str(folder) in str(refused.value)
        assert "protocols/colon-moertel" in str(refused.value)


def test_files_that_cannot_be_read_as_text_are_all_told(tmp_path: Path) -> None:
    folder = written(tmp_path / "p", FILES)
    (folder / "codelists.yaml").write_bytes(b"sex:\n  - {code: f, label: {en: \xff}}\n")
    (folder / "forms" / "entry.yaml").write_bytes(b"a" * 1_000_001)
    (folder / "forms" / "folder.yaml").mkdir()
    with pytest.raises(ProtocolError) as refused:
        load(folder)
    told = [(problem.file, problem.line) for problem in refused.value.problems]
    assert told == [("codelists.yaml", 2), ("forms/entry.yaml", 0), ("forms/folder.yaml", 0)]
    assert "cannot be read" in str(refused.value)


def test_line_ends_and_marks_of_other_editors_are_read(tmp_path: Path) -> None:
    files = {name: "\ufeff" + text.replace("\n", "\r\n") for name, text in FILES.items()}
    loaded = load(written(tmp_path / "p", files))
    assert loaded.protocol == load_files(FILES).protocol
    assert loaded.files == files


def test_the_demo_protocol_stands_alone(tmp_path: Path) -> None:
    """A copy elsewhere is the same protocol: nothing outside the folder is read."""
    source = Path(__file__).parents[3] / "protocols" / "colon-moertel"
    copy = Path(shutil.copytree(source, tmp_path / "elsewhere"))
    assert load(copy).sha256 == load(source).sha256
