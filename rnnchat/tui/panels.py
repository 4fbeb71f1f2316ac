"""The two panels, drawn: the next words under two voices, and the inside of the network."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rnnchat.tui.cells import Line, Span, fit, shown, span_width, width
from rnnchat.tui.events import Inside, NextWords
from rnnchat.tui.theme import LEVELS, Theme
from rnnchat.tui.transcript import SIDE_BY_SIDE, beside

if TYPE_CHECKING:
    from rnnchat.complete import Suggestion

EIGHTHS = " ▏▎▍▌▋▊▉█"
HEIGHTS = "▁▂▃▄▅▆▇█"
SHADES = " ░▒▓█"
MUCH = 4.0  # nats for each character, from which more looks the same
MOST_CANDIDATES = 8


def draw_compare(
    sides: Sequence[NextWords | None], names: Sequence[str], columns: int, rows: int, theme: Theme
) -> list[Line]:
    """Return the next words under each of two voices, those only one of them thinks of marked.

    Args:
        sides: what each voice says; None while it is still thinking.
        names: of the voices.
    """
    stacked = theme.plain or columns < SIDE_BY_SIDE
    room = columns if stacked else (columns - 1) // 2 - 1
    share = max(1, (rows // 2 if stacked else rows) - 1)
    lists = [likeliest(side.suggestions, side.open_word)[:share] if side else [] for side in sides]
    blocks: list[list[Line]] = []
    for side, found in enumerate(lists):
        other = {word for word, _ in lists[1 - side]}
        block: list[Line] = [fit([("class:heading", f"{'AB'[side]} "), ("class:label", names[side])], room)]
        for word, probability in found:
            differs = bool(other) and word not in other
            block.append(draw_candidate(_begun(sides[side]), word, probability, differs, room, theme))
        if not found:
            block.append(fit([("class:quiet", "…" if sides[side] is None else "nothing comes to mind")], room))
        blocks.append(block)
    if stacked:
        return (blocks[0] + blocks[1])[:rows]
    return beside(blocks[0], [[("", " "), *line] for line in blocks[1]], columns)[:rows]


def likeliest(suggestions: Sequence[Suggestion], open_word: str) -> list[tuple[str, float]]:
    """Return the next words, each whole, with their probabilities; the likeliest first, and no word twice."""
    words: dict[str, float] = {}
    for suggestion in suggestions:
        begun = "" if suggestion.text.startswith(" ") else open_word
        word = next(iter((begun + suggestion.text).split()), "")
        word = word.rstrip(".,!?;:") or word
        words[word] = max(words.get(word, 0.0), suggestion.probability)
    return sorted(words.items(), key=lambda item: -item[1])


def draw_candidate(open_word: str, word: str, probability: float, differs: bool, columns: int, theme: Theme) -> Line:
    """Return one candidate as a row: the word, what is typed of it in grey, a bar as long as it is probable."""
    percent = f"{100 * probability:.0f}" if probability >= 0.005 else "<1"
    if theme.plain:
        return fit([("", f"{shown(word)}, {percent} percent{' (only here)' if differs else ''}")], columns)
    room = max(4, min(20, columns * 2 // 5))
    typed = open_word if word.startswith(open_word) else ""
    label = fit([("class:quiet", typed), ("class:differs" if differs else "", word[len(typed) :])], room)
    label = [*label, ("", " " * (room - span_width(label)))]
    length = columns - room - 7
    ending = ("", f" {percent:>3} %")
    if length < 3:
        return fit([*label, ending], columns)
    return fit([*label, ("", " "), ("class:bar", _bar(probability, length)), ending], columns)


def _begun(side: NextWords | None) -> str:
    return side.open_word if side else ""


def draw_inside(inside: Inside | None, columns: int, rows: int, theme: Theme) -> list[Line]:
    """Return the candidates, the surprise of what was typed, and the hidden state."""
    if inside is None:
        return [[("class:quiet", "…")]]
    wanted_hidden = 0 if not inside.hidden else 1 if rows < 7 else 2 if rows < 10 else 3 if rows < 13 else 4
    hidden = _draw_hidden(inside, columns, wanted_hidden, theme) if rows >= 4 else []
    surprised = _draw_surprise(inside, columns, theme) if rows >= 4 + len(hidden) else []
    if rows >= 8 + len(hidden) + len(surprised):
        surprised = [*surprised, *_draw_attention(inside, columns, theme)]
    left = max(1, rows - len(hidden) - len(surprised))
    words = likeliest(inside.candidates, inside.open_word)[: min(left, MOST_CANDIDATES)]
    lines = [draw_candidate(inside.open_word, word, probability, False, columns, theme) for word, probability in words]
    return [*lines, *surprised, *hidden][:rows]


def _draw_surprise(inside: Inside, columns: int, theme: Theme) -> list[Line]:
    """Return the end of the text, each character as warm as it was surprising, and as high a bar below it."""
    title = "surprise "
    cells: list[tuple[str, float]] = []
    for character, nats in zip(inside.text, inside.nats, strict=False):
        form = shown(character) if character not in "\n\t" else "↵" if character == "\n" else " "
        cells += [(part, nats) for part in form]
    if theme.plain:
        return [fit([("", _surprising_words(inside))], columns)]
    room = columns - len(title)
    while cells and sum(width(part) for part, _ in cells) > room:
        cells = cells[len(cells) - room :] if len(cells) > room else cells[1:]
    heat = theme.heat.get("surprise")
    warm: list[Span] = [("class:label", title)]
    high: list[Span] = [("", " " * len(title))]
    for part, nats in cells:
        level = min(1.0, nats / MUCH)
        warm.append((f"bg:{heat[round(level * (LEVELS - 1))]}" if heat else "", part))
        high.append(("class:bar", HEIGHTS[round(level * 7)] * width(part)))
    return [fit(warm, columns), fit(high, columns)]


def _draw_attention(inside: Inside, columns: int, theme: Theme) -> list[Line]:
    """Return which characters the copying head looks back at; nothing for a model without one."""
    if not inside.attention or theme.plain:
        return []
    title = "looks at "
    room = columns - len(title)
    weights = inside.attention[-room:]
    most = max(weights) or 1.0
    marks = "".join(SHADES[round(weight / most * 4)] for weight in weights)
    return [fit([("class:label", title), ("class:bar", marks)], columns)]


def _draw_hidden(inside: Inside, columns: int, rows: int, theme: Theme) -> list[Line]:
    """Return the hidden units as a strip of heat, two units in each cell where there is colour."""
    if theme.plain or rows == 0:
        reset = "at its start" if inside.start else f"moved by {100 * inside.moved:.0f} percent of their range"
        return (
            [[("", fit([("", f"{len(inside.hidden)} hidden units, {reset}")], columns)[0][1])]] if inside.hidden else []
        )
    state = "as at the start" if inside.start else f"moved by {inside.moved:.2f}"
    per_row = columns if not theme.heat else 2 * columns
    seen = min(len(inside.hidden), rows * per_row)
    few = f" ({seen} shown)" if seen < len(inside.hidden) else ""
    lines = [
        fit([("class:label", "hidden state "), ("class:quiet", f"{len(inside.hidden)} units{few}, {state}")], columns)
    ]
    if not theme.heat:
        for begin in range(0, seen, columns):
            values = inside.hidden[begin : min(begin + columns, seen)]
            lines.append([("", "".join(SHADES[min(4, round(abs(value) * 4))] for value in values))])
        return lines
    for begin in range(0, seen, per_row):
        values = inside.hidden[begin : min(begin + per_row, seen)]
        upper, lower = values[: (len(values) + 1) // 2], values[(len(values) + 1) // 2 :]
        line: Line = []
        for place, value in enumerate(upper):
            under = lower[place] if place < len(lower) else 0.0
            line.append((f"fg:{_heat(value, theme)} bg:{_heat(under, theme)}", "▀"))
        lines.append(line)
    return lines


def _heat(value: float, theme: Theme) -> str:
    colours = theme.heat["above" if value >= 0 else "below"]
    # The root spreads the small values, of which there are most.
    return colours[min(LEVELS - 1, round(math.sqrt(abs(value)) * (LEVELS - 1)))]


def _surprising_words(inside: Inside) -> str:
    """Return the end of the text with the surprise of each word, for a screen reader."""
    told = []
    for word in re.finditer(r"\S+", inside.text):
        told.append(f"{shown(word[0])} {sum(inside.nats[word.start() : word.end()]):.0f}")
    return "surprise in nats: " + ", ".join(told[-6:]) if told else "nothing read yet"


def _bar(share: float, columns: int) -> str:
    """Return a bar of `columns` cells, filled by `share` in eighths of a cell."""
    eighths = round(share * columns * 8)
    bar = EIGHTHS[8] * (eighths // 8)
    return (bar + (EIGHTHS[eighths % 8] if len(bar) < columns else "")).ljust(columns)
