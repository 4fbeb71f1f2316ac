"""Bad input, met by the real command in a fresh process: one sentence on stderr, the right exit code, nothing lost."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Rnnchat

from checkpoints import tiny_checkpoint

TEXT = "the cat sat on the mat and the dog sat on the cat while it was cold.\n" * 30
SMALL = ("--size", "small", "--epochs", "0.2")


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """On texts as small as these, threads that wait for each other cost more than they bring."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture
def models(own_home: Path) -> Path:
    """The folder of the person's own models, with one in it, named tiny."""
    tiny_checkpoint().save(own_home / "models" / "tiny")
    return own_home / "models"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A text that is just large enough to learn from."""
    (tmp_path / "notes.txt").write_text(TEXT)
    return tmp_path / "notes.txt"


def assert_sentence(done: subprocess.CompletedProcess[str], code: int, *told: str) -> None:
    """Check that a run ended with `code` and one last sentence that holds `told`, in any place."""
    assert done.returncode == code, done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("rnnchat: ")
    for part in told:
        assert part in last
    for wrong in ("Traceback", "something went wrong inside", "\x1b"):
        assert wrong not in done.stderr


def strict_json(line: str) -> Any:
    """Parse JSON as its standard says: no NaN, no half surrogates."""

    def refuse(text: str) -> None:
        raise ValueError(text)

    value = json.loads(line, parse_constant=refuse)
    json.dumps(value, ensure_ascii=False).encode()
    return value


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


# ---------------------------------------------------------------------------------------------------- texts


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (None, "no file or folder bad.txt; check the name"),
        (b"", "bad.txt is empty"),
        (b" \n\t\n" * 500, "bad.txt is empty"),
        (bytes(range(256)) * 20, "bad.txt is not text but binary"),
        (b"some words\n" * 50 + b"\0", "bad.txt is not text but binary"),
    ],
    ids=["missing", "empty", "blank", "binary", "nul"],
)
def test_a_file_without_text(rnnchat: Rnnchat, tmp_path: Path, models: Path, data: bytes | None, told: str) -> None:
    if data is not None:
        (tmp_path / "bad.txt").write_bytes(data)
    assert_sentence(rnnchat("evaluate", "tiny", "bad.txt"), 1, told)


def test_too_little_text_to_learn_from(rnnchat: Rnnchat, tmp_path: Path, own_home: Path) -> None:
    (tmp_path / "ten.txt").write_text("0123456789")
    done = rnnchat("train", "ten.txt", "--name", "x", *SMALL)
    assert_sentence(done, 1, "ten.txt holds 10 characters; training needs at least 200")
    assert not (own_home / "models" / "x").exists()


def test_names_that_are_no_text(rnnchat: Rnnchat, models: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")
    told = {
        "": "name of a text is empty",
        "empty": "empty holds no text",
        "pipe": "not a regular file",
        "x" * 300: "File name too long",
        "a\x1b[2J": "no file or folder 'a\\x1b[2J'",
    }
    for name, part in told.items():
        assert_sentence(rnnchat("evaluate", "tiny", name), 1, part)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read(rnnchat: Rnnchat, models: Path, tmp_path: Path, notes: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    for path in (notes, closed):
        path.chmod(0)
        done = rnnchat("evaluate", "tiny", str(path))
        path.chmod(0o700)
        assert_sentence(done, 1, "cannot be read (permission denied)")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no file here that fails while it is read")
def test_a_text_that_fails_while_it_is_read(rnnchat: Rnnchat, models: Path) -> None:
    assert_sentence(rnnchat("evaluate", "tiny", "/proc/self/mem"), 1, "cannot be read to its end")


# ---------------------------------------------------------------------------------------------------- options


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["generate", "--temperature", "nan"], "'nan' is no number"),
        (["generate", "--length", "0"], "0 is not in the range"),
        (["chat", "--temperature", "-1"], "not in the range"),
        (["complete", "--count", "many"], "'many' is not a valid integer"),
        (["complete", "--memory", "elephant"], "not one of 'full', 'message', 'none'"),
        (["complete", "--cuont", "1"], "no such option '--cuont'"),
        (["train", "notes.txt"], "missing option '--name'"),
        (["train", "notes.txt", "--name", "x", "--minutes", "nan"], "'nan' is no number"),
        (["train", "notes.txt", "--name", "x", "--epochs", "inf"], "not in the range"),
        (["train", "notes.txt", "--name", "x", "--learning-rate", "nan"], "'nan' is no number"),
        (["train", "notes.txt", "--name", "x", "--epochs", "1", "--minutes", "1"], "give one of them"),
        (["train", "notes.txt", "--name", "x", "--device", "cuda"], "torch finds no graphics card"),
        (["train", "notes.txt", "--name", "../x"], "'../x' is no model name"),
        (["train", "notes.txt", "--name", ".."], "'..' is no model name"),
        (["train", "notes.txt", "--name", ""], "'' is no model name"),
        (["train", "notes.txt", "--name", "tiny"], "there is a model named tiny already"),
        (["train", "notes.txt", "--name", "tiny", "--resume"], "no stopped training of tiny is there, but the model"),
        (["train", "notes.txt", "--name", "x", "--start-from", "tiny", "--cell", "gru"], "tiny has --cell lstm"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
def test_options_that_make_no_sense(
    rnnchat: Rnnchat, models: Path, notes: Path, arguments: list[str], told: str
) -> None:
    before = contents(models / "tiny")
    assert_sentence(rnnchat(*arguments), 2, told)
    assert contents(models / "tiny") == before
    assert not (models / "x").exists()


# ---------------------------------------------------------------------------------------------------- checkpoints


def resign(folder: Path) -> None:
    """Make a changed folder's sums true again: what is wrong with it then is not damage but content."""
    config = json.loads((folder / "config.json").read_text())
    config["sha256"] = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in config["sha256"]}
    (folder / "config.json").write_text(json.dumps(config))


def truncate(name: str) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        (folder / name).write_bytes((folder / name).read_bytes()[:-40])

    return harm


def change(name: str, value: object) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | {name: value}))

    return harm


def fill_with_nan(folder: Path) -> None:
    import numpy as np
    import onnx
    from onnx import numpy_helper

    model = onnx.load(folder / "output.onnx")
    for tensor in model.graph.initializer:
        array = np.full_like(numpy_helper.to_array(tensor), np.nan)
        tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))
    (folder / "output.onnx").write_bytes(model.SerializeToString())
    resign(folder)


def be_foreign(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()
    (folder / "config.json").write_text('{"model_type": "gpt2"}')


def be_empty(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


def be_a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("not a folder")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (truncate("config.json"), "config.json is damaged"),
        (truncate("vocabulary.json"), "vocabulary.json is damaged"),
        (truncate("step.onnx"), "step.onnx is damaged"),
        (truncate("output.onnx"), "output.onnx is damaged"),
        (change("format", 99), "has format 99, but this rnnchat reads format 1; update rnnchat"),
        (change("hidden", 64), "the graphs of tiny do not run"),
        (change("hidden", 10**9), "hidden must be a whole number from 1 to 4096"),
        (change("cell", "gru"), "step.onnx is damaged or foreign"),
        (fill_with_nan, "tiny computes no probabilities; train it again"),
        (be_foreign, "it may be another program's"),
        (be_empty, "is no model, for it holds no config.json"),
        (be_a_file, "it is not a folder"),
    ],
    ids=lambda value: getattr(value, "__qualname__", ""),
)
def test_a_checkpoint_that_cannot_be_used(
    rnnchat: Rnnchat, models: Path, harm: Callable[[Path], None], told: str
) -> None:
    harm(models / "tiny")
    assert_sentence(rnnchat("complete", "--model", str(models / "tiny"), "hello"), 1, told)


def test_weights_that_are_damaged_stop_what_needs_them(rnnchat: Rnnchat, models: Path, notes: Path) -> None:
    truncate("weights.safetensors")(models / "tiny")
    done = rnnchat("train", "notes.txt", "--name", "x", "--start-from", "tiny", *SMALL)
    assert_sentence(done, 1, "weights.safetensors is damaged")


def test_a_model_that_is_not_there(rnnchat: Rnnchat, models: Path) -> None:
    assert_sentence(rnnchat("chat", "--model", "tinny"), 1, "no model named 'tinny'; did you mean tiny?")
    for path in ("./tiny", "a/../../b", "~nobody-of-this-name/x", "./" + "y" * 300, "./a\x1b[2J"):
        assert_sentence(rnnchat("complete", "--model", path, "hi"), 1, "no model at ")
    assert_sentence(rnnchat("complete", "--model", "", "hi"), 1, "no model named ''")
    assert_sentence(rnnchat("complete", "--model", "tiny", "--memory", "none", "hi"), 1, "has no context-free twin")


# ---------------------------------------------------------------------------------------------------- places, settings


def test_a_home_that_is_a_file(rnnchat: Rnnchat, tmp_path: Path, notes: Path) -> None:
    home = tmp_path / "home"
    home.write_text("mine")
    told = {
        ("models",): "it is not a folder",
        ("complete", "hi"): "set RNNCHAT_HOME to another folder",
        ("train", "notes.txt", "--name", "x"): "set RNNCHAT_HOME to another folder",
        ("config", "set", "words", "3"): "a file of that name is in the way",
    }
    for arguments, part in told.items():
        assert_sentence(rnnchat(*arguments, RNNCHAT_HOME=str(home)), 1, part)
    assert home.read_text() == "mine"
    assert_sentence(rnnchat("models", RNNCHAT_HOME="x" * 300), 1, "File name too long")


@pytest.mark.parametrize(
    "data", [b"words = [\n", b"\xff\xfe\x00", b'words = "x"\nthreshold = nan\n', b"[model]\na=1\n"]
)
def test_a_damaged_settings_file_stops_nothing(rnnchat: Rnnchat, models: Path, own_home: Path, data: bytes) -> None:
    (own_home / "config.toml").write_bytes(data)
    done = rnnchat("complete", "--model", "tiny", "hello")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)
    assert "config.toml" in done.stderr
    assert all(line.startswith("rnnchat: ") for line in done.stderr.splitlines())
    assert (own_home / "config.toml").read_bytes() == data


# ---------------------------------------------------------------------------------------------------- streams


HARD = "\x1b[31mred\x07 \u202ertl\u202c שלום عالم 👩‍👩‍👧 e\u0301\u0301\u0301\u0301\u0301\u0301 \x9b2J \x00"
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def test_nothing_that_a_terminal_obeys_is_printed(rnnchat: Rnnchat, models: Path) -> None:
    for end, arguments in (
        (HARD, ("chat", "--model", "tiny")),
        ("hell", ("complete", "--model", "tiny", "-")),
        (HARD, ("generate", "--model", "tiny", "--prompt", "-", "--length", "40")),
    ):
        done = rnnchat(*arguments, stdin=HARD + "\n" + end + "\n")
        assert done.returncode == 0, done.stderr
        assert done.stdout
        assert not OBEYED.search(done.stdout + done.stderr)


def test_json_is_always_json(rnnchat: Rnnchat, models: Path, tmp_path: Path) -> None:
    (tmp_path / "ten.txt").write_text("0123456789")
    half = os.fsdecode(b"caf\xe9")  # what an argument in another encoding becomes
    for arguments in (
        ("complete", "--model", "tiny", half),
        ("generate", "--model", "tiny", "--prompt", half, "--length", "5"),
        ("chat", "--model", "tiny"),
        ("evaluate", "tiny", "ten.txt"),
    ):
        done = rnnchat(*arguments, "--json", stdin=HARD + "\n")
        assert done.returncode == 0, done.stderr
        for line in done.stdout.splitlines():
            assert isinstance(strict_json(line), dict)


def test_a_line_of_a_megabyte(rnnchat: Rnnchat, models: Path) -> None:
    for word in ("x", "word "):
        line = word * (1_000_000 // len(word))
        assert rnnchat("complete", "--model", "tiny", stdin=line).returncode == 0
        (turn,) = rnnchat("chat", "--model", "tiny", "--json", stdin=line).stdout.splitlines()
        assert strict_json(turn)["turn"] == 1


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("yes hello | head -50 | rnnchat chat --model tiny | head -1", 0),
        ("rnnchat generate --model tiny --length 20000 | head -c 5", 0),
        ("rnnchat chat --model tiny <&-", 0),
        ("rnnchat complete --model tiny <&-", 0),
        ("rnnchat complete --model tiny hello >&-", 0),
        ("rnnchat complete --model tiny hello > /dev/full", 1),
        ("echo hello | rnnchat chat --model tiny > /dev/full", 1),
    ],
)
def test_streams_that_are_closed_or_full(models: Path, tmp_path: Path, line: str, code: int) -> None:
    script = f'rnnchat() {{ {sys.executable} -m rnnchat "$@"; }}; set -o pipefail; {line}'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)
    # `yes` and `head` themselves may end by SIGPIPE, which pipefail reports as 141.
    assert done.returncode in ({0, 141} if "yes" in line else {code})
    assert done.stderr.count("\n") == code
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", ["chat", "complete", "generate --prompt -"])
def test_an_interrupt_is_130_without_a_word(models: Path, tmp_path: Path, arguments: str) -> None:
    command = [sys.executable, "-m", "rnnchat", *arguments.split(), "--model", "tiny"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, text=True, stdin=pipe, stdout=pipe, stderr=pipe) as running:
        time.sleep(1.0)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
    assert (running.returncode, out, err) == (130, "", "")


# ---------------------------------------------------------------------------------------------------- training


@pytest.mark.parametrize(
    ("unit", "text", "told"),
    [
        ("char", "U: " + TEXT.replace("\n", " ")[:2_000], "this is little text"),
        ("word", "a" * 3_000, "one character over and over"),
    ],
    ids=["one turn of 2 KB", "one character"],
)
def test_little_text_trains_with_advice(
    rnnchat: Rnnchat, tmp_path: Path, models: Path, unit: str, text: str, told: str
) -> None:
    (tmp_path / "text.txt").write_text(text)
    done = rnnchat("train", "text.txt", "--name", "x", "--unit", unit, *SMALL, "--json")
    assert done.returncode == 0, done.stderr
    events = [strict_json(line) for line in done.stdout.splitlines()]
    assert any(told in event.get("text", "") for event in events)
    assert events[-1]["event"] == "done"
    assert rnnchat("chat", "--model", "x", stdin="hello\n").returncode == 0


def test_no_time_to_learn_anything_makes_no_model(rnnchat: Rnnchat, models: Path, notes: Path) -> None:
    # An hour passes between the first look at the clock and the second.
    code = (
        "import time, rnnchat.__main__ as main, rnnchat.cli.train; clock = time.monotonic; late = [3600, 0]; "
        "time.monotonic = lambda: clock() + (late.pop() if len(late) > 1 else late[0]); main.main()"
    )
    command = [sys.executable, "-c", code, "train", "notes.txt", "--name", "x", "--minutes", "0.05"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=notes.parent, timeout=60, check=False)
    assert_sentence(done, 1, "the time was over before the first step; give more --minutes")
    assert not (models / "x").exists()


# A sitecustomize.py that hides installed packages.
BLOCK = """
import importlib.machinery as machinery
real = machinery.PathFinder.find_spec
def find(name, path=None, target=None):
    return None if name.split(".")[0] in BLOCKED else real(name, path, target)
machinery.PathFinder.find_spec = find
"""


def test_training_without_torch_says_what_to_install(rnnchat: Rnnchat, tmp_path: Path, notes: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(BLOCK.replace("BLOCKED", '("torch", "onnx")'))
    path = os.pathsep.join((str(tmp_path), os.environ["PYTHONPATH"]))
    done = rnnchat("train", "notes.txt", "--name", "x", PYTHONPATH=path)
    assert_sentence(done, 1, "training needs torch and onnx", "-m pip install 'torch")
    (tmp_path / "sitecustomize.py").unlink()
    (tmp_path / "torch.py").write_text("raise ImportError('libgomp.so.1: cannot open shared object file')")
    done = rnnchat("train", "notes.txt", "--name", "x", PYTHONPATH=path)
    assert_sentence(done, 1, "torch or onnx cannot be loaded (libgomp.so.1", "-m pip install 'torch")


@pytest.fixture
def stopped(rnnchat: Rnnchat, own_home: Path, notes: Path) -> Path:
    """The snapshot of a training named mine that was stopped by Ctrl-C; its model is saved, too."""
    command = [sys.executable, "-m", "rnnchat", "train", "notes.txt", "--name", "mine", "--epochs", "9000", "--json"]
    with subprocess.Popen(command, cwd=notes.parent, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if '"progress"' in line:
                running.send_signal(signal.SIGINT)
                break
        out, _ = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "rnnchat train notes.txt --name mine --resume" in out
    return own_home / "training" / "mine"


def test_a_stopped_training_is_not_lost(rnnchat: Rnnchat, own_home: Path, notes: Path, stopped: Path) -> None:
    train = ("train", "notes.txt", "--name", "mine")
    model, snapshot = contents(own_home / "models" / "mine"), contents(stopped)
    assert_sentence(rnnchat(*train), 2, "a training of mine was stopped; go on with it by --resume")
    assert_sentence(rnnchat(*train, "--resume", "--cell", "gru"), 2, "the stopped training has --cell lstm; leave")
    (notes.parent / "other.txt").write_text(TEXT.upper())  # the same counts, other characters
    done = rnnchat("train", "other.txt", "--name", "mine", "--resume")
    assert_sentence(done, 1, "the text has changed since that training stopped", "--replace")
    assert_sentence(rnnchat("train", "nothing.txt", "--name", "mine", "--replace"), 1, "no file or folder nothing.txt")
    assert contents(own_home / "models" / "mine") == model
    assert contents(stopped) == snapshot
    for name, data in (
        ("config.json", snapshot["config.json"].replace(b'"hidden": 256', b'"hidden": 257')),
        ("state.safetensors", snapshot["state.safetensors"][:-8] + b"\xff" * 8),
    ):
        (stopped / name).write_bytes(data)
        assert_sentence(rnnchat(*train, "--resume"), 1, "is damaged; train anew with --replace instead of --resume")
        (stopped / name).write_bytes(snapshot[name])


def test_a_disk_that_is_full_costs_nothing_that_was_there(models: Path, notes: Path) -> None:
    before = contents(models / "tiny")
    # No file may grow beyond 100 KB: every larger write fails as it does on a full disk.
    limit = "ulimit -f 100; trap '' XFSZ; exec"
    command = f"{limit} {sys.executable} -m rnnchat train notes.txt --name tiny --replace {' '.join(SMALL)}"
    environment = {**os.environ, "RNNCHAT_SNAPSHOT_SECONDS": "0"}
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, cwd=notes.parent, env=environment, check=False
    )
    assert_sentence(done, 1, "cannot save", "models/tiny")
    assert "the training goes on meanwhile" in done.stderr
    assert contents(models / "tiny") == before
    assert [folder.name for folder in models.iterdir()] == ["tiny"]


def test_two_trainings_of_one_name(rnnchat: Rnnchat, own_home: Path, notes: Path) -> None:
    import fcntl

    (own_home / "training").mkdir(parents=True)
    with (own_home / "training" / "mine.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = rnnchat("train", "notes.txt", "--name", "mine")
    assert_sentence(done, 1, "another rnnchat is training mine now; wait for it or choose another --name")
