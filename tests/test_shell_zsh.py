"""The zsh plugin, in a real zsh in a real terminal, with a real daemon."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from shells import Daemon, Terminal, close_daemon, has, processes_started_by

from rnnchat.shell.client import start_daemon
from rnnchat.shell.history import History
from rnnchat.shell.script import make_script, plugin_file

pytestmark = [
    pytest.mark.skipif(not has("zsh", "tmux"), reason="needs zsh and tmux"),
]

SYNTAX_HIGHLIGHTING = Path("/usr/share/zsh-syntax-highlighting/zsh-syntax-highlighting.zsh")
AUTOSUGGESTIONS = Path("/usr/share/zsh-autosuggestions/zsh-autosuggestions.zsh")
PROMPT = "PS1='> '; setopt HIST_IGNORE_SPACE; "
HISTORY = ("make install prefix=/opt", "git commit -m 'Say why' --all")
GREY = "\x1b[90m"


@pytest.fixture
def daemon(shell_home: Path) -> Iterator[Daemon]:
    daemon = Daemon()
    daemon.run(*HISTORY)
    yield daemon
    close_daemon()


class Zsh(Terminal):
    """zsh with the plugin, its prompt ready."""

    def __init__(self, folder: Path, before: str = "", after: str = "") -> None:
        (folder / ".zshrc").write_text(f"{PROMPT}{before}\n{make_script('zsh')}\n{after}\n")
        super().__init__("zsh -i", folder)
        self.wait(lambda screen: screen[-1:] != [] and screen[-1].startswith(">"))


@pytest.fixture
def zsh(daemon: Daemon, tmp_path: Path) -> Iterator[Zsh]:
    terminal = Zsh(tmp_path)
    yield terminal
    terminal.close()


def test_the_plugin_has_no_syntax_error() -> None:
    subprocess.run(["zsh", "-n", plugin_file("zsh")], check=True)


def test_a_ghost_appears_in_grey_and_the_cursor_stays(zsh: Zsh) -> None:
    zsh.type("mak")
    zsh.wait_for(f"> {HISTORY[0]}")
    assert zsh.cursor()[0] == len("> mak")
    assert GREY + HISTORY[0][3:] in zsh.screen(colours=True)[-1]


def test_right_takes_all_and_runs_nothing(zsh: Zsh) -> None:
    zsh.type("mak")
    zsh.wait_for(f"> {HISTORY[0]}")
    zsh.press("Right")
    zsh.wait(lambda screen: zsh.cursor()[0] == len(f"> {HISTORY[0]}"))
    assert GREY not in zsh.screen(colours=True)[-1]
    assert len(zsh.screen()) == 1


@pytest.mark.parametrize(
    ("key", "taken"),
    [("M-f", "make"), ("S-Right", "mak"), ("End", HISTORY[0]), ("C-e", HISTORY[0]), ("C-f", HISTORY[0])],
)
def test_other_keys_take_a_part_or_all(zsh: Zsh, key: str, taken: str) -> None:
    zsh.type("ma")
    zsh.wait_for(f"> {HISTORY[0]}")
    zsh.press(key)
    zsh.wait(lambda screen: zsh.cursor()[0] == len(f"> {taken}"))
    assert zsh.last() == f"> {HISTORY[0]}"


def test_a_part_of_a_path_is_taken_up_to_its_slash(zsh: Zsh, daemon: Daemon) -> None:
    daemon.run("ls /usr/share/misc/magic")
    zsh.type("ls /")
    zsh.wait_for("> ls /usr/share/misc/magic")
    for taken in ("ls /usr/", "ls /usr/share/"):
        zsh.press("M-/")
        zsh.wait(lambda screen, taken=taken: zsh.cursor()[0] == len(f"> {taken}"))  # type: ignore[misc]


def test_a_wrong_key_hides_the_ghost_and_taking_it_back_shows_it(zsh: Zsh) -> None:
    zsh.type("mak")
    zsh.wait_for(f"> {HISTORY[0]}")
    zsh.type("Q")
    zsh.wait_for("> makQ")
    zsh.press("BSpace")
    zsh.wait_for(f"> {HISTORY[0]}")


def test_a_late_answer_to_a_line_that_was_taken_back_is_dropped(zsh: Zsh, daemon: Daemon) -> None:
    zsh.type("mak")
    zsh.wait_for(f"> {HISTORY[0]}")
    os.kill(daemon.pid, signal.SIGSTOP)
    try:
        zsh.type("Q")
        zsh.wait_for("> makQ")
        zsh.press("BSpace")
        zsh.wait_for(f"> {HISTORY[0]}")
    finally:
        os.kill(daemon.pid, signal.SIGCONT)
    daemon.ask("status")  # answered after what waited before it
    time.sleep(0.2)
    assert zsh.last() == f"> {HISTORY[0]}"


@pytest.mark.parametrize("seconds", [0.3, 1.5], ids=["a moment", "so long that a pause is made"])
def test_a_daemon_that_was_busy_still_brings_a_ghost_without_another_key(
    zsh: Zsh, daemon: Daemon, seconds: float
) -> None:
    daemon.ask("status")
    os.kill(daemon.pid, signal.SIGSTOP)
    try:
        zsh.type("m")
        time.sleep(seconds)
        zsh.type("ak")
        zsh.wait_for("> mak")
    finally:
        os.kill(daemon.pid, signal.SIGCONT)
    zsh.wait_for(f"> {HISTORY[0]}")


def test_typing_into_the_ghost_asks_nobody(zsh: Zsh, daemon: Daemon) -> None:
    zsh.type("m")
    zsh.wait_for(f"> {HISTORY[0]}")
    time.sleep(0.2)
    os.kill(daemon.pid, signal.SIGSTOP)
    try:
        zsh.type("ake inst")
        zsh.wait(lambda screen: zsh.cursor()[0] == len("> make inst"))
        assert zsh.last() == f"> {HISTORY[0]}"
        assert GREY + "all prefix=/opt" in zsh.screen(colours=True)[-1]
    finally:
        os.kill(daemon.pid, signal.SIGCONT)


def test_nothing_is_left_of_the_ghost_after_enter_and_after_ctrl_c(zsh: Zsh) -> None:
    for key in ("C-c", "Enter"):
        zsh.type("mak")
        zsh.wait_for(f"> {HISTORY[0]}")
        zsh.press(key)
        zsh.wait(lambda screen: screen[-1].startswith(">") and HISTORY[0][4:] not in screen[-1])
        assert not [line for line in zsh.screen() if "install" in line]


def test_what_was_run_counts_at_the_next_prompt_with_its_status(zsh: Zsh, tmp_path: Path) -> None:
    zsh.type("echo first-of-all")
    zsh.press("Enter")
    zsh.wait(lambda screen: "first-of-all" in screen)
    zsh.type("false")
    zsh.press("Enter")
    zsh.wait(lambda screen: len(screen) >= 4)
    zsh.type("echo fir")
    zsh.wait_for("> echo first-of-all")
    entries = {entry.command: entry for entry in History().read()}
    assert entries["echo first-of-all"].status == 0
    assert entries["false"].status == 1
    assert entries["false"].directory == str(tmp_path)


def test_a_leading_blank_and_history_ignore_keep_a_command_to_oneself(daemon: Daemon, tmp_path: Path) -> None:
    zsh = Zsh(tmp_path, "HISTORY_IGNORE='(echo private*|pwd)'")
    for command in (" echo hidden-by-blank", "echo private-by-pattern", "echo open-to-all"):
        zsh.type(command)
        zsh.press("Enter")
        word = command.split()[1]
        zsh.wait(lambda screen, word=word: word in screen)  # type: ignore[misc]
    zsh.type("echo op")
    zsh.wait_for("> echo open-to-all")
    zsh.close()
    commands = [entry.command for entry in History().read()]
    assert "echo open-to-all" in commands
    assert not [command for command in commands if "hidden" in command or "private" in command]


def test_cycling_shows_another_line(zsh: Zsh, daemon: Daemon) -> None:
    daemon.run("make clean")
    zsh.type("mak")
    zsh.wait(lambda screen: screen[-1] in ("> make clean", f"> {HISTORY[0]}"))
    first = zsh.last()
    zsh.press("M-Down")
    zsh.wait(lambda screen: screen[-1] != first and screen[-1].startswith("> make"))
    zsh.press("M-Up")
    zsh.wait_for(first)


def test_forgetting_asks_first(zsh: Zsh, daemon: Daemon) -> None:
    zsh.type("mak")
    zsh.wait_for(f"> {HISTORY[0]}")
    zsh.press("S-DC")
    zsh.wait(lambda screen: "forget" in screen[-1])
    zsh.type("n")
    zsh.wait_for(f"> {HISTORY[0]}")
    assert HISTORY[0] in [entry.command for entry in History().read()]
    zsh.press("S-DC")
    zsh.wait(lambda screen: "forget" in screen[-1])
    zsh.type("y")
    zsh.wait(lambda screen: screen[-1] == "rnnchat: forgotten")
    assert HISTORY[0] not in [entry.command for entry in History().read()]
    assert HISTORY[0] not in daemon.suggest("mak")


def test_a_pasted_text_gets_no_ghost_of_its_own(zsh: Zsh) -> None:
    zsh.paste("mak")
    zsh.wait_for("> mak")
    time.sleep(0.3)
    assert zsh.last() == "> mak"
    zsh.type("e")
    zsh.wait_for(f"> {HISTORY[0]}")


def test_several_lines_in_one_buffer(zsh: Zsh) -> None:
    zsh.paste("echo one\nmake ins")
    zsh.type("t")
    zsh.wait_for("make install prefix=/opt")
    zsh.press("Right")
    zsh.wait(lambda screen: zsh.cursor()[0] == len("make install prefix=/opt"))


def test_toggling(zsh: Zsh) -> None:
    zsh.press("C-x", "C-n")
    zsh.wait(lambda screen: "off" in screen[-1])
    zsh.type("mak")
    time.sleep(0.3)
    assert "> mak" in zsh.screen()
    zsh.press("C-x", "C-n")
    zsh.wait(lambda screen: f"> {HISTORY[0]}" in screen)


def test_vi_mode_keeps_the_ghost_in_command_mode(daemon: Daemon, tmp_path: Path) -> None:
    zsh = Zsh(tmp_path, "bindkey -v; KEYTIMEOUT=1")
    zsh.type("mak")
    zsh.wait_for(f"> {HISTORY[0]}")
    zsh.press("Escape")
    time.sleep(0.3)
    assert zsh.last() == f"> {HISTORY[0]}"
    zsh.type("l")
    zsh.wait(lambda screen: zsh.cursor()[0] >= len(f"> {HISTORY[0]}") - 1)
    zsh.close()


@pytest.mark.skipif(not SYNTAX_HIGHLIGHTING.exists(), reason="needs zsh-syntax-highlighting")
@pytest.mark.parametrize("first", [True, False], ids=["highlighting first", "rnnchat first"])
def test_beside_syntax_highlighting(daemon: Daemon, tmp_path: Path, first: bool) -> None:
    load = f"source {SYNTAX_HIGHLIGHTING}"
    zsh = Zsh(tmp_path, load if first else "", "" if first else load)
    zsh.type("echo mak")
    zsh.press("C-u")
    zsh.type("mak")
    zsh.wait_for(f"> {HISTORY[0]}")
    coloured = zsh.screen(colours=True)[-1]
    assert GREY in coloured
    assert coloured.count("\x1b[") >= 3  # the word that is typed has a colour of its own
    zsh.press("Right")
    zsh.wait(lambda screen: zsh.cursor()[0] == len(f"> {HISTORY[0]}"))
    zsh.close()


@pytest.mark.skipif(not AUTOSUGGESTIONS.exists(), reason="needs zsh-autosuggestions")
@pytest.mark.parametrize("first", [True, False], ids=["autosuggestions first", "rnnchat first"])
def test_as_a_strategy_of_autosuggestions(daemon: Daemon, tmp_path: Path, first: bool) -> None:
    load = f"source {AUTOSUGGESTIONS}"
    zsh = Zsh(tmp_path, load if first else "", "" if first else load)
    zsh.type("mak")
    zsh.wait_for(f"> {HISTORY[0]}")
    zsh.press("Right")
    zsh.wait(lambda screen: zsh.cursor()[0] == len(f"> {HISTORY[0]}"))
    zsh.close()


# What oh-my-zsh does to the line editor before plugins are loaded, and after: widgets that it wraps, and its options.
OH_MY_ZSH = """autoload -Uz compinit bracketed-paste-magic url-quote-magic; compinit -u -d $HOME/.zcompdump
zle -N bracketed-paste bracketed-paste-magic; zle -N self-insert url-quote-magic
setopt prompt_subst multios interactivecomments auto_cd share_history extended_history hist_verify; HISTFILE=$HOME/.h
autoload -U up-line-or-beginning-search; zle -N up-line-or-beginning-search; bindkey "^[[A" up-line-or-beginning-search
bindkey -e; bindkey " " magic-space; zle-line-init() { echoti smkx }; zle -N zle-line-init"""


@pytest.mark.parametrize("first", [True, False], ids=["oh-my-zsh first", "rnnchat first"])
def test_beside_what_oh_my_zsh_sets_up(daemon: Daemon, tmp_path: Path, first: bool) -> None:
    zsh = Zsh(tmp_path, OH_MY_ZSH if first else "", "" if first else OH_MY_ZSH)
    zsh.type("mak")
    zsh.wait_for(f"> {HISTORY[0]}")
    zsh.press("Right")
    zsh.wait(lambda screen: zsh.cursor()[0] == len(f"> {HISTORY[0]}"))
    zsh.press("C-u")
    zsh.paste("https://a.example/?b=c&d")
    zsh.type(" git com")
    zsh.wait(lambda screen: "git com" in screen[-1])
    zsh.press("C-u")
    zsh.type("git com")
    zsh.wait_for(f"> {HISTORY[1]}")
    zsh.close()


def test_the_likely_next_command_stands_on_an_empty_line_and_right_takes_it(daemon: Daemon, tmp_path: Path) -> None:
    daemon.run(*["git add -A", "git commit --all", "git push"] * 6)
    zsh = Zsh(tmp_path, "git() { : }")
    for line in ("git add -A", "git commit --all"):
        zsh.type(line)
        zsh.press("Enter")
        time.sleep(0.3)
    zsh.wait_for("> git push")
    assert GREY in zsh.screen(colours=True)[-1] and zsh.cursor()[0] == len("> ")
    zsh.press("Right")
    zsh.wait(lambda screen: zsh.cursor()[0] == len("> git push"))
    zsh.close()


def test_sourcing_twice_changes_nothing(daemon: Daemon, tmp_path: Path) -> None:
    zsh = Zsh(tmp_path, after=make_script("zsh"))
    zsh.type("mak")
    zsh.wait_for(f"> {HISTORY[0]}")
    zsh.press("Right")
    zsh.wait(lambda screen: zsh.cursor()[0] == len(f"> {HISTORY[0]}"))
    zsh.press("Home", "Right")
    zsh.wait(lambda screen: zsh.cursor()[0] == len("> m"))
    zsh.close()


def test_the_first_shell_starts_the_daemon(shell_home: Path, tmp_path: Path) -> None:
    zsh = Zsh(tmp_path)
    try:
        zsh.type("echo started-by-a-shell")
        zsh.press("Enter")
        zsh.wait(lambda screen: "started-by-a-shell" in screen)
        deadline = time.monotonic() + 10
        while "echo started-by-a-shell" not in [entry.command for entry in History().read()]:
            assert time.monotonic() < deadline
            zsh.press("Enter")  # a command that was not confirmed is sent again at the next prompt
            time.sleep(0.2)
    finally:
        zsh.close()
        close_daemon()


def test_another_users_folder_is_refused(daemon: Daemon, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    zsh = Zsh(tmp_path)
    os.chown(daemon.folder, 65534, -1)
    try:
        zsh.type("mak")
        time.sleep(0.5)
        assert zsh.last() == "> mak"
    finally:
        os.chown(daemon.folder, 0, -1)
        zsh.close()


def test_keys_are_echoed_while_the_daemon_hangs_or_is_gone(zsh: Zsh, daemon: Daemon) -> None:
    os.kill(daemon.pid, signal.SIGSTOP)
    try:
        for number in range(8):
            zsh.type("abcdefghij")
            zsh.wait(lambda screen, columns=2 + 10 * (number % 4 + 1): zsh.cursor()[0] == columns)  # type: ignore[misc]
            if number % 4 == 3:
                zsh.press("C-u")
    finally:
        os.kill(daemon.pid, signal.SIGKILL)
    zsh.type("echo still-here")
    zsh.press("Enter")
    zsh.wait(lambda screen: "still-here" in screen)


def test_a_suggestion_is_never_run_and_never_expanded(zsh: Zsh, daemon: Daemon, tmp_path: Path) -> None:
    line = "printf $(touch ran) `touch ran` %F{red} !! \\x41 '%s' | sort"
    daemon.run(line)
    zsh.type("pr")
    zsh.wait_for(f"> {line}")
    zsh.press("Right")
    zsh.wait(lambda screen: zsh.cursor()[0] == len(f"> {line}"))
    assert not (tmp_path / "ran").exists()


def test_the_line_is_all_that_a_shell_knows_of_us(zsh: Zsh) -> None:
    """No file of ours stays open in the commands that are run, and no job is listed."""
    zsh.run("ls -l /proc/self/fd | grep -c socket")
    assert "0" in zsh.screen()
    zsh.run("jobs | wc -l")
    assert zsh.screen().count("0") == 2


@pytest.mark.skipif(not has("strace"), reason="needs strace")
def test_a_key_starts_no_process(zsh: Zsh) -> None:
    zsh.type("m")
    zsh.wait_for(f"> {HISTORY[0]}")
    with processes_started_by(zsh.pid()) as started:
        for _ in range(3):
            zsh.press("C-u")
            zsh.type("gi")
            zsh.wait_for(f"> {HISTORY[1]}")
            zsh.type("t commit")
            zsh.wait(lambda screen: zsh.cursor()[0] == len("> git commit"))
    assert started == []


def test_a_thousand_keys_while_the_daemon_is_killed_again_and_again(zsh: Zsh, daemon: Daemon) -> None:
    chance = random.Random(0)
    for part in range(10):
        word = "".join(chance.choice(("ba", "de", "ki", "lo", "mu")) for _ in range(48))  # no secret: it can be spoken
        zsh.type(f"x={word[:48]}")
        if part % 3 == 0:
            os.kill(int(start_daemon()), signal.SIGKILL)
        zsh.type(word[48:])
        zsh.press("Enter")
    zsh.run("echo $#x $x")
    zsh.wait(lambda screen: any(line.startswith("96 ") for line in screen))
    shown = "".join(zsh.screen())
    assert word[:70] in shown
    start_daemon()
    deadline = time.monotonic() + 20
    # What no daemon confirmed was kept by the shell, and is sent again.
    while f"x={word}" not in [entry.command for entry in History().read()]:
        assert time.monotonic() < deadline
        zsh.press("Enter")
        time.sleep(0.5)
