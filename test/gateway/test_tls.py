"""TLS towards backends: several identities on one address never share a connection."""
import shutil
import ssl
from pathlib import Path

import callers
import edges
import pytest
import wire
from backends import Backend
from certificates import Authority
from scene import SIGN_PAIR, Scene, folder


@pytest.fixture(scope="module")
def scene():
    keys = folder()
    right, other, system = Authority(keys, "right-ca"), Authority(keys, "other-ca"), Authority(keys, "system-ca")
    one, two = right.issue("one.internal"), right.issue("two.internal")
    backend = Backend(certificate=one, server_names={"two.internal": two, "public.internal": system.issue("public.internal")})
    records = []
    for name, more in {
            "one": {"host": "one.internal", "ca_certificates": right.pem}, "two": {"host": "two.internal:443", "ca_certificates": right.pem},
            "wrong-ca": {"host": "one.internal", "ca_certificates": other.pem},
            "wrong-name": {"host": "three.internal", "ca_certificates": right.pem},
            "system-ca": {"host": "one.internal"}, "public": {"host": "public.internal"},
            "own-ca-alone": {"host": "public.internal", "ca_certificates": right.pem},
            "no-ca": {"host": "one.internal", "ca_certificates": "no certificate at all"},
            "cut-ca": {"host": "one.internal", "ca_certificates": right.pem + right.pem[:200]},
            "unverified": {"host": "anything.internal", "verify_certificate": False}}.items():
        target = {"kind": "https", "authority": backend.authority, "verify_certificate": True, **more}
        records += [edges.host(f"{name}.example.com", f"group-{name}"), edges.routes(f"group-{name}", ("ANY", "/", name, True)),
                    edges.publication(name, target, auth_type="NONE", places=[], signature_key="sign")]
    scene = Scene(records=lambda whole: [*records, edges.addresses(backend.authority)], main="env SSL_CERT_FILE;",
                  environment={"SSL_CERT_FILE": str(system.certificate)})
    scene.tls = backend
    yield scene
    scene.close()
    backend.close()
    shutil.rmtree(keys)


def ask(scene, name):
    return wire.ask(scene.port, "GET", "/a", {"Host": f"{name}.example.com"}).status


def test_name_and_certificate_are_checked(scene):
    assert ask(scene, "one") == 200
    received = scene.tls.only()
    assert received["Host"] == "one.internal" and scene.tls.server_names[-1] == "one.internal"
    callers.assert_countersigned(received, SIGN_PAIR, "one.internal")
    assert ask(scene, "two") == 200
    assert scene.tls.only()["Host"] == "two.internal:443" and scene.tls.server_names[-1] == "two.internal"
    for name in ("wrong-ca", "wrong-name", "system-ca"):
        assert ask(scene, name) == 502
    assert not scene.tls.take()


def test_the_systems_authorities_count_where_an_api_names_none(scene):
    assert ask(scene, "public") == 200
    assert ask(scene, "own-ca-alone") == 502
    assert len(scene.tls.take()) == 1


def test_an_idle_connection_of_one_identity_is_no_ones_else(scene):
    """Stock keepalive looks at the address only: after the first request all of these would be 200 over its connection."""
    for _ in range(3):
        assert ask(scene, "unverified") == 200
        assert ask(scene, "wrong-ca") == 502
        assert ask(scene, "wrong-name") == 502
        assert ask(scene, "one") == 200
        assert ask(scene, "two") == 200
    scene.tls.take()


def test_connections_are_kept_per_identity(scene):
    for name in ("one", "two"):
        ask(scene, name)
    before = scene.tls.connections
    for _ in range(5):
        assert ask(scene, "one") == 200 and ask(scene, "two") == 200
    assert scene.tls.connections == before
    scene.tls.take()


@pytest.mark.parametrize("name", ["no-ca", "cut-ca"])
def test_certificates_that_cannot_be_read_connect_nothing(scene, name):
    scene.tls.take()
    assert ask(scene, name) == 500
    assert not scene.tls.take()
    assert "its CA certificates cannot be used" in scene.nginx.error_log()


def test_a_changed_ca_retires_the_connections(scene):
    assert ask(scene, "one") == 200
    target = {"kind": "https", "authority": scene.tls.authority, "verify_certificate": True, "host": "one.internal"}
    scene.edge.put(edges.publication("one", target, auth_type="NONE", places=[]))
    assert ask(scene, "one") == 502
    scene.tls.take()


@pytest.fixture(scope="module")
def addressed():
    """Backends that are called by their addresses: with the right certificate, that of another address, and one where the address is a name."""
    keys = folder()
    (keys / "other").mkdir()
    authority, other = Authority(keys, "address-ca"), Authority(keys / "other", "another-ca")
    certificates = {"right": authority.issue("127.0.0.1", "IP"), "another": authority.issue("127.0.0.2", "IP"),
                    "as-a-name": authority.issue("127.0.0.1"), "other-ca": other.issue("127.0.0.1", "IP"), "six": authority.issue("::1", "IP")}
    backends, records = {}, []
    for name, certificate in certificates.items():
        backend = backends[name] = Backend(certificate=certificate)
        for suffix, more in (("", {}), ("-unverified", {"verify_certificate": False})):
            host = backend.authority if name != "six" else f"[::1]:{backend.port}"
            target = {"kind": "https", "authority": backend.authority, "host": host, "verify_certificate": True, "ca_certificates": authority.pem, **more}
            records += [edges.host(f"{name}{suffix}.example.com", f"group-{name}{suffix}"),
                        edges.routes(f"group-{name}{suffix}", ("ANY", "/", f"{name}{suffix}", True)),
                        edges.publication(f"{name}{suffix}", target, auth_type="NONE", places=[])]
        records.append(edges.addresses(backend.authority))
    scene = Scene(records=lambda whole: records)
    yield scene, backends
    scene.close()
    for backend in backends.values():
        backend.close()
    shutil.rmtree(keys)


def test_an_address_must_stand_in_the_certificate_as_one(addressed):
    scene, backends = addressed
    for _ in range(2):  # the second time a session could be resumed
        for name, backend in backends.items():
            assert ask(scene, name) == (200 if name in ("right", "six") else 502), name
            assert ask(scene, f"{name}-unverified") == 200, name
            backend.take()
    assert not any(backends["right"].server_names), "an address is no name to be sent (RFC 6066, 3)"


@pytest.fixture(scope="module")
def mutual():
    """A backend that wants a client certificate of one authority, behind a gateway that has one."""
    keys = folder()
    servers, clients = Authority(keys, "server-ca"), Authority(keys, "client-ca")
    backend = Backend(certificate=servers.issue("mutual.internal"))
    backend.context.verify_mode = ssl.CERT_REQUIRED
    backend.context.load_verify_locations(clients.certificate)
    certificate, key = clients.issue("gateway.internal")
    records = []
    for name, shows in {"shows": True, "hides": False}.items():
        target = {"kind": "https", "authority": backend.authority, "verify_certificate": True, "host": "mutual.internal",
                  "ca_certificates": servers.pem, "client_certificate": shows}
        records += [edges.host(f"{name}.example.com", f"group-{name}"), edges.routes(f"group-{name}", ("ANY", "/", name, True)),
                    edges.publication(name, target, auth_type="NONE", places=[])]
    settings = {"records": lambda whole: [*records, edges.addresses(backend.authority)]}
    scene = Scene(server=f"countersign_client_certificate {certificate} {key};", **settings)
    scene.tls, scene.without = backend, Scene(**settings)
    yield scene
    scene.without.close()
    scene.close()
    backend.close()
    shutil.rmtree(keys)


def test_a_client_certificate_is_shown_to_whom_it_is_for(mutual):
    for _ in range(3):
        assert ask(mutual, "shows") == 200
        assert ask(mutual, "hides") == 502, "not over the connection of the other"
    assert len(mutual.tls.take()) == 3


def test_without_one_nothing_is_connected(mutual):
    assert ask(mutual.without, "shows") == 500
    assert "there is no \"countersign_client_certificate\"" in mutual.without.nginx.error_log()
    assert not mutual.tls.take()


@pytest.fixture(scope="module")
def several():
    """Two backends that want client certificates of two authorities, behind a gateway with one for the first, one for all others."""
    keys = folder()
    (keys / "second").mkdir()
    servers, clients = Authority(keys, "server-ca"), [Authority(keys, "client-ca"), Authority(keys / "second", "other-client-ca")]
    backends, records = [], []
    for name, authority in zip(("first.internal", "second.internal"), clients):
        backend = Backend(certificate=servers.issue(name))
        backend.context.verify_mode = ssl.CERT_REQUIRED
        backend.context.load_verify_locations(authority.certificate)
        backends.append(backend)
        target = {"kind": "https", "authority": backend.authority, "verify_certificate": True, "host": f"{name}:443", "ca_certificates": servers.pem,
                  "client_certificate": True}
        records += [edges.host(f"{name}.example.com", f"group-{name}"), edges.routes(f"group-{name}", ("ANY", "/", name, True)),
                    edges.publication(name, target, auth_type="NONE", places=[]), edges.addresses(backend.authority)]
    pairs = [" ".join(map(str, authority.issue("gateway.internal"))) for authority in clients]
    yield lambda text: Scene(server=text.format(*pairs), records=lambda whole: records), pairs
    for backend in backends:
        backend.close()
    shutil.rmtree(keys)


@pytest.mark.parametrize("text, statuses", [
    ("countersign_client_certificate {0} other.internal FIRST.internal; countersign_client_certificate {1};", (200, 200)),
    ("countersign_client_certificate {0} first.internal; countersign_client_certificate {1} second.internal;", (200, 200)),
    ("countersign_client_certificate {1} first.internal; countersign_client_certificate {0};", (502, 502)),
    ("countersign_client_certificate {0} first.internal;", (200, 500)),
    ("countersign_client_certificate {1} first.internal.example second;", (500, 500)),
])
def test_each_backend_is_shown_its_own_certificate(several, text, statuses):
    make, _ = several
    scene = make(text)
    try:
        for _ in range(2):
            assert tuple(ask(scene, name) for name in ("first.internal", "second.internal")) == statuses
    finally:
        scene.close()


@pytest.mark.parametrize("text", ["countersign_client_certificate {0}; countersign_client_certificate {1};",
                                  "countersign_client_certificate {0} a.internal b.internal; countersign_client_certificate {1} B.internal;"])
def test_one_certificate_a_host(mutual, several, text):
    configuration = mutual.nginx.configuration
    whole = configuration.read_text()
    try:
        configuration.write_text(whole.replace("countersign_client_certificate", text.format(*several[1]) + " countersign_client_certificate"))
        accepted, says = mutual.nginx.check()
        assert not accepted and "has a certificate for this host already" in says
    finally:
        configuration.write_text(whole)


def renew(pair, source):
    for file, other in zip(pair, source):
        file.write_bytes(other.read_bytes())


def test_another_certificate_is_shown_after_a_reload_and_its_key_is_kept_nowhere(several):
    make, pairs = several
    wrong, right = ([Path(name) for name in pairs[index].split()] for index in (1, 0))
    keys = folder()
    shown = [keys / "client.pem", keys / "client.key"]
    try:
        renew(shown, wrong)
        shown[1].chmod(0o600)  # root's alone: the workers are nobody
        scene = make(f"countersign_client_certificate {shown[0]} {shown[1]} first.internal;")
        try:
            assert ask(scene, "first.internal") == 502
            renew(shown, right)
            assert ask(scene, "first.internal") == 502
            scene.nginx.reload()
            assert ask(scene, "first.internal") == 200
            secret = right[1].read_text().splitlines()[1].encode()
            left = [path for path in scene.folder.rglob("*") if path.is_file() and path != shown[1]]
            assert len(left) > 3 and not [path for path in left if secret in path.read_bytes()]
        finally:
            scene.close()
    finally:
        shutil.rmtree(keys)


@pytest.mark.parametrize("mode, accepted", [(0o600, True), (0o640, True), (0o604, False), (0o644, False)])
def test_a_key_that_others_may_read_is_no_key(mutual, mode, accepted):
    directive = next(line for line in mutual.nginx.configuration.read_text().split(";") if "countersign_client_certificate" in line)
    key = Path(directive.split()[-1])
    try:
        key.chmod(mode)
        assert mutual.nginx.check()[0] == accepted
        assert accepted or "names a key that others may read" in mutual.nginx.check()[1]
    finally:
        key.chmod(0o600)
