"""The lines above and below: where one is, what the model costs and saves, what the keys do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rnnchat.tui.cells import Line, Span, clip, fit, span_width
from rnnchat.tui.events import VoiceName

NAMED = 22  # columns from which there is room for the program's name beside its pages
ROOMY = 100  # columns from which there is room between keys


@dataclass
class Tally:
    """Keys and characters of this session.

    Attributes:
        typed: characters typed one by one.
        accepted: characters that came from accepted suggestions.
        keys: pressed to accept them.
    """

    typed: int = 0
    accepted: int = 0
    keys: int = 0

    @property
    def saved(self) -> float:
        """The share of keys saved: 1 - keys / characters."""
        characters = self.typed + self.accepted
        return 1 - (self.typed + self.keys) / characters if characters else 0.0


def draw_status(
    voice: VoiceName, tally: Tally, milliseconds: float | None, keys: Sequence[tuple[str, str]], columns: int
) -> Line:
    """Return the status line; what matters least is left out where there is no room.

    Args:
        milliseconds: of the last suggestion.
        keys: pairs of key and what it does, the most important first.
    """
    space = "  " if columns >= ROOMY else " "
    told = [[("class:key", f"{space}{key}"), ("class:status", f" {does}")] for key, does in keys]
    facts = [f" · saved {100 * tally.saved:.0f} %"] if tally.accepted else []
    facts += [f" · {milliseconds:.0f} ms"] if milliseconds is not None else []
    left: list[Span] = [("class:status", voice.model)]
    right: list[Span] = []
    for spans in told[:2]:
        right = _append(right, spans, left, columns)
    left = _append(left, [("class:status", f" · memory {voice.memory}")], right, columns)
    for spans in told[2:4]:
        right = _append(right, spans, left, columns)
    for fact in facts:
        left = _append(left, [("class:status", fact)], right, columns)
    for spans in told[4:]:
        right = _append(right, spans, left, columns)
    gap = columns - span_width(left) - span_width(right)
    return fit([*left, ("class:status", " " * max(0, gap)), *right], columns)


def draw_title(pages: Sequence[tuple[str, bool]], right: str, columns: int, plain: bool) -> Line:
    """Return the title line: the pages, the one that is open marked, and a word on the right."""
    name = "rnnchat" if plain else " rnnchat "
    left: list[Span] = [("class:title", name if columns >= NAMED else "")]
    for name, here in pages:
        if plain:
            left.append(("class:title", f", {name}" + (" (open)" if here else "")))
        else:
            left.append(("class:title.here" if here else "class:title", f" {name} "))
    gap = columns - span_width(fit(left, columns)) - len(right) - 1
    return fit([*left, ("", " " * max(1, gap)), ("class:quiet", right)], columns)


def draw_rule(text: str, columns: int, plain: bool, style: str = "class:quiet") -> Line:
    """Return a line across the screen, with a word about what is below it, if there is any."""
    if plain:
        return fit([("", text)], columns)
    text = clip(text, columns - 5)
    line: Line = [("class:rule", "── "), (style, text), ("class:rule", " ")] if text else []
    return fit([*line, ("class:rule", "─" * columns)], columns)


def _append(line: list[Span], spans: list[Span], other: list[Span], columns: int) -> list[Span]:
    """Return the line with `spans` behind it if both halves still fit."""
    grown = [*line, *spans]
    return grown if span_width(grown) + span_width(other) <= columns else line
