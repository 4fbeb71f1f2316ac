"""What is known of commands before a person has run any: counts made by corpora/known_commands.py."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path

from rnnchat.shell.words import Context, Table

FILE = Path(__file__).with_name("known.json.gz")
NOTHING: tuple[int, Table] = (0, {})


class Known:
    """Counts in the contexts of rnnchat/shell/words.py, and templates of what follows what.

    Args:
        words: context, its words joined by blanks → how often it was seen, and the words most seen there, those first.
        templates: the name of a command → the same for templates of the next command; "*" holds those of all.
    """

    def __init__(self, words: dict[str, tuple[int, Table]], templates: dict[str, tuple[int, Table]]) -> None:
        self._words = words
        self._templates = templates

    def words(self, context: Context) -> tuple[int, Table]:
        """Return how often `context` was seen, and the words that followed most."""
        return self._words.get(" ".join(context), NOTHING)

    def templates(self, name: str) -> tuple[int, Table]:
        """Return how often a command was seen, and the templates of the commands after it."""
        return self._templates.get(name, NOTHING)


@cache
def load_known() -> Known:
    """Return the bundled counts; the same object each time."""
    tables = json.loads(gzip.decompress(FILE.read_bytes()))
    words, templates = (
        {context: (total, table) for context, (total, table) in tables[part].items()} for part in ("words", "templates")
    )
    return Known(words, templates)
