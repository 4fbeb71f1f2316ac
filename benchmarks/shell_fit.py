"""Fit the weights of rnnchat/shell/ranking.py on the train part of public sessions, each with a history of its own.

    python -m benchmarks.shell_fit --sessions 40      prints weights.json

Sessions beyond the first `--sessions` are left for measuring, and so is all of the dev part. These sessions tell
nothing of directories, exit statuses, files and what was ignored: the weights of those are given by hand.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.report import PUBLIC_TEXTS, arguments
from benchmarks.shell_sessions import read_sessions
from rnnchat.recurrent import RecurrentModel
from rnnchat.shell.counts import Counts, Entry
from rnnchat.shell.ranking import FEATURES, NONE_FEATURES, Place, features, load_weights, none_features, word_ends
from rnnchat.shell.suggest import Suggester

BY_HAND = {"from disk": 1.0, "directory": 0.8, "elsewhere": -0.6, "failed": -1.2, "ignored": -0.3}
LONGEST = 80
WHOLE_LINE = 0.5  # how much the right whole line counts beside the right next word
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Moment:
    """A line being typed: what there was to choose from, and what was right.

    Attributes:
        table: (candidates, features).
        none: (none features,).
        line: (candidates,) which is the whole line.
        word: (candidates,) which begin with the right next word.
    """

    table: Array
    none: Array
    line: npt.NDArray[np.bool_]
    word: npt.NDArray[np.bool_]


def moments(sessions: list[list[str]], model: RecurrentModel) -> Iterator[Moment]:
    """Type each command and stop after no key, one, three, and at another place."""
    chance, weights = random.Random(0), load_weights()
    for session in sessions:
        suggester = Suggester(Counts(), weights, model, budget=10.0)
        for number, command in enumerate(session):
            anywhere = chance.randrange(len(command))
            for length in {0, 1, 3, anywhere}:
                if number and length < len(command) < LONGEST:
                    yield from moment(suggester, command, length)
            suggester.learn(Entry(command, time=number))


def moment(suggester: Suggester, command: str, length: int) -> Iterator[Moment]:
    prefix, counts = command[:length], suggester.counts
    place = Place("", "", counts.last_commands(""))
    candidates, _ = suggester.rank(prefix, place)
    if candidates:
        texts = [candidate.text for candidate in candidates]
        word = command[: word_ends(command, length)[0]]
        yield Moment(
            features(candidates, counts, place, prefix),
            none_features(counts, prefix),
            np.array([text == command for text in texts]),
            np.array([text[: word_ends(text, length)[0]] == word for text in texts]),
        )


def fit(found: list[Moment], decay: float = 1e-3) -> tuple[Array, Array]:
    """Return the weights that make what was right likeliest: the next word, and of its lines the whole line."""
    most = max(len(each.table) for each in found)
    table = torch.zeros(len(found), most, len(FEATURES))
    mask = torch.full((len(found), most + 1), -1e9)
    line, word = torch.zeros(len(found), most + 1), torch.zeros(len(found), most + 1)
    none = torch.tensor(np.stack([each.none for each in found]), dtype=torch.float32)
    for row, each in enumerate(found):
        size = len(each.table)
        table[row, :size] = torch.tensor(each.table)
        mask[row, :size] = mask[row, most] = 0.0
        line[row, :size] = torch.tensor(each.line)
        word[row, :size] = torch.tensor(each.word)
        word[row, most] = float(not each.word.any())
    weights = torch.zeros(len(FEATURES) + len(NONE_FEATURES), requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=600, line_search_fn="strong_wolfe")
    whole = line.sum(1) > 0

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        own, others = weights[: len(FEATURES)], weights[len(FEATURES) :]
        shares = torch.log_softmax(torch.cat([table @ own, (none @ others)[:, None]], 1) + mask, 1)
        right_word = torch.logsumexp(shares + torch.log(word.clamp(min=1e-30)), 1)
        right_line = torch.logsumexp(shares + torch.log(line.clamp(min=1e-30)), 1) - right_word
        value = -right_word.mean() - WHOLE_LINE * right_line[whole].sum() / len(found) + decay * weights.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    value = optimizer.step(loss)  # type: ignore[no-untyped-call]
    print(f"{len(found)} moments, loss {float(value.detach()):.4f}", file=sys.stderr)
    fitted = weights.detach().numpy().astype(np.float64)
    return fitted[: len(FEATURES)], fitted[len(FEATURES) :]


def main() -> None:
    """Fit and print."""
    options = arguments(__doc__ or "", model="shell", sessions=40)
    torch.set_num_threads(1)
    sessions = read_sessions(PUBLIC_TEXTS / "shell/csirtmu_sessions.train.txt")[: options.sessions]
    own, none = fit(list(moments(sessions, RecurrentModel.load(options.model))))
    candidate = {name: round(float(value), 3) for name, value in zip(FEATURES, own, strict=True)} | BY_HAND
    others = {name: round(float(value), 3) for name, value in zip(NONE_FEATURES, none, strict=True)}
    print(json.dumps({"candidate": candidate, "none": others}, indent=1))


if __name__ == "__main__":
    main()
