"""local: a plexsphere on this machine, for learning and tests."""

from plexctl.commands import local_plane, local_use  # noqa: F401  each adds its leaves to the family
from plexctl.commands.local_family import family

command = family
