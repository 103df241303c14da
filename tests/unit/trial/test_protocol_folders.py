"""Unit tests, floor 0: which folders are protocols, and when one is read again."""

import shutil
from pathlib import Path

from tests.unit.trial.protocol_files import FILES
from trial import protocol_folders


def written(folder: Path) -> Path:
    (folder / "forms").mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def test_a_folder_with_a_protocol_is_one_in_the_order_of_the_names(tmp_path: Path) -> None:
    for name in ("second", "first"):
        written(tmp_path / name)
    (tmp_path / "notes").mkdir()
    (tmp_path / "README.md").write_text("not a folder")
    (tmp_path / "odd" / "protocol.yaml").mkdir(parents=True)
    assert protocol_folders.paths(tmp_path) == [tmp_path / "first", tmp_path / "second"]
    assert [each.name for each in protocol_folders.folders(tmp_path)] == ["first", "second"]
    assert protocol_folders.paths(tmp_path / "nowhere") == []


def test_a_folder_is_read_again_when_a_file_of_its_text_comes_or_goes(tmp_path: Path) -> None:
    """Whatever the case of its name: the loader takes it for a part of the text, and refuses it."""
    folder = written(tmp_path / "trial")
    sound = protocol_folders.folder(tmp_path, "trial")
    assert sound is not None
    assert sound.loaded is not None
    assert protocol_folders.folder(tmp_path, "trial") is sound
    shutil.copy(folder / "protocol.yaml", folder / "OLD.YAML")
    broken = protocol_folders.folder(tmp_path, "trial")
    assert broken is not None
    assert [problem.file for problem in broken.problems] == ["OLD.YAML"]
    (folder / "OLD.YAML").unlink()
    assert protocol_folders.folder(tmp_path, "trial") == sound
