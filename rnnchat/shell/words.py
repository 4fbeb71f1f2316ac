"""Which word comes next within a command line: counts of a person's words in several contexts.

A line is read as simple commands: what follows a pipe or `sudo` is a command again, and what follows its name are its
arguments. Each word is counted in four contexts; the command's name in the commands before it, an argument in the two
words before it, the one before it, its place behind the name, and anywhere behind the name. The order within each table
is that of when a word was last seen there, which tells as much as how often.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

FOLLOWERS = 64  # different words, or next commands, kept for each context
LOOKED_AT = 2_000  # arguments looked through for a beginning
PIECES = 2_000  # parts of arguments that are remembered, the newest
PIECE = re.compile(r"[/:@=,\"']+")  # divides a word into parts that may come back: user@host, http://host:port
SHORTEST_PIECE = 3
ANYWHERE: tuple[str, ...] = ("g",)  # the context of an argument of whatever command
SEPARATORS = frozenset({"|", "||", "&&", ";", "&", "|&"})
TRANSPARENT = frozenset({"sudo", "doas", "time", "nohup", "exec", "command", "env", "xargs", "watch"})
ASSIGNMENT = re.compile(r"\w+=\S*\Z")
NOTHING_BEFORE = "^"
ARGUMENT = "\0"  # in a template: an argument of the command before, by its number, the last one, or all of it

Context = tuple[str, ...]
Table = dict[str, int]


def pieces_of(word: str) -> Iterator[str]:
    """Yield the parts of a word, and what follows each of its signs: of a@b/c those are a, b, c and b/c."""
    yield from (piece for piece in PIECE.split(word) if len(piece) >= SHORTEST_PIECE)
    yield from (word[sign.end() :] for sign in PIECE.finditer(word) if len(word) - sign.end() >= SHORTEST_PIECE)


def divide_word(beginning: str) -> tuple[str, str]:
    """Return what is typed of a word up to its last sign, and what follows: of me@ho those are me@ and ho."""
    end = max((sign.end() for sign in PIECE.finditer(beginning)), default=0)
    return beginning[:end], beginning[end:]


def split_words(command: str) -> list[str]:
    """Return the words of a command, each as it is typed."""
    return command.split()


def divide_words(prefix: str) -> tuple[list[str], str]:
    """Return the whole words of `prefix`, and what has been typed of the next one."""
    words = split_words(prefix)
    if not words or prefix[-1].isspace():
        return words, ""
    return words[:-1], words[-1]


def part_of(words: Sequence[str]) -> Sequence[str]:
    """Return the words of the simple command that a line's next word belongs to; none where it is its name."""
    begin = 0
    for place in range(len(words) - 1, -1, -1):
        if words[place] in SEPARATORS or words[place].endswith(";"):
            begin = place + 1
            break
    while begin < len(words) and (words[begin] in TRANSPARENT or ASSIGNMENT.match(words[begin])):
        begin += 1
    return words[begin:]


def name_of(command: str) -> str:
    """Return the name of a line's first command, "^" where it has none."""
    return next(iter(part_of(split_words(command)[:3])), NOTHING_BEFORE)


def argument_contexts(part: Sequence[str]) -> list[Context]:
    """Return the contexts of the word after the words `part` of a command, the most telling first."""
    return [
        ("2", part[-2] if len(part) > 1 else "", part[-1]),
        ("1", part[-1]),
        ("0", part[0], str(min(len(part), 3))),
        ("c", part[0]),
    ]


def name_contexts(names: Sequence[str]) -> list[Context]:
    """Return the contexts of a command's name; `names` are those of the commands before it, the newest last."""
    last = names[-1] if names else NOTHING_BEFORE
    return [("b", names[-2] if len(names) > 1 else NOTHING_BEFORE, last), ("a", last), ("s",), ("t",)]


def contexts_of(words: Sequence[str], names: Sequence[str]) -> list[Context]:
    """Return the four contexts of the word after `words`."""
    part = part_of(words)
    if part:
        return argument_contexts(part)
    if words:  # after a pipe or sudo it matters less what was run before
        return [("x",), ("p", words[-1]), ("s",), ("t",)]
    return name_contexts(names)


def count_at_most(table: Table, key: str, most: int = FOLLOWERS) -> None:
    """Count `key` and make it the newest; where there are too many different ones, the oldest goes."""
    table[key] = table.pop(key, 0) + 1
    if len(table) > most:
        del table[next(iter(table))]


class WordCounts:
    """A person's words in their contexts."""

    def __init__(self) -> None:
        self.seen: dict[Context, Table] = {}
        self.last: dict[str, int] = {}  # argument → the number of the entry that it stood in last, oldest first
        self.pieces: dict[str, int] = {}  # the same of arguments and their parts, the newest PIECES

    def add(self, command: str, number: int, names: Sequence[str]) -> None:
        """Count the words of one command, which is entry `number`; `names` are those of the commands before it."""
        words = split_words(command)
        for place, word in enumerate(words):
            for context in contexts_of(words[:place], names):
                count_at_most(self.seen.setdefault(context, {}), word)
            if place:
                self.last.pop(word, None)
                self.last[word] = number
                for piece in (*pieces_of(word), word):
                    self.pieces.pop(piece, None)
                    self.pieces[piece] = number
        while len(self.pieces) > PIECES:
            del self.pieces[next(iter(self.pieces))]

    def lately(self, beginning: str, most: int) -> Iterator[str]:
        """Yield the arguments seen last that go on from `beginning`."""
        return newest(self.last, beginning, most)

    def pieces_lately(self, beginning: str, most: int) -> Iterator[str]:
        """Yield the arguments and parts of arguments seen last that go on from `beginning`."""
        return newest(self.pieces, beginning, most)


def newest(table: Table, beginning: str, most: int) -> Iterator[str]:
    """Yield the newest words of a table that go on from `beginning`."""
    found = 0
    for looked, word in enumerate(reversed(table)):
        if found == most or looked == LOOKED_AT:
            return
        if word.startswith(beginning) and word != beginning:
            found += 1
            yield word


# ---- what follows what, arguments aside


def template_of(command: str, before: str) -> str:
    """Return `command` with the arguments that it shares with the command before it replaced by where they stood.

    `vim a.py` and then `python a.py` is `python` with the last argument: the next `vim b.py` suggests `python b.py`.
    """
    if command == before:
        return ARGUMENT + "*"
    words, others = split_words(command), split_words(before)
    if words[:1] == ["sudo"] and words[1:] == others:
        return f"sudo {ARGUMENT}*"
    name = next((place for place, word in enumerate(others) if word not in TRANSPARENT), 0)
    places = {
        word: f"{ARGUMENT}{place}" for place, word in enumerate(others) if place > name and word not in SEPARATORS
    }
    if len(others) > name + 1:
        places[others[-1]] = ARGUMENT + "L"
    return " ".join(places.get(word, word) if place else word for place, word in enumerate(words))


def fill_template(template: str, before: str) -> str | None:
    """Return the command that a template makes after `before`; None where an argument is missing."""
    if ARGUMENT not in template:
        return template
    others, words = split_words(before), []
    for word in template.split(" "):
        kind = word[1:]
        if not word.startswith(ARGUMENT):
            words.append(word)
        elif kind == "*":
            words.append(before)
        elif kind == "L":
            if len(others) < 2:
                return None
            words.append(others[-1])
        elif int(kind) < len(others):
            words.append(others[int(kind)])
        else:
            return None
    return " ".join(words)


def fill_all(templates: Mapping[str, int], before: str, prefix: str) -> dict[str, int]:
    """Return the commands beginning with `prefix` that templates make after `before`, with their counts."""
    found: dict[str, int] = {}
    for template, count in templates.items():
        if template[:1] == ARGUMENT or template.startswith(prefix) or ARGUMENT in template:
            line = fill_template(template, before)
            if line and line.startswith(prefix) and line != prefix:
                found[line] = found.get(line, 0) + count
    return found
