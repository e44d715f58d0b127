"""Waits that say nothing about the code: those of planes in this process for the disk, and between looks at a flag.

A plane also freezes what is in memory, which would keep a test's leavings for as long as this process lives.
"""

import asyncio
import os
import sqlite3
from types import ModuleType
from typing import Any

import uvicorn.server

from plexctl.local import plane
from plexctl.local.store import Store

_TIMES_QUICKER = 20


def quicken() -> None:
    """Cut these waits short for as long as this process lives."""
    setattr(os, "fsync", lambda _: None)  # noqa: B010  mypy refuses the plain form
    setattr(Store, "_connect", _without_sync(Store._connect))  # noqa: B010  likewise
    setattr(plane, "spare_what_stays", lambda: None)  # noqa: B010  likewise
    setattr(uvicorn.server, "asyncio", _quick_asyncio())  # noqa: B010  likewise


def _without_sync(connect: Any) -> Any:
    """Leave out what only a power failure tells from it: the wait until the disk has what was written."""

    def connect_without_sync(store: Store) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(store)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    return connect_without_sync


def _quick_asyncio() -> ModuleType:
    """Have the HTTP server ask more often than ten times per second whether it is to stop, and whether it is done."""
    quick = ModuleType("asyncio")
    vars(quick).update(vars(asyncio))
    setattr(quick, "sleep", lambda seconds: asyncio.sleep(seconds / _TIMES_QUICKER))  # noqa: B010  likewise
    return quick
