"""`rnnchat shell ...`: what it prints and how it ends."""

from __future__ import annotations

import fcntl
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Rnnchat
from shells import close_daemon

from checkpoints import tiny_checkpoint
from rnnchat.shell.client import start_daemon
from rnnchat.shell.counts import Entry
from rnnchat.shell.endpoints import lock_holder
from rnnchat.shell.folder import run_folder
from rnnchat.shell.history import History
from rnnchat.shell.learning import OWN, RETRAIN, run_training, write_text


@pytest.fixture(autouse=True)
def folder(shell_home: Path) -> Iterator[Path]:
    yield shell_home
    close_daemon()


@pytest.mark.parametrize("shell", ["zsh", "bash", "fish"])
def test_init_prints_a_script_and_nothing_else(rnnchat: Rnnchat, shell: str) -> None:
    done = rnnchat("shell", "init", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"plugins/rnnchat.{shell}" in done.stdout


def test_init_can_write_a_file_that_needs_no_python(rnnchat: Rnnchat, own_home: Path) -> None:
    done = rnnchat("shell", "init", "zsh", "--file")
    path = own_home / "shell" / "init.zsh"
    assert done.stdout == f"source {path}\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "rnnchat shell" not in path.read_text()


def test_the_daemons_life(rnnchat: Rnnchat) -> None:
    before = rnnchat("shell", "status")
    assert (before.returncode, before.stdout) == (1, "")
    assert "does not run" in before.stderr
    assert "process" in rnnchat("shell", "start").stderr
    done = rnnchat("shell", "status", "--json")
    facts = json.loads(done.stdout)
    assert (done.returncode, facts["running"], facts["commands"]) == (0, True, 0)
    assert facts["megabytes"] < 150
    assert "history" in rnnchat("shell", "status").stdout
    assert "stopped" in rnnchat("shell", "stop").stderr
    assert "no daemon" in rnnchat("shell", "stop").stderr


def test_a_daemon_that_hangs_is_told_of_and_can_be_ended(rnnchat: Rnnchat) -> None:
    pid = int(start_daemon())
    os.kill(pid, signal.SIGSTOP)
    for words in (("status",), ("start",), ("doctor",), ("learn", "--import-only")):
        done = rnnchat("shell", *words)
        assert "hangs and does not answer" in done.stdout + done.stderr, words
        assert "rnnchat shell stop" in done.stdout + done.stderr, words
    assert "hung" in rnnchat("shell", "stop").stderr
    assert lock_holder(run_folder()) is None
    assert int(start_daemon()) != pid


@pytest.mark.parametrize("name", ["socket", "requests", "lock"])
def test_what_stands_in_the_way_of_a_daemon_is_named(rnnchat: Rnnchat, name: str) -> None:
    (run_folder() / name / "something").mkdir(parents=True)
    for word in ("start", "doctor"):
        done = rnnchat("shell", word)
        assert done.returncode == 1
        assert f"{run_folder() / name}" in done.stdout + done.stderr
        assert "move it away" in done.stdout + done.stderr


def test_a_folder_that_others_may_enter_is_to_be_closed(rnnchat: Rnnchat) -> None:
    folder = run_folder()
    folder.chmod(0o755)
    for word in ("status", "start", "stop", "doctor"):
        done = rnnchat("shell", word)
        assert f"chmod 700 {folder}" in done.stdout + done.stderr
    folder.chmod(0o700)


def test_a_damaged_network_of_ones_own_is_told_of_and_the_bundled_one_speaks(rnnchat: Rnnchat, own_home: Path) -> None:
    (own_home / "models" / OWN).mkdir(parents=True)
    (own_home / "models" / OWN / "config.json").write_text("{")
    start_daemon()
    assert json.loads(rnnchat("shell", "status", "--json").stdout)["network"]
    told = rnnchat("shell", "doctor").stdout
    assert "WRONG a network cannot be used" in told
    assert "ok    the network runs" in told


@pytest.mark.parametrize("kind", ["garbage", "a file for a folder"])
def test_doctor_sees_that_nothing_is_kept(rnnchat: Rnnchat, own_home: Path, kind: str) -> None:
    own_home.mkdir(exist_ok=True)
    if kind == "garbage":
        (own_home / "shell").mkdir()
        (own_home / "shell" / "history.jsonl").write_bytes(os.urandom(10_000))
    else:
        (own_home / "shell").write_text("")
    told = rnnchat("shell", "doctor")
    assert told.returncode == 1
    assert f"{own_home / 'shell'}" in told.stdout
    assert "WRONG" in told.stdout.split("the network runs")[1].splitlines()[1]


def test_learn_reads_the_shells_histories_where_they_are(rnnchat: Rnnchat, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / ".local/share/fish").mkdir(parents=True)
    (home / ".zsh_history").write_text(": 1700000000:0;echo zsh\n")
    (home / ".bash_history").write_text("echo bash\n")
    (home / ".local/share/fish/fish_history").write_text("- cmd: echo fish\n  when: 1700000001\n")
    environment = {"HOME": str(home), "XDG_DATA_HOME": "", "ZDOTDIR": "", "HISTFILE": ""}
    done = rnnchat("shell", "learn", "--import-only", **environment)
    assert done.returncode == 0, done.stderr
    assert {entry.command for entry in History().read()} == {"echo zsh", "echo bash", "echo fish"}
    assert "0 commands are new" in rnnchat("shell", "learn", "--import-only", **environment).stderr


def test_a_running_daemon_knows_what_was_imported(rnnchat: Rnnchat, tmp_path: Path) -> None:
    rnnchat("shell", "start")
    (tmp_path / "h").write_text("echo imported-just-now\n")
    assert rnnchat("shell", "learn", "--import-only", str(tmp_path / "h")).returncode == 0
    assert json.loads(rnnchat("shell", "status", "--json").stdout)["commands"] == 1


def test_learn_says_what_is_wrong_with_a_file(rnnchat: Rnnchat, tmp_path: Path) -> None:
    done = rnnchat("shell", "learn", str(tmp_path / "nothing"))
    assert done.returncode == 1
    assert "nothing" in done.stderr
    assert "Traceback" not in done.stderr


def test_forget(rnnchat: Rnnchat, tmp_path: Path) -> None:
    (tmp_path / "h").write_text("echo one\necho two\necho one\n")
    rnnchat("shell", "learn", "--import-only", str(tmp_path / "h"))
    assert rnnchat("shell", "forget", "echo one").returncode == 2  # nobody to ask
    assert "it stood there 2 times" in rnnchat("shell", "forget", "--yes", "echo one").stderr
    assert [entry.command for entry in History().read()] == ["echo two"]
    assert rnnchat("shell", "forget", "--yes", "echo one").returncode == 1
    # The shell's own file holds it still: reading that again does not bring it back, and nothing of ours tells it.
    rnnchat("shell", "learn", "--import-only", str(tmp_path / "h"))
    assert [entry.command for entry in History().read()] == ["echo two"]
    assert b"one" not in (History().path.with_name("forgotten")).read_bytes()
    assert (History().path.with_name("forgotten")).stat().st_mode & 0o777 == 0o600


def test_doctor_tells_what_to_type(rnnchat: Rnnchat, tmp_path: Path, shell_home: Path) -> None:
    home = {"HOME": str(tmp_path)}
    done = rnnchat("shell", "doctor", **home)
    assert done.returncode == 1
    assert 'eval "$(rnnchat shell init zsh)"' in done.stdout
    (tmp_path / ".zshrc").write_text('eval "$(rnnchat shell init zsh)"\n')
    rnnchat("shell", "start")
    done = rnnchat("shell", "doctor", **home)
    assert done.returncode == 0, done.stdout
    assert "the daemon answers" in done.stdout
    next(shell_home.iterdir()).chmod(0o755)
    done = rnnchat("shell", "doctor", **home)
    assert (done.returncode, "others may enter" in done.stdout) == (1, True)
    next(shell_home.iterdir()).chmod(0o700)


def test_what_a_network_is_trained_on(own_home: Path) -> None:
    """Whole sessions; but nothing that was run once only, that failed, or that holds a secret by today's rules."""
    commands = ["make all", "make test", "make all", "echo once", "make test", "login --password hunter2"]
    entries = [Entry(command, 100 + n, "/", 0, "s") for n, command in enumerate(commands)]
    entries += [
        Entry("false", 200, "/", 1, "s"),
        Entry("false", 201, "/", 1, "s"),
        Entry("make all", 9_999, "/", 0, "s"),
    ]
    entries += [Entry("login --password hunter2", 10_000, "/", 0, "s")]
    folder = write_text(entries, own_home / "shell" / "training")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "own.blocks").read_text() == "make all\nmake test\nmake all\nmake test\n\nmake all\n"
    assert (folder / "own.blocks").stat().st_mode & 0o777 == 0o600


def test_a_training_that_went_well_clears_up_and_one_broken_off_can_go_on(own_home: Path) -> None:
    folder = own_home / "shell" / "training"
    write_text([Entry("ls"), Entry("ls")], folder)
    note = own_home / "shell" / RETRAIN
    note.touch()
    assert run_training(["false"]) == 1
    assert folder.exists()
    assert note.exists()
    assert run_training(["true"]) == 0
    assert not folder.exists()
    assert not note.exists()


def test_after_forgetting_doctor_asks_for_a_new_training(rnnchat: Rnnchat, tmp_path: Path, own_home: Path) -> None:
    tiny_checkpoint(name=OWN).save(own_home / "models" / OWN)
    (tmp_path / "h").write_text("echo only-once\n")
    rnnchat("shell", "learn", "--import-only", str(tmp_path / "h"))
    rnnchat("shell", "forget", "--yes", "echo only-once")
    assert (own_home / "shell" / RETRAIN).exists()
    assert "train it anew: rnnchat shell learn" in rnnchat("shell", "doctor", HOME=str(tmp_path)).stdout


def test_forgetting_reaches_a_training_that_was_broken_off_or_goes_on(
    rnnchat: Rnnchat, tmp_path: Path, own_home: Path
) -> None:
    folder, note = own_home / "shell" / "training", own_home / "shell" / RETRAIN
    (tmp_path / "h").write_text("echo only-once\nls\n")
    rnnchat("shell", "learn", "--import-only", str(tmp_path / "h"))
    write_text([Entry("echo only-once"), Entry("echo only-once")], folder)
    rnnchat("shell", "forget", "--yes", "echo only-once")
    assert not folder.exists()
    assert note.exists()
    # What is forgotten while a training goes on is noted to its end and beyond.
    note.unlink()
    assert run_training(["sh", "-c", f"sleep 0.1; touch {note}"]) == 0
    assert note.exists()


def test_a_second_training_is_not_begun_beside_the_first(rnnchat: Rnnchat, tmp_path: Path, own_home: Path) -> None:
    (own_home / "shell").mkdir(parents=True)
    (tmp_path / "h").write_text("".join(f"echo {number}\n" for number in range(300)))
    with (own_home / "shell" / "training.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = rnnchat("shell", "learn", str(tmp_path / "h"))
    assert done.returncode == 0
    assert "under way already" in done.stderr
    assert not (own_home / "shell" / "training").exists()


def test_too_few_commands_are_counted_but_not_trained_on(rnnchat: Rnnchat, tmp_path: Path) -> None:
    (tmp_path / "h").write_text("ls\n")
    done = rnnchat("shell", "learn", str(tmp_path / "h"))
    assert done.returncode == 0
    assert "too few" in done.stderr


def test_nothing_is_left_of_an_unwritable_home(rnnchat: Rnnchat, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "h").write_text("ls\n")
    done = rnnchat("shell", "learn", "--import-only", str(tmp_path / "h"), RNNCHAT_HOME=str(tmp_path / "file"))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") <= 2
    assert os.path.isfile(tmp_path / "file")
