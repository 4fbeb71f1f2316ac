"""Write exercises in remembering.

    python -m corpora.exercises.generate --count 2000 --seed 1 --side train > exercises.txt

The same seed gives the same dialogues. What is on the side "test" (names, values, combinations) is never on the other.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

from corpora.exercises import facts, jokes, orders
from corpora.exercises.names import Side

Random = random.Random
Dialogue = list[str]

REPERTOIRE = 160  # of our jokes, the first: those that the chatbot tells itself; it hears all of them
LONGEST_TALK = 4  # turns
TELLING = ("recalled", "told", "told_freely", "told_in_passing")  # what people tell in these is a fact of its own
LONGEST = 1_000  # characters, so that each is read whole (rnnchat/train/batches.py)
# What would be a fact, a joke or an order by itself.
TO_REMEMBER = re.compile(
    r"\b(my name|called?|parked|knock|jokes?|order|remember|remind|what'?s my|where'?s my|who am i|i was born|"
    r"my (age|birthday|favou?rite)|allergic|i live|i work)\b",
    re.IGNORECASE,
)

OURS = Path(__file__).parents[1]


def own_jokes() -> list[jokes.Joke]:
    """Return our jokes, each once, whoever tells it."""
    found: dict[str, jokes.Joke] = {}
    for block in (OURS / "jokes/knock_knock.txt").read_text().split("\n\n"):
        lines = [line[3:] for line in block.splitlines()]
        for before, _, who, punchline in zip(lines, lines[1:], lines[2:], lines[3:], strict=False):
            if before.lower().startswith(("who's there", "whos there", "who is there")) and who.endswith(" who?"):
                name = who.removesuffix(" who?")
                name = name.capitalize() if name.isupper() or name.islower() else name
                punchline = punchline.capitalize() if punchline.isupper() else punchline
                found.setdefault(name.lower(), jokes.Joke(name, punchline[:1].upper() + punchline[1:]))
    return list(found.values())


@cache  # read once, not for every exercise
def small_talk() -> tuple[Dialogue, ...]:
    """Return short talks of ours, to stand between what is to be remembered."""
    talks: list[Dialogue] = []
    for file in sorted([*(OURS / "smalltalk").glob("*.txt"), *(OURS / "answers").glob("*.txt")]):
        if file.stem in TELLING:
            continue
        for block in file.read_text().split("\n\n"):
            lines = block.strip().splitlines()
            if 2 <= len(lines) <= LONGEST_TALK and not any(TO_REMEMBER.search(line) for line in lines):
                talks.append(lines)
    return tuple(talks)


def dialogues(count: int, seed: int, side: Side, known: tuple[str, ...] = ()) -> Iterator[Dialogue]:
    """Yield `count` dialogues of all kinds.

    Args:
        known: real words that names may be made of, beside those made up; lower case.
    """
    chance, ours, told = Random(f"{seed} {side}"), small_talk(), own_jokes()

    def talk(chance: Random) -> Dialogue:
        return [turn for _ in range(chance.choice([1, 1, 2])) for turn in chance.choice(ours)]

    kinds = {
        partial(facts.recall, chance, side, known, talk): 160,
        partial(orders.summed, chance, side, known, talk): 150,
        partial(jokes.heard, chance, side, known, talk): 64,
        partial(jokes.told, chance, told[:REPERTOIRE], talk): 38,
        partial(jokes.alone, chance, side, known, talk): 7,
        partial(facts.never_told, chance, side, known, talk): 6,
        partial(jokes.replayed, chance, told): 8,
        partial(facts.echo, chance, side, known): 1,
    }
    for _ in range(count):
        kind = chance.choices(list(kinds), list(kinds.values()))[0]
        dialogue = kind()
        while sum(map(len, dialogue)) > LONGEST:
            dialogue = kind()
        yield dialogue


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--side", choices=["train", "test"], default="train")
    options = parser.parse_args()
    print("\n\n".join("\n".join(each) for each in dialogues(options.count, options.seed, options.side)))
