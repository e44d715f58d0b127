"""JSON as bytes: decoded into a message, taken apart, indented again. Nothing outside of it knows msgspec."""
