"""One run of the command: its settings, its streams, and its clients, each made when first asked for."""

import sys
from contextlib import ExitStack
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any

from plexctl.grammar import is_loopback
from plexctl.settings.environment import Environment
from plexctl.streams import gather, write_stderr, write_stdout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from plexctl.clients.call_options import Attempt, CallOptions
    from plexctl.clients.deadline import Deadline
    from plexctl.clients.plexsphere import Plexsphere
    from plexctl.clients.signer import Signer
    from plexctl.payload import Document, Payload
    from plexctl.render.table import Column
    from plexctl.settings.resolve import Settings


class Invocation:
    """What a leaf works with. `flags` collects the global flags as Click meets them."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.flags: dict[str, Any] = {}
        self.is_parsed = False
        self.warnings: list[str] = []
        self.secrets: set[str] = set()
        self._hide(environment.get("PLEXSPHERE_TOKEN") or "")
        self.deadline: Deadline | None = None  # the last request's, which rendering has to keep as well
        self._open = ExitStack()
        self._shows_progress = False

    def finish_parsing(self) -> None:
        """Note that the command line is whole: from here on its own --output decides, not a guess at it.

        Raises Failure (usage) where PLEXSPHERE_OUTPUT names no format, while nothing has been sent yet.
        """
        self.settings.check_output()
        self.is_parsed = True
        if self.flags.get("reveal_secrets"):
            self.warn("secrets are shown in plexctl's own messages (--reveal-secrets)")

    def _hide(self, secret: str) -> None:
        """Have everything that plexctl says hide a secret, also as it stands in quotes."""
        if secret.strip():
            self.secrets |= {secret.strip(), repr(secret.strip())[1:-1]}

    def close(self) -> None:
        """Give back what the run holds open; does nothing where it has opened nothing."""
        self._open.close()

    @cached_property
    def settings(self) -> "Settings":
        from plexctl.settings.resolve import Settings

        return Settings(self.flags, self.environment)

    @cached_property
    def api(self) -> "Plexsphere":
        """The HTTP API. Raises Failure where no server or no usable credential is set."""
        from plexctl.clients.plexsphere import Plexsphere
        from plexctl.clients.transport import Transport
        from plexctl.settings.tls import server_tls

        server = self.settings.server()
        credential = self.settings.credential_for_server(server)
        self._hide(credential.token)
        if server.scheme == "http" and not is_loopback(server.host):
            self.warn(f"the bearer token travels in the clear to {server.url}; use https")
        tls = server_tls(self.flags, self.environment)
        transport = Transport(server, credential.token, tls, self._call_options())
        self._open.callback(transport.close)
        return Plexsphere(transport)

    @cached_property
    def signer(self) -> "Signer":
        """The signer; the bearer goes along over TLS or to loopback only. Raises Failure where no endpoint is set."""
        from plexctl.clients.signer import Signer
        from plexctl.settings.environment import hide_from_libraries
        from plexctl.settings.tls import signer_tls

        host, port = self.settings.signer_endpoint()
        tls = signer_tls(self.flags, self.environment)
        bearer = None
        if tls is not None or is_loopback(host):
            credential = self.settings.credential_for_signer(host, port)
            bearer = credential.token if credential else None
            self._hide(bearer or "")
        options = self._call_options()
        hide_from_libraries()  # what has been read is kept; protobuf reads its own as soon as it is imported
        return Signer(host, port, tls, bearer, options)

    def show(self, payload: "Payload[Any]", columns: "Sequence[Column]", rows: "Sequence[Any] | None" = None) -> None:
        """Print a payload: in json and yaml its document, in text a table of the rows, by default of the view alone."""
        if self.settings.output != "text":
            self.show_document(payload.document)
            return
        from plexctl.render.table import values_of

        self.show_table(values_of([payload.view] if rows is None else rows, columns), columns)

    def show_table(self, values: "Mapping[str, Sequence[Any]]", columns: "Sequence[Column]") -> None:
        """Print a table of each column's values, by its header."""
        from plexctl.render.colour import Palette
        from plexctl.render.table import table

        self._write_in_time(table(values, columns, Palette(self._in_colour(sys.stdout))))

    def show_document(self, document: "Document") -> None:
        """Print a document in json or yaml."""
        from plexctl.render.document import FORMS

        self._write_in_time(FORMS[self.settings.output](document))

    def _write_in_time(self, pieces: "Iterator[str | bytes]") -> None:
        """Render and write data; rendering keeps the deadline of the request that brought it."""
        gathered = gather(pieces)
        if self.deadline is None:
            for piece in gathered:
                self.write(piece)
            return
        from plexctl.clients.deadline import DeadlineExceeded
        from plexctl.failures import Failure, Kind

        try:
            for piece in self.deadline.pieces(gathered):
                self.write(piece)
        except DeadlineExceeded:
            detail = f"the response could not be shown within {self.deadline} (--timeout)"
            raise Failure(Kind.TIMEOUT, "Deadline Exceeded", detail) from None

    def write(self, data: str | bytes) -> None:
        """Write data to stdout. Raises: StdoutClosed; OSError."""
        self.progress("")
        write_stdout(data)

    def show_prose(self, pieces: "Iterable[tuple[str, str]]") -> None:
        """Print prose in pieces, each after the part it plays: in colour on a terminal, plain in a pipe."""
        from plexctl.render.styled import styled

        self.write(styled(pieces, in_colour=self._in_colour(sys.stdout)))

    def note(self, text: str) -> None:
        """Say something beside the data, on stderr."""
        from plexctl.render.secrets import masked

        self.write_error(f"plexctl: {masked(text, self.secrets)}\n")

    def warn(self, text: str) -> None:
        """Warn: at once in text, with the outcome in json and yaml, whose failures carry their warnings."""
        self.warnings.append(text)
        if self.settings.output == "text":
            self.note(f"warning: {text}")

    def flush_warnings(self) -> None:
        """Write the warnings held back, once the run has succeeded."""
        if self.warnings and self.settings.output != "text":
            for text in self.warnings:
                self.note(f"warning: {text}")

    def write_error(self, text: str) -> None:
        """Write to stderr; one that is closed, or on a full disk, is given up and changes nothing else."""
        from plexctl.render.text import visible

        self.progress("")
        write_stderr("\n".join(visible(line) for line in text.split("\n")))

    def progress(self, text: str) -> None:
        """Show how far long work is: on a terminal's stderr, each time over the last, and nowhere else.

        No text takes the last away, as all that is written does.
        """
        if not (text or self._shows_progress) or self.environment.is_terminal_dumb:
            return
        if sys.stderr is not None and sys.stderr.isatty():
            self._shows_progress = bool(text)
            write_stderr(f"\r\x1b[K{text}")

    def _call_options(self) -> "CallOptions":
        from plexctl.clients.call_options import CallOptions

        return CallOptions(
            self.settings.timeout,
            self.environment.trust_store,
            self.environment.proxy_variables,
            self._observe,
            self._start_deadline,
            self.flags.get("max_response"),
        )

    def _start_deadline(self) -> "Deadline":
        from plexctl.clients.deadline import Deadline

        self.deadline = Deadline(self.settings.timeout)
        return self.deadline

    def _in_colour(self, stream: IO[str]) -> bool:
        return stream.isatty() and not self.flags.get("no_color") and not self.environment.no_color

    def _observe(self, attempt: "Attempt") -> None:
        if self.flags.get("verbose"):
            from plexctl.render.secrets import mask_query

            url = attempt.url if self.flags.get("reveal_secrets") else mask_query(attempt.url)
            self.note(f"{attempt.method} {url} {attempt.outcome} {attempt.milliseconds}ms {attempt.request_id}")
