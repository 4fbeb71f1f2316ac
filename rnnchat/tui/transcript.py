"""What was said, drawn: only the rows that are seen, each wrapped once for a width."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from rnnchat.text import Turn
from rnnchat.tui.cells import Line, Span, fit, merged, span_width, wrap_spans

MOST_DRAWN = 200  # exchanges whose rows are kept: more than a screen shows
ROOMY = 6  # rows from which there is room for a blank one
SIDE_BY_SIDE = 44  # columns from which two replies stand beside each other, not below


@dataclass(frozen=True)
class Exchange:
    """A message and its reply.

    Args:
        other: the reply of the voice it was compared with.
        fresh: it begins a new topic: the model reads nothing of what was said before it.
    """

    message: str
    reply: str = ""
    other: str | None = None
    fresh: bool = False

    def add(self, side: int, text: str) -> Exchange:
        """Return the exchange with a piece more of one side's reply."""
        if side == 0:
            return replace(self, reply=self.reply + text)
        return replace(self, other=(self.other or "") + text)


def turns_of(exchanges: Sequence[Exchange], side: int = 0) -> list[Turn]:
    """Return what one side takes to have been said: its own replies where it gave any."""
    turns: list[Turn] = []
    for exchange in exchanges:
        reply = exchange.reply if side == 0 or exchange.other is None else exchange.other
        turns += [Turn("user", exchange.message), Turn("bot", reply)]
    return turns


def topic(exchanges: Sequence[Exchange]) -> Sequence[Exchange]:
    """Return what belongs to the last topic."""
    for place in range(len(exchanges) - 1, -1, -1):
        if exchanges[place].fresh:
            return exchanges[place:]
    return exchanges


class Transcript:
    """Draws exchanges from the bottom up.

    Args:
        plain: words before each message and reply, for a screen reader, where else signs stand.

    Attributes:
        scroll: rows between the end of the text and the end of what is seen.
    """

    def __init__(self, plain: bool = False) -> None:
        self.scroll = 0
        self._plain = plain
        self._heights: dict[int, tuple[Exchange, int, int]] = {}  # exchange, columns, rows
        self._drawn: OrderedDict[int, tuple[Exchange, int, list[Line]]] = OrderedDict()  # those seen last
        self._rows_below = (0, 0)  # exchanges, and rows of the last: to stay in place while a reply grows

    def draw(self, exchanges: Sequence[Exchange], columns: int, rows: int) -> list[Line]:
        """Return at most `rows` rows of `columns` columns."""
        self._hold_still(exchanges, columns)
        # On a low screen the blank row below the last reply is worth less than a row of it.
        height, first = 0 if rows >= ROOMY or not exchanges else -1, len(exchanges)
        while first > 0 and height < rows + self.scroll:
            first -= 1
            height += self._height(first, exchanges[first], columns)
        self.scroll = max(0, min(self.scroll, height - rows))
        skipped = max(0, height - rows - self.scroll)  # rows of the first exchange above what is seen
        lines: list[Line] = []
        while first < len(exchanges) and len(lines) < skipped + rows:
            lines += self._lines(first, exchanges[first], columns)
            first += 1
        return lines[skipped : skipped + min(rows, height - skipped - self.scroll)]

    def clear(self) -> None:
        """Forget what was drawn."""
        self._heights.clear()
        self._drawn.clear()
        self.scroll = 0

    def _hold_still(self, exchanges: Sequence[Exchange], columns: int) -> None:
        """Keep what a reader looks at in place while text is added below."""
        before, rows_before = self._rows_below
        last = self._height(len(exchanges) - 1, exchanges[-1], columns) if exchanges else 0
        if self.scroll and before == len(exchanges):
            self.scroll += last - rows_before
        self._rows_below = (len(exchanges), last)

    def _height(self, place: int, exchange: Exchange, columns: int) -> int:
        known = self._heights.get(place)
        if known is None or known[0] is not exchange or known[1] != columns:
            known = self._heights[place] = (exchange, columns, len(self._lines(place, exchange, columns)))
        return known[2]

    def _lines(self, place: int, exchange: Exchange, columns: int) -> list[Line]:
        known = self._drawn.get(place)
        if known is not None and known[0] is exchange and known[1] == columns:
            self._drawn.move_to_end(place)
            return known[2]
        lines = _draw_exchange(exchange, columns, self._plain)
        self._drawn[place] = (exchange, columns, lines)
        self._drawn.move_to_end(place)
        if len(self._drawn) > MOST_DRAWN:
            self._drawn.popitem(last=False)
        return lines


def _draw_exchange(exchange: Exchange, columns: int, plain: bool) -> list[Line]:
    lines: list[Line] = []
    if exchange.fresh:
        lines = [fit([("class:quiet", "New topic" if plain else "── new topic " + "─" * columns)], columns), []]
    lines += _block(
        [("class:you", exchange.message)], ("class:label", "You: ") if plain else ("class:you", "› "), columns
    )
    if exchange.other is None:
        lines += _block(
            [("class:bot", exchange.reply or "…")], ("class:label", "rnnchat: " if plain else "  "), columns
        )
    else:
        left, right = differing(exchange.reply or "…", exchange.other or "…", plain)
        if plain or columns < SIDE_BY_SIDE:
            first, second = ("A: ", "B: ") if plain else ("A ", "B ")
            lines += _block(left, ("class:label", first), columns) + _block(right, ("class:label", second), columns)
        else:
            lines += beside(
                _block(left, ("", "  "), columns // 2 - 1),
                _block(right, ("", " "), columns - columns // 2 - 1),
                columns,
            )
    return [*lines, []]


def _block(spans: Sequence[Span], prefix: Span, columns: int) -> list[Line]:
    """Return text wrapped behind a prefix, which the first row shows and the others leave blank."""
    room = max(1, columns - len(prefix[1]))
    blank = " " * len(prefix[1])
    rows = wrap_spans(spans, room)
    return [[prefix if place == 0 else ("", blank), *row] for place, row in enumerate(rows)]


def beside(left: list[Line], right: list[Line], columns: int) -> list[Line]:
    """Return two blocks of rows beside each other, a line between them."""
    middle = columns // 2 - 1
    rows: list[Line] = []
    for place in range(max(len(left), len(right))):
        one = left[place] if place < len(left) else []
        other = right[place] if place < len(right) else []
        filling = " " * max(0, middle - span_width(one))
        rows.append([*one, ("", filling), ("class:rule", "│"), *other])
    return rows


def differing(one: str, other: str, plain: bool = False) -> tuple[list[Span], list[Span]]:
    """Return two texts as spans in which the words that differ are marked; *thus* for a screen reader."""
    left, right = one.split(" "), other.split(" ")
    marked: tuple[list[Span], list[Span]] = ([], [])
    for kind, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for spans, words in ((marked[0], left[a:b]), (marked[1], right[c:d])):
            for word in words:
                differs = kind != "equal" and word != ""
                text = f"*{word}*" if differs and plain else word
                spans += [("class:differs" if differs else "class:bot", text), ("class:bot", " ")]
    return merged(marked[0][:-1]), merged(marked[1][:-1])
