"""Documents, texts, cursors and headers that no healthy server sends get one error, or are shown without harm."""

import pytest

from tests.each import each
from tests.fake_server import FakeServer, answer
from tests.hostile import checks, documents, long_texts, pages, routes, texts
from tests.hostile.case import in_forms, in_turn, unavailable
from tests.samples import CREATE, FORMATS, LIST

TEXTS = {**texts.CASES, **long_texts.CASES}
OTHERS = {**documents.CASES, **routes.CASES}


@pytest.fixture
def short_listings(monkeypatch):
    """Make a listing's limits ones that few pages reach."""
    monkeypatch.setattr("plexctl.clients.pages.MOST_EMPTY_PAGES", 20)
    monkeypatch.setattr("plexctl.clients.pages.MOST_ITEMS", 100)
    monkeypatch.setattr("plexctl.clients.pages.LARGEST_LISTING_BYTES", 1 << 20)


@pytest.mark.usefixtures("waits")
@each(("name", "output"), [*in_turn(TEXTS), *in_forms(OTHERS)])
def test_a_hostile_answer_is_one_error_or_is_shown_without_harm(plexctl, server, name, output):
    checks.run(plexctl, server, {**TEXTS, **OTHERS}[name], output)


@pytest.mark.usefixtures("short_listings")
@each(("name", "output"), in_forms(pages.CASES))
def test_a_listing_ends_whatever_its_cursors_are(plexctl, server, name, output):
    checks.run(plexctl, server, pages.CASES[name], output)


@pytest.mark.parametrize("line", [LIST, CREATE])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_token_is_never_sent_where_a_redirect_leads(plexctl, server, status, line):
    with FakeServer() as elsewhere:
        case = unavailable(answer(status, headers={"Location": elsewhere.url}), status=status, line=line)
        for output in FORMATS:
            checks.run(plexctl, server, case, output)
            assert len(server.requests) == 1
    assert elsewhere.requests == []


@pytest.mark.parametrize("address", ["http://127.0.0.1:PORT@evil.test", "http://evil.test#@127.0.0.1:PORT"])
def test_a_place_that_hides_its_host_is_quoted_and_not_sent_to(plexctl, server, address):
    place = address.replace("PORT", str(server.port))
    checks.run(plexctl, server, unavailable(answer(302, headers={"Location": place}), status=302), "json")
    assert len(server.requests) == 1
