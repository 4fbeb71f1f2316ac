"""What comes with the program does what the README shows; through the real command."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

import pytest
from conftest import REPOSITORY, Rnnchat

from benchmarks.talks import unseen_name
from rnnchat.chat import Conversation
from rnnchat.checkpoint import Checkpoint
from rnnchat.config import expected_tensors
from rnnchat.errors import ModelError
from rnnchat.places import bundled_folder, find_model, model_folders
from rnnchat.recurrent import RecurrentModel

TOPPINGS = re.compile(
    r"mushroom|pepperoni|cheese|olive|onion|ham|pineapple|pepper|anchov|spinach|bacon|sausage|jalapeno|basil|chicken|"
    r"tomato|tuna|corn|garlic|salami|broccoli"
)
BUNDLED = ["chat", "chat-feedforward", "everyday", "everyday-feedforward", "shell"]


def completions(rnnchat: Rnnchat, *arguments: str) -> list[dict[str, Any]]:
    done = rnnchat("complete", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert set(answer) == {"text", "model", "memory", "suggestions", "milliseconds"}
    suggestions: list[dict[str, Any]] = answer["suggestions"]
    return suggestions


def talk(rnnchat: Rnnchat, messages: str, *arguments: str) -> list[str]:
    done = rnnchat("chat", "--json", *arguments, stdin=messages)
    assert done.returncode == 0, done.stderr
    turns = [json.loads(line) for line in done.stdout.splitlines()]
    assert [turn["turn"] for turn in turns] == list(range(1, len(turns) + 1))
    assert all(set(turn) == {"turn", "user", "reply", "model", "memory", "milliseconds"} for turn in turns)
    return [turn["reply"] for turn in turns]


def test_pizza_has_toppings_with_memory_and_none_without(rnnchat: Rnnchat) -> None:
    text = "I want to order pizza with"
    full = completions(rnnchat, text, "--count", "3")
    assert len(full) == 3
    assert all(TOPPINGS.search(suggestion["text"]) for suggestion in full)
    assert all(suggestion["text"].startswith(" ") for suggestion in full)
    none = completions(rnnchat, text, "--count", "3", "--memory", "none")
    assert not any(TOPPINGS.search(suggestion["text"]) for suggestion in none)


def test_knock_knock(rnnchat: Rnnchat) -> None:
    assert talk(rnnchat, "Knock, knock!\nBoo.\n") == ["Who's there?", "Boo who?"]
    assert talk(rnnchat, "Knock, knock!\nBoo.\n", "--memory", "message")[1] != "Boo who?"
    assert talk(rnnchat, "Knock, knock!\nBoo.\n", "--memory", "none")[1] != "Boo who?"


@pytest.mark.parametrize("opening", ["knock knock", "Knock knock.", "Knock, knock", "KNOCK, KNOCK!"])
def test_any_way_to_knock(rnnchat: Rnnchat, opening: str) -> None:
    assert talk(rnnchat, f"{opening}\n") == ["Who's there?"]


def test_names_nobody_has_come_back_as_written() -> None:
    chance, model = Random(7), RecurrentModel.load("chat")
    names = [unseen_name(chance) for _ in range(40)]
    right = 0
    for seed, name in enumerate(names):
        conversation = Conversation(model, seed=seed)
        assert conversation.reply("Knock, knock!") == "Who's there?"
        right += conversation.reply(f"{name}.") == f"{name} who?"
    assert right >= 37


def test_the_word_under_the_cursor_is_completed(rnnchat: Rnnchat) -> None:
    assert completions(rnnchat, "See you tom")[0]["text"].startswith("orrow")
    assert completions(rnnchat, "Thank you very mu")[0]["text"].startswith("ch")


@pytest.mark.parametrize("text", ["git ", "git com", "tar -x", "docker "])
def test_shell_knows_commands(rnnchat: Rnnchat, text: str) -> None:
    assert completions(rnnchat, text, "--model", "shell", "--count", "3")


@pytest.mark.parametrize("name", BUNDLED)
def test_checkpoints_are_whole(name: str) -> None:
    checkpoint = Checkpoint.load(find_model(name), with_weights=True)
    assert checkpoint.config.name == name
    assert checkpoint.weights is not None
    assert {key: value.shape for key, value in checkpoint.weights.items()} == expected_tensors(checkpoint.config)
    for heading in ("Learned from", "How well", "rnnchat train"):
        assert heading in checkpoint.card, f"the card says {heading}"
    RecurrentModel(checkpoint)


def test_they_fit_the_limit() -> None:
    files = [file for file in bundled_folder("checkpoints").rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 60_000_000
    assert set(model_folders()) == set(BUNDLED)


def test_none_without_a_twin_says_how_to_make_one() -> None:
    with pytest.raises(ModelError, match="--cell feedforward --name shell-feedforward"):
        RecurrentModel.load("shell", "none")


def test_the_readme_shows_what_is_there() -> None:
    from rnnchat.cli import COMMANDS

    readme = (REPOSITORY / "README.md").read_text()
    for name in COMMANDS:
        assert f"rnnchat {name}" in readme
    tree = re.search(r"```\n(rnnchat/.*?)```", readme, re.S)
    assert tree is not None
    named = set(re.findall(r"\b[\w]+\.py\b", tree[1]))
    there = {file.name for file in (REPOSITORY / "rnnchat").glob("*.py")} - {"__init__.py", "__main__.py"}
    assert there <= named, "every file of the package stands in the README's tree"


def test_readme_examples_are_what_happens(rnnchat: Rnnchat) -> None:
    """Every `$ rnnchat ...` example of the README that needs no training, run as it stands."""
    import shlex

    readme = (REPOSITORY / "README.md").read_text()
    examples = re.findall(
        r"^\$ ((?:printf '[^']*' \| )?rnnchat (?:complete|chat)[^\n]*)\n((?:(?!\$ |```).*\n)*)", readme, re.M
    )
    assert len(examples) >= 4
    for command, expected in examples:
        stdin = ""
        if command.startswith("printf"):
            printed, command = command.split(" | ", 1)
            stdin = shlex.split(printed)[1].replace("\\n", "\n")
        done = rnnchat(*shlex.split(command)[1:], stdin=stdin)
        assert done.stdout == expected, command
