"""Asks the daemon one thing; small and quick, for shells that cannot speak to sockets, and for the command line.

python -I -S ask.py FOLDER SECONDS OPERATION [FIELD ...]      prints the fields of the answer, one a line
"""

import os
import socket
import sys

FIELD, LINE_END = "\x1f", "\x1e"


def ask(folder: str, seconds: float, *fields: str) -> list[str]:
    """Return the fields of the answer to one request; [] where none comes in time.

    Raises:
        OSError: there is no daemon, or it is not ours.
    """
    status = os.lstat(folder)
    if status.st_uid != os.geteuid() or status.st_mode & 0o077:
        raise OSError("the folder is not private")
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(seconds)
        connection.connect(os.path.join(folder, "socket"))
        line = FIELD.join(("1", *fields)).replace("\n", LINE_END) + "\n"
        connection.sendall(line.encode("utf-8", "surrogateescape"))
        data = b""
        while not data.endswith(b"\n"):
            part = connection.recv(65536)
            if not part:
                return []
            data += part
    return [field.replace(LINE_END, "\n") for field in data.decode().rstrip("\n").split(FIELD)]


if __name__ == "__main__":
    try:
        wanted = sys.stdin.buffer.read().decode("utf-8", "surrogateescape").removesuffix("\0").split("\0")
        answer = ask(sys.argv[1], float(sys.argv[2]), *wanted)
    except OSError:
        sys.exit(1)
    text = "".join(field + "\n" for field in answer)
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
