"""What was said, drawn: the rows of a window on the whole, whatever was drawn before, and in bounded memory."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from test_app import play

from benchmarks.app_screen import AppScreen
from rnnchat.tui.transcript import MOST_DRAWN, ROOMY, Exchange, Transcript

TEXTS = st.text(st.sampled_from("ab \n日"), max_size=30)
EXCHANGES = st.lists(st.builds(Exchange, TEXTS, TEXTS, st.none() | TEXTS, st.booleans()), min_size=1, max_size=12)


def whole(exchanges: list[Exchange], columns: int) -> list[str]:
    """Return all rows, the last of which is blank."""
    lines = Transcript().draw(exchanges, columns, 10_000)
    return ["".join(text for _, text in line) for line in lines]


@given(EXCHANGES, st.lists(st.tuples(st.integers(-9, 9), st.integers(1, 12), st.sampled_from([20, 60])), max_size=8))
@settings(deadline=None)
def test_any_window_is_a_part_of_the_whole(exchanges: list[Exchange], looks: list[tuple[int, int, int]]) -> None:
    transcript = Transcript()
    for scrolled, rows, columns in looks:
        transcript.scroll = max(0, transcript.scroll + scrolled)
        seen = ["".join(text for _, text in line) for line in transcript.draw(exchanges, columns, rows)]
        everything = whole(exchanges, columns)[: None if rows >= ROOMY else -1]
        end = len(everything) - transcript.scroll
        assert seen == everything[max(0, end - rows) : end]
        assert 0 <= transcript.scroll <= max(0, len(everything) - rows)


def test_only_what_was_seen_last_is_kept_drawn() -> None:
    exchanges = [Exchange(f"message {n}", f"reply {n}") for n in range(5 * MOST_DRAWN)]
    transcript = Transcript()
    for _ in range(100):
        transcript.scroll += 100
        transcript.draw(exchanges, 80, 24)
    assert len(transcript._drawn) <= MOST_DRAWN
    assert "message 0" in transcript.draw(exchanges, 80, 24)[0][1][1]


def test_a_low_screen_wastes_no_row_below_the_last_reply() -> None:
    async def scene(screen: AppScreen) -> None:
        screen.type("hello")
        await screen.until(lambda: screen.draft == "hello")
        screen.press("enter")
        await screen.settled()
        await screen.until(lambda: screen.lines[2].strip() == "after 0 turns", "for the end of the reply above the box")

    play(scene, columns=20, rows=5)


def test_the_status_line_tells_the_keys_of_the_page() -> None:
    async def scene(screen: AppScreen) -> None:
        await screen.until(lambda: "F3 compare" in screen.lines[-1] and "F8" not in screen.lines[-1])
        screen.press("f5")
        await screen.until(lambda: "F8 save" in screen.lines[-1] and "F5 chat" in screen.lines[-1])
        assert screen.lines[0].endswith("untitled  1:1")

    play(scene)
