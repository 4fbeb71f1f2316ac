"""Made-up people with habits, for benchmarks.shell_fit beside its public sessions.

Those are of students at tasks they see for the first time: hardly anything comes back in the same order. Who works
at the same things for weeks runs `git add -A` and then `git commit`, every time; from the public sessions alone a
ranking would never learn to trust that. What is run is public, too (tldr-pages); what follows it is drawn by chance.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rnnchat.shell.history import may_keep
from rnnchat.shell.known import load_known
from rnnchat.shell.words import ARGUMENT

Random = random.Random

LONGEST = 60  # characters of a command
NAMES = ("app", "notes", "main", "test_all", "data", "server", "report", "model", "utils", "index")
ENDINGS = (".py", ".c", ".md", ".txt", ".js", ".tex", ".go")
OPENING = ("vim {}", "nano {}", "cat {}", "less {}", "code {}", "head {}", "wc -l {}", "cp {} old")
RUNNING = ("python {}", "make", "./run {}", "git diff {}", "git add {}", "gcc {}", "node {}", "scp {} host:", "rm {}")
TYPED_ONCE = 0.12  # of the commands are never run again


def tools(public: Path) -> dict[str, list[str]]:
    """Return commands of tldr-pages by the name that they begin with, of names with several."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    with (public / "shell/tldr.tsv").open(newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            for form in ("command_long", "command_short"):
                command = (row[form] or "").strip()
                if command and len(command) <= LONGEST and may_keep(command):
                    found[command.split()[0]][command] = None
    return {name: list(commands) for name, commands in found.items() if len(commands) > 2}


def usual_commands() -> dict[str, list[str]]:
    """Return what is bundled as usual after some command, by name: a habit may be another order of the same."""
    known = load_known()
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for name in ("*", "^", "git", "ls", "cd", "make", "vim", "docker", "python", "cat", "ssh", "npm", "sudo"):
        for command in known.templates(name)[1]:
            if ARGUMENT not in command:
                found[command.split()[0]][command] = None
    return {name: list(commands) for name, commands in found.items()}


def person(
    chance: Random, commands: Mapping[str, Sequence[str]], usual_by_name: Mapping[str, Sequence[str]], length: int
) -> list[str]:
    """Return a session of somebody whose commands mostly follow each other as they did before."""
    pool = []
    for source, most in ((commands, 5), (usual_by_name, 8)):
        for name in chance.sample(sorted(source), chance.randrange(1, most)):
            pool += chance.sample(source[name], min(len(source[name]), 4))
    pool = chance.sample(pool, min(len(pool), chance.randrange(4, 16)))
    pool += chance.sample(OPENING, 1) + chance.sample(RUNNING, 2) if chance.random() < 0.5 else []
    habit = chance.choice([0.4, 0.6, 0.8, 0.95])
    order = chance.sample(pool, len(pool))
    usual = {command: order[(place + 1) % len(order)] for place, command in enumerate(order)}
    second = {command: chance.choice(pool) for command in pool}
    weights = [1 / (1 + place) for place in range(len(pool))]
    file, now, session = chance.choice(NAMES) + chance.choice(ENDINGS), chance.choice(pool), list[str]()
    for _ in range(length):
        if chance.random() < 0.08:
            file = chance.choice(NAMES) + chance.choice(ENDINGS)
        if chance.random() < TYPED_ONCE:
            session.append(chance.choice(commands[chance.choice(sorted(commands))]))
            continue
        session.append(now.replace("{}", file))
        draw = chance.random()
        now = usual[now] if draw < habit else second[now] if draw < habit + 0.15 else chance.choices(pool, weights)[0]
    return session


def people(public: Path, count: int, seed: int) -> Iterator[list[str]]:
    """Yield the sessions of `count` people."""
    chance, commands, usual = Random(seed), tools(public), usual_commands()
    for _ in range(count):
        yield person(chance, commands, usual, chance.randrange(20, 110))
