"""What every rule works with: the database, the key vault, the sources and the plane's settings."""

from dataclasses import dataclass, field

from plexctl.local.control.base.holds import Hold, Holds
from plexctl.local.sources import Sources
from plexctl.local.store import Store
from plexctl.local.vault import Vault

MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class Settings:
    """How a plane was started; delays and windows are in microseconds."""

    overlap_window: int = 24 * 3600 * MICROSECONDS
    deployment_profile: str = "selfhosted-single"
    anchor_delay: int = 0
    grant_delay: int = 0
    cheap_hashes: bool = False  # tests trade Argon2id's strength for speed


@dataclass(frozen=True)
class Control:
    store: Store
    vault: Vault
    sources: Sources
    settings: Settings = field(default_factory=Settings)
    holds: Holds = field(default_factory=Holds)
    hold: Hold | None = None  # of the request being answered, if it is one
