"""JSON as bytes: decoded into a message, split into its parts, indented.

Nothing else of the command imports msgspec; the local plane does, to write its answers.
"""
