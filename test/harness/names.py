"""A name server on the loopback that says what a test wants: answers["name"] = (ttl, "1.2.3.4", …); None: it fails; no entry: no such name."""
import socket
import struct
import threading

A, AAAA = 1, 28


class NameServer:
    def __init__(self):
        self.answers = {}
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                question, sender = self.socket.recvfrom(512)
                reply = self.reply(question)
                if reply:
                    self.socket.sendto(reply, sender)
            except OSError:
                return

    def reply(self, question):
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode().lower())
            at += 1 + question[at]
        name, kind = ".".join(labels), struct.unpack(">H", question[at + 1:at + 3])[0]
        self.asked.append(name)
        answer = self.answers.get(name, ())
        if answer == "silence":
            return b""
        ttl, addresses = (answer[0], answer[1:]) if answer else (0, ())
        family = socket.AF_INET6 if kind == AAAA else socket.AF_INET
        packed = [socket.inet_pton(family, one) for one in addresses if (":" in one) == (kind == AAAA)] if kind in (A, AAAA) else []
        code = 2 if answer is None else 0 if addresses else 3
        head = question[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(packed), 0, 0)
        records = [b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, ttl, len(one)) + one for one in packed]
        return head + question[12:at + 5] + b"".join(records)

    def close(self):
        self.socket.close()
