"""The two panels, drawn: the next words under two voices, and the inside of the network."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rnnchat.tui.cells import Line, Span, fit, shown, span_width, width
from rnnchat.tui.events import Inside, Looked, NextWords
from rnnchat.tui.theme import LEVELS, Theme
from rnnchat.tui.transcript import ROOMY, SIDE_BY_SIDE, beside

if TYPE_CHECKING:
    from rnnchat.complete import Suggestion

EIGHTHS = " ▏▎▍▌▋▊▉█"
HEIGHTS = "▁▂▃▄▅▆▇█"
SHADES = " ░▒▓█"
MUCH = 4.0  # nats for each character, from which more looks the same
LABEL = 10  # columns
NOTABLE = 0.3  # a level below this is not worth a look further back
MOST_APART = 24  # columns from which two parts of a text are shown beside each other
# Of the inside view: what gets how many rows more, in this order.
PARTS = (
    ("words", 1), ("surprise", 1), ("looks", 1), ("hidden", 2), ("words", 2), ("looks", 1), ("surprise", 1),
    ("words", 1), ("hidden", 1), ("words", 2), ("hidden", 1), ("words", 2),
)  # fmt: skip


def draw_compare(
    sides: Sequence[NextWords | None], names: Sequence[str], columns: int, rows: int, theme: Theme
) -> list[Line]:
    """Return the next words under each of two voices, those only one of them thinks of marked.

    Args:
        sides: what each voice says; None while it is still thinking.
        names: of the voices.
    """
    stacked = not is_beside(columns, theme)
    room = columns if stacked else (columns - 1) // 2 - 1
    share = max(1, (rows // 2 if stacked else rows) - 1)
    lists = [likeliest(side.suggestions, side.open_word)[:share] if side else [] for side in sides]
    blocks: list[list[Line]] = []
    for side, found in enumerate(lists):
        other = {word for word, _ in lists[1 - side]}
        name = names[side] if width(names[side]) <= room - 2 else names[side].replace(" · memory", "")
        block: list[Line] = [fit([("class:heading", f"{'AB'[side]} "), ("class:label", name)], room)]
        for word, probability in found:
            differs = bool(other) and word not in other
            block.append(draw_candidate(_begun(sides[side]), word, probability, differs, room, theme))
        if not found:
            block.append(fit([("class:quiet", "…" if sides[side] is None else "nothing comes to mind")], room))
        blocks.append(block)
    if stacked:
        return (blocks[0] + blocks[1])[:rows]
    return beside(blocks[0], [[("", " "), *line] for line in blocks[1]], columns)[:rows]


def is_beside(columns: int, theme: Theme) -> bool:
    """Tell whether two voices stand beside each other, and not below."""
    return not theme.plain and columns >= SIDE_BY_SIDE


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


def draw_inside(inside: Inside | None, looked: Looked | None, columns: int, rows: int, theme: Theme) -> list[Line]:
    """Return the surprise of what was typed, what the attention looks at, the hidden state, and the candidates."""
    if inside is None:
        return [[("class:quiet", "…")]]
    looked = looked if looked and looked.text else None
    stateless = not inside.hidden and rows > ROOMY
    wanted = share_rows(rows - stateless, bool(looked), bool(inside.hidden), theme.plain)
    lines = _draw_surprise(inside, columns, wanted["surprise"], theme)
    if looked:
        lines += _draw_looks(looked, columns, wanted["looks"], theme)
    lines += _draw_hidden(inside, columns, wanted["hidden"], theme)
    if stateless:
        note = "none: this network sees one token at a time" if columns >= 60 else "none"
        lines.append(fit([("class:label", "hidden state "), ("class:quiet", note)], columns))
    words = likeliest(inside.candidates, inside.open_word)[: wanted["words"]]
    lines += [draw_candidate(inside.open_word, word, probability, False, columns, theme) for word, probability in words]
    if not words:
        lines.append(fit([("class:quiet", "nothing comes to mind")], columns))
    return lines[:rows]


def share_rows(rows: int, looked: bool, hidden: bool, plain: bool) -> dict[str, int]:
    """Return how many rows each part of the view has; what tells the most comes first where there are few."""
    shares = dict.fromkeys(("words", "surprise", "looks", "hidden"), 0)
    for part, more in PARTS:
        absent = (part == "looks" and not looked) or (part == "hidden" and not hidden)
        enough = plain and part != "words" and shares[part]  # in words, one row says it all
        if not absent and not enough and sum(shares.values()) + more <= rows:
            shares[part] += more
    return shares


def _draw_surprise(inside: Inside, columns: int, rows: int, theme: Theme) -> list[Line]:
    """Return the end of the text, each character as warm as it was surprising, and as high a bar below it."""
    if theme.plain:
        return [fit([("", _surprising_words(inside))], columns)][:rows]
    levels = [min(1.0, nats / MUCH) for nats in inside.nats]
    return _draw_letters(("surprise", ""), inside.text, levels, "surprise", columns, theme)[:rows]


def _draw_looks(looked: Looked, columns: int, rows: int, theme: Theme) -> list[Line]:
    """Return the characters that the attention head looks at, or that the last reply was copied from."""
    copies = f"{100 * looked.copies:.0f} %"
    if theme.plain:
        return [fit([("", _looked_words(looked))], columns)][:rows]
    labels = ("copied", copies) if looked.reply else ("looks at", f"copy {copies}")
    # The root shows what little there is; a character that was copied, or alone is looked at, is all lit.
    levels = [math.sqrt(min(1.0, weight)) for weight in looked.weights]
    return _draw_letters(labels, looked.text, levels, "looks", columns, theme)[:rows]


def _draw_letters(
    labels: tuple[str, str], text: str, levels: Sequence[float], heat: str, columns: int, theme: Theme
) -> list[Line]:
    """Return the part of a text that matters now, each character as warm as its level, and as high a bar below it.

    Args:
        labels: of the row of letters and of the row of bars.
        levels: from 0 to 1 for each character.
        heat: which colours.
    """
    cells: list[tuple[str, float]] = []
    for character, level in zip(text, levels, strict=False):
        form = shown(character) if character not in "\n\t" else "↵" if character == "\n" else " "
        cells += [(part, level) for part in form]
    colours = theme.heat.get(heat)
    warm: list[Span] = [("class:label", labels[0].ljust(LABEL))]
    high: list[Span] = [("class:quiet", labels[1].ljust(LABEL))]
    for part, level in _window(cells, columns - LABEL):
        warm.append((f"bg:{colours[round(level * (LEVELS - 1))]}" if colours else "", part))
        high.append(("class:bar", HEIGHTS[round(level * 7)] * width(part)))
    return [fit(warm, columns), fit(high, columns)]


def _window(cells: list[tuple[str, float]], columns: int) -> list[tuple[str, float]]:
    """Return the end of the cells that fits, and before it the surroundings of the highest, if that is further back."""
    begin = _fitting(cells, columns)
    highest = max(range(len(cells)), key=lambda place: cells[place][1], default=0)
    if highest >= begin or cells[highest][1] < NOTABLE or columns < MOST_APART:
        return cells[begin:]
    half = columns // 2 - 1
    first = max(0, highest - half // 2)
    around = cells[first : first + half]
    while sum(width(part) for part, _ in around) > half:
        around = around[:-1]
    rest = columns - sum(width(part) for part, _ in around) - 1
    begin = max(first + len(around), _fitting(cells, rest))
    return [*around, ("…", 0.0), *cells[begin:]]


def _fitting(cells: list[tuple[str, float]], columns: int) -> int:
    """Return where the longest end of the cells begins that fits."""
    begin = len(cells)
    while begin > 0 and (columns := columns - width(cells[begin - 1][0])) >= 0:
        begin -= 1
    return begin


def _draw_hidden(inside: Inside, columns: int, rows: int, theme: Theme) -> list[Line]:
    """Return the hidden units as a strip of heat, two units in each cell where there is colour."""
    if rows == 0:
        return []
    if theme.plain:
        reset = "at its start" if inside.start else f"moved by {100 * (inside.moved or 0):.0f} percent of their range"
        return [fit([("", f"{len(inside.hidden)} hidden units, {reset}")], columns)]
    rows -= 1  # for the title
    state = ", as at the start" if inside.start else "" if inside.moved is None else f", moved by {inside.moved:.2f}"
    per_row = columns if not theme.heat else 2 * columns
    seen = min(len(inside.hidden), rows * per_row)
    few = f" ({seen} shown)" if seen < len(inside.hidden) else ""
    label, units = "hidden state ", f"{len(inside.hidden)} units"
    notes = (units + few + state, units + state, units + few, units)
    note = next((note for note in notes if len(label) + len(note) <= columns), "")
    lines = [fit([("class:label", label), ("class:quiet", note)], columns)]
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


def _looked_words(looked: Looked) -> str:
    """Return the words that are looked at most, for a screen reader."""
    weights: dict[str, float] = {}
    for found in re.finditer(r"[\s›↵]*[^\s›↵]+", looked.text):  # looking at the space before a word is looking at it
        word = found[0].strip(" \n\t›↵")
        weights[word] = weights.get(word, 0.0) + sum(looked.weights[found.start() : found.end()])
    whole = sum(looked.weights) or 1.0
    most = sorted(weights.items(), key=lambda item: -item[1])[:3]
    told = ", ".join(f"{shown(word)} {100 * weight / whole:.0f} percent" for word, weight in most)
    if looked.reply:
        return f"{100 * looked.copies:.0f} percent of the reply copied, from: {told}"
    return f"looks at: {told}; copies {100 * looked.copies:.0f} percent"


def _bar(share: float, columns: int) -> str:
    """Return a bar of `columns` cells, filled by `share` in eighths of a cell."""
    eighths = round(share * columns * 8)
    bar = EIGHTHS[8] * (eighths // 8)
    return (bar + (EIGHTHS[eighths % 8] if len(bar) < columns else "")).ljust(columns)
