"""One run of the command: its settings, its streams, and its clients, each made at its first use."""

import sys
from contextlib import ExitStack
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any

from plexctl.grammar import is_loopback
from plexctl.settings.environment import Environment
from plexctl.streams import Recording, encoded, write_stderr, write_stdout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from plexctl.clients.call_options import Attempt, CallOptions
    from plexctl.clients.deadline import Deadline
    from plexctl.clients.plexsphere import Plexsphere
    from plexctl.clients.signer import SignerClient
    from plexctl.grammar import Server
    from plexctl.payload import Document, Payload
    from plexctl.render.table import Column
    from plexctl.settings.resolve import RunSettings
    from plexctl.shape import Shape

# Members of a document that differ each time: the time of a snapshot, and a cursor, which may be encrypted.
_CHANGES_EACH_TIME = ("generated_at", "next_cursor")
_MOST_ROWS_IN_A_WINDOW = 1_000


class Invocation:
    """The settings, streams and clients of a run; every leaf gets it. Click adds the global flags to `flags`."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.flags: dict[str, Any] = {}
        self.shape: Shape | None = None  # only where the command line says how the data is to be printed
        self.is_parsed = False
        self.warnings: list[str] = []
        self.secrets: set[str] = set()
        self.hide(environment.get("PLEXSPHERE_TOKEN") or "")
        self.deadline: Deadline | None = None  # the last request's, which rendering has to keep as well
        self.limit: Deadline | None = None  # of several requests together, each of which keeps it as well
        self.recording: Recording | None = None  # takes what would be written, where the run is watched
        self._open = ExitStack()
        self._shows_progress = False

    def finish_parsing(self) -> None:
        """Note that the command line is parsed, so that its --output decides how a failure is written.

        Raises: Failure(usage) where PLEXSPHERE_OUTPUT is not an output format.
        """
        self.settings.check_output()
        self.is_parsed = True
        if self.flags.get("reveal_secrets"):
            self.warn("secrets are shown in plexctl's own messages (--reveal-secrets)")

    def hide(self, secret: str) -> None:
        """Hide a secret, and its quoted form, in everything that plexctl writes about itself."""
        if secret.strip():
            self.secrets |= {secret.strip(), repr(secret.strip())[1:-1]}

    def close(self) -> None:
        """Close every connection of the run, and take away the progress that is shown."""
        self._open.close()
        self.progress("")

    @cached_property
    def settings(self) -> "RunSettings":
        """The settings of the run."""
        from plexctl.settings.resolve import RunSettings

        return RunSettings(self.flags, self.environment, self.warn)

    @cached_property
    def api(self) -> "Plexsphere":
        """The client of the HTTP API.

        Raises: Failure where no server or no usable credential is set.
        """
        server = self.settings.server()
        self._say_where(self.settings.describe_server)
        return self.api_at(server, self.settings.credential_for_server(server).token)

    def api_at(self, server: "Server", bearer: str | None) -> "Plexsphere":
        """Make a client of one server's HTTP API, with this bearer token or none.

        Raises: Failure where the TLS settings cannot be used.
        """
        from plexctl.clients.plexsphere import Plexsphere
        from plexctl.clients.transport import Transport
        from plexctl.settings.tls import server_tls

        self.hide(bearer or "")
        if server.scheme == "http" and not is_loopback(server.host):
            plain = "the bearer token travels in the clear to {}" if bearer else "the connection to {} is not encrypted"
            self.warn(f"{plain.format(server.url)}; use https")
        tls = server_tls(self.flags, self.environment)
        transport = Transport(server, bearer, tls, self._call_options())
        self._open.callback(transport.close)
        return Plexsphere(transport)

    @cached_property
    def signer(self) -> "SignerClient":
        """The client of the signer; it sends the bearer token only over TLS or to loopback.

        Raises: Failure where no endpoint is set, or the token that it would send cannot be used.
        """
        from plexctl.clients.signer import SignerClient
        from plexctl.settings.tls import signer_tls

        host, port = self.settings.signer_endpoint()
        self._say_where(self.settings.describe_signer)
        tls = signer_tls(self.flags, self.environment)
        bearer = None
        if tls is not None or is_loopback(host):
            credential = self.settings.credential_for_signer(host, port)
            bearer = credential.token if credential else None
            self.hide(bearer or "")
        return SignerClient(host, port, tls, bearer, self._call_options())

    def show(self, payload: "Payload[Any]", columns: "Sequence[Column]", rows: "Sequence[Any] | None" = None) -> None:
        """Print a payload: in json and yaml its document, in text a table of `rows`, or of its view as the only row."""
        if not self.in_text:
            self.show_document(payload.document)
            return
        from plexctl.render.table import values_of

        self.show_table(values_of([payload.view] if rows is None else rows, columns), columns)

    def show_table(self, values: "Mapping[str, Sequence[Any]]", columns: "Sequence[Column]") -> None:
        """Print a table; `values` has each column's values by its header."""
        from plexctl.render.colour import Palette
        from plexctl.render.table import rows_within, table

        chosen = columns if self.shape is None or self.shape.columns is None else self.shape.columns
        has_headers = self.shape is None or self.shape.has_headers
        palette = Palette(self.in_colour(sys.stdout))
        self._write_in_time(table(values, chosen, palette, has_headers=has_headers))
        if self.recording is not None:
            first = {header: column[:_MOST_ROWS_IN_A_WINDOW] for header, column in values.items()}
            self.recording.rows_within = lambda room: rows_within(room, first, chosen, palette, has_headers=has_headers)

    def show_document(self, document: "Document") -> None:
        """Print a document in yaml or else json, or the part of it that --query or -o name asks for."""
        pieces = self._written(document)
        self._write_in_time(pieces if self.recording is None else _digested(document, self.recording, pieces))

    def _written(self, document: "Document") -> "Iterator[bytes]":
        from plexctl.render.document import WRITERS, as_json_line

        is_line = self.recording is not None and self.settings.output == "json"  # where the run is watched
        write = as_json_line if is_line else WRITERS.get(self.settings.output)
        if self.shape is None:
            return (write or WRITERS["json"])(document)
        from plexctl.render.shaped import ids, queried

        if self.shape.query is not None:
            return queried(document, self.shape.query, write)
        return ids(document, self.shape.id_field)

    @property
    def in_text(self) -> bool:
        """Whether a leaf prints its own text or table, and no document or part of one."""
        return self.settings.output == "text" and not self.flags.get("query")

    def _write_in_time(self, pieces: "Iterator[str] | Iterator[bytes]") -> None:
        """Render and write data; rendering keeps the deadline of the request that brought it."""
        from plexctl.pieces import gather

        gathered = gather(map(encoded, pieces))
        if self.deadline is None:
            for piece in gathered:
                self.write(piece)
            return
        from plexctl.clients.deadline import DeadlineExceededError
        from plexctl.failures import Failure, Kind

        try:
            for piece in self.deadline.pieces(gathered):
                self.write(piece)
        except DeadlineExceededError:
            detail = f"the response could not be shown within {self.deadline} (--timeout)"
            raise Failure(Kind.TIMEOUT, "Deadline Exceeded", detail) from None

    def write(self, data: str | bytes) -> None:
        """Write data to stdout.

        Raises: StdoutClosed; OSError.
        """
        if self.recording is not None:
            self.recording.data.append(encoded(data))
            return
        self.progress("")
        write_stdout(data)

    @property
    def is_stdout_terminal(self) -> bool:
        """Tell whether people read stdout, and no program."""
        return sys.stdout.isatty()

    @property
    def is_at_terminal(self) -> bool:
        """Tell whether a person reads stdout and stderr."""
        return self.is_stdout_terminal and sys.stderr is not None and sys.stderr.isatty()

    def show_prose(self, pieces: "Iterable[tuple[str, str]]") -> None:
        """Print pieces of prose, each with its role: in colour on a terminal, without in a pipe."""
        from plexctl.render.styled import styled

        self.write(styled(pieces, in_colour=self.in_colour(sys.stdout)))

    def note(self, text: str) -> None:
        """Say something beside the data, on stderr."""
        from plexctl.render.secrets import masked

        self.write_error(f"plexctl: {masked(text, self.secrets)}\n")

    def warn(self, text: str) -> None:
        """Warn: in text immediately, in json and yaml at the end, since an error document includes the warnings."""
        self.warnings.append(text)
        if not self.reports_documents:
            self.note(f"warning: {text}")

    @property
    def reports_documents(self) -> bool:
        """Whether a failure is one document on stderr, and not one line."""
        return self.settings.output in {"json", "yaml"}

    def flush_warnings(self) -> None:
        """Write the warnings that json and yaml have kept back, after the run has succeeded."""
        if self.warnings and self.reports_documents:
            for text in self.warnings:
                self.note(f"warning: {text}")

    def write_error(self, text: str) -> None:
        """Write to stderr; if that fails, ignore it, so that the exit code stays the same."""
        from plexctl.render.text import visible

        if self.recording is not None:
            self.recording.notes.append(text)
            return
        self.progress("")
        shown = "\n".join(visible(line) for line in text.split("\n"))
        write_stderr(self.coloured(shown))

    def coloured(self, message: str, colour: str | None = None) -> str:
        """Colour the start of a message where stderr is written in colour."""
        if sys.stderr is None or not self.in_colour(sys.stderr):
            return message
        from plexctl.render.colour import Palette

        return Palette(is_on=True).message(message, colour)

    def progress(self, text: str) -> None:
        """Show progress in one line on a stderr that is a terminal, in place of the progress shown before.

        Empty text removes that line; so does everything else that is written.
        """
        if (text or self._shows_progress) and self.can_show_progress:
            self._shows_progress = bool(text)
            write_stderr(f"\r\x1b[K{text}")

    def in_one_line(self, text: str, most_characters: int = 75) -> str:
        """Cut text that a server may have sent to the length of a line, without secrets and safe on a terminal."""
        from plexctl.render.secrets import masked
        from plexctl.render.text import visible

        return visible(masked(text[: 10 * most_characters], self.secrets))[:most_characters]

    @property
    def can_show_progress(self) -> bool:
        """Whether stderr is a terminal on which text can be replaced, and nothing else is drawn there."""
        is_terminal = sys.stderr is not None and sys.stderr.isatty()
        return is_terminal and not self.environment.is_terminal_dumb and self.recording is None

    @property
    def terminal_columns(self) -> int | None:
        """The width of the window that stdout is, or None where it is no terminal."""
        return self.environment.columns if self.is_stdout_terminal else None

    def _call_options(self) -> "CallOptions":
        from plexctl.clients.call_options import CallOptions

        return CallOptions(
            self.settings.timeout_seconds,
            self.environment.trust_store,
            self.environment.proxy_variables,
            self._observe,
            self._start_deadline,
            self.flags.get("max_response"),
        )

    def _start_deadline(self) -> "Deadline":
        from plexctl.clients.deadline import Deadline

        seconds = self.settings.timeout_seconds
        if self.limit is not None:
            seconds = min(seconds, self.limit.remaining())
        self.deadline = Deadline(seconds, self._show_waiting)
        return self.deadline

    def _show_waiting(self, seconds: float) -> None:
        """Say on a terminal that a request takes long."""
        self.progress(f"waiting for a response: {seconds:.0f}s of {self.settings.timeout_seconds:g}s (--timeout)")

    def _say_where(self, description: "Callable[[], str]") -> None:
        """Say first what the run talks to and who said so, where --verbose or PLEXCTL_DEBUG ask for it."""
        if self.flags.get("verbose") or self.environment.debug:
            self.note(description())

    def in_colour(self, stream: IO[str]) -> bool:
        """Tell whether to write to a stream in colour."""
        color = self.flags.get("color") or self.environment.color
        is_terminal = stream.isatty() and not self.environment.is_terminal_dumb
        return color == "always" or (color in {None, "auto"} and is_terminal)

    def _observe(self, attempt: "Attempt") -> None:
        if self.flags.get("verbose"):
            from plexctl.render.secrets import mask_query

            url = attempt.url if self.flags.get("reveal_secrets") else mask_query(attempt.url)
            self.note(f"{attempt.method} {url} {attempt.outcome} {attempt.milliseconds}ms {attempt.request_id}")


def _digested(document: "Document", recording: Recording, pieces: "Iterator[bytes]") -> "Iterator[bytes]":
    """Yield the pieces of a watched document, after a digest of what is equal for two looks at the same state."""
    from plexctl.codec.parts import digest_without
    from plexctl.render.shaped import text_of

    recording.document_digest = digest_without(text_of(document), _CHANGES_EACH_TIME)
    yield from pieces
