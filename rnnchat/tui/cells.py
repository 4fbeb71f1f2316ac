"""Text as a terminal lays it out: how wide, cut where, wrapped where.

Terminals disagree about joined emoji, skin tones and flags; prompt_toolkit adds up the widths of code points. Here
such characters are shown in a form on which all of them agree, so that the cursor is always where it seems to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prompt_toolkit.utils import get_cwidth

from rnnchat.hygiene import MOST_MARKS, clean, is_bad

Span = tuple[str, str]  # (style, text), as prompt_toolkit takes it
Line = list[Span]

TAB = 4  # columns
SKIN_TONES = range(0x1F3FB, 0x1F400)
FLAG_LETTERS = range(0x1F1E6, 0x1F200)
# Joiners, emoji styles, keycaps and tags: they change how the character before them looks, in some terminals.
FOLLOWERS = frozenset(map(chr, (0x200C, 0x200D, 0x20E3, 0xFE0E, 0xFE0F, *range(0xE0020, 0xE0080))))


def width(text: str) -> int:
    """Return the columns that `text`, already in its shown form, takes."""
    # One character at a time: prompt_toolkit keeps the width of every string it is ever asked about.
    return len(text) if text.isascii() else sum(get_cwidth(character) for character in text)


def forms(text: str) -> Iterator[str]:
    """Yield for each character of `text` what is shown for it: itself, a visible form, or nothing."""
    base, marks = "", 0
    for character in text:
        code = ord(character)
        if code < 0x7F and code >= 0x20:
            base, marks = character, 0
            yield character
        elif not base.isascii() and (character in FOLLOWERS or code in SKIN_TONES):
            yield ""
        elif code in FLAG_LETTERS:
            base = character
            yield chr(ord("A") + code - FLAG_LETTERS.start)
        elif is_bad(character) or (not base and get_cwidth(character) == 0):
            base = ""
            yield clean(character, "line")
        elif get_cwidth(character) == 0:
            marks += 1
            yield character if marks <= MOST_MARKS else ""
        else:
            base, marks = character, 0
            yield character


def shown(text: str) -> str:
    """Return one line of text in the form in which it is shown; nothing in it can move a cursor."""
    return text if text.isascii() and text.isprintable() else "".join(forms(text))


def graphemes(text: str) -> Iterator[str]:
    """Cut `text` into what a reader takes for one character: a base, what joins it and what is joined by it."""
    cluster = ""
    flags = 0
    for character in text:
        flag = ord(character) in FLAG_LETTERS
        joined = (
            character in FOLLOWERS
            or ord(character) in SKIN_TONES
            or get_cwidth(character) == 0
            or cluster.endswith("\u200d")
            or (flag and flags == 1)
        )
        if cluster and not joined:
            yield cluster
            cluster = ""
        flags = (flags + 1 if joined else 1) if flag else 0
        cluster += character
    if cluster:
        yield cluster


def clip(text: str, columns: int) -> str:
    """Return as much of `text` as fits: whole words where one fits, else whole characters."""
    if width(shown(text)) <= columns:
        return text
    fitting = ""
    for cluster in graphemes(text):
        if width(shown(fitting + cluster)) > columns:
            break
        fitting += cluster
    words = fitting if text[len(fitting) : len(fitting) + 1] == " " else fitting[: fitting.rstrip(" ").rfind(" ") + 1]
    words = words.rstrip()
    return words if words.strip() else fitting


def row_starts(text: str, columns: int) -> list[int]:
    """Return where the rows of `text` begin when it is wrapped at its spaces.

    A space that would begin a row hangs over the end of the row before it instead.

    Args:
        text: one line, in the form in which it is shown.
        columns: at least 1.
    """
    starts, used, after_space = [0], 0, 0
    for place, character in enumerate(text):
        cell = 1 if character < "\x7f" else get_cwidth(character)
        if used + cell > columns:
            if character == " ":
                starts.append(place + 1)
                used, after_space = 0, place + 1
                continue
            start = after_space if after_space > starts[-1] else place
            if start > starts[-1]:
                starts.append(start)
                used = width(text[start:place])
        used += cell
        if character == " ":
            after_space = place + 1
    return starts


def wrap_spans(spans: Iterable[Span], columns: int) -> list[Line]:
    """Return the rows of styled text wrapped at its spaces, at least one, each in the form in which it is shown."""
    styles: list[str] = []
    text = ""
    for style, part in spans:
        part = "\n".join(shown(line.expandtabs(TAB)) for line in part.split("\n"))
        styles.extend([style] * len(part))
        text += part
    rows: list[Line] = []
    begin = 0
    for line in text.split("\n"):
        starts = row_starts(line, max(1, columns))
        for start, end in zip(starts, [*starts[1:], len(line)], strict=True):
            kept = start + len(line[start:end].rstrip(" "))
            rows.append(merged((styles[begin + place], line[place]) for place in range(start, kept)))
        begin += len(line) + 1
    return rows


def merged(spans: Iterable[Span]) -> Line:
    """Return spans with neighbours of one style joined: each span costs time at each repaint."""
    line: Line = []
    for style, text in spans:
        if line and line[-1][0] == style:
            line[-1] = (style, line[-1][1] + text)
        elif text:
            line.append((style, text))
    return line


def fit(spans: Iterable[Span], columns: int) -> Line:
    """Return the beginning of styled text that fits one row, its characters in their shown form."""
    line: Line = []
    for style, text in spans:
        for character in shown(text):
            cell = 1 if character < "\x7f" else get_cwidth(character)
            if cell > columns:
                return merged(line)
            columns -= cell
            line.append((style, character))
    return merged(line)


def span_width(spans: Iterable[Span]) -> int:
    """Return the columns that spans in shown form take."""
    return sum(width(text) for _, text in spans)
