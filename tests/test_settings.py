"""Settings: default, then the file, then the environment; a damaged file never stops anything."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from rnnchat.errors import ModelError, SettingsError
from rnnchat.settings import TABLE, check_value, load_settings, parse_value, set_setting


def write(home: Path, text: str | bytes) -> Path:
    home.mkdir(exist_ok=True)
    path = home / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_defaults() -> None:
    settings = load_settings()
    assert {name: getattr(settings, name) for name in TABLE} == {name: line.default for name, line in TABLE.items()}
    assert set(settings.origin.values()) == {"default"}
    assert settings.warnings == ()


def test_the_environment_goes_before_the_file(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(own_home, "threshold = 0.5\nwords = 2\n")
    monkeypatch.setenv("RNNCHAT_WORDS", "7")
    settings = load_settings()
    assert (settings.threshold, settings.words) == (0.5, 7)
    assert (settings.origin["threshold"], settings.origin["words"]) == (str(path), "RNNCHAT_WORDS")
    assert settings.origin["model"] == "default"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("tresh0ld = 0.5", "line 2: no setting 'tresh0ld'; did you mean threshold?"),
        ("zzz = 0.5", "the settings are model, memory"),
        ("threshold = 'much'", "line 2: threshold must be a number from 0 to 1, not 'much'"),
        ("threshold = 2", "not 2"),
        ("threshold = nan", "not nan"),
        ("threshold = true", "not True"),
        ("words = 2.5", "words must be a whole number from 1 to 12, not 2.5"),
        ("words = true", "not True"),
        ("memory = 'some'", "memory must be one of full, message, none"),
        ("model = ''", "model must be a name"),
        ('model = "a\\u001bb"', "not 'a\\x1bb'"),
        ("[words]\na = 1", "words must be"),
        ("words = = 3", "cannot be used"),
        ("a = " + "[" * 9_000, "cannot be used"),
        ("# " + "x" * 70_000, "larger than"),
    ],
)
def test_what_is_wrong_in_the_file_is_told_and_the_default_holds(own_home: Path, line: str, told: str) -> None:
    path = write(own_home, f"# mine\n{line}\n")
    settings = load_settings()
    assert len(settings.warnings) == 1
    assert settings.warnings[0].startswith(str(path))
    assert told in settings.warnings[0]
    assert set(settings.origin.values()) == {"default"}


def test_one_wrong_line_spoils_no_other(own_home: Path) -> None:
    write(own_home, "words = 99\nthreshold = 1\n")
    settings = load_settings()
    assert (settings.words, settings.threshold) == (4, 1.0)
    assert type(settings.threshold) is float


def test_a_wrong_variable_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNCHAT_WORDS", "many")
    settings = load_settings()
    assert settings.words == 4
    assert settings.warnings == (
        "RNNCHAT_WORDS: words must be a whole number from 1 to 12, not 'many'; the default is 4",
    )


def test_a_folder_or_a_pipe_in_the_files_place_is_no_file(own_home: Path) -> None:
    own_home.mkdir()
    os.mkfifo(own_home / "config.toml")
    assert load_settings().warnings == ()


@how(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.binary(max_size=200))
def test_no_file_whatsoever_stops_completion(own_home: Path, data: bytes) -> None:
    write(own_home, data)
    load_settings()


def test_setting_keeps_comments_and_order(own_home: Path) -> None:
    path = write(own_home, "# mine\nwords = 2  # few\n\n# later\nthreshold = 0.5\n")
    assert set_setting("words", "3") == path
    set_setting("memory", "message")
    text = path.read_text()
    assert text.startswith("# mine\nwords = 3  # few\n\n# later\nthreshold = 0.5\n")
    assert tomllib.loads(text) == {"words": 3, "threshold": 0.5, "memory": "message"}
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_settings().memory == "message"


def test_setting_makes_the_file_and_its_folder(own_home: Path) -> None:
    set_setting("top_p", "1")
    assert load_settings().top_p == 1.0
    assert load_settings().origin["top_p"] == str(own_home / "config.toml")


def test_a_linked_file_stays_linked(own_home: Path, tmp_path: Path) -> None:
    own_home.mkdir()
    real = tmp_path / "dotfiles.toml"
    real.write_text("# mine\n")
    (own_home / "config.toml").symlink_to(real)
    set_setting("words", "3")
    assert (own_home / "config.toml").is_symlink()
    assert tomllib.loads(real.read_text()) == {"words": 3}


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("word", "3", "did you mean words?"),
        ("words", "13", "words must be a whole number from 1 to 12, not '13'"),
        ("temperature", "nan", "not 'nan'"),
        ("memory", "Full", "one of full, message, none"),
    ],
)
def test_a_wrong_value_is_refused_and_nothing_written(own_home: Path, name: str, value: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        set_setting(name, value)
    assert told in str(caught.value)
    assert not (own_home / "config.toml").exists()


def test_a_damaged_file_is_not_overwritten(own_home: Path) -> None:
    path = write(own_home, "words = = 3\n")
    with pytest.raises(SettingsError, match="is no TOML"):
        set_setting("words", "3")
    assert path.read_text() == "words = = 3\n"


def test_the_default_model_must_exist() -> None:
    with pytest.raises(ModelError, match="no model named 'nobody'"):
        set_setting("model", "nobody")


@given(st.sampled_from(sorted(TABLE)), st.one_of(st.integers(), st.floats(), st.text(), st.booleans(), st.none()))
def test_what_a_check_lets_through_is_of_the_defaults_type(name: str, value: object) -> None:
    try:
        checked = check_value(name, value)
    except SettingsError:
        return
    assert type(checked) is type(TABLE[name].default)
    assert parse_value(name, str(checked)) == (checked.strip() if isinstance(checked, str) else checked)
