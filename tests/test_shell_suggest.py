"""What is suggested and what is not, without a shell: ranking, existence, harm, histories of other shells."""

from __future__ import annotations

import os
import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoints import tiny_checkpoint
from rnnchat.errors import TextError
from rnnchat.hygiene import is_presentable
from rnnchat.recurrent import RecurrentModel
from rnnchat.redact import holds_secret
from rnnchat.shell import lines as lines_module
from rnnchat.shell import nextword
from rnnchat.shell.counts import Counts, Entry
from rnnchat.shell.danger import is_destructive
from rnnchat.shell.existence import Existence, Shell, complete_path, paths_exist
from rnnchat.shell.history import History, may_keep
from rnnchat.shell.importers import detect_form, import_history, merge, unmetafy
from rnnchat.shell.known import load_known
from rnnchat.shell.lines import Place, Successors
from rnnchat.shell.network import SessionReader
from rnnchat.shell.ranking import FOLLOWED, ghosts, load_weights
from rnnchat.shell.service import Service
from rnnchat.shell.suggest import Request, Suggester
from rnnchat.shell.words import divide_word, fill_template, pieces_of, template_of


def suggester(*commands: str, statuses: dict[str, int] | None = None, directory: str = "/") -> Suggester:
    """Return a suggester without a network that has seen `commands` in one session."""
    made = Suggester(Counts(), load_weights())
    for command in commands:
        made.learn(Entry(command, 1, directory, (statuses or {}).get(command, 0), "one"))
    return made


def lines(made: Suggester, prefix: str, **options: object) -> list[str]:
    request = Request(prefix, "one", "/", count=10, confident=False)
    return [each.line for each in made.suggest(request)]


def test_every_line_goes_on_from_what_was_typed() -> None:
    made = suggester("git status", "git stash", "grep -rn x src", "git status")
    for prefix in ("", "g", "gi", "git st", "git stat"):
        assert all(line.startswith(prefix) and len(line) > len(prefix) for line in lines(made, prefix))
    assert lines(made, "git st")[0] == "git status"


def test_what_followed_before_comes_first_on_an_empty_line() -> None:
    made = suggester(*["make", "./run", "vim x", "make", "./run", "ls", "make", "./run", "ls", "pwd", "ls", "make"])
    assert lines(made, "")[0] == "./run"


def test_a_habit_is_believed_though_others_have_another() -> None:
    habit = ["git add -A", "git commit --all", "git push", "make -j4", "vim notes.md"]
    made = suggester(*habit * 6)
    for now, then in pairwise(habit):
        made.learn(Entry(now, 1, "/", 0, "one"))
        assert lines(made, "")[0] == then


def test_an_argument_seen_a_moment_ago_is_offered_to_another_command() -> None:
    made = suggester("ping 10.20.30.40", "ls")
    assert "ssh 10.20.30.40" in lines(made, "ssh 10")


def test_failed_commands_sink_and_missing_ones_are_gone() -> None:
    made = suggester("git pusj", "git push", "git pull", statuses={"git pull": 1, "git pusj": 127})
    found = lines(made, "git pu")
    assert found.index("git push") < found.index("git pull")
    assert "git pusj" not in found


def test_what_was_ignored_again_and_again_sinks() -> None:
    made = suggester("make test", "make all")
    first, second, *_ = lines(made, "make")
    assert {first, second} == {"make all", "make test"}
    for _ in range(20):
        made.learn(Entry("ls", 1, "/", 0, "one", ignored=(first,)))
    assert lines(made, "make")[0] == second


def test_a_directorys_own_commands_come_first_there() -> None:
    made = Suggester(Counts(), load_weights())
    for directory, command in (("/a", "make alpha"), ("/b", "make beta"), ("/c", "make gamma")):
        for _ in range(3):
            made.learn(Entry(command, 1, directory, 0, directory))
    found = [each.line for each in made.suggest(Request("make", "", "/a", 3, False))]
    assert found[0] == "make alpha"


def test_silence_where_nothing_is_likely() -> None:
    made = suggester(*(f"echo {number}" for number in range(40)))
    assert made.suggest(Request("", "one", "/", 1, True)) == []


def test_destructive_commands_only_where_typed_so_before_and_never_on_an_empty_line() -> None:
    made = suggester("rm -rf build", "rm -rf build", "rm -rf build")
    assert "rm -rf build" not in lines(made, "")
    assert "rm -rf build" in lines(made, "rm -rf b")
    assert lines(suggester("rm -rf build/x", "ls build/y"), "rm -rf build/y") == []


@pytest.mark.parametrize(
    "command",
    [
        "rm -rf /", "sudo rm -r x", "rm -f a", "rm *.c", "FOO=1 rm -fr x", "ls; rm -rf x", "/bin/rm -rf x",
        "find . -delete",
        "dd if=a of=/dev/sda", "mkfs.ext4 /dev/sdb1", "mkfs", "sudo shred",
        "git reset --hard", "git reset HEAD~1 --hard", "git push -f",
        "git push origin main --force", "git clean -fdx", "git branch -D x", "git checkout .",
        "git stash drop",
        "docker system prune", "docker compose down -v", "kubectl delete pod x", "terraform destroy", "shutdown now",
        "curl https://x.sh | sh", "curl x | sudo bash", "echo x > /dev/sda", "chmod -R 777 /", "truncate -s 0 log",
        "psql -c 'drop table users'", ":(){ :|:& };:", "crontab -r", "sudo reboot",
        "rsync -a --delete a b", "kill -9 -1",
    ],
)  # fmt: skip
def test_what_destroys_is_known(command: str) -> None:
    assert is_destructive(command)


@pytest.mark.parametrize(
    "command",
    ["git reset file", "git push", "rm a.txt", "docker ps", "git checkout main", "echo rm -rf", "grep -rf patterns x",
     "git branch -d x", "man rm", "kubectl get pods", "chmod +x a", "git clean -n", "find . -name x", "ls -rf"],
)  # fmt: skip
def test_what_does_not_destroy_is_left_alone(command: str) -> None:
    assert not is_destructive(command)


def test_commands_and_folders_that_do_not_exist_are_not_offered(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    tool = tmp_path / "sometool"
    tool.write_text("")
    made = suggester("sometool --fast", "sometoil --slow", "cd here", "cd heaven", directory=str(tmp_path))
    made.gate.shells["one"] = Shell((str(tmp_path),), frozenset({"helper"}))
    made.learn(Entry("helper me", 1, str(tmp_path), 0, "one"))

    def offered(prefix: str) -> list[str]:
        return [each.line for each in made.suggest(Request(prefix, "one", str(tmp_path), 10, False))]

    assert "sometool --fast" in offered("some")
    assert "sometoil --slow" not in offered("some")
    assert "cd here" in offered("cd he")
    assert "cd heaven" not in offered("cd he")
    assert "helper me" in offered("he")
    made.gate.existence = Existence()
    tool.unlink()
    assert "sometool --fast" not in offered("some")


def test_files_on_disk_complete_the_last_word(tmp_path: Path) -> None:
    (tmp_path / "chapter-one.txt").write_text("")
    (tmp_path / "ugly\x1b[2Jname").write_text("")
    made = suggester("ls", directory=str(tmp_path))
    found = [each.line for each in made.suggest(Request("cat cha", "one", str(tmp_path), 10, False))]
    assert "cat chapter-one.txt" in found
    found = [each.line for each in made.suggest(Request("cat ugl", "one", str(tmp_path), 10, False))]
    assert not [line for line in found if "\x1b" in line]


def test_the_network_makes_up_no_files(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("")
    made = suggester("vim seen.md", directory=str(tmp_path))
    made.reader = SessionReader(RecurrentModel(tiny_checkpoint()))
    texts = ["cat notes.txt", "cat seen.md", "cat dreamt.txt", "cat -n dreamt.tar.gz", "cat 10.0.0.5", "cat .venv"]
    texts += ["cat -v file1 file2 ...", "cat -E ... x"]
    made.reader.continue_line = lambda prefix, until: texts  # type: ignore[method-assign]
    place = Place("one", str(tmp_path), ())
    successors = Successors(made.counts, made.known, place, "cat ")
    found = {each.text for each in made.gather("cat ", place, successors, 1e18)}
    assert {"cat notes.txt", "cat seen.md", "cat -n", "cat 10.0.0.5", "cat .venv"} <= found
    assert {"cat -v", "cat -E"} <= found
    assert not [text for text in found if "dreamt" in text or "file" in text or "..." in text]


def test_a_path_into_a_folder_that_is_gone_is_not_offered(tmp_path: Path) -> None:
    assert paths_exist("cat /etc/passwd", "/")
    assert paths_exist("touch ./new", str(tmp_path))
    assert not paths_exist(f"cat {tmp_path}/gone/file", "/")
    assert paths_exist("scp a host:/gone/file", "/")
    assert paths_exist("curl https://example.com/gone/file", "/")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=8), st.text(max_size=20))
def test_whatever_was_run_only_presentable_lines_come_out(commands: list[str], prefix: str) -> None:
    made = Suggester(Counts(), load_weights())
    for command in commands:
        if may_keep(command):
            made.learn(Entry(command, 1, "/", 0, "one"))
    for each in made.suggest(Request(prefix, "one", "/", 10, False)):
        assert "\n" not in each.line
        assert each.line.startswith(prefix)
        assert is_presentable(each.line[len(prefix) :])
        assert 0 <= each.probability <= 1


def test_a_ghost_goes_on_as_far_as_it_is_worth() -> None:
    lines = {"git commit -m x": 0.3, "git commit -a": 0.2, "git push": 0.4}
    found = ghosts({"commit": 0.6, "push": 0.3}, lines, "git ")
    by_text = {ghost.text: ghost for ghost in found}
    # -m x follows in three of five cases and saves five keys more than the word alone, whose blank mostly follows.
    assert by_text["git commit -m x"].first == pytest.approx(0.6)
    assert by_text["git commit -m x"].value == pytest.approx(0.6 * (5 + FOLLOWED) + 0.6 * 0.6 * 5)
    assert [ghost.text for ghost in found] == ["git commit -m x", "git push"]


def test_what_others_run_goes_on_only_where_the_network_is_sure_and_nothing_own_begins_so() -> None:
    words, own = {"commit": 0.6, "push": 0.3}, {"git push origin": 0.2}
    foreign = {"git commit -v": 0.5, "git commit --help": 0.1, "git push --tags": 0.9}
    assert [ghost.text for ghost in ghosts(words, own, "git ", 0.15, foreign)] == ["git commit -v", "git push origin"]
    assert ghosts(words, own, "git ", 0.6, foreign)[0].text == "git commit"


def test_no_quote_is_opened_and_left_open() -> None:
    made = suggester("git commit -m 'so it is'", "git commit -m 'so it is'", "grep it notes", 'echo "it"')
    for prefix in ("ls ", "git commit -m ", "vim ", "grep ", "echo "):
        for line in lines(made, prefix):
            assert line.count("'") % 2 == line.count('"') % 2 == 0, line
    assert "git commit -m 'so it is'" in lines(made, "git commit -m 'so")


def test_who_asks_for_another_is_not_given_what_nobody_would_mean() -> None:
    made = suggester("git status", "make install prefix=/opt", "cd /tmp", "git status")
    for prefix in ("kubectl get po", "tar xz", "cd /t", "make"):
        assert all(each.probability >= 0.02 for each in made.suggest(Request(prefix, "one", "/", 10, False)))


def test_a_line_that_was_mostly_run_as_it_is_does_not_go_on() -> None:
    made = suggester(*["git status", "make"] * 6, "make clean", "ls", "ls -la", "ls -la", "git status")
    assert lines(made, "git status") == []
    assert lines(made, "ls")[0] == "ls -la"
    assert lines(made, "make")[0] == "make clean"


def test_every_feature_has_a_weight() -> None:
    weights = load_weights()
    for scorer, table in (
        (weights.empty, lines_module),
        (weights.lines, lines_module),
        (weights.names, nextword),
        (weights.arguments, nextword),
    ):
        assert scorer.inner.shape == (len(table.FEATURES), len(scorer.outer))
        assert scorer.linear.shape == (len(table.FEATURES),)
        assert scorer.by_hand.shape == (len(table.BY_HAND),)
        assert scorer.none.shape == (len(table.NONE),)


def test_what_was_edited_is_run_and_what_was_made_is_entered() -> None:
    """What came after a command comes after the next of its kind, with that one's argument."""
    made = suggester("vim one.py", "python one.py", "vim two.py", "python two.py", "ls", "vim three.py")
    assert "python three.py" in lines(made, "")[:2]
    assert "sudo apt install jq" in lines(suggester("ls", "apt install jq"), "sudo ")


def test_a_new_user_gets_options_without_history_and_without_network() -> None:
    made = suggester()
    assert [line for line in lines(made, "git com") if line.startswith("git commit")]
    assert [line for line in lines(made, "tar -x") if line.startswith("tar -x")]


def test_rare_names_are_known_by_their_first_letters() -> None:
    """The most usual names are a few dozen; the others, thousands, are found once letters leave few of them."""
    made = suggester("ls", "cd src")
    for letters, name in (("tracer", "traceroute"), ("ifcon", "ifconfig"), ("shellc", "shellcheck")):
        assert lines(made, letters)[0].split()[0] == name


def test_a_part_of_an_argument_is_joined_to_what_is_typed() -> None:
    made = suggester("ping 10.20.30.40", "curl http://build.local:8080/jobs/last", "ls")
    assert "ssh me@10.20.30.40" in lines(made, "ssh me@10")
    assert "ssh root@build.local" in lines(made, "ssh root@bu")
    assert "curl https://build.local:8080/jobs/last" in lines(made, "curl https://")


@settings(max_examples=100, deadline=None)
@given(st.text("ab@/:=.", max_size=20))
def test_a_divided_word_is_the_word_and_its_parts_stand_in_it(word: str) -> None:
    assert "".join(divide_word(word)) == word
    assert all(piece in word for piece in pieces_of(word))


def test_letters_leave_the_words_of_a_context_that_begin_so() -> None:
    known = load_known()
    for context in (("s",), ("c", "git"), ("g",)):
        _, table = known.words(context)
        for beginning in ("", "t", "st", "sta", "nothing begins so"):
            total, found = known.beginning_with(context, beginning)
            if beginning:
                assert found == {w: c for w, c in table.items() if w.startswith(beginning) and w != beginning}
                assert total == sum(found.values())
            else:
                assert (total, found) == known.words(context)


def test_a_path_is_completed_behind_an_option_too(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words/rockyou.txt").touch()
    assert complete_path("john words/ro", str(tmp_path), False) == ["john words/rockyou.txt"]
    assert complete_path("john --wordlist=words/ro", str(tmp_path), False) == ["john --wordlist=words/rockyou.txt"]


def test_after_a_pipe_a_command_is_expected() -> None:
    assert "cat x | sort" in lines(suggester("sort numbers", "ls"), "cat x | so")


@settings(max_examples=100, deadline=None)
@given(st.text("ab /|-", max_size=30), st.text("ab /|-", max_size=30))
def test_a_template_filled_where_it_was_made_is_the_command(command: str, before: str) -> None:
    command, before = " ".join(command.split()), " ".join(before.split())
    if command and before:
        assert fill_template(template_of(command, before), before) == command


def test_bundled_counts_hold_words_of_public_texts_alone() -> None:
    """What is offered to everybody holds no secret, and nothing that a terminal obeys."""
    known = load_known()
    for context in (("1", "git"), ("c", "tar"), ("a", "cd"), ("s",)):
        total, table = known.words(context)
        assert total > 0
        assert all(is_presentable(word) and not holds_secret(f"{context[-1]} {word}") for word in table)


def test_the_network_reads_a_line_the_same_way_in_a_batch_and_alone() -> None:
    model = RecurrentModel(tiny_checkpoint())
    many, alone = SessionReader(model), SessionReader(model)
    for reader in (many, alone):
        reader.read_session(["ls", "cd a"])
    texts = ["ls it", "ls all", "ls", "ls a b c"]
    batch = many.log_probs(texts, "l", 1e18)
    for text, scores in zip(texts, batch, strict=True):
        assert scores == pytest.approx(alone.log_probs([text], "l", 1e18)[0], abs=1e-4)
        assert scores is not None
        assert scores[0] <= 0


def test_the_network_has_no_time_and_says_so() -> None:
    reader = SessionReader(RecurrentModel(tiny_checkpoint()))
    reader.read_session([])
    assert reader.log_probs(["ls a"], "l", 0.0) == [None]
    assert reader.continue_line("ls ", 0.0) == []
    assert all(line.startswith("ls ") for line in reader.continue_line("ls ", 1e18))


# ---- histories of shells


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_zsh_plain_extended_continued_and_metafied(tmp_path: Path) -> None:
    umlaut = "ü".encode()
    metafied = b"".join(bytes([0x83, byte ^ 0x20]) if 0x83 <= byte <= 0xA2 else bytes([byte]) for byte in umlaut)
    data = (
        b": 1700000000:0;git status\nls -la\n: 1700000001:5;echo one\\\necho two\necho " + metafied + b"\n: 17:0\nlast"
    )
    found = import_history(write(tmp_path, ".zsh_history", data)).entries
    assert [entry.command for entry in found][:3] == ["git status", "ls -la", "echo one\necho two"]
    assert [entry.command for entry in found][-1] == "last"
    assert "echo ü" in [entry.command for entry in found]
    assert found[0].time == 1_700_000_000


@given(st.binary())
def test_unmetafying_undoes_zshs_escape(data: bytes) -> None:
    escaped = b"".join(
        bytes([0x83, byte ^ 0x20]) if byte == 0 or 0x83 <= byte <= 0xA2 else bytes([byte]) for byte in data
    )
    assert unmetafy(escaped) == data


def test_bash_with_and_without_times(tmp_path: Path) -> None:
    timed = import_history(
        write(tmp_path, ".bash_history", b"#1700000000\nls\n#1700000001\nfor x in a; do\necho $x\ndone\n")
    )
    assert [(entry.command, entry.time) for entry in timed.entries] == [
        ("ls", 1_700_000_000),
        ("for x in a; do\necho $x\ndone", 1_700_000_001),
    ]
    plain = import_history(write(tmp_path, "bash_plain", b"ls\r\ncd x\nno end"))
    assert [entry.command for entry in plain.entries] == ["ls", "cd x", "no end"]


def test_backslashes_of_fish(tmp_path: Path) -> None:
    data = rb"- cmd: grep \\d+ \x x\ny" + b"\n- cmd: ends with \\\n"
    found = import_history(write(tmp_path, "fish_history", data)).entries
    assert [entry.command for entry in found] == ["grep \\d+ \\x x\ny", "ends with \\"]


def test_fish(tmp_path: Path) -> None:
    data = (
        b"- cmd: echo a\\nb \\\\ c\n  when: 1700000000\n  paths:\n    - a\n- cmd: ls\n- cmd: pwd\n  when: 1700000002\n"
    )
    found = import_history(write(tmp_path, "fish_history", data)).entries
    assert [(entry.command, entry.time) for entry in found] == [
        ("echo a\nb \\ c", 1_700_000_000),
        ("ls", 0),
        ("pwd", 1_700_000_002),
    ]


def test_secrets_and_hidden_lines_stay_out(tmp_path: Path) -> None:
    found = import_history(write(tmp_path, "h", b"ls\n secret plan\nexport API_KEY=abc123\nmysql -pfoo\n\x1b[2J\n"))
    assert [entry.command for entry in found.entries] == ["ls"]
    assert found.dropped == 4


@pytest.mark.parametrize(
    ("data", "commands"),
    [
        (b"", []),
        (b"\n\n\n", []),
        (b"no newline", ["no newline"]),
        (b"#1700000000\n#1700000001\n", []),
        (b"x" * 9_000, []),
    ],
)
def test_odd_histories(tmp_path: Path, data: bytes, commands: list[str]) -> None:
    assert [entry.command for entry in import_history(write(tmp_path, "h", data)).entries] == commands


def test_what_is_no_history_is_refused_in_a_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    write(tmp_path, "binary", bytes(range(256)) * 100 + b"\0" * 5_000)
    write(tmp_path, "random", random.Random(0).randbytes(100_000))
    for name in ("missing", "pipe", "folder", "binary", "random"):
        with pytest.raises(TextError, match=name):
            import_history(tmp_path / name)


def test_forms_are_told_apart_by_content(tmp_path: Path) -> None:
    assert detect_form(Path("h"), b": 1700000000:0;ls\n") == "zsh"
    assert detect_form(Path("h"), b"#1700000000\nls\n") == "bash"
    assert detect_form(Path("h"), b"- cmd: ls\n") == "fish"


def test_importing_twice_adds_nothing(tmp_path: Path) -> None:
    found = import_history(write(tmp_path, "h", b": 1700000000:0;ls\nplain\n")).entries
    known = [Entry("pwd", 1_699_999_999, "/", 0, "shell", 1)]
    once = merge(known, found)
    assert merge(once, found) == once
    assert [entry.command for entry in once] == ["plain", "pwd", "ls"]


def test_a_history_survives_being_written_and_read(tmp_path: Path) -> None:
    entries = [
        Entry("echo ü → 漢字", 1, "/tmp", 0, "s", 1, ("ls",)),
        Entry("two\nlines", 2, "", None),
        Entry("false", 3, "/", 1, "s", 2),
    ]
    history = History(tmp_path / "shell" / "history.jsonl")
    history.append(entries[:1])
    history.append(entries[1:])
    assert history.read() == entries
    history.replace(entries[1:])
    assert history.read() == entries[1:]


def test_counting_many_at_once_is_counting_one_by_one() -> None:
    entries = [Entry(f"echo {number % 7} {number % 3}", number, "/", number % 2, "s") for number in range(200)]
    at_once, one_by_one = Counts(), Counts()
    at_once.add_all(iter(entries), len(entries))
    for entry in entries:
        one_by_one.add(entry)
    assert at_once.facts == one_by_one.facts
    assert at_once.after == one_by_one.after
    for prefix in ("", "e", "echo 3", "x"):
        assert list(at_once.starting_with(prefix, 50)) == list(one_by_one.starting_with(prefix, 50))


def test_what_is_forgotten_leaves_words_and_templates_too(tmp_path: Path) -> None:
    service = Service(History(tmp_path / "history.jsonl"))
    commands = ("deploy --to swordfish", "ls", "deploy --to harbour")
    for number, command in enumerate(commands, 1):
        assert service._run("one", str(number), "/", "0", command)[0] == "ok"
    assert "deploy --to swordfish" in service._suggest("1", "one", "/", "5", "0", "deploy --to sw")
    assert service._forget("deploy --to swordfish") == ("ok", "1")
    counts = service.suggester.counts
    left = [*counts.facts, *counts.words.last, *counts.templates, *counts.after]
    for table in (*counts.words.seen.values(), *counts.templates.values(), *counts.after.values()):
        left += table
    assert not [text for text in left if "swordfish" in text]
    for prefix in ("", "deploy --to ", "deploy --to sw", "ls sw"):
        assert "swordfish" not in " ".join(service._suggest("2", "one", "/", "10", "0", prefix))
