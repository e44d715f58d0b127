"""The command's one import of msgspec, without a module that msgspec imports and the command does not need."""

import sys

_UNUSED = "typing_extensions"  # importing it would double the time
_kept = sys.modules.get(_UNUSED)
sys.modules[_UNUSED] = None  # type: ignore[assignment]  # how Python marks a module as barred
try:
    import msgspec
finally:
    del sys.modules[_UNUSED]
    if _kept is not None:
        sys.modules[_UNUSED] = _kept

__all__ = ["msgspec"]
