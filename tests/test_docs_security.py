"""docs/explanation/security.md names tests that exist, and operations without a credential as they are."""

import re

from plexctl.local.http import app
from tests.pages import ROOT

PAGE = (ROOT / "docs" / "explanation" / "security.md").read_text()


def test_every_test_that_is_named_exists():
    named = re.findall(r"`(tests/[^`]+)`", PAGE)
    assert len(named) > 40
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_the_operations_without_a_credential_are_counted():
    found = {row.path for row in app.operations() if row.caller == "anyone"}
    signing_in = {"/v1/auth/device-code", "/v1/auth/device-token", "/v1/auth/idp-bindings"}
    assert found == {"/v1/register", "/v1/version", "/v1/health", "/v1/openapi.json", "/v1/auth/whoami"} | signing_in
