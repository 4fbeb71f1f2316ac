"""Reading files that others may have made, and writing ours so that no crash costs the last good one.

A write goes to a temporary name beside its target, is flushed to the disk, and is then renamed: a reader sees the
old or the new, never half. Temporary names are `<target>.tmp-<pid>-<random>`, and `<target>.old-<pid>-<random>` for
a folder on its way out; those of processes that are gone are removed by the next save.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import secrets
import shutil
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from rnnchat.errors import ModelError, SaveError

MANIFEST = "config.json"  # written last and deleted first: where it is, the folder is complete
CLUTTER = {".DS_Store"}  # what file managers leave in any folder they show

_in_use: set[str] = set()  # temporary names that this process is writing at the moment

AT_FDCWD, RENAME_EXCHANGE = -100, 2  # <fcntl.h>, <linux/fs.h>

PLAIN_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your share of the disk is full",
    errno.EFBIG: "the file would be larger than this system allows",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "permission denied",
    errno.ENOENT: "it is missing",
    errno.ELOOP: "it is a link",
    errno.ENOTDIR: "it is not a folder",
    errno.EIO: "the disk reports an error",
    errno.ENXIO: "it is not a file",
    errno.EEXIST: "a file of that name is in the way",
}


def shown(path: str | Path) -> str:
    """Return `path` for use in a message: at most 200 characters, none of which can move a cursor."""
    text = str(path) if str(path).isprintable() else ascii(str(path))
    return text if len(text) <= 200 else text[:80] + "…" + text[-119:]


def because(error: OSError | ValueError) -> str:
    """Return the reason of a failed system call in plain words."""
    number = getattr(error, "errno", None)
    return PLAIN_WORDS.get(number or 0) or getattr(error, "strerror", None) or "the name cannot be used"


def read_limited(path: Path, limit: int, folder: int | None = None) -> bytes:
    """Return the bytes of a regular file, at most `limit` of them.

    Args:
        path: the file; never followed if it is a link, never waited for if it is a pipe.
        limit: the most bytes it may have.
        folder: an open directory to look up `path.name` in, so that a swap of the folder cannot mix two of them.

    Raises:
        ModelError: it is missing, unreadable, no regular file, too large, or changes while it is read.
    """
    name = path if folder is None else path.name
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        try:
            size = _check_size(path, os.fstat(file), limit)
            data = _read(file, size + 1)
        finally:
            os.close(file)
    except (OSError, ValueError) as error:
        raise ModelError(f"cannot read {shown(path)} ({because(error)}); train it again or import it anew") from error
    if len(data) != size:
        raise ModelError(f"{shown(path)} changed while it was read; try again")
    return data


def check_file(path: Path, limit: int, folder: int) -> None:
    """Raise the ModelError of read_limited for a file that is not read now: presence, kind and size, by lstat."""
    try:
        _check_size(path, os.stat(path.name, dir_fd=folder, follow_symlinks=False), limit)
    except (OSError, ValueError) as error:
        raise ModelError(f"cannot read {shown(path)} ({because(error)}); train it again or import it anew") from error


def write_file(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write `data` so that after any crash `path` holds the old bytes or all of the new.

    Args:
        mode: the permissions of the file.

    Raises:
        SaveError: the disk said no; the old file is untouched.
    """
    with _saving(path):
        _remove_leftovers(path)
        _write(path, data, mode)


def replace_folder(target: Path, files: Mapping[str, bytes], own: Collection[str] = ()) -> None:
    """Make `target` a folder that holds exactly `files`, in one step for every reader and for every crash.

    Args:
        target: the folder; an older one of the same make is replaced.
        files: file name → bytes. MANIFEST must be among them.
        own: further names that the older one may hold.

    Raises:
        SaveError: the disk said no, or `target` holds files of another make; what was there before still is.
    """
    with _saving(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        recover_folder(target)
        _check_own(target, {*files, *own})
        _remove_leftovers(target)
        with _temporary(target) as (new, old):
            os.mkdir(new, 0o700)
            for name in sorted(files, key=lambda name: name == MANIFEST):
                _write(new / name, files[name])
            _swap(new, target, old)


def recover_folder(target: Path) -> None:
    """If `target` is missing and a crash left a complete one beside it, put the newest in its place."""
    if os.path.lexists(target):
        return
    found: list[tuple[float, Path]] = []
    for kind, pid, path in _leftovers(target):
        # A .tmp- of a living process is still being written; an .old- was complete when it was moved away.
        if kind == "old" or not _alive(pid, path):
            with suppress(OSError):
                found.append((os.lstat(path / MANIFEST).st_mtime, path))
    if found:
        with suppress(OSError):
            os.rename(max(found)[1], target)
            _sync_folder(target.parent)


def remove_folder(target: Path) -> None:
    """Delete a folder and all that crashes left of it, so that recover_folder cannot bring it back.

    Raises:
        SaveError: it could not be deleted.
    """
    with _saving(target, "delete"):
        if os.path.islink(target):
            raise OSError(errno.ELOOP, "it is a link")
        for _, _, path in _leftovers(target):
            _discard(path)
        with suppress(FileNotFoundError):
            os.unlink(target / MANIFEST)
        shutil.rmtree(target)


@contextmanager
def _saving(path: Path, verb: str = "save") -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        raise SaveError(f"cannot {verb} {shown(path)} ({because(error)}); mend that and try again") from error


def _check_size(path: Path, status: os.stat_result, limit: int) -> int:
    if stat.S_ISLNK(status.st_mode):
        raise OSError(errno.ELOOP, "it is a link")
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.ENXIO, "it is not a file")
    if status.st_size > limit:
        raise ModelError(f"{shown(path)} is too large (over {limit} bytes); train it again or import it anew")
    return status.st_size


def _read(file: int, count: int) -> bytes:
    data = bytearray()
    while len(data) < count and (part := os.read(file, count - len(data))):
        data += part
    return bytes(data)


def _write(path: Path, data: bytes, mode: int = 0o600) -> None:
    with _temporary(path) as (new, _):
        _write_new(new, data, mode)
        os.rename(new, path)
    _sync_folder(path.parent)


def _write_new(path: Path, data: bytes, mode: int) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        if mode != 0o600:
            os.fchmod(file, mode)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(file, rest) :]  # a nearly full disk writes less than asked
        os.fsync(file)
    finally:
        os.close(file)


def _sync_folder(path: Path) -> None:
    # Without this the rename itself may be lost on ext4 and XFS.
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _swap(new: Path, target: Path, old: Path) -> None:
    """Put the folder `new` at `target`; the folder that was there ends at `new` or at `old`."""
    for _ in range(9):
        if os.path.lexists(target):
            if _exchange(new, target):
                break
            os.rename(target, old)
        try:
            os.rename(new, target)
            break
        except OSError as error:
            # Between our two renames a reader found nothing and put the old one back: do it again.
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
    _sync_folder(target.parent)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two names in one system call; False where the system or the file system cannot."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    return bool(renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0)


def _check_own(target: Path, names: Collection[str]) -> None:
    """Refuse to replace what is not ours: a save must never delete a person's folder."""
    if not os.path.lexists(target):
        return
    if not stat.S_ISDIR(os.lstat(target).st_mode):
        raise SaveError(f"cannot save {shown(target)}, which is not a folder; choose another name or move it away")
    foreign = sorted(set(os.listdir(target)) - set(names) - CLUTTER)
    if foreign:
        what = shown(foreign[0])
        raise SaveError(
            f"{shown(target)} holds {what}, which is no part of a model; choose another name or move it away"
        )


@contextmanager
def _temporary(path: Path) -> Iterator[tuple[Path, Path]]:
    """Yield a .tmp- and an .old- name for `path`; what they name at the end is deleted, or put back if it must."""
    end = f"{os.getpid()}-{secrets.token_hex(8)}"
    new, old = path.with_name(f"{path.name}.tmp-{end}"), path.with_name(f"{path.name}.old-{end}")
    _in_use.update((new.name, old.name))
    try:
        yield new, old
    finally:
        if not os.path.lexists(path):
            with suppress(OSError):
                os.rename(old, path)
        _in_use.difference_update((new.name, old.name))  # first: what an interrupt leaves, the next save removes
        _discard(new)
        _discard(old)


def _leftovers(path: Path) -> list[tuple[str, int, Path]]:
    """Return kind ("tmp" or "old"), process id and path of all temporary names of `path`."""
    pattern = re.compile(re.escape(path.name) + r"\.(tmp|old)-([0-9]{1,9})-[0-9a-f]{16}")
    try:
        matches = [pattern.fullmatch(name) for name in os.listdir(path.parent)]
    except (OSError, ValueError):
        return []
    return [(match[1], int(match[2]), path.with_name(match[0])) for match in matches if match]


def _remove_leftovers(path: Path) -> None:
    for _, pid, leftover in _leftovers(path):
        if not _alive(pid, leftover):
            _discard(leftover)


def _discard(path: Path) -> None:
    """Delete a temporary file or folder as far as possible; a failure here never fails the save."""
    with suppress(OSError):
        if stat.S_ISDIR(os.lstat(path).st_mode):
            with suppress(FileNotFoundError):
                os.unlink(path / MANIFEST)  # first, so that a half-deleted folder never looks complete
            shutil.rmtree(path)
        else:
            os.unlink(path)


def _alive(pid: int, path: Path) -> bool:
    """Is the process that made `path` still at work on it?"""
    if pid == os.getpid():  # in a container the process before us may well have had our number
        return path.name in _in_use
    try:
        os.kill(pid, 0)
    except OSError as error:
        return error.errno != errno.ESRCH
    return True
