"""The app's figures: start, first suggestion, key to painted suggestion, quit, repaint, paste, memory over time."""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any

import pexpect
import pyte

from benchmarks.app_screen import AppScreen
from benchmarks.report import arguments, median, show
from rnnchat.tui.transcript import Exchange

TYPED = (
    "Hello, I would like to order a large pizza with mushrooms and extra cheese, please. "
    "Thank you very much for your help, and see you tomorrow morning at the station. "
)
RATE = 0.1  # seconds from key to key


class Process:
    """`rnnchat` on a pseudo-terminal, in a home of its own."""

    def __init__(self, *arguments: str) -> None:
        self._home = tempfile.TemporaryDirectory()
        environment = {**os.environ, "RNNCHAT_HOME": self._home.name, "TERM": "xterm-256color"}
        self.screen = pyte.Screen(80, 24)
        self._stream = pyte.Stream(self.screen)
        self.began = time.perf_counter()
        self.child = pexpect.spawn(
            sys.executable, ["-m", "rnnchat", *arguments], dimensions=(24, 80), encoding="utf-8", env=environment
        )
        self.child.delaybeforesend = None

    def until(self, seen: Callable[[], bool]) -> float:
        """Read until something is seen; return the seconds since the start."""
        end = time.perf_counter() + 30
        while not seen():
            if time.perf_counter() > end:
                raise TimeoutError("\n".join(self.screen.display))
            try:
                self._stream.feed(self.child.read_nonblocking(65536, 0.002))
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                break
        return time.perf_counter() - self.began

    def shows(self, text: str) -> bool:
        return any(text in line for line in self.screen.display)

    def suggests(self) -> bool:
        return any(cell.italics and cell.data.strip() for row in self.screen.buffer.values() for cell in row.values())

    def work(self) -> float:
        """Return the processor's seconds that the process has used."""
        with open(f"/proc/{self.child.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        if self.child.isalive():
            self.child.kill(signal.SIGKILL)
            self.child.wait()
        self.child.close(force=False)
        self._home.cleanup()


def measure_start() -> tuple[float, float, float, float]:
    """Return seconds from a cold start to the first frame, and to the suggestion after a first key sent then.

    Two of the clock, and two of the processor, which a busy machine moves less.
    """
    process = Process()
    frame = process.until(lambda: process.shows("nothing you"))
    frame_work = process.work()
    process.child.send("H")
    ghost = process.until(lambda: process.shows("› He") and process.suggests())
    ghost_work = process.work()
    process.close()
    return frame, ghost, frame_work, ghost_work


def measure_quit() -> float:
    """Return the seconds from Ctrl-D to the end of the process, while the model reads a long text."""
    process = Process("write")
    process.until(lambda: process.shows("untitled"))
    process.child.send("warm")
    process.until(lambda: process.shows(" ms"))
    process.child.send(f"\x1b[200~{TYPED * 40}station\x1b[201~")
    process.until(lambda: process.shows("at the station. Hello") and process.shows("station"))
    began = time.perf_counter()
    process.child.send("\x04")
    while process.child.isalive():
        process.until(lambda: not process.child.isalive())
    seconds = time.perf_counter() - began
    process.close()
    return seconds


async def measure_keys() -> list[float]:
    """Return the milliseconds from each key to the first frame with its suggestion, at ten keys a second.

    Keys after which the model is not sure enough to suggest anything are left out.
    """
    found: list[float] = []
    async with AppScreen() as screen:
        app = screen.app
        screen.press("f5")
        await screen.settled()
        sent = 0.0
        expected = ""

        def painted(_: object) -> None:
            nonlocal sent
            if sent and screen.draft == expected and app.ghost.visible(app.buffer.document):
                found.append(1000 * (time.perf_counter() - sent))
                sent = 0.0

        app.application.after_render += painted
        for character in TYPED * 2:
            expected += character
            sent = time.perf_counter()
            screen.type(character)
            await asyncio.sleep(RATE)
    return found


async def measure_repaint(lines: int) -> list[float]:
    """Return the milliseconds of repainting a transcript of `lines` lines, scrolled by a row each time."""
    async with AppScreen(120, 40) as screen:
        app = screen.app
        app.chat.exchanges[:] = [
            Exchange(f"message {n}", f"reply {n} " + "of some words " * 4) for n in range(lines // 3)
        ]
        await screen.settled()
        times = []
        for _ in range(200):
            app.chat.scroll(1)
            began = time.perf_counter()
            app.application._redraw()
            times.append(1000 * (time.perf_counter() - began))
        return times


async def measure_paste() -> float:
    """Return the seconds from a bracketed paste of 10,000 lines to its end on the screen."""
    text = "\n".join(f"line {number} of a long paste" for number in range(10_000))
    async with AppScreen() as screen:
        screen.press("f5")
        await screen.settled()
        began = time.perf_counter()
        await screen.paste(text)
        await screen.shows("line 9999 of")
        return time.perf_counter() - began


async def measure_memory(seconds: float) -> list[float]:
    """Return resident megabytes during scripted use on all pages, once each minute, the first after one minute.

    Some twenty keys a second and forty messages a minute: an hour of anybody's use takes a few minutes.
    """
    found: list[float] = []
    async with AppScreen() as screen:
        began = time.monotonic()
        while time.monotonic() < began + seconds:
            for key in ("f3", "f4"):
                screen.press(key)
                for character in "Knock, knock! I want to order a pizza":
                    screen.type(character)
                    await asyncio.sleep(0.02)
                screen.press("right")
                screen.press("enter")
                await screen.settled()
            screen.press("f4", "f5")
            screen.type("Dear Anna, thank you for the")
            await screen.settled()
            screen.press("f5")
            await screen.settled()
            if time.monotonic() > began + 60 * (len(found) + 1):
                found.append(resident())
        return [*found, resident()]


def resident() -> float:
    """Return the megabytes of memory this process holds."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def row(what: str, values: Sequence[float], unit: str, wanted: str) -> dict[str, Any]:
    """Return a line of the table."""
    worst = statistics.quantiles(values, n=100)[98] if len(values) >= 100 else max(values)
    return {
        "what": what,
        "median": median(values),
        "p99 or worst": worst,
        "unit": unit,
        "n": len(values),
        "wanted": wanted,
    }


def main() -> None:
    """Measure everything."""
    options = arguments(__doc__ or "", runs=20, memory_seconds=300.0)
    frames, ghosts, frame_works, ghost_works = zip(*(measure_start() for _ in range(options.runs)), strict=True)
    rows = [
        row("start to first frame", frames, "s", "median <= 0.5"),
        row("the same, of the processor", frame_works, "s", ""),
        row("start to first suggestion after the first key", ghosts, "s", "median <= 0.8"),
        row("the same, of the processor", ghost_works, "s", ""),
        row("quit while a prediction runs", [measure_quit() for _ in range(options.runs)], "s", "<= 0.1"),
    ]
    with tempfile.TemporaryDirectory() as home:
        os.environ["RNNCHAT_HOME"] = home
        rows.append(row("key to painted suggestion", asyncio.run(measure_keys()), "ms", "p50 <= 15, p99 <= 40"))
        rows.append(row("repaint with 5,000 lines", asyncio.run(measure_repaint(5_000)), "ms", "<= 20"))
    with tempfile.TemporaryDirectory() as home:
        os.environ["RNNCHAT_HOME"] = home
        rows.append(row("paste of 10,000 lines", [asyncio.run(measure_paste())], "s", "< 1"))
    with tempfile.TemporaryDirectory() as home:
        os.environ["RNNCHAT_HOME"] = home
        if options.memory_seconds:
            first, *others = asyncio.run(measure_memory(options.memory_seconds))
            rows.append(row("memory after a minute of use", [first], "MB", ""))
            rows += [
                row(f"more than that, minute {minute}", [megabytes - first], "MB", "<= 5")
                for minute, megabytes in enumerate(others, 2)
            ]
    show("app", rows, options.json)
    print(f"load average {os.getloadavg()[0]:.1f}", file=sys.stderr)


if __name__ == "__main__":
    main()
