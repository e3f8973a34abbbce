"""Slow callers and slow backends beside quick ones: requests that come in a byte at a time, answers that are read a little at a time, backends
that take their time. Every one of them is answered as stock nginx answers it, and the quick ones notice nothing."""
import collections
import random
import socket
import threading
import time

from bed import HOST, Bed, no_more_failed, none_wrong, told
from backends import Backend
from harness import signing

SLOW_PATH, LARGE = "/slow", 4 << 20


def answer(received):
    """?wait=seconds, ?large=1 for an answer that a slow reader will not have soon."""
    query = dict(part.split("=") for part in received.target.partition("?")[2].split("&") if part)
    time.sleep(float(query.get("wait", 0)))
    return 200, {"X-Backend": "slow"}, b"x" * (LARGE if "large" in query else 10)


def trickle(connection, data, step, pause):
    for at in range(0, len(data), step):
        connection.sendall(data[at:at + step])
        time.sleep(pause)


def read_all(connection, size, pause):
    """The status, once everything that was announced has come."""
    received = b""
    while True:
        data = connection.recv(size)
        if not data:
            return "cut"
        received += data
        head, mark, body = received.partition(b"\r\n\r\n")
        if mark:
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            if len(body) >= length:
                return int(head[9:12])
        time.sleep(pause)


def one(port, key, kind, chance):
    """Plays one slow caller; its outcome."""
    fields = {"Host": HOST, "Authorization": f"Bearer {key}"}
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        connection.settimeout(60)
        if kind == "head":
            trickle(connection, signing.raw("GET", SLOW_PATH, fields), 3, 0.02)
        elif kind == "body":
            trickle(connection, signing.raw("POST", SLOW_PATH, fields, b"y" * 2000), 100, 0.05)
        elif kind == "backend":
            connection.sendall(signing.raw("GET", f"{SLOW_PATH}?wait={chance.uniform(0.5, 3):.2f}", fields))
        elif kind == "reader":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
            connection.sendall(signing.raw("GET", f"{SLOW_PATH}?large=1", fields))
            return read_all(connection, 65536, 0.02)
        else:
            connection.sendall(signing.raw("POST", SLOW_PATH, fields, b"y" * 2000)[:-1000])
            return "gone"  # in the middle of a body
        return read_all(connection, 65536, 0)


class Slow(threading.Thread):
    KINDS = ("head", "body", "backend", "reader", "leaves")

    def __init__(self, port, key, end):
        super().__init__(daemon=True)
        self.port, self.key, self.end, self.outcomes, self.chance = port, key, end, collections.Counter(), random.Random()

    def run(self):
        while time.monotonic() < self.end:
            kind = self.chance.choice(self.KINDS)
            try:
                outcome = one(self.port, self.key, kind, self.chance)
            except OSError as problem:
                outcome = type(problem).__name__
            self.outcomes[f"{kind}: {outcome}"] += 1


def play(seconds):
    slow_backend = Backend(answer=answer)
    with Bed(stock_settings={"server": f"location {SLOW_PATH} {{ proxy_pass http://{slow_backend.authority}; proxy_request_buffering off; }}"}) as bed:
        bed.add_keys()
        api, _ = bed.world.publish("slow", SLOW_PATH, slow_backend.authority)
        made = bed.world.client.made("/consumers", {"name": "slow", "api_key": {"generate_mode": "CUSTOM", "source": "BEARER", "value": "key-of-the-slow-one-0123"}})
        bed.world.client.made("/consumer-auths", {"env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "consumer_ids": [made["id"]], "api_ids": [api]})
        end = time.monotonic() + seconds
        slow = {port: [Slow(port, "key-of-the-slow-one-0123", end) for _ in range(40)] for port in (bed.world.nginx.port, bed.stock.port)}
        with bed.gateway_callers(4) as ours, bed.stock_callers(4) as stock:
            for one_of_them in sum(slow.values(), []):
                one_of_them.start()
            for one_of_them in sum(slow.values(), []):
                one_of_them.join(seconds + 120)
    slow_backend.close()
    outcomes = [sum((each.outcomes for each in threads), collections.Counter()) for threads in slow.values()]
    assert set(outcomes[0]) <= {f"{kind}: 200" for kind in Slow.KINDS} | {"leaves: gone"} | set(outcomes[1]), outcomes
    none_wrong(ours.account)
    no_more_failed(ours.account, stock.account)
    return {"seconds": seconds, "slow callers at once": 40, "gateway, slow": dict(outcomes[0]), "stock nginx, slow": dict(outcomes[1]),
            "gateway, quick": told(ours.account), "stock nginx, quick": told(stock.account)}
