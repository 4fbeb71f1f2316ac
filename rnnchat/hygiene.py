"""Text made safe to show: nothing that a terminal obeys, nothing that hides or reorders what is read.

A model may say, and a file name may hold, any character: escape sequences move the cursor, bidirectional marks turn
"txt.exe" around, blanks of no width hide a command. Each bad character becomes a visible form (`^[`, `<9b>`,
`<U+202E>`) instead of vanishing, because what is left after a removal can itself form a sequence.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

Mode = Literal["line", "block"]

MOST_MARKS = 4  # combining marks after one base; more climb over the lines above
MOST_JOINED = 8  # code points of one joined emoji
STREAM_SAFE = 30  # longer runs of marks make normalizing slow (UAX 15)

# Printable according to str.isprintable(), and yet nothing is seen.
BLANKS = frozenset(
    map(chr, (0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800, 0x17B4, 0x17B5, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)
NON_JOINER, JOINER, EMOJI_STYLE = "\u200c", "\u200d", "\ufe0f"


def clean(text: str, mode: Mode) -> str:
    """Return `text` safe to show; cleaning it again changes nothing.

    Args:
        text: anything.
        mode: "line" for names, titles, errors and suggestions: newlines and tabs become visible, too.
            "block" for replies: newlines stay, a tab becomes four spaces, emoji may be joined.
    """
    if text.isascii() and text.isprintable():
        return text
    from unicodedata import normalize

    text = "".join(_short_runs(text, STREAM_SAFE))
    text = "".join(_short_runs(normalize("NFC", text), MOST_MARKS))
    return "".join(_visible(text, mode))


def is_presentable(text: str) -> bool:
    """Tell whether a suggestion may be shown at all: it is one line, and holds no bad character."""
    if text.isascii() and text.isprintable():
        return True
    from unicodedata import normalize

    return clean(text, "line") == normalize("NFC", text)


def is_bad(character: str) -> bool:
    """Tell whether a character must never reach a terminal as it is."""
    return not character.isprintable() or character in BLANKS


def _short_runs(text: str, most: int) -> Iterator[str]:
    """Yield the characters of `text` without the marks that follow `most` others."""
    run = 0
    for character in text:
        run = run + 1 if _is_mark(character) else 0
        if run <= most:
            yield character


def _visible(text: str, mode: Mode) -> Iterator[str]:
    base = ""  # the last character shown as it is; "" where a mark would have nothing to stand on
    joined = 0  # code points since the first of a joined emoji
    for position, character in enumerate(text):
        following = text[position + 1 : position + 2]
        if mode == "block" and character in "\n\t":
            yield "\n" if character == "\n" else "    "
            base, joined = "", 0
        elif is_bad(character):
            if mode == "block" and joined < MOST_JOINED and _may_join(base, character, following):
                yield character
                base, joined = character, joined + 1
            else:
                yield _form(character)
                base, joined = "", 0
        elif _is_mark(character) and not base:
            yield _form(character)
        else:
            yield character
            joined = joined + 1 if base == JOINER or joined == 0 else 1
            base = character


def _may_join(before: str, character: str, after: str) -> bool:
    """Tell whether an invisible character does honest work here: in emoji, or inside a word of Persian or Hindi."""
    if character == EMOJI_STYLE:
        return _is_emoji(before)
    if character == JOINER:
        return (_is_emoji(before) or before == EMOJI_STYLE) and _is_emoji(after)
    return character == NON_JOINER and _is_wide_letter(before) and _is_wide_letter(after)


def _is_emoji(character: str) -> bool:
    from unicodedata import category

    return character >= "\u2100" and not is_bad(character) and category(character) in ("So", "Sk", "Sm")


def _is_wide_letter(character: str) -> bool:
    # Not in ASCII: there it could only make two names look the same.
    return not character.isascii() and not is_bad(character) and (character.isalpha() or _is_mark(character))


def _is_mark(character: str) -> bool:
    if character < "\u0300":
        return False
    from unicodedata import category

    return category(character)[0] == "M" and character not in BLANKS


def _form(character: str) -> str:
    """Return the visible form of a bad character."""
    code = ord(character)
    if code < 0x20 or code == 0x7F:
        return "^" + chr(code ^ 0x40)
    return f"<{code:02x}>" if code < 0xA0 else f"<U+{code:04X}>"
