"""Defaults that help and parsing name before any setting is looked up."""

FORMATS = ("text", "json", "yaml")
DEFAULT_TIMEOUT = "30s"
