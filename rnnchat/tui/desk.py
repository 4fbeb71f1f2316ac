"""What both pages share: the voices, the worker, the panel, the tally, and what is to be told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from rnnchat.errors import RnnchatError
from rnnchat.places import model_folders
from rnnchat.settings import Settings
from rnnchat.text import Turn
from rnnchat.tui.actions import Action
from rnnchat.tui.events import Alternatives, Inside, Looked, NextWords, Suggested, VoiceName
from rnnchat.tui.ghost import Ghost
from rnnchat.tui.status import Tally
from rnnchat.tui.theme import Theme
from rnnchat.tui.worker import Lane, Worker

if TYPE_CHECKING:
    from rnnchat.tui.voice import Voices

Panel = Literal["none", "compare", "inside"]
Job = Callable[["Voices"], Iterator[Any]]
CANDIDATES = 8
NOTICE_SECONDS = 6.0
BLOCK = 2_000  # characters; completion reads one to two blocks before the cursor: the network remembers less


@dataclass(frozen=True)
class Notice:
    """One line for the person; a fault is told louder."""

    text: str
    fault: bool
    until: float


@dataclass(frozen=True)
class Question:
    """Something only the person can decide: a key for each answer. Esc is always "no"."""

    text: str
    answers: dict[str, Callable[[], None]]


class Desk:
    """The shared state of the app; used on the screen's thread alone.

    The app puts calls of its own in: `refresh` paints, `keep_draft` keeps what is typed, `keep_said` what was said,
    `keep_reply` returns what keeps the coming reply, `on_question` gives a question the keys, `on_context` looks again
    at what is said by now.

    Args:
        settings: what the person prefers.
        theme: how things look.
        actions: what keys do.
        make_voices: makes the voices, on the worker's thread; those of checkpoints, if None.
    """

    def __init__(
        self,
        settings: Settings,
        theme: Theme,
        actions: tuple[Action, ...],
        make_voices: Callable[[Settings], Voices] | None = None,
    ) -> None:
        self.settings, self.theme, self.actions = settings, theme, actions
        self._make_voices = make_voices or self._load_voices
        self.voice = VoiceName(settings.model, settings.memory)
        self.other = first_other(self.voice)
        self.panel: Panel = "none"
        self.tally = Tally()
        self.milliseconds: float | None = None
        self.sides: list[NextWords | None] = [None, None]
        self.inside: Inside | None = None
        self.looked: Looked | None = None
        self.notice: Notice | None = None
        self.question: Question | None = None
        self.refresh: Callable[[], None] = lambda: None
        self.keep_draft: Callable[[], None] = lambda: None
        self.keep_said: Callable[[], None] = lambda: None
        self.keep_reply: Callable[[], Callable[[str], None]] = lambda: lambda reply: None
        self.on_question: Callable[[], None] = lambda: None
        self.on_context: Callable[[], None] = lambda: None
        self.worker = Worker(self._post)
        self.disk = Worker(self._post)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._voices: Voices | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take note of the loop that results come back to."""
        self._loop = loop
        self.disk.start()

    def warm(self) -> None:
        """Begin to work: load the voice, so that the first key finds it awake."""
        name = self.voice

        def job(voices: Voices) -> Iterator[Any]:
            from rnnchat.tui.jobs import warm

            return warm(voices, name)

        self.run(Lane.WARM, job)
        self.worker.start()

    def run(
        self,
        lane: Lane,
        job: Job,
        on_event: Callable[[Any], None] = lambda event: None,
        on_end: Callable[[Exception | None], None] | None = None,
    ) -> None:
        """Let the worker do a job; without `on_end` a failure is told and all goes on."""
        self.worker.submit(lane, lambda: job(self._all_voices()), on_event, on_end or self.tell_failure)

    def suggest(self, ghost: Ghost, text: str) -> None:
        """Have `ghost` offered what comes after `text`."""

        def job(voices: Voices) -> Iterator[Any]:
            from rnnchat.tui.jobs import suggest

            return suggest(voices, name, text)

        def on_event(event: Suggested | Alternatives) -> None:
            if isinstance(event, Alternatives):
                ghost.consider(event.text, event.suggestions)
            else:
                self.milliseconds = event.milliseconds
                ghost.offer(event.text, event.suggestions)
                self.refresh()

        name = self.voice
        self.run(Lane.GHOST, job, on_event)

    def look(self, text: str, other_text: str, talk: tuple[Sequence[Turn], str] | None = None) -> None:
        """Have the open panel show what there is after a text; each side of the comparison reads its own.

        Args:
            talk: what was said and what is being written, where the conversation is what is looked at.
        """
        if self.panel == "none":
            return
        self.run(
            Lane.PANEL,
            self._comparing(text, other_text) if self.panel == "compare" else self._looking(text, talk),
            self._show,
        )

    def open_panel(self, panel: Panel) -> None:
        """Open a panel, or close it if it is open."""
        self.panel = "none" if panel == self.panel else panel
        self.sides, self.inside, self.looked = [None, None], None, None
        self.worker.cancel(Lane.PANEL)

    def speak_with(self, voice: VoiceName) -> None:
        """Use another voice from now on."""
        self.voice = voice
        if self.other == voice:
            self.other = first_other(voice)
        self.milliseconds = None
        self.sides, self.inside, self.looked = [None, None], None, None

    def tell(self, text: str, fault: bool = False) -> None:
        """Show one line for a while."""
        seconds = NOTICE_SECONDS * (2 if fault else 1)
        self.notice = Notice(text, fault, time.monotonic() + seconds)
        if self._loop is not None:
            self._loop.call_later(seconds + 0.05, self.refresh)
        self.refresh()

    def tell_failure(self, error: Exception | None) -> None:
        """Say what went wrong in a job, if anything did; typing goes on."""
        if error is None:
            return
        if isinstance(error, RnnchatError):
            self.tell(str(error), fault=True)
        else:
            what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            self.tell(f"the model failed ({what:.120}); typing goes on", fault=True)

    def ask(self, text: str, answers: dict[str, Callable[[], None]]) -> None:
        """Ask a question; the next key answers it."""
        self.question = Question(text, answers)
        self.on_question()

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call something on the screen's thread after a while."""
        if self._loop is not None:
            self._loop.call_later(seconds, call)

    def _comparing(self, text: str, other_text: str) -> Job:
        sides = [(self.voice, text), (self.other, other_text)]

        def job(voices: Voices) -> Iterator[Any]:
            from rnnchat.tui.jobs import next_words

            return next_words(voices, sides, CANDIDATES)

        return job

    def _looking(self, text: str, talk: tuple[Sequence[Turn], str] | None) -> Job:
        name = self.voice

        def job(voices: Voices) -> Iterator[Any]:
            from rnnchat.tui.jobs import look_inside

            return look_inside(voices, name, text, CANDIDATES, talk)

        return job

    def _show(self, event: NextWords | Inside | Looked) -> None:
        if isinstance(event, NextWords):
            self.sides[event.side] = event
        elif isinstance(event, Looked):
            self.looked = event
        else:
            self.inside = event
        self.refresh()

    def _all_voices(self) -> Voices:
        """Return the voices; on the worker's thread, where the heavy imports happen."""
        if self._voices is None:
            self._voices = self._make_voices(self.settings)
        return self._voices

    def _load_voices(self, settings: Settings) -> Voices:
        from rnnchat.heap import return_large_blocks
        from rnnchat.tui.voice import Voices

        return_large_blocks()
        return Voices(settings, lambda: self.worker.give_way(Lane.REPLY))

    def _post(self, call: Callable[[], None]) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(call)


def latest(text: str) -> str:
    """Return the end of `text` that completion reads. Its beginning moves in leaps: each move means reading anew."""
    return text[max(0, len(text) // BLOCK - 1) * BLOCK :]


def first_other(voice: VoiceName) -> VoiceName:
    """Return what a voice is compared with at first: itself without what was said before, or with it."""
    return VoiceName(voice.model, "message" if voice.memory == "full" else "full")


def voices_to_compare(voice: VoiceName, models: list[str]) -> list[VoiceName]:
    """Return all voices that make sense beside `voice`: other memories first, then other models."""
    same = [VoiceName(voice.model, memory) for memory in ("full", "message", "none")]
    others = [
        VoiceName(model, "full") for model in models if model != voice.model and not model.endswith("-feedforward")
    ]
    return [name for name in [*same, *others] if name != voice]


def model_names() -> list[str]:
    """Return the names of the models there are."""
    try:
        return list(model_folders())
    except RnnchatError:
        return []
