"""A connection that was not made, or that broke, → a Failure that reads alike for HTTP and the signer."""

from plexctl.failures import Failure, Kind


def unreachable(where: str, error: BaseException, request_id: str, grpc_status: str | None = None) -> Failure:
    """Say in one line why `where`, a URL or HOST:PORT, could not be reached."""
    cause = root_cause(error)
    reason = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    title = "TLS Failure" if is_tls(error) else "Server Unreachable"
    detail = f"{where}: {reason}"
    return Failure(Kind.UNAVAILABLE, title, detail, grpc_status=grpc_status, request_id=request_id)


def is_tls(error: BaseException) -> bool:
    """Tell whether it was TLS that failed; imports ssl only where something else has."""
    import sys

    ssl = sys.modules.get("ssl")
    return ssl is not None and isinstance(root_cause(error), ssl.SSLError)


def root_cause(error: BaseException) -> BaseException:
    """Find what a library's exception was made of: some keep it as their cause, some as their argument."""
    while inner := error.__cause__ or next((part for part in error.args if isinstance(part, BaseException)), None):
        error = inner
    return error
