"""Nothing heavy is imported before it is needed: each check runs in a fresh process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "torch",
    "numpy",
    "onnx",
    "onnxruntime",
    "rich",
    "prompt_toolkit",
    "tomlkit",
    "pooch",
    "requests",
    "platformdirs",
}
SLOW_IN_PYTHON = {"asyncio", "importlib.metadata", "sqlite3", "multiprocessing", "urllib.request"}


def modules_after(code: str, cwd: Path) -> set[str]:
    """Return the names of the modules that are loaded once `code` has run."""
    report = "import json, sys; sys.stderr.write('\\n' + json.dumps(sorted(sys.modules)))"
    code = f"try:\n    {code}\nexcept SystemExit:\n    pass\n{report}"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, input="hello\n", capture_output=True, text=True, cwd=cwd, timeout=60, check=True)
    return set(json.loads(done.stderr.splitlines()[-1]))


def call(*arguments: str) -> str:
    return f"from rnnchat.__main__ import main; main({list(arguments)!r})"


@pytest.mark.parametrize(
    "code",
    [call("--help"), call("--version"), call("nonsense"), "import rnnchat; dir(rnnchat)"],
    ids=["help", "version", "wrong", "import"],
)
def test_the_door_is_light(code: str, tmp_path: Path) -> None:
    loaded = modules_after(code, tmp_path)
    assert "rnnchat" in loaded
    assert not loaded & (HEAVY | SLOW_IN_PYTHON)


def test_help_imports_no_command(tmp_path: Path) -> None:
    loaded = {name for name in modules_after(call("--help"), tmp_path) if name.startswith("rnnchat")}
    assert loaded == {"rnnchat", "rnnchat.__main__", "rnnchat.cli", "rnnchat.cli.output", "rnnchat.errors"}


@pytest.mark.parametrize(
    "name", ["write", "complete", "chat", "generate", "evaluate", "models", "corpora", "config", "train", "shell"]
)
def test_the_help_of_a_command_is_light(name: str, tmp_path: Path) -> None:
    loaded = modules_after(call(name, "--help"), tmp_path)
    assert f"rnnchat.cli.{name}" in loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize(
    "arguments",
    [("complete", "Hello", "--json"), ("chat",), ("generate", "--prompt", "Hello", "--length", "5")],
    ids=lambda arguments: arguments[0],
)
def test_inference_needs_no_torch(arguments: tuple[str, ...], tmp_path: Path) -> None:
    loaded = modules_after(call(*arguments), tmp_path)
    assert "onnxruntime" in loaded
    assert not loaded & {"torch", "onnx", "prompt_toolkit", "pooch", "tomlkit"}


def test_the_first_frame_of_the_app_waits_for_no_model(tmp_path: Path) -> None:
    loaded = modules_after("import rnnchat.tui.run", tmp_path)
    assert "prompt_toolkit" in loaded
    assert not loaded & (HEAVY - {"prompt_toolkit"})


def test_the_app_needs_no_torch(tmp_path: Path) -> None:
    loaded = modules_after("import rnnchat.tui.run, rnnchat.tui.jobs", tmp_path)
    assert not loaded & {"torch", "onnx"}


def test_the_public_names_come_when_asked_for(tmp_path: Path) -> None:
    loaded = modules_after("from rnnchat import Completer, Conversation", tmp_path)
    assert {"rnnchat.complete", "rnnchat.chat"} <= loaded
    assert "torch" not in loaded
