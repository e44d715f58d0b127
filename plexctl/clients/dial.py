"""A TCP connection to a host: within ten seconds, its addresses tried in turn until one of them answers."""

import errno
import selectors
import socket
import time
from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import Any, NamedTuple

CONNECT_SECONDS = 10.0
_HEAD_START_SECONDS = 0.25  # RFC 8305, section 5: Connection Attempt Delay
_STARTED = frozenset({0, errno.EINPROGRESS, errno.EWOULDBLOCK})


class Address(NamedTuple):
    """One result of getaddrinfo."""

    family: int
    kind: int
    protocol: int
    socket_address: Any


def dial(host: str, port: int) -> socket.socket:
    """Let the system resolve a host, connect to it, and return the connected socket.

    Raises: TimeoutError where no address has answered within ten seconds; OSError.
    """
    return connect(resolve(host, port), CONNECT_SECONDS)


def resolve(host: str, port: int) -> list[Address]:
    """Ask the system for the addresses of a host, in its order, the families taking turns (RFC 8305, section 4).

    Raises: OSError.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [Address(family, kind, protocol, address) for family, kind, protocol, _, address in found]
    first = [address for address in addresses if address.family == addresses[0].family]
    others = [address for address in addresses if address.family != addresses[0].family]
    return [address for address in chain.from_iterable(zip_longest(first, others)) if address is not None]


def connect(addresses: Sequence[Address], seconds: float) -> socket.socket:
    """Connect to the address that answers first; each is tried a quarter of a second after the one before.

    Raises: TimeoutError after `seconds`; OSError where every address fails, with the last one's reason.
    """
    end = time.monotonic() + seconds
    waiting = list(addresses)
    failure: OSError = OSError(errno.EADDRNOTAVAIL, "it has no address")
    with selectors.DefaultSelector() as racing:
        try:
            while waiting or racing.get_map():
                if waiting and (refusal := _start(racing, waiting.pop(0))):
                    failure = refusal
                    continue
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"no connection within {seconds:g}s")
                winner, refusal = _settle(racing, min(left, _HEAD_START_SECONDS) if waiting else left)
                if winner:
                    return winner
                failure = refusal or failure
        finally:
            for key in list(racing.get_map().values()):
                key.data.close()
    raise failure


def _start(racing: selectors.BaseSelector, address: Address) -> OSError | None:
    """Start a connection without waiting; return the error if that is impossible, or None."""
    try:
        attempt = socket.socket(address.family, address.kind, address.protocol)
    except OSError as error:  # a family that this machine does not have
        return error
    attempt.setblocking(False)
    code = attempt.connect_ex(address.socket_address)
    if code not in _STARTED:
        attempt.close()
        return _failed(code)
    racing.register(attempt, selectors.EVENT_WRITE, attempt)
    return None


def _settle(racing: selectors.BaseSelector, seconds: float) -> tuple[socket.socket | None, OSError | None]:
    """Wait for the first attempts to end; return the connected socket, or the error of a failed one, or neither."""
    refusal = None
    for key, _ in racing.select(seconds):
        attempt: socket.socket = key.data
        racing.unregister(attempt)
        code = attempt.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code == 0:
            attempt.setblocking(True)
            return attempt, None
        attempt.close()
        refusal = _failed(code)
    return None, refusal


def _failed(code: int) -> OSError:
    import os

    return OSError(code, os.strerror(code))
