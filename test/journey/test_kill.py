"""The daemon dies without a word: traffic goes on, and nothing that it answered is lost."""
import signal
import threading

import pytest

from harness.world import App, Traffic, World

WRITES = 1000
WRITERS = 4


@pytest.fixture
def world():
    with World(workers=2) as world:
        yield world


def test_traffic_goes_on_without_the_daemon(world):
    app, stranger = world.app("goes_on"), App({"id": "", "app_key": "unknown_key", "app_secret": "unknown_secret"})
    with Traffic(world, app) as traffic:
        world.daemon.stop(signal.SIGKILL)
        for _ in range(200):
            assert world.call(app).status == 200
            assert world.call(stranger).status == 401
        # A worker that starts now has only the edge: the master starts one for each that is killed.
        world.daemon.start()
        assert world.call(app).status == 200
    assert traffic.lost == [] and traffic.answered > 0
    assert world.client.delete(f"/app-auths/{app.authorisation}").status == 204
    assert world.call(app).status == 403


class Writer(threading.Thread):
    """Makes apps until the daemon is gone. `asked`: all names it tried; `answered`: what it was told is there."""

    def __init__(self, world, number, half):
        super().__init__(daemon=True)
        self.world, self.number, self.half, self.asked, self.answered = world, number, half, [], []

    def run(self):
        for index in range(WRITES // WRITERS):
            name = f"w{self.number}_{index}"
            self.asked.append(name)
            try:
                answer = self.world.client.post("/apps", {"name": name})
            except OSError:
                return
            if answer.status != 201:
                return
            self.answered.append(App(answer.json))
            if self.number == 0 and index == WRITES // WRITERS // 2:
                self.half.set()


def every_app(client):
    found, offset = {}, 0
    while True:
        page = client.get("/apps", offset=offset, limit=500).json
        found.update({app["id"]: app for app in page["apps"]})
        offset += page["size"]
        if offset >= page["total"]:
            return found


def test_every_answered_write_is_there_and_the_edge_agrees(world):
    half = threading.Event()
    writers = [Writer(world, number, half) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    assert half.wait(60)
    world.daemon.stop(signal.SIGKILL)
    for writer in writers:
        writer.join(60)
    answered = [app for writer in writers for app in writer.answered]
    assert 0 < len(answered) < WRITES  # it died in the middle
    world.daemon.start()

    stored = every_app(world.client)
    assert [app.id for app in answered if app.id not in stored] == []
    # Not asked for is not there either; what was asked for and not answered may be.
    asked = {name for writer in writers for name in writer.asked}
    assert {app["name"] for app in stored.values()} <= asked

    # The edge knows exactly the keys that the store has: an unauthorised app is 403, an unknown key 401.
    for app in answered:
        assert world.call(app).status == 403
    # The secret of one whose answer never came is lost with it, but the gateway tells a wrong secret from an unknown key.
    for app in stored.values():
        guess = world.call(App({**app, "app_secret": "a-wrong-guess"}))
        assert guess.status == 401 and b"verify signature fail" in guess.body, app
    unknown = world.call(App({"id": "", "app_key": "unknown_key", "app_secret": "a-wrong-guess"}))
    assert unknown.status == 401 and b"app not found" in unknown.body
