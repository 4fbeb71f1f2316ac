"""Fit the weights of rnnchat/shell/ranking.py on public sessions, each with a history of its own.

    python -m benchmarks.shell_fit > rnnchat/shell/weights.json

Only every second session of the train part is used, and made-up people with habits (shell_habits.py); the other
sessions, and all of the dev part, are for measuring. These sessions tell nothing of directories, exit statuses, files
and what was ignored: those weights are given by hand.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.report import PUBLIC_TEXTS, arguments
from benchmarks.shell import Elsewhere
from benchmarks.shell_habits import people
from benchmarks.shell_sessions import fitted_on, read_sessions
from rnnchat.shell import lines, nextword
from rnnchat.shell.counts import Counts, Entry
from rnnchat.shell.lines import Place, Successors
from rnnchat.shell.ranking import Scorer, Weights, weights_from
from rnnchat.shell.suggest import Suggester

LINES_BY_HAND = {
    "from disk": 1.0, "directory": 0.8, "elsewhere": -0.6, "failed": -1.2, "ignored": -0.6,
    "network, next word": 0.05, "network, rest": 0.05,
}  # fmt: skip
WORDS_BY_HAND = {"from disk": 1.0, "network": 0.1, "network is sure": 1.0}
HIDDEN = {"empty": 24, "lines": 32, "words": 32}
DECAY = {"empty": 4e-3, "lines": 1.5e-3, "words": 3e-4}
PEOPLE = 60  # with habits
TYPED = 5  # characters of a word after which it is looked at
Array = npt.NDArray[np.float64]
Values = dict[str, list[Any]]


@dataclass(frozen=True)
class Moment:
    """A line being typed: what there was to choose from, and what was right.

    Attributes:
        table: (candidates, features).
        kind: (candidates,) which of the two scorers is theirs.
        none: (none features,).
        right: (candidates,).
    """

    table: Array
    kind: npt.NDArray[np.int64]
    none: Array
    right: npt.NDArray[np.bool_]


def no_weights() -> Weights:
    """Return weights with which everything is equally likely."""

    def scorer(features: int, none: int, by_hand: int) -> Scorer:
        nothing = np.zeros(features), np.zeros((features, 1)), np.zeros(1), np.zeros(1), np.zeros(none)
        return Scorer(*nothing, np.zeros(by_hand), np.zeros(1))

    line = scorer(len(lines.FEATURES), len(lines.NONE), len(lines.BY_HAND))
    word = scorer(len(nextword.FEATURES), len(nextword.NONE), len(nextword.BY_HAND))
    return Weights(line, line, word, word)


def suggesters(sessions: list[list[str]], weights: Weights) -> Iterator[tuple[Suggester, str]]:
    """Yield each command with a suggester that has seen the session so far."""
    for session in sessions:
        made = Suggester(Counts(), weights)
        made.gate.existence = Elsewhere()
        for number, command in enumerate(session):
            yield made, command
            made.learn(Entry(command, time=number))


def line_moments(sessions: list[list[str]], lengths: str) -> Iterator[Moment]:
    """Look at the whole line on an empty line, or after one key, two, three and at another place."""
    chance = random.Random(0)
    for made, command in suggesters(sessions, no_weights()):
        anywhere = {1, 2, 3, min(len(command) - 1, 4 + chance.randrange(10))}
        for length in {0} if lengths == "empty" else anywhere:
            if length >= len(command):
                continue
            prefix, place = command[:length], Place("", "", made.counts.last_commands(""))
            successors = Successors(made.counts, made.known, place, prefix)
            found = made.gather(prefix, place, successors, 0.0)
            if found:
                table = lines.line_features(found, made.counts, made.known, successors)
                right = np.array([each.text == command for each in found])
                none = lines.none_features(made.counts, prefix, len(found))
                yield Moment(table, np.zeros(len(found), np.int64), none, right)


def word_moments(sessions: list[list[str]], weights: Weights) -> Iterator[Moment]:
    """Look at each word before it is begun, and at half of the places within it."""
    chance = random.Random(0)
    for made, command in suggesters(sessions, weights):
        for length in range(len(command)):
            begun = command[:length].rpartition(" ")[2]
            if len(begun) > TYPED or (begun and chance.random() < 0.5):
                continue
            prefix, place = command[:length], Place("", "", made.counts.last_commands(""))
            words = made.next_words(prefix, place, *made.rank_lines(prefix, place))
            if words.insertions:
                ends = [length + len(insertion) for insertion in words.insertions]
                right = [
                    command.startswith(insertion, length) and command[end : end + 1] in ("", " ")
                    for insertion, end in zip(words.insertions, ends, strict=True)
                ]
                yield Moment(words.table, np.array(words.is_argument, np.int64), words.none, np.array(right))


def fit(found: list[Moment], kinds: int, hidden: int, decay: float, rounds: int) -> list[Values]:
    """Return the weights of `kinds` scorers that make what was right likeliest."""
    torch.manual_seed(0)
    rows = np.concatenate([each.table for each in found])
    middle, spread = rows.mean(0), rows.std(0) + 1e-6
    most, width = max(len(each.table) for each in found), rows.shape[1]
    table = torch.zeros(len(found), most, width)
    kind = torch.zeros(len(found), most, dtype=torch.long)
    mask, right = torch.full((len(found), most + 1), -1e9), torch.zeros(len(found), most + 1)
    for row, each in enumerate(found):
        size = len(each.table)
        table[row, :size] = torch.tensor((each.table - middle) / spread)
        kind[row, :size] = torch.tensor(each.kind)
        mask[row, :size] = mask[row, most] = 0.0
        right[row, :size] = torch.tensor(each.right)
        right[row, most] = float(not each.right.any())
    none = torch.tensor(np.stack([each.none for each in found]), dtype=torch.float32)
    parts = [torch.zeros(kinds, width), torch.randn(kinds, width, hidden) * 0.1, torch.zeros(kinds, hidden)]
    parts += [torch.randn(kinds, hidden) * 0.1, torch.zeros(kinds, none.shape[1])]
    for part in parts:
        part.requires_grad_()
    linear, inner, bias, outer, nothing = parts
    optimizer = torch.optim.Adam(parts, lr=0.01)

    def loss(chosen: torch.Tensor) -> torch.Tensor:
        x, which = table[chosen], kind[chosen]
        each = [x @ linear[k] + torch.tanh(x @ inner[k] + bias[k]) @ outer[k] for k in range(kinds)]
        scores = torch.stack(each, -1).gather(-1, which[..., None])[..., 0]
        last = (none[chosen] * nothing[which[:, 0]]).sum(-1, keepdim=True)
        shares = torch.log_softmax(torch.cat([scores, last], 1) + mask[chosen], 1)
        value = -torch.logsumexp(shares + torch.log(right[chosen].clamp(min=1e-30)), 1).mean()
        return value + decay * sum((part.square().sum() for part in (linear, inner, outer)), torch.tensor(0.0))

    for number in range(rounds):
        for group in optimizer.param_groups:
            group["lr"] = 0.01 * (1 - number / rounds)
        total = 0.0
        for chosen in torch.randperm(len(found)).split(256):  # type: ignore[no-untyped-call]
            optimizer.zero_grad()
            value = loss(chosen)
            value.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += float(value.detach()) * len(chosen)
    print(f"{len(found)} moments, loss {total / len(found):.4f}", file=sys.stderr)
    results = []
    for k in range(kinds):
        own = [part[k].detach().numpy().astype(np.float64) for part in parts]
        # The features are used as they come, so what scales them goes into the weights.
        scaled = own[1] / spread[:, None]
        values = own[0] / spread, scaled, own[2] - middle @ scaled, own[3], own[4]
        names = ("linear", "inner", "bias", "outer", "none")
        results.append({name: value.round(4).tolist() for name, value in zip(names, values, strict=True)})
        results[-1]["offset"] = [round(-float(middle @ values[0]), 4)]
    return results


def by_hand(names: tuple[str, ...], values: dict[str, float]) -> list[float]:
    return [values.get(name, 0.0) for name in names]


def main() -> None:
    """Fit and print."""
    options = arguments(__doc__ or "", rounds=60, word_rounds=40)
    torch.set_num_threads(1)
    sessions = fitted_on(read_sessions(PUBLIC_TEXTS / "shell/csirtmu_sessions.train.txt"))
    sessions += people(PUBLIC_TEXTS, PEOPLE, seed=1)
    found: dict[str, Values] = {}
    for name in ("empty", "lines"):
        moments = list(line_moments(sessions, name))
        [found[name]] = fit(moments, 1, HIDDEN[name], DECAY[name], options.rounds)
        found[name]["by_hand"] = by_hand(lines.BY_HAND, LINES_BY_HAND)
    rest = no_weights()
    weights = weights_from(found | {"names": vars(rest.names), "arguments": vars(rest.arguments)})
    names, words = fit(list(word_moments(sessions, weights)), 2, HIDDEN["words"], DECAY["words"], options.word_rounds)
    for name, values in (("names", names), ("arguments", words)):
        found[name] = values | {"by_hand": by_hand(nextword.BY_HAND, WORDS_BY_HAND)}
    print(json.dumps(found, separators=(",", ":")))


if __name__ == "__main__":
    main()
