"""Reading texts: files and folders to documents, and documents to turns.

A document is what belongs together: a dialogue, a session, a mail, a stretch of prose. What a file holds is told by
its name and its lines:

    name.lines      every line is a document of its own (unrelated sentences, messages)
    name.blocks     documents are divided by a blank line (mails, shell sessions)
    dialogues       lines that begin with a speaker ("U: hello"), a blank line between dialogues; found by looking
    anything else   prose, cut at paragraphs where it is long
"""

from __future__ import annotations

import codecs
import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rnnchat.errors import TextError
from rnnchat.files import because, shown

Role = Literal["text", "user", "bot"]
Form = Literal["prose", "lines", "blocks", "dialogue"]

PART_CHARACTERS = 20_000  # prose longer than this is cut into parts at a paragraph
CHUNK_BYTES = 1 << 20

SPEAKER = re.compile(r"([A-Z][\w .'-]{0,23}): ?(.*)\Z")
USER_NAMES = {"U", "User", "You", "Me", "Human", "Customer", "Person"}
# Control characters carry nothing a network should say again; tab and newline are text.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ud800-\udfff]")


@dataclass(frozen=True)
class Turn:
    """What one side says; `role` is "text" for anything that is no dialogue."""

    role: Role
    text: str


@dataclass(frozen=True)
class Document:
    """Turns that belong together, and the file they came from."""

    turns: tuple[Turn, ...]
    source: str

    @property
    def characters(self) -> int:
        return sum(len(turn.text) for turn in self.turns)


@dataclass(frozen=True)
class Skipped:
    """A file in a folder that was passed over, or read in another way than expected, and why."""

    source: str
    reason: str


def read_documents(paths: Iterable[str | Path], notes: list[Skipped] | None = None) -> Iterator[Document]:
    """Yield the documents of files and folders, in the order of their names; memory stays bounded.

    Args:
        paths: files are read or refused; in folders what is no text is passed over.
        notes: receives what was passed over and why.

    Raises:
        TextError: a path is missing, unreadable, binary or empty, or a folder holds no text.
    """
    notes = [] if notes is None else notes
    for path in _named(paths):
        yield from _read_folder(path, notes) if os.path.isdir(path) else read_file(path, notes)


def _read_folder(folder: Path, notes: list[Skipped]) -> Iterator[Document]:
    found = False
    for file in text_files([folder], notes):
        try:
            for document in read_file(file, notes):
                found = True
                yield document
        except TextError as error:
            notes.append(Skipped(str(file), str(error)))
    if not found:
        closed = [note.reason for note in notes if note.source == str(folder)]
        raise TextError(closed[0] if closed else f"{folder} holds no text; name a folder with text files in it")


def text_files(paths: Iterable[str | Path], notes: list[Skipped] | None = None) -> list[Path]:
    """Return the files of `paths`, those of folders in the order of their names; hidden ones and links are left out."""
    files: list[Path] = []
    closed: list[OSError] = []
    for path in _named(paths):
        if not os.path.isdir(path):
            files.append(path)
            continue
        for root, folders, names in os.walk(path, onerror=closed.append):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            candidates = (Path(root, name) for name in sorted(names) if not name.startswith("."))
            files.extend(file for file in candidates if os.path.isfile(file) and not file.is_symlink())
    if notes is not None:
        notes.extend(Skipped(error.filename, _unreadable(error.filename, error)) for error in closed)
    return files


def read_file(path: Path, notes: list[Skipped] | None = None) -> Iterator[Document]:
    """Yield the documents of one file.

    Raises:
        TextError: the file is missing, unreadable, binary or empty.
    """
    encoding = detect_encoding(path)
    if encoding == "cp1252" and notes is not None:
        notes.append(Skipped(str(path), f"{path} is not UTF-8; it was read as Windows-1252"))
    form = detect_form(path, encoding)
    document = None
    for document in _cut(_read_lines(path, encoding), form, str(path)):
        yield document
    if document is None:
        raise TextError(f"{path} is empty; name a file with text in it")


def detect_encoding(path: Path) -> str:
    """Return "utf-8-sig", "utf-16" or, where the bytes are neither, "cp1252".

    Raises:
        TextError: the file is missing, not a file, unreadable or binary.
    """
    decoder: codecs.IncrementalDecoder | None = None
    encoding = "utf-8-sig"
    strange = total = 0
    for chunk in _with_end(_read_bytes(path)):
        if decoder is None:
            if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                return "utf-16"
            decoder = codecs.getincrementaldecoder(encoding)()
        total += len(chunk)
        strange += len(chunk) - len(chunk.translate(None, bytes([*range(9), *range(14, 27), *range(28, 32), 127])))
        if b"\x00" in chunk or strange > total // 50 + 4:
            raise TextError(f"{path} is not text but binary; name a text file")
        if encoding == "utf-8-sig":
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                encoding = "cp1252"
    return encoding


def detect_form(path: Path, encoding: str) -> Form:
    """Tell from a file's name and first lines what its documents are."""
    if path.suffix == ".lines":
        return "lines"
    if path.suffix == ".blocks":
        return "blocks"
    spoken = other = 0
    for line in _read_lines(path, encoding):
        if line.strip() and not line.startswith("#"):
            if SPEAKER.match(line):
                spoken += 1
            else:
                other += 1
        if spoken + other >= 200:
            break
    return "dialogue" if spoken >= 2 and spoken >= 3 * other else "prose"


def clean_text(text: str) -> str:
    """Return `text` with one kind of line end and without control characters."""
    return CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n"))


def is_held_out(document: Document, share: float, seed: int) -> bool:
    """Tell whether a document is kept aside for measuring: the same answer for the same text and seed, always."""
    digest = hashlib.blake2b(digest_size=8, key=seed.to_bytes(8, "little", signed=True))
    for turn in document.turns:
        digest.update(turn.text.encode("utf-8", "surrogatepass"))
    return int.from_bytes(digest.digest()) < share * 2**64


def parse_dialogue(lines: Iterable[str]) -> tuple[Turn, ...]:
    """Return the turns of one dialogue; a line without a speaker goes on with the turn before it.

    The person is the speaker called U, User, You or the like, else the one who speaks first; all others are the bot.
    """
    spoken: list[tuple[str, str]] = []
    for line in lines:
        match = SPEAKER.match(line)
        if match:
            spoken.append((match[1], match[2].strip()))
        elif spoken:
            spoken[-1] = (spoken[-1][0], f"{spoken[-1][1]}\n{line.strip()}")
    names = {name for name, _ in spoken}
    users = names & USER_NAMES or {spoken[0][0]} if spoken else set()
    return tuple(Turn("user" if name in users else "bot", text) for name, text in spoken if text)


def _cut(lines: Iterator[str], form: Form, source: str) -> Iterator[Document]:
    if form == "lines":
        for line in lines:
            if line.strip():
                yield Document((Turn("text", line.strip()[:PART_CHARACTERS]),), source)
    elif form == "prose":
        yield from (Document((Turn("text", part),), source) for part in _parts(lines))
    else:
        for block in _blocks(lines):
            turns = parse_dialogue(block) if form == "dialogue" else (Turn("text", "\n".join(block)),)
            if turns:
                yield Document(turns, source)


def _blocks(lines: Iterator[str]) -> Iterator[list[str]]:
    block: list[str] = []
    length = 0
    for line in lines:
        if (not line.strip() or length > PART_CHARACTERS) and block:
            yield block
            block, length = [], 0
        if line.strip() and (block or not line.startswith("# ") or length):
            block.append(line.rstrip())
            length += len(line)
    if block:
        yield block


def _parts(lines: Iterator[str]) -> Iterator[str]:
    """Gather lines of prose into parts of at most PART_CHARACTERS, cut at a line, a very long line anywhere."""
    part: list[str] = []
    length = 0
    for line in lines:
        for start in range(0, max(len(line), 1), PART_CHARACTERS):
            piece = line[start : start + PART_CHARACTERS]
            if length + len(piece) > PART_CHARACTERS and part:
                yield "\n".join(part).strip("\n")
                part, length = [], 0
            part.append(piece)
            length += len(piece) + 1
    if "".join(part).strip():
        yield "\n".join(part).strip("\n")


def _read_lines(path: Path, encoding: str) -> Iterator[str]:
    """Yield cleaned lines without their ends; a line of a megabyte comes in pieces."""
    decoder = codecs.getincrementaldecoder(encoding)("replace" if encoding == "cp1252" else "strict")
    rest = ""
    for chunk in _read_bytes(path):
        try:
            text = rest + decoder.decode(chunk)
        except UnicodeDecodeError as error:
            raise TextError(f"{path} is not {encoding.upper()} throughout; save it as UTF-8") from error
        end = "\r" if text.endswith("\r") else ""
        *lines, rest = clean_text(text[: len(text) - len(end)]).split("\n")
        rest += end
        yield from lines
        if len(rest) > CHUNK_BYTES:
            yield rest
            rest = ""
    if rest:
        yield from clean_text(rest).rstrip("\n").split("\n")


def _named(paths: Iterable[str | Path]) -> Iterator[Path]:
    for path in paths:
        if not str(path):  # Path("") is the current folder, which nobody named
            raise TextError("the name of a text is empty; name a file or a folder")
        yield Path(path)


def _unreadable(path: str | Path, error: OSError | ValueError) -> str:
    return f"{shown(path)} cannot be read ({because(error)}); check its permissions"


def _with_end(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the chunks and then an empty one, at which a decoder tells whether the last character was whole."""
    yield from chunks
    yield b""


def _read_bytes(path: Path) -> Iterator[bytes]:
    try:
        # O_NONBLOCK: a named pipe must be refused, not waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise TextError(f"no file or folder {shown(path)}; check the name") from None
    except (OSError, ValueError) as error:
        raise TextError(_unreadable(path, error)) from None
    with open(descriptor, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise TextError(f"{path} is not a regular file; name a text file or a folder")
        try:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
        except OSError as error:
            raise TextError(f"{path} cannot be read to its end ({because(error)}); copy it to another place") from None
