"""A backend that records what reaches it, byte for byte, and answers 200 with the recording. Over TLS when it is given a certificate."""
import json
import socket
import ssl
import threading


class Received:
    """One request as it came in."""

    def __init__(self, line, fields, body, framing):
        self.method, self.target, _ = line.split(" ", 2)
        self.line = line
        self.fields = fields
        self.body = body
        self.framing = framing

    def all(self, name):
        """Every value whose name a CGI-like program would take for `name`."""
        plain = name.lower().replace("_", "-").replace(".", "-")
        return [value for key, value in self.fields if key.lower().replace("_", "-").replace(".", "-") == plain]

    def __getitem__(self, name):
        values = self.all(name)
        assert len(values) == 1, (name, self.fields)
        return values[0]

    def names(self):
        return [key.lower() for key, _ in self.fields]


class Backend:
    """`answer`: a function from Received to (status, fields, body), to answer otherwise."""

    def __init__(self, certificate=None, answer=None, server_names=None):
        self.requests = []
        self.answer = answer or (lambda received: (200, {"X-Backend": "yes"}, json.dumps(received.line).encode()))
        self.connections = 0
        self.server_names = []
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
            self.context.sni_callback = self.choose(server_names or {})
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.authority = f"127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def choose(self, certificates):
        contexts = {}
        for name, pair in certificates.items():
            contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            contexts[name].load_cert_chain(*pair)

        def callback(connection, name, _context):
            self.server_names.append(name)
            if name in contexts:
                connection.context = contexts[name]
        return callback

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            self.connections += 1
            with connection, connection.makefile("rb") as stream:
                while self.one(connection, stream):
                    pass
        except (OSError, ValueError):
            pass

    def one(self, connection, stream):
        line = stream.readline().decode("latin-1").rstrip("\r\n")
        if not line:
            return False
        received = Received(line, *self.rest(stream))
        self.requests.append(received)
        status, fields, body = self.answer(received)
        if status is None:
            return False
        head = [f"HTTP/1.1 {status} Said"] + [f"{name}: {value}" for name, value in fields.items()]
        if "Content-Length" not in fields:
            head.append(f"Content-Length: {len(body)}")
        connection.sendall("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + (b"" if received.method == "HEAD" else body))
        return True

    def rest(self, stream):
        fields = []
        while line := stream.readline().decode("latin-1").rstrip("\r\n"):
            name, value = line.split(":", 1)
            fields.append((name, value.strip()))
        lower = {name.lower(): value for name, value in fields}
        if lower.get("transfer-encoding") == "chunked":
            return fields, self.chunks(stream), "chunked"
        length = int(lower.get("content-length", 0))
        return fields, stream.read(length), "length" if "content-length" in lower else "none"

    @staticmethod
    def chunks(stream):
        body = b""
        while size := int(stream.readline().split(b";")[0], 16):
            body += stream.read(size)
            stream.readline()
        stream.readline()
        return body

    def take(self):
        """What came since the last call."""
        taken, self.requests = self.requests, []
        return taken

    def only(self):
        taken = self.take()
        assert len(taken) == 1, [received.line for received in taken]
        return taken[0]

    def close(self):
        self.listener.close()
