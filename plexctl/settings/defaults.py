"""Defaults that help and parsing need before any setting is read."""

FORMATS = ("text", "json", "yaml")
PROFILE_KEYS = ("server", "token", "signer_endpoint")
COLORS = ("auto", "always", "never")
DEFAULT_PROFILE = "default"
DEFAULT_TIMEOUT = "30s"
