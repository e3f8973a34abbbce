"""Codes that the operator's provider carries: the webhook as the provider gets it, checked by the library of Standard Webhooks, and what
bounds the codes."""
import json
import ssl
import threading

import pytest
from standardwebhooks.webhooks import Webhook

from harness.certificates import Authority
from harness.iam import Authenticator, asked, key_client, make_user, project_path, session_client, token_client
from harness.provider import Provider
from harness.stored import change, everything, rows

PASSWORD = "a good long password"
MOBILE = "+4915112345621"


@pytest.fixture(scope="module")
def provider():
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture(scope="module")
def webhook(client, provider):
    """The secret of the webhook, which is set up here."""
    answer = asked(client, "PUT", project_path(client, "/code-webhook"), {"url": provider.url})
    assert answer.status == 200, answer
    return answer.json["secret"]


@pytest.fixture(scope="module")
def user(client, webhook):
    return make_user(client, "reachable", [{"role": "operator"}, {"role": "auditor"}], password=PASSWORD, mobile=MOBILE, email="reachable@example.com")


@pytest.fixture(scope="module")
def session(client, user):
    return session_client(client, user["name"], PASSWORD)


@pytest.fixture(scope="module")
def app(client):
    return client.made("/apps", {"name": "Guarded", "app_secret": "the-secret-of-the-app"})


@pytest.fixture(autouse=True)
def a_minute_later(daemon, provider):
    """Every test may have a code at once, and none waits for it."""
    change(daemon, "UPDATE iam_code SET sent = sent - 61")
    while not provider.letters.empty():
        provider.letters.get()


def opened(client, app, **more):
    return asked(client, "POST", project_path(client, "/step-ups"), {"action": "show_app_secret", "object_id": app["id"], **more})


def answered(client, challenge, code):
    return asked(client, "PUT", project_path(client, "/step-ups/" + challenge), {"code": code})


def again(client, challenge):
    return asked(client, "POST", project_path(client, f"/step-ups/{challenge}/code"))


def show(client, app, grant=None):
    return client.signed("POST", f"{client.base}/apps/{app['id']}/secret", headers={"X-Step-Up": grant} if grant else {})


def code_of(letter):
    return json.loads(letter[2])["data"]["code"]


def other(code):
    return f"{(int(code) + 1) % 1000000:06}"


def test_a_code_by_sms_opens_the_secret_once(daemon, provider, webhook, session, app):
    assert show(session, app).code == "APIG.3961"
    challenge = opened(session, app).json
    assert (challenge["method"], challenge["destination"], challenge["granted"]) == ("sms", "+49*********21", False)
    path, headers, body = letter = provider.letter()
    assert path == "/codes?from=gateway" and Webhook(webhook).verify(body, headers)
    assert json.loads(body) == {"type": "step_up.code", "data": {"method": "sms", "destination": MOBILE, "code": code_of(letter), "ttl_seconds": 300,
                                                                 "action": "show_app_secret", "user_name": "reachable"}}
    assert len(code_of(letter)) == 6 and code_of(letter).isdigit()
    assert answered(session, challenge["id"], code_of(letter)).json["granted"]
    assert show(session, app, challenge["id"]).json["app_secret"] == "the-secret-of-the-app"
    assert show(session, app, challenge["id"]).code == "APIG.3961", "once"
    kept = everything(daemon) + daemon.log.read_text()
    assert code_of(letter) not in json.dumps(rows(daemon, "SELECT code, destination FROM iam_step_up")) and webhook[6:] not in kept
    noted = rows(daemon, "SELECT after_json FROM audit WHERE action = 'create_step_up'")
    assert json.loads(noted[-1][0]) == {"method": "sms", "destination": "+49*********21", "action": "show_app_secret"}


def test_by_email_when_asked_for(provider, session, app):
    challenge = opened(session, app, method="email").json
    assert (challenge["method"], challenge["destination"]) == ("email", "r***@example.com")
    letter = provider.letter()
    assert json.loads(letter[2])["data"]["destination"] == "reachable@example.com"
    assert answered(session, challenge["id"], code_of(letter)).status == 200
    assert opened(session, app, method="totp").code == "APIG.3968", "he has no app"
    assert asked(session, "GET", project_path(session, "/factors")).json["codes"] == [
        {"method": "sms", "destination": "+49*********21"}, {"method": "email", "destination": "r***@example.com"}]


def test_a_code_is_of_its_challenge_and_action_and_user(daemon, client, provider, session, app):
    another = client.made("/apps", {"name": "Another"})
    first = opened(session, app).json["id"]
    code = code_of(provider.letter())
    change(daemon, "UPDATE iam_code SET sent = sent - 61")
    second = opened(session, another).json["id"]
    provider.letter()
    assert answered(session, second, code).code == "APIG.3964", "of another challenge"
    stranger = token_client(client, "reachable", PASSWORD)
    assert answered(stranger, first, code).code == "APIG.3906", "of another session"
    assert answered(session, first, code).status == 200
    assert show(session, another, first).code == "APIG.3961", "another object"
    assert session.signed("PUT", f"{session.base}/apps/secret/{app['id']}", b"{}", {"X-Step-Up": first}).code == "APIG.3961", "another action"


def test_five_tries_with_all_codes_of_a_challenge(daemon, provider, session, app):
    challenge = opened(session, app).json["id"]
    code = code_of(provider.letter())
    for _ in range(3):
        assert answered(session, challenge, other(code)).code == "APIG.3964"
    change(daemon, "UPDATE iam_code SET sent = sent - 61")
    assert again(session, challenge).status == 200
    newer = code_of(provider.letter())
    if newer != code:
        assert answered(session, challenge, code).code == "APIG.3964", "the one before is worth nothing"
    for _ in range(2):
        answered(session, challenge, other(newer))
    assert answered(session, challenge, newer).code == "APIG.3906", "the sixth, right or wrong"


def test_another_code_after_a_minute(daemon, provider, session, app):
    challenge = opened(session, app).json
    provider.letter()
    assert (again(session, challenge["id"]).status, again(session, challenge["id"]).code) == (429, "APIG.3966")
    assert opened(session, app).code == "APIG.3966", "nor by another challenge"
    change(daemon, "UPDATE iam_code SET sent = sent - 61")
    renewed = again(session, challenge["id"]).json
    assert renewed["id"] == challenge["id"] and renewed["resend_at"] >= challenge["resend_at"]
    assert answered(session, challenge["id"], code_of(provider.letter())).status == 200
    assert again(session, challenge["id"]).code == "APIG.3906", "answered already"


def test_a_code_ends_after_five_minutes(daemon, provider, session, app):
    challenge = opened(session, app).json["id"]
    code = code_of(provider.letter())
    change(daemon, f"UPDATE iam_step_up SET expires = expires - 301 WHERE id = '{challenge}'")
    assert answered(session, challenge, code).code == "APIG.3906"


def test_so_many_a_day(daemon, client, provider, session, app):
    settings = {"url": provider.url, "user_daily_most": 2, "daily_most": 1000}
    change(daemon, "DELETE FROM iam_code")
    path = project_path(client, "/code-webhook")
    assert asked(client, "PUT", path, settings).status == 200
    try:
        for _ in range(2):
            assert opened(session, app).status == 201
            change(daemon, "UPDATE iam_code SET sent = sent - 61")
        refused = opened(session, app)
        assert (refused.status, refused.code) == (429, "APIG.3967") and "2 codes" in refused.message
        assert asked(client, "PUT", path, {**settings, "user_daily_most": 20, "daily_most": 2}).status == 200
        assert opened(session, app).code == "APIG.3967", "of all users together"
        change(daemon, "UPDATE iam_code SET sent = sent - 86400")
        assert opened(session, app).status == 201
    finally:
        assert asked(client, "PUT", path, {"url": provider.url}).status == 200


def test_what_guards_resets_and_what_programs_may(client, provider, user, session, app):
    assert session.put(f"/apps/secret/{app['id']}").code == "APIG.3961", "who can be reached is asked before a reset, too"
    sign = client.made("/signs", {"name": "Guarded"})
    for path, body in ((f"/signs/{sign['id']}", {"name": "Guarded", "sign_secret": "another-secret-of-it"}),
                       (f"/signs/{sign['id']}/next", {"next_from": "2999-01-01T00:00:00Z"})):
        assert session.put(path, body).code == "APIG.3961", path
    program = key_client(client, user["id"])
    assert program.put(f"/apps/secret/{app['id']}", {"app_secret": "the-secret-of-the-app"}).status == 200
    assert show(program, app).code == "APIG.3961", "but never a secret"


def test_an_app_takes_the_weaker_way_s_place(daemon, client, provider, app):
    make_user(client, "upgraded", [{"role": "operator"}], password=PASSWORD, mobile=MOBILE)
    own = session_client(client, "upgraded", PASSWORD)
    challenge = opened(own, app).json["id"]
    code = code_of(provider.letter())
    authenticator = Authenticator(own, PASSWORD, lambda: change(daemon, "UPDATE iam_factor SET last_step = 0"))
    assert answered(own, challenge, code).code == "APIG.3962", "the code was of the weaker way"
    assert opened(own, app).json["method"] == "totp" and opened(own, app, method="sms").code == "APIG.3968"
    assert again(own, opened(own, app).json["id"]).code == "APIG.3968", "nothing is sent for an app"
    assert asked(own, "GET", project_path(own, "/factors")).json["codes"] == []
    assert authenticator.recovery


def test_where_codes_go_and_who_carries_them_is_guarded(client, provider):
    make_user(client, "chief", [{"role": "administrator"}], password=PASSWORD, email="chief@example.com")
    chief = session_client(client, "chief", PASSWORD)
    own = asked(chief, "GET", project_path(chief, "/users")).json["users"]
    own = next(u["id"] for u in own if u["name"] == "chief")
    for body in ({"email": "thief@example.com"}, {"mobile": "+4411111111"}, {"password": "another good password"}):
        assert asked(chief, "PUT", project_path(chief, "/users/" + own), body).code == "APIG.3961", body
    assert asked(chief, "PUT", project_path(chief, "/users/" + own), {"description": "free"}).status == 200
    path = project_path(chief, "/code-webhook")
    assert asked(chief, "PUT", path, {"url": "https://thief.example/"}).code == "APIG.3961"
    assert asked(chief, "DELETE", path).code == "APIG.3961"
    program = key_client(client, own)
    assert asked(program, "PUT", path, {"url": "https://thief.example/"}).code == "APIG.3961", "nor by a key of his"


def test_the_provider_is_asked_three_times(provider, webhook, session, app):
    provider.answers = [500, 429]
    opened(session, app)
    letters = [provider.letter() for _ in range(3)]
    assert len({headers["webhook-id"] for _, headers, _ in letters}) == 1 and len({body for _, _, body in letters}) == 1
    for _, headers, body in letters:
        Webhook(webhook).verify(body, headers)


@pytest.mark.parametrize("status", [400, 302])
def test_a_refusal_is_in_the_log_and_no_redirect_is_followed(daemon, provider, session, app, status):
    provider.answers = [status]
    opened(session, app)
    code = code_of(provider.letter())
    line = wait_for_line(daemon, str(status))
    assert line["event"] == "code_not_sent" and code not in json.dumps(line)
    assert provider.letters.empty()


def wait_for_line(daemon, words):
    """The newest line about a code that was not sent and holds these words."""
    for _ in range(400):
        lines = [line for line in daemon.log_lines() if line["event"] == "code_not_sent" and words in line["problem"]]
        if lines:
            return lines[-1]
        threading.Event().wait(0.05)
    raise AssertionError(daemon.log.read_text()[-2000:])


def test_no_code_to_whom_the_certificate_does_not_name(daemon, client, tmp_path, session, app, provider):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*Authority(tmp_path, "unknown").issue("localhost"))
    stranger = Provider(context)
    path = project_path(client, "/code-webhook")
    try:
        assert asked(client, "PUT", path, {"url": stranger.url}).status == 200
        opened(session, app)
        assert "certificate" in wait_for_line(daemon, "certificate")["problem"]
        assert stranger.letters.empty()
    finally:
        assert asked(client, "PUT", path, {"url": provider.url}).status == 200
        stranger.close()


@pytest.mark.parametrize("url", ["http://provider.example/", "ftp://localhost/", "https://", "https://a b/", "https://user@provider.example/",
                                 "https://169.254.169.254/", "https://[::ffff:169.254.169.254]/", "https://x.example/#part", "https://x.example:99999/",
                                 "http://127.0.0.1.example/", "javascript:alert(1)", "https://0.0.0.0/"])
def test_addresses_to_which_no_code_goes(client, webhook, url):
    refused = asked(client, "PUT", project_path(client, "/code-webhook"), {"url": url})
    assert (refused.status, refused.code) == (400, "APIG.2012") and "url" in refused.message


def test_the_secret_of_the_webhook(client, provider, webhook, session, app):
    path = project_path(client, "/code-webhook")
    shown = asked(client, "GET", path).json
    assert "secret" not in shown and (shown["url"], shown["user_daily_most"], shown["daily_most"]) == (provider.url, 20, 1000)
    assert "secret" not in asked(client, "PUT", path, {"url": provider.url}).json, "it stays"
    for bad in ("whsec_", "whsec_!!!!", "whsec_" + "A" * 28, "c2hvcnQ="):
        assert asked(client, "PUT", path, {"url": provider.url, "secret": bad}).code == "APIG.2012", bad
    given = "whsec_" + "QUJD" * 10
    assert asked(client, "PUT", path, {"url": provider.url, "secret": given, "draw_secret": True}).status == 400
    assert asked(client, "PUT", path, {"url": provider.url, "secret": given}).json["secret"] == given
    opened(session, app)
    _, headers, body = provider.letter()
    assert Webhook(given).verify(body, headers)
    with pytest.raises(Exception):
        Webhook(webhook).verify(body, headers)
    drawn = asked(client, "PUT", path, {"url": provider.url, "draw_secret": True}).json["secret"]
    assert drawn not in (given, webhook) and len(drawn) == len("whsec_") + 44


def test_without_a_provider_nobody_is_sent_anything(client, session, app, provider):
    """Last: the webhook goes."""
    path = project_path(client, "/code-webhook")
    settings = project_path(client, "/security-settings")
    assert asked(client, "GET", settings).json["code_webhook"] is True
    assert asked(client, "DELETE", path).status == 204
    assert asked(client, "GET", settings).json["code_webhook"] is False
    assert asked(client, "GET", path).code == asked(client, "DELETE", path).code == "APIG.3907"
    assert opened(session, app).code == "APIG.3962" and show(session, app).code == "APIG.3962"
    assert provider.letters.empty()
