"""Counting the training text's runs of tokens, for the n-gram model that a checkpoint mixes with its network."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rnnchat.train.corpus import Tokens

LONGEST = {"char": 6, "word": 4}  # tokens of the longest runs
MOST_ENTRIES = 1_000_000  # of one level; rarer runs are left out until no more are left


def count_runs(tokens: Tokens, size: int, longest: int, most: int = MOST_ENTRIES) -> dict[str, npt.NDArray[np.generic]]:
    """Return the counts of all runs of 1 to `longest` of `tokens`, as ngram.StoredCounts lays them out.

    Args:
        tokens: (T,) the training text.
        size: of the vocabulary.
        most: entries that a level may have; its rarest runs are left out for that.
    """
    narrow = np.uint16 if size <= 1 << 16 else np.uint32
    counts = np.bincount(tokens, minlength=size)
    arrays: dict[str, npt.NDArray[np.generic]] = {"counts_1": counts.astype(np.uint32)}
    discounts: list[float] = []
    entry = tokens.astype(np.int64)  # the entry, one level up, of the run that begins at each place; -1 for none
    for number in range(2, longest + 1):
        places = np.flatnonzero(entry[: len(tokens) - number + 1] >= 0)
        runs = entry[places] * size + tokens[places + number - 1]
        found, which, often = np.unique(runs, return_inverse=True, return_counts=True)
        if not len(found):
            break
        once, twice = int((often == 1).sum()), int((often == 2).sum())
        discounts.append(once / max(1, once + 2 * twice))
        least = _least(often, most)
        kept = often >= least
        parents, last = np.divmod(found[kept], size)
        arrays[f"children_{number - 1}"] = np.bincount(parents, minlength=len(counts)).astype(narrow)
        counts = often[kept]
        arrays[f"tokens_{number}"] = last.astype(narrow)
        arrays[f"counts_{number}"] = np.minimum(counts, 65_535).astype(np.uint16)
        numbers = np.where(kept, np.cumsum(kept) - 1, -1)
        entry = np.full(len(tokens), -1, np.int64)
        entry[places] = numbers[which]
    return arrays | {"discounts": np.array(discounts, np.float32)}


def _least(often: npt.NDArray[np.int64], most: int) -> int:
    """Return how often a run must come for at most `most` of them to be left."""
    least = 1
    while (often >= least).sum() > most:
        least += 1
    return least
