"""What the local family offers without loading the plane is what the plane knows."""

from plexctl.commands import local_options
from plexctl.local import bearers, seed, shells


def test_each_shell_offered_has_its_syntax():
    assert tuple(shells.SHELLS) == local_options.SHELL_NAMES


def test_each_principal_offered_is_seeded_and_has_a_bearer():
    assert local_options.PRINCIPALS == bearers.NAMES == tuple(seed.GRANTS)
