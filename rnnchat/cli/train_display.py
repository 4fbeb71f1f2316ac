"""What a training shows: a bar in a terminal, plain lines in a log, or JSON events."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from rnnchat.cli.output import console, emit, say, shows_progress
from rnnchat.hygiene import clean

if TYPE_CHECKING:
    from rnnchat.train.trainer import Progress, Trainer

LOG_SECONDS = 10.0


class Display(Protocol):
    """Hears of everything that a training does."""

    def note(self, sentence: str) -> None:
        """Tell the person something once."""
        ...

    def progress(self, progress: Progress) -> None:
        """Show where the training stands; called after every step."""
        ...

    def done(self, name: str, folder: Path, trainer: Trainer) -> None:
        """Say that the model is saved, and how to use it."""
        ...


@contextmanager
def open_display(as_json: bool) -> Iterator[Display]:
    """Yield the display that fits where the output goes."""
    if as_json:
        yield JsonDisplay()
    elif shows_progress():
        with bar_display() as display:
            yield display
    else:
        yield LogDisplay()


class JsonDisplay:
    """One JSON object for each event, on stdout."""

    def __init__(self) -> None:
        self.shown = 0.0

    def note(self, sentence: str) -> None:
        emit({"event": "note", "text": sentence})

    def progress(self, progress: Progress) -> None:
        if progress.held_out is not None or time.monotonic() - self.shown > 1.0:
            self.shown = time.monotonic()
            emit({"event": "progress", **asdict(progress)})

    def done(self, name: str, folder: Path, trainer: Trainer) -> None:
        emit(
            {
                "event": "done",
                "model": name,
                "folder": str(folder),
                "nats_per_char": trainer.best,
                "steps": trainer.step,
            }
        )


class LogDisplay:
    """Plain lines on stderr, few enough for a log file."""

    def __init__(self) -> None:
        self.shown = 0.0

    def note(self, sentence: str) -> None:
        say(sentence)

    def progress(self, progress: Progress) -> None:
        if progress.held_out is not None:
            say(f"{describe_place(progress)}  {describe_held_out(progress)}")
            say(f"    {one_line(progress.sample)}")
        elif time.monotonic() - self.shown > LOG_SECONDS:
            say(describe_place(progress))
        else:
            return
        self.shown = time.monotonic()

    def done(self, name: str, folder: Path, trainer: Trainer) -> None:
        say(f"saved as {name} ({trainer.best:.4f} nats/char held out); {how_to_try(name, trainer)}")


@contextmanager
def bar_display() -> Iterator[Display]:
    """Yield a display with a bar at the bottom, samples and notes scrolling above it."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    screen = console(stderr=True)
    columns = (BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TextColumn("{task.fields[state]}"))
    with Progress(*columns, TimeRemainingColumn(), console=screen) as bars:
        yield BarDisplay(bars, bars.add_task("", total=1.0, state=""))


class BarDisplay:
    """A rich progress bar; `bars` and `task` as rich knows them."""

    def __init__(self, bars: Any, task: Any) -> None:
        self.bars, self.task = bars, task

    def note(self, sentence: str) -> None:
        self.bars.console.print(clean(sentence, "line"))

    def progress(self, progress: Progress) -> None:
        held_out = f"held out {progress.best:.3f}  " if progress.best else ""
        state = f"train {progress.train:.3f}  {held_out}nats/char  {progress.tokens_per_second:,.0f} tokens/s"
        self.bars.update(self.task, completed=progress.progress, state=state)
        if progress.held_out is not None:
            self.bars.console.print(describe_held_out(progress))
            self.bars.console.print(f"  {one_line(progress.sample)}", style="dim italic")

    def done(self, name: str, folder: Path, trainer: Trainer) -> None:
        self.bars.update(self.task, completed=1.0)
        self.note(f"saved as {name} ({trainer.best:.4f} nats/char held out)")
        self.note(how_to_try(name, trainer))


def how_to_try(name: str, trainer: Trainer) -> str:
    """Return the command that shows what a new model can do."""
    memory = "" if "full" in trainer.config.memories else " --memory none"
    return f"try: rnnchat complete --model {name}{memory} 'Once'"


def one_line(sample: str | None) -> str:
    """Return a sample of text so that it fits a line of the display."""
    return clean(" ".join((sample or "").split()), "line")


def describe_place(progress: Progress) -> str:
    """Say where a training stands, in one line."""
    left = time.strftime("%H:%M:%S", time.gmtime(progress.seconds_left))
    return (
        f"{progress.progress:4.0%}  step {progress.step}  train {progress.train:.4f} nats/char  "
        f"{progress.tokens_per_second:,.0f} tokens/s  {left} left"
    )


def describe_held_out(progress: Progress) -> str:
    """Say how the held-out text fares."""
    return f"held out {progress.held_out:.4f} nats/char, best {progress.best:.4f}"
