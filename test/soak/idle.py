"""Ten thousand connections that are open and say nothing, at the gateway and at stock nginx: what they cost, and that callers beside them
notice nothing. Each has had one request answered, so all of them are kept alive."""
import multiprocessing
import socket
import time

from bed import Bed, memory_kb, no_more_failed, none_wrong, serving, told
from busy import length_of


SAMPLE = 50  # every so manieth is asked again


def answer(connection):
    received = b""
    while True:
        received += connection.recv(65536)
        head, mark, body = received.partition(b"\r\n\r\n")
        if mark and len(body) >= length_of(head):
            return int(head[9:12])


def open_idle(port, requests, count):
    """`count` connections, each of which has asked once."""
    found = []
    while len(found) < count:
        some = [socket.create_connection(("127.0.0.1", port), 20) for _ in range(min(200, count - len(found)))]
        for number, connection in enumerate(some):
            connection.sendall(requests[number % len(requests)][0])
        for connection in some:
            assert answer(connection) == 200
        found += some
    return found


def hold(port, requests, count, pipe):
    """A process of its own, since one may not have so many descriptors: opens them, and asks some again when it is told to."""
    idle = open_idle(port, requests, count)
    pipe.send("open")
    pipe.recv()
    answered = 0
    for connection in idle[::SAMPLE]:
        connection.sendall(requests[0][0])
        answered += answer(connection) == 200
    pipe.send(answered)


class Idle:
    def __init__(self, port, requests, count):
        self.pipe, other = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("fork").Process(target=hold, args=(port, requests, count, other), daemon=True)
        self.process.start()
        assert self.pipe.poll(300), "the connections are not open"
        self.pipe.recv()

    def still_answered(self):
        self.pipe.send("ask")
        assert self.pipe.poll(120), "no answer on idle connections"
        return self.pipe.recv()


def memory(master):
    return sum(memory_kb(pid) for pid in serving(master))


def play(count):
    def more(text):
        return text.replace("worker_connections 4096;", "worker_connections 15000;").replace("keepalive_timeout 75s;", "keepalive_timeout 600s;")
    with Bed(edit=more, stock_settings={"server": "keepalive_timeout 600s;"}) as bed:
        bed.add_keys()
        requests, before = bed.admitted(), [memory(master) for master in bed.masters]
        idle = [Idle(port, requests, count) for port in (bed.world.nginx.port, bed.stock.port)]
        cost = [(memory(master) - first) / count for master, first in zip(bed.masters, before)]
        with bed.gateway_callers() as ours, bed.stock_callers() as stock:
            time.sleep(20)
        kept = [one.still_answered() for one in idle]
    none_wrong(ours.account)
    no_more_failed(ours.account, stock.account)
    assert kept[0] == len(range(0, count, SAMPLE)), f"{kept} of the idle connections answer again"
    peak = 200 * 20 / count  # 200 requests at a time had a block of 16 KiB each, which the workers keep
    assert cost[0] <= cost[1] + 1 + peak, f"kB a connection: {cost}"
    return {"idle connections at each": count, "kB of worker memory for each: gateway, stock nginx": [round(one, 2) for one in cost],
            "gateway": told(ours.account), "stock nginx": told(stock.account)}
