"""A proxy that changes a request on its way, after its client has signed it: the attacker in the middle.

One request per connection is enough for the signers under test. `change(head, body) -> (head, body)` works on raw bytes."""
import socket
import threading


def read_request(connection):
    """The head (with its empty line) and the body of one HTTP/1.1 request with a Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return None
        data += chunk
    head, body = data.split(b"\r\n\r\n", 1)
    length = next((int(line.split(b":", 1)[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n", body


def set_length(head, body):
    """The head with its Content-Length made right for `body`, so that a changed body is still well framed."""
    lines = [f"Content-Length: {len(body)}".encode() if line.lower().startswith(b"content-length:") else line for line in head.split(b"\r\n")]
    return b"\r\n".join(lines)


def read_all(connection):
    data = b""
    while chunk := connection.recv(65536):
        data += chunk
    return data


def said_to_close(response):
    """The response with Connection: close, which not every backend repeats: nobody must keep a connection that ends after it."""
    head, _, body = response.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body if response else response


class TamperingProxy:
    def __init__(self, target, change):
        self.target, self.change = target, change
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.seen = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._forward, args=(connection,), daemon=True).start()

    def _forward(self, connection):
        with connection:
            request = read_request(connection)
            if request is None:
                return
            self.seen.append(request)
            head, body = self.change(*request)
            head = b"\r\n".join(line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:"))
            head = head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
            with socket.create_connection(self.target, timeout=10) as upstream:
                upstream.sendall(head + body)
                connection.sendall(said_to_close(read_all(upstream)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()
