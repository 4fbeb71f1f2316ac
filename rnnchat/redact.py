"""Finds secrets in command lines, so that they are neither stored nor learned nor shown.

A line that holds one is dropped whole: a masked line would still tell where the secret stood. A false alarm costs one
suggestion, a miss costs a password, so doubt counts as a secret. Every expression takes time in proportion to the
line's length.
"""

from __future__ import annotations

import math
import re
from collections import Counter

MOST_CHARACTERS = 4096  # of a line are looked at; a longer one counts as a secret
KEYWORD = r"(?:pass(?:wd|word|phrase|code)?|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|auth(?!or))"
VALUE = r"(?:\"[^\"]+\"|'[^']+'|[^\s\"'$;&|][^\s;&|]*)"

# kind → expression. The lengths are minimums: vendors lengthen their tokens.
RULES: dict[str, re.Pattern[str]] = {
    kind: re.compile(expression)
    for kind, expression in {
        "private key": r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY|AGE-SECRET-KEY-1|PuTTY-User-Key-File",
        "AWS key": r"\b(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{12,}|(?i:aws_?(?:secret|session)_?\w*\s*[= ]\s*\S)",
        "GitHub token": r"\bgh[pousr]_\w{16,}|\bgithub_pat_\w{16,}",
        "GitLab token": r"\bgl(?:pat|ptt|dt|rt|cbt|ft|soat|imt|agent|oas)-[\w-]{16,}|\bGR1348941[\w-]{16,}",
        "Slack token": r"\bx(?:ox[abeprs]|app)-[\w-]{8,}|hooks\.slack\.com/(?:services|workflows)/\S+",
        "Stripe key": r"\b(?:sk|rk|pk)_(?:live|test)_\w{8,}|\bwhsec_\w{16,}",
        "Google key": r"\bAIza[\w-]{20,}|\bya29\.[\w-]{10,}|\bGOCSPX-[\w-]{10,}|\"private_key(?:_id)?\"\s*:",
        "Azure key": r"(?i:\bazure_\w*(?:key|secret|password)\w*\s*=\s*\S)|(?i:\b(?:Account|SharedAccess)Key\s*=\s*\S)"
        r"|[?&;]sig=[\w%/+-]{16,}",
        "AI key": r"\bsk-[A-Za-z0-9][\w-]{15,}|\bhf_\w{16,}|\b(?:gsk|r8|pplx|xai|nvapi|fw|tgp)[_-]\w{20,}",
        "package token": r"\bnpm_\w{16,}|\bpypi-[\w-]{16,}|_auth(?:Token)?\s*=\s*\S|\bcio\w{20,}|\brubygems_\w{16,}"
        r"|\bdckr_pat_[\w-]{16,}",
        "JSON web token": r"\beyJ[\w-]{8,}\.(?:eyJ)?[\w-]{8,}",
        "password in a URL": r"[a-zA-Z][\w+.-]*://[^\s/:@\"']*:[^\s/@\"'$][^\s/@\"']*@|://[\w-]{20,}@",
        "header": r"(?i:\b(?:authorization|proxy-authorization|x-[\w-]*(?:key|token|secret)|(?:api|private)[_-]?(?:key|token)|cookie)"
        r"\s*:\s*\S)|(?i:\b(?:bearer|basic)\s+[\w+/=.~-]{8,})",
        "password option": rf"(?i:(?:^|[\s\"'])--?(?:[\w-]*[_-])?{KEYWORD}(?:[_-]?(?:value|text|string|id|plain))?(?:\s*=\s*|\s+){VALUE})"
        rf"|(?i:(?:^|[\s;&|\"'({{,?])[\w.-]*{KEYWORD}\w*\s*[=:]\s*{VALUE})|\bMYSQL_PWD=\S|\bPGPASS\w*=\S",
        "password of a program": r"\b(?:mysql|mariadb|mysqldump|mysqladmin|mongo|mongosh|mysqlimport)\b.*\s-p['\"]?[^\s'\"]"
        r"|\bsshpass\s+(?:-\S+\s+)*-p|\b(?:curl|wget|http|https|xh|ncftp\w*|lftp|smbclient|mosquitto_\w+|ldap\w+|svn|wget2)\b"
        r".*\s(?:-u|-U|-a|--user|--auth|--proxy-user|-P|-w)[\s=]*['\"]?[^\s:'\"]*:?[^\s'\"]*[:%][^\s'\"]+"
        r"|\b(?:mosquitto_\w+|isql|sqlcmd|ldap\w+|ftp|xfreerdp|rdesktop|winexe|evil-winrm)\b.*\s(?:-P|-w|-p|/p:)\s*['\"]?\S+"
        r"|\b(?:zip|unzip|7z\w?|rar|unrar)\b.*\s(?:-P\s*|-p|-hp)['\"]?[^\s'\"]|\bredis-cli\b.*\s-a\s*\S"
        r"|\b(?:docker|podman|helm|az|npm|skopeo|buildah|oc|cf|heroku|vault|nerdctl)\b.*\blogin\b.*\s(?:-p|-t)[\s=]*\S"
        r"|\bvault\s+login\s+\S|\bnet\s+user\s+\S+\s+\S",
        "password handed over": r"\b(?:echo|printf|print)\b[^|]*\|\s*(?:sudo\s+(?:\S+\s+)*-\w*S|.*(?:--password-stdin|passwd|chpasswd|"
        r"cryptsetup|gpg|openssl|docker\s+login|smbpasswd|base64|vncpasswd))|\bhtpasswd\s+(?:-\S+\s+)*-\w*b"
        r"|\bpass(?:in|out)?[\s=]+['\"]?pass:\S|-k\s+['\"]?pass:|\bopenssl\b.*\s-k\s+\S|--passphrase(?:-fd)?[\s=]+\S"
        r"|\bchpasswd\s*<<<|<<<\s*['\"]?\S+['\"]?\s*(?:\|\s*)?(?:sudo|passwd)|\b(?:sudo|passwd|su)\b.*<<<",
        "connection string": r"(?i:\b(?:pwd|password|user\s?id|uid)\s*=[^;\s]+;)|(?i:\bjdbc:\S*[?&;](?:password|user)=)",
        "service token": r"\b\d{8,10}:AA[\w-]{30,}|\b[MNO][\w-]{23,27}\.[\w-]{6,7}\.[\w-]{27,}|discord(?:app)?\.com/api/webhooks/\S+"
        r"|\b(?:SK|AC)[0-9a-f]{30,}|\bSG\.[\w-]{16,}|\bdo[opr]_v1_\w{16,}|\bhv[sbr]\.[\w-]{16,}|\bs\.[A-Za-z0-9]{24}\b|\bpul-\w{16,}"
        r"|\bnf[pcoub]_\w{16,}|\bshp(?:at|ca|pa|ss)_\w{16,}|\bsq0\w{3}-[\w-]{16,}|\bkey-[0-9a-f]{24,}|\blin_api_\w{16,}|\bATATT\w{16,}"
        r"|\bsntrys_\w{16,}|\bdapi[0-9a-f]{24,}|\bEAA\w{24,}|\btskey-[\w-]{12,}|\bglsa_\w{16,}|\bdp\.(?:pt|st|ct)\.\w{16,}"
        r"|\bPMAK-[\w-]{16,}|\bfigd_[\w-]{16,}|\bnpm_\w{16,}|\bsecret_\w{24,}|\bntn_\w{24,}|\bv1\.0-[0-9a-f]{16,}",
        "recovery code": r"\b(?:[A-Z2-7]{4}[ -]){3,}[A-Z2-7]{4}\b|(?i:\b(?:otp|totp|oathtool|2fa|mfa|pin|cvv|cvc)\b\S*[\s=:]+(?:-\S+\s+)*['\"]?[A-Z2-7\d]{3,})"
        r"|otpauth://",
        "bank account": r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){3,7}(?:[ ]?[A-Z0-9]{1,4})?\b",
        "crypto key": r"(?<![\w/+])[A-Za-z0-9+/]{43}=(?![\w=])|\b[5KL][1-9A-HJ-NP-Za-km-z]{50,51}\b|\b[xyzt]prv[1-9A-HJ-NP-Za-km-z]{60,}"
        r"|\b0x[0-9a-fA-F]{64}\b|(?i:\b(?:mnemonic|seed|recovery)\b\W+(?:\w+\W+){5,}\w+)",
    }.items()
}
CARD = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.])")
SEED_WORDS = re.compile(r"(?:\b[a-z]{3,8}\b ){11,23}\b[a-z]{3,8}\b")
TOKEN = re.compile(r"[\w+/=~-]{20,}")
HEX = re.compile(r"(?:0x)?[0-9a-fA-F]{32,}\Z")
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
HASH_VERBS = re.compile(
    r"\b(?:git|docker|podman|kubectl|sha\d*sum|md5sum|hg|ipfs|nix\S*|cosign|crictl|guix|ostree)\b|sha256:"
)
JOINED = re.compile(r"\\\n|\\(?=[\w-])|(?<=[\w-])(?:\"\"|'')(?=[\w-])")


def find_secret(text: str) -> str | None:
    """Return the kind of the first secret found in `text`; None where there is none."""
    if len(text) > MOST_CHARACTERS:
        return "a line too long to look through"
    # A secret may be broken over lines, or by quotes and backslashes that the shell takes away.
    plain = JOINED.sub("", text)
    for form in {text, plain, plain.replace('"', "").replace("'", "")}:
        for kind, rule in RULES.items():
            if rule.search(form):
                return kind
        if any(_is_card(match[0]) for match in CARD.finditer(form)):
            return "card number"
        if SEED_WORDS.search(form) and _looks_like_seed(SEED_WORDS.search(form)[0]):  # type: ignore[index]
            return "seed phrase"
        if any(_is_random(token, form) for token in TOKEN.findall(form)):
            return "random string"
    return None


def holds_secret(text: str) -> bool:
    """Tell whether `text` seems to hold a secret."""
    return find_secret(text) is not None


def _is_card(digits: str) -> bool:
    """Tell whether digits pass the check of payment cards (Luhn)."""
    numbers = [int(sign) for sign in digits if sign.isdigit()][::-1]
    total = sum(numbers[0::2]) + sum(sum(divmod(2 * number, 10)) for number in numbers[1::2])
    return total % 10 == 0 and len(set(numbers)) > 1


def _looks_like_seed(words: str) -> bool:
    """Tell whether a row of words is a seed phrase rather than a sentence: nothing short and common binds it."""
    return not {"the", "and", "for", "with", "that", "from", "into", "not", "all", "this", "are"} & set(words.split())


def _is_random(token: str, line: str) -> bool:
    """Tell whether a token is too random to be a name (limits of detect-secrets and Gitleaks)."""
    token = token.strip("=-")
    if token.startswith(("/", "~", "--")) or token.count("/") > 2 or UUID.fullmatch(token):
        return False
    if HEX.fullmatch(token):
        return entropy(token.lower()) >= 3.0 and not HASH_VERBS.search(line)
    parts = [part for part in re.split(r"[/=]", token) if len(part) >= 20]
    return any(_is_mixed(part) for part in parts)


def _is_mixed(token: str) -> bool:
    classes = sum(bool(re.search(kind, token)) for kind in ("[a-z]", "[A-Z]", r"\d"))
    # Words joined by signs are names, however many of them there are.
    longest_word = max((len(word) for word in re.findall(r"[a-z]+|[A-Z][a-z]+", token)), default=0)
    wordy = sum(len(word) for word in re.findall(r"[A-Z]?[a-z]{3,}|[A-Z]{3,}(?![a-z])", token)) / len(token)
    return classes == 3 and entropy(token) >= 3.5 and (wordy < 0.7 or longest_word < 4)


def entropy(text: str) -> float:
    """Return bits per character, by the text's own frequencies."""
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())
