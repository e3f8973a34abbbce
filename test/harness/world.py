"""The whole product in one place: daemon, nginx with several workers, a recording backend, and the API that a journey calls.

    with World() as world: app = world.app("alice"); assert world.call(app).status == 200
"""
import os
import shutil
import threading

from harness import signing
from harness.management import Daemon
from harness.tree import free_port
from harness.up import open_folder
from backends import Backend
from nginx import Nginx
from wire import Wire

RELEASE = "DEFAULT_ENVIRONMENT_RELEASE_ID"
HOST = "journey.example.com"
PATH = "/orders"


class App:
    def __init__(self, answer):
        self.id, self.key, self.secret = answer["id"], answer["app_key"], answer["app_secret"]

    def request(self, method="GET", path=PATH, body=b""):
        fields = signing.sdk_hmac_fields(method, HOST, path, (self.key, self.secret), body)
        return signing.raw(method, path, fields, body)


class World:
    def __init__(self, workers=4, store=None, backend=None, quiet=False, **settings):
        """`backend`: one of another kind; quiet: no access log; folder; tls_listener: [https://…] that `server` makes; settings: those of Nginx."""
        self.folder = settings.pop("folder", None) or open_folder()
        self.backend = backend or Backend()
        arguments = ("--group", "nogroup") if os.geteuid() == 0 else ()
        arguments += tuple(settings.pop("arguments", ()))
        settings["port"] = free_port()
        arguments += ("--gateway", ",".join([f"http://127.0.0.1:{settings['port']}", *settings.pop("tls_listener", ())]))
        self.daemon = Daemon(self.folder / "data", store=store, arguments=arguments).start()
        self.client = self.daemon.client
        # The header tells which worker answered; without reuseport (nginx.py sets it) one worker would take all connections.
        self.nginx = Nginx(self.folder / "nginx", self.folder / "data", workers=workers, instance=self.client.admin["instance_id"],
                           http="add_header X-Worker $pid always;" + settings.pop("http", ""),
                           server="keepalive_requests 1000000000;" + "access_log off;" * quiet + settings.pop("server", ""), **settings).start()
        self.workers = workers
        self.group = self.client.made("/api-groups", {"name": "journey"})["id"]
        self.client.made(f"/api-groups/{self.group}/domains", {"url_domain": HOST})
        self.api, self.publication = self.publish("orders", PATH)

    def publish(self, name, path, authority=None, **more):
        """(API id, publication id) of an API for signing callers."""
        authority = authority or self.backend.authority
        api = self.client.made("/apis", {
            "name": name, "group_id": self.group, "type": 1, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": path,
            "match_mode": "SWA", "auth_type": "APP", "backend_type": "HTTP",
            "backend_api": {"url_domain": authority, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": path, "timeout": 5000, **more},
        })["id"]
        return api, self.client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": api})["publish_id"]

    def app(self, name, authorised=True):
        app = App(self.client.made("/apps", {"name": name}))
        if authorised:
            app.authorisation = self.authorise(app)
        return app

    def authorise(self, app):
        return self.client.made("/app-auths", {"env_id": RELEASE, "app_ids": [app.id], "api_ids": [self.api]})["auths"][0]["id"]

    def sign_key(self, name, **fields):
        key = self.client.made("/signs", {"name": name, "sign_type": "hmac", **fields})
        return key["id"], self.client.made("/sign-bindings", {"sign_id": key["id"], "publish_ids": [self.publication]})["bindings"][0]["id"]

    def connections(self):
        """A connection to each worker: {pid: Wire}."""
        found = {}
        for _ in range(500):
            wire = Wire(self.nginx.port)
            wire.send(signing.bare("nobody.example.com", "/"))
            pid = wire.answer()["X-Worker"]
            if pid in found:
                wire.socket.close()
            else:
                found[pid] = wire
            if len(found) == self.workers:
                return found
        raise AssertionError(f"only {len(found)} of {self.workers} workers answered")

    def call(self, app, **request):
        with Wire(self.nginx.port) as wire:
            wire.send(app.request(**request))
            return wire.answer()

    def close(self):
        try:
            self.nginx.stop()
        finally:
            self.daemon.stop()
            self.backend.close()
            shutil.rmtree(self.folder)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def on_every_worker(connections, request):
    """The answers of all workers to one request, sent to all before the first answer is read."""
    for wire in connections.values():
        wire.send(request)
    return [wire.answer() for wire in connections.values()]


class Traffic:
    """Requests of one caller all the time, in the background: every answer that is not 200 is lost."""

    def __init__(self, world, app):
        self.world, self.app, self.answered, self.lost, self.running = world, app, 0, [], True
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        try:
            while self.running:
                with Wire(self.world.nginx.port) as wire:
                    while self.running and self.one(wire):
                        pass
        except (OSError, AssertionError) as problem:
            self.lost.append(problem)

    def one(self, wire):
        """False: nginx has said that it closes this connection now (keepalive_requests), which loses nothing."""
        wire.send(self.app.request())
        answer = wire.answer()
        if answer.status == 200:
            self.answered += 1
        else:
            self.lost.append(answer.status)
        return answer.all("Connection") != ["close"]

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.running = False
        self.thread.join(20)
