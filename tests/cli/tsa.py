"""A time-stamping authority: OpenSSL's own (`openssl ts`), with certificates made here."""
import http.server
import pathlib
import subprocess
import threading

CONFIG = """
[tsa]
default_tsa = tsa_config
[tsa_config]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
certs = {folder}/{certs}
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
other_policies = 1.3.6.1.4.1.99999.2
digests = sha256, sha384
accuracy = secs:1, millisecs:500
ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = {usage}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


class Authority:
    """Root and authority in FOLDER: root.pem, tsa.pem, tsa.key. RSA, as those that anybody can ask."""

    def __init__(self, folder, name="Test TSA", usage="critical, timeStamping", certs="root.pem"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.root = self.folder / "root.pem"
        self.config = self.folder / "tsa.cnf"
        self.config.write_text(CONFIG.format(folder=self.folder, usage=usage, certs=certs))
        (self.folder / "serial").write_text("01\n")
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out", "root.pem", "-days",
                     "3650", "-subj", f"/CN={name} root", "-extensions", "root", "-config", self.config)
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj",
                     f"/CN={name}", "-config", self.config)
        self.openssl("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial",
                     "-days", "3650", "-out", "tsa.pem", "-extfile", self.config, "-extensions", "leaf")

    def openssl(self, *arguments, **options):
        out = subprocess.run(["openssl", *map(str, arguments)], cwd=self.folder, capture_output=True, timeout=60,
                             check=False, **options)
        assert out.returncode == 0, (arguments, out.stderr.decode(errors="replace"))
        return out.stdout

    def answer(self, question):
        """The TimeStampResp to a TimeStampReq."""
        (self.folder / "question.tsq").write_bytes(question)
        self.openssl("ts", "-reply", "-config", self.config, "-queryfile", "question.tsq", "-out", "answer.tsr")
        return (self.folder / "answer.tsr").read_bytes()

    def root_key_id(self):
        key = self.openssl("x509", "-in", "root.pem", "-pubkey", "-noout")
        der = self.openssl("pkey", "-pubin", "-outform", "DER", input=key)
        return "sha256:" + self.openssl("dgst", "-sha256", "-r", input=der).decode().split()[0]


class Server:
    """An HTTP server whose answers are what `answer(body)` gives: bytes, or a status."""

    def __init__(self, answer):
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.requests.append((self.path, dict(self.headers), body))
                reply = answer(body)
                status, content = (reply, b"no") if isinstance(reply, int) else (200, reply)
                self.send_response(status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self):
                self.send_error(405)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/tsa"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
