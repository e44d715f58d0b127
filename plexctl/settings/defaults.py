"""Defaults that help and parsing need before any setting is read."""

FORMATS = ("text", "json", "yaml")
NAME = "name"  # the ids alone; a form of one command's output, so that no variable sets it
PROFILE_KEYS = ("server", "token", "signer_endpoint")
COLORS = ("auto", "always", "never")
DEFAULT_PROFILE = "default"
DEFAULT_TIMEOUT = "30s"
