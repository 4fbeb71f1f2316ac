"""What was said, for a network with attention to look back at."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rnnchat.config import ECHO, ECHOED, ECHOES, GLIMPSED, LOOK_AHEAD, LOOK_BEHIND, REMEMBERED
from rnnchat.model import Array
from rnnchat.vocabulary import TURN_MARKS

STORED = REMEMBERED + 256  # tokens that a store has room for; once it is full, the newest move to another


class Said:
    """The tokens read so far and their keys, the newest REMEMBERED or so of them; a value.

    Values that grew from each other share one store: each sees its own beginning of it, and only the longest may
    write behind its end. So a step costs no copy of all that was said; a second one from the same value copies the
    store, some 2 MB where keys are 128 wide.

    Args:
        width: of a key, K; each is kept in two halves.

    Attributes:
        runs: (S,), how much of what stands before each was read last; 1 is LOOK_BEHIND tokens.
        echo: (S,), how much of what comes at each was said in the turn before this one; see `echoes`.
    """

    __slots__ = ("_begin", "_end", "_filled", "_halves", "_settled", "_tokens", "echo", "runs", "width")

    def __init__(self, width: int) -> None:
        self.width = width
        self.runs: Array = np.zeros(0, np.float32)
        self.echo: Array = np.zeros(0, np.float32)
        self._halves: Array = np.zeros((STORED, 2 * width), np.float32)
        self._settled: Array = np.zeros((STORED, width), np.float32)  # keys that no later token changes
        self._tokens = np.zeros(STORED, np.int64)
        self._filled = [0]  # of the store, shared like the arrays
        self._begin = self._end = 0

    def then(self, key: Array, token: int) -> Said:
        """Return what was said before, and then `token` with the two halves of its key (2K,)."""
        grown = Said.__new__(Said)
        grown.width = self.width
        if self._filled[0] != self._end or self._end == len(self._tokens):
            kept = slice(max(self._begin, self._end - REMEMBERED), self._end)
            grown._begin, grown._end = 0, kept.stop - kept.start
            for name in ("_halves", "_settled", "_tokens"):
                store = np.empty_like(getattr(self, name))
                store[: grown._end] = getattr(self, name)[kept]
                setattr(grown, name, store)
            grown._filled = [0]
        else:
            grown._halves, grown._settled, grown._tokens = self._halves, self._settled, self._tokens
            grown._begin, grown._end, grown._filled = self._begin, self._end, self._filled
        grown._halves[grown._end], grown._tokens[grown._end] = key, token
        if (settled := grown._end - LOOK_AHEAD) >= 0:
            grown._settled[settled] = grown._halves[settled, : self.width] + key[self.width :]
        grown._end += 1
        grown._filled[0] = grown._end
        grown._begin = max(grown._begin, grown._end - REMEMBERED)
        # What ran before a token goes on before the next one if that, too, is what was read.
        runs = np.zeros(len(self) + 1, np.float32)
        np.minimum(self.runs + np.float32(1 / LOOK_BEHIND), 1, out=runs[1:])
        runs[1:] *= self.tokens == token
        grown.runs = runs[-len(grown) :]
        if token in TURN_MARKS:
            grown.echo = echoes(grown.tokens)
        else:
            grown.echo = np.zeros(len(grown), np.float32)
            near = min(GLIMPSED, len(self) + 1) - 1
            grown.echo[len(grown) - 1 - near : -1] = self.echo[len(self) - near :]
        return grown

    def __len__(self) -> int:
        return self._end - self._begin

    @property
    def keys(self) -> Array:
        """(S, K), oldest first: what led to each token, and what was known LOOK_AHEAD later or is known now."""
        cut = max(self._begin, self._end - LOOK_AHEAD)
        newest = self._halves[cut : self._end]
        return np.concatenate([self._settled[self._begin : cut], newest[:, : self.width] + newest[-1, self.width :]])

    @property
    def tokens(self) -> npt.NDArray[np.int64]:
        """(S,), oldest first."""
        return self._tokens[self._begin : self._end]


def echoes(tokens: npt.NDArray[np.int64]) -> Array:
    """Return (S,): how much of what comes at each of `tokens` was said in the turn before the one that now begins.

    As train.attention.echoes: 0 to 1, which is ECHOES runs of ECHO tokens that begin among the next ECHOED.
    """
    echo = np.zeros(len(tokens), np.float32)
    marks = np.isin(tokens, TURN_MARKS)
    begins = np.flatnonzero(marks[:-1])
    before = int(begins[-1]) if len(begins) else 0
    if min(before, len(tokens) - before - 2) < ECHO:
        return echo
    windows = np.lib.stride_tricks.sliding_window_view
    gram = (windows(tokens, ECHO) << (16 * np.arange(ECHO))).sum(1)
    whole = ~np.asarray(windows(marks, ECHO).any(1))
    heard = whole[:before] & np.isin(gram[:before], gram[before:][whole[before:]])
    coming = np.convolve(heard, np.ones(ECHOED))[ECHOED - 1 :]
    echo[:before] = np.minimum(coming / ECHOES, 1.0)
    echo[: max(0, len(tokens) - GLIMPSED)] = 0.0
    return echo
