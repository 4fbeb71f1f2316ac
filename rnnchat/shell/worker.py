"""The thread that answers: of suggestions only a session's newest waits, everything else is done in order."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress

from rnnchat.errors import RnnchatError
from rnnchat.shell.protocol import Message
from rnnchat.shell.service import Service

DEADLINE = 0.25  # seconds after which a suggestion comes too late and is not sent
MOST_WAITING = 1_000  # commands that wait to be stored
PAUSE = 0.003  # seconds for whoever asked to take the answer: thinking ahead may keep the processor that they need

Answer = tuple[str, ...]
Sender = Callable[[Answer | None], None]  # takes the answer; None where there is none


class Worker(threading.Thread):
    """Does the work. Of suggestions only a session's newest waits; everything else is done in order."""

    def __init__(self, service: Service, stop: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self.service = service
        self._stop_server = stop
        self._ready = threading.Condition()
        service.is_urgent = self._is_asked
        self._orders: deque[tuple[Message, Sender]] = deque()
        self._suggest: OrderedDict[str, tuple[Message, Sender, float]] = OrderedDict()

    def put(self, message: Message, send: Sender) -> None:
        """Take a request; a waiting suggestion for the same session is answered with nothing."""
        with self._ready:
            if message.operation != "suggest":
                if len(self._orders) < MOST_WAITING:
                    self._orders.append((message, send))
                else:
                    send(None)
            else:
                overtaken = self._suggest.pop(message.fields[1], None)
                if overtaken:
                    overtaken[1](None)
                self._suggest[message.fields[1]] = (message, send, time.monotonic())
            self._ready.notify()

    def run(self) -> None:
        """Work until the process ends."""
        with suppress(RnnchatError):  # of a history that cannot be read doctor tells; we serve all the same
            self.service.prepare()
        while True:
            with self._ready:
                self._ready.wait_for(self._is_asked)
                if self._orders:
                    message, send = self._orders.popleft()
                    late = float("inf")
                else:
                    _, (message, send, since) = self._suggest.popitem(last=False)
                    late = since + DEADLINE
            try:
                answer = self.service.answer(message) if time.monotonic() < late else None
            except Exception as error:  # one request that breaks us must not end suggestions for good
                answer = ("error", f"something went wrong inside rnnchat ({type(error).__name__})")
                if os.environ.get("RNNCHAT_DEBUG"):
                    import traceback

                    traceback.print_exc()
            send(answer if time.monotonic() < late else None)
            if message.operation == "stop":
                self._stop_server()
            with self._ready:
                is_asked = self._ready.wait_for(self._is_asked, PAUSE)
            if not is_asked:
                self.service.think_ahead()

    def _is_asked(self) -> bool:
        return bool(self._orders or self._suggest)
