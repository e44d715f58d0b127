"""What a plane in the foreground reports to its service manager, by the protocol of systemd's sd_notify."""

import socket
from contextlib import suppress

READY = "READY=1"
STOPPING = "STOPPING=1"


def notify(address: str | None, state: str) -> None:
    """Send a state to the datagram socket that NOTIFY_SOCKET names; without one, do nothing.

    An address that begins with @ is in Linux's abstract namespace. A service manager that does not listen any more
    changes nothing.
    """
    if not address:
        return
    name = f"\0{address[1:]}" if address.startswith("@") else address
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        sender.sendto(state.encode(), name)
