"""Dates by a time-stamping authority: OpenSSL's `ts` is the authority, and the second implementation."""
import base64
import datetime
import hashlib
import json
import time
import unittest

from harness import Case
from tsa import Authority, Server


def later(text, seconds):
    moment = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ") + datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Stamped(Case):
    def setUp(self):
        super().setUp()
        self.run_loans()
        self.bundle = self.tmp / "out/claims.intoto.jsonl"
        self.policy = self.starting_policy(self.bundle)
        self.tsa = Authority(self.tmp / "tsa")

    def stamp(self, authority=None, *more, code=0):
        """By files, as for an authority that is asked by hand."""
        self.run_program("timestamp", self.bundle, "--request", "q.tsq")
        (self.tmp / "a.tsr").write_bytes((authority or self.tsa).answer((self.tmp / "q.tsq").read_bytes()))
        return self.run_program("timestamp", self.bundle, "--token", "a.tsr", *more, code=code)

    def with_policy(self, as_of, *authorities):
        text = self.policy.read_text()
        self.assertIn("[trust]\n", text)
        text = "\n".join(line for line in text.splitlines() if not line.startswith("as-of")) + "\n"
        text = text.replace("[trust]\n", f"[trust]\nas-of = {as_of}\n")
        for i, authority in enumerate(authorities):
            text += f'\n[[time-authority]]\nname = "authority {i}"\nroot = "{authority.root_key_id()}"\n'
        path = self.tmp / f"dated-{len(list(self.tmp.glob('dated-*.toml')))}.toml"
        path.write_text(text)
        return path

    def verify(self, policy, *more, code=0):
        return self.run_json("verify", self.bundle, "--policy", policy, *more, code=code)

    def test_a_bundle_gets_a_date_and_is_judged_by_it(self):
        before = self.bundle.read_text()
        note = self.stamp(None, "--tsa-root", self.tsa.root)
        self.assertIn("by the word of CN=Test TSA", note.stderr)
        self.assertEqual(note.stdout, "")
        # The statements and their signatures are what they were.
        def bare(text):
            lines = [json.loads(line) for line in text.splitlines()]
            for line in lines:
                line["signatures"][0].pop("timestamps", None)
            return lines
        self.assertEqual(bare(self.bundle.read_text()), bare(before))

        policy = self.with_policy('"stamped"', self.tsa)
        report = self.verify(policy)
        self.assertEqual((report["verdict"], report["asOf"]["word"]), ("accepted", "clock"))
        date = report["asOf"]["existedBy"]
        self.assertEqual(report["asOf"]["authorities"], ["authority 0"])
        time.sleep(max(0.0, 3 - (datetime.datetime.now(datetime.timezone.utc).timestamp()
                                 - datetime.datetime.fromisoformat(date.replace("Z", "+00:00")).timestamp())))
        report = self.verify(policy, "--at", "stamp")
        self.assertEqual(report["time"], date)
        self.assertEqual((report["asOf"]["earlier"], report["asOf"]["word"]), (True, "time stamp"))
        self.verify(policy, "--at", date)
        report = self.verify(policy, "--at", later(date, -1), code=6)
        self.assertEqual(self.failed(report), {"policy.as_of"})
        # The word of who asks is enough where the policy says so, and never where it wants a stamp.
        self.verify(self.with_policy("true", self.tsa), "--at", later(date, -1))
        self.verify(self.with_policy("false", self.tsa), "--at", date, code=6)
        text = self.run_program("verify", self.bundle, "--policy", policy, "--at", "stamp").stdout
        self.assertIn("every line existed by " + date + ", by the word of authority 0 (CN=Test TSA)", text)
        self.assertIn("not as of now, by the word of the time stamps of authority 0", text)
        ear = json.loads(self.run_program("verify", self.bundle, "--policy", policy, "--at", "stamp", "--ear").stdout)
        claims = next(iter(ear["submods"].values()))["ear_verifier_claims"]
        self.assertEqual(claims["as_of"]["existedBy"], date)

    def test_an_authority_can_be_named_on_the_command_line(self):
        self.stamp()
        time.sleep(3)
        policy = self.with_policy('"stamped"')
        report = self.verify(policy, "--at", "stamp", code=5)
        self.assertEqual(report["error"]["id"], "bundle.undated")
        self.verify(policy, "--at", "stamp", "--tsa-root", self.tsa.root)
        stranger = Authority(self.tmp / "stranger", "Stranger")
        self.verify(policy, "--at", "stamp", "--tsa-root", stranger.root, code=5)

    def test_openssl_verifies_what_lies_in_the_bundle(self):
        self.stamp()
        lines = [json.loads(line) for line in self.bundle.read_text().splitlines()]
        # The tree, computed here from the specification.
        def pae(line):
            payload = base64.b64decode(line["payload"])
            kind = line["payloadType"].encode()
            return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
        nodes = [hashlib.sha256(b"\0" + pae(x) + base64.b64decode(x["signatures"][0]["sig"])).digest() for x in lines]
        def root(leaves):
            if len(leaves) == 1:
                return leaves[0]
            k = 1
            while k * 2 < len(leaves):
                k *= 2
            return hashlib.sha256(b"\1" + root(leaves[:k]) + root(leaves[k:])).digest()
        (self.tmp / "t.tsr").write_bytes(base64.b64decode(lines[0]["signatures"][0]["timestamps"][0]["token"]))
        self.tsa.openssl("ts", "-verify", "-digest", root(nodes).hex(), "-in", self.tmp / "t.tsr", "-CAfile",
                         self.tsa.root)

    def test_what_the_authority_says_is_checked_before_the_bundle_is_touched(self):
        before = self.bundle.read_bytes()
        stranger = Authority(self.tmp / "stranger", "Stranger")
        out = self.stamp(stranger, "--tsa-root", self.tsa.root, code=5)
        self.assertIn("timestamp.chain", out.stderr)
        # Of another bundle.
        self.run_program("timestamp", self.bundle, "--request", "q.tsq")
        (self.tmp / "a.tsr").write_bytes(self.tsa.answer((self.tmp / "q.tsq").read_bytes()))
        one_less = self.tmp / "less.intoto.jsonl"
        one_less.write_text("".join(line + "\n" for line in before.decode().splitlines()[1:]))
        out = self.run_program("timestamp", one_less, "--token", "a.tsr", code=5)
        self.assertIn("timestamp.mismatch", out.stderr)
        # No time stamp at all.
        (self.tmp / "a.tsr").write_bytes(b"<html>")
        self.assertIn("timestamp.der", self.run_program("timestamp", self.bundle, "--token", "a.tsr", code=3).stderr)
        (self.tmp / "a.tsr").write_bytes(bytes.fromhex("30053003020102"))
        self.assertIn("timestamp.status", self.run_program("timestamp", self.bundle, "--token", "a.tsr", code=5).stderr)
        self.assertEqual(self.bundle.read_bytes(), before)
        self.assertEqual([p.name for p in self.bundle.parent.iterdir() if p.name.startswith(".")], [])

    def test_a_damaged_time_stamp_refuses_the_bundle(self):
        self.stamp()
        lines = [json.loads(line) for line in self.bundle.read_text().splitlines()]
        stamps = lines[0]["signatures"][0].pop("timestamps")
        lines[1]["signatures"][0]["timestamps"] = stamps
        self.bundle.write_text("".join(json.dumps(line) + "\n" for line in lines))
        report = self.verify(self.with_policy("true", self.tsa), code=5)
        self.assertEqual(report["error"]["id"], "timestamp.mismatch")

    def test_a_second_authority_and_no_ninth(self):
        for _ in range(8):
            self.stamp()
        before = self.bundle.read_bytes()
        self.assertIn("envelope.timestamp", self.stamp(code=2).stderr)
        self.assertEqual(self.bundle.read_bytes(), before)
        self.assertEqual(self.verify(self.with_policy("true", self.tsa))["verdict"], "accepted")

    def serve(self, answer):
        server = Server(answer)
        self.addCleanup(server.close)
        return server

    def test_an_authority_is_asked_by_its_address(self):
        server = self.serve(self.tsa.answer)
        note = self.run_program("timestamp", self.bundle, "--tsa", server.url, "--tsa-root", self.tsa.root)
        self.assertIn("by the word of CN=Test TSA", note.stderr)
        path, headers, body = server.requests[0]
        self.assertEqual((path, headers["Content-Type"]), ("/tsa", "application/timestamp-query"))
        asked = self.tsa.openssl("ts", "-query", "-in", self.tsa.folder / "question.tsq", "-text").decode()
        self.assertIn("Certificate required: yes", asked)
        self.assertNotIn("Nonce: unspecified", asked)
        self.assertEqual((self.tsa.folder / "question.tsq").read_bytes(), body)
        self.assertEqual(self.verify(self.with_policy("true", self.tsa))["asOf"]["authorities"], ["authority 0"])
        # Another nonce each time.
        self.run_program("timestamp", self.bundle, "--tsa", server.url)
        self.assertNotEqual(server.requests[1][2], body)

    def test_an_authority_that_does_not_answer_the_question(self):
        before = self.bundle.read_bytes()
        self.run_program("timestamp", self.bundle, "--request", "q.tsq")
        without_nonce = self.tsa.answer((self.tmp / "q.tsq").read_bytes())
        tries = []
        def busy_once(question):
            tries.append(question)
            return 503 if len(tries) == 1 else 500
        cases = [(lambda _: without_nonce, 5, "timestamp.nonce"), (lambda _: b"<html>", 3, "timestamp.der"),
                 (lambda _: bytes.fromhex("30053003020102"), 5, "timestamp.status"),
                 (lambda _: b"0" * (65 * 1024), 3, "fetch.size"), (lambda _: 404, 7, "fetch.not_found"),
                 (lambda _: 302, 5, "fetch.redirect"), (busy_once, 7, "fetch.server")]
        for answer, code, error in cases:
            out = self.run_program("timestamp", self.bundle, "--tsa", self.serve(answer).url, "--attempts", "2",
                                   "--timeout", "20", code=code)
            self.assertIn(error, out.stderr)
            self.assertEqual(self.bundle.read_bytes(), before, error)
        self.assertEqual(len(tries), 2)
        out = self.run_program("timestamp", self.bundle, "--tsa", "http://127.0.0.1:9/", "--attempts", "1", code=7)
        self.assertIn("fetch.connect", out.stderr)
        self.run_program("timestamp", self.bundle, "--tsa", "ftp://127.0.0.1/", code=2)
        out = self.run_program("timestamp", self.bundle, "--tsa", "http://me:hunter2@127.0.0.1:9/", code=2)
        self.assertIn("[fetch.url]", out.stderr)
        self.assertNotIn("hunter2", out.stderr)
        self.assertEqual(self.bundle.read_bytes(), before)

    def test_usage(self):
        self.run_program("timestamp", self.bundle, code=2)
        self.run_program("timestamp", self.bundle, "--request", "a", "--token", "b", code=2)
        self.run_program("timestamp", self.tmp / "none", "--request", "a", code=7)
        (self.tmp / "junk").write_text("junk\n")
        self.run_program("timestamp", "junk", "--request", "a", code=3)
        self.assertFalse((self.tmp / "a").exists())
        out = self.run_program("verify", self.bundle, "--policy", self.policy, "--tsa-root", "junk", code=2)
        self.assertIn("cli.tsa_root", out.stderr)
        out = self.run_program("verify", self.bundle, "--policy", self.policy, "--tsa-root", self.tsa.folder / "tsa.pem",
                               code=2)
        self.assertIn("a root is", out.stderr)
        # To another file: the bundle stays as it is.
        before = self.bundle.read_bytes()
        self.stamp(None, "-o", "dated.intoto.jsonl")
        self.assertEqual(self.bundle.read_bytes(), before)
        self.assertIn(b"rfc3161", (self.tmp / "dated.intoto.jsonl").read_bytes())


if __name__ == "__main__":
    unittest.main()
