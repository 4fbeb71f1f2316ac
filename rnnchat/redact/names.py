"""What a secret is called, and what a value looks like that may be one."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache


class Need(Enum):
    """What a value of some name must be like to count as a secret."""

    NONE = 0  # the name is of no secret
    ANY = 1  # any value does
    PASSWORD = 2  # one that looks like a password


STRONG = frozenset(
    "pass passwd password passphrase passcode passwort pw psk secret token credentials credential apikey authkey authtoken"
    " passkey otp totp cvv cvc sessionid jsessionid phpsessid requirepass userpass mnemonic".split()
)
WEAK = frozenset(
    "key keys salt pepper auth cookie session sid sig login cred creds bearer license seed pwd pin code appid hash api".split()
)
ENDINGS = ("password", "passwd", "passphrase", "pass", "secret", "token", "apikey", "authkey", "pw", "psk")
NO_ENDINGS = ("bypass", "compass", "trespass", "overpass", "multipass", "lastpass", "keepass", "encompass", "surpass")
KEYS = frozenset(
    "api app access private secret signing sign encryption encrypt master auth shared subscription account jwt hmac aes crypto cipher"
    " storage webhook license admin root client".split()
)
# What may stand behind the word: DB_PASSWORD_PROD, token_value; other words say that it is about something else.
OTHER_THING = frozenset(
    "file files path paths dir folder stdin fd env from command cmd eval evalcommand name names type types method length len size ttl expiry"
    " expires expiration timeout url uri endpoint prompt policy store manager agent provider only count counts limit max min ids arn list"
    " required enabled disabled protected status field header algo algorithm hint reset change mode format version user username users"
    " account authority budget id through through port authentication auth log source sources scope scopes class table column test tests"
    " helper cache py js ts go txt md json yml yaml html css".split()
)
NOT_GIVEN = frozenset(
    "no not ask without disable show hide list prompt generate skip allow enable use max min num number total count ignore require copy get"
    " public pub recv send fake test reset change forgot has is with only delete remove check verify parse tokenize".split()
)
PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z]|\d|\b|_)|[A-Z]?[a-z]+|[A-Z]+|\d+")
TRIVIAL = frozenset(
    "true false yes no none null nil on off stdin prompt ask trust string value token password undefined always never auto default any all"
    " read write str int bool object self this".split()
)
FILE = re.compile(
    r"[\w./~@*{}-]+\.(?:txt|pem|key|crt|cer|der|json|ya?ml|cfg|conf|ini|env|gpg|asc|pub|p12|pfx|jks|py|sh|js|ts|go|rb|md|log|csv|html?|xml"
    r"|toml|c|h|cc|cpp|java|rs|sql|php|css|lua|vim|tf|kt|lock|bak|tar|gz|zip|enc|age|kdbx?|keystore|lst|list|dic|dat|db|sock|so|jpe?g|png)\Z"
)
REFERENCE = re.compile(
    r"\$\{?[\w@*#?!\[\]]+\}?\Z|\$\((?!echo|printf)|\$\{\w+:?\?|`|%[\w(]|<[^<>]*>?\Z|\{\{|\*+\Z|x{3,}\Z|\.{2,}\Z",
    re.IGNORECASE,
)
PATH = re.compile(r"(?:~|\.{1,2})?/[\w./~*+-]*\Z|@|(?:file|env|fd|https?|arn):|[a-z._*-]+(?:/[a-z._*-]+)+/?\Z")
# Letters and digits together that are no password: versions, sizes, names of ciphers and machines, dates, hosts.
ORDINARY = re.compile(
    r"v?\d[\d.]*[a-z]{0,3}\d*|\d+(?:[kmgtp]i?b?|ms|s|h|d|px|pt|hz|fps)|[\w-]+(?:\.[\w-]+)+(?::\d+)?|\d+[-:./]\d+\S*|(?:\d+[x:]){1,}\d+"
    r"|(?:sha|md|utf|iso|rsa|aes|ed|base|bcrypt|ascii|x|i|arm|amd|mp|h|web|oauth|s|k|ipv|eth|ens|enp|wlan|tty|sd|nvme|lo|python|php|ruby|node"
    r"|java|gpt|log|argon|vnc|http|tls|ssl|ntlm|pkcs|pbkdf|ssh|lua|qt|gtk|win|centos|ubuntu|debian|fedora|rhel|alpine|libc|gcc|clang|mysql"
    r"|postgres|redis|mongo|vim|bash|zsh|host|server|user|test|file|dir|line|foo|bar|baz|example|col|column|part|step|chapter)[-_]?\d{1,4}(?:[.-]\w+)*"
    r"|[\w.+-]+@[\w.-]+|[a-z]+\d{1,2}|[a-z]+(?:-[a-z]+)*-?\d|\d+[a-z]+|[A-Z]\d+|[a-z]+#\d+|&\d|\d?>.*|[A-Za-z]+[!?.,:]|[\w-]+\(\)|c\+\+\S*",
    re.IGNORECASE,
)


def unquote(word: str) -> str:
    """Return a word without the quotes and backslashes that a shell takes away."""
    if not ("'" in word or '"' in word or "\\" in word):
        return word
    return re.sub(
        r"\$?'([^']*)(?:'|\Z)|\$?\"((?:[^\"\\]|\\.)*)(?:\"|\Z)|\\(.)",
        lambda match: match[1] or re.sub(r"\\(.)", r"\1", match[2] or "") or match[3] or "",
        word,
        flags=re.DOTALL,
    )


@lru_cache(4096)
def need_of(name: str, is_option: bool = False) -> Need:
    """Return what a value of `name` must be like to count as a secret, by the words that the name is made of."""
    parts = [part.lower() for part in PARTS.findall(name)]
    if not parts or len(name) > 80 or parts[0] in NOT_GIVEN:
        return Need.NONE
    for place in range(len(parts) - 1, -1, -1):
        part = parts[place]
        if part in STRONG or (part.endswith(ENDINGS) and not part.endswith(NO_ENDINGS)):
            if name.lower() in ("secret_id", "secretid") and not is_option:
                return Need.ANY
            return Need.NONE if OTHER_THING & set(parts[place + 1 :]) else Need.ANY
        if part == "key" and place and parts[place - 1] in KEYS:
            return Need.NONE if OTHER_THING & set(parts[place + 1 :]) else Need.ANY
    if parts[-1] == "pwd":
        return Need.ANY if len(parts) > 1 and parts != ["old", "pwd"] else Need.PASSWORD
    return Need.PASSWORD if parts[-1] in WEAK else Need.NONE


def is_value(value: str) -> bool:
    """Tell whether a value is itself what is named, and no option, variable, path or switch."""
    raw, value = value, re.sub(r"\\[nrt]", "", unquote(value))
    if not value.strip() or value.startswith("-") or value.lower() in TRIVIAL or len(value) < 3 or raw.startswith("(("):
        return False
    if raw.startswith("'") and value.startswith("$") and len(value) > 1 and not value[1].isalpha():
        return True
    return not (REFERENCE.match(value) or PATH.match(value) or FILE.match(value))


def is_password_like(word: str, least: int = 6) -> bool:
    """Tell whether a word, without quotes, looks like a password: letters with digits or signs, and no usual form."""
    word = word.strip("'\"`,;")
    if not least <= len(word) <= 64 or word.startswith(
        ("-", "$", "/", "~", ".", "@", "+", "%", "<", "{", "[", "&", "#", "\\")
    ):
        return False
    word = re.sub(r"\\[nrt]\Z", "", word)
    if (
        re.search(r"[/\\\s]|=[^=]", word)
        or re.search(r"\$[A-Za-z_({]", word)
        or FILE.match(word)
        or ORDINARY.fullmatch(word)
    ):
        return False
    if not re.search(r"[A-Za-z]", word):
        return False
    return bool(re.search(r"\d", word)) or bool(re.search(r"[A-Za-z][!#^&?$]+[A-Za-z]|[a-z]!{1,3}\Z", word))


def is_strong_password(word: str) -> bool:
    """Tell whether a word looks like a password wherever it stands: letters of both cases and digits, or odd signs."""
    if is_password_like(word) and re.search(r"\w[!#^$]+\w", word):
        return True
    if not is_password_like(word, 8):
        return False
    # Digits between letters, or letters of both cases to and fro: no name and no number at its end.
    changes = len(re.findall(r"[a-z]\d|\d[a-z]|[A-Z]\d|\d[A-Z]|[a-z][A-Z]", word))
    return bool(re.search("[a-z]", word) and re.search("[A-Z]", word) and changes >= 3)
