"""The command line: what it prints where, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from conftest import Rnnchat

from checkpoints import tiny_checkpoint
from rnnchat import __main__, __version__
from rnnchat.cli import COMMANDS, app
from rnnchat.errors import ModelError, UsageError

COMMAND = f"{sys.executable} -m rnnchat"


@pytest.fixture
def own_model(own_home: Path) -> Path:
    """A model of the person's own, named tiny."""
    return tiny_checkpoint().save(own_home / "models" / "tiny")


def fail_with(
    error: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """Return the exit code and the stderr of a run that meets `error`."""

    def invoke(arguments: list[str]) -> int:
        raise error

    monkeypatch.setattr(__main__, "_invoke", invoke)
    code = __main__.run([])
    return code, capsys.readouterr().err


def test_version(rnnchat: Rnnchat) -> None:
    done = rnnchat("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"rnnchat {__version__}\n", "")


def test_help_lists_every_command(rnnchat: Rnnchat) -> None:
    done = rnnchat("--help")
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout == rnnchat("-h").stdout
    for name, (_, line) in COMMANDS.items():
        assert f"  {name} " in done.stdout
        assert line in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_takes_plain(name: str) -> None:
    command = app.get_command(click.Context(app), name)
    assert command is not None
    assert command.help
    assert "plain" in {param.name for param in command.params}
    with pytest.raises(click.exceptions.Exit) as stop:
        command.make_context(name, ["--help"])
    assert stop.value.exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["cmplete"], 2, "no command 'cmplete', did you mean complete?; rnnchat --help shows how"),
        (["xyzzy"], 2, "no command 'xyzzy'; rnnchat --help shows how"),
        (["\x1b[31m"], 2, "no command '\\x1b[31m'"),
        (["--bogus"], 2, "no such option '--bogus'"),
        (["models", "bogus"], 2, "no such command 'bogus'"),
        (["models", "show"], 2, "missing argument 'NAME'; rnnchat models show --help shows how"),
        (["models", "show", "tniy"], 1, "no model named 'tniy'; did you mean tiny?"),
        (["config", "get", "word"], 1, "did you mean words?"),
        (["config", "set", "words", "99"], 1, "words must be a whole number from 1 to 12, not '99'"),
        (["config", "set", "words", "-1"], 1, "not '-1'"),
        (["corpora", "show", "smaltalk"], 1, "did you mean smalltalk?"),
        (["corpora", "get", "nothing-like-it"], 1, "no corpus named 'nothing-like-it'"),
    ],
)
def test_a_mistake_is_one_sentence(
    rnnchat: Rnnchat, own_model: Path, arguments: list[str], code: int, told: str
) -> None:
    done = rnnchat(*arguments)
    assert done.returncode == code
    assert done.stdout == ""
    assert done.stderr.startswith("rnnchat: ")
    assert done.stderr.count("\n") == 1
    assert told in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (ModelError("no model here; train one"), 1, "rnnchat: no model here; train one\n"),
        (UsageError("--a needs --b; give both"), 2, "rnnchat: --a needs --b; give both\n"),
        (ModelError("bad \x1b[2Jname\nx"), 1, "rnnchat: bad ^[[2Jname^Jx\n"),
        (KeyboardInterrupt(), 130, ""),
        (click.Abort(), 130, ""),
        (BrokenPipeError(), 0, ""),
        (OSError(28, "No space left on device"), 1, "rnnchat: cannot write the output because the disk is full;"),
        (ValueError("x"), 1, "something went wrong inside rnnchat (ValueError: x); please report it, RNNCHAT_DEBUG=1"),
        (RecursionError(), 1, "something went wrong inside rnnchat (RecursionError);"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_how_a_run_ends(
    error: BaseException,
    code: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(__main__, "_abandon_stdout", lambda: None)
    found, stderr = fail_with(error, monkeypatch, capsys)
    assert found == code
    assert told in stderr
    assert (stderr == "") == (told == "")
    assert "Traceback" not in stderr


def test_debug_shows_where(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("RNNCHAT_DEBUG", "1")
    code, stderr = fail_with(ValueError("x"), monkeypatch, capsys)
    assert code == 1
    assert "Traceback" in stderr


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (f"{COMMAND} corpora list | head -1; exit ${{PIPESTATUS[0]}}", 0),
        (f"{COMMAND} corpora list --json | true; exit ${{PIPESTATUS[0]}}", 0),
        (f"{COMMAND} --help | true; exit ${{PIPESTATUS[0]}}", 0),
        (f"{COMMAND} --version >&-", 0),
        (f"{COMMAND} config list >&- 2>&-", 0),
        (f"{COMMAND} nonsense 2>&-", 2),
        (f"{COMMAND} nonsense 2>&1 | true; exit ${{PIPESTATUS[0]}}", 2),
    ],
)
def test_a_closed_output_is_no_fault(line: str, code: int, tmp_path: Path) -> None:
    # A reader that is gone before the first byte: give it time to go.
    line = line.replace(f"{COMMAND} ", f"(sleep 0.3; exec {COMMAND} ", 1).replace(" |", ") |", 1)
    line = line if ") |" in line else f"{line})"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)
    assert done.returncode == code
    assert done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("arguments", ["--help", "config list", "corpora list --json"])
def test_a_full_disk_is_one_sentence(arguments: str, tmp_path: Path) -> None:
    line = f"{COMMAND} {arguments} > /dev/full"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == "rnnchat: cannot write the output because the disk is full; free some space and try again\n"


def test_a_terminal_that_lacks_letters_is_enough(rnnchat: Rnnchat) -> None:
    done = rnnchat("config", "get", "model", PYTHONIOENCODING="latin-1", RNNCHAT_MODEL="漢")
    assert (done.returncode, done.stdout) == (0, "\\u6f22\n")


def test_bytes_that_are_no_text_are_read_as_such(tmp_path: Path) -> None:
    code = "import sys, rnnchat.__main__ as m; m._prepare_streams(); print(ascii(sys.stdin.read()))"
    done = subprocess.run([sys.executable, "-c", code], input=b"a\xff", capture_output=True, cwd=tmp_path, check=True)
    assert done.stdout == b"'a\\ufffd'\n"


def test_help_comes_at_once(tmp_path: Path) -> None:
    spent = []
    for _ in range(5):
        before = os.times()
        subprocess.run([sys.executable, "-m", "rnnchat", "--help"], capture_output=True, cwd=tmp_path, check=True)
        after = os.times()
        spent.append(after.children_user + after.children_system - before.children_user - before.children_system)
        time.sleep(0.05)
    assert min(spent) <= 0.15  # of processor time, which a busy machine does not stretch


def test_config_lists_every_value_with_its_origin(rnnchat: Rnnchat, own_home: Path) -> None:
    assert rnnchat("config", "set", "threshold", "0.5").returncode == 0
    lines = rnnchat("config", "list", "--json", RNNCHAT_WORDS="2").stdout.splitlines()
    origin = {values["name"]: (values["value"], values["origin"]) for values in map(json.loads, lines)}
    assert origin["threshold"] == (0.5, str(own_home / "config.toml"))
    assert origin["words"] == (2, "RNNCHAT_WORDS")
    assert origin["memory"] == ("full", "default")
    assert rnnchat("config").stdout == rnnchat("config", "list").stdout
    assert rnnchat("config", "get", "threshold").stdout == "0.5\n"
    assert rnnchat("config", "path").stdout == f"{own_home / 'config.toml'}\n"


def test_config_says_what_is_wrong_in_the_file(rnnchat: Rnnchat, own_home: Path) -> None:
    own_home.mkdir()
    (own_home / "config.toml").write_text("wrds = 3\n")
    done = rnnchat("config", "list")
    assert done.returncode == 0
    assert "config.toml, line 1: no setting 'wrds'; did you mean words?" in done.stderr


def test_config_says_when_the_environment_goes_before(rnnchat: Rnnchat) -> None:
    assert "RNNCHAT_WORDS=2 goes before it" in rnnchat("config", "set", "words", "3", RNNCHAT_WORDS="2").stderr


def test_models_lists_and_shows(rnnchat: Rnnchat, own_model: Path) -> None:
    (found,) = (
        m for m in map(json.loads, rnnchat("models", "list", "--json").stdout.splitlines()) if m["name"] == "tiny"
    )
    assert (found["unit"], found["cell"], found["where"], found["memories"]) == (
        "char",
        "lstm",
        "own",
        ["full", "message"],
    )
    assert found["bytes"] == sum(file.stat().st_size for file in own_model.iterdir())
    assert "tiny" in rnnchat("models").stdout
    shown = rnnchat("models", "show", "tiny")
    assert shown.stdout.startswith("# tiny\n")
    assert json.loads(rnnchat("models", "show", "tiny", "--json").stdout)["hidden"] == 6


def test_models_lists_a_damaged_one_as_such(rnnchat: Rnnchat, own_model: Path) -> None:
    (own_model / "config.json").write_text("[" * 50_000)
    done = rnnchat("models")
    assert done.returncode == 0
    assert "damaged" in done.stdout
    assert rnnchat("models", "show", "tiny").returncode == 1


def test_models_export_and_import(rnnchat: Rnnchat, own_model: Path, own_home: Path, tmp_path: Path) -> None:
    assert rnnchat("models", "export", "tiny", "copy").returncode == 0
    assert {file.name for file in (tmp_path / "copy").iterdir()} == {file.name for file in own_model.iterdir()}
    again = rnnchat("models", "export", "tiny", "copy")
    assert (again.returncode, "already exists" in again.stderr) == (1, True)
    taken = rnnchat("models", "import", "copy")
    assert (taken.returncode, "already have a model tiny" in taken.stderr) == (1, True)
    assert rnnchat("models", "import", "copy", "--name", "../evil").returncode == 2
    assert rnnchat("models", "import", "copy", "--name", "second").returncode == 0
    assert json.loads((own_home / "models" / "second" / "config.json").read_text())["name"] == "second"
    assert rnnchat("models", "show", "second").returncode == 0


def test_models_import_checks_everything(rnnchat: Rnnchat, own_model: Path, own_home: Path, tmp_path: Path) -> None:
    rnnchat("models", "export", "tiny", "copy")
    with (tmp_path / "copy" / "weights.safetensors").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\xff")
    done = rnnchat("models", "import", "copy", "--name", "second")
    assert (done.returncode, "damaged" in done.stderr) == (1, True)
    assert not (own_home / "models" / "second").exists()


def test_models_default(rnnchat: Rnnchat, own_model: Path) -> None:
    assert rnnchat("models", "default").stdout == "everyday\n"
    assert rnnchat("models", "default", "tiny").returncode == 0
    assert rnnchat("models", "default").stdout == "tiny\n"
    assert "tiny*" in rnnchat("models").stdout
    assert rnnchat("models", "default", "nobody").returncode == 1


def test_models_remove_asks_and_keeps_what_is_not_ours(rnnchat: Rnnchat, own_model: Path, tmp_path: Path) -> None:
    unasked = rnnchat("models", "remove", "tiny")
    assert (unasked.returncode, "give --yes" in unasked.stderr) == (2, True)
    rnnchat("models", "export", "tiny", "copy")
    foreign = rnnchat("models", "remove", "./copy", "--yes")
    assert (foreign.returncode, "not one of your own" in foreign.stderr) == (1, True)
    assert (tmp_path / "copy").is_dir()
    assert rnnchat("models", "remove", "tiny", "--yes").returncode == 0
    assert not own_model.exists()


def test_corpora_lists_and_shows(rnnchat: Rnnchat) -> None:
    lines = [json.loads(line) for line in rnnchat("corpora", "list", "--json").stdout.splitlines()]
    kinds = {line["name"]: line["where"] for line in lines}
    assert kinds["smalltalk"] == "bundled"
    assert kinds["tinyshakespeare"] == "public"
    assert all(line["documents"] > 20 for line in lines if line["where"] == "bundled")
    assert rnnchat("corpora").stdout == rnnchat("corpora", "list").stdout
    assert "first_words.txt" in rnnchat("corpora", "show", "smalltalk").stdout
    assert "licence" in rnnchat("corpora", "show", "tinyshakespeare").stdout
    assert rnnchat("corpora", "get", "smalltalk").stdout.strip().endswith("smalltalk")
