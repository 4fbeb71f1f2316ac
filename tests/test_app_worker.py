"""One thread for the model: what is urgent is done at once, even in the middle of a long thought."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from test_app import play, typed

from benchmarks.app_screen import AppScreen
from rnnchat.settings import load_settings
from rnnchat.text import Turn
from rnnchat.tui.events import VoiceName
from rnnchat.tui.jobs import answer
from rnnchat.tui.voice import Voices
from rnnchat.tui.worker import Lane, Withdrawn, Worker

TALK = VoiceName("everyday", "full")


def test_a_long_step_gives_way_and_ends_when_it_is_given_up() -> None:
    told: list[str] = []
    begun, done, ended = threading.Event(), threading.Event(), threading.Event()

    def long_step() -> Iterator[str]:
        begun.set()
        try:
            while True:
                worker.give_way(Lane.REPLY)
        except Withdrawn:
            ended.set()
            raise

    def short() -> Iterator[str]:
        yield "suggestion"
        done.set()

    worker = Worker(lambda call: call())
    worker.start()
    worker.submit(Lane.REPLY, long_step, told.append, lambda error: told.append(f"end {error}"))
    assert begun.wait(5)
    worker.submit(Lane.GHOST, short, told.append)
    assert done.wait(5), "the suggestion does not wait for the reply"
    worker.cancel(Lane.REPLY)
    assert ended.wait(5)
    assert worker.stop(5)
    assert told == ["suggestion"], "of what was given up nothing is told"


def test_what_is_less_urgent_waits_and_stopping_ends_a_long_step() -> None:
    begun = threading.Event()

    def long_step() -> Iterator[str]:
        begun.set()
        while True:
            worker.give_way(Lane.REPLY)

    def never() -> Iterator[None]:
        raise AssertionError("less urgent")

    worker = Worker(lambda call: call())
    worker.start()
    worker.submit(Lane.REPLY, long_step, lambda event: None)
    assert begun.wait(5)
    worker.submit(Lane.PANEL, never, lambda event: None)
    assert worker.stop(5)


def test_a_conversation_given_up_in_a_thought_goes_on_as_if_read_anew() -> None:
    steps, stop_at = 0, -1

    def give_way() -> None:
        nonlocal steps
        steps += 1
        if steps == stop_at:
            raise Withdrawn

    def replies(voices: Voices, turns: list[Turn], message: str) -> str:
        return "".join(piece.text for piece in answer(voices, [(TALK, turns)], message) if piece)

    voices = Voices(load_settings(), give_way)
    first = replies(voices, [], "My name is Bob.")
    turns = [Turn("user", "My name is Bob."), Turn("bot", first)]
    assert steps > len("My name is Bob."), "at every step"
    stop_at = steps + 12  # in the middle of a draft
    with pytest.raises(Withdrawn):
        replies(voices, turns, "How are you today, my friend?")
    stopped = [*turns, Turn("user", "How are you today, my friend?"), Turn("bot", "")]
    assert replies(voices, stopped, "What is my name?") == replies(Voices(load_settings()), stopped, "What is my name?")


def test_suggestions_come_while_a_reply_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    going_on = threading.Event()

    def endless(model: object, *arguments: object) -> object:
        while not going_on.is_set():
            model.step([model.start()], [1])  # type: ignore[attr-defined]
        raise AssertionError("it should have been given up")

    monkeypatch.setattr("rnnchat.chat.choose", endless)

    async def scene(screen: AppScreen) -> None:
        await typed(screen, "hello")
        screen.press("enter")
        await screen.until(lambda: screen.app.chat.is_answering and screen.draft == "")
        screen.type("I want to order pizza wi")
        await screen.until(lambda: screen.ghost.startswith("th"), "for a suggestion beside the reply")
        assert screen.app.chat.is_answering
        screen.press("ctrl-c")
        await screen.until(lambda: not screen.app.chat.is_answering)
        screen.press("ctrl-c")
        await screen.until(lambda: screen.draft == "")
        screen.press("f4")
        await screen.shows("hidden state")  # the worker is free again
        going_on.set()

    play(scene, make_voices=None)


def test_of_a_long_paste_the_end_is_learned_and_looked_at() -> None:
    class Counting:
        learned = ""

        def learn(self, text: str) -> None:
            self.learned = text

    voices = Voices(load_settings())
    counting = Counting()
    voices.get(TALK).completer = counting  # type: ignore[assignment]
    message = "word " * 20_000
    next(answer(voices, [(TALK, [])], message))
    assert message.endswith(counting.learned) and 0 < len(counting.learned) <= 4_000
    watcher = voices.get(TALK).watcher(answers=True)
    assert watcher is not None
    steps = sum(1 for _ in watcher.watch([Turn("user", message), Turn("bot", "yes")], message))
    assert steps < 400, "a few thousand letters, in small steps"
