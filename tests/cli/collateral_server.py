"""An HTTP server that serves collateral as Intel's and AMD's services do, or misbehaves on request. Standard library."""
import http.server
import socket
import ssl
import struct
import threading
import time
import urllib.parse


def answer(body, status=200, **headers):
    """A plain answer. Header names: underscores stand for dashes."""
    def respond(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
    return respond


def truncated(body):
    def respond(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:len(body) // 2])
        handler.close_connection = True
    return respond


def stalled(body, after_headers=True):
    def respond(handler):
        if after_headers:
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body[:len(body) // 2])
            handler.wfile.flush()
        handler.server.released.wait(30)
        handler.close_connection = True
    return respond


def dripping(body):
    def respond(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        for byte in body:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            if handler.server.released.wait(0.1):
                break
    return respond


def reset():
    def respond(handler):
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()
        handler.close_connection = True
    return respond


def endless_body():
    def respond(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for _ in range(100000):
            handler.wfile.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
    return respond


def endless_headers():
    def respond(handler):
        handler.send_response(200)
        handler.flush_headers()
        for number in range(100000):
            handler.wfile.write(b"X-%d: " % number + b"y" * 1000 + b"\r\n")
    return respond


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.requests.append((self.path, dict(self.headers)))
        path = urllib.parse.urlsplit(self.path).path
        route = self.server.routes.get(path, answer(b"no such thing", 404))
        if isinstance(route, list):  # one behaviour after the other, the last one from then on
            route = route.pop(0) if len(route) > 1 else route[0]
        try:
            route(self)
        except OSError:
            self.close_connection = True

    def do_CONNECT(self):  # asked as a proxy
        self.server.requests.append((self.path, dict(self.headers)))
        answer(b"no", 403)(self)

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    """routes: path -> behaviour, or a list of them. requests: what was asked, in order."""
    daemon_threads = True

    def __init__(self, routes=None, certificate=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.routes = dict(routes or {})
        self.requests = []
        self.released = threading.Event()
        self.scheme = "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.scheme = "https"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, request, client_address):
        pass

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    def close(self):
        self.released.set()
        self.shutdown()
        self.server_close()
