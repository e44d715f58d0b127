"""Servers that do what no healthy one does, and what plexctl must make of each."""
