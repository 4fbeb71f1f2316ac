"""rnnchat corpora: texts to train on."""

from __future__ import annotations

from pathlib import Path

import click

from rnnchat.cli.output import emit, print_block, print_table, say, shows_progress


@click.group(invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Texts to train on: bundled and public ones. Alone, it lists them."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_corpora)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_corpora(as_json: bool = False) -> None:
    """List the bundled corpora, and the public ones that `get` fetches."""
    from rnnchat.cli.download import public_corpora

    rows = []
    for name, folder in _bundled().items():
        size, documents = _count(folder)
        if as_json:
            emit({"name": name, "where": "bundled", "bytes": size, "documents": documents, "path": str(folder)})
        rows.append((name, "bundled", f"{size:,}", f"{documents:,}", str(folder)))
    for corpus in public_corpora().values():
        if as_json:
            what = {"url": corpus.url, "sha256": corpus.sha256, "licence": corpus.licence}
            emit({"name": corpus.name, "where": "public", "bytes": corpus.bytes, "documents": None, **what})
        rows.append((corpus.name, "public", f"{corpus.bytes:,}", "-", corpus.url))
    if not as_json:
        print_table(("name", "where", "bytes", "documents", "from"), rows)


@command.command("show")
@click.argument("name")
def show_corpus(name: str) -> None:
    """Print what a corpus is, and its licence."""
    from rnnchat.cli.download import public_corpora

    folder = _bundled().get(name)
    if folder is None:
        corpus = public_corpora().get(name)
        if corpus is None:
            raise _no_corpus(name)
        print_table(("what", "value"), [(key, str(value)) for key, value in vars(corpus).items()])
        return
    readme = folder / "README.md"
    if readme.is_file():
        print_block(readme.read_text(encoding="utf-8").rstrip())
        click.echo()
    size, documents = _count(folder)
    rows = [(file.name, f"{file.stat().st_size:,}") for file in _texts(folder)]
    print_table(("file", "bytes"), [*rows, ("together", f"{size:,}"), ("documents", f"{documents:,}")])
    print_block(str(folder))


@command.command("get")
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
def get_corpus(name: str, folder: Path | None) -> None:
    """Fetch a public corpus into FOLDER and print the file's path. Its checksum is checked."""
    from rnnchat.cli.download import fetch, public_corpora
    from rnnchat.places import home

    if name in _bundled():
        say(f"{name} comes with rnnchat, so nothing is fetched")
        click.echo(str(_bundled()[name]))
        return
    corpus = public_corpora().get(name)
    if corpus is None:
        raise _no_corpus(name)
    say(f"{name}: {corpus.bytes / 1e6:.1f} MB from {corpus.url}; licence: {corpus.licence}")
    click.echo(str(fetch(corpus, folder or home() / "corpora", progress=shows_progress())))


def _bundled() -> dict[str, Path]:
    from rnnchat.places import bundled_folder

    folders = (entry for entry in sorted(bundled_folder("corpora").iterdir()) if entry.is_dir())
    return {folder.name: folder for folder in folders if not folder.name.startswith((".", "_")) and _texts(folder)}


def _texts(folder: Path) -> list[Path]:
    from rnnchat.text import text_files

    return [file for file in text_files([folder]) if file.suffix not in (".md", ".py", ".pyc", ".toml")]


def _count(folder: Path) -> tuple[int, int]:
    """Return bytes and documents."""
    from rnnchat.text import read_documents

    files = _texts(folder)
    return sum(file.stat().st_size for file in files), sum(1 for _ in read_documents(files))


def _no_corpus(name: str) -> Exception:
    from difflib import get_close_matches

    from rnnchat.cli.download import public_corpora
    from rnnchat.errors import TextError

    near = get_close_matches(name, [*_bundled(), *public_corpora()], n=1, cutoff=0.5)
    advice = f"did you mean {near[0]}?" if near else "rnnchat corpora lists those that are there"
    return TextError(f"no corpus named {name!a:.80}; {advice}")
