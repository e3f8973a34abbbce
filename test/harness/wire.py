"""HTTP/1.1 spoken byte by byte: what no client library would send, and answers exactly as they come."""
import socket


class Answer:
    def __init__(self, status, fields, body):
        self.status = status
        self.fields = fields
        self.body = body

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def __getitem__(self, name):
        values = self.all(name)
        assert len(values) == 1, (name, self.status, self.fields)
        return values[0]


class Wire:
    """One connection."""

    def __init__(self, port, timeout=20):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.received = b""

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def read_more(self):
        data = self.socket.recv(65536)
        self.received += data
        return bool(data)

    def read_until(self, mark):
        while mark not in self.received:
            assert self.read_more(), f"the connection ended, received {self.received!r}"
        head, self.received = self.received.split(mark, 1)
        return head

    def read_exactly(self, length):
        while len(self.received) < length:
            assert self.read_more(), f"the connection ended within {length} bytes"
        body, self.received = self.received[:length], self.received[length:]
        return body

    def read_chunked(self):
        body = b""
        while True:
            size = int(self.read_until(b"\r\n").split(b";")[0], 16)
            body += self.read_exactly(size)
            self.read_until(b"\r\n")
            if size == 0:
                return body

    def answer(self, method="GET"):
        lines = self.read_until(b"\r\n\r\n").split(b"\r\n")
        status = int(lines[0].split()[1])
        pairs = [line.split(b":", 1) for line in lines[1:]]
        fields = [(name.decode("latin-1"), value.strip().decode("latin-1")) for name, value in pairs]
        answer = Answer(status, fields, b"")
        if status == 100 or method == "HEAD" or status in (204, 304):
            return answer
        if answer.all("Transfer-Encoding"):
            answer.body = self.read_chunked()
        elif answer.all("Content-Length"):
            answer.body = self.read_exactly(int(answer["Content-Length"]))
        else:
            while self.read_more():
                pass
            answer.body, self.received = self.received, b""
        return answer

    def is_closed(self):
        """The other side has said all it will ever say."""
        try:
            return not self.received and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True


def request(method, target, fields=(), body=None, length=True):
    """The bytes of a request; `fields` is a dict or a list of pairs."""
    pairs = list(fields.items()) if isinstance(fields, dict) else list(fields)
    if body is not None and length:
        pairs.append(("Content-Length", str(len(body))))
    head = [f"{method} {target} HTTP/1.1"] + [f"{name}: {value}" for name, value in pairs]
    return "\r\n".join(head).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + (body or b"")


def chunked(body, size):
    """A body in chunks of `size` bytes, its end included."""
    chunks = [body[i:i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def ask(port, method, target, fields=(), body=None):
    """One request on a connection of its own."""
    with Wire(port) as wire:
        wire.send(request(method, target, fields, body))
        return wire.answer(method)
