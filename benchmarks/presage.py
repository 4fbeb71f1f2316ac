"""presage, the predictor that Debian ships, behind the Completer's interface; compiled where it is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from rnnchat.complete import Suggestion

SOURCE = Path(__file__).with_suffix(".cpp")
WORD_END = re.compile(r"[\w'-]*$")
HOW = "apt-get install presage libpresage-dev g++"


class Presage:
    """Suggests what presage predicts, with its own English data, as Debian ships it.

    Raises:
        FileNotFoundError: presage, its headers or a compiler are absent.
    """

    threshold = 0.0

    def __init__(self) -> None:
        if not Path("/usr/include/presage.h").exists() or not shutil.which("g++"):
            raise FileNotFoundError(f"presage is absent, left out; {HOW}")
        self._folder = tempfile.TemporaryDirectory()
        program = Path(self._folder.name) / "presage"
        subprocess.run(["g++", "-O2", "-o", str(program), str(SOURCE), "-lpresage"], check=True)
        self._process = subprocess.Popen(
            [str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, "HOME": self._folder.name},  # where it would keep what it learned
        )  # fmt: skip

    def complete(self, text: str, count: int = 1, confident: bool = True) -> list[Suggestion]:
        """Return up to `count` suggestions; presage gives no probabilities."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(text.replace("\n", " ")[-1_000:] + "\n")
        self._process.stdin.flush()
        words = self._process.stdout.readline().rstrip("\n").split("\t")
        found = WORD_END.search(text)
        typed = found.group() if found else ""
        fitting = [word[len(typed) :] for word in words if word.startswith(typed) and len(word) > len(typed)]
        return [Suggestion(rest, 0.0) for rest in fitting[:count]]
