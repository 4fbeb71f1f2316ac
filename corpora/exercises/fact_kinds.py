"""Kinds of fact, one file each in kinds/: how each is told, corrected, taken in, asked and answered."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

KINDS = Path(__file__).parent / "kinds"


@dataclass(frozen=True)
class Fact:
    """A kind of fact: how it is told, taken in, asked and answered.

    In all of them {v} is its value, {k} what it is about, {o} some other word, which nobody will ask for.

    Attributes:
        value: which values it has: see values.value.
        about: what it may be about, as "sister" for a name; one of them is empty where it is about nothing else.
        change: how it is corrected after it was told.
        answer: the first is what is said in the benchmark's minimal pairs.
        unknown: what is answered where it was never told.
    """

    kind: str
    value: str
    about: tuple[str, ...]
    unknown: str
    tell: tuple[str, ...]
    change: tuple[str, ...]
    heard: tuple[str, ...]
    ask: tuple[str, ...]
    answer: tuple[str, ...]


def _load(file: Path) -> Fact:
    read = tomllib.loads(file.read_text())
    return Fact(**{key: tuple(found) if isinstance(found, list) else found for key, found in read.items()})


FACTS = tuple(_load(file) for file in sorted(KINDS.glob("*.toml")))
