"""One thread for all work with the model: the newest request of each lane wins, and no key ever waits.

A job is a generator that yields an event after each small step; between two steps the worker looks whether a newer
request, or one in a more urgent lane, has come. Events are handed to the thread of the screen, which drops those of
a job that is no longer the newest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

Post = Callable[[Callable[[], None]], object]


class Lane(IntEnum):
    """What a job is for; the more urgent first."""

    GHOST = 0
    REPLY = 1
    PANEL = 2
    WARM = 3
    DRAFT = 4
    PAGE_DRAFT = 5
    SETTING = 6


class Withdrawn(Exception):
    """Nobody wants what a job is at any more."""


@dataclass(eq=False)
class Task:
    """A job on its way.

    Args:
        start: makes the generator, on the worker's thread.
        on_event: called on the screen's thread with each event but None.
        on_end: called there at last, with the error that ended it or None; not for a job that was replaced.
    """

    start: Callable[[], Iterator[Any]]
    on_event: Callable[[Any], None]
    on_end: Callable[[Exception | None], None]
    steps: Iterator[Any] | None = None


class Worker:
    """Runs jobs until it is stopped.

    Args:
        post: hands a call to the screen's thread, such as loop.call_soon_threadsafe.
    """

    def __init__(self, post: Post) -> None:
        self._post = post
        self._newest: dict[Lane, Task] = {}  # whose events count
        self._waiting: dict[Lane, Task] = {}  # what is still to be worked on
        self._changed = threading.Condition()
        self._stopped = False
        self._at: Task | None = None  # whose step it is
        # A daemon: a step that is still running must not hold up who leaves.
        self._thread = threading.Thread(target=self._run, name="rnnchat-model", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def submit(
        self,
        lane: Lane,
        start: Callable[[], Iterator[Any]],
        on_event: Callable[[Any], None],
        on_end: Callable[[Exception | None], None] = lambda error: None,
    ) -> None:
        """Take on a job; what its lane was doing is given up."""
        with self._changed:
            self._newest[lane] = self._waiting[lane] = Task(start, on_event, on_end)
            self._changed.notify()

    def cancel(self, lane: Lane) -> None:
        """Give up what a lane is doing; none of its events comes any more."""
        with self._changed:
            self._newest.pop(lane, None)
            self._waiting.pop(lane, None)

    def is_busy(self, lane: Lane) -> bool:
        """Tell whether a lane has a job whose end has not been told yet."""
        return lane in self._newest

    def give_way(self, lane: Lane) -> None:
        """Within a long step of a job: do what is more urgent first.

        Raises:
            Withdrawn: the job was given up meanwhile, or replaced.
        """
        while True:
            with self._changed:
                if self._stopped or self._waiting.get(lane) is not self._at:
                    raise Withdrawn
                urgent = min(self._waiting)
                if urgent >= lane:
                    return
                task = self._waiting[urgent]
            at, self._at = self._at, task
            try:
                self._step(urgent, task)
            finally:
                self._at = at

    def stop(self, timeout: float = 0.0) -> bool:
        """End the thread after the step it is at; tell whether it has ended within `timeout` seconds."""
        with self._changed:
            self._stopped = True
            self._newest.clear()
            self._waiting.clear()
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._stopped:
                    self._changed.wait()
                if self._stopped:
                    return
                lane = min(self._waiting)
                task = self._at = self._waiting[lane]
            self._step(lane, task)

    def _step(self, lane: Lane, task: Task) -> None:
        """Let one job take one step, and hand on what comes of it."""
        fault: Exception | None = None
        try:
            if task.steps is None:
                task.steps = iter(task.start())
            event = next(task.steps)
        except StopIteration:
            event = None
        except Exception as error:
            event, fault = None, error
        else:
            if event is not None:
                self._hand_over(lambda: task.on_event(event) if self._newest.get(lane) is task else None)
            return
        with self._changed:
            if self._waiting.get(lane) is task:
                del self._waiting[lane]
        self._hand_over(lambda: self._end(lane, task, fault))

    def _end(self, lane: Lane, task: Task, fault: Exception | None) -> None:
        """On the screen's thread: tell the end of a job, unless a newer one has taken its place."""
        with self._changed:
            if self._newest.get(lane) is not task:
                return
            del self._newest[lane]
        task.on_end(fault)

    def _hand_over(self, call: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the screen's loop may be closed by now
            self._post(call)
