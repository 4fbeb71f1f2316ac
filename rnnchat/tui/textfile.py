"""Files as they are edited: read without losing a byte, saved whole or not at all."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path

from rnnchat.errors import SaveError, TextError
from rnnchat.files import because, shown, write_file

MOST_BYTES = 16 << 20
LONGEST_LINE = 100_000  # characters; each key costs what its whole line costs
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class TextFile:
    """A file on disk as it was when it was read or saved last.

    Args:
        path: where it is.
        line_end: between its lines, where all are the same; in a mixed file "\\n", and "\\r" stays in the text.
        encoding: "utf-8"; where the bytes are none, "cp1252" or "latin-1". Each gives every byte back.
        mark: the byte order mark it began with, or nothing.
        mode: its permissions.
        digest: of its bytes; "" for a file that is not there yet.
    """

    path: Path
    line_end: str = "\n"
    encoding: str = "utf-8"
    mark: bytes = b""
    mode: int = 0o644
    digest: str = ""

    @property
    def notes(self) -> str:
        """What is unusual about it, in words."""
        found = []
        if self.encoding != "utf-8":
            found.append(f"not UTF-8, kept as {self.encoding}")
        if self.line_end == "\r\n":
            found.append("line ends of Windows, kept")
        return "; ".join(found)


def open_file(name: str | Path) -> tuple[TextFile, str]:
    """Read a file; return it and its text. A file that is not there yet begins empty.

    Raises:
        TextError: it cannot be read, is a folder, is binary, or is too large to be edited or has too long a line.
    """
    path = Path(os.path.expanduser(name)).absolute()
    if not os.path.lexists(path):
        if not path.parent.is_dir():
            raise TextError(f"there is no folder {shown(path.parent)}; make it first")
        return TextFile(path, mode=0o666 & ~_umask()), ""
    data, mode = _read(path)
    if b"\x00" in data:
        raise TextError(f"{shown(path)} is not text but binary; name a text file")
    mark, body = (BOM, data[len(BOM) :]) if data.startswith(BOM) else (b"", data)
    encoding, text = _decode(body)
    longest = max(map(len, text.split("\n")))
    if longest > LONGEST_LINE:
        raise TextError(f"{shown(path)} has a line of {longest:,} characters; edit it elsewhere")
    line_end = "\n"
    if "\r\n" in text and text.count("\r\n") == text.count("\n") == text.count("\r"):
        text, line_end = text.replace("\r\n", "\n"), "\r\n"
    return TextFile(path, line_end, encoding, mark, mode, _digest(data)), text


def bytes_of(file: TextFile, text: str) -> tuple[TextFile, bytes]:
    """Return what is written for `text`, and the file as it is then: UTF-8 where its old encoding lacks a character."""
    text = text.replace("\n", file.line_end)
    try:
        data = file.mark + text.encode(file.encoding)
    except UnicodeEncodeError:
        file = replace(file, encoding="utf-8")
        data = file.mark + text.encode("utf-8", "surrogatepass")
    return replace(file, digest=_digest(data)), data


def has_changed(file: TextFile) -> bool:
    """Tell whether the file on disk is another than when it was read or saved last."""
    try:
        data, _ = _read(file.path)
    except TextError:
        return os.path.lexists(file.path) or file.digest != ""
    return _digest(data) != file.digest


def save_file(file: TextFile, text: str) -> TextFile:
    """Write `text`; return the file as it is now. Whatever happens, the old or the new file is there whole.

    Raises:
        SaveError: the disk said no, or the file may not be written; the old one is untouched.
    """
    target = Path(os.path.realpath(file.path))  # a linked file stays linked
    if target.exists() and not os.access(target, os.W_OK):
        raise SaveError(f"cannot save {shown(file.path)} (it is read-only); save it under another name")
    file, data = bytes_of(file, text)
    write_file(target, data, file.mode)
    return file


def _read(path: Path) -> tuple[bytes, int]:
    """Return bytes and permissions of a regular file; a pipe is not waited for."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if stat.S_ISDIR(status.st_mode):
                raise TextError(f"{shown(path)} is a folder; name a file in it")
            if not stat.S_ISREG(status.st_mode):
                raise TextError(f"{shown(path)} is no file that can be edited; name a text file")
            data = file.read(MOST_BYTES + 1)
    except IsADirectoryError:
        raise TextError(f"{shown(path)} is a folder; name a file in it") from None
    except (OSError, ValueError) as error:
        raise TextError(f"cannot read {shown(path)} ({because(error)}); mend that or name another file") from error
    if len(data) > MOST_BYTES:
        raise TextError(f"{shown(path)} is larger than {MOST_BYTES >> 20} MB; edit it elsewhere")
    return data, stat.S_IMODE(status.st_mode)


def _decode(data: bytes) -> tuple[str, str]:
    """Return the first encoding that fits, and the text."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return encoding, data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return "latin-1", data.decode("latin-1")  # fits every byte


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
