"""The Write page and its files: nothing is lost, and no byte changes that nobody changed."""

from __future__ import annotations

import os
import resource
from pathlib import Path
from typing import Any

import pytest
from app_voices import SENTENCES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_app import play, typed

from benchmarks.app_screen import AppScreen
from rnnchat.errors import SaveError, TextError
from rnnchat.tui.textfile import bytes_of, has_changed, open_file, save_file
from rnnchat.tui.undo import MOST_UNDO, Page, Texts


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes.md"
    path.write_bytes(b"first\nsee you")
    path.chmod(0o640)
    return path


def writing(path: Path | None) -> dict[str, Any]:
    return {"page": "write", "file": path}


def test_a_file_is_edited_with_suggestions_and_saved(notes: Path) -> None:
    async def scene(screen: AppScreen) -> None:
        await screen.shows("notes.md")
        screen.press("down", "end")
        await screen.until(lambda: screen.ghost == SENTENCES[0][7:])
        screen.press("alt-f")
        await screen.until(lambda: screen.draft == "first\nsee you tomorrow")
        await screen.shows("not saved")
        screen.press("f8")
        await screen.shows("saved notes.md")
        assert notes.read_bytes() == b"first\nsee you tomorrow", "without a final newline, as it was"
        assert notes.stat().st_mode & 0o777 == 0o640
        screen.press("ctrl-d")
        assert await screen.task == 0

    play(scene, **writing(notes))


def test_undo_redo_find(notes: Path) -> None:
    async def scene(screen: AppScreen) -> None:
        await typed(screen, "")
        screen.press("f7")
        await screen.shows("Find:")
        screen.type("you")
        screen.press("enter")
        await screen.until(lambda: screen.app.buffer.cursor_position == 10)
        screen.type("X")
        await screen.until(lambda: "see Xyou" in screen.draft)
        screen.press("ctrl-_")
        await screen.until(lambda: screen.draft == "first\nsee you")
        screen.type("\x1b_")
        await screen.until(lambda: "see Xyou" in screen.draft)

    play(scene, **writing(notes))


def test_what_is_not_saved_comes_back(notes: Path) -> None:
    async def scene(screen: AppScreen) -> None:
        screen.type("new ")
        await screen.until(lambda: screen.draft.startswith("new first"))

    async def again(screen: AppScreen) -> None:
        await screen.shows("what was not saved is back")
        assert screen.draft == "new first\nsee you"
        assert notes.read_text() == "first\nsee you"
        screen.press("f6")
        screen.type("revert")
        screen.press("enter")
        await screen.until(lambda: screen.draft == "first\nsee you")
        screen.press("ctrl-_")
        await screen.until(lambda: screen.draft == "new first\nsee you")

    play(scene, **writing(notes))
    play(again, **writing(notes))


def test_a_file_that_changed_meanwhile_is_asked_about(notes: Path) -> None:
    async def scene(screen: AppScreen) -> None:
        screen.type("mine ")
        await screen.until(lambda: screen.draft.startswith("mine"))
        notes.write_text("theirs")
        screen.press("f8")
        await screen.shows("was changed by another program")
        screen.press("escape")
        await screen.until(lambda: "was changed" not in screen.text)
        assert notes.read_text() == "theirs"
        screen.press("f8")
        await screen.shows("was changed by another program")
        screen.type("x")  # no answer
        screen.type("o")
        await screen.shows("saved notes.md")
        assert notes.read_text() == "mine first\nsee you"
        notes.unlink()
        screen.press("f8")
        await screen.shows("was changed by another program")
        screen.type("o")
        await screen.until(notes.exists)

    play(scene, **writing(notes))


def test_leaving_asks_about_what_is_not_saved(notes: Path) -> None:
    async def scene(screen: AppScreen) -> None:
        screen.press("down", "end")
        screen.type("!")
        await screen.until(lambda: screen.draft.endswith("!"))
        screen.press("ctrl-d")
        await screen.shows("is not saved; s: save and leave")
        screen.press("escape")
        await screen.until(lambda: "is not saved" not in screen.text)
        screen.press("ctrl-d")
        await screen.shows("is not saved; s: save and leave")
        screen.type("s")
        assert await screen.task == 0
        assert notes.read_text() == "first\nsee you!"

    play(scene, **writing(notes))


def test_a_full_disk_costs_neither_the_file_nor_the_text(notes: Path, own_home: Path) -> None:
    async def scene(screen: AppScreen) -> None:
        await screen.paste("many words " * 3_000)
        await screen.until(lambda: len(screen.draft) > 30_000)
        await screen.settled()
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
        try:
            screen.press("f8")
            await screen.shows("cannot save")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert notes.read_text() == "first\nsee you"
        assert len(screen.draft) > 30_000
        screen.press("f8")
        await screen.shows("saved notes.md")
        assert notes.read_text() == screen.draft

    play(scene, columns=200, **writing(notes))


def test_a_text_without_a_name_asks_for_one(tmp_path: Path) -> None:
    async def scene(screen: AppScreen) -> None:
        screen.press("f5")
        await screen.until(lambda: screen.app.page == "write")
        await typed(screen, "hello")
        screen.press("f8")
        await screen.shows("/save")
        screen.type(str(tmp_path / "new.txt"))
        screen.press("enter")
        await screen.shows("saved new.txt")
        assert (tmp_path / "new.txt").read_text() == "hello"
        (tmp_path / "there.txt").write_text("mine")
        screen.press("f6")
        screen.type(f"save {tmp_path / 'there.txt'}")
        screen.press("enter")
        await screen.shows("is there already")
        screen.press("escape")
        await screen.until(lambda: "is there already" not in screen.text)
        assert (tmp_path / "there.txt").read_text() == "mine"

    play(scene, columns=120)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"a\x00b", "not text but binary"), (None, "is a folder"), (b"x" * (17 << 20), "larger than 16 MB"),
     (b"a\n" + b"x" * 100_001, "has a line of 100,001 characters")],
)  # fmt: skip
def test_what_cannot_be_edited_is_refused(content: bytes | None, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "thing"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(TextError, match=reason):
        open_file(path)


def test_pipes_and_unreadable_files_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path / "none" / "file"):
        with pytest.raises(TextError, match="; "):
            open_file(path)


@given(st.binary(max_size=300).filter(lambda data: b"\x00" not in data))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_that_nobody_changed_stays_as_it_is(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    file, text = open_file(path)
    assert bytes_of(file, text)[1] == data
    assert not has_changed(file)
    saved = save_file(file, text + "x")
    assert path.read_bytes().startswith(data)
    assert not has_changed(saved)
    assert open_file(path)[1] == text + "x"


def test_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for data, text in (
        (b"a\r\nb\r\n", "a\nb\n"),
        (b"a\r\nb\n", "a\r\nb\n"),
        (b"a\rb", "a\rb"),
        (b"\xef\xbb\xbfa", "a"),
    ):
        path.write_bytes(data)
        assert open_file(path)[1] == text


def test_a_link_stays_a_link_and_read_only_is_told(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    save_file(open_file(link)[0], "new")
    assert link.is_symlink() and target.read_text() == "new"
    target.chmod(0o444)
    if os.geteuid() != 0:
        with pytest.raises(SaveError, match="read-only"):
            save_file(open_file(link)[0], "newer")
        assert target.read_text() == "new"


def test_typing_is_undone_word_by_word(notes: Path) -> None:
    async def scene(screen: AppScreen) -> None:
        for text in ("alpha ", "beta"):
            for character in text:
                screen.type(character)
                await screen.settled()
        for expected in ("alpha first\nsee you", "first\nsee you"):
            screen.press("ctrl-_")
            await screen.until(lambda expected=expected: screen.draft == expected, expected)  # type: ignore[misc]

    play(scene, **writing(notes))


def test_what_can_be_undone_is_bounded_and_a_long_text_keeps_its_steps() -> None:
    page = Page()
    page.text = "x" * (3 * MOST_UNDO)
    for number in range(300):
        page.save_to_undo_stack()
        page.text += f" {number}"
    for number in range(299, -1, -1):
        assert page.text.endswith(f" {number}")
        page.undo()
    assert page.text == "x" * (3 * MOST_UNDO)
    for number in range(60):
        page.save_to_undo_stack()
        page.text = f"{number}" + "xy"[number % 2] * (MOST_UNDO // 10)
    assert sum(len(change.between) for change in page._past._below) <= MOST_UNDO
    page.undo()
    assert page.text.startswith("58")


EDITS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.text("ab", max_size=4)), max_size=12)


@given(EDITS)
def test_texts_come_back_as_they_were(edits: list[tuple[int, int, str]]) -> None:
    texts, text, expected = Texts(), "", []
    for begin, end, put in edits:
        text = text[:begin] + put + text[max(begin, end) :]
        texts.push(text, begin)
        expected.append((text, begin))
    assert [texts.pop() for _ in range(len(texts))] == expected[::-1]
    with pytest.raises(IndexError):
        texts.pop()


def test_what_was_undone_can_be_redone_after_looking_around(notes: Path) -> None:
    async def scene(screen: AppScreen) -> None:
        screen.type("new ")
        await screen.until(lambda: screen.draft == "new first\nsee you")
        screen.press("ctrl-_")
        await screen.until(lambda: screen.draft == "first\nsee you")
        screen.press("down", "up", "end")
        await screen.settled()
        screen.type("\x1b_")
        await screen.until(lambda: screen.draft == "new first\nsee you")
        screen.press("ctrl-_")
        await screen.until(lambda: screen.draft == "first\nsee you")
        screen.type("x")
        await screen.until(lambda: "x" in screen.draft)
        after = screen.draft
        screen.type("\x1b_")
        await screen.settled()
        assert screen.draft == after, "what was written instead takes its place"

    play(scene, **writing(notes))
