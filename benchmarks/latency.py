"""How long Completer.complete() takes while a person types, and whether it depends on how much was written before.

One thread. `typing` types sentences as quality.type_text does; `context` types the same sentence after texts of
growing length, in turns, so that a slow moment of the machine hits all of them.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks.report import arguments, median, milliseconds, show
from benchmarks.texts import TEXTS, measuring_lines
from rnnchat.complete import Completer
from rnnchat.quality import Keystrokes, add_up, type_text

LENGTHS = (100, 1_000, 10_000, 100_000)
SENTENCE = " We could meet at the station and then walk to the park together, if the weather stays fine."


def typing(model: str, sentences: int) -> list[dict[str, Any]]:
    """Type sentences of all kinds and return the milliseconds per call."""
    rows = []
    for count in (1, 3):
        completer = Completer.load(model)
        each = sentences // len(TEXTS)
        lines = [line for kind in TEXTS for line in measuring_lines(kind, each)]
        typed = add_up(type_read(completer, line, count, before) for line, before in lines)
        p50, p90, p99 = np.percentile(typed.milliseconds, [50, 90, 99])
        rows.append(
            {
                "suggestions": count,
                "sentences": len(lines),
                "calls": len(typed.milliseconds),
                "p50 ms": float(p50),
                "p90 ms": float(p90),
                "p99 ms": float(p99),
            }
        )
    return rows


def type_read(completer: Completer, line: str, count: int, before: str) -> Keystrokes:
    """Type a line after a text that stands there already, as it does when a person goes on with it."""
    completer.complete(before)
    return type_text(completer, line, count, context=before)


def opening(model: str, runs: int) -> list[dict[str, Any]]:
    """Return how long the first call takes on a text never seen, which has to be read."""
    completer = Completer.load(model)
    rows = []
    for length in (100, 1_000, 10_000, 100_000):
        texts = [(f"{run}. " + SENTENCE * (length // len(SENTENCE) + 1))[:length] for run in range(runs)]
        times = [median(milliseconds(lambda text=text: completer.complete(text), 1, 0)) for text in texts]  # type: ignore[misc]
        rows.append({"characters": length, "runs": runs, "median ms": median(times), "max ms": max(times)})
    return rows


def context(model: str, runs: int) -> list[dict[str, Any]]:
    """Return the median milliseconds of a key after texts of growing length, and the ratio to the shortest."""
    filler = (SENTENCE * (max(LENGTHS) // len(SENTENCE) + 1)).strip()
    completers: dict[int, Completer] = {}
    for length in LENGTHS:
        completers[length] = Completer.load(model)
        for end in range(min(length, 4_000), length, 4_000):  # written bit by bit, so that all of it is in the state
            completers[length].complete(filler[:end])
        completers[length].complete(filler[:length])
    times: dict[int, list[float]] = {length: [] for length in LENGTHS}
    for run in range(runs):
        words = f"{SENTENCE} {run}."
        for length, completer in completers.items():
            for end in range(1, len(words)):
                text = filler[:length] + words[:end]
                began = time.perf_counter()
                completer.complete(text)
                times[length].append(1000 * (time.perf_counter() - began))
    shortest = median(times[LENGTHS[0]])
    return [
        {
            "characters before": length,
            "calls": len(each),
            "p50 ms": median(each),
            "p99 ms": float(np.percentile(each, 99)),
            "ratio of p50": median(each) / shortest,
        }
        for length, each in times.items()
    ]


def main() -> None:
    """Measure both and print."""
    options = arguments(__doc__ or "", model="everyday", sentences=2_000, runs=20)
    show("latency while typing", typing(options.model, options.sentences), options.json)
    show("latency of the first call on a text", opening(options.model, min(options.runs, 7)), options.json)
    show("latency and context", context(options.model, options.runs), options.json)


if __name__ == "__main__":
    main()
