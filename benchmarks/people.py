"""Whole conversations in other people's words (conversations/), in which the chatbot answers every turn itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rnnchat.chat import Conversation
from rnnchat.config import Memory
from rnnchat.recurrent import RecurrentModel

Talk = dict[str, Any]
MEMORIES: tuple[Memory, ...] = ("full", "message")
TALKS = Path(__file__).parent / "conversations"
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def talks(name: str) -> list[Talk]:
    """Return the conversations of one file."""
    return [json.loads(line) for line in (TALKS / f"{name}.jsonl").read_text().splitlines()]


def plain(text: str) -> str:
    """Return a text in small letters, with small numbers as words: two people may mean the same by either."""

    def worded(found: re.Match[str]) -> str:
        return NUMBERS[int(found[0])] if int(found[0]) < len(NUMBERS) else found[0]

    return re.sub(r"\b\d+\b", worded, text.lower())


def mentions(text: str, words: str) -> bool:
    """Tell whether words stand in a text, as they are or in the plural; a number must be that number."""
    wanted = plain(words)
    last = wanted.split()[-1]
    end = r"(?![\w-])" if last in NUMBERS or last.isdigit() else ""
    return re.search(rf"(?<![\w-]){re.escape(wanted)}{end}", plain(text)) is not None


def fact_is_right(talk: Talk, replies: list[str]) -> bool:
    """Tell whether the last reply holds one of the ways to say what was told."""
    return any(mentions(replies[-1], value) for value in talk["any"])


def order_is_right(talk: Talk, replies: list[str]) -> bool:
    """Tell whether the last reply holds all that was ordered and nothing that was taken back."""
    return all(mentions(replies[-1], each) for each in talk["must"]) and not any(
        mentions(replies[-1], each) for each in talk["must_not"]
    )


def joke_is_right(talk: Talk, replies: list[str]) -> bool:
    """Tell whether the joke was heard as one: who's there, and the name asked back."""
    return replies[-3:-1] == ["Who's there?", talk["expect"]]


def said(talk: Talk) -> list[str]:
    """Return what the person says in a conversation, turn by turn."""
    if "knock" in talk:
        return [*talk["before"], talk["knock"], talk["name"], talk["punchline"]]
    return [*talk["turns"], talk["ask"]]


SUITES: dict[str, tuple[str, Callable[[Talk, list[str]], bool]]] = {
    "fact told and asked back": ("facts", fact_is_right),
    "order taken and summed up": ("orders", order_is_right),
    "joke heard: who's there, <name> who": ("jokes", joke_is_right),
}


def measure(model: RecurrentModel) -> Iterator[dict[str, Any]]:
    """Yield for each kind of conversation how many go right, with memory and where each message is read alone."""
    for name, (file, is_right) in SUITES.items():
        found = talks(file)
        right = {
            memory: sum(is_right(talk, held(model, memory, seed, talk)) for seed, talk in enumerate(found))
            for memory in MEMORIES
        }
        yield {"what": name, "talks": len(found)} | {memory: right[memory] / len(found) for memory in MEMORIES}


def held(model: RecurrentModel, memory: Memory, seed: int, talk: Talk) -> list[str]:
    """Hold a conversation; return the replies."""
    conversation = Conversation(model, memory, seed=seed)
    return [conversation.reply(message) for message in said(talk)]
