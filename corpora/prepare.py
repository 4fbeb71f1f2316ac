"""Lay out the texts that the bundled checkpoints are trained on, from our corpora and the public ones.

    python corpora/prepare.py everyday PUBLIC_TEXTS FOLDER
    python corpora/prepare.py conversation PUBLIC_TEXTS FOLDER     (ours, and a tenth of all)
    python corpora/prepare.py shell PUBLIC_TEXTS FOLDER

PUBLIC_TEXTS is a folder laid out as the checkpoint's CARD.md lists it. What also stands in one of its `.dev` files,
near-duplicates included, is left out and counted. The result is a folder that `rnnchat train` reads.
"""

from __future__ import annotations

import csv
import random
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

OURS = Path(__file__).parent
WORD = re.compile(r"[a-z0-9']+")
SHINGLE = 5  # words
REPEAT_OURS = 8  # our own texts are a hundredth of all, and are what the checkpoint should know by heart
SGD_SHARE = 0.5  # templated, and large: half of it teaches as much

Dialogue = list[str]  # "U: hello", "A: hi"


class DevTexts:
    """Recognises lines that also stand, or nearly stand, in a text kept for measuring."""

    def __init__(self, folder: Path) -> None:
        self.whole: set[str] = set()
        self.shingles: set[tuple[str, ...]] = set()
        self.left_out = 0
        for file in [*folder.rglob("*.dev.*"), *folder.glob("text/books_dev/*")]:
            for line in file.read_text().splitlines():
                words = WORD.findall(strip_label(line).lower())
                self.whole.add(" ".join(words))
                self.shingles.update(zip(*(words[i:] for i in range(SHINGLE)), strict=False))

    def holds(self, line: str) -> bool:
        """Tell whether 4 or more words stand in a dev text as they are, or 60 % of the line's 5-word runs do."""
        words = WORD.findall(strip_label(line).lower())
        if len(words) < 4:
            return False
        runs = list(zip(*(words[i:] for i in range(SHINGLE)), strict=False))
        near = len(words) >= 8 and sum(run in self.shingles for run in runs) >= 0.6 * len(runs)
        found = near or " ".join(words) in self.whole
        self.left_out += found
        return found

    def lines(self, lines: Iterable[str]) -> list[str]:
        return [line for line in lines if not self.holds(line)]

    def dialogues(self, dialogues: Iterable[Dialogue]) -> list[Dialogue]:
        """Leave out a dialogue that shares half of its longer turns with dev dialogues."""
        kept = []
        for dialogue in dialogues:
            longer = [turn for turn in dialogue if len(turn) > 40]
            before = self.left_out
            if not longer or sum(map(self.holds, longer)) < max(1, len(longer) / 2):
                kept.append(dialogue)
                self.left_out = before
        return kept


def strip_label(line: str) -> str:
    return line[3:] if line[1:3] == ": " else line


def blocks(path: Path) -> Iterator[list[str]]:
    """Yield the blocks of lines between blank lines, without `# id` lines."""
    for block in path.read_text().split("\n\n"):
        lines = [line for line in block.splitlines() if line.strip() and not line.startswith("# ")]
        if lines:
            yield lines


def undo_tokens(line: str) -> str:
    """Close the gaps that a tokenizer left: "I 'd like that ." becomes "I'd like that."."""
    line = re.sub(r" (n't|'\w+)\b", r"\1", line)
    return re.sub(r" ([.,?!;:])", r"\1", line)


def one_sided(dialogue: Dialogue) -> bool:
    return len({turn[0] for turn in dialogue}) < 2


def write_dialogues(folder: Path, name: str, dialogues: list[Dialogue], plain: float = 0.3) -> None:
    """Write two thirds as dialogues with roles, the rest as lines without, as a person's own text looks."""
    chance = random.Random(name)
    roles, bare = [], []
    for dialogue in dialogues:
        if one_sided(dialogue) or chance.random() < plain:
            bare.append("\n".join(map(strip_label, dialogue)))
        else:
            roles.append("\n".join(dialogue))
    (folder / f"{name}.txt").write_text("\n\n".join(roles) + "\n")
    (folder / f"{name}-plain.blocks").write_text("\n\n".join(bare) + "\n")


def everyday(public: Path, folder: Path, share: float = 1.0) -> None:
    """Write ours, and a share of all public texts."""
    dev = DevTexts(public)
    others(public, folder, dev, share)
    ours(folder, dev)
    exercises(folder, public, dev)
    print(f"{dev.left_out} lines that stand in dev texts were left out")


def conversation(public: Path, folder: Path) -> None:
    """Write the same with a tenth of the public texts, so that ours and the exercises weigh more."""
    everyday(public, folder, share=0.1)


def others(public: Path, folder: Path, dev: DevTexts, share: float) -> None:
    """Write a share of the public sentences, prose and dialogues."""
    chance, half = random.Random(0), random.Random(0)
    for name in ("text/tatoeba_en.train.txt", "text/commonvoice_en.train.txt", *QUERIES):
        lines = dev.lines(line for line in (public / name).read_text().splitlines() if chance.random() < share)
        (folder / f"{Path(name).name.split('.')[0]}.lines").write_text("\n".join(lines) + "\n")
    for file in [*(public / "text/books").glob("*.txt"), *(public / "text/masc").glob("*.txt")]:
        lines = file.read_text().splitlines()
        lines = lines[: int(share * len(lines))]
        if ".dev." not in file.name:
            (folder / file.name).write_text("\n".join(dev.lines(lines)) + "\n")
    for name, read in DIALOGUES.items():
        dialogues = dev.dialogues(d for d in read(public / "dialogue" / name) if chance.random() < share)
        if name.startswith("sgd"):
            dialogues = [dialogue for dialogue in dialogues if half.random() < SGD_SHARE]
        write_dialogues(folder, name.split(".")[0], dialogues)


QUERIES = [f"queries/{name}.txt" for name in ("banking77", "restaurant8k", "clinc150", "hwu64", "snips")]


def read_multiwoz(path: Path) -> Iterator[Dialogue]:
    return ([undo_tokens(turn) for turn in block] for block in blocks(path))


def read_botframework(path: Path) -> Iterator[Dialogue]:
    """Every question with two of its five answers."""
    chance = random.Random(0)
    with path.open(newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            for kind in chance.sample(["friendly", "witty", "caring"], 2):
                yield [f"U: {row['question']}", f"A: {row[kind]}"]


DIALOGUES: dict[str, Callable[[Path], Iterator[Dialogue]]] = {
    "selfdialogue.train.txt": blocks,
    "sgd.train.txt": blocks,
    "multiwoz21_valtest.train.txt": read_multiwoz,
    "topicalchat.train.txt": blocks,
    "tm3_movies_partial.train.txt": blocks,
    "tm4_coffee.train.txt": blocks,
    "multidogo_fastfood.train.txt": blocks,
    "chatterbot.txt": blocks,
    "botframework_chitchat.tsv": read_botframework,
}


def ours(folder: Path, dev: DevTexts) -> None:
    """Our own texts, several times: dialogues once in three as plain lines."""
    for file in [*OURS.glob("jokes/*.txt"), *OURS.glob("smalltalk/*.txt"), *OURS.glob("orders/*.txt")]:
        dialogues = dev.dialogues(blocks(file))
        for copy in range(REPEAT_OURS):
            write_dialogues(folder, f"ours-{file.stem}-{copy}", dialogues, plain=0.2)
    for file in [*OURS.glob("*/*.lines"), *OURS.glob("messages/*.blocks")]:
        (folder / f"ours-{file.name}").write_text((file.read_text().rstrip() + "\n\n") * (REPEAT_OURS // 2))


def exercises(folder: Path, public: Path, dev: DevTexts) -> None:
    """Knock-knock exchanges with many names, so that repeating a name is learned rather than the names."""
    chance = random.Random(1)
    names = (public / "names/smashew_first_us.txt").read_text().split()
    words = WORD.findall((public / "text/tatoeba_en.train.txt").read_text()[:4_000_000])
    pool = [*names, *(word for word in sorted(set(words)) if 2 < len(word) < 12)]
    rows = []
    for _ in range(12_000):
        name = " ".join(chance.sample(pool, chance.choice([1, 1, 1, 1, 2])))
        name = chance.choice([name, name.capitalize(), name.title()])
        opening = chance.choice(["Knock, knock!", "Knock knock.", "knock knock", "Knock, knock.", "Knock knock!"])
        end = chance.choice([".", ".", "", "!"])
        teller, hearer = chance.choice([("U", "A"), ("U", "A"), ("A", "U")])
        rows.append(
            [f"{teller}: {opening}", f"{hearer}: Who's there?", f"{teller}: {name}{end}", f"{hearer}: {name} who?"]
        )
    write_dialogues(folder, "ours-knock-knock-names", dev.dialogues(rows), plain=0.1)


def shell(public: Path, folder: Path) -> None:
    dev = DevTexts(public)
    described: list[str] = []
    with (public / "shell/tldr.tsv").open(newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            for command in {row["command_long"], row["command_short"]} - {"", None}:
                described.append(f"# {row['description']}\n{command}")
    with (public / "shell/nl2bash.train.tsv").open(newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if not dev.holds(row["command"] or ""):
                described.append(f"# {row['description']}\n{row['command']}")
    # Half of the commands without their description: that is how they are typed.
    chance = random.Random(0)
    described = [text if chance.random() < 0.4 else text.split("\n", 1)[1] for text in described]
    (folder / "described.blocks").write_text("\n\n".join(described) + "\n")
    commands = []
    for name in ("cheat_cheatsheets", "denisidoro_cheats", "art_of_command_line", "book_of_secret_knowledge"):
        commands += dev.lines((public / f"shell/{name}.txt").read_text().splitlines())
    (folder / "commands.lines").write_text("\n".join(commands) + "\n")
    sessions = (OURS / "shell/sessions.blocks").read_text().rstrip() + "\n\n"
    (folder / "ours-sessions.blocks").write_text(sessions * REPEAT_OURS)
    (folder / "exercises.blocks").write_text("\n\n".join(shell_exercises(9_000)) + "\n")
    print(f"{dev.left_out} lines that stand in dev texts were left out")


# What a person does with one thing, in the order in which it is often done. Braces name what is repeated.
CHAINS = [
    "ping {host}|ping -c 4 {host}|nmap {host}|nmap -sV {host}|nmap -p {port} {host}|nmap -A {host}|nmap -sn {net}"
    "|telnet {host} {port}|nc -v {host} {port}|curl http://{host}:{port}|curl -I http://{host}|traceroute {host}"
    "|ssh {user}@{host}|ssh {user}@{host} -p {port}|ssh -i {key} {user}@{host}|ssh {host}",
    "touch {file}|vim {file}|nano {file}|cat {file}|less {file}|head {file}|tail -f {file}|wc -l {file}|rm {file}"
    "|cp {file} {file}.bak|mv {file} {folder}/|ls -l {file}|grep {word} {file}|chmod 600 {file}|file {file}",
    "vim {script}|chmod +x {script}|./{script}|bash {script}|./{script} --help|cat {script}|sh {script} {host}",
    "vim {python}|python3 {python}|python {python}|python3 {python} --help|python3 {python} {host} {port}|cat {python}",
    "mkdir {folder}|cd {folder}|ls|ls -la|pwd|cd ..|ls {folder}|tar -czf {folder}.tar.gz {folder}|du -sh {folder}"
    '|zip -r {folder}.zip {folder}|cp -r {folder} {folder}.bak|find {folder} -name "*.txt"|grep -rn {word} {folder}',
    "wget http://{host}/{archive}|ls -lh {archive}|tar -xzf {archive}|tar -tzf {archive}|md5sum {archive}"
    "|file {archive}",
    'git status|git diff {file}|git add {file}|git add .|git commit -m "{verb} {word}"|git push|git pull'
    "|git log --oneline"
    "|git checkout -b {word}|git switch {word}|git push -u origin {word}|git merge {word}|git blame {file}|git branch",
    "sudo systemctl status {service}|sudo systemctl restart {service}|sudo systemctl enable {service}"
    "|sudo systemctl start {service}|sudo systemctl stop {service}|journalctl -u {service} -f|ps aux | grep {service}",
    "sudo apt update|sudo apt install {package}|sudo apt-get install {package}|which {package}|man {package}"
    "|{package} --help|{package} -h|{package} --version|{package}|apt search {package}|sudo apt remove {package}",
    "docker build -t {word} .|docker run --rm {word}|docker run -d --name {word} -p {port}:80 {word}|docker logs {word}"
    "|docker logs -f {word}|docker exec -it {word} bash|docker stop {word}|docker start {word}|docker ps|docker images",
    "ssh {user}@{host}|scp {file} {user}@{host}:{folder}/|scp {user}@{host}:{file} ."
    "|scp -P {port} {user}@{host}:{file} ."
    "|ssh-copy-id {user}@{host}|rsync -avz {folder}/ {user}@{host}:{folder}/|sftp {user}@{host}",
    "cd {path}|ls {path}|ls -la {path}|cat {path}/{file}|vim {path}/{file}|sudo vim {path}/{file}|cd -"
    "|find {path} -name {file}"
    "|cp {path}/{file} .|tail -f {path}/{file}|grep {word} {path}/{file}|head {path}/{file}",
    "kubectl get pods|kubectl describe pod {word}|kubectl logs {word}|kubectl logs -f {word}"
    "|kubectl exec -it {word} -- sh"
    "|kubectl get svc|kubectl apply -f {file}",
    "john {hash}|john --show {hash}|cat {hash}|john --wordlist={path}/{file} {hash}|hashcat -m 0 {hash} {file}"
    "|file {hash}",
]
ALWAYS = [
    "ls",
    "ls -la",
    "ls -l",
    "ll",
    "cd ..",
    "cd",
    "clear",
    "pwd",
    "cd ~",
    "ls -a",
    "history",
    "git status",
    "exit",
]
ENDS = ["txt", "md", "log", "conf", "json", "yml", "csv", "html", "c", "js", "sql"]


def shell_exercises(count: int) -> list[str]:
    """Return sessions in which names come back: what was pinged is scanned, what was edited is run."""
    chance = random.Random(2)

    def word() -> str:
        return "".join(
            chance.choice(["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "w", "st", "tr"])
            + chance.choice("aeiou")
            for _ in range(chance.randint(2, 4))
        )

    def number(low: int = 1, high: int = 254) -> int:
        return chance.randint(low, high)

    def names() -> dict[str, str]:
        one, any_of = word(), chance.choice
        hosts = [".".join(str(number()) for _ in range(4)), f"10.{number()}.{number()}.{number()}"]
        file = any_of([f"{one}.{any_of(ENDS)}", f"{one}.{any_of(ENDS)}", f"{one}_{word()}.{any_of(ENDS)}", one])
        return {
            "host": any_of([*hosts, f"192.168.{number(0, 9)}.{number()}", f"{one}.example.com"]),
            "net": hosts[0].rsplit(".", 1)[0] + ".0/24",
            "port": any_of(["22", "80", "443", "8080", "3000", "5000", "10000", "2222", str(number(1024, 9999))]),
            "user": any_of(["root", "admin", "user", "ubuntu", "kali", "alice", "bob", word()]),
            "key": any_of(["id_rsa", "key.pem", f"{one}.pem", "id_ed25519"]),
            "file": any_of([file, file, file, file, "README.md"]),
            "script": f"{one}.sh",
            "python": f"{one}.py",
            "folder": any_of([one, f"{one}-{word()}", "Documents", "Downloads"]),
            "archive": f"{one}.tar.gz",
            "word": any_of([one, word(), f"{one}-{word()}"]),
            "hash": f"{one}.{any_of(['hash', 'txt'])}",
            "verb": any_of(["Add", "Fix", "Update", "Remove", "Test", "Rename"]),
            "service": any_of(["nginx", "ssh", "docker", "apache2", "mysql", "postgresql", "cron", one]),
            "package": any_of(["nmap", "htop", "curl", "git", "tmux", "vim", "jq", "john", "python3", "tree", one]),
            "path": any_of(["/etc", "/var/log", "/tmp", "/usr/share", f"/home/{one}", f"~/{one}", f"/opt/{one}"]),
        }

    sessions = []
    for _ in range(count):
        known, lines = names(), []
        # A pipe within a command has blanks around it.
        chains = [re.split(r"(?<! )\|(?! )", chain) for chain in chance.sample(CHAINS, chance.randint(1, 3))]
        for _ in range(chance.randint(4, 14)):
            if chance.random() < 0.1:
                known |= {key: value for key, value in names().items() if chance.random() < 0.2}
            kind = chance.random()
            if kind < 0.12 and lines:
                lines.append(lines[-1])
            elif kind < 0.25:
                lines.append(chance.choice(ALWAYS))
            else:
                lines.append(chance.choice(chance.choice(chains)).format(**known))
        sessions.append("\n".join(lines))
    return sessions


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("everyday", "conversation", "shell"):
        sys.exit(__doc__)
    target = Path(sys.argv[3])
    target.mkdir(parents=True, exist_ok=True)
    {"everyday": everyday, "conversation": conversation, "shell": shell}[sys.argv[1]](Path(sys.argv[2]), target)
