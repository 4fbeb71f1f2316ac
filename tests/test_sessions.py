"""Saved conversations: nothing shown is lost, and a file that cannot be used never stops the talk."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Rnnchat

from checkpoints import tiny_checkpoint
from rnnchat.errors import SessionError
from rnnchat.sessions import SCHEMA, VERSION, Sessions
from rnnchat.text import Turn


@pytest.fixture
def model(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A small model of the person's own, which chat uses."""
    tiny_checkpoint().save(own_home / "models" / "tiny")
    monkeypatch.setenv("RNNCHAT_CHAT_MODEL", "tiny")
    monkeypatch.setenv("RNNCHAT_TEMPERATURE", "1")  # likeliest of all is that it says nothing
    return "tiny"


def turns_of(file: Path, session: int = 1) -> list[str]:
    sessions = Sessions(file)
    try:
        return [turn.text for turn in sessions.turns(session)]
    finally:
        sessions.close()


def test_what_is_added_comes_back(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path / "sessions.sqlite")
    first, second = sessions.begin("chat"), sessions.begin("chat")
    said = [Turn("user", "hello \udcff"), Turn("bot", "日本語\n👍"), Turn("user", "")]
    for turn in said:
        sessions.add(first, turn)
    sessions.add(second, Turn("user", "Where is my HAT?"))
    assert [turn.text for turn in sessions.turns(first)] == ["hello ?", "日本語\n👍", ""]
    assert [each.id for each in sessions.list()] == [second, first]
    assert sessions.latest() == second
    assert [found for found, _ in sessions.search("hat")] == [second]
    sessions.delete(second)
    with pytest.raises(SessionError, match="no conversation 2"):
        sessions.turns(second)
    assert b"HAT" not in (tmp_path / "sessions.sqlite").read_bytes()
    assert stat.S_IMODE(os.stat(tmp_path / "sessions.sqlite").st_mode) == 0o600


def test_chat_saves_and_goes_on(rnnchat: Rnnchat, model: str, own_home: Path) -> None:
    one = rnnchat("chat", "--json", stdin="hello\nthe cat\n")
    two = rnnchat("chat", "--continue", "--json", stdin="good\n")
    assert "after 4 turns" in two.stderr
    replies = [json.loads(line)["reply"] for line in (one.stdout + two.stdout).splitlines()]
    file = own_home / "sessions.sqlite"
    assert turns_of(file) == ["hello", replies[0], "the cat", replies[1], "good", replies[2]]
    # What goes on is what would have gone on.
    whole = rnnchat("chat", "--json", "--no-save", stdin="hello\nthe cat\ngood\n")
    assert [json.loads(line)["reply"] for line in whole.stdout.splitlines()] == replies
    listed = json.loads(rnnchat("sessions", "list", "--json").stdout)
    assert (listed["id"], listed["turns"], listed["first"]) == (1, 6, "hello")


def test_off_saves_nothing(rnnchat: Rnnchat, model: str, own_home: Path) -> None:
    assert rnnchat("chat", "--no-save", stdin="hello\n").returncode == 0
    assert rnnchat("chat", stdin="hello\n", RNNCHAT_SESSIONS="off").returncode == 0
    assert not (own_home / "sessions.sqlite").exists()
    listed = rnnchat("sessions")
    assert (listed.returncode, listed.stdout) == (0, "")
    assert not (own_home / "sessions.sqlite").exists()


def test_show_search_export_delete(rnnchat: Rnnchat, model: str) -> None:
    rnnchat("chat", stdin="# good \x1b[31mcat\n")
    shown = rnnchat("sessions", "show", "1")
    assert shown.stdout.startswith("> # good")
    assert "\x1b" not in shown.stdout + rnnchat("sessions", "search", "GOOD").stdout
    assert "    # good" in rnnchat("sessions", "export", "1").stdout
    document = json.loads(rnnchat("sessions", "export", "1", "--format", "json").stdout)
    assert [turn["role"] for turn in document["turns"]] == ["user", "bot"]
    assert rnnchat("sessions", "delete").returncode == 2
    assert rnnchat("sessions", "delete", "7").returncode == 1
    assert rnnchat("sessions", "delete", "--all").returncode == 0
    assert rnnchat("sessions", "show", "1").returncode == 1


def locked(file: Path) -> object:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    return other


def newer(file: Path) -> None:
    sqlite3.connect(file).execute(f"PRAGMA user_version={VERSION + 1}")


def damaged(file: Path) -> None:
    file.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)


def foreign(file: Path) -> None:
    file.write_text("these are not the words of a database\n" * 50)


def directory(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("harm", [locked, newer, damaged, foreign, directory], ids=lambda harm: harm.__name__)
def test_a_bad_file_costs_one_sentence(
    harm: Callable[[Path], object], rnnchat: Rnnchat, model: str, own_home: Path
) -> None:
    file = own_home / "sessions.sqlite"
    Sessions(file).close()
    held = harm(file)
    talk = rnnchat("chat", stdin="hello\nthe cat\n")
    assert talk.returncode == 0
    assert len(talk.stdout.splitlines()) >= 2
    assert len(talk.stderr.splitlines()) == 1
    assert "not saved" in talk.stderr
    for arguments in (("sessions",), ("chat", "--continue")):
        done = rnnchat(*arguments, stdin="hello\n")
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1
        assert "Traceback" not in done.stderr
    del held


@pytest.mark.parametrize(("of_file", "of_folder"), [(0o400, 0o700), (0o600, 0o500), (0o000, 0o700)])
@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may write all, without setpriv")
def test_what_may_not_be_written_costs_one_sentence(of_file: int, of_folder: int, model: str, own_home: Path) -> None:
    file = own_home / "sessions.sqlite"
    Sessions(file).close()
    file.chmod(of_file)
    own_home.chmod(of_folder)
    as_anybody = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    command = [*as_anybody, sys.executable, "-m", "rnnchat", "chat"]
    talk = subprocess.run(command, input="hello\nthe cat\n", capture_output=True, text=True, timeout=120, check=False)
    own_home.chmod(0o700)
    assert talk.returncode == 0
    assert len(talk.stdout.splitlines()) >= 2
    assert len(talk.stderr.splitlines()) == 1
    assert "not saved" in talk.stderr


def test_a_file_that_breaks_during_the_talk_stops_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from rnnchat.cli.saving import Saver

    sessions = Sessions(tmp_path / "sessions.sqlite")
    saver = Saver(sessions, "chat")
    saver.keep("user", "hello")
    held = locked(tmp_path / "sessions.sqlite")
    for _ in range(3):
        saver.keep("bot", "hi")
    assert capsys.readouterr().err.count("not saved") == 1
    del held


def test_a_killed_process_loses_no_turn_that_was_shown(model: str, own_home: Path) -> None:
    for _ in range(3):
        talk = subprocess.Popen(
            [sys.executable, "-m", "rnnchat", "chat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert talk.stdin is not None and talk.stdout is not None
        talk.stdin.write("hello\n")
        talk.stdin.flush()
        shown = talk.stdout.readline()
        talk.send_signal(signal.SIGKILL)
        talk.wait()
        sessions = Sessions(own_home / "sessions.sqlite")
        latest = sessions.latest()
        assert latest is not None
        saved = [turn.text for turn in sessions.turns(latest)]
        sessions.close()
        assert saved[0] == "hello"
        assert saved[1].splitlines()[:1] == [shown.rstrip("\n")]


def test_comparing_answers_twice_and_keeps_one(rnnchat: Rnnchat, model: str, own_home: Path) -> None:
    done = rnnchat("chat", "--compare", "--json", stdin="hello\nthe cat\n")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["turn"], row["memory"]) for row in rows] == [(1, "full"), (1, "message"), (2, "full"), (2, "message")]
    assert rows[0]["reply"] == rows[1]["reply"]  # nothing said yet: memory makes no difference
    assert turns_of(own_home / "sessions.sqlite") == ["hello", rows[0]["reply"], "the cat", rows[2]["reply"]]
    alone = rnnchat("chat", "--json", stdin="hello\nthe cat\n")
    assert [json.loads(line)["reply"] for line in alone.stdout.splitlines()] == [rows[0]["reply"], rows[2]["reply"]]
    labelled = rnnchat("chat", "--compare", stdin="hello\n").stdout.splitlines()
    assert labelled[0].startswith("full     ")
    assert rnnchat("chat", "--compare", "--memory", "message", stdin="hello\n").returncode == 2


def test_the_talk_of_last_time_is_the_one_in_which_something_was_said_last(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path / "sessions.sqlite")
    first, second = sessions.begin("chat"), sessions.begin("chat")
    for session in (first, second, first):
        sessions.add(session, Turn("user", "hello"))
    assert sessions.latest() == first
    assert [each.id for each in sessions.list()] == [first, second]
    sessions.delete(first)
    assert sessions.latest() == second
    with pytest.raises(SessionError, match="was deleted meanwhile"):
        sessions.add(first, Turn("user", "hello"))


def test_a_file_of_the_first_version_goes_on(tmp_path: Path) -> None:
    file = sqlite3.connect(tmp_path / "sessions.sqlite")
    file.executescript(
        f"{SCHEMA} PRAGMA user_version=1; INSERT INTO session VALUES (1, 'then', 'chat'), (2, 'then', 'chat');"
        "INSERT INTO turn VALUES (1, 1, 'user', 'one'), (2, 1, 'user', 'two');"
    )
    file.close()
    sessions = Sessions(tmp_path / "sessions.sqlite")
    assert sessions.latest() == 2
    sessions.add(1, Turn("bot", "again"))
    assert [turn.text for turn in sessions.turns(1)] == ["one", "again"]
    assert sessions.latest() == 1


@pytest.mark.parametrize("words", ["été", "ÉTÉ", "e\u0301te\u0301", "при", "ПРИ"])
def test_a_search_knows_all_ways_of_writing_a_letter(words: str, tmp_path: Path) -> None:
    sessions = Sessions(tmp_path / "sessions.sqlite")
    session = sessions.begin("chat")
    sessions.add(session, Turn("user", "Été à la plage. Привет!"))
    sessions.add(session, Turn("user", "nothing"))
    assert [turn.text for _, turn in sessions.search(words)] == ["Été à la plage. Привет!"]


def test_a_damaged_letter_hides_nothing_else(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path / "sessions.sqlite")
    session = sessions.begin("chat")
    sessions.add(session, Turn("user", "quite whole"))
    sessions.add(session, Turn("bot", "hXllo"))
    sessions.close()
    file = tmp_path / "sessions.sqlite"
    file.write_bytes(file.read_bytes().replace(b"hXllo", b"h\xffllo").replace(b"TABLE turn", b"T\xe3BLE turn"))
    with pytest.raises(SessionError, match="damaged"):
        Sessions(file)
    file.write_bytes(file.read_bytes().replace(b"T\xe3BLE turn", b"TABLE turn"))
    assert [turn.text for turn in Sessions(file).turns(session)] == ["quite whole", "h\ufffdllo"]


def test_a_reader_in_the_way_of_a_turn_is_not_in_the_way_of_the_next(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path / "sessions.sqlite")
    session = sessions.begin("chat")
    sessions.add(session, Turn("user", "one"))
    reader = sqlite3.connect(tmp_path / "sessions.sqlite", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM turn").fetchone()
    with pytest.raises(SessionError, match="another program"):
        sessions.add(session, Turn("user", "two"))
    reader.execute("COMMIT")
    sessions.add(session, Turn("user", "three"))
    assert [turn.text for turn in sessions.turns(session)] == ["one", "three"]


def test_bad_numbers_and_words_get_one_sentence(rnnchat: Rnnchat, model: str) -> None:
    for arguments in (("chat", "--session", "9" * 23), ("sessions", "search", ""), ("sessions", "show", "9" * 23)):
        done = rnnchat(*arguments, stdin="hello\n")
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert "something went wrong inside" not in done.stderr
    assert rnnchat("sessions", "search", "\udcff").returncode == 0


def test_found_words_are_shown_with_what_stands_around_them(rnnchat: Rnnchat, model: str) -> None:
    rnnchat("chat", stdin="x" * 50_000 + " needle " + "y" * 50_000 + "\n")
    found = rnnchat("sessions", "search", "NEEDLE").stdout
    assert "x needle y" in found
    assert len(found) < 500
