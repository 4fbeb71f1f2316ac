"""What exists on disk: commands, and the paths that a line names.

A suggestion that cannot work is worse than none, so it is looked up before it is shown. What cannot be looked up, such
as an alias of a shell that never introduced itself, or the words of a command we know nothing of, is left alone.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

BUILTIN_NAMES = """. : [ [[ alias autoload bg bind bindkey break builtin caller case cd chdir command compgen complete
continue coproc declare dirs disable disown do done echo echotc elif else emulate enable end esac eval exec exit export
false fc fg fi for function functions getopts hash help history if in integer jobs kill let limit local log logout
mapfile noglob nocorrect popd print printf pushd pushln pwd r read readarray readonly rehash repeat return select set
setopt shift shopt source suspend switch test then time times trap true ttyctl type typeset ulimit umask unalias
unfunction unhash unlimit unset unsetopt until vared wait whence where which while who zcompile zformat zle zmodload
zparseopts zstyle { } ! abbr and begin contains count fish_config funced math not or set_color string"""
BUILTINS = frozenset(BUILTIN_NAMES.split())
BEFORE_COMMAND = {
    "sudo",
    "doas",
    "env",
    "nohup",
    "time",
    "nice",
    "command",
    "builtin",
    "exec",
    "noglob",
    "nocorrect",
    "!",
}
FIRST_OF_PART = re.compile(r"(?:^|\|\|?|&&|;|&)\s*([^|&;]+)")
ASSIGNMENT = re.compile(r"\w+=\S*\Z")
UNREADABLE = re.compile(r"[$`*?\[\](){}<>\"'\\!~=]")  # a word whose meaning the shell would first have to work out
FILE_NAME = re.compile(r"[\w-]*[A-Za-z_][\w-]*(?:\.[A-Za-z]\w{0,4}){1,2}")  # notes.txt, data.tar.gz; no address
REMEMBERED = 5.0  # seconds that the commands of a folder are remembered
MOST_LISTED = 400  # entries of a folder looked at


@dataclass(frozen=True)
class Shell:
    """What a shell said of itself.

    Attributes:
        path: its $PATH.
        names: its aliases and functions.
    """

    path: tuple[str, ...]
    names: frozenset[str] = frozenset()


class Existence:
    """Looks up commands and paths, and remembers commands for a few seconds."""

    def __init__(self) -> None:
        self._folders: dict[str, tuple[float, frozenset[str]]] = {}

    def may_run(self, line: str, directory: str, shell: Shell | None) -> bool:
        """Tell whether every command in `line` exists, and so do its paths, as far as can be told."""
        for words in parts_of(line):
            name = words[0]
            if not self.is_command(name, directory, shell):
                return False
            if name in ("cd", "pushd") and len(words) == 2 and not self._may_enter(words[1], directory):
                return False
        return paths_exist(line, directory)

    def is_command(self, name: str, directory: str, shell: Shell | None) -> bool:
        """Tell whether `name` may be run from `directory`; in doubt it may."""
        if "/" in name:
            if UNREADABLE.search(name.removeprefix("~/")):
                return True
            path = os.path.join(directory or "/", os.path.expanduser(name))
            return os.access(path, os.X_OK) if directory or os.path.isabs(path) else True
        if shell is None or name in BUILTINS or UNREADABLE.search(name):
            return True
        return name in shell.names or any(name in self.programs(folder) for folder in shell.path)

    def programs(self, folder: str) -> frozenset[str]:
        """Return the names in a folder of $PATH, at most REMEMBERED seconds old."""
        now = time.monotonic()
        known = self._folders.get(folder)
        if known is None or now - known[0] > REMEMBERED:
            try:
                names = frozenset(os.listdir(folder))
            except OSError:
                names = frozenset()
            known = self._folders[folder] = (now, names)
        return known[1]

    @staticmethod
    def _may_enter(target: str, directory: str) -> bool:
        if target == "-" or UNREADABLE.search(target.removeprefix("~")):
            return True
        path = os.path.expanduser(target)
        if not os.path.isabs(path) and not directory:
            return True
        path = os.path.join(directory, path)
        # To go where one is already is no suggestion.
        return os.path.isdir(path) and os.path.normpath(path) != os.path.normpath(directory or "/-")


def paths_exist(line: str, directory: str) -> bool:
    """Tell whether every word that is plainly a path to something existing leads somewhere.

    Only arguments with a slash inside or that begin with ~/ or ./ are judged, and a new name in a folder that is there
    is allowed: a command may be about to make it.
    """
    for words in parts_of(line):
        for word in words[1:]:
            plain = word.removeprefix("~/") if word.startswith("~/") else word
            if "/" not in word or "://" in word or ":" in word or word[0] == "-" or UNREADABLE.search(plain):
                continue
            path = os.path.expanduser(word)
            if not os.path.isabs(path) and (not directory or not word.startswith(("./", "../", "~/"))):
                continue
            parent = os.path.dirname(os.path.join(directory, path).rstrip("/")) or "/"
            if not os.path.isdir(parent):
                return False
    return True


def is_there(name: str, directory: str) -> bool:
    """Tell whether a file of this name stands in `directory`."""
    return os.path.lexists(os.path.join(directory, name))


def parts_of(line: str) -> Iterator[list[str]]:
    """Yield the words of each simple command of `line`, from its name on."""
    if any(quote in line for quote in "\"'`\\#"):
        line = re.split(r"[\"'`\\#]", line, maxsplit=1)[0]  # what is quoted may hold signs that divide nothing
    for part in FIRST_OF_PART.findall(line):
        words = part.split()
        while words and (ASSIGNMENT.fullmatch(words[0]) or words[0] in BEFORE_COMMAND):
            words = words[1:]
            while words and words[0].startswith("-"):
                words = words[1:]
        if words:
            yield words


def complete_path(prefix: str, directory: str, only_folders: bool) -> list[str]:
    """Return whole lines in which the last word of `prefix` is completed to an existing path; at most three."""
    head, blank, word = prefix.rpartition(" ")
    if word.startswith("--") and "=" in word:
        option, sign, word = word.partition("=")
        head, blank = f"{head} {option}", sign
    if not directory or not head or word.startswith("-") or UNREADABLE.search(word.removeprefix("~/")):
        return []
    parent, slash, beginning = word.rpartition("/")
    folder = os.path.join(directory, os.path.expanduser(parent + slash)) if slash else directory
    if not beginning and not slash and not only_folders:
        return []
    found: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for looked, entry in enumerate(entries):
                if looked == MOST_LISTED:
                    break
                name = entry.name
                if not name.startswith(beginning) or name == beginning or (name[0] == "." and not beginning):
                    continue
                if UNREADABLE.search(name) or not name.isprintable() or any(sign in name for sign in " ;&|#^"):
                    continue
                if only_folders and not entry.is_dir():
                    continue
                found.append(name)
    except OSError:
        return []
    return [f"{head}{blank}{parent}{slash}{name}" for name in sorted(found, key=lambda name: (len(name), name))[:3]]


def complete_command(prefix: str, existence: Existence, shell: Shell | None) -> list[str]:
    """Return the names of commands that go on from `prefix`, the shortest first; at most three."""
    if shell is None or len(prefix) < 2 or not re.fullmatch(r"[\w.+-]+", prefix):
        return []
    programs = [existence.programs(folder) for folder in shell.path]
    if prefix in shell.names or any(prefix in names for names in programs):
        return []  # it is one already, and what follows it is more likely than a longer name
    names = {name for names in programs for name in names if name.startswith(prefix)}
    names |= {name for name in shell.names if name.startswith(prefix)}
    fitting = (name for name in names if name != prefix and re.fullmatch(r"[\w.+-]+", name))
    return sorted(fitting, key=lambda name: (len(name), name))[:3]
