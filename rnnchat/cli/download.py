"""Fetching public corpora: https only, never more bytes than announced, kept only if the checksum is right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnchat.cli.output import console
from rnnchat.errors import SaveError, TextError

CHUNK_BYTES = 1 << 16
TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class PublicCorpus:
    """One text that others publish.

    Args:
        file: the name it gets on disk.
        bytes: exactly how long it is.
    """

    name: str
    url: str
    file: str
    sha256: str
    bytes: int
    licence: str
    description: str


class TooLarge(Exception):
    """More bytes arrived than were announced."""


class NotSecure(Exception):
    """The address, or one it led to, is not https."""


def public_corpora() -> dict[str, PublicCorpus]:
    """Return the table of public corpora by name."""
    import tomllib

    from rnnchat.places import bundled_folder

    with (bundled_folder("corpora") / "public.toml").open("rb") as file:
        return {name: PublicCorpus(name, **entry) for name, entry in tomllib.load(file).items()}


def fetch(corpus: PublicCorpus, folder: Path, progress: bool = False, allow_http: bool = False) -> Path:
    """Fetch a corpus into `folder` unless it is already there; return the file.

    Args:
        progress: show a moving bar on stderr.
        allow_http: for tests with a server of their own.

    Raises:
        TextError: no network, another file than expected, or too large; nothing is kept.
        SaveError: the disk said no, or another file of that name is there.
    """
    import logging

    import pooch
    from requests.exceptions import RequestException

    pooch.get_logger().setLevel(logging.WARNING)
    target = folder / corpus.file
    if target.exists():
        if target.is_file() and pooch.file_hash(str(target)) == corpus.sha256:
            return target
        raise SaveError(f"{target} is already there and holds something else; move it away or name another folder")
    site = re.sub(r"^\w+://([^/]+).*", r"\1", corpus.url)
    try:
        return Path(
            pooch.retrieve(
                corpus.url,
                known_hash=f"sha256:{corpus.sha256}",
                fname=corpus.file,
                path=folder,
                downloader=_downloader(corpus, progress, allow_http),
            )
        )
    except TooLarge:
        raise TextError(
            f"{site} sent more than {corpus.bytes:,} bytes, so nothing was kept; {_renew(corpus)}"
        ) from None
    except NotSecure as error:
        raise TextError(f"{error} is not https, so nothing was fetched; {_renew(corpus)}") from None
    except RequestException as error:
        reason = _network_reason(error)
        raise TextError(
            f"cannot fetch {corpus.name} from {site} ({reason}); check the network and try again"
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise SaveError(f"cannot write {target} ({reason}); choose another folder or free some space") from error
    except ValueError as error:  # pooch: the checksum differs; it has removed what it fetched
        raise TextError(f"what {site} sent is not {corpus.name} (wrong checksum); {_renew(corpus)}") from error


def _renew(corpus: PublicCorpus) -> str:
    return f"get {corpus.name} by hand, or report it"


def _network_reason(error: Exception) -> str:
    from requests.exceptions import ConnectionError, HTTPError, ProxyError, SSLError, Timeout

    if isinstance(error, HTTPError) and error.response is not None:
        return f"the server says {error.response.status_code}"
    for kind, words in (
        (ProxyError, "the proxy cannot be reached"),
        (SSLError, "its certificate is not trusted"),
        (Timeout, "no answer in time"),
        (ConnectionError, "no connection"),
    ):
        if isinstance(error, kind):
            return words
    return type(error).__name__


def _downloader(corpus: PublicCorpus, progress: bool, allow_http: bool) -> Callable[[str, str, Any], None]:
    """Return what pooch calls to fill its temporary file."""

    def check_scheme(url: str) -> None:
        if not url.startswith("https://") and not allow_http:
            raise NotSecure(url)

    def download(url: str, output: str, _: Any) -> None:
        import requests

        check_scheme(url)
        total = 0
        with requests.get(url, stream=True, timeout=TIMEOUT_SECONDS) as response, open(output, "wb") as file:
            for answer in (*response.history, response):
                check_scheme(answer.url)
            response.raise_for_status()
            for chunk in _watched(response.iter_content(CHUNK_BYTES), corpus, progress):
                total += len(chunk)
                if total > corpus.bytes:
                    raise TooLarge
                file.write(chunk)

    return download


def _watched(chunks: Iterator[bytes], corpus: PublicCorpus, progress: bool) -> Iterator[bytes]:
    """Yield the chunks, with a bar on stderr if `progress`."""
    if not progress:
        yield from chunks
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(corpus.name, markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(corpus.name, total=corpus.bytes)
        for chunk in chunks:
            yield chunk
            bar.advance(task, len(chunk))
