"""Two nodes, each with its daemon, edge and gateway, and one store: what either of them tells is added to what the other told. Run by
test_two_nodes.py, which starts the PostgreSQL server."""
import os
import shutil
import subprocess
from types import SimpleNamespace

import pytest
from harness import stored
from harness.management import Client, Daemon
from harness.world import World
from nginx import Nginx
from test_feedback import eventually, metrics, series, total
from wire import Wire

POSTGRES = os.environ["COUNTERSIGN_TEST_POSTGRES"]


def second_node(first):
    """Of the same store, with copies of the keys that all nodes share (docs/operate/daemon.md)."""
    data = first.folder / "second"
    (data / "keys").mkdir(parents=True, mode=0o700)
    for name in ("store.key", "pepper.key"):
        shutil.copy(first.daemon.data / "keys" / name, data / "keys" / name)
    daemon = Daemon(data, store=first.daemon.store, arguments=first.daemon.arguments).start()
    client = Client(daemon.socket_path, first.client.admin)
    nginx = Nginx(first.folder / "second-nginx", data, workers=1, instance=client.admin["instance_id"]).start()
    return SimpleNamespace(daemon=daemon, client=client, nginx=nginx, api=first.api)


@pytest.fixture(scope="module")
def nodes():
    subprocess.run(["psql", "-q", "-h", POSTGRES, "-U", "countersign", "-c", "CREATE DATABASE two_nodes"], check=True)
    with World(workers=1, store=f"postgresql:///two_nodes?host={POSTGRES}&user=countersign") as first:
        second = second_node(first)
        yield first, second
        second.nginx.stop()
        second.daemon.stop()


def call(node, app, times=1):
    """The last answer; all of them have the same status."""
    with Wire(node.nginx.port) as wire:
        answers = []
        for _ in range(times):
            wire.send(app.request())
            answers.append(wire.answer())
    assert len({answer.status for answer in answers}) == 1
    return answers[-1]


def known_everywhere(nodes, app):
    """What one daemon answered is in its own edge; the other node's follows."""
    for node in nodes:
        eventually(lambda: call(node, app).status == 200)


def counted(node):
    return sum(point["requests"] for point in series(node, api_id=node.api))


def test_requests_of_both_nodes_add_up(nodes):
    app = nodes[0].app("both")
    known_everywhere(nodes, app)
    told = [total(metrics(node), "countersign_requests_total", outcome="accepted") for node in nodes]
    eventually(lambda: counted(nodes[0]) == sum(total(metrics(node), "countersign_requests_total", api=nodes[0].api) for node in nodes))
    before = counted(nodes[0])
    for round_, (here, there) in enumerate([(5, 7), (3, 4), (2, 0), (0, 6)]):
        if here:
            call(nodes[0], app, here)
        if there:
            call(nodes[1], app, there)
        before += here + there
        for node in nodes:  # both daemons say the same: it is one store
            eventually(lambda node=node: counted(node) >= before)
            assert counted(node) == before, f"round {round_}"
    grown = [total(metrics(node), "countersign_requests_total", outcome="accepted") - was for node, was in zip(nodes, told)]
    assert grown == [10, 17], "the metrics of a node are its own"


def last_used(node, app):
    return node.client.get(f"/apps/{app.id}/key-pairs").json["key_pairs"][0]["last_used"]


def test_the_latest_use_counts_whichever_node_saw_it(nodes):
    here, there, both = (nodes[0].app(name) for name in ("used_here", "used_there", "used_by_both"))
    for node, app in ((nodes[0], here), (nodes[1], there)):
        eventually(lambda node=node, app=app: call(node, app).status == 200)
        for other in nodes:
            eventually(lambda other=other, app=app: last_used(other, app) is not None)
    known_everywhere(nodes, both)
    eventually(lambda: last_used(nodes[0], both) is not None)
    pair = nodes[0].client.get(f"/apps/{both.id}/key-pairs").json["key_pairs"][0]["id"]
    for moment, stays in ((4102444800, True), (1000000000, False)):
        stored.change(nodes[0].daemon, f"UPDATE credential_use SET last_used = {moment} WHERE id = '{pair}'")
        was, before = last_used(nodes[1], both), counted(nodes[0])
        for node in nodes:
            forget_use(node)
            call(node, both)
        eventually(lambda before=before: counted(nodes[0]) >= before + 2)  # stored in one transaction with the uses
        assert (last_used(nodes[1], both) == was) == stays


def forget_use(node):
    """A worker tells a use once a minute: a new one tells it at once."""
    node.nginx.stop()
    node.nginx.start()


def listed(node, key):
    """Without those that the second node refused while it did not know the key yet."""
    query = {"key_id": key, "refusal": "signature_mismatch"}
    return {one["request_id"] for one in node.client.get("/refused-requests", **query).json["refused_requests"]}


def test_refused_requests_of_both_nodes_are_listed(nodes):
    app = nodes[0].app("refused_by_both")
    known_everywhere(nodes, app)
    key, app.secret = app.key, "not the secret"
    ids = set()
    for node in nodes:
        answer = call(node, app)
        assert answer.status == 401
        ids.add(answer["X-Request-Id"])
    for node in nodes:
        eventually(lambda node=node: listed(node, key) == ids)


def test_the_overview_of_each_shows_both(nodes):
    def shown(node):
        return {one["id"]: one for one in node.client.get("/overview").json["nodes"]}

    eventually(lambda: len(shown(nodes[0])) == 2 and shown(nodes[0]).keys() == shown(nodes[1]).keys())
    assert all(one["edge_revision"] > 0 and one["problem"] == "" for one in shown(nodes[1]).values())
