"""A request tried from the page of an API: sent by the daemon through the gateway, in each way in which callers prove themselves."""
import json
import shlex
import subprocess

import pytest
from playwright.sync_api import expect

from browsing import assert_accessible, field, visit
from harness.iam import Authenticator, make_user, session_client
from harness.stored import change
from harness.tree import program
from harness.world import HOST, RELEASE

PASSWORD = "a good long password"
MARKUP = "<img src=x onerror=document.title='owned'>"


def publish(world, name, **more):
    """An API of the world's backend, published; its path is /name and what is below."""
    body = {"name": name, "group_id": world.group, "type": 1, "req_protocol": "BOTH", "req_method": "ANY", "req_uri": f"/{name}/{{number}}", "match_mode": "SWA",
            "auth_type": "APP", "auth_opt": {"app_code_auth_type": "HEADER"}, "backend_type": "HTTP",
            "req_params": [{"name": "number", "type": "STRING", "location": "PATH"}],
            "backend_api": {"url_domain": world.backend.authority, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": "/inner", "timeout": 5000}, **more}
    api = world.client.made("/apis", body)["id"]
    world.client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": api})
    return api


@pytest.fixture(scope="module")
def api(world):
    return publish(world, "tried")


@pytest.fixture(scope="module")
def caller(world, api):
    """An app with everything that it may call with."""
    app = world.app("trying")
    world.client.made("/app-auths", {"env_id": RELEASE, "app_ids": [app.id], "api_ids": [api]})
    app.code = world.client.made(f"/apps/{app.id}/app-codes", {"app_code": "tried-app-code-0123456789abcdef0123"})["app_code"]
    consumer = world.client.made("/consumers", {"name": "trying", "api_key": {"source": "QUERY", "name": "apikey"}})
    app.api_key = consumer["api_key"]["value"] if "value" in consumer.get("api_key", {}) else consumer["credentials"][0]["value"]
    world.client.made("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [consumer["id"]], "api_ids": [api]})
    return app


def tried(page):
    page.get_by_role("button", name="Send", exact=True).click()
    page.locator("[data-try-status]").wait_for()
    return page.locator("[data-try-status]").inner_text()


def sent(page):
    return page.locator("[data-try-sent]").inner_text() or page.locator("[data-try-sent]").text_content()


def form(page, api, proof):
    visit(page, f"/apis/{api}")
    field(page, "number").fill("a/7")
    field(page, "Proof").select_option(proof)


@pytest.mark.parametrize("proof", ["sdk-hmac-sha256", "aliyun-ca"])
def test_a_signed_request(page, world, api, caller, proof):
    form(page, api, proof)
    field(page, "Method").select_option("POST")
    field(page, "Query").fill("b=2&a=1")
    page.get_by_text("Headers and body").click()
    field(page, "Headers").fill("X-Own: yes\nContent-Type: application/json")
    field(page, "Body").fill('{"a": 1}')
    field(page, "Key (AppKey, access key)").fill(caller.key)
    field(page, "Secret").fill("wrong-secret")
    assert tried(page) in ("401", "403")
    expect(page.get_by_role("link", name="Why was it refused?")).to_be_visible()
    field(page, "Secret").fill(caller.secret)
    world.backend.take()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("[data-try-status]")).to_have_text("200")
    received = world.backend.only()
    assert (received.method, received["X-Own"], received.body) == ("POST", "yes", b'{"a": 1}') and received.target.endswith("?b=2&a=1")
    assert_accessible(page)
    assert caller.secret not in page.content()


def test_an_app_code_and_an_api_key(page, world, api, caller):
    form(page, api, "app-code")
    field(page, "AppCode").fill(caller.code)
    assert tried(page) == "200"
    assert "X-Apig-AppCode: ***" in sent(page) and caller.code not in page.locator("[data-try-sent]").text_content()
    field(page, "Proof").select_option("api-key")
    field(page, "Where the key stands").select_option("QUERY")
    field(page, "Name of it").fill("apikey")
    field(page, "API key").fill(caller.api_key)
    world.backend.take()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("[data-try-sent]")).to_contain_text("/tried/a%2F7?***")
    assert world.backend.only().method == "GET"
    field(page, "Proof").select_option("none")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("[data-try-status]")).to_have_text("401")


def test_the_secret_that_is_kept_signs_after_a_step_up(console, world, api, caller):
    make_user(world.client, "trier", [{"role": "operator"}], password=PASSWORD)
    page = console.page(state=console.user_state("trier", PASSWORD))
    factor = Authenticator(session_client(world.client, "trier", PASSWORD), PASSWORD, lambda: change(world.daemon, "UPDATE iam_factor SET last_step = 0"))
    form(page, api, "sdk-hmac-sha256")
    field(page, "Key (AppKey, access key)").fill(caller.key)
    page.get_by_text("Sign with the secret that is stored here").click()
    page.get_by_role("button", name="Send", exact=True).click()
    dialog = page.get_by_role("dialog", name="Prove that it is you")
    expect(dialog).to_contain_text("try_api")
    field(dialog, "Code of the second factor").fill(factor.code())
    dialog.get_by_role("button", name="Confirm").click()
    expect(page.locator("[data-try-status]")).to_have_text("200")
    assert "Authorization: ***" in sent(page) and caller.secret not in page.content()
    console.done(page)
    row = world.client.get("/audits", action="try_api", limit=1).json["audits"][0]
    assert caller.key in json.dumps(row) and caller.secret not in json.dumps(row)


def test_an_answer_is_text_whatever_it_holds(page, world):
    api = publish(world, "tried_mock", auth_type="NONE", auth_opt=None, req_uri="/tried_mock", match_mode="NORMAL", req_params=[], backend_type="MOCK", backend_api=None,
                  mock_info={"result_content": MARKUP})
    visit(page, f"/apis/{api}")
    assert tried(page) == "200"
    expect(page.locator("[data-try-body]")).to_have_text(MARKUP)
    assert page.locator("main img").count() == 0 and "owned" not in page.title()
    command = shlex.split(page.locator("[data-command]").text_content())
    done = subprocess.run([*command, "-sS", "--connect-to", f"::127.0.0.1:{world.nginx.port}"], capture_output=True, text=True, timeout=20, check=True)
    assert MARKUP in done.stdout, "without TLS the command asks for the port of HTTP"


def test_the_commands_of_signed_requests_run(page, world, api, caller, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(caller.secret)
    for proof in ("sdk-hmac-sha256", "aliyun-ca"):
        form(page, api, proof)
        field(page, "number").fill("7")
        field(page, "Key (AppKey, access key)").fill(caller.key)
        text = page.locator("[data-command]").text_content().replace("SECRET_FILE", str(secret)).replace("countersign ", program("countersign") + " ", 1)
        curl = subprocess.run(shlex.split(text), capture_output=True, text=True, timeout=20, check=True).stdout
        done = subprocess.run(["sh", "-c", f"{curl.strip()} -sS -o /dev/null -w '%{{http_code}}' --connect-to ::127.0.0.1:{world.nginx.port}"],
                              capture_output=True, text=True, timeout=20, check=True)
        assert done.stdout == "200", text


def attempt(client, api, **body):
    return client.post(f"/apis/{api}/try", {"path_values": [{"name": "number", "value": "1"}], **body})


def test_an_api_of_tls_alone(world):
    api = publish(world, "tried_tls", auth_type="NONE", auth_opt=None, req_protocol="HTTPS")
    answer = attempt(world.client, api, domain=HOST)
    assert (answer.status, answer.json["status"]) == (200, 200) and answer.json["sent"]["url"].startswith(f"https://{HOST}/")


def test_it_is_no_proxy(world, api):
    """Nothing but the API itself can be reached, and nobody says who he is but by his proof."""
    client = world.client
    for body, named in [({"domain": "127.0.0.2"}, "domain"), ({"domain": "other.example.com"}, "domain"), ({"query": "a b"}, "query"), ({"query": "a#b"}, "query"),
                        ({"headers": [{"name": "Host", "value": "other"}]}, "headers[0].name"), ({"headers": [{"name": "X-Forwarded-For", "value": "10.0.0.1"}]}, "headers[0].name"),
                        ({"headers": [{"name": "Connection", "value": "upgrade"}]}, "headers[0].name"), ({"headers": [{"name": "A B", "value": ""}]}, "headers[0].name"),
                        ({"headers": [{"name": "X-A", "value": "a\r\nX-B: c"}]}, "headers[0].value"), ({"method": "CONNECT"}, "method"),
                        ({"proof": "sdk-hmac-sha256"}, "key"), ({"proof": "sdk-hmac-sha256", "key": "k"}, "secret"), ({"path_values": []}, "path_values"),
                        ({"proof": "api-key", "key": "k", "key_source": "HEADER"}, "key_name")]:
        answer = attempt(client, api, **body)
        assert answer.status == 400 and named in answer.message, (body, answer.text)
    assert attempt(client, api, env_id="0" * 32).code == "APIG.3003"
    assert attempt(client, api, proof="sdk-hmac-sha256", key="nobody", use_stored_secret=True).code == "APIG.3902"
    plain = client.made("/apis", {"name": "never_published", "group_id": world.group, "type": 1, "req_method": "GET", "req_uri": "/never", "auth_type": "NONE",
                                  "backend_type": "MOCK", "mock_info": {"result_content": "x"}})["id"]
    assert client.post(f"/apis/{plain}/try", {}).code == "APIG.3015"
    assert attempt(client, "0" * 32).code == "APIG.3002"


def test_another_gateway_is_not_reached_by_this_ones_listener(world):
    client = world.client
    other = client.signed("POST", client.project, b'{"instance_name": "elsewhere"}').json["instance_id"]
    base = f"{client.project}/{other}"

    def made(path, body):
        answer = client.signed("POST", base + path, json.dumps(body).encode())
        assert answer.status == 201, answer.text
        return answer.json

    group = made("/api-groups", {"name": "elsewhere"})["id"]
    api = made("/apis", {"name": "elsewhere", "group_id": group, "type": 1, "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/", "auth_type": "NONE",
                         "backend_type": "MOCK", "mock_info": {"result_content": "x"}})["id"]
    made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": api})
    answer = client.signed("POST", f"{base}/apis/{api}/try", b"{}")
    assert (answer.status, answer.code) == (412, "APIG.3977") and f"add {other}=http://127.0.0.1:PORT to --gateway" in answer.message


def test_who_may_try_and_who_may_use_a_secret(world, api, caller):
    for name, role, may_try, may_sign in [("try_auditor", "auditor", False, False), ("try_apis", "api_owner", True, False), ("try_apps", "app_owner", False, False),
                                          ("try_all", "operator", True, True)]:
        make_user(world.client, name, [{"role": role}], password=PASSWORD)
        client = session_client(world.client, name, PASSWORD)
        assert attempt(client, api).status == (200 if may_try else 403), name
        assert attempt(client, api, proof="sdk-hmac-sha256", key=caller.key, use_stored_secret=True).status == (200 if may_sign else 403), name
