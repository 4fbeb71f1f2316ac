"""Secrets are found in every shape in which they are typed, and ordinary commands are left alone."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnchat.redact import find_secret, holds_secret

LETTERS = string.ascii_letters + string.digits
SHAPES = (
    "{}",
    "{} && ls",
    "cd src; {}",
    "sudo {}",
    "{} | tee log",
    "time {} > out.txt 2>&1",
    "FOO=1 {}",
    "if true; then {}; fi",
)


def letters(chance: random.Random, count: int, alphabet: str = LETTERS) -> str:
    return "".join(chance.choice(alphabet) for _ in range(count))


def planted(seed: int = 0) -> Iterator[tuple[str, str, str]]:
    """Yield kind, the secret itself, and a command with it: ten of each of twenty kinds, made up by chance."""
    chance = random.Random(seed)

    def some(count: int, alphabet: str = LETTERS) -> str:
        return letters(chance, count, alphabet)

    kinds: dict[str, Callable[[], tuple[str, str, str]]] = {
        "private key": lambda: (f"-----BEGIN RSA PRIVATE KEY----- MII{(s := some(24))}", s, "echo '{}' > key"),
        "AWS": lambda: ((s := "AKIA" + some(16, string.ascii_uppercase + string.digits)), s, "aws configure set id {}"),
        "GitHub": lambda: ((s := "ghp_" + some(36)), s, "git clone https://{}@github.com/a/b"),
        "GitLab": lambda: ((s := "glpat-" + some(20)), s, "glab auth --hostname x {}"),
        "Slack": lambda: ((s := f"xoxb-{some(11, string.digits)}-{some(24)}"), s, "slack send {}"),
        "Stripe": lambda: ((s := "sk_live_" + some(24)), s, "stripe charges --key {}"),
        "Google": lambda: ((s := "AIza" + some(35)), s, "curl 'https://maps.example.com?key={}'"),
        "Azure": lambda: ((s := some(40)), s, "export AZURE_STORAGE_KEY={}"),
        "AI": lambda: ((s := "sk-" + some(40)), s, "llm keys set {}"),
        "npm": lambda: ((s := "npm_" + some(36)), s, "npm config set token {}"),
        "web token": lambda: ((s := f"eyJ{some(20)}.eyJ{some(30)}.{some(30)}"), s, "jwt decode {}"),
        "URL": lambda: ((s := some(9)), s, "psql postgres://bob:{}@db.example.com/shop"),
        "header": lambda: ((s := some(12)), s, "curl -H 'Authorization: Bearer {}' example.com"),
        "password option": lambda: ((s := some(8, string.ascii_lowercase)), s, "deploy --password {}"),
        "password variable": lambda: ((s := some(8, string.ascii_lowercase)), s, "PGPASSWORD={} psql shop"),
        "program": lambda: ((s := some(8, string.ascii_lowercase)), s, "mysql -u root -p{} shop"),
        "curl user": lambda: ((s := some(8, string.ascii_lowercase)), s, "curl -u admin:{} example.com"),
        "handed over": lambda: ((s := some(8, string.ascii_lowercase)), s, "echo {} | sudo -S ls"),
        "archive": lambda: ((s := some(8, string.ascii_lowercase)), s, "zip -P {} notes.zip notes"),
        "random": lambda: ((s := some(32)), s, "service login {}"),
    }
    for kind, make in kinds.items():
        for number in range(10):
            text, secret, command = make()
            yield kind, secret, SHAPES[number % len(SHAPES)].format(command.format(text))


def test_every_planted_secret_is_found() -> None:
    missed = [(kind, command) for kind, _, command in planted() if not holds_secret(command)]
    assert missed == []


@pytest.mark.parametrize("quoted", ['"{}"', "'{}'", "\\\n{}"])
def test_quotes_and_broken_lines_hide_nothing(quoted: str) -> None:
    chance = random.Random(1)
    for _ in range(20):
        token = "ghp_" + letters(chance, 36)
        assert holds_secret(f"git push https://{quoted.format(token)}@example.com")
        assert holds_secret(f"run {token[:10]}\\\n{token[10:]}")
        assert holds_secret(f"deploy --token {quoted.format(letters(chance, 10))}")


def test_numbers_of_cards_and_accounts() -> None:
    assert find_secret("pay 4111 1111 1111 1111") == "card number"
    assert holds_secret("transfer DE89 3704 0044 0532 0130 00")
    assert not holds_secret("seq 1234567890123456")  # fails the check of cards


def test_ordinary_commands_are_left_alone() -> None:
    path = Path(__file__).parents[1] / "corpora" / "shell" / "sessions.blocks"
    commands = [line for line in path.read_text().splitlines() if line.strip()]
    found = [command for command in commands if holds_secret(command)]
    assert len(found) <= 0.002 * len(commands), found


@pytest.mark.parametrize(
    "command",
    [
        "git show 3f786850e387550fdab836ed7e6dc881de23001b",
        "docker run nginx@sha256:3f786850e387550fdab836ed7e6dc881de23001b3f786850e387550fdab836ed",
        "kubectl logs 123e4567-e89b-12d3-a456-426614174000",
        "cat src/main/java/org/example/project/service/UserServiceImplementation.java",
        "ssh -p 2222 admin@10.0.0.5",
        "mkdir -p build/release-2024-01-02-final",
        "cp -p a b",
        "git log --author=alice",
        "passwd",
        "man 5 passwd",
        "ls -la ~/.password-store",
        "python -m pytest tests/test_authentication_flow.py::test_token_is_refreshed",
    ],
)
def test_what_looks_like_a_secret_and_is_none(command: str) -> None:
    assert find_secret(command) is None


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=4_096))
def test_any_text_is_looked_through(text: str) -> None:
    holds_secret(text)


@pytest.mark.parametrize("unit", ["a", "-p ", "a=", "word ", "://a:", '"', "\\", "1 ", "A1b/", "xox-", "echo |"])
def test_time_grows_no_faster_than_the_line(unit: str) -> None:
    """A rule that looks back and forth would need minutes for this."""
    import subprocess
    import sys

    code = "import sys; from rnnchat.redact import holds_secret; holds_secret(sys.argv[1])"
    line = unit * (4_000 // len(unit))
    subprocess.run([sys.executable, "-c", code, line], check=True, timeout=10)


def test_a_line_too_long_to_look_through_is_not_kept() -> None:
    assert holds_secret("a" * 5_000)
