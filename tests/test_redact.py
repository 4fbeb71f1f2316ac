"""Secrets are found in every shape in which they are typed, and ordinary commands are left alone."""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnchat.redact import find_secret, holds_secret

LETTERS = string.ascii_letters + string.digits
SHAPES = (
    "{}",
    "{} && ls",
    "cd src; {}",
    "sudo {}",
    "{} | tee log",
    "time {} > out.txt 2>&1",
    "FOO=1 {}",
    "if true; then {}; fi",
)


def letters(chance: random.Random, count: int, alphabet: str = LETTERS) -> str:
    return "".join(chance.choice(alphabet) for _ in range(count))


def planted(seed: int = 0) -> Iterator[tuple[str, str, str]]:
    """Yield kind, the secret itself, and a command with it: ten of each of twenty kinds, made up by chance."""
    chance = random.Random(seed)

    def some(count: int, alphabet: str = LETTERS) -> str:
        return letters(chance, count, alphabet)

    kinds: dict[str, Callable[[], tuple[str, str, str]]] = {
        "private key": lambda: (f"-----BEGIN RSA PRIVATE KEY----- MII{(s := some(24))}", s, "echo '{}' > key"),
        "AWS": lambda: ((s := "AKIA" + some(16, string.ascii_uppercase + string.digits)), s, "aws configure set id {}"),
        "GitHub": lambda: ((s := "ghp_" + some(36)), s, "git clone https://{}@github.com/a/b"),
        "GitLab": lambda: ((s := "glpat-" + some(20)), s, "glab auth --hostname x {}"),
        "Slack": lambda: ((s := f"xoxb-{some(11, string.digits)}-{some(24)}"), s, "slack send {}"),
        "Stripe": lambda: ((s := "sk_live_" + some(24)), s, "stripe charges --key {}"),
        "Google": lambda: ((s := "AIza" + some(35)), s, "curl 'https://maps.example.com?key={}'"),
        "Azure": lambda: ((s := some(40)), s, "export AZURE_STORAGE_KEY={}"),
        "AI": lambda: ((s := "sk-" + some(40)), s, "llm keys set {}"),
        "npm": lambda: ((s := "npm_" + some(36)), s, "npm config set token {}"),
        "web token": lambda: ((s := f"eyJ{some(20)}.eyJ{some(30)}.{some(30)}"), s, "jwt decode {}"),
        "URL": lambda: ((s := some(9)), s, "psql postgres://bob:{}@db.example.com/shop"),
        "header": lambda: ((s := some(12)), s, "curl -H 'Authorization: Bearer {}' example.com"),
        "password option": lambda: ((s := some(8, string.ascii_lowercase)), s, "deploy --password {}"),
        "password variable": lambda: ((s := some(8, string.ascii_lowercase)), s, "PGPASSWORD={} psql shop"),
        "program": lambda: ((s := some(8, string.ascii_lowercase)), s, "mysql -u root -p{} shop"),
        "curl user": lambda: ((s := some(8, string.ascii_lowercase)), s, "curl -u admin:{} example.com"),
        "handed over": lambda: ((s := some(8, string.ascii_lowercase)), s, "echo {} | sudo -S ls"),
        "archive": lambda: ((s := some(8, string.ascii_lowercase)), s, "zip -P {} notes.zip notes"),
        "random": lambda: ((s := some(32)), s, "service login {}"),
    }
    for kind, make in kinds.items():
        for number in range(10):
            text, secret, command = make()
            yield kind, secret, SHAPES[number % len(SHAPES)].format(command.format(text))


def test_every_planted_secret_is_found() -> None:
    missed = [(kind, command) for kind, _, command in planted() if not holds_secret(command)]
    assert missed == []


# Where people type passwords; {} is one made up by chance. Each of these was passed over once.
PLACES = r"""curl -sku admin:{} https://192.168.1.1/status
set -x SMTP_PASSWORD {}
setenv DB_PASSWORD {}
setx DB_PASSWORD {}
declare -x LDAP_BIND_PW={}
read -r PW <<< '{}'
read PASS <<< {}
git remote add o https://{}@github.com/a/b.git
echo '{}' | kinit bob
export WIFI_PSK={}
export ENCRYPTION_KEY={}
ROOTPW={}
adminpw={}
docker run --env=MINIO_ROOT_PASSWORD={} minio/minio
docker exec -it db mysql -uroot -p{} app
docker run -eTOKEN={} img
kubectl create secret generic app --from-literal=key1={}
printf '{}' | docker secret create db_pass -
redis-cli -h h AUTH {}
redis-cli config set requirepass {}
mongo -u root -p {}
cypher-shell -u neo4j -p {}
mysql -e "ALTER USER 'bob'@'%' IDENTIFIED BY '{}'"
psql -c "CREATE USER bob WITH PASSWORD '{}'"
sqlplus bob/{}
mysqladmin -u root password '{}'
rabbitmqctl add_user bob {}
beeline -u jdbc:hive2://h -n hive -p {}
bcp t out t.dat -U sa -P {}
echo 'localhost:5432:*:bob:{}' >> ~/.pgpass
echo 'machine h login bob password {}' >> ~/.netrc
etcdctl user add root:{}
lftp -u bob,{} ftp.example.com
net use Z: \\nas\share {} /user:bob
nmcli dev wifi connect Home password '{}'
wpa_passphrase Home '{}'
ipmitool -H bmc -U ADMIN -P {} power on
snmpwalk -v2c -c {} 10.0.0.1
plink -pw {} bob@host
hydra -l bob -p {} ssh://h
psexec.py 'corp.local/bob:{}@dc01'
winexe -U corp/bob%{} //h cmd.exe
kinit bob@EX.COM <<< {}
xfreerdp3 /u:b /p:{} /v:h
openssl passwd -6 {}
qpdf --encrypt {} owner 256 -- a b
pdftk a output b user_pw {}
keytool -genkey -storepass {} -keystore k
ssh-keygen -t ed25519 -N '{}' -f k
mkpasswd -m sha-512 {}
usermod -p {} bob
security unlock-keychain -p {} login.keychain
sed -i 's/^DB_PASS=.*/DB_PASS={}/' .env
sed -i 's/changeme/{}/' .env # db password
git config --global user.password {}
ruby -e 'Net::SSH.start("h","bob",:password=>"{}")'
npm config set //r/:_authToken {}
yarn config set npmAuthToken {}
composer config http-basic.repo.example.com bob {}
twine upload -u bob -p {} dist/*
cargo login {}
gem push --key {} a.gem
drush user:password admin '{}'
transmission-remote -n bob:{} -l
yt-dlp -u bob -p {} https://x
steamcmd +login bob {} +quit
if [ "$PASSWORD" = '{}' ]; then ok; fi
export PASSWORD=$'{}'
grep -r '{}' . # leaked password
p"ass"word='{}' run
alias db='mysql -u root -p{}'
ssh h "export DB_PASSWORD={}; ./run"
sh -c "PASSWORD={} run"
deploy --pass\word={}
keyring set svc bob <<< {}
openconnect -u b --passwd-on-stdin h <<< '{}'
vault kv put secret/app value={}
age -d -i <(echo {}) f
az keyvault secret set --vault-name kv --name db --value '{}'
heroku config:set TWILIO={} -a app
flyctl secrets set A={}
mount -t cifs -o user=b%{} //s/a /m
offlineimap -k x:remotepass={}
sbt -Dpw={}
helm install x y --set mysqlRootPassword={},user=a
"""


@pytest.mark.parametrize("place", PLACES.strip().splitlines())
def test_passwords_are_found_wherever_they_are_typed(place: str) -> None:
    chance = random.Random(place)
    for _ in range(5):
        word = letters(chance, 6, string.ascii_letters) + chance.choice("!_-") + letters(chance, 3, string.digits)
        command = place.replace("{}", word + "x")
        assert holds_secret(command), command


@pytest.mark.parametrize(
    "command",
    [
        "NRAK-{upper}", "sbp_{hex}", "shippo_live_{hex}", "bk --org bkua_{hex}",
        "curl 'https://x.example/weather?q=Berlin&appid={hex}'", "curl https://x.example/hook/{hex}",
        "nuget push a {lower}", "tool {pairs}", "echo {colons}", "ssl /ipk {groups}",
        "aws sts get-session-token --token-code {code}", "echo {short} >> github-recovery-codes.txt",
    ],
)  # fmt: skip
def test_tokens_of_vendors_that_no_list_has(command: str) -> None:
    chance = random.Random(command)
    for _ in range(5):
        pairs = [letters(chance, 2, "0123456789abcdef") for _ in range(32)]
        filled = command.format(
            upper=letters(chance, 27, string.ascii_uppercase + string.digits),
            hex=letters(chance, 40, "0123456789abcdef"),
            lower="oy2" + letters(chance, 43, string.ascii_lowercase + string.digits),
            pairs=" ".join(pairs),
            colons=":".join(pairs),
            groups="-".join(letters(chance, 5, string.ascii_uppercase + string.digits) for _ in range(5)),
            code=letters(chance, 6, string.digits),
            short=f"{letters(chance, 5, 'abcdef01234')}1-{letters(chance, 5, 'abcdef01234')}2",
        )
        assert holds_secret(filled), filled


def test_a_seed_phrase_may_hold_words_that_are_common() -> None:
    words = ["all", "that", "into", "this", "will", "only", "worth", "young", "wonder", "acid", "zebra", "zoo"]
    chance = random.Random(0)
    for joint in (" ", ",", ", "):
        chance.shuffle(words)
        assert holds_secret(f"wallet restore '{joint.join(words)}'")
    assert not holds_secret("echo this will only show that all young people have seen into the zoo and worth it")


@pytest.mark.parametrize("quoted", ['"{}"', "'{}'", "\\\n{}"])
def test_quotes_and_broken_lines_hide_nothing(quoted: str) -> None:
    chance = random.Random(1)
    for _ in range(20):
        token = "ghp_" + letters(chance, 36)
        assert holds_secret(f"git push https://{quoted.format(token)}@example.com")
        assert holds_secret(f"run {token[:10]}\\\n{token[10:]}")
        assert holds_secret(f"deploy --token {quoted.format(letters(chance, 10))}")


@pytest.mark.parametrize("kind", ["RSA ", "OPENSSH ", "EC ", "ENCRYPTED ", ""])
def test_the_first_line_of_a_private_key(kind: str) -> None:
    assert find_secret(f"-----BEGIN {kind}PRIVATE KEY-----") == "private key"
    assert find_secret(f"ssh-add - <<< '-----BEGIN {kind}PRIVATE KEY-----'") == "private key"
    assert not holds_secret("cat > ca.pem <<< '-----BEGIN CERTIFICATE-----'")


def test_numbers_of_cards_and_accounts() -> None:
    assert find_secret("pay 4111 1111 1111 1111") == "card number"
    assert holds_secret("transfer DE89 3704 0044 0532 0130 00")
    assert not holds_secret("seq 1234567890123456")  # fails the check of cards


def test_ordinary_commands_are_left_alone() -> None:
    path = Path(__file__).parents[1] / "corpora" / "shell" / "sessions.blocks"
    commands = [line for line in path.read_text().splitlines() if line.strip()]
    found = [command for command in commands if holds_secret(command)]
    assert found == []


@pytest.mark.parametrize(
    "command",
    [
        "git show 3f786850e387550fdab836ed7e6dc881de23001b",
        "docker run nginx@sha256:3f786850e387550fdab836ed7e6dc881de23001b3f786850e387550fdab836ed",
        "kubectl logs 123e4567-e89b-12d3-a456-426614174000",
        "cat src/main/java/org/example/project/service/UserServiceImplementation.java",
        "ssh -p 2222 admin@10.0.0.5",
        "mkdir -p build/release-2024-01-02-final",
        "cp -p a b",
        "git log --author=alice",
        "passwd",
        "man 5 passwd",
        "ls -la ~/.password-store",
        "docker run --rm -v $PWD:/app -w /app node:20 npm test",
        "docker run -d --name pg -e POSTGRES_HOST_AUTH_METHOD=trust postgres:16",
        "find . -name '*.zip' -print0 | xargs -0 rm",
        "sudo find / -name mysql -print",
        "alias pwd='/bin/pwd | pbcopy'",
        'DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"',
        "read -s -p 'Password: ' password",
        'read -n 1 -p "Is this a good question (y/n)? " answer',
        "dropdb --no-password shop",
        "ansible web --become --ask-become-pass -m ping",
        "docker login --password-stdin registry.example.com",
        'curl --user "$USER:$PASSWORD" https://example.com',
        'deploy --token "$TOKEN" --password-file /run/secrets/db',
        "echo hello | base64",
        "pass otp path/to/entry",
        "ffmpeg -i a.mp4 -pass 1 -f null /dev/null",
        "git commit -m 'Add token refresh to login page'",
        "git config credential.helper store",
        "docker build -t app:release2b .",
        "go install golang.org/x/tools/gopls@latest",
        "ssh -i ~/.ssh/id_ed25519 bob@web-01.example.com",
        "watch 'echo -e \"\\033[31mHello World\\033[0m\"'",
        "printf 'Choice1\\nChoice2\\nChoice3' | fzf",
        "echo abc | sha256sum --check",
        "python -m pytest tests/test_authentication_flow.py::test_token_is_refreshed",
    ],
)
def test_what_looks_like_a_secret_and_is_none(command: str) -> None:
    assert find_secret(command) is None


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=4_096))
def test_any_text_is_looked_through(text: str) -> None:
    holds_secret(text)


@pytest.mark.parametrize("unit", ["a", "-p ", "a=", "word ", "://a:", '"', "\\", "1 ", "A1b/", "xox-", "echo |"])
def test_time_grows_no_faster_than_the_line(unit: str) -> None:
    """A rule that looks back and forth would need minutes for this."""
    import subprocess
    import sys

    code = "import sys; from rnnchat.redact import holds_secret; holds_secret(sys.argv[1])"
    line = unit * (4_000 // len(unit))
    subprocess.run([sys.executable, "-c", code, line], check=True, timeout=10)


def test_a_line_too_long_to_look_through_is_not_kept() -> None:
    assert holds_secret("a" * 5_000)


@given(st.integers(0, 10**9))
def test_a_line_of_a_key_is_found_whatever_slashes_it_holds(seed: int) -> None:
    line = base64.b64encode(random.Random(seed).randbytes(48)).decode()
    assert find_secret(line) is not None
    assert find_secret(f"/{line[:20]}/{line[20:40]}/{line[40:]}") is not None
