"""Whatever keys come: the text is what was typed plus what was visibly accepted, and nothing ever raises."""

from __future__ import annotations

import asyncio
import os
import random
import time
from pathlib import Path

from app_voices import SENTENCES, scripted
from conftest import REPOSITORY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_app import play

from benchmarks.app_screen import KEYS, AppScreen

SOAK_SECONDS = float(os.environ.get("SOAK_SECONDS", "5"))  # SOAK_SECONDS=60 is what a release is given

CHARACTERS = [character for sentence in SENTENCES for character in sentence[:12]]
ACCEPTING = ["right", "end", "ctrl-e", "ctrl-f", "tab", "alt-f", "ctrl-right", "alt-right"]
OTHERS = ["backspace", "left", "ctrl-down", "ctrl-up", "ctrl-g"]
STEPS = st.one_of(st.sampled_from(CHARACTERS), st.sampled_from(ACCEPTING + OTHERS), st.sampled_from(SENTENCES))


@given(st.lists(STEPS, max_size=25))
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_text_is_what_was_typed_and_what_was_seen(steps: list[str]) -> None:
    async def scene(screen: AppScreen) -> None:
        screen.app.buffer.text = ""  # what the example before left as a draft
        await screen.settled()
        text, cursor = "", 0
        for step in steps:
            seen = screen.ghost
            assert not seen or cursor == len(text), "never in the middle of a line"
            if step in KEYS:
                screen.press(step)
                added = accepted_by(step, seen)
                text, cursor = text[:cursor] + added + text[cursor:], cursor + len(added)
                if not added:
                    text, cursor = moved(step, text, cursor)
            else:
                screen.type(step)
                text, cursor = text[:cursor] + step + text[cursor:], cursor + len(step)
            expected = (text, cursor)
            await screen.until(
                lambda expected=expected: (screen.draft, screen.app.buffer.cursor_position) == expected,  # type: ignore[misc]
                f"after {step!r} for {expected!r}, not {screen.draft!r}",
            )
            await screen.settled()

    play(scene, page="write")


def accepted_by(key: str, seen: str) -> str:
    """Return what a key inserts of a suggestion that is seen."""
    if key in ("right", "end", "ctrl-e", "ctrl-f", "tab"):
        return seen or ("\t" if key == "tab" else "")
    if key in ("alt-f", "ctrl-right"):
        words = seen.lstrip(" ").split(" ")
        return seen[: len(seen) - len(seen.lstrip(" ")) + len(words[0])] if seen else ""
    return seen[:1] if key == "alt-right" else ""


def moved(key: str, text: str, cursor: int) -> tuple[str, int]:
    """Return text and cursor after a key of the editor, in a text of one line."""
    if key == "backspace":
        return text[: max(0, cursor - 1)] + text[cursor:], max(0, cursor - 1)
    if key == "left":
        return text, max(0, cursor - 1)
    if key in ("right", "ctrl-f"):
        return text, min(len(text), cursor + 1)
    if key in ("end", "ctrl-e"):
        return text, len(text)
    if key in ("alt-f", "ctrl-right"):
        return text, next_word_end(text, cursor)
    return text, cursor


def next_word_end(text: str, cursor: int) -> int:
    """Return where the editor's own Alt-F goes."""
    while cursor < len(text) and not text[cursor].isalnum():
        cursor += 1
    while cursor < len(text) and text[cursor].isalnum():
        cursor += 1
    return cursor


HARMLESS = [key for key in KEYS if key not in ("ctrl-c", "ctrl-d", "ctrl-z", "ctrl-s")]
TEXTS = [
    "a",
    " ",
    "see you",
    "日本",
    "👩‍👧",
    "\u202e",
    "/theme none",
    "/inside",
    "knock ",
    "\x1b[200~pasted\r\ntext\x1b[201~",
]


def test_random_keys_raise_nothing() -> None:
    chance = random.Random(5)
    assert REPOSITORY not in Path.cwd().parents and Path.cwd() != REPOSITORY, "random keys save files"

    async def scene(screen: AppScreen) -> None:
        end = time.monotonic() + SOAK_SECONDS
        pressed: list[str] = []
        while time.monotonic() < end:
            what = chance.choice(HARMLESS) if chance.random() < 0.6 else chance.choice(TEXTS)
            pressed = [*pressed[-30:], what]
            screen.press(what) if what in KEYS else screen.type(what)
            await asyncio.sleep(0.002)
            assert not screen.task.done(), f"{screen.task.exception()!r} after {pressed}"
            if chance.random() < 0.01:
                await screen.resize(chance.choice((20, 80, 133)), chance.choice((5, 24, 50)))
        await screen.until(lambda: screen.app.application.is_running)

    play(scene, make_voices=scripted())
