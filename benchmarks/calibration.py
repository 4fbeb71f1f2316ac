"""Whether probabilities mean what they say: of the suggestions shown as 0.7, are 70 % right?

A person types and accepts what is shown and right, at the default threshold; the gate and the calibration were fitted
on other lines (benchmarks/texts.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.report import PUBLIC_TEXTS, arguments, show
from benchmarks.texts import TEXTS, measuring_lines
from rnnchat.complete import Completer
from rnnchat.quality import Keystrokes, add_up, type_text

BINS = 10


def reliability(typed: Keystrokes) -> tuple[list[dict[str, Any]], float]:
    """Return a row for each tenth of probability, and the expected calibration error.

    The error is the mean over all shown suggestions of how far a bin's share of right ones is from its mean
    probability (Naeini 2015).
    """
    claimed = np.array([probability for probability, _ in typed.claims])
    right = np.array([was_right for _, was_right in typed.claims], float)
    bins = np.minimum((claimed * BINS).astype(int), BINS - 1)
    rows, error = [], 0.0
    for number in sorted(set(bins.tolist())):
        inside = bins == number
        gap = float(right[inside].mean() - claimed[inside].mean())
        error += abs(gap) * inside.sum() / len(claimed)
        rows.append(
            {
                "from": number / BINS,
                "shown": int(inside.sum()),
                "claimed": float(claimed[inside].mean()),
                "right": float(right[inside].mean()),
                "gap": gap,
            }
        )
    return rows, error


def main() -> None:
    """Type lines of every kind, print precision and error by kind, and the table over all."""
    options = arguments(__doc__ or "", model="everyday", lines=150)
    completer = Completer.load(options.model)
    rows, parts = [], []
    for kind, (name, _) in TEXTS.items():
        if not (PUBLIC_TEXTS / name).exists():
            print(f"{kind}: {name} is absent, left out; set RNNCHAT_TEXTS to the folder that holds it")
            continue
        lines = measuring_lines(kind, options.lines)
        parts.append(add_up(type_text(completer, line, 1, confident=True, context=before) for line, before in lines))
        rows.append(_row(kind, parts[-1]))
    if parts:
        whole = add_up(parts)
        show("calibration", [*rows, _row("all", whole)], options.json)
        show("reliability over all", reliability(whole)[0], options.json)


def _row(kind: str, typed: Keystrokes) -> dict[str, Any]:
    return {
        "text": kind,
        "shown": typed.shown,
        "coverage": typed.coverage,
        "precision": typed.precision,
        "calibration error": reliability(typed)[1],
        "saved": typed.saved,
    }


if __name__ == "__main__":
    main()
