"""Points that a blind judge gives to letters come to the models that wrote the replies."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.sense import sense

TALKS = """U: Knock, knock!
A: Who's there?
U: Boo.

U: my left shoelace dreams of quartz
"""


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    messages, sheet = tmp_path / "messages.txt", tmp_path / "sheet"
    messages.write_text(TALKS)
    done = CliRunner().invoke(sense, ["sheet", str(sheet), "chat", "chat:none", "--messages", str(messages)])
    assert done.exit_code == 0, done.output
    return sheet


def test_points_come_to_who_wrote_the_reply(sheet: Path, tmp_path: Path) -> None:
    joke, talk = re.split(r"^## \d+\n", sheet.read_text(), flags=re.MULTILINE)[1:]
    assert "chat" not in joke
    assert "my left shoelace dreams of quartz" in talk
    judged = tmp_path / "judged"
    points = {letter: 2 * (reply == "Boo who?") for letter, reply in re.findall(r"^   (.)\) (.*)$", joke, re.MULTILINE)}
    judged.write_text(f"Mine:\n1 {' '.join(f'{letter}={given}' for letter, given in points.items())}\n2 a=1 b=1\n")
    done = CliRunner().invoke(sense, ["score", str(sheet), str(judged), "--json"])
    rows = {row["model"]: row for row in map(json.loads, done.output.splitlines())}
    assert {name: (row["later ones"], row["first messages"]) for name, row in rows.items()} == {
        "chat": (2.0, 1.0),
        "chat:none": (0.0, 1.0),
    }
    assert rows["chat"]["in no corpus"] is not None


@pytest.mark.parametrize("line", ["", "3 a=1", "1 c=1", "0 a=1"])
def test_points_for_nothing_are_told_of(sheet: Path, tmp_path: Path, line: str) -> None:
    judged = tmp_path / "judged"
    judged.write_text(line)
    done = CliRunner().invoke(sense, ["score", str(sheet), str(judged)])
    assert done.exit_code == 1
    assert done.output.startswith(f"Error: {judged}")
