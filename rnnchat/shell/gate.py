"""What may be offered, and what of that may reach the terminal: it exists, does no harm, holds no secret."""

from __future__ import annotations

import re

from rnnchat.hygiene import is_presentable
from rnnchat.redact import holds_secret
from rnnchat.shell.counts import Counts
from rnnchat.shell.danger import is_destructive
from rnnchat.shell.existence import FILE_NAME, Existence, Shell, is_there
from rnnchat.shell.lines import Place
from rnnchat.shell.ranking import word_ends

LONGEST = 256  # characters of a suggestion
REMEMBERED = 2_000  # lines of which it is known whether they hold a secret
PLACEHOLDER = re.compile(r"\.\.\.|[a-z_]+1|path/to.*|[a-z]+_name")  # of handbooks: package1 package2 ...


class Gate:
    """Lets lines through, or not.

    Args:
        counts: the person's history.

    Attributes:
        shells: what each session's shell said of itself.
        forgotten: what is not to be offered any more, whoever proposes it.
    """

    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        self.existence = Existence()
        self.shells: dict[str, Shell] = {}
        self.forgotten: set[str] = set()
        self._secret: dict[str, bool] = {}

    def without_made_up(self, line: str, prefix: str, directory: str) -> str:
        """Return a line of the network up to the first name in it that is neither on disk nor in the history."""
        before = len(prefix)
        for end in word_ends(line, len(prefix)):
            word = line[:end].split()[-1]
            is_file = directory and FILE_NAME.fullmatch(word) and not is_there(word, directory)
            if (is_file or PLACEHOLDER.fullmatch(word)) and word not in self.counts.words.last:
                return line[:before].rstrip() if before > len(prefix) else prefix
            before = end
        return line

    def may_offer(self, text: str, prefix: str, place: Place) -> bool:
        """Tell whether a candidate could work, and is no harm."""
        fact = self.counts.facts.get(text)
        if len(text) > LONGEST or "\n" in text or text in self.forgotten:
            return False
        if fact is not None and fact.missing:
            return False
        if is_destructive(text) and (fact is None or not prefix.strip()):
            return False
        return self.existence.may_run(text, place.directory, self.shells.get(place.session))

    def _is_secret(self, text: str) -> bool:
        """Tell whether a line holds a secret; the same lines come up key after key."""
        if text not in self._secret:
            if len(self._secret) >= REMEMBERED:
                self._secret.clear()
            self._secret[text] = holds_secret(text)
        return self._secret[text]

    def may_show(self, text: str, prefix: str, place: Place) -> bool:
        """Tell whether a line, or a beginning of one, may reach the terminal."""
        if not is_presentable(text[len(prefix) :]) or self._is_secret(text):
            return False
        if text not in self.counts.facts and is_quote_open(text) and not is_quote_open(prefix):
            return False  # half of what was once quoted, without the rest
        return self.may_offer(text, prefix, place)


def is_quote_open(line: str) -> bool:
    """Tell whether `line` ends within quotes."""
    quote = ""
    escaped = False
    for sign in line:
        if escaped:
            escaped = False
        elif sign == "\\" and quote != "'":
            escaped = True
        elif sign == quote:
            quote = ""
        elif sign in "'\"" and not quote:
            quote = sign
    return bool(quote)
