"""HTTP/2 spoken frame by frame, its fields never compressed: what no client library would send (RFC 9113, RFC 7541)."""
import socket
import struct

DATA, HEADERS, RESET, SETTINGS, GOAWAY, CONTINUATION = 0, 1, 3, 4, 7, 9
END_STREAM, END_HEADERS, ACK = 1, 4, 1


def text(value):
    value = value.encode("latin-1") if isinstance(value, str) else value
    if len(value) < 127:
        return bytes([len(value)]) + value
    rest, out = len(value) - 127, [127]
    while rest >= 128:
        out.append(rest % 128 + 128)
        rest //= 128
    return bytes([*out, rest]) + value


def block(fields):
    """Each field a literal that is never indexed, with a name of its own."""
    return b"".join(b"\x10" + text(name) + text(value) for name, value in fields)


def pseudo(method, path, authority):
    return [(":method", method), (":scheme", "http"), (":path", path), (":authority", authority)]


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


class Wire2:
    def __init__(self, port, timeout=10):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0, b""))
        self.received = b""

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.socket.close()

    def ask(self, stream, fields, body=None, more=b""):
        data = b"" if body is None else frame(DATA, END_STREAM, stream, body)
        self.socket.sendall(frame(HEADERS, END_HEADERS | (END_STREAM if body is None else 0), stream, block(fields)) + data + more)
        return self

    def read(self, length):
        while len(self.received) < length:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionResetError
            self.received += data
        taken, self.received = self.received[:length], self.received[length:]
        return taken

    def ends(self, stream):
        """True once the stream was ended or reset by the other side, its data read over; for a stream whose status was read."""
        try:
            while True:
                head = self.read(9)
                self.read(int.from_bytes(head[:3], "big"))
                if int.from_bytes(head[5:9], "big") & 0x7fffffff == stream and (head[3] == RESET or head[4] & END_STREAM):
                    return True
        except (ConnectionResetError, BrokenPipeError):
            return True

    def status(self, stream):
        """The answer's status; None when the stream or the connection was reset. Statuses are indexed, or literals of three digits."""
        indexed = {0x88: 200, 0x89: 204, 0x8a: 206, 0x8b: 304, 0x8c: 400, 0x8d: 404, 0x8e: 500}
        try:
            while True:
                head = self.read(9)
                payload = self.read(int.from_bytes(head[:3], "big"))
                kind, of = head[3], int.from_bytes(head[5:9], "big") & 0x7fffffff
                if kind == SETTINGS and not head[4] & ACK:
                    self.socket.sendall(frame(SETTINGS, ACK, 0, b""))
                if kind == GOAWAY or (kind == RESET and of == stream):
                    return None
                if kind == HEADERS and of == stream:
                    payload = payload.lstrip(b"\x20")  # size updates of the table
                    return indexed.get(payload[0]) or int(payload[2:2 + payload[1]])
        except (ConnectionResetError, BrokenPipeError):
            return None
