"""Every limit on what a request may carry; the rules and the API description take them from here."""

from typing import NamedTuple

from plexctl import grammar


class Limit(NamedTuple):
    """The least and the most that is accepted, both included."""

    least: int
    most: int


NAME = Limit(1, 255)  # characters, as in the rest of this block
DESCRIPTION = Limit(0, 1024)
SLUG = Limit(1, grammar.SLUG_LENGTH)
CIDR = Limit(1, 49)  # as published; no block in its standard spelling is longer than 43
ENV_PREFIX = Limit(1, grammar.ENV_PREFIX_LENGTH)
RESOURCE_KIND = Limit(1, 64)
EXTERNAL_REF = Limit(1, 256)
REGISTRATION_TEXT = Limit(1, 4096)
HEARTBEAT_TEXT = Limit(1, 4096)

REPORT_KEY = "[a-z][a-z0-9._-]{0,127}"
REPORT_VALUE = Limit(0, 4096)  # bytes
WORKLOAD_TAG = Limit(0, 4096)
REPORTS_PER_NODE = Limit(0, 256)
MANIFEST_TEXT = Limit(1, 4096)
MANIFEST_ITEMS = Limit(0, 128)
ACTION_PARAMETERS = Limit(0, 64)
PORT = Limit(1, 65_535)

SIGN_IN_TEXT = Limit(0, 4096)  # of what an OAuth client may send
DEVICE_CODE = Limit(1, 4096)
API_TOKEN_TTL_SECONDS = Limit(1, 31_536_000)
USER_CODE = "[A-Z2-7]{4}-?[A-Z2-7]{4}"
USER_CODES_TRIED = Limit(0, 10)  # per operator and session, of codes that no device has
CLIENT_NAME = Limit(0, 120)  # characters of a device's User-Agent that are shown

TTL_SECONDS = Limit(300, 86_400)
CLOCK_SKEW_SECONDS = Limit(0, 60)
PATCHED_FIELDS = Limit(1, 5)  # a Domain has five that can be patched, a Project four
PAGE_ITEMS = Limit(1, 200)
DEFAULT_PAGE_ITEMS = 50
