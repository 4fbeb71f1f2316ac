"""Options that take secrets: those whose names say so, and short ones of programs that are known for it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rnnchat.redact.names import Need, is_password_like, is_strong_password, is_value, need_of, unquote

OPTION = re.compile(r"(--?|/|\+)([A-Za-z][\w.-]*)(?:([=:])(.*))?\Z", re.DOTALL)
# A user and a password in one word.
USER_AND = re.compile(r"[\w.@\\/-]*[:%](\S+)\Z")
USER_OPTIONS = frozenset(
    "-u -U -a -n -l --user --username --auth --proxy-user --proxy-auth --login --userpass --credentials --creds --basic-auth".split()
)
# Programs whose words with a colon are owners or names of images.
OWNERS = frozenset("docker podman nerdctl docker-compose systemd-run chroot runuser install chown rsync su id".split())
IMAGES = frozenset("docker podman nerdctl docker-compose buildah kubectl helm crane skopeo git cosign kind".split())
PASSWORD_OPTIONS = ("-p", "-P", "-w", "-W", "-pw", "-passwd")
LOGINS = frozenset("docker podman helm az npm skopeo buildah oc cf heroku vault nerdctl argocd gh glab".split())
# Programs whose short options take a secret, attached or as the next word.
SHORT: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("mongo", "mongosh", "mongodump", "mongorestore", "cqlsh", "cypher-shell", "beeline"), ("-p",)),
    **dict.fromkeys(("zip", "unzip", "ncrack", "sqlcmd", "bcp", "isql", "osql", "tsql", "mosquitto_pub", "mosquitto_sub"), ("-P",)),
    **dict.fromkeys(("7z", "7za", "7zr", "7zz"), ("-p=",)),
    **dict.fromkeys(("rar", "unrar"), ("-p=", "-hp=")),
    **dict.fromkeys(("ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldapwhoami", "ldappasswd"), ("-w",)),
    **dict.fromkeys(("sshpass", "rdesktop", "winexe", "evil-winrm", "steghide", "veracrypt", "useradd", "usermod"), ("-p",)),
    **dict.fromkeys(("nxc", "netexec", "crackmapexec", "hydra", "yt-dlp", "youtube-dl", "gallery-dl", "twine"), ("-p",)),
    **dict.fromkeys(("redis-cli", "redis-benchmark", "valkey-cli"), ("-a",)),
    **dict.fromkeys(("ccrypt", "ccencrypt", "ccdecrypt", "mcrypt"), ("-K", "-k")),
    "dislocker": ("-u=", "-p="), "sendemail": ("-xp",), "sendEmail": ("-xp",), "ssh-keygen": ("-N", "-P"), "xfreerdp": ("/p:=",), "wfreerdp": ("/p:=",),  "snmpwalk": ("-A", "-X", "-c"), "snmpget": ("-A", "-X", "-c"),
    "snmpset": ("-A", "-X", "-c"), "ipmitool": ("-P",), "irssi": ("-w",), "security": ("-w", "-p"), "openssl": ("-k", "-K", "-hmac"),
    "mkpasswd": ("-P",), "couchbase-cli": ("-p",), "pk12util": ("-W", "-K"), "smbclient": (),
}  # fmt: skip


def is_secret(name: str, value: str, is_option: bool = False) -> bool:
    """Tell whether a value of this name is a secret."""
    if name.lower() in ("user", "username", "login"):  # user=bob%word
        match = USER_AND.match(unquote(value))
        return bool(match and is_password_like(match[1]))
    need = need_of(name, is_option)
    if need is Need.NONE:
        return False
    return is_value(value) if need is Need.ANY else is_password_like(unquote(value)) and is_value(value)


def takes_secrets(name: str) -> bool:
    """Tell whether a program is known for a short option with a password."""
    return name in SHORT or name.startswith(("mysql", "mariadb"))


def options_tell(name: str, arguments: Sequence[str]) -> bool:
    """Tell whether an option of the command `name` has a secret; `arguments` are without quotes."""
    short = ("-p=",) if name.startswith(("mysql", "mariadb")) else SHORT.get(name, ())
    who = False  # whether an option has said who one is
    for place, word in enumerate(arguments):
        after = arguments[place + 1] if place + 1 < len(arguments) else ""
        if any(_short_tells(option, word, after) for option in short):
            return True
        match = OPTION.match(word)
        if match is None:
            continue
        value = match[4] if match[3] else after
        if is_secret(match[2], value, is_option=True) or _any_option_tells(name, word, value, after):
            return True
        if name in LOGINS and "login" in arguments[:place] and _login_tells(word, value):
            return True
        if name not in OWNERS:
            if _user_tells(word, value):
                return True
            says_who = word.split("=", 1)[0] in USER_OPTIONS - {"-n"} or re.fullmatch(r"-\w{0,4}u", word)
            who = who or bool(says_who and re.match(r"[A-Za-z]", value))
        if who and _password_tells(word, value):
            return True
    return False


def _short_tells(option: str, word: str, after: str) -> bool:
    """Tell whether `word` is this option with a secret; one written "-p=" takes it attached only."""
    name = option.removesuffix("=")
    if not word.startswith(name) or word.startswith("--"):
        return False
    rest = word[len(name) :].lstrip("=")
    if not rest:
        return not option.endswith("=") and is_value(after)
    # find -print, and the like behind the name of a program.
    return is_value(rest) and not re.fullmatch(r"rint0?|rune|erm|ath|ort|rotocol|\d", rest)


def _any_option_tells(name: str, word: str, value: str, after: str) -> bool:
    """Tell whether an option of any program has what looks like a password, or like a user and a password."""
    if word.startswith("/p:") and is_value(value):
        return True
    if re.fullmatch(r"-\w{1,2}", word) and is_strong_password(after):
        return True
    user, _, password = value.partition(":")
    return name not in IMAGES and bool(re.fullmatch(r"[A-Za-z][\w.@-]*", user)) and is_strong_password(password)


def _login_tells(word: str, value: str) -> bool:
    return (word in ("-p", "-t") and is_value(value)) or bool(re.match(r"-p[^\s-]", word))


def _user_tells(word: str, value: str) -> bool:
    """Tell whether an option that says who one is has a password behind a colon, a percent sign or a comma."""
    option = word.split("=", 1)[0]
    if option not in USER_OPTIONS and not re.fullmatch(r"-\w{0,4}u", option):
        if not re.match(r"-[uU][^\s:]*[:%].", word):
            return False
        option, value = "-u", word[2:]
    match = USER_AND.match(value)
    if match is None:
        return option in ("-u", "-n") and is_password_like(value.partition(",")[2])
    if option in ("-n", "-l", "-a"):
        return is_password_like(match[1])
    return is_value(match[1]) and not re.fullmatch(r"\d+", match[1]) and not value.startswith(("http", "/"))


def _password_tells(word: str, value: str) -> bool:
    """Tell whether an option behind one that says who one is has a password; a number is a port."""
    if word.split("=", 1)[0] in PASSWORD_OPTIONS:
        return is_value(value) and not re.fullmatch(r"[\d:,.-]+", value)
    attached = word[2:] if re.match(r"-[pP][^\s-]{3}", word) else ""
    return bool(re.search("[^a-z]", attached)) and is_value(attached) and not attached.isdigit()
