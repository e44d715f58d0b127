"""Usage errors have one form: what was wrong, and where help is, whatever raised them and wherever they were found."""

import json
import subprocess

import pytest

from tests.command import CHILD
from tests.each import each
from tests.fake_server import answer
from tests.samples import DELETE, EMPTY_PAGE, GET, ID, LIST, PROJECT, SIGNING_CLOSE

XML = {"PLEXSPHERE_OUTPUT": "xml"}
SETTINGS = [
    (f"{LIST} --profile none", {}),
    (LIST, {"PLEXSPHERE_PROFILE": "none"}),
    (LIST, {"PLEXSPHERE_URL": ""}),
    (LIST, {"PLEXSPHERE_URL": "nowhere"}),
    (LIST, XML),
    (f"{LIST} --cert-file /nowhere", {}),
    (f"{LIST} --all --cursor x", {}),
    (DELETE.removesuffix(" --yes"), {}),
    (SIGNING_CLOSE, {}),
    (SIGNING_CLOSE, {"PLEXSPHERE_SIGNER_ENDPOINT": "nowhere"}),
    (SIGNING_CLOSE, {"PLEXSPHERE_SIGNER_ENDPOINT": "127.0.0.1:1", "PLEXSPHERE_SIGNER_TLS": "perhaps"}),
    (f"project update {ID}", {}),
]


@each(("words", "variables"), SETTINGS)
def test_every_one_ends_with_where_help_is(against, words, variables):
    outcome = against(words, **variables)
    family, leaf, *_ = words.split()
    ending = f" (try 'plexctl {family} {leaf} --help')"
    assert outcome.code == 2
    assert outcome.stderr.endswith(f"{ending}\n")
    assert outcome.stderr.count(ending) == 1
    if variables != XML:
        assert against(f"{words} -o json", **variables).error["detail"].endswith(ending)


def test_a_config_that_is_malformed_is_one_of_them(against):
    against.configure("{")
    assert against(LIST).stderr.endswith("; the file was left as it is (try 'plexctl project list --help')\n")


def test_what_a_server_refuses_is_none_of_them(against, server):
    server.play(answer(422, {"title": "T"}))
    assert "try" not in against(GET).stderr


HELP = ["", "--help", "help", "help flags", "help peer list", "peer", "peer list --help", "--version"]


@pytest.mark.parametrize("words", HELP)
def test_help_is_there_whatever_the_settings_say(against, words):
    plain = against(words)
    assert plain.code == 0
    assert against(words, **XML) == plain


@pytest.mark.parametrize("typed", ["--bogus", "--limit", "--x", "--nothing", "--colour-blind"])
def test_a_flag_like_no_other_suggests_none(against, typed):
    assert against(typed).stderr == f"plexctl: {typed}: no such flag (try 'plexctl --help')\n"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("--outptu", "--output"), ("--time-out", "--timeout"), ("--token_file", "--token-file"), ("--yse", "--yes")],
)
def test_a_flag_like_another_suggests_it(against, typed, meant):
    assert f"{typed}: no such flag; did you mean {meant}" in against(typed).stderr


@each(
    ("duration", "code"),
    [("+5s", 0), ("+1m30s", 0), ("5s", 0), ("-5s", 2), ("+", 2), ("-", 2), ("--5s", 2), ("+-5s", 2), ("s", 2)],
)
def test_a_duration_is_one_of_gos(against, server, duration, code):
    server.play(answer(200, EMPTY_PAGE))
    assert against(LIST, f"--timeout={duration}").code == code


@pytest.mark.parametrize("duration", ["-0s", "+0s", "-0", "+0", "-0h0m", "0"])
def test_zero_may_have_a_sign_as_in_go(against, duration):
    assert f"--timeout: {duration!r} must be greater than 0s (try" in against(LIST, f"--timeout={duration}").stderr


@pytest.mark.parametrize(
    ("duration", "said"),
    [("1ns", "1ns"), ("1500ns", "1.5us"), ("10us", "10us"), ("2ms", "0.002s"), ("0.1s", "0.1s")],
)
def test_a_deadline_is_named_as_people_write_it(against, server, duration, said):
    server.play(lambda _: server.stopped(60))
    assert f"did not finish its response within {said} (--timeout) (" in against(f"{LIST} --timeout", duration).stderr


ASCII = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def test_text_is_utf_8_whatever_the_locale_says(against, server):
    server.play(answer(200, PROJECT))
    done = against.child(f"project update {ID} --display-name 漢字", **ASCII)
    assert (done.code, done.stderr) == (0, "")
    assert json.loads(server.requests[0].body) == {"name": "漢字"}
    profile = {"profiles": {"漢字": {"server": server.url, "token": "t"}}}
    against.configure(json.dumps(profile, ensure_ascii=False))
    assert against.child(f"{LIST} --profile 漢字 -o json", **ASCII).code == 1  # the answer is a Project
    assert against.child(LIST, PLEXSPHERE_PROFILE="漢字", **ASCII).code == 1
    assert "'漢字' is neither a UUID" in against.child("project get 漢字", **ASCII).stderr


def test_a_path_that_the_locale_cannot_decode_is_opened_all_the_same(against, server, tmp_path):
    server.play(answer(200, EMPTY_PAGE))
    path = tmp_path / "漢字"
    path.touch(0o600)
    path.write_text("t0k3n")
    assert against.child(f"{LIST} --token-file", str(path), **ASCII).code == 0
    assert server.requests[0].headers["authorization"] == "Bearer t0k3n"


def test_bytes_that_are_no_utf_8_are_refused(against):
    for setting in ({}, ASCII):
        done = subprocess.run(
            [*CHILD, "project", "update", ID, "--display-name", b"\xff\xfe"],
            env=against.environment | setting, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert b"is not UTF-8 (try" in done.stderr
