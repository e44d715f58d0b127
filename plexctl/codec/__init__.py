"""JSON as bytes: decoded into a message, split into its parts, indented; only this package imports msgspec.

The local plane, which writes its answers with msgspec, imports it, too.
"""
