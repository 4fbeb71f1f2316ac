"""Parts of the screen that are drawn by a function of their size."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from prompt_toolkit.layout.controls import UIContent, UIControl
from prompt_toolkit.mouse_events import MouseEvent, MouseEventType

from rnnchat.tui.cells import Line

if TYPE_CHECKING:
    from prompt_toolkit.key_binding.key_bindings import NotImplementedOrNone

Draw = Callable[[int, int], list[Line]]


class Drawn(UIControl):
    """Shows what `draw(columns, rows)` returns.

    Args:
        draw: returns the rows, each within the columns.
        scroll: called with lines up (positive) or down when the mouse wheel turns.
        focusable: whether it can have the keys.
    """

    def __init__(self, draw: Draw, scroll: Callable[[int], None] | None = None, focusable: bool = False) -> None:
        self._draw, self._scroll, self._focusable = draw, scroll, focusable

    def is_focusable(self) -> bool:
        """Tell whether it can have the keys."""
        return self._focusable

    def create_content(self, width: int, height: int) -> UIContent:
        """Return the rows for prompt_toolkit."""
        lines = self._draw(max(1, width), max(1, height))
        return UIContent(get_line=lambda number: list(lines[number]), line_count=len(lines), show_cursor=False)

    def mouse_handler(self, mouse_event: MouseEvent) -> NotImplementedOrNone:
        """Scroll with the wheel."""
        steps = {MouseEventType.SCROLL_UP: 3, MouseEventType.SCROLL_DOWN: -3}.get(mouse_event.event_type)
        if steps is None or self._scroll is None:
            return NotImplemented
        self._scroll(steps)
        return None
