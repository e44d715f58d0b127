"""plexctl in a fork of one process that has imported what most runs need: the same run, without the wait for imports.

This file is run, and never imported: by a shell of the tests, to serve runs, and in place of plexctl, to ask for one,
which therefore imports nothing that takes time. What it sends is the number of arguments, the arguments, the directory,
the umask and the environment, with a NUL between each and the next, and the descriptors of the three streams.
"""

import _socket  # what `socket` wraps, which takes milliseconds to import
import os
import sys

LARGEST = 1 << 20  # bytes of a request
INT = 4  # bytes
# What a request over HTTP imports, and what imports it.
COMMON = """
encodings.idna httpcore httpx plexctl.clients.plexsphere plexctl.clients.transport plexctl.codec.decoding
plexctl.commands.project plexctl.invocation plexctl.listing plexctl.outcome plexctl.payload plexctl.pieces
plexctl.render.table plexctl.settings.resolve plexctl.tree plexctl.usage_errors plexctl.version
"""


def ask(path: str, words: list[str]) -> int:
    """Have the words run in this process's place, and return the exit code."""
    umask = os.umask(0)
    directory = os.getcwd()  # noqa: PTH109  pathlib would have to be imported
    environment = [f"{name}={value}" for name, value in os.environ.items()]
    parts = [str(len(words)), *words, directory, str(umask), *environment]
    streams = b"".join(number.to_bytes(INT, sys.byteorder) for number in range(3))
    server = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    server.connect(path)
    request = "\0".join(parts).encode(errors="surrogateescape")
    server.sendmsg([request], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
    return int(server.recv(INT) or b"1")


def serve(path: str) -> None:
    import gc
    import importlib
    import signal
    import socket

    from plexctl import main

    for name in COMMON.split():
        importlib.import_module(name)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a fork has ended: it tells its client
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(path)
        listener.listen()
        os.write(1, b"ready\n")
        while True:
            client, _ = listener.accept()
            request, descriptors, _, _ = socket.recv_fds(client, LARGEST, 3)
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listener.close()
                _become(request.decode(errors="surrogateescape").split("\0"), descriptors)
                client.send(str(_run(main.entry)).encode())
                os._exit(0)
            client.close()
            for descriptor in descriptors:
                os.close(descriptor)


def _become(parts: list[str], descriptors: list[int]) -> None:
    """Take over the client's arguments, directory, umask, environment and streams."""
    count, *rest = parts
    words, (directory, umask, *environment) = rest[: int(count)], rest[int(count) :]
    sys.argv[1:] = words
    os.chdir(directory)
    os.umask(int(umask))
    os.environ.clear()
    os.environ.update((name, value) for name, _, value in (variable.partition("=") for variable in environment))
    for stream, descriptor in enumerate(descriptors):
        os.dup2(descriptor, stream)
        os.close(descriptor)


def _run(entry) -> int:
    try:
        entry()
    except SystemExit as end:
        sys.stdout.flush()
        return int(end.code or 0)
    return 1


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        sys.exit(ask(sys.argv[1], sys.argv[2:]))
