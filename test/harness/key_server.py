"""An HTTPS server of key sets on loopback, which does what a test says: answers, hangs, redirects, or never ends."""
import socket
import ssl
import threading
import time

from harness.certificates import Authority


class KeyServer:
    """`answers` by path: bytes to send, or a function that gets the connection; `requests` counts by path."""

    def __init__(self, folder, name="localhost", address=("127.0.0.1", 0), authority=None):
        folder.mkdir(parents=True, exist_ok=True)
        self.authority = authority or Authority(folder, "authority")
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*self.authority.issue(name))
        self.listener = socket.create_server(address)
        self.port = self.listener.getsockname()[1]
        self.answers, self.requests = {}, {}
        threading.Thread(target=self.run, daemon=True).start()

    @property
    def daemon_options(self):
        return ("--key-set-hosts", "localhost", "--key-set-ca", str(self.authority.certificate))

    def url(self, path, options=""):
        return f"https://localhost:{self.port}{path}{options}"

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            with self.context.wrap_socket(connection, server_side=True) as wire:
                path = wire.recv(65536).split(b" ")[1].decode()
                self.requests[path] = self.requests.get(path, 0) + 1
                answer = self.answers.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                answer(wire) if callable(answer) else wire.sendall(answer)
        except (OSError, IndexError):
            pass  # the daemon hung up, as it should

    def give(self, path, text, *fields, status="200 OK"):
        head = "".join(f"{field}\r\n" for field in ("Connection: close", *fields))
        self.answers[path] = f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\n{head}\r\n{text}".encode()

    def redirect(self, path, to):
        self.give(path, "", f"Location: {to}", status="302 Found")

    def flood(self, path, length=1 << 30, announced=True):
        """A gigabyte, with its length in front or not."""
        def answer(wire):
            wire.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + (b"Content-Length: %d\r\n" % length if announced else b"") + b"\r\n")
            for _ in range(length >> 16):
                wire.sendall(b"{" * 65536)
        self.answers[path] = answer

    def drip(self, path):
        """A byte now and then, for ever."""
        def answer(wire):
            wire.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            while True:
                wire.sendall(b" ")
                time.sleep(0.1)
        self.answers[path] = answer

    def hang_up(self, path):
        self.answers[path] = lambda wire: None

    def close(self):
        self.listener.close()


def wait_until(condition, what, seconds=40):
    """Polls; the value of `condition` once it is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"never: {what}")
