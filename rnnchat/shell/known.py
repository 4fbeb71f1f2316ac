"""What is known of commands before a person has run any: counts made by corpora/known_commands.py."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path

from rnnchat.shell.words import Context, Table

FILE = Path(__file__).with_name("known.json.gz")
INDEXED = 2  # letters that long tables are looked up by
FEW = 64  # words of a table that are looked through as they are
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
        self._index: dict[Context, dict[str, Table]] = {}  # by INDEXED letters, made when first asked for

    def words(self, context: Context) -> tuple[int, Table]:
        """Return how often `context` was seen, and the words that followed most."""
        return self._words.get(" ".join(context), NOTHING)

    def beginning_with(self, context: Context, beginning: str) -> tuple[int, Table]:
        """Return the same of those words only that are longer than `beginning` and begin so; all where it is empty."""
        if not beginning:
            return self.words(context)
        found = {
            word: count
            for word, count in self._begun(context, beginning[:INDEXED]).items()
            if word.startswith(beginning) and word != beginning
        }
        return sum(found.values()), found

    def _begun(self, context: Context, letters: str) -> Table:
        """Return the words of a context that begin with a letter or two; some tables hold thousands of words."""
        table = self.words(context)[1]
        if len(table) <= FEW:
            return table
        index = self._index.setdefault(context, {})
        if letters not in index:
            index[letters] = {word: count for word, count in table.items() if word.startswith(letters)}
        return index[letters]

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
