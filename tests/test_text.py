"""Reading files and folders: every way a text can look."""

from __future__ import annotations

import os
import random
import tracemalloc
from pathlib import Path

import pytest

from rnnchat.errors import TextError
from rnnchat.places import bundled_folder
from rnnchat.text import Skipped, Turn, clean_text, is_held_out, parse_dialogue, read_documents


def write(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def texts(*paths: Path) -> list[str]:
    return ["\n".join(turn.text for turn in document.turns) for document in read_documents(paths)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"caf\xc3\xa9\n", "café"),
        (b"\xef\xbb\xbfcaf\xc3\xa9", "café"),
        ("café".encode("utf-16"), "café"),
        (b"caf\xe9 au lait", "café au lait"),
        (b"one\r\ntwo\rthree", "one\ntwo\nthree"),
        (b"a\x1b[31mb\x07c", "a[31mbc"),
        ("שלום \u0301e 👍".encode(), "שלום \u0301e 👍"),
    ],
    ids=["utf-8", "bom", "utf-16", "windows-1252", "line ends", "control characters", "other scripts"],
)
def test_encodings(tmp_path: Path, data: bytes, expected: str) -> None:
    assert texts(write(tmp_path / "a.txt", data)) == [expected]


def test_a_guessed_encoding_is_told(tmp_path: Path) -> None:
    notes: list[Skipped] = []
    list(read_documents([write(tmp_path / "a.txt", b"caf\xe9")], notes))
    assert "Windows-1252" in notes[0].reason


def test_a_late_wrong_byte_does_not_lose_the_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", b"hello\n" * 500_000 + b"caf\xe9\n")
    assert texts(path)[-1].endswith("café")


@pytest.mark.parametrize(
    "data", [b"", b" \n\n \n", b"\x00\x01\x02binary", bytes(range(32)) * 10, b"\x7fELF\x02\x01\x01\x00"]
)
def test_refused_by_name(tmp_path: Path, data: bytes) -> None:
    path = write(tmp_path / "thing.txt", data)
    with pytest.raises(TextError, match=r"thing\.txt"):
        texts(path)


def test_missing_pipe_and_unreadable(tmp_path: Path) -> None:
    with pytest.raises(TextError, match="no file or folder"):
        texts(tmp_path / "absent.txt")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TextError, match="regular file"):
        texts(tmp_path / "pipe")


def test_folders_pass_over_what_is_no_text(tmp_path: Path) -> None:
    write(tmp_path / "b.txt", "second")
    write(tmp_path / "a.txt", "first")
    write(tmp_path / "picture.png", b"\x89PNG\x00\x00")
    write(tmp_path / ".hidden", "no")
    notes: list[Skipped] = []
    found = [document.turns[0].text for document in read_documents([tmp_path], notes)]
    assert found == ["first", "second"]
    assert "picture.png" in notes[0].reason
    (tmp_path / "empty").mkdir()
    with pytest.raises(TextError, match="holds no text"):
        texts(tmp_path / "empty")


def test_forms(tmp_path: Path) -> None:
    assert texts(write(tmp_path / "a.lines", "one\n\ntwo\n")) == ["one", "two"]
    assert texts(write(tmp_path / "a.blocks", "ls\ncd x\n\ngit status\n")) == ["ls\ncd x", "git status"]
    assert texts(write(tmp_path / "a.txt", "One.\n\nTwo.\n")) == ["One.\n\nTwo."]


def test_dialogues_have_roles(tmp_path: Path) -> None:
    path = write(tmp_path / "talk.txt", "# 1\nU: hello\nA: hi\n\nAnn: how are you?\nBob: fine\nand you?\n")
    first, second = read_documents([path])
    assert first.turns == (Turn("user", "hello"), Turn("bot", "hi"))
    assert second.turns == (Turn("user", "how are you?"), Turn("bot", "fine\nand you?"))
    assert parse_dialogue(["A: Hello", "U: hi"])[0].role == "bot"
    assert parse_dialogue([]) == ()


def test_a_colon_in_prose_makes_no_dialogue(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "Note: this is prose.\n" + "It goes on without speakers.\n" * 20)
    assert next(iter(read_documents([path]))).turns[0].role == "text"


def test_a_line_of_megabytes_is_cut(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "x" * 3_000_000)
    assert "".join(texts(path)) == "x" * 3_000_000


def test_memory_is_bounded(tmp_path: Path) -> None:
    path = write(tmp_path / "large.txt", "The quick brown fox jumps over the lazy dog.\n" * 500_000)  # 22 MB
    tracemalloc.start()
    characters = sum(document.characters for document in read_documents([path]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert characters > 20_000_000
    assert peak < 16_000_000


def test_held_out_is_the_same_every_time() -> None:
    documents = list(read_documents([bundled_folder("corpora")]))
    chosen = [is_held_out(document, 0.1, 3) for document in documents]
    assert chosen == [is_held_out(document, 0.1, 3) for document in documents]
    assert chosen != [is_held_out(document, 0.1, 4) for document in documents]
    assert 0.05 < sum(chosen) / len(chosen) < 0.15
    random.Random(0).shuffle(documents)
    assert sum(is_held_out(document, 0.1, 3) for document in documents) == sum(chosen)


def test_clean_text() -> None:
    assert clean_text("a\r\nb\x00\x9b\ud800\tc") == "a\nb\tc"
