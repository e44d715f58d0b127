"""The table of reasons, as a test reads it."""

from plexctl.local.control.base import reasons
from plexctl.local.control.base.reasons import Reason

REASONS = {name: value for name, value in vars(reasons).items() if isinstance(value, Reason)}
CODES = {reason.code for reason in REASONS.values() if reason.http_status}
