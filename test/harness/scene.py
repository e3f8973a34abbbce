"""Gateway, edge and backend together, with the callers that most tests need. Every scheme is admitted everywhere."""
import shutil
import tempfile
from pathlib import Path

import edges
import wire
from backends import Backend
from nginx import HOST, Nginx

ALICE = edges.app("alice")
MALLORY = edges.app("mallory")
BOB = edges.consumer("bob")
CAROL = edges.consumer("carol")
DAVE = edges.consumer("dave")

PAIR = ("alice-app-key", "alice-app-secret-0123456789abcdef")
MALLORY_PAIR = ("mallory-app-key", "mallory-app-secret-0123456789abcd")
BOB_KEY = "bob-presents-this-in-authorization"
CAROL_KEY = "carol-presents-this-in-a-header"
DAVE_KEY = "dave-presents-this-in-the-query"
ALICE_CODE = "alice/presents+this=as-her-AppCode_!@#$%"
MALLORY_CODE = "mallory-presents-this-as-an-AppCode"
SIGN_PAIR = ("backend_sign_key", "backend_sign_secret_0123456789")

PLACES = [edges.place("aliyun-ca", name="x-ca-key", prefix=""), edges.place("sdk-hmac-sha256", prefix="SDK-HMAC-SHA256"), edges.place(), *edges.bce_places(),
          *edges.app_code_places(),
          edges.place(name="x-api-key", prefix=""), edges.place(location="query", name="apikey", prefix="")]
ALL = (ALICE, BOB, CAROL, DAVE)
BACKEND_HOST = "backend.internal"
SIGNED_HOST = "signed.example.com"
OPEN_HOST = "open.example.com"


def folder():
    """A folder of this test run that nginx's workers, who are nobody, can enter."""
    path = Path(tempfile.mkdtemp(prefix="countersign-gateway-"))
    path.chmod(0o755)
    return path


def api(name, host, backend, prefix="/", **publication):
    """The records of an API that takes everything below `prefix` on a host of its own."""
    target = {"host": BACKEND_HOST, **backend}
    records = [edges.host(host, f"group-{name}"), edges.routes(f"group-{name}", ("ANY", prefix, name, True)),
               edges.addresses(target["authority"], *target.pop("addresses", [])),
               edges.publication(name, target, **{"places": PLACES, **publication})]
    return records + [edges.authorisation(name, principal) for principal in ALL]


def callers():
    return [edges.key_pair(*PAIR, ALICE), edges.key_pair(*MALLORY_PAIR, MALLORY), edges.api_key(BOB_KEY, BOB),
            edges.api_key(CAROL_KEY, CAROL, place_name="x-api-key", place_prefix=""),
            edges.api_key(DAVE_KEY, DAVE, location="query", place_name="apikey", place_prefix=""),
            edges.app_code(ALICE_CODE, ALICE), edges.app_code(MALLORY_CODE, MALLORY), edges.signature_key("sign", *SIGN_PAIR)]


class Scene:
    """HOST is a plain API; SIGNED_HOST one whose requests are countersigned; OPEN_HOST one of auth_type NONE."""

    def __init__(self, **settings):
        self.folder = folder()
        self.backend = settings.pop("backend", None) or Backend()
        self.edge = edges.Edge(self.folder / "data").open()
        authority = {"authority": self.backend.authority}
        self.edge.put(*callers(), *api("plain", HOST, authority), *api("signed", SIGNED_HOST, authority, signature_key="sign"),
                      *api("open", OPEN_HOST, authority, auth_type="NONE", places=[]), *settings.pop("records", lambda scene: [])(self))
        for name, setting in settings.items():  # a setting may depend on the scene: give a function of it
            if callable(setting) and name != "edit":
                settings[name] = setting(self)
        self.nginx = Nginx(self.folder / "nginx", self.folder / "data", **settings)
        self.nginx.start()
        self.port = self.nginx.port

    def ask(self, method, target, fields=(), body=None):
        return wire.ask(self.port, method, target, fields, body)

    def wire(self):
        return wire.Wire(self.port)

    def close(self):
        try:
            self.nginx.stop()
        finally:
            self.edge.close()
            self.backend.close()
            shutil.rmtree(self.folder, ignore_errors=True)


def bob(host=HOST, **more):
    return {"Host": host, "Authorization": f"Bearer {BOB_KEY}", **more}
