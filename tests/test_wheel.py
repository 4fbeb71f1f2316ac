"""What people install: the wheel, built from the sdist, in a clean environment, without a network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
PARTS = ("rnnchat", "corpora", "checkpoints", "tests", "benchmarks", "docs")
FILES = ("pyproject.toml", "Makefile", "README.md", "CHANGELOG.md", "LICENSE")
# Nothing listens there: whoever asks the network for anything fails at once.
OFFLINE = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a command that must succeed; return its output."""
    env = {**os.environ, **environment}
    env.pop("PYTHONPATH", None)
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build both archives from a copy, so that neither leftovers in the repository nor the build touch each other."""
    source = tmp_path_factory.mktemp("source")
    ignore = shutil.ignore_patterns("__pycache__", "*.tmp-*", "*.old-*")
    for name in PARTS:
        if (REPOSITORY / name).is_dir():
            shutil.copytree(REPOSITORY / name, source / name, ignore=ignore)
    for name in FILES:
        shutil.copy(REPOSITORY / name, source / name)
    shutil.copy(REPOSITORY / ".gitignore", source)
    (source / "stray.whl").write_text("not ours")
    run(sys.executable, "-m", "build", "--no-isolation", cwd=source)  # the wheel is built from the sdist
    return source / "dist"


@pytest.fixture(scope="module")
def program(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel and nothing else that is ours; return the program."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=True)
    (wheel,) = dist.glob("*.whl")
    run(folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", wheel, cwd=folder)
    return folder / "bin" / "rnnchat"


def test_the_sdist_holds_what_it_should(dist: Path) -> None:
    (archive,) = dist.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    assert {"rnnchat/__main__.py", "corpora/public.toml", "README.md", "LICENSE", "tests/conftest.py"} <= names
    assert "stray.whl" not in names


def test_the_wheel_holds_every_model_and_text(dist: Path) -> None:
    (archive,) = dist.glob("*.whl")
    with zipfile.ZipFile(archive) as file:
        names = set(file.namelist())
    for kind in ("corpora", "checkpoints"):
        files = (path.relative_to(REPOSITORY) for path in (REPOSITORY / kind).rglob("*") if path.is_file())
        expected = {f"rnnchat/_data/{path}" for path in files if "__pycache__" not in path.parts}
        assert expected
        assert expected <= names
    assert {name.split("/")[0] for name in names} == {"rnnchat", "rnnchat-0.1.0.dist-info"}


def test_it_completes_without_network_or_torch(program: Path, tmp_path: Path) -> None:
    python = program.with_name("python")
    installed = run(python, "-m", "pip", "list", "--format=json", cwd=tmp_path)
    assert not {"torch", "onnx", "pytest"} & {package["name"] for package in json.loads(installed)}
    answer = json.loads(run(program, "complete", "Hello", "--json", cwd=tmp_path, **OFFLINE))
    assert answer["text"] == "Hello"
    assert set(answer) == {"text", "model", "memory", "suggestions", "milliseconds"}


def test_it_finds_its_models_and_texts(program: Path, tmp_path: Path) -> None:
    models = run(program, "models", "list", "--json", cwd=tmp_path, **OFFLINE).splitlines()
    corpora = run(program, "corpora", "list", "--json", cwd=tmp_path, **OFFLINE).splitlines()
    assert "everyday" in {json.loads(line)["name"] for line in models}
    assert {json.loads(line)["where"] for line in corpora} == {"bundled", "public"}
    assert all(str(program.parent.parent) in json.loads(line)["path"] for line in models)
