"""The log of a detached plane: it masks credentials, does not grow for ever, and is read across its files."""

import json
import logging
import os
import subprocess
import sys

import pytest

from plexctl.local import log, log_files
from plexctl.local.plane_error import PlaneError
from tests.each import each
from tests.local.processes import write_private

TOKEN = "psb_dev_aaaaaaaaaaaaaaaaaaaaaaaaaa_node_bbbbbbbbbbbbbbbbbbbbbbbbbbbb"
CREDENTIALS = [TOKEN, "nsk_dev_" + "A-_b" * 16, "psk_dev_" + "a" * 40, "plexlocal_admin_" + "x" * 43]


def formatted(message: str, **fields) -> str:
    record = logging.makeLogRecord({"msg": message, "fields": fields, "levelname": "INFO"})
    return log.JsonFormatter().format(record)


@each("credential", CREDENTIALS)
@each("around", ["{}", "/v1/domains/{}", "a\n{}\u00e9", "x{}"])
def test_no_credential_stands_in_a_line_wherever_it_comes_from(credential, around):
    text = around.format(credential)
    line = formatted(text, path=text, nested={text: [text, {"deep": text}]}, **{text: 1})
    assert credential.split("_", 2)[2] not in line
    assert json.loads(line)["path"] == around.format(credential.split("_")[0] + "_***")


def test_no_credential_stands_in_a_traceback():
    try:
        int(TOKEN)
    except ValueError:
        record = logging.makeLogRecord({"msg": "failed", "exc_info": sys.exc_info()})
    assert TOKEN not in log.JsonFormatter().format(record)


def test_a_time_that_no_calendar_has_is_written_as_a_number():
    record = logging.makeLogRecord({"msg": "late", "created": 1e15})
    assert json.loads(log.JsonFormatter().format(record))["time"] == "1000000000000000.0"


EVERYTHING_TO_STDERR = """\
import logging, sys, threading, warnings
from plexctl.local import log
log.start(logging.StreamHandler())
logging.getLogger("a.library").warning("from a library")
logging.getLogger("asyncio").error("something else")
warnings.warn("a warning")
thread = threading.Thread(target=lambda: 1 / 0)
thread.start(); thread.join()
class Disposed:
    def __del__(self): raise ValueError("disposed")
Disposed()
logging.getLogger("plexctl.local").info("broken: %d", "no number")
"""


def test_whatever_a_process_has_to_say_is_a_line_of_json():
    command = [sys.executable, "-W", "always", "-c", EVERYTHING_TO_STDERR]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    messages = [json.loads(line)["message"] for line in done.stderr.splitlines()]
    assert [message.partition("\n")[0].rpartition("UserWarning: ")[2] for message in messages] == [
        "from a library",
        "something else",
        "a warning",
        "a thread failed",
        "an object could not be disposed of",
    ]


FLOOD = """\
import logging, os, pathlib, sys
from plexctl.local import data_directory
from plexctl.local.log_files import RotatingHandler
path, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
os.dup2(data_directory.open_file(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT), 2)
logging.getLogger().addHandler(RotatingHandler(path, max_bytes=1000))
for number in range(count):
    logging.warning("%d %s", number, "x" * 90)
sys.stderr.write("outside of the log\\n")
"""


def flood(path, count: int) -> None:
    subprocess.run([sys.executable, "-c", FLOOD, path, str(count)], check=True)


def numbers(lines) -> list[int]:
    return [int(line.split()[0]) for line in lines if "x" in line]


def test_a_flood_fills_a_fixed_number_of_files(tmp_path):
    flood(tmp_path / "plane.log", 1000)

    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["plane.log", "plane.log.1", "plane.log.2", "plane.log.3"]
    assert all(file.stat().st_size < 1200 for file in files)
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    lines = list(log_files.read_lines(tmp_path / "plane.log", lambda: False))
    assert numbers(lines) == list(range(1000 - len(numbers(lines)), 1000))
    assert lines[-1] == "outside of the log\n"


def test_who_follows_misses_no_line_when_the_file_changes(tmp_path):
    path = tmp_path / "plane.log"
    flood(path, 5)
    more = iter([30, 25, 3])  # each is less than all files hold, and most fill several of them

    def is_followed() -> bool:
        count = next(more, None)
        if count is not None:
            flood(path, count)
        return count is not None

    seen = numbers(log_files.read_lines(path, is_followed))
    assert seen == [*range(5), *range(30), *range(25), *range(3)]


def test_a_line_that_is_half_written_is_yielded_whole(tmp_path):
    path = tmp_path / "plane.log"
    write_private(path, b"first\nsec")
    rest = iter([b"", b"ond\n", None])

    def is_followed() -> bool:
        added = next(rest)
        with path.open("ab") as file:
            file.write(added or b"")
        return added is not None

    assert list(log_files.read_lines(path, is_followed)) == ["first\n", "second\n"]


def test_a_link_in_the_place_of_a_log_file_is_refused(tmp_path):
    write_private(tmp_path / "elsewhere", b"secret\n")
    write_private(tmp_path / "plane.log", b"")
    (tmp_path / "plane.log.1").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PlaneError, match=r"plane\.log\.1 is a link"):
        list(log_files.read_lines(tmp_path / "plane.log", lambda: False))


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    handler = log_files.RotatingHandler(tmp_path / "plane.log")
    handler.emit(logging.makeLogRecord({"msg": "lost"}))
