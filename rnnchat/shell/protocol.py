"""What shells and the daemon say to each other: one line each way.

    1 US suggest US id US session US directory US count US confident US line so far
    1 US run US session US number US directory US status US command [US suggestion not taken ...]
    1 US hello US session US version US $PATH US names of aliases and functions, divided by spaces
    1 US forget US command      1 US ping      1 US status      1 US reload      1 US stop

US is the byte 1f. It, and RS (1e) for a line end within a field, stand in no command, so that a shell needs neither
quoting nor a parser. Answers begin with what was asked: the id and lines to offer; "ok" and the number of the last
command that is safely stored; "error" and a sentence. `run` may be sent again: what is known already is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass

VERSION = "1"
FIELD, LINE_END = "\x1f", "\x1e"
MOST_BYTES = 16_384  # of a request
MOST_ANSWER = 4_096  # bytes of an answer: what a pipe takes at once
# Operations and the fewest fields each has.
OPERATIONS = {"suggest": 6, "run": 5, "hello": 4, "forget": 1, "ping": 0, "status": 0, "reload": 0, "stop": 0}


class ProtocolError(ValueError):
    """A line that is no request; the sentence is sent back."""


@dataclass(frozen=True)
class Message:
    """A request: what is wanted, and its fields."""

    operation: str
    fields: tuple[str, ...]


def parse_message(line: bytes) -> Message:
    """Return the request that a line, without its end, holds.

    Raises:
        ProtocolError: it is none, or is of another version.
    """
    if len(line) > MOST_BYTES:
        raise ProtocolError("the request is too long")
    try:
        version, *rest = line.decode().split(FIELD)
    except UnicodeDecodeError:
        raise ProtocolError("the request is not UTF-8") from None
    if version != VERSION:
        raise ProtocolError(f"this daemon speaks version {VERSION}")
    if not rest or len(rest) - 1 < OPERATIONS.get(rest[0], MOST_BYTES):
        raise ProtocolError("no such request")
    if "\0" in line.decode():
        raise ProtocolError("the request holds a zero byte")
    return Message(rest[0], tuple(field.replace(LINE_END, "\n") for field in rest[1:]))


def make_line(*fields: str) -> bytes:
    """Return a request or an answer as a line, with its end; what is too long loses its last fields."""
    kept: list[bytes] = []
    length = 0
    for field in fields:
        data = field.replace("\n", LINE_END).encode("utf-8", "replace")
        length += len(data) + 1
        if length > MOST_ANSWER and kept:
            break
        kept.append(data)
    return FIELD.encode().join(kept) + b"\n"


def make_request(operation: str, *fields: str) -> bytes:
    """Return a request as a line."""
    body = FIELD.join((VERSION, operation, *fields)).replace("\n", LINE_END)
    return body.encode("utf-8", "surrogateescape") + b"\n"


def number_of(text: str, low: int, high: int) -> int:
    """Return the whole number that `text` says.

    Raises:
        ProtocolError: it says none from `low` to `high`.
    """
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) < 20) or not low <= int(text) <= high:
        raise ProtocolError("a number is out of range")
    return int(text)
