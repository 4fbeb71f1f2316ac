"""Counting the training text's runs of tokens, for the n-gram model that a checkpoint mixes with its network."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rnnchat.train.corpus import Tokens
from rnnchat.vocabulary import Unit

LONGEST: dict[Unit, int] = {"char": 6, "word": 4}  # tokens of the longest runs
MOST_TOKENS: dict[Unit, int] = {"char": 5_000_000, "word": 20_000_000}  # of a longer text the beginning is counted
MOST_ENTRIES = 1_000_000  # of one level; rarer runs are left out until no more are left
BLOCK = 1 << 20

Keys = npt.NDArray[np.int64]


def count_runs(tokens: Tokens, size: int, longest: int, most: int = MOST_ENTRIES) -> dict[str, npt.NDArray[np.generic]]:
    """Return the counts of all runs of 1 to `longest` of `tokens`, as counts.StoredCounts lays them out.

    Args:
        tokens: (T,) the training text.
        size: of the vocabulary.
        most: entries that a level may have; its rarest runs are left out for that.
    """
    narrow = np.uint16 if size <= 1 << 16 else np.uint32
    above = np.bincount(tokens, minlength=size)
    arrays: dict[str, npt.NDArray[np.generic]] = {"counts_1": above.astype(np.uint32)}
    discounts: list[float] = []
    entry = tokens.astype(np.int32)  # one level up, of the run that begins at each place; -1 where it was left out
    for number in range(2, longest + 1):
        runs = entry[: len(tokens) - number + 1].astype(np.int64)
        runs = np.where(runs >= 0, runs * size + tokens[number - 1 :], -1)
        found, often = _count(runs[runs >= 0])
        if not len(found):
            break
        once, twice = int((often == 1).sum()), int((often == 2).sum())
        discounts.append((once + 1) / (once + 2 * twice + 2))  # Ney, Essen and Kneser 1994, kept within 0 and 1
        kept = often >= _least(often, most)
        found, often = found[kept], often[kept]
        arrays[f"children_{number - 1}"] = np.bincount(found // size, minlength=len(above)).astype(narrow)
        arrays[f"tokens_{number}"] = (found % size).astype(narrow)
        arrays[f"counts_{number}"] = np.minimum(often, 65_535).astype(np.uint16)
        above, entry = often, _places(runs, found)
    return arrays | {"discounts": np.array(discounts, np.float32)}


def _count(keys: Keys) -> tuple[Keys, Keys]:
    """Return the different keys in order and how often each comes; np.unique, in a third of the memory."""
    keys.sort()
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    return keys[first], np.diff(first, append=len(keys))


def _places(keys: Keys, known: Keys) -> npt.NDArray[np.int32]:
    """Return where each key stands among the known ones, -1 for those that do not."""
    places = np.full(len(keys), -1, np.int32)
    for begin in range(0, len(keys), BLOCK) if len(known) else ():
        block = keys[begin : begin + BLOCK]
        found = np.minimum(np.searchsorted(known, block), len(known) - 1)
        places[begin : begin + BLOCK] = np.where(known[found] == block, found, -1)
    return places


def _least(often: Keys, most: int) -> int:
    """Return how often a run must come for at most `most` of them to be left."""
    least = 1
    while (often >= least).sum() > most:
        least += 1
    return least
