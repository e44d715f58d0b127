"""Defaults that help and parsing need before any setting is read."""

FORMATS = ("text", "json", "yaml")
DEFAULT_PROFILE = "default"
DEFAULT_TIMEOUT = "30s"
