"""What a caller says in headers never counts as what the gateway says, in no spelling and by no trick."""
import callers
import pytest
import wire
from nginx import HOST
from scene import ALICE, BOB_KEY, PAIR, SIGN_PAIR, SIGNED_HOST, bob
from test_bodies import as_curl, curl2

LIES = ["X-Countersign-App", "x_countersign_app", "X.Countersign.App", "X-COUNTERSIGN_APP", "x-countersign-anything", "X-Mse-Consumer",
        "X_Mse_Consumer", "x.mse-consumer", "X-Mse-Consumer-Group", "X-Request-Id", "x_request_id", "X-Ca-Proxy-Signature",
        "X-Ca-Proxy-Signature-Headers", "X-Bce-Gateway-Auth", "X_Bce_Gateway_Auth", "Proxy-Connection"]
LENIENT = "ignore_invalid_headers off; underscores_in_headers on;"


@pytest.fixture(scope="module")
def lenient():
    """nginx itself drops names with '_' and '.' as a rule; here it does not, so that only the module stands in between."""
    from scene import Scene
    scene = Scene(http=LENIENT)
    yield scene
    scene.close()


@pytest.mark.parametrize("name", LIES)
def test_names_of_ours_are_taken_off_in_every_spelling(lenient, name):
    lie = "I am root"
    for host in (HOST, SIGNED_HOST):
        answer = lenient.ask("GET", "/a", [("Host", host), (name, lie), ("Authorization", f"Bearer {BOB_KEY}"), (name.upper(), lie)])
        assert answer.status == 200
        received = lenient.backend.only()
        assert lie not in [value for _, value in received.fields], received.fields
        assert received["X-Mse-Consumer"] == "bob" and received["X-Request-Id"] == answer["X-Request-Id"]
        if host == SIGNED_HOST:
            callers.assert_countersigned(received, SIGN_PAIR, "backend.internal")


@pytest.mark.parametrize("line", ["X-Countersign-App : {}", "X-Countersign-App\t: {}", " X-Countersign-App: {}", "X: y\r\n X-Countersign-App: {}", "X-Countersign-App\0: {}"])
def test_a_name_with_a_blank_is_no_name_of_ours(lenient, line):
    with lenient.wire() as connection:
        connection.send(wire.request("GET", "/a", bob())[:-2] + line.format("I am root").encode() + b"\r\n\r\n")
        status = connection.answer().status
    received = lenient.backend.take()
    assert len(received) == (status == 200) and status in (200, 400)
    assert not [name for one in received for name, _ in one.fields if "countersign-app" in name.lower()]


@pytest.mark.parametrize("name", ["X-Sdk-Date", "x_sdk_date", "X.Sdk.Date", "X-Sdk-Content-Sha256", "X_Sdk_Content_Sha256"])
def test_signature_headers_of_the_caller_do_not_mix_with_ours(lenient, name):
    answer = lenient.ask("PUT", "/a", {**bob(SIGNED_HOST), name: "UNSIGNED-PAYLOAD"}, b"body")
    assert answer.status == 200
    received = lenient.backend.only()
    callers.assert_countersigned(received, SIGN_PAIR, "backend.internal")


@pytest.mark.parametrize("name", ["x_ca_key", "X.Ca.Key", "x_ca_signature", "X_Ca_Nonce"])
def test_other_spellings_of_the_proof_go_with_it(lenient, name):
    fields = callers.aliyun("GET", "/a", HOST, PAIR)
    assert lenient.ask("GET", "/a", {**fields, name: "alias"}).status == 200
    assert not [value for value in lenient.backend.only().fields if value[1] == "alias"]


@pytest.mark.parametrize("connection", ["X-Countersign-App", "close, X-Countersign-App", "X-Request-Id, Authorization, X-Sdk-Date", "upgrade"])
def test_connection_strips_nothing_of_ours(gateway, connection):
    fields = callers.sdk("GET", "/a", SIGNED_HOST, PAIR)
    answer = gateway.ask("GET", "/a", {**fields, "Connection": connection})
    assert answer.status == 200
    received = gateway.backend.only()
    assert received["X-Countersign-App"] == ALICE["id"]
    assert connection not in received.all("Connection")
    callers.assert_countersigned(received, SIGN_PAIR, "backend.internal")


def test_http2_names_and_crumbs(gateway):
    url = f"http://127.0.0.1:{gateway.nginx.http2_port}/a"
    fields = {**callers.sdk("GET", "/a", SIGNED_HOST, PAIR), "x-countersign-app": "root", "x-mse-consumer": "root", "proxy-connection": "close",
              "Cookie": "a=1"}
    assert curl2(gateway, *as_curl(fields), url)[0] == 200
    received = gateway.backend.only()
    assert received["X-Countersign-App"] == ALICE["id"] and not received.all("X-Mse-Consumer") and received["Cookie"] == "a=1"
    assert not received.all("Proxy-Connection")
    callers.assert_countersigned(received, SIGN_PAIR, "backend.internal")


def test_forwarded_headers_decide_nothing(gateway):
    lies = {"X-Forwarded-Host": "open.example.com", "Forwarded": "host=open.example.com", "X-Original-URL": "/open", "X-Rewrite-URL": "/open",
            "X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "X-Forwarded-Proto": "https"}
    assert gateway.ask("GET", "/a", {"Host": HOST, **lies}).status == 401
    assert not gateway.backend.take()


@pytest.mark.parametrize("host", [HOST, HOST.upper() + ":8080", HOST + ".", HOST + ".:80"])
def test_the_absolute_form_names_the_host_that_the_field_names(gateway, host):
    assert gateway.ask("GET", f"http://{HOST}/a?x=1", bob(host=host)).status == 200
    assert gateway.backend.only().target == "/a?x=1"


@pytest.mark.parametrize("host", ["open.example.com", HOST + "m", HOST[:-1], "gw", "", "x." + HOST])
def test_a_host_that_was_signed_counts_for_no_other(gateway, host):
    """Routed by the target, signed by the field: a captured request could be sent to another group's API."""
    assert gateway.ask("GET", f"http://{HOST}/a", bob(host=host)).status == 400
    signed = callers.sdk("GET", "/a", HOST, PAIR)
    assert gateway.ask("GET", f"http://{SIGNED_HOST}/a", signed).status == 400
    assert not gateway.backend.take()


@pytest.mark.parametrize("upgrade, sent", [("websocket", "websocket"), ("h2c", None), ("websocket, h2c", None)])
def test_only_websocket_is_an_upgrade(gateway, upgrade, sent):
    assert gateway.ask("GET", "/a", {**bob(), "Connection": "Upgrade", "Upgrade": upgrade}).status == 200
    received = gateway.backend.only()
    assert received.all("Upgrade") == ([sent] if sent else [])
    assert received.all("Connection") == (["upgrade"] if sent else [])


def test_bytes_beyond_ascii_open_nothing(gateway):
    with gateway.wire() as connection:
        connection.send(b"GET /a HTTP/1.1\r\nHost: gw.example.com\r\nX-Api-Key: \x80\xff\r\nX-Other: \xfe\r\n\r\n")
        assert connection.answer().status == 401
        connection.send(b"GET /a HTTP/1.1\r\nHost: \xff\xfe\r\nX-Api-Key: a\r\n\r\n")
        answer = connection.answer()
    assert answer.status in (400, 404)
    assert not gateway.backend.take()


def test_large_headers(gateway):
    """Up to what nginx lets in, four times 32 KiB; the arena of a request grows with it."""
    wide = {f"X-Wide-{number}": "v" * 30_000 for number in range(3)}
    assert gateway.ask("GET", "/a", {**bob(), **wide}).status == 200
    assert len(gateway.backend.only()["X-Wide-2"]) == 30_000
    many = {f"X-Many-{number}": "1" for number in range(900)}
    signed = callers.sdk("GET", "/a", HOST, PAIR, extra=wide)
    assert gateway.ask("GET", "/a", signed).status == 200
    assert gateway.ask("GET", "/a", {**signed, "X-Wide-0": "w" * 30_000}).status == 401
    assert gateway.ask("GET", "/a", {**bob(), **many}).status in (200, 400)
    assert gateway.ask("GET", "/a", {**bob(), "X-Too-Wide": "v" * 33_000}).status == 400
    gateway.backend.take()


def test_pass_through_keeps_the_credential(gateway):
    import edges
    from scene import BOB, DAVE, DAVE_KEY
    places = [edges.place(pass_through=True), edges.place(location="query", name="apikey", prefix="", pass_through=True)]
    gateway.edge.put(edges.host("pass.example.com", "group-pass"), edges.routes("group-pass", ("ANY", "/", "pass", True)),
                     edges.publication("pass", {"authority": gateway.backend.authority}, places=places),
                     edges.authorisation("pass", BOB), edges.authorisation("pass", DAVE))
    assert gateway.ask("GET", "/a", bob("pass.example.com")).status == 200
    assert gateway.backend.only()["Authorization"] == f"Bearer {BOB_KEY}"
    answer = gateway.ask("GET", f"/a?apikey={DAVE_KEY}", {"Host": "pass.example.com"})
    assert answer.status == 200 and gateway.backend.only().target == f"/a?apikey={DAVE_KEY}"
    assert DAVE_KEY not in str(gateway.nginx.logged(answer["X-Request-Id"]))
