"""A connection that failed → a Failure, in the same words for HTTP and the signer."""

from plexctl.clients.proxies import Proxy
from plexctl.failures import Failure, Kind


def unreachable(
    where: str, proxy: Proxy | None, error: BaseException, request_id: str, grpc_status: str | None = None
) -> Failure:
    """Make the Failure that says why `where`, a URL or HOST:PORT, could not be reached, through a proxy or directly."""
    cause = root_cause(error)
    reason = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    title = "TLS Failure" if is_tls(error) else "Server Unreachable"
    through = f" through the proxy {proxy.host}:{proxy.port}" if proxy else ""
    detail = f"{where}{through}: {reason}"
    return Failure(Kind.UNAVAILABLE, title, detail, grpc_status=grpc_status, request_id=request_id)


def is_tls(error: BaseException) -> bool:
    """Return whether TLS failed; it does not import ssl, which every TLS error has imported already."""
    import sys

    ssl = sys.modules.get("ssl")
    return ssl is not None and isinstance(root_cause(error), ssl.SSLError)


def root_cause(error: BaseException) -> BaseException:
    """Return the original exception inside a library's, which keeps it as its cause or as its argument."""
    while inner := error.__cause__ or next((part for part in error.args if isinstance(part, BaseException)), None):
        error = inner
    return error
