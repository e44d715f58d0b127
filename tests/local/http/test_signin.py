"""Signing in over HTTP: the approval page filled in as a browser does, its JSON twin, and API tokens as bearers."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import grpc
import pytest

from plexctl.local.running import IDP_BINDING_ID
from tests.approval import PAGE, Browser
from tests.local.signer_client import SignerClient
from tests.plane import created, refused

APPROVE = "/v1/auth/device/approve"
SECOND = 1_000_000
NOWHERE = "019ed19b-68dc-7aa9-8995-80e810444cce"


def start(plane, client="plexctl/1 <b>'\""):
    body = {"domain_id": plane.domain_id()}
    return plane.nobody.post("/v1/auth/device-code", json=body, headers={"User-Agent": client}).json()


def poll(plane, grant):
    return plane.nobody.post("/v1/auth/device-token", json={"device_code": grant["device_code"]})


@pytest.fixture
def grant(plane):
    return start(plane)


@pytest.fixture
def browser(plane):
    return Browser(plane)


def issue(plane, **body):
    subject = plane.admin.get("/v1/auth/whoami").json()["subject"]
    return plane.admin.post("/v1/auth/tokens", json={"identity_ref": f"user:{subject}", "env_prefix": "dev", **body})


def test_the_page_leads_from_the_bearer_to_the_token(plane, grant, browser):
    page = browser.open(grant["user_code"])
    assert page.types == {"csrf_token": "hidden", "user_code": "hidden", "bearer": "password"}
    page = browser.submit("sign-in", bearer=f" {plane.bearers['admin']}\n")
    assert page.buttons == ["approve", "deny"]
    for shown in (grant["user_code"], plane.domain_id(), "acme-corp", "plexctl/1 <b>'\"", "Signed in as admin"):
        assert shown in page.text
    assert "Approved" in browser.submit("approve").text
    answer = poll(plane, grant).json()
    assert plane.client(answer["access_token"]).get("/v1/auth/whoami").json()["email"].startswith("admin@")


def test_the_page_has_no_script_and_forbids_all_that_it_does_not_need(grant, browser):
    pages = [browser.open(grant["user_code"]), browser.sign_in(user_code=grant["user_code"]), browser.submit("deny")]
    for page in pages:
        assert not page.tags & {"script", "img", "link", "iframe", "object"}
    headers = browser.response.headers
    policy = headers["content-security-policy"]
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        policy,
    )
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


def test_cookies_are_for_the_plane_alone_and_short_lived(browser):
    browser.open()
    sent = browser.http.post(
        PAGE, data={**browser.page.fields, "action": "sign-in", "bearer": browser.live.bearers["admin"]}
    )
    assert sent.headers["cache-control"] == "no-store"
    cookies = sent.headers.get_list("set-cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"plexsphere_session", "plexsphere_csrf"}
    for cookie in cookies:
        assert cookie.endswith("; HttpOnly; Max-Age=600; Path=/v1; SameSite=strict")
        assert browser.live.bearers["admin"] not in cookie


def test_a_session_ends_after_ten_minutes(plane, grant, browser):
    browser.sign_in(user_code=grant["user_code"])
    plane.clock.ahead += 601 * SECOND
    assert "bearer" in browser.open(grant["user_code"]).fields


def test_a_session_ends_with_the_sign_out(plane, browser):
    browser.sign_in()
    kept = browser.http.cookies["plexsphere_session"]
    assert browser.http.delete("/v1/auth/whoami").status_code == 204
    assert not browser.http.cookies
    browser.http.cookies["plexsphere_session"] = kept
    assert "bearer" in browser.open().fields
    assert plane.nobody.delete("/v1/auth/whoami").status_code == 204


@pytest.mark.parametrize("bearer", ["", "wrong", "psk_dev_x", "é" * 9])
def test_a_wrong_bearer_signs_nobody_in(grant, browser, bearer):
    browser.open(grant["user_code"])
    page = browser.submit("sign-in", bearer=bearer)
    assert browser.response.status_code == 401
    assert page.fields["user_code"] == grant["user_code"]
    assert "plexsphere_session" not in browser.http.cookies


@pytest.mark.parametrize("button", ["sign-in", "approve", "deny"])
@pytest.mark.parametrize("token", ["", None, "wrong", "é"])
def test_a_form_without_the_csrf_token_does_nothing(plane, grant, browser, button, token):
    if button == "sign-in":
        browser.open(grant["user_code"])
        browser.submit(button, bearer=plane.bearers["admin"], csrf_token=token)
    else:
        browser.sign_in(user_code=grant["user_code"])
        browser.submit(button, csrf_token=token)
    assert browser.response.status_code == 403
    refused(poll(plane, grant), 400, "authorization_pending")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.test", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
    ids=str,
)
@pytest.mark.parametrize("button", ["sign-in", "approve"])
def test_a_form_of_a_foreign_page_does_nothing(plane, grant, browser, button, headers):
    if button == "sign-in":
        browser.open(grant["user_code"])
        browser.submit(button, headers, bearer=plane.bearers["admin"])
        assert "plexsphere_session" not in browser.http.cookies
    else:
        browser.sign_in(user_code=grant["user_code"])
        browser.submit(button, headers)
    assert browser.response.status_code == 403
    refused(poll(plane, grant), 400, "authorization_pending")


def test_a_form_of_the_planes_own_origin_is_taken(plane, grant, browser):
    browser.sign_in(user_code=grant["user_code"])
    browser.submit("approve", {"Origin": plane.url})
    assert poll(plane, grant).status_code == 200


def test_the_csrf_token_of_another_session_does_nothing(plane, grant, browser):
    other = Browser(plane)
    other.sign_in("viewer", grant["user_code"])
    browser.sign_in(user_code=grant["user_code"])
    token = other.page.fields["csrf_token"]
    browser.submit("approve", csrf_token=token)
    assert browser.response.status_code == 403
    tossed = f"plexsphere_session={browser.http.cookies['plexsphere_session']}; plexsphere_csrf={token}"
    form = {"action": "approve", "csrf_token": token, "user_code": grant["user_code"]}
    answer = plane.nobody.post(PAGE, data=form, headers={"Cookie": tossed})  # a page on another port sets cookies, too
    assert answer.status_code == 403
    refused(poll(plane, grant), 400, "authorization_pending")


def test_without_a_session_nothing_is_approved(plane, grant, browser):
    browser.open(grant["user_code"])
    browser.submit("approve")
    assert browser.response.status_code == 401
    refused(poll(plane, grant), 400, "authorization_pending")


@pytest.mark.parametrize(
    "spell", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code[:4]} {code[5:]} "]
)
def test_a_code_is_found_however_it_is_typed(grant, browser, spell):
    browser.sign_in()
    assert browser.page.method == "get"
    page = browser.submit(user_code=spell(grant["user_code"]))
    assert page.fields["user_code"] == grant["user_code"]


def test_a_code_serves_once(plane, grant, browser):
    browser.sign_in(user_code=grant["user_code"])
    browser.submit("approve")
    for _ in range(2):
        assert "approved before" in browser.open(grant["user_code"]).text
        assert browser.response.status_code == 409
        poll(plane, grant)


def test_an_expired_code_is_refused(plane, grant, browser):
    plane.clock.ahead += 601 * SECOND
    browser.sign_in(user_code=grant["user_code"])
    assert browser.response.status_code == 409
    assert not browser.page.buttons


def test_a_denied_device_gets_nothing(plane, grant, browser):
    browser.sign_in(user_code=grant["user_code"])
    assert "Denied" in browser.submit("deny").text
    refused(poll(plane, grant), 400, "access_denied")
    refused(plane.signed_in.post(APPROVE, json={"user_code": grant["user_code"]}), 409, "device_code_expired")


def test_trying_codes_comes_to_an_end(plane, grant, browser):
    browser.sign_in()
    for number in range(10):
        browser.open(f"AAAA-AA{number:02}")
        assert browser.response.status_code == 404
    browser.open(grant["user_code"])
    assert browser.response.status_code == 429
    refused(plane.signed_in.post(APPROVE, json={"user_code": grant["user_code"]}), 429, "too_many_user_codes")


@pytest.mark.parametrize("code", ['"><script>alert(1)</script>', "'&lt;", "\x00\x1b[2J", "é\U0001f600", "A" * 5000])
def test_a_hostile_code_is_text(browser, code):
    for page in (browser.open(code), browser.sign_in(user_code=code)):
        assert "script" not in page.tags
        assert "<script" not in browser.response.text.lower()
    assert browser.response.status_code == 404


@pytest.mark.parametrize("body", [b"\xff", b"a=1&a=2", b"&".join(b"f%d=" % n for n in range(40)), b"%ff=1", b""])
def test_what_is_not_a_form_of_the_page_is_refused(browser, body):
    browser.sign_in()
    sent = browser.http.post(PAGE, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert sent.status_code in {400, 403}
    assert sent.headers["content-type"] == "text/html; charset=utf-8"


def test_another_media_type_and_a_large_form_are_refused(browser):
    browser.sign_in()
    assert browser.http.post(PAGE, json={}).status_code == 415
    assert browser.http.post(PAGE, data={"bearer": "x" * 9000}).status_code == 413


def test_an_unknown_action_does_nothing(plane, grant, browser):
    browser.sign_in(user_code=grant["user_code"])
    browser.submit("delete-everything")
    assert browser.response.status_code == 400
    refused(poll(plane, grant), 400, "authorization_pending")


def test_a_program_approves_with_a_session_and_its_csrf_token(plane, grant):
    client = plane.signed_in
    body = {"user_code": grant["user_code"].replace("-", "")}
    refused(client.post(APPROVE, json=body, headers={"X-Plexsphere-CSRF": ""}), 403, "csrf_token_mismatch")
    refused(client.post(APPROVE, json=body, headers={"Origin": "http://evil.test"}), 403, "csrf_origin_mismatch")
    refused(plane.admin.post(APPROVE, json=body), 401, "unauthenticated")
    refused(client.post(APPROVE, json={"user_code": grant["user_code"].lower()}), 400, "invalid_body")
    refused(client.post(APPROVE, json={"user_code": "AAAA-AAAA"}), 404, "device_code_not_found")
    assert client.post(APPROVE, json=body).json() == {"status": "approved"}
    refused(client.post(APPROVE, json=body), 409, "device_code_already_approved")


def test_a_session_serves_the_page_alone(plane):
    refused(plane.signed_in.get("/v1/auth/whoami"), 401, "unauthenticated")


def test_the_page_is_where_the_caller_reaches_the_plane(plane):
    body = {"domain_id": plane.domain_id()}
    for host, named in (("plane.test:81", "plane.test:81"), ("[::1]:7", "[::1]:7"), ("a/b", plane.url[7:])):
        answer = plane.nobody.post("/v1/auth/device-code", json=body, headers={"Host": host}).json()
        assert answer["verification_uri"] == f"http://{named}/v1/device"


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 0), ("scope=platform", 1), (f"domain_id={NOWHERE}", 1), (f"domain_id={NOWHERE}&scope=platform", 1)],
)
def test_bindings_are_the_same_for_a_domain_that_is_not_there(untouched, query, count):
    answer = untouched.nobody.get(f"/v1/auth/idp-bindings?{query}")
    assert [binding["id"] for binding in answer.json()] == [IDP_BINDING_ID] * count
    assert answer.headers["cache-control"] == "no-store"


def test_an_api_token_is_its_operators_bearer(plane):
    answer = issue(plane)
    issued = created(answer)
    assert answer.headers["cache-control"] == "no-store"
    assert "sunset" not in answer.headers
    client = plane.client(issued["plaintext"])
    assert client.get("/v1/auth/whoami").json() == plane.admin.get("/v1/auth/whoami").json()
    assert [token["id"] for token in client.get("/v1/auth/tokens").json()] == [issued["id"]]
    domain = {"name": "Delta", "slug": "delta", "mesh_cidr": "10.99.0.0/24"}
    created(client.post("/v1/domains", json=domain))
    assert client.delete(f"/v1/auth/tokens/{issued['id']}").status_code == 204
    refused(client.get("/v1/auth/whoami"), 401, "unauthenticated")


def test_a_rotation_names_the_end_of_the_old_plaintext(plane):
    issued = created(issue(plane))
    answer = plane.admin.post(f"/v1/auth/tokens/{issued['id'].upper()}/rotate")
    sunset = parsedate_to_datetime(answer.headers["sunset"])
    left = sunset - datetime.fromisoformat(answer.json()["rotation_deadline"])
    assert timedelta(seconds=-1) < left <= timedelta(0)
    assert sunset > datetime.now(UTC)
    refused(plane.viewer.post(f"/v1/auth/tokens/{issued['id']}/rotate"), 404, "token_not_found")
    refused(plane.viewer.delete("/v1/auth/tokens/not-an-id"), 404, "token_not_found")


def test_the_signer_takes_an_api_token(plane):
    issued = created(issue(plane))
    signer = SignerClient(plane.control, issued["plaintext"])
    assert signer.public_key("platform", "k1").public_key
    plane.admin.delete(f"/v1/auth/tokens/{issued['id']}")
    with pytest.raises(grpc.RpcError) as caught:
        signer.public_key("platform", "k1")
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    signer.close()


def test_no_secret_is_in_the_log(plane, grant, browser, caplog):
    caplog.set_level("INFO")
    browser.sign_in(user_code=grant["user_code"])
    browser.submit("approve")
    token = poll(plane, grant).json()["access_token"]
    said = "".join(str(vars(record)) for record in caplog.records if record.name.startswith("plexctl"))
    assert "/v1/device" in said
    secrets = (token, grant["device_code"], plane.bearers["admin"], *browser.http.cookies.values())
    assert [secret for secret in secrets if secret in said] == []
