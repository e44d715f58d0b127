"""`python -m plexctl`, the same as the `plexctl` command."""

from plexctl.main import entry

if __name__ == "__main__":
    entry()
