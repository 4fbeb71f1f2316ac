"""How a text is shown where it is edited: safe forms, words wrapped at spaces, the suggestion at the cursor."""

from __future__ import annotations

from bisect import bisect_right

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.formatted_text.utils import fragment_list_width
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput
from prompt_toolkit.layout.utils import explode_text_fragments

from rnnchat.tui.cells import TAB, forms, row_starts, shown, width
from rnnchat.tui.ghost import Ghost

LONGEST_WRAPPED = 50_000  # a longer line is cut wherever a row ends: seeking its spaces at each key would be felt


class Presentation(Processor):
    """Shows one line of an editable text.

    prompt_toolkit wraps a line wherever a row is full. So that words stay whole, each row but the last is filled up
    with blanks; the cursor finds its way by the two maps of the Transformation.

    Args:
        ghost: what is suggested at the cursor, if suggestions are shown in this text.
    """

    def __init__(self, ghost: Ghost | None = None) -> None:
        self._ghost = ghost

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        """Return the line as it is shown."""
        line, columns = transformation_input, max(1, transformation_input.width)
        here = line.lineno == line.document.cursor_position_row
        text = line.document.lines[line.lineno]
        ghost = self._ghost if here else None
        if ghost is None and len(text) <= columns and text.isascii() and text.isprintable():
            return Transformation(line.fragments)
        cells, places = _shown_cells(line.fragments)
        if len(cells) > LONGEST_WRAPPED:
            used = fragment_list_width(cells) % columns or columns
        else:
            used = _wrap(cells, places, columns)
        if ghost is not None:
            suggestion = ghost.paint(line.document, columns - used)
            cells.extend(("class:ghost", character) for character in shown(suggestion))
        last = len(places) - 1
        return Transformation(
            cells, lambda source: places[min(source, last)], lambda cell: max(0, bisect_right(places, cell) - 1)
        )


def _shown_cells(fragments: StyleAndTextTuples) -> tuple[StyleAndTextTuples, list[int]]:
    """Return one (style, character) for each shown character, and where each character of the source is among them.

    The list of places has one entry more than the source has characters: where its end is.
    """
    source = explode_text_fragments(fragments)
    text = "".join(fragment[1] for fragment in source)
    if text.isascii() and text.isprintable():
        return [*source], [*range(len(source) + 1)]
    cells: StyleAndTextTuples = []
    places: list[int] = []
    column = 0
    for fragment, form in zip(source, forms(text), strict=True):
        style = fragment[0]
        places.append(len(cells))
        if fragment[1] == "\t":
            form = " " * (TAB - column % TAB)
        elif form != fragment[1]:
            style += " class:control"
        cells.extend((style, character) for character in form)
        column += width(form)
    places.append(len(cells))
    return cells, places


def _wrap(cells: StyleAndTextTuples, places: list[int], columns: int) -> int:
    """Fill up each row of `cells` but the last, in place; mend `places`; return the columns used in the last row."""
    text = "".join(cell[1] for cell in cells)
    starts = row_starts(text, columns)
    if len(starts) == 1:
        return width(text)
    filled: StyleAndTextTuples = []
    moved: list[int] = []
    used = 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        filled.extend([("", " ")] * (columns - used if start else 0))
        moved.extend(range(len(filled), len(filled) + end - start))
        used = width(text[start:end])
        if used > columns and text[end - 1] == " ":  # the space that hangs over the end of the row
            end, used = end - 1, used - 1
        filled.extend(cells[start:end])
    moved.append(len(filled))
    cells[:] = filled
    places[:] = [moved[place] for place in places]
    return used
