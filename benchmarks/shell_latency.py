"""What the shell plugin costs: round trips to the daemon, keys through a real zsh in a pty, start-up, memory, import.

Everything runs in a home of its own. Where the machine is shared, compare the rows with each other.
"""

from __future__ import annotations

import os
import pty
import random
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import PUBLIC_TEXTS, arguments, show
from benchmarks.shell_sessions import read_sessions

COMMANDS = (
    "git status", "git commit -m 'Say why'", "make install", "docker compose up -d", "ls -la /usr/share",
    "ssh admin@10.0.0.5", "python3 -m venv .venv", "tar -xzf data.tar.gz", "kubectl get pods", "vim notes.md",
)  # fmt: skip


def row(what: str, times: list[float]) -> dict[str, Any]:
    p50, p99 = np.percentile(times, [50, 99])
    return {"what": what, "times": len(times), "p50 ms": float(p50), "p99 ms": float(p99), "max ms": max(times)}


def lines_to_type(count: int) -> list[str]:
    """Return commands of public sessions, or our own few where those are absent."""
    path = PUBLIC_TEXTS / "shell/csirtmu_sessions.dev.txt"
    found = [line for session in read_sessions(path) for line in session] if path.exists() else list(COMMANDS)
    return random.Random(0).choices([line for line in found if line.isascii()], k=count)


def round_trips(folder: str, keys: int) -> Iterator[dict[str, Any]]:
    """Type commands key by key, asking at every key, 60 ms apart as a fast typist does, and 8 ms apart."""
    from rnnchat.shell.ask import ask

    for pause in (0.06, 0.008):
        times: list[float] = []
        number = 0
        while len(times) < keys:
            for line in lines_to_type(50):
                for length in range(len(line) + 1):
                    began = time.perf_counter()
                    answer = ask(folder, 2.0, "suggest", "1", "typist", "/tmp", "5", "1", line[:length])
                    if len(answer) > 1:
                        times.append(1000 * (time.perf_counter() - began))
                    time.sleep(pause)
                number += 1
                ask(folder, 2.0, "run", f"typist-{pause}", str(number), "/tmp", "0", line)
                if len(times) >= keys:
                    break
        yield row(f"round trip with an answer, a key every {1000 * pause:.0f} ms", times)


@contextmanager
def zsh(home: Path, rc: str) -> Iterator[int]:
    """Start zsh in a pty; yield the terminal's end."""
    (home / ".zshrc").write_text(f"PS1='> '\n{rc}\n")
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(ZDOTDIR=str(home), TERM="xterm-256color")
        os.chdir("/tmp")
        os.execvp("zsh", ["zsh", "-i"])
    read_until(terminal, b"> ")
    time.sleep(0.5)
    read_all(terminal)
    yield terminal
    os.kill(pid, signal.SIGKILL)
    os.close(terminal)
    os.waitpid(pid, 0)


def read_until(terminal: int, wanted: bytes, seconds: float = 3.0) -> bytes:
    """Return what comes until `wanted` is in it, or the time is over."""
    data, until = b"", time.monotonic() + seconds
    while wanted not in data and time.monotonic() < until:
        if select.select([terminal], [], [], 0.05)[0]:
            data += os.read(terminal, 65_536)
    return data


def read_all(terminal: int) -> None:
    while select.select([terminal], [], [], 0.05)[0]:
        os.read(terminal, 65_536)


def echo(terminal: int, keys: int) -> list[float]:
    """Return how long each key takes to be echoed; nothing is ever suggested for these."""
    times: list[float] = []
    for number in range(keys):
        key = "qxzj"[number % 4].encode()
        began = time.perf_counter()
        os.write(terminal, key)
        read_until(terminal, key)
        times.append(1000 * (time.perf_counter() - began))
        time.sleep(0.02)
        if number % 40 == 39:
            os.write(terminal, b"\x15")
            time.sleep(0.05)
            read_all(terminal)
    return times


def ghost(terminal: int, times_wanted: int) -> list[float]:
    """Return how long it takes from the key to the ghost, grey, on the terminal."""
    times: list[float] = []
    while len(times) < times_wanted:
        for command in COMMANDS:
            os.write(terminal, command[:1].encode())
            read_until(terminal, command[:1].encode())
            time.sleep(0.1)
            read_all(terminal)
            os.write(terminal, b"\x15")
            time.sleep(0.05)
            read_all(terminal)
            began = time.perf_counter()
            os.write(terminal, command[:3].encode())
            if b"\x1b[90m" in read_until(terminal, b"\x1b[90m", 0.5):
                times.append(1000 * (time.perf_counter() - began))
            os.write(terminal, b"\x15")
            time.sleep(0.05)
            read_all(terminal)
    return times


def start_up(home: Path, script: str, runs: int) -> dict[str, Any]:
    """Return what reading the script adds to an interactive zsh, by runs with and without it in turn."""
    (home / ".zshrc").write_text("")
    without: list[float] = []
    with_it: list[float] = []
    for _ in range(runs):
        for times, text in ((without, ""), (with_it, script)):
            (home / ".zshrc").write_text(text)
            began = time.perf_counter()
            subprocess.run(["zsh", "-i", "-c", "exit"], env={**os.environ, "ZDOTDIR": str(home)}, check=False)
            times.append(1000 * (time.perf_counter() - began))
    return {"runs": runs, "added ms, median": float(np.median(with_it) - np.median(without))}


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def import_many(home: Path, lines: int) -> dict[str, Any]:
    """Import a history made of public commands with numbered file names, 40 % of its lines different."""
    chance, pool = random.Random(0), lines_to_type(2_000)
    text = [f": {1_600_000_000 + n * 60}:0;{chance.choice(pool)}" for n in range(lines)]
    text = [line + f" notes{chance.randrange(lines)}.md" if chance.random() < 0.4 else line for line in text]
    file = home / "zsh_history"
    file.write_text("\n".join(text) + "\n")
    began = time.perf_counter()
    command = [sys.executable, "-m", "rnnchat", "shell", "learn", "--import-only", str(file)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return {"lines": lines, "seconds": time.perf_counter() - began}


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__ or "", keys=300, lines=200_000, runs=15)
    with tempfile.TemporaryDirectory(prefix="rnnchat-", dir="/tmp") as folder:
        home = Path(folder)
        os.environ.update(RNNCHAT_HOME=str(home / "home"), XDG_RUNTIME_DIR=folder, PYTHONPATH=os.getcwd())
        measure(home, options)


def measure(home: Path, options: Any) -> None:
    import json

    from rnnchat.shell.client import start_daemon, stop_daemon, try_ask
    from rnnchat.shell.folder import run_folder
    from rnnchat.shell.script import make_script, write_script

    pid, folder, script = int(start_daemon()), str(run_folder()), make_script("zsh")
    for number, command in enumerate(COMMANDS * 3, 1):
        try_ask("run", "before", str(number), "/tmp", "0", command)
    rows = list(round_trips(folder, options.keys))
    with zsh(home, script) as terminal:
        rows.append(row("key to ghost in zsh", ghost(terminal, options.keys // 5)))
        rows.append(row("key to echo in zsh, daemon answers", echo(terminal, options.keys)))
        os.kill(pid, signal.SIGSTOP)
        rows.append(row("key to echo in zsh, daemon stopped", echo(terminal, options.keys)))
        os.kill(pid, signal.SIGKILL)
        rows.append(row("key to echo in zsh, daemon killed", echo(terminal, options.keys)))
    with zsh(home, "") as terminal:
        rows.append(row("key to echo in zsh, no plugin", echo(terminal, options.keys)))
    show("shell latency", rows, options.json)

    show("start of zsh", [start_up(home, write_script("zsh").read_text(), options.runs)], options.json)
    stop_daemon()
    imported = import_many(home, options.lines)
    pid = int(start_daemon())
    while try_ask("status", seconds=60.0) is None:
        time.sleep(0.1)
    rows = [{**each, "what": f"{options.lines:,} lines: {each['what']}"} for each in round_trips(folder, options.keys)]
    with zsh(home, script) as terminal:
        rows.append(row(f"{options.lines:,} lines: key to ghost in zsh", ghost(terminal, options.keys // 5)))
    show("shell latency, long history", rows, options.json)
    before = processor_seconds(pid)
    time.sleep(10)
    facts = json.loads((try_ask("status") or ["{}"])[0])
    idle = {"megabytes": facts["megabytes"], "idle processor seconds in 10": processor_seconds(pid) - before}
    show("import and daemon", [{**imported, **idle}], options.json)
    stop_daemon()


if __name__ == "__main__":
    main()
