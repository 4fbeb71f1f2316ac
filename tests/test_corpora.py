"""What we wrote ourselves: enough of it, in the format that its README names, and none of it twice."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.talks import UNTAUGHT
from rnnchat.places import bundled_folder
from rnnchat.text import read_documents, text_files

CORPORA = Path(bundled_folder("corpora"))
OURS = [file for file in text_files([CORPORA]) if file.suffix in (".txt", ".lines", ".blocks")]


def test_there_is_enough() -> None:
    assert sum(file.stat().st_size for file in OURS) >= 150_000
    assert {file.parent.name for file in OURS} == {"answers", "jokes", "smalltalk", "orders", "messages", "shell"}


@pytest.mark.parametrize(
    "folder",
    sorted(path for path in CORPORA.iterdir() if path.is_dir() and path.name[0] != "_"),
    ids=lambda path: path.name,
)
def test_each_has_a_readme_with_its_counts(folder: Path) -> None:
    readme = (folder / "README.md").read_text()
    assert "Licence" in readme
    assert "Format" in readme


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_documents_are_well_formed(file: Path) -> None:
    documents = list(read_documents([file]))
    roles = {turn.role for document in documents for turn in document.turns}
    assert roles == ({"user", "bot"} if file.suffix == ".txt" else {"text"})
    counts = Counter(tuple(turn.text for turn in document.turns) for document in documents)
    assert counts.most_common(1)[0][1] == 1, "nothing is there twice"
    assert file.read_text().isascii()


def test_a_joke_repeats_the_name_exactly() -> None:
    jokes = 0
    for document in read_documents([CORPORA / "jokes/knock_knock.txt"]):
        turns = [turn.text for turn in document.turns]
        for before, name, after in zip(turns, turns[1:], turns[2:], strict=False):
            if before.lower().rstrip("?") in ("who's there", "whos there") and after.endswith(" who?"):
                jokes += 1
                assert name.lower().startswith(after.removesuffix(" who?").lower())
    assert jokes >= 240


def test_number_sequences_come_from_their_seed() -> None:
    def lines(seed: int) -> list[str]:
        command = [sys.executable, str(CORPORA / "numbers/generate.py"), "--count", "200", "--seed", str(seed)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()

    assert lines(1) == lines(1)
    assert lines(1) != lines(2)
    assert all(8 <= len(line.split()) <= 16 for line in lines(1))


def test_what_is_measured_on_stands_in_no_corpus() -> None:
    def said(files: list[Path]) -> set[str]:
        turns = (turn for document in read_documents(files) for turn in document.turns if turn.role == "user")
        return {" ".join(re.findall(r"\w+", turn.text.lower())) for turn in turns}

    measured = {message for message in said([UNTAUGHT]) if message.count(" ") >= 3}
    assert len(measured) >= 100
    assert not measured & said([file for file in OURS if file.suffix == ".txt"])
