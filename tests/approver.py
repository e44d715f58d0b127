"""Stands in for `plexctl login` in a page: runs it, and approves its code at the approval page as a person does."""

import re
import subprocess
import sys
from types import SimpleNamespace
from urllib.parse import urlsplit

import httpx

from tests.approval import Browser

_PLEXCTL = [sys.executable, "-P", "-m", "plexctl"]
_URL = re.compile(r"plexctl: open (\S+)")


def main() -> int:
    login = subprocess.Popen([*_PLEXCTL, *sys.argv[1:]], stderr=subprocess.PIPE, text=True)
    assert login.stderr
    url = ""
    for line in login.stderr:
        sys.stderr.write(line)
        found = _URL.match(line)
        url = found[1] if found else url
        if "approve the code" in line:
            _approve(url)
    return login.wait()


def _approve(url: str) -> None:
    token = subprocess.run([*_PLEXCTL, "local", "token"], capture_output=True, text=True, check=True).stdout.strip()
    server, code = url.split("/v1/", maxsplit=1)[0], urlsplit(url).query.removeprefix("user_code=")
    with httpx.Client(base_url=server, trust_env=False) as client:
        browser = Browser(SimpleNamespace(client=lambda: client, bearers={"admin": token}))  # type: ignore[arg-type]  # all that it asks of a plane
        browser.sign_in("admin", code)
        browser.submit("approve")


if __name__ == "__main__":
    sys.exit(main())
