"""HTTP that is broken, contradicts itself or never ends gets one error of the right kind, in time."""

import pytest

from tests.each import each
from tests.hostile import checks, codings, endings, framing, heads
from tests.hostile.case import in_forms

CASES = {**heads.CASES, **framing.CASES, **endings.CASES, **codings.CASES}


SLOW = [name for name, case in CASES.items() if case.kind == "timeout"]


@pytest.mark.usefixtures("waits")
@each(("name", "output"), in_forms(name for name in CASES if name not in SLOW))
def test_broken_http_gets_one_error(plexctl, server, name, output):
    checks.run(plexctl, server, CASES[name], output)
    assert len(server.requests) == len(CASES[name].acts)


@pytest.mark.usefixtures("waits")
@pytest.mark.parametrize(("name", "output"), in_forms(SLOW))
def test_http_that_takes_too_long_ends_with_the_deadline(plexctl, server, name, output):
    """Each with a server of its own: on a busy machine the deadline may come before the request."""
    checks.run(plexctl, server, CASES[name], output)
