"""JSON as bytes: decoded into a message, split into its parts, indented. No other package imports msgspec."""
