"""Configurations that would open a hole do not start."""
import re
import struct

import pytest
import scene
from edges import Edge
from nginx import Nginx
from tree import MODULE


@pytest.fixture
def folder():
    import shutil
    path = scene.folder()
    yield path
    shutil.rmtree(path)


def check(folder, **settings):
    edge = Edge(folder / "data").open()
    edge.close()
    return Nginx(folder / "nginx", folder / "data", **settings).check()


def replace(before, after):
    def edit(text):
        assert before in text
        return text.replace(before, after)
    return edit


def test_the_shipped_configuration_is_accepted(folder):
    accepted, said = check(folder)
    assert accepted, said


PASS = "proxy_pass http://countersign_backend;"
BALANCER = "countersign_balancer idle=256 timeout=55s;"


@pytest.mark.parametrize("edit, why", [
    (replace("countersign on;", "countersign on; satisfy any;"), "satisfy any"),
    (replace(BALANCER, BALANCER + " keepalive 16;"), "has its own pool"),
    (replace(BALANCER, "keepalive 16; " + BALANCER), "only balancing directive"),
    (replace(BALANCER, BALANCER + " random;"), "no servers in upstream"),
    (replace(BALANCER, BALANCER + " random; server 127.0.0.1:1;"), "countersign_balancer"),
    (replace(BALANCER, BALANCER + " server 127.0.0.1:1;"), "takes its servers from the edge"),
    (replace(BALANCER, "countersign_balancer idle=many;"), "none of idle=NUMBER, timeout=TIME"),
    (replace(BALANCER, "countersign_balancer timeout=0;"), "none of idle=NUMBER, timeout=TIME"),
    (replace(PASS, "proxy_pass http://countersign_backend/path;"), "proxy_pass"),
    (replace(PASS, "proxy_pass http://127.0.0.1:9;"), "countersign_balancer"),
    (replace(PASS, "proxy_pass http://$countersign_host;"), "countersign_balancer"),
    (replace(PASS, PASS + " proxy_method POST;"), "proxy_method"),
    (replace(PASS, PASS + " proxy_set_body x;"), "proxy_set_body"),
    (replace(PASS, PASS + " proxy_pass_request_headers off;"), "proxy_pass_request_headers"),
    (replace(PASS, PASS + " proxy_pass_request_body off;"), "proxy_pass_request_body"),
    (replace(PASS, PASS + " proxy_set_header X-Countersign-App x;"), "proxy_set_header"),
    (replace(PASS, PASS + " proxy_set_header x_request_id x;"), "proxy_set_header"),
    (replace(PASS, PASS + " proxy_set_header authorization x;"), "proxy_set_header"),
    *[(replace(PASS, PASS + f" proxy_set_header {name} x;"), "proxy_set_header") for name in (
        "X-Sdk-Date", "X-Sdk-Content-Sha256", "X-Bce-Gateway-Auth", "X-Bce-Content-Sha256", "X-Ca-Timestamp", "x-ca-proxy-signature-headers")],
    (replace("proxy_set_header Host       $countersign_host;", ""), "$countersign_host"),
    (replace("proxy_set_header Host       $countersign_host;", "proxy_set_header Host $host;"), "$countersign_host"),
    (replace("proxy_set_header Connection $countersign_connection;", "proxy_set_header Connection $http_connection;"), "$countersign_conn"),
    (replace("countersign_edge ", "#"), "countersign_edge"),
    (replace("countersign_keys ", "#"), "countersign_keys"),
    (replace("countersign_instance ", "#"), "countersign_instance"),
    (replace(PASS, PASS + " location /inner { fastcgi_pass 127.0.0.1:9; }"), "countersign_balancer"),
])
def test_refused(folder, edit, why):
    accepted, said = check(folder, edit=edit)
    assert not accepted and why in said, said


def test_a_cache_is_refused(folder):
    accepted, said = check(folder, http="proxy_cache_path cache keys_zone=z:1m;", location="proxy_cache z;")
    assert not accepted and "proxy_cache" in said, said


@pytest.mark.parametrize("name", ["node.key", "pepper.key"])
@pytest.mark.parametrize("content", [None, "", "zz" * 36, "00" * 35])
def test_keys_must_be_there_and_whole(folder, name, content):
    edge = Edge(folder / "data").open()
    edge.close()
    path = folder / "data/keys" / name
    path.unlink()
    if content is not None:
        path.write_text(content)
        path.chmod(0o600)
    accepted, said = Nginx(folder / "nginx", folder / "data").check()
    assert not accepted and name in said, said


def test_checking_a_configuration_touches_no_edge(folder):
    edge = Edge(folder / "data").open()
    edge.close()
    for path in (folder / "data/edge").iterdir():
        path.unlink()
    accepted, said = Nginx(folder / "nginx", folder / "data").check()
    assert accepted, said
    assert not list((folder / "data/edge").iterdir())


def test_a_module_of_another_nginx_is_not_loaded(folder):
    """It is built for one version; what an operator leaves behind when nginx changes does not run by chance."""
    whole = MODULE.read_bytes()
    head = b"\xff" * 16 + bytes(24)  # struct ngx_module_s: two indexes, a name that the loader fills in, two spares, the version
    versions = {found.end(): struct.unpack_from("<Q", whole, found.end())[0] for found in re.finditer(head, whole[:-8])}
    [(place, version)] = [(place, version) for place, version in versions.items() if version // 1000 == 1022]
    (folder / "other.so").write_bytes(whole[:place] + struct.pack("<Q", version - 1) + whole[place + 8:])
    accepted, said = check(folder, edit=replace(str(MODULE), str(folder / "other.so")))
    assert not accepted and f"version {version - 1} instead of {version}" in said, said
