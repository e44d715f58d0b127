"""Many small pieces of a document, joined to fewer large ones."""

from collections.abc import Iterable, Iterator

_LEAST_BYTES = 256 * 1024


def gather(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Join pieces to larger ones of at least 256 KiB, but for the last, since each costs a call to send or write it."""
    gathered = bytearray()
    for piece in pieces:
        gathered += piece
        if len(gathered) >= _LEAST_BYTES:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)
