"""Every test has a home of its own, and an environment that does not depend on who runs it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep settings and models of the person who runs the tests out of them, and the tests out of theirs."""
    home = tmp_path / "rnnchat-home"
    for name in [name for name in os.environ if name.startswith("RNNCHAT_")]:
        monkeypatch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RNNCHAT_HOME", str(home))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")  # all compute on the processor, wherever they run
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.chdir(tmp_path)  # so that what a test saves under a relative name is not saved in the repository
    return home


Rnnchat = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def rnnchat(tmp_path: Path) -> Rnnchat:
    """Run the command line in a fresh process, from a folder that is not the repository."""

    def run(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rnnchat", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=tmp_path,
            env={**os.environ, **environment},
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def shell_home(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A private folder for the daemon's socket, with a path short enough for one."""
    with tempfile.TemporaryDirectory(prefix="rnnchat-", dir="/tmp") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder)
