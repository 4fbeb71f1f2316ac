"""Keystrokes saved on other people's texts, counted as rnnchat/quality.py defines it, by every predictor we know.

Unrelated sentences each start fresh; a dialogue's turns and a mail's lines have those before them as context. The
bundled model's gate and calibration were fitted on the first part of each text, which is not measured here.

    full, message, none    the model with that memory
    network                the network of `full` alone, without any counts
    n-gram, unigram        the training text's counts alone
    presage                Debian's presage, where it is installed
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.presage import Presage
from benchmarks.report import PUBLIC_TEXTS, arguments, show
from benchmarks.texts import DIALOGUES, TEXTS, Line, measuring_lines
from rnnchat.complete import Completer
from rnnchat.counts import LiveCounts, StoredCounts
from rnnchat.errors import ModelError
from rnnchat.ngram import NgramModel
from rnnchat.quality import Keystrokes, add_up, nats_per_character, type_text
from rnnchat.recurrent import RecurrentModel, load_checkpoint

DRAWS = 2_000  # of the bootstrap


def predictors(model: str) -> dict[str, Callable[[], Any]]:
    """Return name → what makes a Completer, or something with its interface."""

    def ngram(levels: bool) -> Completer:
        checkpoint = load_checkpoint(model, "full")
        if checkpoint.counts is None:
            raise ModelError(f"{model} has no counts; its n-gram is left out")
        stored = StoredCounts(checkpoint.counts, len(checkpoint.vocabulary))
        return Completer(NgramModel(checkpoint.vocabulary, stored if levels else LiveCounts(), stored.unigram))

    return {
        "full": lambda: Completer.load(model, "full"),
        "message": lambda: Completer.load(model, "message"),
        "none": lambda: Completer.load(model, "none"),
        "network": lambda: Completer(RecurrentModel.load(model)),
        "n-gram": lambda: ngram(True),
        "unigram": lambda: ngram(False),
        "presage": Presage,
    }


def half_width(one: Sequence[Keystrokes], other: Sequence[Keystrokes] | None = None) -> float:
    """Return half the width of the 95 % interval of keystrokes saved, by bootstrap over lines.

    Args:
        other: the same lines typed in another way; then of the difference (paired).
    """
    characters = np.array([line.characters for line in one])
    keys = np.array([line.keys for line in one], np.int64)
    if other is not None:
        keys = keys - np.array([line.keys for line in other])
    chosen = np.random.default_rng(0).integers(0, len(one), (DRAWS, len(one)))
    low, high = np.percentile(keys[chosen].sum(axis=1) / characters[chosen].sum(axis=1), [2.5, 97.5])
    return float(high - low) / 2


def measure(kind: str, name: str, completer: Any, lines: list[Line]) -> dict[str, Any]:
    """Type the lines with one suggestion, with three, and with one where it is sure."""
    one = [type_text(completer, line, 1, context=before) for line, before in lines]
    three = [type_text(completer, line, 3, context=before) for line, before in lines]
    total = add_up(one)
    row: dict[str, Any] = {
        "text": kind,
        "predictor": name,
        "lines": len(lines),
        "saved": total.saved,
        "+-": half_width(one),
        "of 3": add_up(three).saved,
    }
    sure, nats = Keystrokes(), 0.0
    if isinstance(completer, Completer):
        sure = add_up(type_text(completer, line, 1, confident=True, context=before) for line, before in lines)
        nats = sum(nats_per_character(completer.model, line) * len(line) for line, _ in lines)
    p50, p99 = np.percentile(total.milliseconds, [50, 99])
    return row | {
        "when sure": sure.saved,
        "precision": sure.precision,
        "coverage": sure.coverage,
        "length": float(np.mean(total.accepted or [0])),
        "nats/char": nats / total.characters,
        "p50 ms": float(p50),
        "p99 ms": float(p99),
    }


def compare(kind: str, model: str, limit: int) -> list[dict[str, Any]]:
    """Return how much more the memory `full` saves than the others on the same lines, with paired intervals."""
    lines = measuring_lines(kind, limit)
    typed: dict[str, list[Keystrokes]] = {}
    for memory in ("full", "message", "none"):
        completer = predictors(model)[memory]()
        typed[memory] = [type_text(completer, line, 1, context=before) for line, before in lines]
    saved = {memory: add_up(each).saved for memory, each in typed.items()}
    return [
        {
            "text": kind,
            "lines": len(lines),
            "full": saved["full"],
            "against": other,
            "saved": saved[other],
            "gain": saved["full"] - saved[other],
            "+-": half_width(typed["full"], typed[other]),
        }
        for other in ("message", "none")
    ]


def main() -> None:
    """Measure every text that is there and print."""
    options = arguments(
        __doc__ or "",
        model="everyday",
        lines=150,
        predictors=",".join(predictors("everyday")),
        texts=",".join(TEXTS),
        paired=0,
    )
    present = [kind for kind in options.texts.split(",") if (PUBLIC_TEXTS / TEXTS[kind][0]).exists()]
    for kind in sorted(set(options.texts.split(",")) - set(present)):
        print(f"{kind}: {TEXTS[kind][0]} is absent, left out; set RNNCHAT_TEXTS to the folder that holds it")
    rows: list[dict[str, Any]] = []
    for name in filter(None, options.predictors.split(",")):
        try:
            completer = predictors(options.model)[name]()
        except (ModelError, FileNotFoundError) as error:
            print(f"{name}: {error}")
            continue
        rows += [measure(kind, name, completer, measuring_lines(kind, options.lines)) for kind in present]
    if rows:
        rows.sort(key=lambda row: present.index(row["text"]))
        show("keystrokes", rows, options.json)
    pairs = [
        row
        for kind in present
        if kind in DIALOGUES and options.paired
        for row in compare(kind, options.model, options.paired)
    ]
    if pairs:
        show("keystrokes, memory against memory", pairs, options.json)


if __name__ == "__main__":
    main()
