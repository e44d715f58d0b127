"""The entry point of `python -m plexctl`, which is the `plexctl` command."""

from plexctl.main import entry

if __name__ == "__main__":
    entry()
