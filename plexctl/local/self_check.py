"""Whether a plane still works on the files at its paths, with all its threads."""

import os
import threading
from collections.abc import Iterable
from pathlib import Path

from plexctl.local.threads import VitalThread


class SelfCheck:
    """The files that a plane has opened and the threads that it has started, as they were when they were noted."""

    def __init__(self) -> None:
        self._files: dict[Path, os.stat_result] = {}
        self._threads: list[threading.Thread] = []

    def note_files(self, paths: Iterable[Path]) -> None:
        """Note which files the paths lead to now; one that does not exist is left out."""
        self._files |= {path: path.lstat() for path in paths if path.exists()}

    def note_threads(self, threads: Iterable[threading.Thread]) -> None:
        """Note threads that must live as long as the plane."""
        self._threads += threads

    def problems(self) -> list[str]:
        """Say what is wrong, one sentence per problem; nothing where all is well. Cheap, and safe from any thread."""
        found = [problem for path, noted in self._files.items() if (problem := _problem(path, noted))]
        return found + [f"the thread {thread.name} has ended" for thread in self._threads if _has_ended(thread)]

    def health(self) -> str:
        """Return what health says where all is well.

        Raises: RuntimeError with the problems.
        """
        problems = self.problems()
        if problems:
            raise RuntimeError("; ".join(problems))
        return "the plane has its files and its threads"


def _has_ended(thread: threading.Thread) -> bool:
    return not thread.is_alive() or (isinstance(thread, VitalThread) and thread.has_failed)


def _problem(path: Path, noted: os.stat_result) -> str:
    try:
        return "" if os.path.samestat(path.lstat(), noted) else f"{path} has been replaced"
    except OSError:
        return f"{path} has been removed"
