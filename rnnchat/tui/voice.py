"""A voice: one model with one kind of memory, which completes and answers. The compare view shows two of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rnnchat.chat import Conversation
from rnnchat.complete import Completer
from rnnchat.model import LanguageModel
from rnnchat.pointer import Pointer
from rnnchat.recurrent import RecurrentModel
from rnnchat.settings import Settings
from rnnchat.text import Turn
from rnnchat.tui.events import VoiceName
from rnnchat.tui.inside import Reader
from rnnchat.tui.watcher import Watcher

GiveWay = Callable[[], None]
MOST_VOICES = 4  # kept loaded; each model takes some tens of megabytes


class Polite:
    """A language model that lets others go first before each step: a reply is written in drafts, which take a while.

    Args:
        model: what computes.
        give_way: called before each step; what it raises ends whatever the step was for.
    """

    def __init__(self, model: LanguageModel[Any], give_way: GiveWay) -> None:
        self._model, self._give_way = model, give_way
        self.vocabulary = model.vocabulary
        self.start, self.log_probs, self.batch_log_probs = model.start, model.log_probs, model.batch_log_probs

    def step(self, states: Sequence[Any], tokens: Sequence[int]) -> list[Any]:
        """Return the states after one token each."""
        self._give_way()
        return self._model.step(states, tokens)


class Voice:
    """A loaded voice.

    Args:
        completer: finishes what is written.
        talker: loads the model that answers; called when the first answer is wanted.
        pointer: loads the attention head of that model, or None where it has none; called when it is looked at.
        answers_itself: whether the model that answers is the one that completes.
        give_way: see Polite.
        settings: how freely replies are chosen.

    Attributes:
        reader: looks inside the network.
    """

    def __init__(
        self,
        name: VoiceName,
        completer: Completer,
        talker: Callable[[], RecurrentModel],
        settings: Settings,
        pointer: Callable[[], Pointer | None],
        answers_itself: bool,
        give_way: GiveWay,
    ) -> None:
        self.name = name
        self.completer = completer
        self.reader = Reader(completer.model)
        self._talker, self._pointer = talker, pointer
        self._settings = settings
        self._answers_itself, self._give_way = answers_itself, give_way
        self._watchers: dict[bool, Watcher | None] = {}
        self._conversation: Conversation | None = None

    def conversation(self, turns: Sequence[Turn]) -> Conversation:
        """Return the conversation as it stands after `turns`; read anew where it went another way.

        Raises:
            ModelError: the model that answers cannot be loaded.
        """
        if self._conversation is None or self._conversation.turns != list(turns):
            self._conversation = self._new()
            self._conversation.hear(turns)
        return self._conversation

    def watcher(self, answers: bool) -> Watcher | None:
        """Return what watches the attention head of the model that answers, or of the one that completes.

        None where the model has no such head.

        Raises:
            ModelError: the model cannot be loaded.
        """
        if answers not in self._watchers:
            pointer = self._pointer() if answers or self._answers_itself else None
            model = self._talker() if pointer else None
            self._watchers[answers] = (
                Watcher(model, pointer, self.name.memory, _knows_roles(model)) if model and pointer else None
            )
        return self._watchers[answers]

    def _new(self) -> Conversation:
        settings, model = self._settings, self._talker()
        return Conversation(
            Polite(model, self._give_way), self.name.memory,
            temperature=settings.temperature, top_p=settings.top_p, roles=_knows_roles(model),
        )  # fmt: skip

    def interrupt(self) -> None:
        """Forget a conversation that was given up in the middle of a thought; it is read anew when it goes on."""
        self._conversation = None


class Voices:
    """Loads voices when they are asked for, and keeps the latest few; for the worker's thread alone.

    Args:
        give_way: see Polite.
    """

    def __init__(self, settings: Settings, give_way: GiveWay = lambda: None) -> None:
        self._settings, self._give_way = settings, give_way
        self._loaded: dict[VoiceName, Voice] = {}
        self._talkers: dict[tuple[str, bool], RecurrentModel] = {}
        self._pointers: dict[tuple[str, bool], Pointer | None] = {}

    def get(self, name: VoiceName) -> Voice:
        """Return a voice.

        Raises:
            ModelError: there is no such model, it is damaged, or it does not serve this memory.
        """
        voice = self._loaded.pop(name, None) or self._load(name)
        self._loaded[name] = voice
        if len(self._loaded) > MOST_VOICES:
            del self._loaded[next(iter(self._loaded))]
        return voice

    def _load(self, name: VoiceName) -> Voice:
        settings = self._settings
        twin = next((voice for voice in self._loaded.values() if _share(voice.name, name)), None)
        if twin is None:
            completer = Completer.load(
                name.model, name.memory,
                threshold=settings.threshold, words=settings.words, offensive=settings.offensive == "show",
            )  # fmt: skip
        else:  # full and message differ in how a model is used, not in the model
            completer = twin.completer.with_memory(name.memory)
        answers_itself = settings.talker(name.model) == name.model
        return Voice(
            name, completer, lambda: self._talker(name), settings, lambda: self._pointer(name), answers_itself,
            self._give_way,
        )  # fmt: skip

    def _talker(self, name: VoiceName) -> RecurrentModel:
        talker = self._settings.talker(name.model)
        key = (talker, name.memory == "none")
        if key not in self._talkers:
            self._talkers[key] = RecurrentModel.load(talker, name.memory)
        return self._talkers[key]

    def _pointer(self, name: VoiceName) -> Pointer | None:
        talker = self._settings.talker(name.model)
        key = (talker, name.memory == "none")
        if key not in self._pointers:
            # Asked of the model that is loaded anyway: reading the weights of one without a head would be for nothing.
            has_head = self._talker(name).config.attention > 0
            self._pointers[key] = Pointer.load(talker, name.memory) if has_head else None
        return self._pointers[key]


def _knows_roles(model: RecurrentModel) -> bool:
    return model.config.tuned.get("dialogue", 1.0) > 0


def _share(one: VoiceName, other: VoiceName) -> bool:
    return one.model == other.model and "none" not in (one.memory, other.memory)
