"""Certificates of a private authority, made for one test."""

import ssl
from pathlib import Path

import grpc
import trustme


class Certificates:
    """An authority, a server's certificate for loopback, and a client's; each file is PEM."""

    def __init__(self, directory: Path) -> None:
        self._authority = trustme.CA()
        self._server = self._authority.issue_cert("localhost", "127.0.0.1", "0.0.0.0")
        client = self._authority.issue_cert("operator@plexsphere.test")
        self.authority = str(directory / "authority.pem")
        self.certificate = str(directory / "certificate.pem")
        self.key = str(directory / "key.pem")
        directory.mkdir()
        self._authority.cert_pem.write_to_path(self.authority)
        client.cert_chain_pems[0].write_to_path(self.certificate)
        client.private_key_pem.write_to_path(self.key)

    def http_server(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._server.configure_cert(context)
        return context

    def grpc_server(self, *, mutual: bool = False) -> grpc.ServerCredentials:
        pair = (self._server.private_key_pem.bytes(), self._server.cert_chain_pems[0].bytes())
        authority = self._authority.cert_pem.bytes() if mutual else None
        return grpc.ssl_server_credentials([pair], authority, require_client_auth=mutual)


def damaged(directory: Path) -> list[Path]:
    """Make files that hold no certificate and no key, each for another reason."""
    garbage, half, folder = directory / "garbage.pem", directory / "half.pem", directory / "folder.pem"
    garbage.write_bytes(b"\x00\x01 not PEM")
    half.write_text("-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n")
    folder.mkdir()
    return [garbage, half, folder, directory / "missing.pem"]
