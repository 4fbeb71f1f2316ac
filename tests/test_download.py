"""Public corpora are fetched over https, checked, and kept only if they are what was announced."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from rnnchat.cli.download import PublicCorpus, fetch, public_corpora
from rnnchat.errors import SaveError, TextError

DATA = b"To be, or not to be\n" * 10_000


class Handler(BaseHTTPRequestHandler):
    """Serves DATA at /text, the same with another end at /changed, more of it at /long, and leads from /moved."""

    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/text")
            self.end_headers()
            return
        data = {"/text": DATA, "/changed": DATA[:-1] + b"!", "/long": DATA * 3}.get(self.path)
        self.send_response(404 if data is None else 200)
        self.end_headers()  # no Content-Length: what is announced cannot be relied on
        with suppress(ConnectionError):  # the client may have seen enough
            self.wfile.write(data or b"")

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def corpus(monkeypatch: pytest.MonkeyPatch) -> Iterator[PublicCorpus]:
    """A corpus on a server of our own."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/text"
    yield PublicCorpus("hamlet", url, "hamlet.txt", hashlib.sha256(DATA).hexdigest(), len(DATA), "none", "a line")
    server.shutdown()
    thread.join()
    server.server_close()


def at(corpus: PublicCorpus, path: str) -> PublicCorpus:
    return replace(corpus, url=corpus.url.replace("/text", path))


@pytest.mark.parametrize("path", ["/text", "/moved"])
def test_it_is_fetched_once(corpus: PublicCorpus, tmp_path: Path, path: str) -> None:
    file = fetch(at(corpus, path), tmp_path / "new" / "folder", allow_http=True)
    assert file == tmp_path / "new" / "folder" / "hamlet.txt"
    assert file.read_bytes() == DATA
    nowhere = replace(corpus, url="http://127.0.0.1:9/")
    assert fetch(nowhere, tmp_path / "new" / "folder", allow_http=True) == file


def test_a_bar_changes_nothing(corpus: PublicCorpus, tmp_path: Path) -> None:
    assert fetch(corpus, tmp_path, progress=True, allow_http=True).read_bytes() == DATA


@pytest.mark.parametrize(
    ("path", "told"),
    [("/changed", "wrong checksum"), ("/long", "sent more than 200,000 bytes"), ("/gone", "the server says 404")],
)
def test_nothing_else_is_kept(corpus: PublicCorpus, tmp_path: Path, path: str, told: str) -> None:
    with pytest.raises(TextError, match=told):
        fetch(at(corpus, path), tmp_path / "new", allow_http=True)
    assert list((tmp_path / "new").iterdir()) == []


def test_http_is_refused(corpus: PublicCorpus, tmp_path: Path) -> None:
    with pytest.raises(TextError, match="is not https, so nothing was fetched"):
        fetch(corpus, tmp_path / "new")


def test_no_network(corpus: PublicCorpus, tmp_path: Path) -> None:
    with pytest.raises(TextError, match=r"cannot fetch hamlet from 127.0.0.1:9 \(no connection\); check the network"):
        fetch(replace(corpus, url="http://127.0.0.1:9/text"), tmp_path, allow_http=True)


def test_another_file_of_that_name_stays(corpus: PublicCorpus, tmp_path: Path) -> None:
    (tmp_path / "hamlet.txt").write_text("mine")
    with pytest.raises(SaveError, match="holds something else"):
        fetch(corpus, tmp_path, allow_http=True)
    assert (tmp_path / "hamlet.txt").read_text() == "mine"


def test_a_folder_that_cannot_be_made(corpus: PublicCorpus, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SaveError, match="cannot write"):
        fetch(corpus, tmp_path / "file" / "folder", allow_http=True)


def test_the_table_is_sound() -> None:
    for corpus in public_corpora().values():
        assert corpus.url.startswith("https://")
        assert len(bytes.fromhex(corpus.sha256)) == 32
        assert Path(corpus.file).name == corpus.file
        assert 0 < corpus.bytes < 100_000_000
        assert corpus.licence
        assert corpus.description
