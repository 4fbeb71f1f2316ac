"""Whatever fails while a file or a folder is written, the old or the new one is there, whole."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from rnnchat import files
from rnnchat.errors import ModelError, SaveError
from rnnchat.files import read_limited, recover_folder, remove_folder, replace_folder, write_file

OLD = {"a.bin": b"old" * 1000, "b.bin": b"b", "config.json": b"old"}
NEW = {"config.json": b"new", "a.bin": b"new" * 2000, "b.bin": b"b"}
CALLS = ("open", "write", "fsync", "rename", "mkdir", "close", "unlink", "rmdir")


def content(folder: Path) -> dict[str, bytes]:
    recover_folder(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@contextmanager
def failing(patch: pytest.MonkeyPatch, number: int, fail: Callable[[], Any]) -> Iterator[list[str]]:
    """Call `fail` instead of the `number`th system call that changes the disk; yield the list of calls so far."""
    seen: list[str] = []

    def wrap(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            seen.append(name)
            if len(seen) == number:
                if name == "close":
                    real(*args)  # a close that fails has closed all the same
                return fail()
            return real(*args, **kwargs)

        return call

    with patch.context() as inner:
        for name in CALLS:
            inner.setattr(os, name, wrap(name))
        yield seen


def fault(error: BaseException) -> Callable[[], Any]:
    def fail() -> Any:
        raise error

    return fail


FAULTS = [OSError(errno.ENOSPC, "x"), OSError(errno.EIO, "x"), OSError(errno.EDQUOT, "x"), KeyboardInterrupt()]


@pytest.mark.parametrize("error", FAULTS, ids=["full", "io", "quota", "interrupt"])
@pytest.mark.parametrize("exchange", [True, False])
@pytest.mark.parametrize("old", [OLD, None], ids=["replace", "first"])
def test_a_folder_is_old_or_new_whichever_call_fails(
    error: BaseException, exchange: bool, old: dict[str, bytes] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda file: None)  # a process that dies loses nothing by it; the test is faster
    if not exchange:
        monkeypatch.setattr(files, "_exchange", lambda one, other: False)
    target = tmp_path / "m"
    for number in range(1, 200):
        remove_folder(target) if target.exists() else None
        if old:
            replace_folder(target, old)
        with failing(monkeypatch, number, fault(error)) as seen:
            try:
                replace_folder(target, NEW)
            except SaveError as refusal:
                assert "cannot save" in str(refusal) and str(target) in str(refusal)
            except KeyboardInterrupt:
                pass
        if len(seen) < number:
            break
        if target.exists() or old:
            assert content(target) in (old, NEW), (number, seen)
        replace_folder(target, NEW)
        assert content(target) == NEW
        assert os.listdir(tmp_path) == ["m"], (number, seen)
    assert number > 20


@pytest.mark.parametrize("exchange", [True, False])
@pytest.mark.parametrize("old", [OLD, None], ids=["replace", "first"])
def test_a_folder_is_old_or_new_after_a_kill_at_any_call(
    exchange: bool, old: dict[str, bytes] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda file: None)  # a process that dies loses nothing by it; the test is faster
    if not exchange:
        monkeypatch.setattr(files, "_exchange", lambda one, other: False)
    target = tmp_path / "m"
    for number in range(1, 200):
        remove_folder(target) if target.exists() else None
        if old:
            replace_folder(target, old)
        child = os.fork()
        if child == 0:
            with failing(monkeypatch, number, lambda: os._exit(9)):
                replace_folder(target, NEW)
            os._exit(0)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
            break
        recover_folder(target)
        if target.exists() or old:
            assert content(target) in (old, NEW), number
        replace_folder(target, NEW)
        assert content(target) == NEW
        assert os.listdir(tmp_path) == ["m"], number
    assert number > 20


@pytest.mark.parametrize("error", FAULTS, ids=["full", "io", "quota", "interrupt"])
def test_a_file_is_old_or_new_whichever_call_fails(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "settings.toml"
    for number in range(1, 50):
        write_file(target, b"old")
        with failing(monkeypatch, number, fault(error)) as seen, suppress(SaveError, KeyboardInterrupt):
            write_file(target, b"new" * 100)
        if len(seen) < number:
            break
        assert target.read_bytes() in (b"old", b"new" * 100)
        write_file(target, b"new")
        assert os.listdir(tmp_path) == ["settings.toml"]
    assert number > 5


def test_short_writes_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda file, data: real(file, bytes(data)[:7]))
    write_file(tmp_path / "x", bytes(range(256)))
    assert (tmp_path / "x").read_bytes() == bytes(range(256))


def test_files_and_folders_are_private(tmp_path: Path) -> None:
    replace_folder(tmp_path / "m", NEW)
    assert stat.S_IMODE((tmp_path / "m").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "m" / "a.bin").stat().st_mode) == 0o600


def test_a_full_disk_is_said_in_plain_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "write", lambda file, data: fault(OSError(errno.ENOSPC, "x"))())
    with pytest.raises(SaveError, match="the disk is full"):
        write_file(tmp_path / "x", b"data")


def test_a_real_limit_of_the_system_leaves_the_old_folder(tmp_path: Path) -> None:
    replace_folder(tmp_path / "m", OLD)
    program = (
        "import resource, sys; from pathlib import Path; from rnnchat.files import replace_folder\n"
        "from rnnchat.errors import SaveError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try: replace_folder(Path(sys.argv[1]), {'a.bin': bytes(200_000), 'b.bin': b'', 'config.json': b'new'})\n"
        "except SaveError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "m")],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "larger than this system allows" in done.stdout
    assert content(tmp_path / "m") == OLD
    assert os.listdir(tmp_path) == ["m"]


def test_what_is_not_ours_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "thesis.txt").write_text("years of work")
    with pytest.raises(SaveError, match=r"holds thesis\.txt, which is no part of a model"):
        replace_folder(tmp_path / "docs", NEW)
    assert (tmp_path / "docs" / "thesis.txt").read_text() == "years of work"
    with pytest.raises(SaveError, match="not a folder"):
        replace_folder(tmp_path / "docs" / "thesis.txt", NEW)
    (tmp_path / "link").symlink_to("docs")
    with pytest.raises(SaveError, match="not a folder"):
        replace_folder(tmp_path / "link", NEW)


@pytest.mark.parametrize("name", ["nul\0byte", "x" * 300, "a/" * 2100 + "x"])
def test_impossible_names_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(SaveError):
        write_file(tmp_path / name, b"x")
    with pytest.raises(SaveError):
        replace_folder(tmp_path / name, NEW)


def test_a_removed_folder_stays_removed(tmp_path: Path) -> None:
    replace_folder(tmp_path / "m", OLD)
    (tmp_path / "m").rename(tmp_path / ("m.tmp-999999999-" + "0" * 16))
    recover_folder(tmp_path / "m")
    assert content(tmp_path / "m") == OLD
    (tmp_path / ("m.old-999999999-" + "0" * 16)).mkdir()
    remove_folder(tmp_path / "m")
    recover_folder(tmp_path / "m")
    assert os.listdir(tmp_path) == []
    with pytest.raises(SaveError, match="cannot delete"):
        remove_folder(tmp_path / "m")


def test_removing_a_link_never_empties_what_it_leads_to(tmp_path: Path) -> None:
    replace_folder(tmp_path / "m", OLD)
    (tmp_path / "link").symlink_to("m")
    with pytest.raises(SaveError, match="it is a link"):
        remove_folder(tmp_path / "link")
    assert content(tmp_path / "m") == OLD


def test_the_temporary_names_of_living_processes_are_left_alone(tmp_path: Path) -> None:
    busy = tmp_path / f"m.tmp-{os.getppid()}-{'0' * 16}"
    replace_folder(busy, OLD)
    recover_folder(tmp_path / "m")
    assert not (tmp_path / "m").exists()
    replace_folder(tmp_path / "m", NEW)
    assert sorted(os.listdir(tmp_path)) == ["m", busy.name]


def test_a_reader_that_puts_the_old_folder_back_does_not_stop_the_save(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "m"
    replace_folder(target, OLD)
    monkeypatch.setattr(files, "_exchange", lambda one, other: False)
    real = os.rename
    met: list[int] = []

    def rename(one: Path, other: Path) -> None:
        real(one, other)
        if ".old-" in str(other) and not met:
            met.append(1)
            recover_folder(target)

    monkeypatch.setattr(os, "rename", rename)
    replace_folder(target, NEW)
    assert met and content(target) == NEW and os.listdir(tmp_path) == ["m"]


def test_only_regular_files_within_the_limit_are_read(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"12345")
    assert read_limited(tmp_path / "f", 5) == b"12345"
    (tmp_path / "link").symlink_to("f")
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "sparse").open("wb") as sparse:
        sparse.truncate(1 << 40)
    bad = {"f": 4, "link": 9, "pipe": 9, "sparse": 9, ".": 9, "absent": 9, "nul\0": 9, "y" * 4097: 9}
    for name, limit in bad.items():
        with pytest.raises(ModelError) as error:
            read_limited(tmp_path / name, limit)
        assert str(error.value).isprintable()
    with pytest.raises(ModelError):
        read_limited(Path("/dev/zero"), 9)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f").write_bytes(b"12345")
    real = os.fstat

    def grow(file: int) -> os.stat_result:
        status = real(file)
        with (tmp_path / "f").open("ab") as more:
            more.write(b"6")
        return status

    monkeypatch.setattr(os, "fstat", grow)
    with pytest.raises(ModelError, match="changed while it was read"):
        read_limited(tmp_path / "f", 100)
