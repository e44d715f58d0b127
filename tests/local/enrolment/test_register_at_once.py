import threading
from concurrent.futures import ThreadPoolExecutor

import argon2
import pytest

from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.enrolment import redemption, register
from tests.local.database import rows, value
from tests.local.seeded import peers_in
from tests.waiting import PATIENCE_SECONDS


def all_at_once(seeded, requests):
    """Register from one thread each, all let go at the same moment; a refusal stands for its code."""
    gate = threading.Barrier(len(requests))

    def attempt(request):
        gate.wait()
        try:
            return register.register(seeded.control, request, None)
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(attempt, requests))


def test_of_several_with_one_token_exactly_one_wins(seeded):
    project_id = seeded.project()
    for _ in range(5):
        token = seeded.issue(project_id)["token"]
        answers = all_at_once(seeded, [seeded.request(project_id, token) for _ in range(4)])
        assert sorted(str(answer) for answer in answers if isinstance(answer, str)) == ["token_consumed"] * 3
    assert value(seeded.control, "SELECT count(*) FROM nodes") == 5
    assert value(seeded.control, "SELECT count(*) FROM resources") == 5


def test_of_several_with_one_nonce_exactly_one_wins(seeded):
    project_id = seeded.project()
    answers = all_at_once(seeded, [seeded.request(project_id, nonce="same") for _ in range(4)])
    assert [answer for answer in answers if isinstance(answer, str)] == ["nonce_collision"] * 3


def test_fifty_at_once_get_the_fifty_lowest_addresses(seeded):
    project_id = seeded.project()
    nodes = all_at_once(seeded, [seeded.request(project_id) for _ in range(50)])
    octets = sorted(int(node["mesh_ip"].rsplit(".", 1)[1]) for node in nodes)
    assert octets == list(range(1, 51))
    assert sorted(len(peers_in(node)) for node in nodes) == list(range(50))
    assert value(seeded.control, "SELECT count(*) FROM outbox") == 50


def test_the_last_address_goes_to_one(seeded):
    project_id = seeded.project(domain_id=seeded.domain("10.99.0.0/30"))
    answers = all_at_once(seeded, [seeded.request(project_id) for _ in range(4)])
    assert sorted(answer["mesh_ip"] for answer in answers if isinstance(answer, dict)) == ["10.99.0.1", "10.99.0.2"]
    assert value(seeded.control, "SELECT count(*) FROM bootstrap_tokens WHERE consumed_at IS NULL") == 2


def test_hashing_holds_no_writer_up(seeded, monkeypatch):
    project_id = seeded.project()
    waiting, first = seeded.request(project_id), seeded.request(project_id)
    hashing, go_on = threading.Event(), threading.Event()
    find_token = redemption.find_token

    def slow(*arguments):
        token_id = find_token(*arguments)
        if arguments[1] == waiting["bootstrap_token"]:
            hashing.set()
            assert go_on.wait(PATIENCE_SECONDS)
        return token_id

    monkeypatch.setattr(redemption, "find_token", slow)
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(register.register, seeded.control, waiting, None)
        assert hashing.wait(PATIENCE_SECONDS)
        assert register.register(seeded.control, first, None)["mesh_ip"] == "10.50.0.1"
        go_on.set()
        assert answer.result(PATIENCE_SECONDS)["mesh_ip"] == "10.50.0.2"


def test_a_token_deleted_since_it_was_found_is_unknown(seeded, monkeypatch):
    find_token = redemption.find_token

    def delete(*arguments):
        token_id = find_token(*arguments)
        with seeded.control.store.write() as connection:
            connection.execute("DELETE FROM bootstrap_tokens WHERE id = ?", (token_id,))
        return token_id

    request = seeded.request(seeded.project())
    monkeypatch.setattr(redemption, "find_token", delete)
    with pytest.raises(Refusal) as refusal:
        register.register(seeded.control, request, None)
    assert refusal.value.code == "token_invalid"
    assert value(seeded.control, "SELECT count(*) FROM nodes") == 0


def test_redeeming_costs_one_verification_among_ten_thousand_live_tokens(seeded, monkeypatch):
    project_id = seeded.project()
    request = seeded.request(project_id)
    ((token_id, stored),) = rows(seeded.control, "SELECT id, hash FROM bootstrap_tokens")
    with seeded.control.store.write() as connection:
        connection.executemany(
            "INSERT INTO bootstrap_tokens SELECT NULL, ?, project_id, kind, env_prefix, ?, hash, issued_at, expires_at,"
            " issued_by, NULL, NULL, NULL FROM bootstrap_tokens WHERE id = ?",
            ((f"copy-{number}", number.to_bytes(32), token_id) for number in range(10_000)),
        )
    verified = []
    verify = argon2.PasswordHasher.verify

    def counting(self, stored, plaintext):
        verified.append(stored)
        return verify(self, stored, plaintext)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counting)
    register.register(seeded.control, request, None)
    assert verified == [stored]
    lookup = "EXPLAIN QUERY PLAN SELECT id, hash FROM bootstrap_tokens WHERE fingerprint = x'00'"
    with seeded.control.store.read() as connection:
        assert "USING INDEX" in connection.execute(lookup).fetchone()["detail"]
