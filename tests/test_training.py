"""Training: it learns, it stops when told, it goes on where it was, and it never loses what it had."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rnnchat.cli.train import long_document
from rnnchat.errors import TrainingError
from rnnchat.quality import nats_per_character
from rnnchat.recurrent import RecurrentModel
from rnnchat.text import Document, Turn
from rnnchat.train.corpus import build_corpus, encode_documents
from rnnchat.train.export import output_graph, step_graph
from rnnchat.train.recipe import learning_rate, recipe_for
from rnnchat.train.snapshot import load_recipe, resume, save_snapshot
from rnnchat.train.trainer import Trainer
from rnnchat.vocabulary import BOT, DOCUMENT, USER, Unit


def documents(count: int = 60, seed: int = 0) -> list[Document]:
    """Sentences from a small grammar: learnable, and each its own."""
    chance = random.Random(seed)
    nouns, verbs = ["cat", "dog", "bird", "fish", "horse"], ["sees", "likes", "hears", "knows"]
    rows = [
        " ".join(f"the {chance.choice(nouns)} {chance.choice(verbs)} the {chance.choice(nouns)}." for _ in range(6))
        for _ in range(count)
    ]
    return [Document((Turn("text", row),), "made") for row in rows]


def make_trainer(seed: int = 1, epochs: float = 2.0, **changes: object) -> Trainer:
    recipe = recipe_for(10_000, unit="char", size="small", epochs=epochs, seed=seed)
    recipe = replace(recipe, hidden=32, embedding=16, batch=4, length=16, dropout=0.1, **changes)  # type: ignore[arg-type]
    return Trainer(build_corpus(documents(), "char", 400, seed), recipe, "probe")


def test_it_learns() -> None:
    trainer = make_trainer(epochs=6)
    losses = [progress.held_out for progress in trainer.steps() if progress.held_out is not None]
    assert losses[-1] < 0.6 * losses[0]
    model = RecurrentModel(trainer.checkpoint())
    text = documents(3, seed=99)[0].turns[0].text
    assert nats_per_character(model, text) < 1.5, "the exported model knows what the network learned"


@pytest.mark.parametrize("attention", [0, 8], ids=["plain", "pointer"])
def test_resumed_is_the_same_as_uninterrupted(tmp_path: Path, attention: int) -> None:
    torch.set_num_threads(1)
    whole = make_trainer(attention=attention)
    for _ in whole.steps():
        pass
    stopped = make_trainer(attention=attention)
    for progress in stopped.steps():
        if progress.step == 37:
            save_snapshot(stopped, tmp_path / "snapshot")
        if progress.step == 41:
            break  # as a kill would: the steps after the snapshot are lost
    found = load_recipe(tmp_path / "snapshot")
    assert found is not None
    again = Trainer(build_corpus(documents(), "char", 400, 1), found[0], "probe")
    resume(again, tmp_path / "snapshot")
    assert again.step == 37
    for _ in again.steps():
        pass
    assert again.step == whole.step
    assert again.best == whole.best
    for one, other in zip(whole.parameters + whole.best_weights, again.parameters + again.best_weights, strict=True):
        assert torch.equal(one, other)


def test_resume_refuses_another_text(tmp_path: Path) -> None:
    trainer = make_trainer()
    next(iter(trainer.steps()))
    save_snapshot(trainer, tmp_path / "snapshot")
    other = Trainer(build_corpus(documents(seed=5), "char", 400, 1), trainer.recipe, "probe")
    with pytest.raises(TrainingError, match="text has changed"):
        resume(other, tmp_path / "snapshot")
    (tmp_path / "snapshot/config.json").write_text("{")
    with pytest.raises(TrainingError, match="damaged"):
        load_recipe(tmp_path / "snapshot")


def test_a_loss_that_is_no_number_stops_and_keeps_the_best() -> None:
    trainer = make_trainer()

    def spoil_after_an_evaluation() -> None:
        for progress in trainer.steps():
            if progress.held_out is not None:
                with torch.no_grad():
                    trainer.parameters[0].fill_(float("nan"))

    with pytest.raises(TrainingError, match="--learning-rate"):
        spoil_after_an_evaluation()
    made = trainer.checkpoint()
    assert all(np.isfinite(value).all() for value in (made.weights or {}).values())


def test_dialogues_are_encoded_with_roles() -> None:
    corpus = build_corpus([Document((Turn("user", "hi" * 60), Turn("bot", "ho" * 60)), "a")] * 30, "char", 400, 0)
    row = encode_documents([Document((Turn("user", "hi"), Turn("bot", "ho")), "a")], corpus.vocabulary)
    assert row.tolist()[:2] == [DOCUMENT, USER]
    assert BOT in row


def test_one_document_is_divided() -> None:
    text = "".join(random.Random(0).choices("abcdefgh ", k=2_000))
    corpus = build_corpus([Document((Turn("text", text),), "a")], "char", 400, 0)
    decode = corpus.vocabulary.decode
    assert decode(corpus.train) + decode(corpus.held_out) == text
    assert 100 <= corpus.held_out_characters <= 300
    assert any("little text" in note for note in corpus.notes)


def test_the_learning_rate_rises_and_falls() -> None:
    recipe = recipe_for(1_000_000, minutes=5)
    rates = [learning_rate(recipe, place / 1000) for place in range(1001)]
    assert max(rates) == pytest.approx(recipe.learning_rate, rel=0.01)
    assert rates[0] < recipe.learning_rate / 10
    assert rates[-1] == 0
    assert rates[20:] == sorted(rates[20:], reverse=True)


def test_a_row_of_the_pointers_training_holds_nearly_every_document_whole() -> None:
    def rows(long_document: int, unit: Unit = "char", minutes: float | None = None) -> tuple[int, int]:
        recipe = recipe_for(
            10_000_000, unit=unit, pointer=True, long_document=long_document, graphics_card=True, minutes=minutes
        )
        return recipe.batch, recipe.length

    assert [rows(length) for length in (0, 200, 255, 256, 700, 5_000)] == [
        (16, 256), (16, 256), (16, 256), (8, 512), (5, 768), (4, 1_024),
    ]  # fmt: skip
    assert rows(1_000, "word") == (8, 512), "words that are spelled are long"
    assert rows(1_000, minutes=5) == (32, 1_024), "a card reads more rows in the same minutes, not in the same passes"
    for unit, tokens in (("char", 20_000), ("word", 4_000)):
        recipe = recipe_for(20_000, unit=unit, pointer=True, graphics_card=True, minutes=5)  # type: ignore[arg-type]
        assert recipe.batch * recipe.length <= tokens
    short = [Document((Turn("user", "knock"), Turn("bot", "who")), "a")] * 97
    assert long_document([*short, Document((Turn("text", "x" * 20),), "a")]) == 10
    assert long_document([*short, Document((Turn("text", "x" * 5_000),), "a")]) == 5_001
    assert long_document([]) == 0


def test_int8_costs_little_of_what_was_learned() -> None:
    trainer = make_trainer(epochs=6)
    for _ in trainer.steps():
        pass
    made = trainer.checkpoint()
    weights = {name: np.asarray(value, np.float32) for name, value in (made.weights or {}).items()}
    exact = replace(
        made,
        step_graph=step_graph(made.config, weights, int8=False),
        output_graph=output_graph(made.config, weights, False, 1.0),
    )
    text = " ".join(document.turns[0].text for document in documents(20, seed=77))
    rounded, whole = (nats_per_character(RecurrentModel(checkpoint), text) for checkpoint in (made, exact))
    assert rounded <= 1.005 * whole


# From here on the command itself, in processes of its own.


def start_training(folder: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "rnnchat", "train", str(folder / "notes"), "--name", "mine", "--json", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    (tmp_path / "notes").mkdir()
    for place, document in enumerate(documents(40)):
        (tmp_path / "notes" / f"{place}.txt").write_text(document.turns[0].text)
    return tmp_path


def home() -> Path:
    return Path(os.environ["RNNCHAT_HOME"])


def test_train_then_complete(notes: Path) -> None:
    training = start_training(notes, "--epochs", "3", "--size", "small")
    out, err = training.communicate(timeout=120)
    assert training.returncode == 0, err
    events = [json.loads(line) for line in out.splitlines()]
    assert events[-1]["event"] == "done"
    assert any(event.get("sample") for event in events)
    command = [sys.executable, "-m", "rnnchat", "complete", "--model", "mine", "the cat", "--json"]
    answer = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert answer["model"] == "mine"
    assert answer["suggestions"][0]["text"]
    assert "Learned from" in (home() / "models/mine/CARD.md").read_text()
    assert not (home() / "training/mine").exists(), "a finished training leaves no snapshot"
    refused = start_training(notes, "--epochs", "1")
    assert "there is a model named mine already" in refused.communicate(timeout=60)[1]
    assert refused.returncode == 2


def test_interrupted_training_saves_and_tells_how_to_go_on(notes: Path) -> None:
    training = start_training(notes, "--minutes", "30", "--size", "small", "--device", "cpu")
    assert training.stdout is not None
    for line in training.stdout:
        if json.loads(line).get("event") == "progress":
            training.send_signal(signal.SIGINT)
            break
    out, err = training.communicate(timeout=60)
    assert training.returncode == 130, err
    assert "--resume --device cpu" in out
    assert (home() / "models/mine/config.json").exists()
    assert (home() / "training/mine/config.json").exists()


def test_killed_training_goes_on(notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNCHAT_SNAPSHOT_SECONDS", "0.2")
    training = start_training(notes, "--epochs", "400", "--size", "small", "--seed", "3")
    deadline = time.monotonic() + 60
    while not (home() / "training/mine/config.json").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    training.kill()
    training.communicate()
    step = json.loads((home() / "training/mine/config.json").read_text())["step"]
    assert step > 0
    again = start_training(notes, "--resume")
    assert again.stdout is not None
    first = next(json.loads(line) for line in again.stdout if '"progress"' in line)
    assert first["step"] > step
    again.kill()
    again.communicate()
