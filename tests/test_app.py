"""The app on a screen of its own: keys in, and what is read off the screen."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import stat
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from app_voices import SENTENCES, scripted
from prompt_toolkit.output import ColorDepth

from benchmarks.app_screen import AppScreen
from rnnchat.sessions import Sessions, sessions_file
from rnnchat.settings import load_settings
from rnnchat.text import Turn
from rnnchat.tui.transcript import Exchange

Play = Callable[[AppScreen], Awaitable[None]]


def play(scene: Play, columns: int = 80, rows: int = 24, **options: Any) -> None:
    """Show the app with scripted voices, and let `scene` use it."""

    async def run() -> None:
        options.setdefault("make_voices", scripted())
        async with AppScreen(columns, rows, **options) as screen:
            await scene(screen)

    asyncio.run(run())


async def typed(screen: AppScreen, text: str) -> None:
    """Type, and wait until all of it is there and answered."""
    before = screen.draft
    screen.type(text)
    await screen.until(lambda: screen.draft == before + text, f"for {text!r} to be typed")
    await screen.settled()


def test_the_first_start_greets_and_suggests_something_to_try() -> None:
    async def scene(screen: AppScreen) -> None:
        await screen.shows("nothing you")
        await screen.until(lambda: screen.ghost == "Knock, knock!")
        assert screen.draft == ""
        screen.press("ctrl-down")
        await screen.until(lambda: screen.ghost.startswith("I want"))
        screen.press("right", "enter")
        await screen.shows("you said I want to order pizza with, with memory full after 0 turns")

    play(scene)


def test_a_suggestion_appears_and_is_accepted_as_seen() -> None:
    async def scene(screen: AppScreen) -> None:
        await typed(screen, "see yo")
        assert screen.ghost == SENTENCES[0][6:]
        screen.press("right")
        await screen.until(lambda: screen.draft == SENTENCES[0])
        screen.press("right")
        await screen.settled()
        assert screen.draft == SENTENCES[0], "where nothing is suggested, Right is only Right"
        assert "saved" in screen.lines[-1]

    play(scene)


@pytest.mark.parametrize(
    ("key", "accepted"),
    [("right", None), ("end", None), ("ctrl-e", None), ("ctrl-f", None), ("tab", None), ("alt-f", " tomorrow"),
     ("ctrl-right", " tomorrow"), ("alt-right", " ")],
)  # fmt: skip
def test_every_way_to_accept(key: str, accepted: str | None) -> None:
    async def scene(screen: AppScreen) -> None:
        await typed(screen, "see you")
        whole = screen.ghost
        screen.press(key)
        await screen.until(lambda: screen.draft == "see you" + (accepted or whole), f"for {key}")
        await screen.settled()
        assert screen.ghost == whole[len(accepted or whole) :], "what is left of it stays"

    play(scene)


def test_it_stays_while_typed_into_and_returns_after_a_typo() -> None:
    async def scene(screen: AppScreen) -> None:
        await typed(screen, "see you")
        await typed(screen, " tom")
        assert screen.ghost.startswith("orrow")
        await typed(screen, "x")
        assert screen.ghost == ""
        screen.press("backspace")
        await screen.until(lambda: screen.ghost.startswith("orrow"))

    play(scene)


def test_never_in_the_middle_of_a_line() -> None:
    async def scene(screen: AppScreen) -> None:
        await typed(screen, "see you")
        assert screen.ghost
        screen.press("left")
        await screen.until(lambda: screen.ghost == "")
        screen.press("right", "right")
        await screen.settled()
        await screen.until(lambda: screen.ghost != "", "for it at the line's end again")
        assert screen.draft == "see you"

    play(scene)


def test_dismissing_is_quick_and_lasts_until_typing() -> None:
    async def scene(screen: AppScreen) -> None:
        for key in ("escape", "ctrl-g"):
            await typed(screen, "see y" if not screen.draft else "o")
            await screen.until(lambda: screen.ghost != "")
            screen.press(key)
            await screen.until(lambda: screen.ghost == "")
            await screen.settled()
            assert screen.ghost == ""

    play(scene)


def test_no_key_waits_for_the_model_and_what_comes_late_is_not_shown() -> None:
    gate = threading.Event()

    async def scene(screen: AppScreen) -> None:
        for end in range(1, 8):
            screen.type("see you"[end - 1])
            await screen.until(lambda end=end: "see you"[:end].rstrip() in screen.lines[-2], "while the model thinks")  # type: ignore[misc]
            assert screen.ghost == ""
        screen.type("!")
        await screen.until(lambda: "see you!" in screen.text)
        gate.set()
        await screen.settled()
        assert screen.ghost == ""

    play(scene, make_voices=scripted(gate))


def test_leaving_waits_for_nothing() -> None:
    gate = threading.Event()

    async def scene(screen: AppScreen) -> None:
        await asyncio.sleep(0.05)
        screen.type("see you")
        await screen.until(lambda: screen.draft == "see you")
        screen.press("ctrl-d")
        await asyncio.wait_for(screen.task, 2)
        assert not gate.is_set()
        gate.set()

    play(scene, make_voices=scripted(gate))


def test_off_and_on_are_kept(own_home: Path) -> None:
    async def scene(screen: AppScreen) -> None:
        await typed(screen, "see you")
        screen.press("f2")
        await screen.until(lambda: screen.ghost == "")
        await screen.shows("suggestions are off")
        config = own_home / "config.toml"
        await screen.until(lambda: config.exists() and "off" in config.read_text())
        await typed(screen, " tom")
        assert screen.ghost == ""

    async def again(screen: AppScreen) -> None:
        await screen.settled()
        assert screen.draft == "see you tom"
        assert screen.ghost == ""
        screen.press("f2")
        await screen.until(lambda: screen.ghost.startswith("orrow"))

    play(scene)
    play(again)


def test_the_screen_of_a_message_with_several_lines() -> None:
    async def scene(screen: AppScreen) -> None:
        await typed(screen, "one")
        screen.press("alt-enter")
        await screen.until(lambda: screen.draft == "one\n")
        await typed(screen, "see you")
        assert screen.ghost.startswith(" tomorrow")
        screen.press("up")
        await screen.until(lambda: screen.ghost == "")
        screen.press("enter")
        await screen.shows("you said one")
        await screen.until(lambda: screen.draft == "")

    play(scene)


def test_ctrl_c_stops_then_clears_then_leaves() -> None:
    gate = threading.Event()

    async def scene(screen: AppScreen) -> None:
        await typed_without_model(screen, "hello")
        screen.press("enter")
        await screen.until(lambda: screen.app.chat.is_answering)
        await typed_without_model(screen, "draft")
        screen.press("ctrl-c")
        await screen.until(lambda: not screen.app.chat.is_answering)
        assert screen.draft == "draft"
        screen.press("ctrl-c")
        await screen.until(lambda: screen.draft == "")
        screen.press("ctrl-c")
        assert await asyncio.wait_for(screen.task, 5) == 0
        gate.set()

    play(scene, make_voices=scripted(gate))


async def typed_without_model(screen: AppScreen, text: str) -> None:
    screen.type(text)
    await screen.until(lambda: screen.draft == text)


def test_compare_answers_twice_and_marks_what_differs() -> None:
    async def scene(screen: AppScreen) -> None:
        screen.press("f3")
        await screen.shows("B everyday · memory message")
        await typed(screen, "hello")
        screen.press("enter")
        await screen.shows("with memory message")
        await screen.settled()
        row = next(line for line in screen.lines if "memory full after" in line)
        assert row.index("full") < row.index("│") < row.index("message")
        buffer = screen.terminal.screen.buffer[screen.lines.index(row)]
        marked = "".join(buffer[column].data for column in range(120) if buffer[column].bold)
        assert "full" in marked and "message" in marked and "memory" not in marked
        screen.press("f9")
        await screen.shows("B everyday · memory none")
        screen.press("f3")
        await screen.until(lambda: "B everyday" not in screen.text)

    play(scene, columns=120)


def test_the_real_model_knows_who_is_there() -> None:
    async def scene(screen: AppScreen) -> None:
        screen.press("f1")
        await screen.shows("Try this")
        screen.type("1")
        await screen.shows("Boo who?")
        await screen.settled()
        assert screen.text.count("Boo who?") == 1
        screen.press("f1")
        await screen.shows("Try this")
        screen.type("2")
        await screen.shows("memory none")
        await screen.until(lambda: "mushrooms" in screen.text and " % " in screen.text)

    play(scene, make_voices=None)


def test_inside_changes_with_each_key() -> None:
    async def scene(screen: AppScreen) -> None:
        screen.press("f4")
        await screen.shows("hidden state 640 units")
        strips = []
        for character in "Hello there":
            screen.type(character)
            await screen.settled()
            row = next(number for number, line in enumerate(screen.lines) if line.startswith("hidden state"))
            strips.append(tuple(screen.terminal.screen.buffer[row + 1][column][1:3] for column in range(80)))
            assert "surprise  Hello there"[: 10 + len(strips)].rstrip() in screen.text
        assert len(set(strips)) == len(strips), "each key changes the state that is seen"
        screen.type("\x15")  # Ctrl-U
        await screen.shows("as at the start")
        screen.press("f4")
        await screen.until(lambda: "hidden state" not in screen.text)

    play(scene, make_voices=None, rows=30)


def test_inside_begins_again_with_each_message_under_message_memory() -> None:
    async def scene(screen: AppScreen) -> None:
        screen.press("f4")
        await typed(screen, "/memory message")
        screen.press("enter")
        await screen.shows("now everyday · memory message")
        await typed(screen, "hello")
        assert "as at the start" not in screen.text
        screen.press("enter")
        await screen.settled()
        await screen.shows("as at the start")

    play(scene, make_voices=None)


FAULTS = {
    "/nonsense": "no command /nonsense",
    "/modle everyday": "did you mean /model?",
    "/model nobody": "no model named",
    "/memory some": "memory is one of",
    "/theme pink": "the themes are",
    "/save": "/export FILE saves",
    "/export x.txt": "no conversation to export",
    "/try 4": "/try 1",
    "/compare full": "compare it with another",
    "/write /nonexistent/a/b": "there is no folder",
}


def test_commands_have_a_menu_and_faults_have_sentences() -> None:
    async def scene(screen: AppScreen) -> None:
        screen.type("/mem")
        await screen.shows("/memory")
        await screen.shows("what the model may remember")
        screen.press("tab")
        await screen.until(lambda: screen.draft.startswith("/memory"))
        screen.press("ctrl-c")
        await screen.until(lambda: screen.draft == "")
        for command, answer in FAULTS.items():
            await typed(screen, command)
            screen.press("enter")
            await screen.shows(answer)
            await screen.until(lambda: screen.draft == "")
        await typed(screen, "//not a command")
        screen.press("enter")
        await screen.shows("you said /not a command")

    play(scene)


def test_the_palette_works_on_both_pages() -> None:
    async def scene(screen: AppScreen) -> None:
        screen.press("f5")
        await screen.until(lambda: screen.app.page == "write")
        screen.press("f6")
        await screen.shows("/model")
        screen.type("chat")
        screen.press("enter")
        await screen.until(lambda: screen.app.page == "chat")
        screen.press("f6")
        await screen.shows("/model")
        screen.press("escape")
        await screen.until(lambda: "/model" not in screen.text)

    play(scene)


def test_help_lists_every_action_and_every_command() -> None:
    from rnnchat.tui.actions import ACTIONS
    from rnnchat.tui.commands import COMMANDS

    async def scene(screen: AppScreen) -> None:
        screen.press("f1")
        await screen.shows("Suggestions")
        for action in ACTIONS:
            assert action.help[:40] in screen.text, action.name
        for command in COMMANDS:
            assert f"/{command.name}" in screen.text
        screen.press("escape")
        await screen.until(lambda: "Try this" not in screen.text)

    play(scene, columns=120, rows=90)


def test_keys_can_be_given_others(own_home: Path) -> None:
    own_home.mkdir()
    (own_home / "config.toml").write_text(
        '[keys]\ninside = "f12"\naccept = ["ctrl-t"]\nnonsense = "f1"\nhelp = "alt-["\ndismiss = 3\nnewline = "x"\n'
    )

    async def scene(screen: AppScreen) -> None:
        await screen.shows("config.toml, line 4: nothing is called 'nonsense'")
        await typed(screen, "see you")
        screen.press("right")
        await screen.settled()
        assert screen.draft == "see you"
        screen.type("\x14")
        await screen.until(lambda: screen.draft == SENTENCES[0])
        assert [action.keys for action in screen.app.desk.actions if action.name == "help"] == [("f1",)]

    play(scene, columns=300)


def test_wrong_settings_are_named_and_defaults_hold(own_home: Path) -> None:
    own_home.mkdir()
    (own_home / "config.toml").write_text('memory = "some"\ntheem = "dark"\n')

    async def scene(screen: AppScreen) -> None:
        await screen.shows("config.toml, line 1: memory must be one of full, message, none")

    play(scene, columns=300)


def test_a_model_that_fails_stops_nobody_from_typing() -> None:
    async def scene(screen: AppScreen) -> None:
        await typed(screen, "see you")
        await screen.shows("the model failed (RuntimeError: the graph broke); typing goes on")
        screen.press("enter")
        await screen.settled()
        await typed(screen, "more")
        assert screen.draft == "more"

    play(scene, make_voices=scripted(failing=True))


def test_a_model_that_is_not_there_is_named() -> None:
    async def scene(screen: AppScreen) -> None:
        await typed(screen, "see you")
        await screen.shows("no model named 'nobody'")

    play(scene, settings=replaced(model="nobody"), make_voices=None)


def replaced(**values: Any) -> Any:
    from dataclasses import replace

    return replace(load_settings(), **values)


def test_the_conversation_and_the_draft_come_back() -> None:
    async def scene(screen: AppScreen) -> None:
        await typed(screen, "hello")
        screen.press("enter")
        await screen.settled()
        await typed(screen, "half a thou")

    async def again(screen: AppScreen) -> None:
        await screen.shows("you said hello")
        assert screen.draft == "half a thou"
        await typed(screen, "ght")
        screen.press("enter")
        await screen.shows("after 2 turns")
        screen.press("up")
        await screen.until(lambda: screen.draft == "half a thought")
        screen.press("up")
        await screen.until(lambda: screen.draft == "hello")

    play(scene)
    play(again)


def saved() -> list[list[str]]:
    """Return the turns of all saved conversations, the one of last time first."""
    file = Sessions(sessions_file())
    try:
        return [[turn.text for turn in file.turns(session.id)] for session in file.list()]
    finally:
        file.close()


async def said(screen: AppScreen, *messages: str) -> None:
    for message in messages:
        await typed(screen, message)
        screen.press("enter")
        await screen.settled()


def test_what_is_said_is_a_saved_conversation_at_once(own_home: Path) -> None:
    async def scene(screen: AppScreen) -> None:
        await said(screen, "hello", "good day")
        await screen.until(lambda: [len(turns) for turns in saved()] == [4])
        assert [saved()[0][place] for place in (0, 2)] == ["hello", "good day"]
        assert "you said hello" in saved()[0][1]
        assert "you said good day" in saved()[0][3]

    play(scene)
    assert stat.S_IMODE((own_home / "sessions.sqlite").stat().st_mode) == 0o600
    assert "hello" not in (own_home / "drafts" / "chat.json").read_text()


def test_a_reply_is_on_the_disk_before_its_end_is_shown() -> None:
    async def scene(screen: AppScreen) -> None:
        screen.app.desk.keep_said = lambda: None  # what would write it afterwards
        await said(screen, "hello")
        assert saved() == [["hello", "you said hello, with memory full after 0 turns"]]

    play(scene)


def test_a_reply_that_is_left_keeps_what_was_shown() -> None:
    gate = threading.Event()

    async def scene(screen: AppScreen) -> None:
        await typed_without_model(screen, "hello")
        screen.press("enter")
        await screen.until(lambda: bool(screen.app.chat.exchanges))
        screen.app.chat.exchanges[-1] = Exchange("hello", "you said")

    play(scene, make_voices=scripted(gate=gate))
    gate.set()
    assert saved() == [["hello", "you said"]]


def test_another_file_of_conversations_is_not_taken_for_the_old_one() -> None:
    async def scene(screen: AppScreen) -> None:
        await said(screen, "hello")

    async def again(screen: AppScreen) -> None:
        await screen.shows("Hello.")
        await said(screen, "good day")

    play(scene)
    sessions_file().unlink()
    file = Sessions(sessions_file())
    with sqlite3.connect(sessions_file()) as other:
        other.execute("INSERT INTO session (began, model) VALUES ('2001-01-01T00:00:00+00:00', 'chat')")
    file.add(1, Turn("user", "something else"))
    file.close()
    play(again)
    assert [turns[::2] for turns in saved()] == [["good day"], ["something else"]]


def test_a_new_conversation_and_a_new_topic_are_saved_by_themselves() -> None:
    async def scene(screen: AppScreen) -> None:
        await said(screen, "one")
        screen.app.chat.begin_topic()
        await said(screen, "two", "three")
        await said(screen, "/clear")
        await said(screen, "four")
        await screen.until(lambda: [turns[::2] for turns in saved()] == [["four"], ["two", "three"], ["one"]])
        await said(screen, "five")

    async def again(screen: AppScreen) -> None:
        await screen.shows("you said five")
        assert "you said three" not in screen.text
        await said(screen, "six")

    play(scene)
    play(again)
    assert [turns[::2] for turns in saved()] == [["four", "five", "six"], ["two", "three"], ["one"]]


def test_topics_come_back_as_topics() -> None:
    async def scene(screen: AppScreen) -> None:
        await said(screen, "one")
        screen.app.chat.begin_topic()
        await said(screen, "two")

    async def again(screen: AppScreen) -> None:
        await screen.shows("you said two")
        assert [exchange.fresh for exchange in screen.app.chat.exchanges] == [False, True]
        await said(screen, "three")
        await screen.shows("after 2 turns")

    play(scene)
    play(again)
    assert [turns[::2] for turns in saved()] == [["two", "three"], ["one"]]


def test_where_conversations_are_not_saved_nothing_stays(own_home: Path) -> None:
    async def scene(screen: AppScreen) -> None:
        await said(screen, "hello xylograph")

    async def again(screen: AppScreen) -> None:
        await screen.shows("Hello.")

    play(scene, settings=replaced(sessions="off"))
    assert not (own_home / "sessions.sqlite").exists()
    assert not [file for file in own_home.rglob("*") if file.is_file() and b"xylograph" in file.read_bytes()]
    play(again)


def test_what_was_deleted_does_not_come_back() -> None:
    async def scene(screen: AppScreen) -> None:
        await said(screen, "hello")
        await screen.until(lambda: bool(saved()) and len(saved()[0]) == 2)
        file = Sessions(sessions_file())
        file.delete(1)
        file.close()
        await said(screen, "good day")

    async def again(screen: AppScreen) -> None:
        await screen.shows("you said good day")
        assert "you said hello" not in screen.text

    play(scene)
    assert [turns[::2] for turns in saved()] == [["good day"]]
    play(again)


def test_a_file_in_use_is_told_once_and_made_up_for(own_home: Path) -> None:
    Sessions(sessions_file()).close()
    other = sqlite3.connect(sessions_file(), isolation_level=None, check_same_thread=False)

    async def scene(screen: AppScreen) -> None:
        other.execute("BEGIN EXCLUSIVE")
        await said(screen, "hello")
        await screen.shows("until then this conversation is not saved")
        other.execute("COMMIT")
        await said(screen, "good day")

    play(scene, columns=200)
    assert [turns[::2] for turns in saved()] == [["hello", "good day"]]


def test_a_second_app_has_a_conversation_of_its_own() -> None:
    async def scene(screen: AppScreen) -> None:
        await typed(screen, "first")
        async with AppScreen(make_voices=scripted()) as second:
            assert second.draft == ""
            await typed(second, "second")
        assert screen.draft == "first"

    async def again(screen: AppScreen) -> None:
        assert screen.draft == "first"

    play(scene)
    play(again)


def test_a_damaged_draft_file_is_no_reason_not_to_start(own_home: Path) -> None:
    (own_home / "drafts").mkdir(parents=True)
    topics = b'[[true, "x"], [-1, "x"], [9, "x"], "x", [1e99, "x"], [1], [1, 2]]'
    for content in (b"", b"[", b"[]", b'{"draft": 3, "topics": %s, "page": []}' % topics, b"\xff\xfe"):
        (own_home / "drafts" / "chat.json").write_bytes(content)

        async def scene(screen: AppScreen) -> None:
            await screen.shows("Hello.")

        play(scene)


def test_history_is_searched() -> None:
    async def scene(screen: AppScreen) -> None:
        for message in ("about apples", "about pears"):
            await typed(screen, message)
            screen.press("enter")
            await screen.settled()
        screen.press("ctrl-r")
        await screen.shows("Earlier:")
        screen.type("apples")
        await screen.until(lambda: "about apples" in screen.lines[-3] or "about apples" in screen.lines[-2])
        screen.press("enter")
        await screen.until(lambda: screen.draft == "about apples")

    play(scene)


def test_export(tmp_path: Path) -> None:
    async def scene(screen: AppScreen) -> None:
        await typed(screen, "hello")
        screen.press("enter")
        await screen.settled()
        for name in ("talk.json", "talk.md", "talk.txt"):
            screen.type(f"/export {tmp_path / name}")
            await screen.until(lambda name=name: screen.draft.endswith(name))  # type: ignore[misc]
            screen.press("enter")
            await screen.shows(f"wrote {name}")
        (tmp_path / "talk.txt").write_text("mine")
        screen.type(f"/export {tmp_path / 'talk.txt'}")
        await screen.until(lambda: screen.draft.endswith("talk.txt"))
        screen.press("enter")
        await screen.shows("is there already")
        screen.press("escape")
        await screen.until(lambda: "is there already" not in screen.text)
        assert (tmp_path / "talk.txt").read_text() == "mine"

    play(scene, columns=200)
    assert json.loads((tmp_path / "talk.json").read_text())[0]["user"] == "hello"
    assert "**You:** hello" in (tmp_path / "talk.md").read_text()


@pytest.mark.parametrize(("columns", "rows"), [(20, 5), (40, 12), (80, 24), (300, 60), (8, 3), (2, 2), (1, 1)])
def test_every_size_of_terminal(columns: int, rows: int) -> None:
    async def scene(screen: AppScreen) -> None:
        screen.type("see you")
        await screen.settled()
        for key in ("f3", "f4", "f1", "escape", "f5", "f4", "f6", "escape", "f5"):
            screen.press(key)
            await asyncio.sleep(0.08 if key == "escape" else 0.01)
            await screen.settled()
        assert screen.draft == "see you"
        if columns >= 20:
            assert "see you" in screen.text

    play(scene, columns=columns, rows=rows)


def test_resizing_while_a_reply_comes() -> None:
    gate = threading.Event()

    async def scene(screen: AppScreen) -> None:
        await typed_without_model(screen, "hello")
        screen.press("enter")
        await screen.until(lambda: screen.app.chat.is_answering)
        gate.set()
        for columns, rows in ((20, 5), (200, 50), (40, 12)):
            await screen.resize(columns, rows)
        await screen.shows("turns")

    play(scene, make_voices=scripted(gate))


def test_wide_and_combined_characters_keep_the_cursor_right() -> None:
    async def scene(screen: AppScreen) -> None:
        for text, columns in (("日本", 4), ("e\u0301", 1), ("👩‍👧", 4), ("🇩🇪", 2), ("\u202e", 8)):
            screen.type(text)
            await screen.until(lambda text=text: screen.draft == text)  # type: ignore[misc]
            await screen.settled()
            assert screen.terminal.screen.cursor.x == 2 + columns, text
            screen.press("ctrl-c")
            await screen.until(lambda: screen.draft == "")

    play(scene)


def test_words_are_wrapped_whole_and_the_cursor_follows() -> None:
    async def scene(screen: AppScreen) -> None:
        screen.press("f5")
        await screen.until(lambda: screen.app.page == "write")
        await typed(screen, "alpha beta gamma delta epsilon")
        await screen.settled()
        assert screen.lines[1:3] == ["alpha beta gamma", "delta epsilon"]
        assert (screen.terminal.screen.cursor.x, screen.terminal.screen.cursor.y) == (13, 2)
        screen.press("home")
        await screen.until(lambda: screen.terminal.screen.cursor.y == 1)
        assert screen.terminal.screen.cursor.x == 0

    play(scene, columns=20, rows=12)


def test_a_paste_of_ten_thousand_lines_is_one_change() -> None:
    text = "\r\n".join(f"line {number} of a long paste" for number in range(10_000))

    async def scene(screen: AppScreen) -> None:
        screen.press("f5")
        await screen.until(lambda: screen.app.page == "write")
        await screen.paste(text)
        await screen.until(lambda: screen.draft == text.replace("\r\n", "\n"))
        await screen.shows("line 9999 of a long paste")
        await screen.settled()
        screen.press("ctrl-_")
        await screen.until(lambda: screen.draft == "")

    play(scene)


def test_no_colour_marks_suggestions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def scene(screen: AppScreen) -> None:
        await typed(screen, "see you")
        await screen.shows("see you‹ tomorrow morning")
        buffer = screen.terminal.screen.buffer
        colours = {(cell.fg, cell.bg) for row in range(24) for cell in buffer[row].values()}
        assert colours == {("default", "default")}
        screen.press("right")
        await screen.until(lambda: screen.draft == SENTENCES[0])

    play(scene, depth=ColorDepth.DEPTH_1_BIT)


def test_plain_has_labels_and_no_boxes() -> None:
    async def scene(screen: AppScreen) -> None:
        screen.press("f3")
        await typed(screen, "hello")
        screen.press("enter")
        await screen.shows("You: hello")
        await screen.shows("A: you said hello")
        await screen.shows("B: you said")
        await typed(screen, "see you")
        await screen.shows("50 percent")
        for page in ("f4", "f1"):
            screen.press(page)
            await screen.settled()
            assert not set(screen.text) & set("─│┌┐└┘█▀▁▂▃▄▅▆▇░▒▓"), screen.text

    play(scene, plain=True)


def test_vi_keys() -> None:
    async def scene(screen: AppScreen) -> None:
        await typed(screen, "see you")
        assert screen.ghost
        screen.press("escape")
        await screen.until(lambda: screen.ghost == "")
        screen.type("0x")
        await screen.until(lambda: screen.draft == "ee you")
        screen.type("A")
        screen.press("backspace")
        await screen.until(lambda: screen.draft == "ee yo")

    play(scene, settings=replaced(editing="vi"))


def test_enter_can_make_a_line_and_alt_enter_send() -> None:
    async def scene(screen: AppScreen) -> None:
        await typed(screen, "one")
        screen.press("enter")
        await screen.until(lambda: screen.draft == "one\n")
        screen.press("alt-enter")
        await screen.shows("you said one")

    play(scene, settings=replaced(enter="newline"))


@pytest.mark.parametrize("theme", ["dark", "light", "contrast", "none"])
def test_themes(theme: str) -> None:
    async def scene(screen: AppScreen) -> None:
        await typed(screen, f"/theme {theme}")
        screen.press("enter")
        await screen.until(lambda: screen.draft == "")
        await typed(screen, "see you")
        await screen.shows("tomorrow")
        assert screen.app.desk.theme.name == theme

    play(scene)


def test_a_home_that_cannot_be_written_to_is_told_and_stops_nobody(own_home: Path) -> None:
    own_home.write_text("a file where a folder should be")

    async def scene(screen: AppScreen) -> None:
        await screen.shows("cannot keep drafts in")
        await typed(screen, "see you")
        assert screen.ghost
        screen.press("f5")
        await screen.until(lambda: screen.app.page == "write")
        await typed(screen, "see you")
        assert screen.ghost

    play(scene, columns=200)


def test_the_mouse_scrolls_if_it_may() -> None:
    async def scene(screen: AppScreen) -> None:
        for number in range(4):
            await typed(screen, f"message {number}")
            screen.press("enter")
            await screen.settled()
        screen.type("\x1b[<64;5;4M" * 2)
        await screen.shows("rows below")
        screen.type("\x1b[<65;5;4M" * 2)
        await screen.until(lambda: "rows below" not in screen.text)
        screen.press("pageup")
        await screen.shows("rows below")

    play(scene, rows=12, settings=replaced(mouse="on"))


def test_the_example_joke_after_a_conversation_begins_a_new_topic() -> None:
    async def scene(screen: AppScreen) -> None:
        await typed(screen, "hello")
        screen.press("enter")
        await screen.settled()
        await typed(screen, "/try 1")
        screen.press("enter")
        await screen.shows("new topic")
        await screen.shows("you said Boo.")
        await screen.settled()
        assert "after 2 turns" in " ".join(screen.text.split()), "the joke's own turns, and none before"

    play(scene, columns=160, rows=40)
