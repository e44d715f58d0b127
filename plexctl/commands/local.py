"""local: a plexsphere on this machine, for learning and tests."""

from plexctl.commands import local_plane, local_use  # noqa: F401  each adds its leaves to the family

# isort: split
from plexctl.commands import local_fleet  # noqa: F401  its leaf stands last
from plexctl.commands.local_family import family

command = family
