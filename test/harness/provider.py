"""The operator's provider of SMS and e-mail: what takes the letters of the webhook of codes (docs/operate/step-up.md)."""
import http.server
import queue
import threading


class Provider(http.server.ThreadingHTTPServer):
    """Keeps what is posted to it; answers what it is told to."""

    def __init__(self, context=None):
        super().__init__(("127.0.0.1", 0), Handler)
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.letters, self.answers = queue.Queue(), []
        self.url = f"{'https' if context else 'http'}://localhost:{self.server_port}/codes?from=gateway"
        self.thread = threading.Thread(target=self.serve_forever)
        self.thread.start()

    def letter(self, seconds=20):
        return self.letters.get(timeout=seconds)

    def close(self):
        self.shutdown()
        self.thread.join()
        self.server_close()

    def handle_error(self, request, client_address):
        pass  # a client that does not trust the certificate ends the handshake


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.letters.put((self.path, dict(self.headers), body))
        status = self.server.answers.pop(0) if self.server.answers else 204
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *arguments):
        pass
