"""Lay out the texts that the bundled checkpoint `chat` is trained on: ours, exercises, and public dialogue.

    python -m corpora.prepare_chat PUBLIC_TEXTS FOLDER [EXERCISES [OURS [PUBLIC]]]

As corpora/prepare.py: what also stands in a `.dev` file is left out. EXERCISES is how many are made, 80,000 if absent,
0 where checkpoints/train_chat.py is to make them; OURS and PUBLIC are how much of our own and of public texts there is
beside them, 1 and 1 if absent.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

from corpora.exercises.generate import REPERTOIRE, own_jokes
from corpora.exercises.generate import dialogues as exercises
from corpora.exercises.writing import mistyped, written
from corpora.other_words import about_other_things, taken_up
from corpora.prepare import DIALOGUES, OURS, WORD, DevTexts, Dialogue, blocks

EXERCISES = 80_000
# How often each of our dialogues comes. Small talk that comes fifty times is known by heart, and nothing is learned
# from it for other messages; it also stands in the exercises. Orders that come often lend their things to other orders.
COPIES = {"jokes": 8, "smalltalk": 1, "answers": 3, "orders": 3}
COPIES_OF = {  # what a person tries first is to be known; what is in no exercise is to come as often as what is
    "first_words": 10,
    "first_minute": 4,
    "moods": 5,
    "abilities": 3,
    "openers": 2,
    "talks": 4,
    "going_on": 5,
    "longer_talks": 4,
    "about_it": 4,
    "second_turns": 4,
    "to_and_fro": 4,
    "recalled": 2,
    "told": 2,
    "told_freely": 2,
    "told_in_passing": 2,
}
COPIES_OF_PUNCHLINES = 24
WORDS = "words.list"  # which made-up names are mixed with: beside the texts, for exercises that are made later
# Of each public set so many characters: enough to learn that what was said before matters to what comes next.
PUBLIC = {
    "selfdialogue.train.txt": 14_000_000,
    "sgd.train.txt": 3_000_000,
    "multiwoz21_valtest.train.txt": 1_000_000,
    "topicalchat.train.txt": 4_000_000,
    "tm3_movies_partial.train.txt": 500_000,
    "tm4_coffee.train.txt": 800_000,
}


def prepare(public: Path, folder: Path, count: int, share: float = 1.0, public_share: float = 1.0) -> None:
    """Write one file for each source."""
    dev = DevTexts(public)
    words = known_words(public)
    (folder / WORDS).write_text("\n".join(words) + "\n")
    if count:
        write(folder, "exercises", exercises(count, 10, "train", words))
    for kind in COPIES:
        for file in sorted(OURS.glob(f"{kind}/*.txt")):
            copies = max(1, round(share * COPIES_OF.get(file.stem, COPIES[kind])))
            write(folder, f"{kind}-{file.stem}", rewritten(list(blocks(file)), copies, exchange=kind == "answers"))
    told = [[f"U: {joke.name} who?", f"A: {joke.punchline}"] for joke in own_jokes()[:REPERTOIRE]]
    write(folder, "punchlines", told * round(share * COPIES_OF_PUNCHLINES))
    for name, limit in PUBLIC.items():
        write(
            folder,
            name.split(".")[0],
            sampled(dev.dialogues(DIALOGUES[name](public / "dialogue" / name)), round(public_share * limit)),
        )
    print(f"{dev.left_out} lines that stand in dev texts were left out")


def known_words(public: Path) -> tuple[str, ...]:
    """Return first names and common words, which made-up names are mixed with."""
    names = (public / "names/smashew_first_us.txt").read_text().lower().split()
    text = (public / "text/tatoeba_en.train.txt").read_text()[:4_000_000].lower()
    return (*names, *(word for word in sorted(set(WORD.findall(text))) if 2 < len(word) < 12 and word.isalpha()))


def rewritten(dialogues: list[Dialogue], copies: int, exchange: bool = False) -> Iterator[Dialogue]:
    """Yield `copies` of each dialogue; the person writes a little otherwise each time, the chatbot never.

    Args:
        exchange: whether the copies are also about other things that dialogues of the file take up.
    """
    chance = random.Random(0)

    def otherwise(turn: str) -> str:
        if not turn.startswith("U: ") or chance.random() < 0.4:
            return turn
        said = written(chance, turn[3:])
        return f"U: {mistyped(chance, said) if chance.random() < 0.15 else said}"

    things = sorted({thing for dialogue in dialogues for thing in taken_up(dialogue)}) if exchange else []
    for dialogue in dialogues:
        yield dialogue
        for _ in range(copies - 1):
            yield [otherwise(turn) for turn in about_other_things(chance, dialogue, things)]


def sampled(dialogues: list[Dialogue], characters: int) -> Iterator[Dialogue]:
    """Yield dialogues by chance until so many characters are reached."""
    random.Random(0).shuffle(dialogues)
    for dialogue in dialogues:
        if characters > 0:
            yield dialogue
            characters -= sum(map(len, dialogue))


def write(folder: Path, name: str, dialogues: Iterator[Dialogue] | list[Dialogue]) -> None:
    text = "\n\n".join("\n".join(each) for each in dialogues) + "\n"
    (folder / f"{name}.txt").write_text(text)
    print(f"{name}: {len(text):,} characters")


if __name__ == "__main__":
    if not 3 <= len(sys.argv) <= 6:
        sys.exit(__doc__)
    target = Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    exercises_made = int(sys.argv[3]) if len(sys.argv) > 3 else EXERCISES
    prepare(Path(sys.argv[1]), target, exercises_made, *map(float, sys.argv[4:]))
