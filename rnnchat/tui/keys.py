"""Which key does what when: the table of actions, bound to the app."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from prompt_toolkit.filters import (
    Condition,
    Filter,
    completion_is_selected,
    emacs_mode,
    has_completions,
    is_searching,
    vi_insert_mode,
)
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from rnnchat.tui.actions import parse_key

if TYPE_CHECKING:
    from rnnchat.tui.app import App

Task = tuple[Callable[[], object], Filter]  # what to do, and when


def bind_keys(app: App) -> KeyBindings:
    """Return the bindings of everything the app can do."""
    bindings = KeyBindings()
    tasks = {**_suggestion_tasks(app), **_view_tasks(app), **_chat_tasks(app), **_write_tasks(app), **_other_tasks(app)}
    modal = app.screen.is_asking | app.screen.is_helping
    tab_accepts = Condition(lambda: app.desk.settings.tab == "on") & ~has_completions
    for action in app.desk.actions:
        does, when = tasks[action.name]
        for key in action.keys:
            keys = parse_key(key)
            tab = action.name == "accept" and keys == ("tab",)
            everywhere = action.name in ("suspend", "redraw")
            allowed = when & tab_accepts if tab else when if everywhere else when & ~modal
            _bind(bindings, keys, does, allowed, action.name in ("undo", "redo"))
    _bind_tab(bindings, app)
    _bind_palette(bindings, app)
    _bind_help(bindings, app)
    _bind_question(bindings, app)
    return bindings


def _bind(
    bindings: KeyBindings,
    keys: tuple[str, ...],
    does: Callable[[], object],
    when: Filter,
    steps_through_time: bool = False,
) -> None:
    # Undo and redo are no edits to be undone: remembering the text before them would forget what can be redone.
    @bindings.add(*keys, filter=when, save_before=lambda event: not steps_through_time)
    def _(event: KeyPressEvent) -> None:
        does()


def _suggestion_tasks(app: App) -> dict[str, Task]:
    typing = _editing(app) & (emacs_mode | vi_insert_mode)
    seen = typing & _suggestion_seen(app) & ~completion_is_selected
    return {
        "accept": (lambda: app.accept(app.ghost.visible), seen),
        "accept-word": (lambda: app.accept(app.ghost.first_word), seen),
        "accept-character": (lambda: app.accept(app.ghost.first_character), seen),
        "next-suggestion": (lambda: app.ghost.cycle(1), typing),
        "previous-suggestion": (lambda: app.ghost.cycle(-1), typing),
        "dismiss": (lambda: app.ghost.dismiss(), seen & emacs_mode),  # in vi mode Esc belongs to vi
        "ghost": (lambda: app.switch_ghost(not app.ghost.enabled), ~is_searching),
    }


def _view_tasks(app: App) -> dict[str, Task]:
    free = ~is_searching
    return {
        "help": (app.screen.open_help, free),
        "compare": (lambda: app.show_panel("compare"), free),
        "compare-with": (app.compare_with_next, free),
        "inside": (lambda: app.show_panel("inside"), free),
        "page": (lambda: app.go_to("write" if app.page == "chat" else "chat"), free),
        "palette": (app.screen.open_palette, free),
    }


def _chat_tasks(app: App) -> dict[str, Task]:
    chatting = app.screen.is_chatting
    return {
        "send": (app.send, chatting),
        "newline": (lambda: app.buffer.insert_text("\n"), chatting),
        "scroll-up": (lambda: app.chat.scroll(app.screen.page_rows()), chatting),
        "scroll-down": (lambda: app.chat.scroll(-app.screen.page_rows()), chatting),
        "search-history": (app.screen.start_search, chatting),
    }


def _write_tasks(app: App) -> dict[str, Task]:
    writing = app.screen.is_writing
    return {
        "save": (app.save, writing),
        "find": (app.screen.start_search, writing),
        "find-next": (app.find_next, writing),
        "undo": (lambda: app.buffer.undo(), _editing(app)),
        "redo": (lambda: app.buffer.redo(), _editing(app)),
    }


def _other_tasks(app: App) -> dict[str, Task]:
    return {
        "stop": (app.stop, _editing(app)),
        "leave": (app.leave_or_delete, _editing(app)),
        "suspend": (lambda: app.application.suspend_to_background(), ~is_searching),
        "redraw": (lambda: app.application.renderer.clear(), ~is_searching),
    }


def _bind_tab(bindings: KeyBindings, app: App) -> None:
    """Tab on the Write page, where no suggestion takes it."""
    free = app.screen.is_writing & (emacs_mode | vi_insert_mode) & ~_suggestion_seen(app)
    _bind(bindings, ("tab",), lambda: app.buffer.insert_text("\t"), free)


def _bind_palette(bindings: KeyBindings, app: App) -> None:
    def obey() -> None:
        line = app.palette.text
        app.screen.focus_page()
        app.orders.obey(line) if line.strip() else None

    commanding = app.screen.is_commanding
    _bind(bindings, ("enter",), obey, commanding)
    for key in ("escape", "c-c", "c-g", "c-d", "f6"):
        _bind(bindings, (key,), app.screen.focus_page, commanding)


def _bind_help(bindings: KeyBindings, app: App) -> None:
    helping = app.screen.is_helping
    for key in ("escape", "enter", "q", "f1", "c-c", "c-d", "c-g"):
        _bind(bindings, (key,), app.screen.focus_page, helping)
    rows = {"up": 1, "k": 1, "down": -1, "j": -1, "home": 10_000, "end": -10_000}
    for key, step in rows.items():
        _bind(bindings, (key,), lambda step=step: app.screen.scroll_help(step), helping)  # type: ignore[misc]
    for key, sign in {"pageup": 1, "pagedown": -1, "space": -1}.items():
        _bind(bindings, (key,), lambda sign=sign: app.screen.scroll_help(sign * app.screen.page_rows()), helping)  # type: ignore[misc]
    for key in ("1", "2", "3"):
        _bind(bindings, (key,), lambda key=key: app.orders.obey(f"/try {key}"), helping)  # type: ignore[misc]


def _bind_question(bindings: KeyBindings, app: App) -> None:
    @bindings.add(Keys.Any, filter=app.screen.is_asking)
    def _(event: KeyPressEvent) -> None:
        app.answer(event.data.lower())

    for key in ("escape", "c-c", "c-g", "c-d", "enter"):
        _bind(bindings, (key,), lambda: app.answer(""), app.screen.is_asking)


def _editing(app: App) -> Filter:
    return (app.screen.is_chatting | app.screen.is_writing) & ~is_searching


def _suggestion_seen(app: App) -> Filter:
    return Condition(lambda: app.ghost.visible(app.buffer.document) != "")
