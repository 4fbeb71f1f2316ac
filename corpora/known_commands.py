"""Count the words of public commands and of our own sessions, for suggestions before a person has a history.

    python corpora/known_commands.py PUBLIC_TEXTS rnnchat/shell/known.json.gz

The sources are those of the checkpoint `shell` (its CARD.md); lines that stand in a `.dev` file are left out.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from prepare import OURS, DevTexts

from rnnchat.redact import holds_secret
from rnnchat.shell.words import ANYWHERE, Context, contexts_of, name_of, part_of, split_words, template_of

OUR_WEIGHT = 5  # sessions are how commands are used; the others are one line each for every purpose
LEAST, MOST = 2, 24  # how often a word must be seen, and how many are kept for a context
# Of names, of options of one command and of arguments anywhere many more are kept: their first letters tell them apart.
MOST_NAMES, MOST_OPTIONS, MOST_ANYWHERE = 6_000, 80, 3_000
LEAST_CONTEXT = 3
MOST_TEMPLATES = 40
LONGEST_WORD = 32
SIGNS = frozenset("| && || . .. - / ~ > >> *".split())
NAME = re.compile(r"[A-Za-z_.~/\[][\w.+/-]*")
OPTION = re.compile(r"--?[A-Za-z][\w-]*=?")
NO_NAME = re.compile(r"path/to|example\.com|<|>\w")


def commands(public: Path, dev: DevTexts) -> Iterator[str]:
    """Yield the commands of the public texts."""
    with (public / "shell/tldr.tsv").open(newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield from (row[form] for form in ("command_long", "command_short") if row[form])
    with (public / "shell/nl2bash.train.tsv").open(newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["command"] and not dev.holds(row["command"]):
                yield row["command"]
    for name in ("cheat_cheatsheets", "denisidoro_cheats", "art_of_command_line", "book_of_secret_knowledge"):
        yield from dev.lines((public / f"shell/{name}.txt").read_text().splitlines())


def sessions() -> Iterator[list[str]]:
    """Yield our own sessions, without their comments."""
    for block in (OURS / "shell/sessions.blocks").read_text().split("\n\n"):
        yield [line for line in block.splitlines() if line and not line.startswith("#")]


def is_kept(word: str) -> bool:
    if not word.isascii() or len(word) > LONGEST_WORD or NO_NAME.search(word):
        return False
    return word in SIGNS or re.search(r"\w", word) is not None


def is_kept_in(context: Context, word: str, count: int) -> bool:
    """Tell whether a word is worth keeping: names must look like names, an option needs no second witness."""
    if context[0] == "s" and not NAME.fullmatch(word):
        return False
    return is_kept(word) and (count >= LEAST or (context[0] == "c" and OPTION.fullmatch(word) is not None))


def most_of(context: Context) -> int:
    """Return how many words of a context are kept."""
    return {"s": MOST_NAMES, "c": MOST_OPTIONS, "g": MOST_ANYWHERE}.get(context[0], MOST)


def main(public: Path, file: Path) -> None:
    """Count and write."""
    words: defaultdict[Context, Counter[str]] = defaultdict(Counter)
    templates: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(command: str, names: list[str], weight: int, is_session: bool) -> None:
        line = split_words(command)
        for place, word in enumerate(line):
            if word.startswith("--") and "=" in word and NO_NAME.search(word):
                word = word[: word.index("=") + 1]  # the value is one's own
            contexts = contexts_of(line[:place], names)
            # What is run first, and after what, only sessions tell; one of the four is never asked for.
            kept = [contexts[number] for number in ((0, 1, 3) if part_of(line[:place]) else (1, 2))]
            for context in kept if is_session or part_of(line[:place]) else kept[1:]:
                words[context][word] += weight
            if part_of(line[:place]):
                words[ANYWHERE][word] += weight

    for command in commands(public, DevTexts(public)):
        add(command, [], 1, False)
    for session in sessions():
        for place, command in enumerate(session):
            add(command, [name_of(line) for line in session[max(0, place - 2) : place]], OUR_WEIGHT, True)
            if place:
                template = template_of(command, session[place - 1])
                for name in (name_of(session[place - 1]), "*"):
                    templates[name][template] += 1
            else:
                templates["^"][command] += 1
    tables: dict[str, dict[str, tuple[int, dict[str, int]]]] = {"words": {}, "templates": {}}
    for context, table in sorted(words.items()):
        before = " ".join(context[1:])
        kept_words = {word: count for word, count in table.most_common() if is_kept_in(context, word, count)}
        # A placeholder for a password would not be shown anyway.
        kept_words = {word: count for word, count in kept_words.items() if not holds_secret(f"{before} {word}")}
        if kept_words and table.total() >= LEAST_CONTEXT:
            tables["words"][" ".join(context)] = table.total(), dict(list(kept_words.items())[: most_of(context)])
    for name, table in sorted(templates.items()):
        tables["templates"][name] = table.total(), dict(table.most_common(MOST_TEMPLATES))
    data = json.dumps(tables, separators=(",", ":")).encode()
    file.write_bytes(gzip.compress(data, mtime=0))
    print(f"{len(tables['words'])} contexts, {file.stat().st_size} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
