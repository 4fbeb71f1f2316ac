"""`rnnchat chat` at a real terminal."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pexpect
import pytest

from checkpoints import tiny_checkpoint


@pytest.fixture
def terminal(own_home: Path) -> pexpect.spawn:
    tiny_checkpoint().save(own_home / "models" / "tiny")
    child = pexpect.spawn(
        sys.executable, ["-m", "rnnchat", "chat", "--model", "tiny"], encoding="utf-8", timeout=30,
        env={**os.environ, "RNNCHAT_HOME": str(own_home), "TERM": "xterm"},
    )  # fmt: skip
    child.expect_exact("> ")
    return child


def test_an_empty_line_is_passed_over_and_ctrl_d_leaves(terminal: pexpect.spawn) -> None:
    for message in ("hello", "", "   ", "the cat"):
        terminal.sendline(message)
        terminal.expect_exact("> ")
    terminal.sendeof()
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


def test_ctrl_c_at_the_prompt_leaves_with_130(terminal: pexpect.spawn) -> None:
    terminal.sendline("hello")
    terminal.expect_exact("> ")
    terminal.sendintr()
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 130 and "Traceback" not in terminal.before
