"""Suggestions replayed on other people's shell sessions: predict each command, then learn it.

Each session starts with an empty history unless `--carry 1`, where one person is taken to have run them all: so the
figures of issue 6 for other tools were counted, as their recency of 0.42 shows (0.41 here; 0.57 with `--carry 1`). Some
of these people pasted private keys and whole programs as commands. We never offer what may hold a secret or is longer
than 256 characters, so "saved" counts commands that may be offered, and "saved, all" counts every line. The baselines
see the same: the newest line with that beginning (zsh-autosuggestions), the newest that followed the last
command (its match_prev_cmd), frecency, and a trigram of words. Made-up people with habits (shell_habits.py) are others
than those that the ranking was fitted on. Unseen commands are typed with an empty history, each by itself.
"""

from __future__ import annotations

import csv
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from benchmarks.report import PUBLIC_TEXTS, arguments, show
from benchmarks.shell_habits import people
from benchmarks.shell_sessions import MOST_PREFIX, Score, add_command, keys_for, measured_on, read_sessions, shuffled
from rnnchat.shell.counts import Counts, Entry
from rnnchat.shell.existence import Existence, Shell
from rnnchat.shell.history import may_keep
from rnnchat.shell.ranking import Weights, load_weights
from rnnchat.shell.suggest import Request, Suggester

# What a person without a history types in the first weeks.
EVERYDAY = (
    r"(?:ls|cd|cp|mv|cat|less|head|tail|grep|find|tar|gzip|unzip|zip|wc|sort|uniq|cut|sed|awk|chmod|chown|ln|mkdir|touch"
    r"|du|df|ps|kill|top|git|docker|ssh|scp|rsync|curl|wget|ping|tree|diff|file|which|man|echo|xargs|tee|date)\s"
)


class Player(Protocol):
    """What predicts and learns."""

    def predict(self, prefix: str, count: int) -> list[str]: ...
    def learn(self, command: str) -> None: ...


class Elsewhere(Existence):
    """The sessions ran on other machines: what is on this one's disk says nothing of them."""

    def may_run(self, line: str, directory: str, shell: Shell | None) -> bool:
        return True


class Ours:
    """The daemon's own suggester, with its own limit of time, thinking ahead between keys as the daemon does."""

    def __init__(self, model: Any, weights: Weights, confident: bool) -> None:
        self.suggester = Suggester(Counts(), weights, model)
        self.suggester.gate.existence = Elsewhere()
        self.confident = confident
        self.number = 0
        self.milliseconds: list[float] = []
        self._memo: dict[str, list[str]] = {}

    def predict(self, prefix: str, count: int) -> list[str]:
        """Return the ghost, where one is wanted, else the likeliest whole commands."""
        key = f"{count > 1}{prefix}"
        if key not in self._memo:
            request = Request(prefix, count=5, confident=True)
            if count > 1:
                request = Request(prefix, count=5, confident=False)
            self.suggester.threshold, self.suggester.empty_threshold = (0.15, 0.2) if self.confident else (0.0, 0.0)
            began = time.perf_counter()
            self._memo[key] = [each.line for each in self.suggester.suggest(request)]
            self.milliseconds.append(1000 * (time.perf_counter() - began))
            self.suggester.think_ahead(request)
        return self._memo[key][:count]

    def learn(self, command: str) -> None:
        self._memo.clear()
        self.number += 1
        if may_keep(command):  # the daemon drops what may hold a secret
            self.suggester.learn(Entry(command, time=self.number))


class Recency:
    """zsh-autosuggestions' strategy "history": the newest command that begins so."""

    def __init__(self) -> None:
        self.commands: list[str] = []

    def predict(self, prefix: str, count: int) -> list[str]:
        found: dict[str, None] = {}
        for command in reversed(self.commands):
            if command.startswith(prefix) and command != prefix:
                found[command] = None
                if len(found) == count:
                    break
        return list(found)

    def learn(self, command: str) -> None:
        self.commands.append(command)


class MatchPrevious(Recency):
    """zsh-autosuggestions' strategy "match_prev_cmd": of those, the newest that followed what was run last."""

    def predict(self, prefix: str, count: int) -> list[str]:
        newest = super().predict(prefix, count)
        last = self.commands[-1] if self.commands else ""
        pairs = zip(reversed(self.commands[1:]), reversed(self.commands[:-1]), strict=True)
        fits = (now for now, before in list(pairs)[:200] if before == last and now.startswith(prefix) and now != prefix)
        return list(dict.fromkeys([*islice(fits, 1), *newest]))[:count]


class Frecency(Recency):
    """How often, each time worth less the longer ago it was (half after 50 commands)."""

    def predict(self, prefix: str, count: int) -> list[str]:
        weight: defaultdict[str, float] = defaultdict(float)
        for age, command in enumerate(reversed(self.commands)):
            if command.startswith(prefix) and command != prefix:
                weight[command] += 0.5 ** (age / 50)
        return sorted(weight, key=lambda command: -weight[command])[:count]


class Trigram(Recency):
    """The likeliest next word after two words, completed word by word; after that the newest line."""

    def __init__(self) -> None:
        super().__init__()
        self.after: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)

    def predict(self, prefix: str, count: int) -> list[str]:
        words = prefix.split()
        begun = words.pop() if words and not prefix.endswith(" ") else ""
        line, text = ["", "", *words], prefix
        for _ in range(12):
            counts = self.after.get((line[-2], line[-1]), Counter[str]())
            best = next((word for word, _ in counts.most_common() if word.startswith(begun) and word != begun), "\n")
            if best == "\n":
                break
            text += ("" if begun or not text or text.endswith(" ") else " ") + best[len(begun) :]
            line.append(best)
            begun = ""
        return list(dict.fromkeys([*([text] if text != prefix else []), *super().predict(prefix, count)]))[:count]

    def learn(self, command: str) -> None:
        super().learn(command)
        words = ["", "", *command.split(), "\n"]
        for one, two, three in zip(words, words[1:], words[2:], strict=False):
            self.after[one, two][three] += 1


def replay(sessions: list[list[str]], make: Callable[[], Player], carry: bool) -> Score:
    """Type all sessions."""
    score, player = Score(), make()
    for session in sessions:
        player = player if carry else make()
        for command in session:
            # zsh-autosuggestions shows nothing on an empty line.
            silent = isinstance(player, Recency)
            add_command(score, command, player.predict, silent)
            player.learn(command)
    return score


def unseen(commands: list[str], make: Callable[[], Player]) -> float:
    """Return keystrokes saved on commands by themselves, before anything is known of a person."""
    keys = sum(keys_for(command, make().predict) for command in commands)
    return 1 - keys / sum(map(len, commands))


def everyday_commands(most: int) -> list[str]:
    """Return single commands of everyday tools that no training has seen."""
    with (PUBLIC_TEXTS / "shell/nl2bash.dev.tsv").open(newline="") as file:
        rows = [row["command"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    simple = [row for row in rows if re.match(EVERYDAY, row) and len(row) <= 60 and not re.search("[;&]", row)]
    random.Random(0).shuffle(simple)
    return simple[:most]


def row_of(text: str, who: str, score: Score) -> dict[str, Any]:
    assert score.top1 is not None and score.top5 is not None
    hits = {f"top1 @{n}": score.top1[n] / score.commands for n in range(MOST_PREFIX)}
    hits |= {f"top5 @{n}": score.top5[n] / score.commands for n in (0, 2)}
    return {
        "text": text,
        "who": who,
        "commands": score.commands,
        "saved": score.saved_fair,
        "saved, all": score.saved,
        **hits,
    }


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__ or "", model="shell", sessions=30, carry=0, people=25, unseen=80, network=1)
    from rnnchat.recurrent import RecurrentModel

    model, weights = RecurrentModel.load(options.model), load_weights()
    players: dict[str, Callable[[], Player]] = {
        "rnnchat": lambda: Ours(model, weights, confident=False),
        "rnnchat, when sure": lambda: Ours(model, weights, confident=True),
        "rnnchat, no network": lambda: Ours(None, weights, confident=False),
        "recency": Recency,
        "match_prev_cmd": MatchPrevious,
        "frecency": Frecency,
        "trigram of words": Trigram,
    }
    if not options.network:
        del players["rnnchat"], players["rnnchat, when sure"]
    rows = []
    for part in ("train", "dev"):
        path: Path = PUBLIC_TEXTS / f"shell/csirtmu_sessions.{part}.txt"
        if not path.exists():
            print(f"{path.name} is absent, left out; set RNNCHAT_TEXTS to the folder that holds it", file=sys.stderr)
            continue
        sessions = read_sessions(path)
        sessions = list(shuffled(measured_on(sessions) if part == "train" else sessions))[: options.sessions]
        if sessions:
            rows += [row_of(part, who, replay(sessions, make, bool(options.carry))) for who, make in players.items()]
    if made_up := list(people(PUBLIC_TEXTS, options.people, seed=2)):
        rows += [row_of("habits", who, replay(made_up, make, False)) for who, make in players.items()]
    if rows:
        show("replayed sessions", rows, options.json)
    commands = everyday_commands(options.unseen)
    unseen_rows = [
        {"who": who, "commands": len(commands), "saved": unseen(commands, players[who])}
        for who in ("rnnchat", "rnnchat, no network")
        if who in players
    ]
    show("commands never seen, empty history", unseen_rows, options.json)


if __name__ == "__main__":
    main()
