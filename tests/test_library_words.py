"""What an imported library warns of, or fails at where nobody can catch it, never reaches stderr."""

import pytest

from tests.samples import SIGNING_ROTATE
from tests.stalls import site

NOISE = """
import plexctl.version
class Noisy:
    def __del__(self):
        raise RuntimeError("nobody can catch this")
def describe():
    import warnings
    {filter}
    warnings.warn("a library's own words")
    warnings.warn("of another kind", DeprecationWarning)
    Noisy()
    return "a version"
plexctl.version.describe = describe
"""


@pytest.mark.parametrize("setting", ["", "default", "error", "always"])
@pytest.mark.parametrize("filtering", ["pass", "warnings.simplefilter('always')"])
def test_a_warning_of_a_library_never_reaches_stderr(plexctl, tmp_path, filtering, setting):
    environment = site(tmp_path / "site", NOISE.format(filter=filtering))
    assert plexctl.child("--version", PYTHONWARNINGS=setting, **environment) == (0, "a version\n", "")


@pytest.mark.parametrize("implementation", ["cpp", "python", "upb", "nonsense"])
def test_what_protobuf_is_told_to_be_has_no_say(plexctl, implementation):
    outcome = plexctl.child(
        f"{SIGNING_ROTATE} --signer-endpoint 127.0.0.1:9 -o json",
        PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION=implementation,
    )  # fmt: skip
    assert (outcome.code, outcome.error["kind"]) == (1, "unavailable")
