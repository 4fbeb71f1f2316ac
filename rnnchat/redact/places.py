"""Secrets that are known by where they stand: after an option, a name or a program that takes a password.

A line is divided into simple commands as a shell does, quotes and all; what is quoted and has blanks is looked at as a
line of its own, since it is often a command for another shell or another language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rnnchat.redact.names import Need, is_password_like, is_value, need_of, unquote
from rnnchat.redact.options import is_secret, options_tell, takes_secrets

DEEPEST = 3  # lines within lines
WORD = re.compile(
    r"(?:'[^']*(?:'|\Z)|\"(?:[^\"\\]|\\.)*(?:\"|\Z)|\\.|\$\{[^}\s]*\}|[^\s'\"\\|&;<>()`])+|<<<|\|\||&&|[|&;<>()`\n]|\\\Z",
    re.DOTALL,
)
# Most lines have nothing that a secret could be in, and one look tells.
PLAIN = re.compile(r"[a-z0-9 ._/~,+-]*")
WORTH_A_LOOK = re.compile(
    r"pass|pw|psk|secret|token|key|cred|auth|otp|cv[vc]|sess|mnemonic|salt|pepper|cookie|sid|sig|log|bearer|licen|seed|pin|code|app|hash"
    r"|api|user|crypt|code|mfa|2fa|oath|ssn|one.time|hmac|argon|recovery|backup| -[pwuaknlhx]|net |vault|unlock|op |steam|db2|ansible|graf"
    r"|qpdf|redis|travis|compos|rclone|smbclient|poetry|bundle|mc |xdotool|adb|wtype|ydotool|tmsh|snmp|sql|exp|imp|rman|ident|new|set|kv"
)
ENDS = frozenset({"|", "||", "&&", "&", ";", "(", ")", "`", "\n"})
TRANSPARENT = frozenset(
    "sudo doas env nohup time nice command builtin exec xargs watch then do else if while ! { export declare typeset local"
    " readonly".split()
)
# name=value, name: value, "name" => value, name := value; the name begins where a word does.
ASSIGNMENT = re.compile(
    r"(?<![\w\-])(?<!\w\.)([A-Za-z_][\w.\-]*)[\"'\]]{0,3}\s{0,2}(?:=>|:=|==|\+=|=|:)\s{0,2}"
    r"(?=(\$?'[^']{0,300}'?|\$?\"(?:[^\"\\]|\\.){0,300}\"?|[^\s;&|,)}'\"]{1,300}))"
)
DEFAULT = re.compile(r"\$\{(\w+):?[-=]([^}]+)\}")
DIVIDERS = re.compile(r"(?:[\s\"'`(),;=<>{}]|\\[nrt](?![a-z]{3}))+")
SED = re.compile(r"\bs([/|,#])([^/|,#]*)\1([^/|,#]*)\1")
SUBSTITUTED = re.compile(r"<\(\s*(?:echo|printf)\s+([^)]*)\)")
HEADER = re.compile(
    r"(?i)\b(?:authorization|proxy-authorization|x-[\w-]*(?:key|token|secret|auth)|[\w-]*(?:api|private|subscription|auth)[_-]?"
    r"(?:key|token)|(?:set-)?cookie|[\w-]*-token)\s*:\s*(?:\w+ )?(\S+)|\b(?:bearer|basic)\s+([\w+/=.~-]{8,})"
)
# A word that is a user and a password; in front of a host, or after an option that says who one is.
AT_HOST = re.compile(
    r"(?<![\w.-])[\w.-]+[/%:]([^\s/@:%]+)@(?!v?\d+(?:\.\d+){0,2}\Z|latest|main|master|next|sha)[A-Za-z\[/\d]"
)
ABOUT_USERS = frozenset({"config", "user", "users", "add", "adduser", "login", "connect", "auth", "set"})
# A program's name and the words after which a secret stands.
POSITIONS = [
    re.compile(expression)
    for expression in (
        r"rabbitmqctl (?:add_user|change_password|authenticate_user) \S+", r"net (?:user|use)(?: \S+)+?", r"vault login(?: -\S+)*",
        r"vault operator unseal", r"(?:cargo|wandb|snyk|bw|huggingface-cli|npm) (?:login|auth|unlock)", r"bw login \S+",
        r"op signin \S+ \S+", r"wpa_passphrase \S+", r"mkpasswd(?: -\S+)*(?: sha-\d+)?", r"openssl passwd(?: -\S+)*",
        r"ngrok (?:authtoken|config add-authtoken)", r"steamcmd(?: \+\S+)*? \+login \S+", r"db2 connect to \S+ user \S+ using",
        r"htpasswd -\w*b\w*(?: -\S+)* \S+ \S+", r"ansible-vault encrypt_string", r"grafana-cli admin reset-admin-password",
        r"qpdf --encrypt", r"redis-cli(?: -\S+ \S+)*? (?:AUTH|auth)", r"travis encrypt", r"caddy hash-password --plaintext",
        r"composer config(?: -\S+)* http-basic\S* \S+", r"smbclient //\S+", r"(?:poetry|bundle) config http-basic\S* \S+", r"mc (?:alias set|config host add) \S+ \S+ \S+",
        r"(?:xdotool type|adb shell input text|wtype|ydotool type)", r"rclone obscure", r"(?:sqlplus|expdp|impdp|exp|imp|rman|sqlldr)(?: \S+)*? [\w$]+/(?=[^\s/])", r"snmpusm(?: \S+)+ passwd \S+",
    )
]  # fmt: skip
POSITIONED = frozenset(
    "rabbitmqctl net vault cargo wandb snyk bw huggingface-cli npm op wpa_passphrase mkpasswd openssl ngrok steamcmd db2 htpasswd"
    " ansible-vault grafana-cli qpdf redis-cli travis caddy composer rclone sqlplus expdp impdp exp imp rman sqlldr smbclient poetry bundle"
    " mc xdotool adb wtype ydotool tmsh snmpusm".split()
)
READERS = re.compile(
    r"(?:sudo\s+(?:\S+\s+)*?-\w*S|passwd|chpasswd|smbpasswd|vncpasswd|htpasswd|htdigest|cryptsetup|gpg2?|openssl|kinit|keepassxc-cli|"
    r"secret-tool|pass|gopass|age|openconnect|vncviewer|ykman|sqlplus|su|bw|op|ssh-add|ssh-keygen|pinentry|veracrypt|mysql_config_editor|"
    r"cadaver|ftp|tee\s+\S*(?:pass|netrc|secret|token|cred)\S*)\b|.*(?:--password-stdin|--passwd-on-stdin|password_stdin|--with-token|--stdin-pass|"
    r"--password\b|\bsecrets?\s|\blogin\b|\bpasswords?\b)"
)
WRITERS = frozenset({"echo", "printf", "print", "yes"})
# What these read is text, as a rule; base64 is none of them, for it hides what is in headers and secrets.
TEXT_TOOLS = frozenset(
    "cat tee wc tr cut awk gawk sed grep egrep rg rev xxd od hexdump sort uniq head tail jq yq xargs column fold fmt nl figlet cowsay lolcat"
    " less more bc dc read while for python python3 perl ruby node parallel expr seq paste join iconv say espeak at batch rofi dmenu wofi walker fzf mlr"
    " mail nc sh bash".split()
)
SECRET_STORE = re.compile(
    r"(?i)\b(?:secrets?|kv|keyvault|vault)\b.*\b(?:set|put|create|patch|add|write)\b|\bset-secrets?\b|\bconfig:set\b|securestring|create-secret|put-secret"
)
SETTERS = frozenset(
    "set config setenv with encrypted connect export machine login add put requirepass setx -x -gx -Ux".split()
)
NAMERS = frozenset("set config setenv setx encrypted ENCRYPTED WITH connect -x -gx -Ux".split())
SPEAKS_OF_PASSWORDS = re.compile(
    r"(?i)assword|pass(?:wd|phrase|code|wort)|\bpw\b|(?<![-\w])secrets?\b|api_?key|\bauth\s*=|credential|\b(?:auth|access|api|bearer)?_?token\b|"
    r"netrc|\.pgpass|curlrc|(?:recovery|backup)[-_ ]?code|\bpsk\b|bcrypt|scrypt|argon2|\bcrypt\b|\bhmac\b|dbi->connect|"
    r"\blogin\b|\bidentify\b|create[-_]?(?:super_?)?user|\buser (?:create|add)|\bnew-?user\b"
)
CODES = re.compile(r"(?i)\b(?:otp|totp|oath\w*|2fa|mfa|pin|cvv|cvc|ssn|token-code|one[- ]time)\b")


@dataclass
class Command:
    """A simple command: its words as typed, what is read from a here-string, and whether a pipe leads into it."""

    words: list[str] = field(default_factory=list)
    here: str = ""
    piped: bool = False


def find_place(text: str, depth: int = 0) -> str | None:
    """Return the kind of the first secret that stands where commands take secrets; None where there is none."""
    if PLAIN.fullmatch(text) and not WORTH_A_LOOK.search(text):
        return None
    text = text.replace("\\\n", "")
    if any(is_secret(name, value) for name, value in _assignments(text)):
        return "value of a name"
    if any(is_value(match[1] or match[2]) for match in HEADER.finditer(text)):
        return "header"
    if SPEAKS_OF_PASSWORDS.search(text) and any(map(is_password_like, DIVIDERS.split(SED.sub(r" \3 ", text)))):
        return "password in a line about passwords"
    if any(map(_is_handed, SUBSTITUTED.findall(text))):
        return "password handed over"
    if CODES.search(text) and re.search(r"(?<![\w.:/])(?:\d{3}-\d\d-\d{4}|\d{3,8}|[A-Z2-7]{16,})(?![\w.:/])", text):
        return "one-time code"
    before: Command | None = None
    for command in split_commands(text):
        words = [unquote(word) for word in command.words]
        kind = _look_at(words, command, before)
        if kind is not None:
            return kind
        for word, raw in zip(words, command.words, strict=True):
            if raw == word or depth == DEEPEST:
                continue
            if any(is_secret(*pair) for pair in _assignments(word)):
                return "value of a name"
            inner = re.sub(r"\A[\w-]+=", "", word)  # alias name='command'
            if inner != text and re.search(r"\s", inner):
                kind = find_place(inner, depth + 1)
                if kind is not None:
                    return kind
        before = command
    return None


def split_commands(text: str) -> Iterator[Command]:
    """Yield the simple commands of a line, those within substitutions, too."""
    command, here = Command(), False
    for word in WORD.findall(text):
        if word in ENDS:
            if command.words or command.here:
                yield command
            command = Command(piped=word == "|")
        elif word == "<<<":
            here = True
        elif here:
            command.here, here = unquote(word), False
        elif word not in "<>":
            command.words.append(word)
    if command.words or command.here:
        yield command


def _assignments(text: str) -> Iterator[tuple[str, str]]:
    for match in ASSIGNMENT.finditer(text):
        if not match[2][1:2].isspace():  # what stands behind a quote's end is no value
            yield match[1], match[2]
    for match in DEFAULT.finditer(text):
        yield match[1], match[2]


def _look_at(words: Sequence[str], command: Command, before: Command | None) -> str | None:
    """Look at one simple command; `before` is the one that a pipe may lead from."""
    begin = _name_place(words)
    name = words[begin].rsplit("/", 1)[-1] if begin < len(words) else ""
    arguments = words[begin + 1 :]
    whole = " ".join([name, *arguments])
    if options_tell(name, arguments) or _names_tell(words):
        return "password option"
    # What another program runs: docker exec db mysql -pword.
    for place, word in enumerate(arguments):
        if takes_secrets(word) and options_tell(word, arguments[place + 1 :]):
            return "password option"
    if any(_ends_with_host(word) for word in arguments):
        return "user and password"
    for expression in POSITIONS if name in POSITIONED else ():
        match = expression.match(whole)
        rest = whole[match.end() :] if match else ""
        if rest and (rest[0] == " " or expression.pattern.endswith(")")) and is_value(rest.split()[0]):
            return "password of a program"
    if SECRET_STORE.search(whole) and any(_is_stored(word) for word in arguments):
        return "value of a secret"
    if _is_handed_over(name, words, whole, command, before):
        return "password handed over"
    return None


def _is_stored(word: str) -> bool:
    """Tell whether a word of a command that stores secrets is one."""
    if "=" in word:
        return not re.search(r"file=", word) and is_value(word.rsplit("=", 1)[1])
    return "," not in word and is_password_like(word)


def _is_handed_over(name: str, words: Sequence[str], whole: str, command: Command, before: Command | None) -> bool:
    """Tell whether a command reads a secret from a here-string or from what is written into its pipe."""
    reads = READERS.match(" ".join(words)) or READERS.match(whole)
    if name == "read" and any(need_of(word) is Need.ANY for word in words[1:]):
        return is_value(command.here)
    if command.here:
        return is_value(command.here) if reads else not _reads_text(name) and _is_handed(command.here)
    if not command.piped or before is None:
        return False
    return _writes_word(before) if reads else not _reads_text(name) and _writes_word(before, strict=True)


def _name_place(words: Sequence[str]) -> int:
    """Return where the name of a command stands: behind sudo, its options, and assignments."""
    place = 0
    while place < len(words) and (words[place] in TRANSPARENT or re.match(r"[A-Za-z_]\w*=", words[place])):
        transparent = words[place] in ("sudo", "xargs", "watch", "nice", "env")
        place += 1
        while transparent and place < len(words) and words[place].startswith("-"):
            place += 2 if re.fullmatch(r"-[ugInPLUCsdE]", words[place]) and words[place] != "-n" else 1
    return place


def _names_tell(words: Sequence[str]) -> bool:
    """Tell whether a word that names a secret is followed by one: password x, set SMTP_PASSWORD x, identified by x."""
    if ABOUT_USERS & set(words) and any(
        re.match(r"[\w.@-]+:(?!\d)", word) and is_password_like(word.partition(":")[2]) for word in words
    ):
        return True
    setting = any(word.lower() in SETTERS or word.startswith(("set_", "set-")) for word in words)
    for place, (word, value) in enumerate(pairwise(words)):
        if word.startswith("-") or " " in word or "=" in word:
            continue
        if word.lower() == "by" and place and words[place - 1].lower() == "identified":
            return is_value(value)
        need = need_of(word) if place or word.lower() not in ("pass", "passwd") else Need.NONE
        if need is not Need.NONE and is_value(value) and is_password_like(value):
            return True
        # A plain word may be prose: commit -m "add token refresh".
        named = not re.fullmatch(r"[a-z]+", word) or words[place - 1] in NAMERS
        if need is Need.ANY and setting and named and is_value(value):
            return True
    return False


def _ends_with_host(word: str) -> bool:
    match = AT_HOST.search(word) or re.search(r"://([^\s/@:]+)@", word)
    return bool(match and is_password_like(match[1])) or bool(
        re.match(r"[\w.-]+@[\w.-]+\Z", word) and is_password_like(word.partition("@")[0], 8)
    )


def _writes_word(command: Command, strict: bool = False) -> bool:
    """Tell whether a command writes something that may be a password."""
    words = [unquote(word) for word in command.words]
    begin = _name_place(words)
    if words[begin : begin + 1] and words[begin] in WRITERS:
        written = [word for word in words[begin + 1 :] if not re.fullmatch(r"-[neE]+", word)]
        return any(_is_handed(word) if strict else is_value(word) for word in written)
    return False


def _reads_text(name: str) -> bool:
    return name in TEXT_TOOLS or name.endswith("sum")


def _is_handed(text: str) -> bool:
    return any(map(is_password_like, re.split(r"[\s:=]+|\\[nrt]", text.strip("\"'")))) or bool(
        re.fullmatch(r"[\w.@-]+:[^\s:/]+", text)
    )
