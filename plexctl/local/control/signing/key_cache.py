"""The signer's cache of public keys."""

import threading
from typing import NamedTuple

from plexctl.local.control.base.relations import Principal
from plexctl.local.control.base.transaction import Control
from plexctl.local.control.signing import keys, scopes


class PublicKey(NamedTuple):
    """An Ed25519 public key (32 bytes) and its state."""

    octets: bytes
    state: str


class PublicKeyCache:
    """Public keys in memory; whoever changes the keys of a scope must call `forget` with it."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._known: dict[tuple[str, str], PublicKey] = {}
        self._lock = threading.Lock()

    def read(self, caller: Principal, scope: str, key_id: str) -> tuple[PublicKey, bool]:
        """Return a key of any state, and whether it came from memory.

        Raises: Refusal(signing_invariant_violation), and those of `scopes.admit` and `keys.named_key`.
        """
        scope = scopes.parse(scope, key_id)
        with self._control.read(caller) as tx:
            scopes.admit(tx, scope, self._control.settings.deployment_profile)
        with self._lock:
            known = self._known.get((scope, key_id))
            if known is not None:
                return known, True
            return self._remember(scope, key_id), False

    def forget(self, scope: str) -> None:
        """Drop every key of a scope."""
        with self._lock:
            self._known = {name: key for name, key in self._known.items() if name[0] != scope.lower()}

    def _remember(self, scope: str, key_id: str) -> PublicKey:
        """Read a key while the lock is held, so that the cached key is never older than the last `forget`."""
        with self._control.read(None) as tx:
            row = keys.named_key(tx, scope, key_id)
        key = self._known[scope, key_id] = PublicKey(row["public_key"], row["state"])
        return key
