"""Keystrokes saved on other people's texts, counted as rnnchat/quality.py defines it.

Unrelated sentences each start fresh; a dialogue's turns and a mail's lines have those before them as context.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.report import PUBLIC_TEXTS, arguments, show
from benchmarks.texts import TEXTS, measuring_lines
from rnnchat.checkpoint import Memory
from rnnchat.complete import Completer
from rnnchat.quality import Keystrokes, add_up, nats_per_character, type_text


def interval(lines: list[Keystrokes], draws: int = 1_000) -> float:
    """Return half the width of the 95 % interval of keystrokes saved, by bootstrap over lines."""
    keys = np.array([line.keys for line in lines])
    characters = np.array([line.characters for line in lines])
    chosen = np.random.default_rng(0).integers(0, len(lines), (draws, len(lines)))
    saved = 1 - keys[chosen].sum(axis=1) / characters[chosen].sum(axis=1)
    low, high = np.percentile(saved, [2.5, 97.5])
    return float(high - low) / 2


def measure(kind: str, memory: Memory, model: str, limit: int) -> dict[str, Any]:
    """Type up to `limit` lines of one kind, drawn by a fixed seed."""
    lines = measuring_lines(kind, limit)
    completer = Completer.load(model, memory)
    one = [type_text(completer, line, 1, context=before) for line, before in lines]
    three = [type_text(completer, line, 3, context=before) for line, before in lines]
    sure = add_up(type_text(completer, line, 1, confident=True, context=before) for line, before in lines)
    total = add_up(one)
    nats = sum(nats_per_character(completer.model, line) * len(line) for line, _ in lines)
    p50, p99 = np.percentile(total.milliseconds, [50, 99])
    return {
        "text": kind,
        "memory": memory,
        "lines": len(lines),
        "saved": total.saved,
        "+-": interval(one),
        "saved of 3": add_up(three).saved,
        "saved when sure": sure.saved,
        "precision": sure.precision,
        "coverage": sure.coverage,
        "accepted length": float(np.mean(total.accepted or [0])),
        "nats/char": nats / total.characters,
        "p50 ms": float(p50),
        "p99 ms": float(p99),
    }


def main() -> None:
    """Measure every text that is there and print."""
    options = arguments(__doc__ or "", model="everyday", lines=150, memories="full,message,none")
    rows = []
    for kind, (name, _) in TEXTS.items():
        if not (PUBLIC_TEXTS / name).exists():
            print(f"{kind}: {name} is absent, left out; set RNNCHAT_TEXTS to the folder that holds it")
            continue
        rows += [measure(kind, memory, options.model, options.lines) for memory in options.memories.split(",")]
    if rows:
        show("keystrokes", rows, options.json)


if __name__ == "__main__":
    main()
