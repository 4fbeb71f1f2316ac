"""Secrets that are known by their own shape, wherever they stand: tokens of vendors, keys, random strings, numbers."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter

# kind → expression. The lengths are minimums: vendors lengthen their tokens.
RULES: dict[str, re.Pattern[str]] = {
    kind: re.compile(expression)
    for kind, expression in {
        "AWS key": r"\b(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{12,}",
        "GitHub token": r"\bgh[pousr]_\w{16,}|\bgithub_pat_\w{16,}|\bv1\.[0-9a-f]{40}\b",
        "GitLab token": r"\bgl(?:pat|ptt|dt|rt|cbt|ft|soat|imt|agent|oas)-[\w-]{16,}|\bGR1348941[\w-]{16,}",
        "Slack token": r"\bx(?:ox[abeprs]|app)-[\w-]{8,}",
        "hook": r"hooks\.slack\.com/(?:services|workflows)/\S+|discord(?:app)?\.com/api/webhooks/\S+|/IncomingWebhook/\S+"
        r"|\.logic\.azure\.com\S*[?&]sig=",
        "Stripe key": r"\b(?:sk|rk|pk)_(?:live|test)_\w{8,}|\bwhsec_\w{16,}",
        "Google key": r"\bAIza[\w-]{20,}|\bya29\.[\w-]{10,}|\bGOCSPX-[\w-]{10,}|\"private_key(?:_id)?\"\s*:|\b1//0[\w-]{20,}",
        "Azure key": r"[?&;]sig=[\w%/+-]{16,}",
        "AI key": r"\bsk-[A-Za-z0-9][\w-]{15,}|\bhf_\w{16,}|\b(?:gsk|r8|pplx|xai|nvapi|fw|tgp)[_-]\w{20,}",
        "package token": r"\bnpm_\w{16,}|\bpypi-[\w-]{16,}|\bcio\w{20,}|\brubygems_\w{16,}|\bdckr_pat_[\w-]{16,}",
        "JSON web token": r"\beyJ[\w-]{8,}\.(?:eyJ)?[\w-]{8,}",
        "service token": r"\b\d{8,10}:AA[\w-]{30,}|\b[MNO][\w-]{23,27}\.[\w-]{6,7}\.[\w-]{27,}"
        r"|\b(?:SK|AC)[0-9a-f]{30,}|\bSG\.[\w-]{16,}|\bdo[opr]_v1_\w{16,}|\bhv[sbr]\.[\w-]{16,}|\bs\.[A-Za-z0-9]{24}\b|\bpul-\w{16,}"
        r"|\bnf[pcoub]_\w{16,}|\bshp(?:at|ca|pa|ss)_\w{16,}|\bsq0\w{3}-[\w-]{16,}|\bkey-[0-9a-f]{24,}|\blin_api_\w{16,}|\bATATT\w{16,}"
        r"|\bsntrys_\w{16,}|\bdapi[0-9a-f]{24,}|\bEAA\w{24,}|\btskey-[\w-]{12,}|\bglsa_\w{16,}|\bdp\.(?:pt|st|ct)\.\w{16,}"
        r"|\bPMAK-[\w-]{16,}|\bfigd_[\w-]{16,}|\bsecret_[A-Za-z0-9]{24,}|\bntn_\w{24,}|\bv1\.0-[0-9a-f]{16,}",
        "crypto key": r"(?<![\w/+])[A-Za-z0-9+/]{43}=(?![\w=])|\b[5KL][1-9A-HJ-NP-Za-km-z]{50,51}\b|\b[xyzt]prv[1-9A-HJ-NP-Za-km-z]{60,}"
        r"|\b0x[0-9a-fA-F]{64,}\b",
    }.items()
}
# The same for what may be shorter than LONG, or is divided.
SHORT_RULES: dict[str, re.Pattern[str]] = {
    kind: re.compile(expression)
    for kind, expression in {
        "private key": r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY|AGE-SECRET-KEY-1|PuTTY-User-Key-File",
        "password in a URL": r"[a-zA-Z][\w+.-]*://[^\s/:@\"']*:[^\s/@\"'$][^\s/@\"']*@|://[\w-]{20,}@",
        "recovery code": r"\b(?:[A-Z2-7]{4}[ -]){3,}[A-Z2-7]{4}\b|otpauth://|\b(?:\d{6}-){3,}\d{6}\b|\b(?:[A-Z0-9]{5}-){3,}[A-Z0-9]{5}\b",
        "bank account": r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){3,7}(?:[ ]?[A-Z0-9]{1,4})?\b",
        "key as bytes": r"(?<![\w:])[0-9a-fA-F]{2}(?:[: ][0-9a-fA-F]{2}){15,}(?![\w:])|(?:\\x[0-9a-fA-F]{2}){16,}",
        "seed phrase": r"(?i:\b(?:mnemonic|seed|recovery)\b\W+(?:[a-z]+\W+){5,}[a-z]+)",
    }.items()
}
SHORT = re.compile(r"://|[A-Z0-9]{4}|[0-9a-fA-F]{2}[: ][0-9a-fA-F]{2}[: ]|\\x|(?i:mnemonic|seed|recovery)")
LONG = re.compile(r"[\w+/=~.:-]{12}")
CARD = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.])")
SEED_WORDS = re.compile(r"(?:\b[a-z]{3,8}\b[ ,]{1,2}){11,23}\b[a-z]{3,8}\b")
# In sentences there are words that no list of seed words has (BIP 39).
SENTENCE = frozenset("the and for with not are from but was has can't its".split())
TOKEN = re.compile(r"[\w+/=~-]{20,}")
HEX = re.compile(r"(?:0x)?[0-9a-fA-F]{32,}\Z")
HEX_PART = re.compile(r"(?<![^_\W])(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{32,}(?![^_\W])")
UUID = re.compile(r"\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?")
HASH_VERBS = re.compile(
    r"\b(?:git(?:hub\S*|lab\S*)?|docker|podman|kubectl|sha\d*sum|md5sum|hg|ipfs|nix\S*|cosign|crictl|guix|ostree|rekor-cli|btih)\b|\bsha(?:1|256|384|512)?[:=\s-]"
)
# Not \n and the like, which divide words for printf and echo.
JOINED = re.compile(r"\\\n|\\(?![nrtex0])(?=[\w-])|(?<=[\w-])(?:\"\"|'')(?=[\w-])")


def find_shape(text: str) -> str | None:
    """Return the kind of the first secret that is known by its shape; None where there is none."""
    # A secret may be broken over lines, or by quotes and backslashes that the shell takes away.
    plain = JOINED.sub("", text)
    for form in {text, plain, plain.replace('"', "").replace("'", "")}:
        for kind, rule in SHORT_RULES.items() if SHORT.search(form) else ():
            if rule.search(form):
                return kind
        if LONG.search(form):
            for kind, rule in RULES.items():
                if rule.search(form):
                    return kind
            if any(_is_random(token, form) for token in TOKEN.findall(form)):
                return "random string"
        if any(_is_card(match[0]) for match in CARD.finditer(form)):
            return "card number"
        if any(_looks_like_seed(match[0]) for match in SEED_WORDS.finditer(form)):
            return "seed phrase"
    return None


def _is_card(digits: str) -> bool:
    """Tell whether digits pass the check of payment cards (Luhn)."""
    numbers = [int(sign) for sign in digits if sign.isdigit()][::-1]
    total = sum(numbers[0::2]) + sum(sum(divmod(2 * number, 10)) for number in numbers[1::2])
    return total % 10 == 0 and len(set(numbers)) > 1


def _looks_like_seed(words: str) -> bool:
    """Tell whether a row of words is a seed phrase rather than a sentence: nothing short and common binds it."""
    return not SENTENCE & set(re.findall(r"[a-z]+", words))


def _is_random(token: str, line: str) -> bool:
    """Tell whether a token, or a part of it, is too random to be a name (limits of detect-secrets and Gitleaks)."""
    token = UUID.sub("", token.strip("=-"))
    if not token.startswith("//") and (token.startswith(("/", "~", "--")) or token.count("/") > 2):
        return _is_base64(token)  # or a path; after // stands an address, in which a secret may be
    for part in re.split(r"[/=]", token):
        if HEX.fullmatch(part) or HEX_PART.search(part):
            if entropy(part.lower()) >= 3.0 and not HASH_VERBS.search(line):
                return True
        elif len(part) >= 20 and (_is_mixed(part) or _has_random_part(part)):
            return True
    return False


def _is_base64(token: str) -> bool:
    """Tell whether what may be a path is a line of a key: hardly two signs of a kind stand side by side."""
    kinds = "".join("d" if sign.isdigit() else "u" if sign.isupper() else "l" for sign in token if sign.isalnum())
    changes = sum(one != other for one, other in itertools.pairwise(kinds))
    return len(token) >= 40 and len(set(kinds)) == 3 and changes >= 0.4 * len(kinds)


def _is_mixed(token: str) -> bool:
    classes = sum(bool(re.search(kind, token)) for kind in ("[a-z]", "[A-Z]", r"\d"))
    # Words joined by signs are names, however many of them there are.
    longest_word = max((len(word) for word in re.findall(r"[a-z]+|[A-Z][a-z]+", token)), default=0)
    wordy = sum(len(word) for word in re.findall(r"[A-Z]?[a-z]{3,}|[A-Z]{3,}(?![a-z])", token)) / len(token)
    return classes == 3 and entropy(token) >= 3.5 and (wordy < 0.7 or longest_word < 4)


def _has_random_part(token: str) -> bool:
    """Tell whether what stands between signs goes to and fro between letters and digits, or cannot be spoken."""
    for part in re.findall(r"[A-Za-z0-9]{20,}", token):
        changes = len(re.findall(r"(?<=\d)[A-Za-z]|(?<=[A-Za-z])\d", part))
        if changes >= len(part) / 6 and entropy(part) >= 3.0:
            return True
        if len(part) >= 32 and re.search(r"(?i)[bcdfghjklmnpqrstvwxz]{6}", part) and entropy(part) >= 3.5:
            return True
    return False


def entropy(text: str) -> float:
    """Return bits per character, by the text's own frequencies."""
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())
