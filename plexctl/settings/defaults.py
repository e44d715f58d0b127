"""Defaults that help and parsing name before any setting is looked up."""

FORMATS = ("text", "json", "yaml")
TIMEOUT = "30s"
