"""The bash and fish plugins, in real shells in a real terminal, with a real daemon."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from shells import Daemon, Terminal, close_daemon, has, processes_started_by

from rnnchat.shell.history import History
from rnnchat.shell.script import make_script, plugin_file

HISTORY = ("make install prefix=/opt", "git commit -m 'Say why' --all")

# fish loses a command now and then when the machine is busy: its message to the daemon ends after a second.
pytestmark = pytest.mark.flaky(reruns=2)


@pytest.fixture
def daemon(shell_home: Path) -> Iterator[Daemon]:
    daemon = Daemon()
    daemon.run(*HISTORY)
    yield daemon
    close_daemon()


def open_shell(name: str, folder: Path, before: str = "") -> Terminal:
    """Start bash or fish with the plugin; return it when its prompt is ready."""
    if name == "bash":
        (folder / ".bashrc").write_text(f"PS1='> '; HISTCONTROL=ignorespace\n{before}\n{make_script('bash')}")
        terminal = Terminal("bash --noprofile -i", folder)
    else:
        config = folder / ".config" / "fish" / "config.fish"
        config.parent.mkdir(parents=True)
        prompt = "function fish_prompt; echo -n '> '; end; set -g fish_greeting; set -g fish_autosuggestion_enabled 0"
        config.write_text(f"{prompt}\n{before}\n{make_script('fish')}")
        terminal = Terminal("fish -i", folder)
    terminal.wait(lambda screen: screen[-1:] == [">"])
    return terminal


@pytest.fixture(
    params=[
        pytest.param("bash", marks=pytest.mark.skipif(not has("bash", "tmux"), reason="needs bash and tmux")),
        pytest.param("fish", marks=pytest.mark.skipif(not has("fish", "tmux"), reason="needs fish and tmux")),
    ]
)
def shell(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def terminal(shell: str, daemon: Daemon, tmp_path: Path) -> Iterator[Terminal]:
    terminal = open_shell(shell, tmp_path)
    yield terminal
    terminal.close()


def test_the_plugin_has_no_syntax_error(shell: str) -> None:
    subprocess.run([shell, "-n", plugin_file(shell)], check=True)


def test_a_key_completes_in_place_and_comes_round_to_what_was_typed(terminal: Terminal) -> None:
    terminal.type("mak")
    terminal.ask("C-Space", f"> {HISTORY[0]}")
    assert terminal.cursor()[0] == len(f"> {HISTORY[0]}")
    seen = set()
    for _ in range(8):
        terminal.press("C-Space")
        time.sleep(0.1)
        seen.add(terminal.last())
    assert "> mak" in seen
    assert all(line.startswith("> mak") for line in seen)


def test_what_was_run_is_stored_with_its_status_and_hidden_lines_are_not(terminal: Terminal, tmp_path: Path) -> None:
    for line in ("echo first-of-all", " echo hidden-one", "test -e nowhere"):
        terminal.type(line)
        terminal.press("Enter")
        time.sleep(0.4)
    terminal.wait(lambda screen: screen[-1] == ">")
    deadline = time.monotonic() + 5
    while "test -e nowhere" not in (entries := {entry.command: entry for entry in History().read()}):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert entries["echo first-of-all"].status == 0
    assert entries["test -e nowhere"].status == 1
    assert entries["test -e nowhere"].directory == str(tmp_path)
    assert not [command for command in entries if "hidden" in command]
    terminal.type("echo fir")
    terminal.ask("C-Space", "> echo first-of-all")


def test_a_hanging_and_a_killed_daemon_cost_a_moment_at_most(terminal: Terminal, daemon: Daemon) -> None:
    os.kill(daemon.pid, signal.SIGSTOP)
    terminal.type("mak")
    terminal.press("C-Space")
    terminal.type("e")
    terminal.wait_for("> make")
    os.kill(daemon.pid, signal.SIGKILL)
    terminal.press("C-Space")
    terminal.type(" clean; echo still-here")
    terminal.press("Enter")
    terminal.wait(lambda screen: "still-here" in screen)


def test_forgetting_asks_first_and_says_where_it_fails(terminal: Terminal, daemon: Daemon) -> None:
    def ask_and_answer(key: str) -> None:
        terminal.type("\x1b[3;3~")
        terminal.wait(lambda screen: "for good? (y/n)" in screen[-1])
        terminal.type(key)

    terminal.type(HISTORY[0])
    ask_and_answer("n")
    terminal.wait_for(f"> {HISTORY[0]}")
    assert HISTORY[0] in {entry.command for entry in History().read()}
    ask_and_answer("y")
    terminal.wait_for(">")
    assert HISTORY[0] not in {entry.command for entry in History().read()}
    os.kill(daemon.pid, signal.SIGKILL)
    terminal.type(HISTORY[1])
    ask_and_answer("y")
    terminal.wait_for_any("rnnchat: could not forget it; try: rnnchat shell forget")
    terminal.wait_for(f"> {HISTORY[1]}")


BLE = """
# What ble.sh promises to those who join it, in its order: its completion is loaded late, and then sets its sources.
BLE_VERSION=0.4.0
ble/array#unshift() { local -n array=$1; shift; array=("$@" "${array[@]}"); }
ble/util/import/eval-after-load() { after_load+=("$1:$2"); }
ble/complete/check-cancel() { return 1; }
ble/complete/auto-complete/enter() { printf '[%s|%s|%s|%s|%s]\n' "$@"; }
load-completion() { _ble_complete_auto_source=(history syntax); eval "${after_load[0]#core-complete:}"; }
draw-ghost() { _ble_edit_str=$1 _ble_edit_ind=${2-${#1}}; ble/complete/auto-complete/source:rnnchat; }
"""


@pytest.mark.skipif(not has("bash", "tmux"), reason="needs bash and tmux")
def test_ble_asks_us_first_though_its_completion_is_loaded_late(daemon: Daemon, tmp_path: Path) -> None:
    (tmp_path / "ble").write_text(BLE)
    terminal = open_shell("bash", tmp_path, f"source {tmp_path}/ble")
    for line, shown in (
        ("load-completion; echo ${_ble_complete_auto_source[*]}", "rnnchat history syntax"),
        ("draw-ghost mak", f"[h|0|{HISTORY[0][3:]}||{HISTORY[0]}]"),
        ("draw-ghost mak 1; echo left $?", "left 1"),
    ):
        terminal.type(line)
        terminal.press("Enter")
        terminal.wait_for_any(shown)
    terminal.close()


def test_a_suggestion_is_never_run(terminal: Terminal, daemon: Daemon, tmp_path: Path) -> None:
    line = "printf '%s' $(touch ran) | sort"
    daemon.run(line)
    terminal.type("pri")
    terminal.ask("C-Space", f"> {line}")
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(not has("strace"), reason="needs strace")
def test_a_key_starts_no_process_in_bash(daemon: Daemon, tmp_path: Path) -> None:
    terminal = open_shell("bash", tmp_path)
    terminal.type("mak")
    terminal.ask("C-Space", f"> {HISTORY[0]}")  # the first makes the pipe
    with processes_started_by(terminal.pid()) as started:
        for _ in range(3):
            terminal.press("C-u")
            terminal.type("mak")
            terminal.wait_for("> mak")  # before, the key would find the line of the last round
            terminal.ask("C-Space", f"> {HISTORY[0]}")
    assert started == []
    terminal.close()


@pytest.mark.skipif(not has("fish", "tmux"), reason="needs fish and tmux")
def test_our_words_stand_in_fishs_pager(daemon: Daemon, tmp_path: Path) -> None:
    daemon.run("git commit --fixup", "git checkout main-line", "git cherry-pick-of-ours")
    terminal = open_shell("fish", tmp_path)
    terminal.type("git ch")
    terminal.press("Tab")
    terminal.wait(lambda screen: any("rnnchat" in line for line in screen))
    terminal.close()


@pytest.mark.skipif(not has("fish", "tmux"), reason="needs fish and tmux")
def test_private_mode_of_fish_is_private(daemon: Daemon, tmp_path: Path) -> None:
    terminal = open_shell("fish", tmp_path, "set -g fish_private_mode 1")
    terminal.type("echo in-private")
    terminal.press("Enter")
    time.sleep(0.5)
    assert "echo in-private" not in [entry.command for entry in History().read()]
    terminal.close()


def test_two_shells_share_what_they_learn(daemon: Daemon, tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    first, second = (open_shell("bash", folder) for folder in folders)
    first.type("echo from-the-first")
    first.press("Enter")
    first.wait(lambda screen: "from-the-first" in screen)
    second.type("echo from")
    second.ask("C-Space", "> echo from-the-first")
    first.close()
    second.close()


def test_histignore_of_bash_is_respected(daemon: Daemon, tmp_path: Path) -> None:
    terminal = open_shell("bash", tmp_path, "HISTIGNORE='echo private*'")
    for word in ("private-by-pattern", "open-to-all"):
        terminal.type(f"echo {word}")
        terminal.press("Enter")
        terminal.wait(lambda screen, word=word: word in screen)  # type: ignore[misc]
    terminal.press("Enter")
    time.sleep(0.3)
    commands = [entry.command for entry in History().read()]
    assert "echo open-to-all" in commands
    assert "echo private-by-pattern" not in commands
    terminal.close()
