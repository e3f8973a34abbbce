"""Second factors, and proving oneself again before a secret is shown or reset, something is exported, or a factor is changed."""
import json
import subprocess
import time

import pytest

from harness.iam import Authenticator, asked, get_token, key_client, make_user, project_path, session_client, step_up, token_body, token_client, totp
from harness.tree import program
from harness.stored import change, everything, rows

PASSWORD = "a good long password"


@pytest.fixture(scope="module")
def forget(daemon):
    return lambda: change(daemon, "UPDATE iam_factor SET last_step = 0")


@pytest.fixture(scope="module")
def user(client):
    return make_user(client, "cautious", [{"role": "operator"}, {"role": "auditor"}], password=PASSWORD)


@pytest.fixture(scope="module")
def session(client, user, forget):
    """A session of a user who has a factor (added behind its start)."""
    session = session_client(client, user["name"], PASSWORD)
    session.authenticator = Authenticator(session, PASSWORD, forget)
    return session


@pytest.fixture(scope="module")
def app(client):
    return client.made("/apps", {"name": "Guarded", "app_secret": "the-secret-of-the-app"})


def settings(client, **body):
    answer = asked(client, "PUT", project_path(client, "/security-settings"), body)
    assert answer.status == 200, answer
    return answer.json


def show(client, app, grant=None):
    return client.signed("POST", f"{client.base}/apps/{app['id']}/secret", headers={"X-Step-Up": grant} if grant else {})


def open_challenge(client, action, object_id):
    return asked(client, "POST", project_path(client, "/step-ups"), {"action": action, "object_id": object_id}).json["id"]


def answer(client, challenge, code):
    return asked(client, "PUT", project_path(client, "/step-ups/" + challenge), {"code": code})


def test_a_secret_is_shown_after_a_step_up_once(daemon, session, app):
    refused = show(session, app)
    assert (refused.status, refused.code) == (403, "APIG.3961") and "show_app_secret" in refused.message
    grant = step_up(session, session.authenticator, "show_app_secret", app["id"])
    shown = show(session, app, grant)
    assert shown.json == {"app_key": app["app_key"], "app_secret": "the-secret-of-the-app"}
    assert shown.headers["Cache-Control"] == "no-store"
    assert show(session, app, grant).code == "APIG.3961", "once"
    assert rows(daemon, f"SELECT actor_name FROM audit WHERE action = 'show_app_secret' AND resource_id = '{app['id']}'") == [("cautious",)]
    assert "the-secret-of-the-app" not in everything(daemon) + daemon.log.read_text()


def test_the_secret_of_a_signature_key(client, session):
    sign = client.made("/signs", {"name": "Guarded", "sign_key": "guarded_key", "sign_secret": "the-secret-of-the-sign"})
    grant = step_up(session, session.authenticator, "show_sign_secret", sign["id"])
    shown = session.signed("POST", f"{session.base}/signs/{sign['id']}/secret", headers={"X-Step-Up": grant})
    assert shown.json == {"sign_key": "guarded_key", "sign_secret": "the-secret-of-the-sign"}


def test_a_grant_is_bound_to_action_object_user_and_session(client, session, app, user):
    other = client.made("/apps", {"name": "Other_guarded"})
    grant = step_up(session, session.authenticator, "show_app_secret", app["id"])
    assert show(session, other, grant).code == "APIG.3961", "another object"
    reset = session.signed("PUT", f"{session.base}/apps/secret/{app['id']}", b"{}", {"X-Step-Up": grant})
    assert reset.code == "APIG.3961", "another action"
    key = key_client(client, user["id"])
    assert show(key, app, grant).code == "APIG.3961", "the same user, by another proof"
    neighbour = make_user(client, "neighbour", [{"role": "operator"}], password=PASSWORD)
    stranger = session_client(client, "neighbour", PASSWORD)
    assert show(stranger, app, grant).status == 403 and neighbour["id"] != user["id"]
    challenge = open_challenge(session, "show_app_secret", app["id"])
    assert answer(stranger, challenge, "123456").code == "APIG.3906"
    assert show(session, app, grant).status == 200


def test_resetting_and_exporting(client, session, app):
    assert session.put(f"/apps/secret/{app['id']}").code == "APIG.3961"
    assert session.get("/audits/export").code == "APIG.3961"
    grant = step_up(session, session.authenticator, "export_audits", session.admin["instance_id"])
    assert session.signed("GET", session.base + "/audits/export", headers={"X-Step-Up": grant}).status == 200
    assert client.put(f"/apps/secret/{app['id']}", {"app_secret": "the-secret-of-the-app"}).status == 200, "a program has nobody to ask"


def test_every_way_to_another_secret(client, session, app):
    pair = client.made(f"/apps/{app['id']}/key-pairs", {})
    consumer = client.made("/consumers", {"name": "guarded", "hmac": {}})
    credential = consumer["credentials"][0]["id"]
    for path in (f"/apps/{app['id']}", f"/apps/{app['id']}/key-pairs/{pair['id']}/secret", f"/consumers/{consumer['id']}/credentials/{credential}/secret"):
        body = {"name": app["name"], "app_secret": "another-secret"} if path.endswith(app["id"]) else {}
        assert session.put(path, body).code == "APIG.3961", path
    assert session.put(f"/apps/{app['id']}", {"name": app["name"]}).status == 200, "no secret, no step-up"
    grant = step_up(session, session.authenticator, "update_app", app["id"])
    body = json.dumps({"name": app["name"], "app_secret": "the-secret-of-the-app"}).encode()
    assert session.signed("PUT", f"{session.base}/apps/{app['id']}", body, {"X-Step-Up": grant}).status == 200


def test_a_session_makes_no_key_that_is_asked_for_less(session, user):
    own, vendor, temporary = project_path(session, f"/users/{user['id']}/access-keys"), "/v3.0/OS-CREDENTIAL/credentials", "/v3.0/OS-CREDENTIAL/securitytokens"
    calls = [("create_access_key", own, {}), ("create_permanent_access_key", vendor, {"credential": {}}),
             ("create_temporary_access_key", temporary, {"auth": {"identity": {"methods": ["token"]}}})]
    made = 0
    for action, path, body in calls:
        assert asked(session, "POST", path, body).code in ("APIG.3961", "IAM.3961"), action
    for action, path, body in calls[::2]:
        grant = step_up(session, session.authenticator, action, user["id"])
        made += session.signed("POST", path, json.dumps(body).encode(), {"X-Step-Up": grant}).status == 201
        assert asked(session, "POST", path, body).status == 403
    assert made == 2


def test_codes_count_once_and_five_times_are_tried(session, app):
    code = session.authenticator.code()
    first, second = (open_challenge(session, "show_app_secret", app["id"]) for _ in range(2))
    assert answer(session, first, code).json["granted"]
    assert answer(session, second, code).code == "APIG.3964", "replay"
    for _ in range(4):
        assert answer(session, second, "000000").code == "APIG.3964"
    assert answer(session, second, session.authenticator.code()).code == "APIG.3906", "the sixth, right or wrong"
    assert answer(session, first, session.authenticator.code()).code == "APIG.3906", "answered already"
    third = open_challenge(session, "show_app_secret", app["id"])
    assert answer(session, third, session.authenticator.code()).status == 200


def test_a_recovery_code_counts_once(session, app):
    code = session.authenticator.recovery[0]
    step_up(session, session.authenticator, "show_app_secret", app["id"], code)
    again = open_challenge(session, "show_app_secret", app["id"])
    assert answer(session, again, code).code == "APIG.3964"
    assert asked(session, "GET", project_path(session, "/factors")).json == {"totp": True, "recovery_codes_left": 9, "codes": []}


def test_a_challenge_and_a_grant_end(daemon, session, app):
    challenge = open_challenge(session, "show_app_secret", app["id"])
    change(daemon, f"UPDATE iam_step_up SET expires = expires - 301 WHERE id = '{challenge}'")
    assert answer(session, challenge, session.authenticator.code()).code == "APIG.3906"
    grant = step_up(session, session.authenticator, "show_app_secret", app["id"])
    change(daemon, f"UPDATE iam_step_up SET granted = granted - 121 WHERE id = '{grant}'")
    assert show(session, app, grant).code == "APIG.3961"


def test_a_window(daemon, client, session, app):
    change(daemon, "UPDATE iam_step_up SET granted = 1 WHERE granted > 0")
    assert settings(client, step_up_window_minutes=10)["step_up_window_minutes"] == 10
    try:
        assert show(session, app).code == "APIG.3961"
        step_up(session, session.authenticator, "show_app_secret", app["id"])
        assert show(session, app).status == 200 and show(session, app).status == 200
        assert asked(session, "DELETE", project_path(session, "/factors/totp")).code == "APIG.3961", "factors are always asked for"
        change(daemon, "UPDATE iam_step_up SET granted = granted - 601 WHERE granted > 1")
        assert show(session, app).code == "APIG.3961"
    finally:
        settings(client, step_up_window_minutes=0)


def test_strict_mode_never_shows(client, session, app):
    grant = step_up(session, session.authenticator, "show_app_secret", app["id"])
    settings(client, show_secrets="never")
    try:
        assert (show(session, app, grant).status, show(session, app, grant).code) == (403, "APIG.3963")
    finally:
        settings(client, show_secrets="step_up")


def test_secrets_as_the_vendor_has_them_only_when_switched_on(client, session, app):
    sign = client.made("/signs", {"name": "As_vendor", "sign_secret": "the-secret-of-the-sign"})
    make_user(client, "reader", [{"role": "auditor"}], password=PASSWORD)
    reader = token_client(client, "reader", PASSWORD)

    def told(caller):
        answers = [caller.get(f"/apps/{app['id']}").json, caller.get("/apps", id=app["id"]).json["apps"][0], caller.get("/signs", id=sign["id"]).json["signs"][0]]
        return [answer.get("app_secret") or answer.get("sign_secret") for answer in answers]
    assert told(client) == [None] * 3
    settings(client, show_secrets="as_vendor")
    try:
        assert told(client) == ["the-secret-of-the-app"] * 2 + ["the-secret-of-the-sign"]
        assert client.put(f"/apps/{app['id']}", {"name": app["name"]}).json["app_secret"] == "the-secret-of-the-app"
        assert told(reader) == [None] * 3, "who only reads gets none"
        assert show(session, app).status == 200, "no step-up before what is told anyway"
    finally:
        settings(client, show_secrets="step_up")
    assert told(client) == [None] * 3


def test_without_a_factor(client, app):
    make_user(client, "bare", [{"role": "operator"}], password=PASSWORD)
    bare = token_client(client, "bare", PASSWORD)
    assert show(bare, app).code == "APIG.3962", "never without"
    assert asked(bare, "POST", project_path(bare, "/step-ups"), {"action": "show_app_secret", "object_id": app["id"]}).code == "APIG.3962"
    assert bare.put(f"/apps/secret/{app['id']}", {"app_secret": "the-secret-of-the-app"}).status == 200
    settings(client, require_factor=True)
    try:
        assert bare.put(f"/apps/secret/{app['id']}").code == "APIG.3962"
        assert client.put(f"/apps/secret/{app['id']}", {"app_secret": "the-secret-of-the-app"}).status == 200
    finally:
        settings(client, require_factor=False)
    assert show(client, app).code == "APIG.3962", "nor by an access key"


def test_a_factor_needs_the_password_and_two_codes(client):
    make_user(client, "slow", [{"role": "operator"}], password=PASSWORD)
    slow = token_client(client, "slow", PASSWORD)
    path = project_path(slow, "/factors/totp")
    assert asked(slow, "PUT", path, {"codes": ["000000", "000001"]}).code == "APIG.3905"
    assert asked(slow, "POST", path, {"password": "not the password"}).status == 401
    made = asked(slow, "POST", path, {"password": PASSWORD}).json
    assert made["uri"] == f"otpauth://totp/Countersign:slow?secret={made['secret']}&issuer=Countersign" and len(made["secret"]) == 32
    step = int(time.time()) // 30
    for codes in ([], ["000000"], [totp(made["secret"], step)] * 2, [totp(made["secret"], step), totp(made["secret"], step - 1)],
                  [totp(made["secret"], step - 5), totp(made["secret"], step - 4)]):
        assert asked(slow, "PUT", path, {"codes": codes}).status == 400
    assert asked(slow, "GET", project_path(slow, "/factors")).json["totp"] is False, "not before it is confirmed"
    assert get_token(client, "slow", PASSWORD).status == 201
    step = int(time.time()) // 30
    assert asked(slow, "PUT", path, {"codes": [totp(made["secret"], step - 1), totp(made["secret"], step)]}).status == 200
    assert asked(slow, "POST", path, {"password": PASSWORD}).code == "APIG.3923"


def test_signing_in_with_a_factor(client, session, user):
    def sign_in(**more):
        body = {"name": user["name"], "password": PASSWORD, **more}
        return client.send("POST", "/console/session", json.dumps(body).encode(), {"X-Forwarded-For": "10.4.0.1"})

    def token(code):
        body = token_body(user["name"], PASSWORD, scope={"project": {"id": client.admin["project_id"]}})
        body["auth"]["identity"].update(methods=["password", "totp"], totp={"user": {"passcode": code}})
        return client.send("POST", "/v3/auth/tokens", json.dumps(body).encode(), {"X-Forwarded-For": "10.4.0.2"})
    assert (sign_in().status, sign_in().code) == (401, "IAM.0906")
    assert sign_in(passcode="000000").code == "IAM.0907" and "Set-Cookie" not in sign_in(passcode="000001").headers
    assert sign_in(passcode=session.authenticator.code()).status == 201
    assert get_token(client, user["name"], PASSWORD).code == "IAM.0906"
    code = session.authenticator.code()
    made = token(code)
    assert made.status == 201 and made.json["token"]["methods"] == ["password", "totp"] and token(code).code == "IAM.0907", "replay"
    shown = client.send("GET", "/v3/auth/tokens", headers={"X-Auth-Token": made.headers["X-Subject-Token"], "X-Subject-Token": made.headers["X-Subject-Token"]})
    assert shown.json["token"]["methods"] == ["password", "totp"]
    for _ in range(4):
        token("000000")
    assert token(session.authenticator.code()).code == "IAM.0061"


def test_codes_are_counted_from_all_addresses_together(client, forget):
    make_user(client, "scattered", [{"role": "operator"}], password=PASSWORD)
    authenticator = Authenticator(session_client(client, "scattered", PASSWORD), PASSWORD, forget)

    def sign_in(source, passcode):
        body = {"name": "scattered", "password": PASSWORD, "passcode": passcode}
        return client.send("POST", "/console/session", json.dumps(body).encode(), {"X-Forwarded-For": f"2001:db8:0:{source}::1"})
    assert sign_in(0, "000000").code == "IAM.0907" and sign_in(0, authenticator.code()).status == 201
    assert [sign_in(source, "000000").code for source in range(1, 20)] == ["IAM.0907"] * 19, "a right one does not wipe out wrong ones"
    assert sign_in(99, authenticator.code()).code == "IAM.0061", "an address of which nothing came yet"


def test_root_takes_a_lost_factor_away(daemon, client, forget):
    make_user(client, "lost", [{"role": "operator"}], password=PASSWORD)
    own = session_client(client, "lost", PASSWORD)
    Authenticator(own, PASSWORD, forget)
    place = ["--data", str(daemon.data)] if daemon.store is None else ["--store", daemon.store]

    def reset(name):
        return subprocess.run([program("countersign"), "admin", "reset-factor", "--user", name, *place], capture_output=True, text=True)
    assert reset("lost").returncode == 0
    assert own.get("/envs").status == 401 and session_client(client, "lost", PASSWORD, "10.4.0.9").get("/envs").status == 200
    again, nobody = reset("lost"), reset("no_such_user")
    assert again.returncode == nobody.returncode == 3 and "no second factor" in again.stderr and "no such user" in nobody.stderr
    assert ("owner of the store",) in rows(daemon, "SELECT actor_name FROM audit WHERE action = 'reset_factor'")


def test_settings(client, session, user):
    shown = asked(client, "GET", project_path(client, "/security-settings")).json
    assert shown == {"session_idle_seconds": 1800, "session_end_seconds": 43200, "show_secrets": "step_up", "step_up_window_minutes": 0,
                     "require_factor": False, "code_webhook": False}
    for body in ({"step_up_window_minutes": 31}, {"show_secrets": "always"}, {"session_idle_seconds": 59}, {"session_end_seconds": 299}):
        assert asked(client, "PUT", project_path(client, "/security-settings"), body).status == 400
    assert asked(session, "PUT", project_path(session, "/security-settings"), {}).status == 403


def test_who_has_a_factor_proves_himself_before_step_up_is_switched_off(daemon, client, forget):
    """Or whoever finds a session open would have every secret told to him as the vendor does."""
    made = make_user(client, "switches", [{"role": "administrator"}], password=PASSWORD)
    admin, key = session_client(client, "switches", PASSWORD), key_client(client, made["id"])
    admin.authenticator = Authenticator(admin, PASSWORD, forget)
    path, body = project_path(admin, "/security-settings"), {"show_secrets": "as_vendor", "step_up_window_minutes": 30}
    for caller in (admin, key):
        refused = asked(caller, "PUT", path, body)
        assert (refused.status, refused.code) == (403, "APIG.3961") and "update_security_settings" in refused.message
    assert asked(client, "GET", path).json["show_secrets"] == "step_up"
    other = {"name": "helper", "password": PASSWORD, "roles": [{"role": "administrator"}]}
    refused = asked(admin, "POST", project_path(admin, "/users"), other)
    assert refused.code == "APIG.3961" and "create_user" in refused.message, "a user of whom one knows all would have a factor of his own"
    helper = make_user(admin, "helper")
    refused = asked(admin, "PUT", project_path(admin, "/users/" + helper["id"]), {"roles": other["roles"]})
    assert refused.code == "APIG.3961" and "update_user" in refused.message
    assert asked(key, "PUT", project_path(key, "/users/" + helper["id"]), {"roles": [{"role": "auditor"}]}).status == 200, "a program has nobody to ask"
    grant = step_up(admin, admin.authenticator, "update_security_settings", admin.admin["project_id"])
    done = admin.signed("PUT", path, json.dumps(body).encode(), {"X-Step-Up": grant})
    assert (done.status, done.json["show_secrets"]) == (200, "as_vendor"), done
    assert asked(admin, "PUT", path, {"require_factor": False}).code == "APIG.3961", "the window is not for this"
    settings(client, show_secrets="step_up", step_up_window_minutes=0)


def test_sessions_end_as_set(daemon, client):
    settings(client, session_idle_seconds=60, session_end_seconds=600)
    try:
        session = session_client(client)
        change(daemon, "UPDATE iam_token SET last_used = last_used - 61 WHERE kind = 2")
        assert session.get("/envs").code == "APIG.1001"
        session = session_client(client)
        change(daemon, "UPDATE iam_token SET issued = issued - 601 WHERE kind = 2")
        assert session.get("/envs").code == "APIG.1001"
    finally:
        settings(client, session_idle_seconds=1800, session_end_seconds=43200)


def test_taking_the_factor_away(daemon, client, forget):
    """Last: it needs a step-up, and takes everything of the factor with it."""
    made = make_user(client, "leaving", [{"role": "operator"}], password=PASSWORD)
    own = session_client(client, "leaving", PASSWORD)
    authenticator = Authenticator(own, PASSWORD, forget)
    path = project_path(own, "/factors/totp")
    assert asked(own, "DELETE", path).code == "APIG.3961"
    grant = step_up(own, authenticator, "delete_totp", own.admin["project_id"])
    assert own.signed("DELETE", path, headers={"X-Step-Up": grant}).status == 204
    assert asked(own, "DELETE", path).code == "APIG.3905"
    assert rows(daemon, f"SELECT id FROM iam_factor WHERE user_id = '{made['id']}'") == []
    Authenticator(own, PASSWORD, forget)
    assert asked(client, "DELETE", project_path(client, "/users/" + made["id"])).status == 204
    assert rows(daemon, f"SELECT id FROM iam_step_up WHERE user_id = '{made['id']}'") == []
