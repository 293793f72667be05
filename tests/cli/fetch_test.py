"""`attestml collateral fetch` against servers that serve, rate-limit, truncate, stall and lie."""
import base64
import email.utils
import hashlib
import json
import os
import pathlib
import socket
import subprocess
import time
import unittest
import urllib.parse

import collateral_server as serve
from harness import BIN, LOANS, SHARED, Case, statements

VECTORS = SHARED / "vectors"


def tree(directory):
    """Every file of a directory with its digest; nothing when there is no directory."""
    directory = pathlib.Path(directory)
    return {str(file.relative_to(directory)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(directory.rglob("*")) if file.is_file()}


def quoted(pem):
    return urllib.parse.quote(pem.decode() if isinstance(pem, bytes) else pem, safe="")


class Fetching(Case):
    """What the tests share: a server, and how a fetch from it ended."""

    def setUp(self):
        super().setUp()
        self.server = serve.Server()
        self.addCleanup(self.server.close)

    def environment(self):
        out = {**super().environment(), "XDG_CACHE_HOME": str(self.tmp / "cache"), "HOME": str(self.tmp)}
        # Nothing here may ask anybody but the server: every proxy that a variable could name is a closed port.
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            out[name] = "http://127.0.0.1:9"
        for name in ("https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"):
            out.pop(name, None)
        return out

    def serve_intel(self, tcb_info, qe_identity, pck_crl, root_crl, chain, tee="sgx"):
        self.parts = {"tcb_info": tcb_info, "qe_identity": qe_identity, "pck_crl": pck_crl, "root_crl": root_crl,
                      "chain": chain}
        self.paths = {"tcb_info": f"/{tee}/certification/v4/tcb", "qe_identity": f"/{tee}/certification/v4/qe/identity",
                      "pck_crl": "/sgx/certification/v4/pckcrl", "root_crl": "/IntelSGXRootCA.der"}
        routes = self.server.routes
        routes[self.paths["tcb_info"]] = serve.answer(tcb_info, TCB_Info_Issuer_Chain=quoted(chain))
        routes[self.paths["qe_identity"]] = serve.answer(qe_identity,
                                                         SGX_Enclave_Identity_Issuer_Chain=quoted(chain))
        routes[self.paths["pck_crl"]] = serve.answer(pck_crl, SGX_PCK_CRL_Issuer_Chain=quoted(chain))
        routes[self.paths["root_crl"]] = serve.answer(root_crl)

    def arguments(self, *more):
        out = []
        for name, value in (("--timeout", "20"), ("--pcs", self.server.url),
                            ("--root-crl", self.server.url + "/IntelSGXRootCA.der")):
            if name not in more:
                out += [name, value]
        return (*out, *self.roots, *more)

    def fetch(self, *more, out="col", code=0, **options):
        return self.run_program("collateral", "fetch", self.evidence, "-o", out, *self.arguments(*more), code=code,
                                **options)

    def refused(self, identifier, code, *more, seconds=5, out="col"):
        """The fetch fails with this id and exit status, in time, and leaves the directory as it was."""
        before = tree(self.tmp / out)
        start = time.monotonic()
        result = self.fetch(*more, out=out, code=code)
        self.assertLess(time.monotonic() - start, seconds)
        self.assertIn(f"[{identifier}]", result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertEqual(tree(self.tmp / out), before)
        return result

    def lie(self, part, body=None, chain=None, header=None):
        """Serves this body for one document, under this issuer chain."""
        headers = {}
        if part in ("tcb_info", "qe_identity"):
            name = header or {"tcb_info": "TCB_Info_Issuer_Chain", "qe_identity": "SGX_Enclave_Identity_Issuer_Chain"}[part]
            headers[name] = quoted(self.parts["chain"] if chain is None else chain)
        self.server.routes[self.paths[part]] = serve.answer(self.parts[part] if body is None else body, **headers)


class SimulatedIntel(Fetching):
    """The simulated vendor's documents, so that every case runs without any other file."""

    def setUp(self):
        super().setUp()
        self.run_program("measure", LOANS / "job.toml", "-o", "out")
        collection = None
        for statement in statements(self.tmp / "out/measure.intoto.jsonl"):
            if "scai" in statement["predicateType"]:
                descriptor = statement["predicate"]["attributes"][0]["evidence"]
                collection = json.loads(base64.b64decode(descriptor["content"]))

        def item(value):
            return base64.urlsafe_b64decode(value[1] + "=" * (-len(value[1]) % 4))
        self.evidence = self.tmp / "quote.bin"
        self.evidence.write_bytes(item(collection["evidence"]))
        found = {name: item(value) for name, value in collection["collateral"].items() if isinstance(value, list)}
        self.root = self.tee()["simulated"]["root"]
        self.roots = ("--simulated-root", self.root)
        self.serve_intel(found["tcb-info"], found["qe-identity"], found["pck-crl"], found["root-crl"],
                         found["tcb-signing-chain"])

    def verify(self, *more, code=0):
        return self.run_json("evidence", "verify", self.evidence, "--simulated-root", self.root, *more, code=code)


class Served(SimulatedIntel):
    """Services that do what they should."""

    def test_fetch_then_verify_offline(self):
        self.assertEqual(self.verify(code=7)["verified"], False)
        missing = self.run_program("evidence", "verify", self.evidence, "--simulated-root", self.root, code=7)
        self.assertIn("hint: attestml collateral fetch", missing.stderr)
        out = json.loads(self.fetch("--json").stdout)
        self.assertEqual((out["version"], out["format"], out["notes"]), (1, "sgx-quote-v3", []))
        self.assertEqual([item["document"] for item in out["items"]],
                         ["root-crl", "pck-crl", "signer-chain", "tcb-info", "qe-identity"])
        for item in out["items"]:
            self.assertEqual(item["state"], "new")
            self.assertTrue(item["name"].startswith("simulated-"), item)
            self.assertEqual(hashlib.sha256((self.tmp / "col" / item["name"]).read_bytes()).hexdigest(), item["sha256"])
        # What was asked, and nothing that says who asks.
        self.assertEqual([path.split("?")[0] for path, _ in self.server.requests],
                         ["/IntelSGXRootCA.der", "/sgx/certification/v4/pckcrl", "/sgx/certification/v4/tcb",
                          "/sgx/certification/v4/qe/identity"])
        queries = [urllib.parse.parse_qs(urllib.parse.urlsplit(path).query) for path, _ in self.server.requests]
        self.assertEqual(queries[1], {"ca": ["platform"], "encoding": ["der"]})
        self.assertEqual(list(queries[2]), ["fmspc"])
        for _, headers in self.server.requests:
            self.assertEqual(set(headers), {"Host", "User-Agent", "Accept"})
            self.assertRegex(headers["User-Agent"], r"^attestml/\d")
        self.server.close()
        report = self.verify("--collateral", "col")
        self.assertEqual(report["verdict"], "accepted")
        self.assertEqual({each["sha256"] for each in report["collateral"]}, {item["sha256"] for item in out["items"]})
        dates = {item["sha256"]: (item["issued"], item["valid_until"]) for item in out["items"]}
        for each in report["collateral"]:
            self.assertTrue(each["path"].startswith("col/simulated-"), each)
            if each["type"] != "pem":
                self.assertEqual((each["issued"], each["valid_until"]), dates[each["sha256"]])
        self.assertEqual(sorted(each["type"] for each in report["collateral"]),
                         ["crl", "crl", "pem", "qe-identity", "tcb-info"])
        text = self.run_program("evidence", "verify", self.evidence, "--simulated-root", self.root, "--collateral", "col")
        self.assertIn("collateral given", text.stdout)

    def test_a_bundle_is_asked_for_as_its_evidence_is(self):
        """However often a platform vouches in it."""
        quote = json.loads(self.fetch("--json").stdout)
        self.run_program("measure", LOANS / "job.toml", "-o", "each", "--set", "tee.quote-each=true")
        asked = len(self.server.requests)
        self.evidence = self.tmp / "each/measure.intoto.jsonl"
        bundle = json.loads(self.fetch("--json", out="of-bundle").stdout)
        self.assertEqual(len(self.server.requests), 2 * asked)
        self.assertEqual([item["sha256"] for item in bundle["items"]], [item["sha256"] for item in quote["items"]])
        self.evidence = self.tmp / "none.intoto.jsonl"
        self.evidence.write_text((self.tmp / "each/measure.intoto.jsonl").read_text().splitlines(keepends=True)[0])
        self.refused("cli.evidence", 4, out="nothing")

    def test_again_changes_nothing(self):
        self.fetch()
        before = tree(self.tmp / "col")
        out = json.loads(self.fetch("--json").stdout)
        self.assertEqual({item["state"] for item in out["items"]}, {"unchanged"})
        self.assertEqual(tree(self.tmp / "col"), before)

    def test_a_damaged_cache_is_mended(self):
        self.fetch()
        before = tree(self.tmp / "col")
        for name in before:
            if name.endswith((".json", ".crl")):
                file = self.tmp / "col" / name
                file.write_bytes(file.read_bytes()[:-7])
                (file.parent / (file.name + ".part-1")).write_bytes(b"half a fi")
        self.fetch()
        self.assertEqual(tree(self.tmp / "col"), before)

    def test_pccs(self):
        """A caching service: other paths, CRLs as hexadecimal text, the other spelling of the headers."""
        routes = self.server.routes
        routes["/sgx/certification/v4/rootcacrl"] = serve.answer(self.parts["root_crl"].hex().encode())
        del routes["/IntelSGXRootCA.der"]
        self.lie("pck_crl", self.parts["pck_crl"].hex().upper().encode())
        self.lie("tcb_info", header="SGX_TCB_Info_Issuer_Chain")
        self.run_program("collateral", "fetch", self.evidence, "-o", "col", "--pccs",
                         self.server.url + "/sgx/certification/v4/", *self.roots)
        self.assertEqual(self.verify("--collateral", "col")["verdict"], "accepted")

    def test_update(self):
        self.fetch("--update", "early")
        asked = [urllib.parse.parse_qs(urllib.parse.urlsplit(path).query).get("update") for path, _ in self.server.requests]
        self.assertEqual(asked, [None, None, ["early"], ["early"]])

    def test_default_directory(self):
        missing = self.run_program("evidence", "verify", self.evidence, "--simulated-root", self.root, "--cached", code=7)
        self.assertIn("[fetch.directory]", missing.stderr)
        directory = self.run_program("collateral", "path").stdout.strip()
        self.assertEqual(directory, str(self.tmp / "cache/attestml/collateral"))
        self.run_program("collateral", "fetch", self.evidence, *self.arguments())
        # It is used when it is asked for, and never unasked.
        self.assertEqual(self.verify("--cached")["verdict"], "accepted")
        self.assertEqual(self.verify(code=7)["verified"], False)

    def test_bundles(self):
        policy = self.starting_policy("out/measure.intoto.jsonl")
        ask = ("verify", "out/measure.intoto.jsonl", "--policy", policy)
        without = self.run_program(*ask, code=None)
        self.assertIn("[fetch.directory]", self.run_program(*ask, "--cached", code=7).stderr)
        self.run_program("collateral", "fetch", self.evidence, *self.arguments())
        self.assertEqual(self.run_program(*ask, "--cached", code=None).returncode, without.returncode)
        # What is in the cache counts: something there that is too large is not passed over.
        for folder in (self.tmp / "cache/attestml/collateral").glob("simulated-*"):
            (folder / "other.crl").write_bytes(b"x" * ((4 << 20) + 1))
        self.assertIn("[file.size]", self.run_program(*ask, "--cached", code=3).stderr)

    def test_a_cache_of_many_platforms(self):
        self.fetch()
        folder = next((self.tmp / "col").glob("simulated-*"))
        for number in range(300):
            (folder / f"sgx-tcb-info-{number:012x}.json").write_text('{"tcbInfo":{},"signature":""}')
            (folder / f"vcek-{number:0128x}-0000000000000000.der").write_bytes(b"\x30\x82\x01")
        genuine = VECTORS / "sgx/sgx_v3_b_00606a000000.bin"
        if not genuine.exists():
            self.skipTest("shared vectors are not here; set ATTESTML_SHARED")
        report = self.run_json("evidence", "verify", genuine, "--collateral", "col", code=7)
        self.assertEqual(len(report["collateral"]), 4)  # the CRLs, the signer, the identity

    def test_concurrent_fetchers(self):
        command = [BIN / "attestml", "collateral", "fetch", self.evidence, "-o", "col", "-q", *self.arguments()]
        running = [subprocess.Popen(list(map(str, command)), cwd=self.tmp, env=self.environment()) for _ in range(8)]
        self.assertEqual([process.wait(60) for process in running], [0] * 8)
        self.assertEqual(self.verify("--collateral", "col")["verdict"], "accepted")
        self.assertFalse([name for name in tree(self.tmp / "col") if ".part-" in name])

    def test_tls(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2", "-keyout",
                        "key.pem", "-out", "ca.pem"], cwd=self.tmp, check=True, capture_output=True)
        (self.tmp / "both.pem").write_bytes((self.tmp / "key.pem").read_bytes() + (self.tmp / "ca.pem").read_bytes())
        secure = serve.Server(self.server.routes, certificate=self.tmp / "both.pem")
        self.addCleanup(secure.close)
        plain, self.server = self.server, secure
        self.refused("fetch.tls", 7)
        self.fetch("--tls-ca", "ca.pem")
        self.assertEqual(plain.requests, [])

    def test_proxies(self):
        """https goes through the proxy that the environment names; http and this machine never do (Fetching)."""
        proxy = serve.Server()
        self.addCleanup(proxy.close)
        environment = {**self.environment(), "https_proxy": proxy.url}
        self.environment = lambda: environment
        far = ("--attempts", "1", "--root-crl", "https://certificates.invalid/crl")
        self.fetch(*far, code=7)
        self.assertEqual([path for path, _ in proxy.requests], ["certificates.invalid:443"])
        environment["no_proxy"] = "certificates.invalid"
        self.refused("fetch.connect", 7, *far)
        self.assertEqual(len(proxy.requests), 1)

    def test_verifying_loads_no_libcurl(self):
        self.fetch()

        def loaded(*arguments):
            out = subprocess.run([BIN / "attestml", *map(str, arguments)], cwd=self.tmp, capture_output=True, text=True,
                                 env={**self.environment(), "LD_DEBUG": "files"}, timeout=60)
            return "libcurl" in out.stderr
        self.assertFalse(loaded("evidence", "verify", self.evidence, "--simulated-root", self.root, "--collateral", "col"))
        self.assertTrue(loaded("collateral", "fetch", self.evidence, "-o", "col", *self.arguments()))


class Unreliable(SimulatedIntel):
    """Services that answer late, halfway or not at all."""

    def test_rate_limited_then_served(self):
        good = self.server.routes[self.paths["tcb_info"]]
        later = email.utils.formatdate(time.time() + 2, usegmt=True)
        self.server.routes[self.paths["tcb_info"]] = [serve.answer(b"slow down", 429, Retry_After="1"),
                                                      serve.answer(b"slow down", 429, Retry_After=later), good]
        start = time.monotonic()
        out = self.fetch()
        self.assertGreater(time.monotonic() - start, 1.5)
        self.assertIn("429", out.stderr)
        self.assertIn("asking again", out.stderr)

    def test_rate_limited_for_long(self):
        self.fetch()
        self.server.routes[self.paths["pck_crl"]] = serve.answer(b"", 429, Retry_After="3600")
        out = self.refused("fetch.rate_limited", 7, seconds=3)
        self.assertIn("3600", out.stderr)

    def test_server_errors(self):
        good = self.server.routes[self.paths["root_crl"]]
        self.server.routes[self.paths["root_crl"]] = [serve.answer(b"", 503), serve.answer(b"", 500), good]
        self.fetch()
        self.server.routes[self.paths["root_crl"]] = serve.answer(b"", 503)
        out = self.refused("fetch.server", 7, "--attempts", "2")
        self.assertIn("after 2 attempts", out.stderr)
        self.server.routes[self.paths["root_crl"]] = serve.answer(b"", 403)
        self.refused("fetch.status", 7)
        self.server.routes[self.paths["root_crl"]] = serve.answer(b"", 404)
        self.refused("fetch.not_found", 7)

    def test_truncated(self):
        for part in self.paths:
            good = self.server.routes[self.paths[part]]
            self.server.routes[self.paths[part]] = serve.truncated(self.parts[part])
            self.refused("fetch.truncated", 7, "--attempts", "1")
            self.server.routes[self.paths[part]] = [serve.truncated(self.parts[part]), good]
            self.fetch(out=f"whole-{part}")
            self.server.routes[self.paths[part]] = good

    def test_stalls(self):
        for stall in (serve.stalled(self.parts["tcb_info"]), serve.stalled(b"", after_headers=False),
                      serve.dripping(self.parts["tcb_info"])):
            self.server.routes[self.paths["tcb_info"]] = stall
            self.refused("fetch.timeout", 7, "--timeout", "2")

    def test_resets(self):
        self.server.routes[self.paths["qe_identity"]] = serve.reset()
        self.refused("fetch.reset", 7, "--attempts", "2")

    def test_nobody_there(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        self.refused("fetch.connect", 7, "--attempts", "2", "--root-crl", url)

    def test_too_much(self):
        for flood in (serve.answer(b"x" * (1 << 20 | 1)), serve.endless_body(), serve.endless_headers()):
            for part in ("root_crl", "tcb_info"):
                good = self.server.routes[self.paths[part]]
                self.server.routes[self.paths[part]] = flood
                self.refused("fetch.size", 3)
                self.server.routes[self.paths[part]] = good


class Lying(SimulatedIntel):
    """Services that say what is not so. What the cache had stays."""

    def setUp(self):
        super().setUp()
        self.fetch()

    def test_wrong_content(self):
        for part in self.paths:
            good = self.server.routes[self.paths[part]]
            for body in (b"", b"<html>login please</html>", b"\x30\x82\x00", self.parts[part][:-9] + b"\0" * 9):
                self.lie(part, body)
                before = tree(self.tmp / "col")
                out = self.fetch(code=None)
                self.assertIn(out.returncode, (3, 5), (part, body, out.stderr))
                self.assertEqual(tree(self.tmp / "col"), before)
            self.server.routes[self.paths[part]] = good

    def test_documents_in_each_others_place(self):
        for part, other, identifier, code in (
                ("root_crl", "pck_crl", "sgx.crl.root.issuer", 5), ("pck_crl", "root_crl", "sgx.crl.pck.issuer", 5),
                ("tcb_info", "qe_identity", "fetch.document", 3), ("qe_identity", "tcb_info", "fetch.document", 3),
                ("tcb_info", "root_crl", "fetch.document", 3), ("root_crl", "tcb_info", "fetch.document", 3)):
            good = self.server.routes[self.paths[part]]
            self.lie(part, self.parts[other])
            self.refused(identifier, code)
            self.server.routes[self.paths[part]] = good

    def test_one_bit(self):
        for part, identifier in (("root_crl", "sgx.crl.root.signature"), ("pck_crl", "sgx.crl.pck.signature")):
            body = bytearray(self.parts[part])
            body[-3] ^= 1
            good = self.server.routes[self.paths[part]]
            self.lie(part, bytes(body))
            self.refused(identifier, 5)
            self.server.routes[self.paths[part]] = good
        for part, identifier in (("tcb_info", "sgx.tcb_info.signature"), ("qe_identity", "sgx.qe_identity.signature")):
            good = self.server.routes[self.paths[part]]
            self.lie(part, self.parts[part].replace(b"UpToDate", b"UpToDatf", 1))
            self.refused(identifier, 5)
            self.server.routes[self.paths[part]] = good

    def test_issuer_chain(self):
        self.server.routes[self.paths["tcb_info"]] = serve.answer(self.parts["tcb_info"])
        self.refused("fetch.chain", 3)
        for text in ("%", "%zz", "%2", "", "hello", "x" * 20000, quoted(self.parts["chain"]) * 3):
            self.server.routes[self.paths["tcb_info"]] = serve.answer(self.parts["tcb_info"], TCB_Info_Issuer_Chain=text)
            self.refused("fetch.chain", 3)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=Intel SGX TCB Signing", "-days", "2", "-keyout", "key.pem", "-out", "forged.pem"],
                       cwd=self.tmp, check=True, capture_output=True)
        self.lie("tcb_info", chain=(self.tmp / "forged.pem").read_bytes())
        out = self.fetch(code=5)
        self.assertIn("[sgx.tcb_signer.", out.stderr)
        # The root alone signs no documents.
        end = b"-----END CERTIFICATE-----\n"
        self.lie("tcb_info", chain=self.parts["chain"].split(end)[1] + end)
        self.refused("sgx.tcb_signer.chain", 5)

    def test_redirects_are_not_followed(self):
        elsewhere = serve.Server(self.server.routes)
        self.addCleanup(elsewhere.close)
        for target in ("file:///etc/passwd", elsewhere.url + self.paths["root_crl"], "/sgx/certification/v4/pckcrl"):
            for status in (301, 302, 307, 308):
                self.server.routes[self.paths["root_crl"]] = serve.answer(b"", status, Location=target)
                self.refused("fetch.redirect", 5)
        self.assertEqual(elsewhere.requests, [])

    def test_another_time(self):
        self.refused("sgx.crl.root.expired", 5, "--at", "2040-01-01T00:00:00Z")
        self.refused("sgx.crl.root.not_yet_valid", 5, "--at", "2020-01-01T00:00:00Z")

    def test_under_the_vendors_roots(self):
        self.roots = ()
        self.refused("sgx.pck.chain", 5)

    def test_addresses(self):
        for url in ("ftp://127.0.0.1/", "file:///etc/passwd", "127.0.0.1", "http://", "http://me:secret@127.0.0.1",
                    "http://127.0.0.1/?a=b", "http://127.0.0.1/ x", "gopher://127.0.0.1"):
            out = self.refused("fetch.url", 2, "--root-crl", url)
            self.assertNotIn("secret", out.stderr)
        self.assertEqual(len(self.server.requests), 4)  # those of setUp

    def test_not_evidence(self):
        self.evidence.write_bytes(b"\0" * 64)
        self.refused("evidence.format", 4)
        self.evidence = self.tmp / "nowhere"
        self.refused("file.open", 7)


@unittest.skipUnless((VECTORS / "manifest.json").exists(), "shared vectors are not here; set ATTESTML_SHARED")
class Genuine(Fetching):
    """What Intel and AMD served on some days of 2025, served again."""
    roots = ()

    def serve_stored(self, name, tee="sgx"):
        folder = VECTORS / "intel-collateral" / name
        self.serve_intel(*[(folder / file).read_bytes() for file in
                           ("tcb_info.json", "qe_identity.json", "pck_crl.der", "root_crl.der", "tcb_signing_chain.pem")],
                         tee=tee)

    def test_sgx(self):
        self.evidence = VECTORS / "sgx/sgx_v3_b_00606a000000.bin"
        self.serve_stored("2025-08_sgx_00606a000000")
        at = ("--at", "2025-08-30T05:09:06Z")
        self.fetch(*at)
        self.assertEqual([name for name in tree(self.tmp / "col") if name.endswith(".json")],
                         ["intel/sgx-qe-identity.json", "intel/sgx-tcb-info-00606a000000.json"])
        self.server.close()
        report = self.run_json("evidence", "verify", self.evidence, "--collateral", "col", *at, code=6)
        self.assertEqual((report["verified"], report["tcb_status"]), (True, "SWHardeningNeeded"))
        # It is out of date by now, and says so.
        self.assertEqual(self.run_json("evidence", "verify", self.evidence, "--collateral", "col", code=5)["verified"],
                         False)

    def test_tdx_older_and_for_others(self):
        self.evidence = VECTORS / "tdx/tdx_v4_g_00806f050000_padded.bin"
        at = ("--at", "2025-07-08T00:00:00Z")
        self.serve_stored("2025-07_tdx_00806f050000", tee="tdx")
        self.fetch(*at)
        report = self.run_json("evidence", "verify", self.evidence, "--collateral", "col", *at, code=None)
        self.assertTrue(report["verified"])
        # June's list of revoked certificates is still valid, and older.
        june = (VECTORS / "intel-collateral/2025-06_tdx_00806f050000/pck_crl.der").read_bytes()
        july = self.parts["pck_crl"]
        self.lie("pck_crl", june)
        self.refused("fetch.older", 5, *at)
        self.fetch(*at, "--allow-older")
        self.assertIn(hashlib.sha256(june).hexdigest(), tree(self.tmp / "col").values())
        self.lie("pck_crl", july)
        self.fetch(*at)
        # Genuine, and another platform's.
        other = VECTORS / "intel-collateral/2025-06_tdx_90c06f000000"
        self.lie("tcb_info", (other / "tcb_info.json").read_bytes())
        sgx = VECTORS / "intel-collateral/2025-06_sgx_00a067110000"
        self.lie("tcb_info", (sgx / "tcb_info.json").read_bytes())
        self.refused("sgx.tcb_info.id", 5, *at)
        self.lie("tcb_info", (VECTORS / "intel-collateral/2025-06_tdx_b0c06f000000/tcb_info.json").read_bytes())
        self.refused("sgx.tcb_info.fmspc", 5, *at)
        self.lie("tcb_info")
        self.lie("qe_identity", (sgx / "qe_identity.json").read_bytes())
        self.refused("sgx.qe_identity.id", 5, *at)

    def test_forged_and_edited(self):
        self.evidence = VECTORS / "sgx/sgx_v3_b_00606a000000.bin"
        self.serve_stored("2025-08_sgx_00606a000000")
        at = ("--at", "2025-08-30T05:09:06Z")
        self.fetch(*at)
        derived = VECTORS / "derived/collateral"
        stem = "2025-08_sgx_00606a000000__"
        for name, identifier in (("status_edited", "sgx.tcb_info.signature"),
                                 ("duplicate_member", "sgx.tcb_info.duplicate_member"),
                                 ("reserialised", "sgx.tcb_info.signature")):
            self.lie("tcb_info", (derived / f"{stem}{name}.json").read_bytes())
            out = self.fetch(*at, code=None)
            self.assertIn(out.returncode, (3, 5))
            self.assertIn("[sgx.tcb_info.", out.stderr, (name, identifier))
        self.lie("tcb_info", (derived / f"{stem}forged_tcb_info.json").read_bytes(),
                 (derived / f"{stem}forged_signing_chain.pem").read_bytes())
        out = self.fetch(*at, code=5)
        self.assertIn("[sgx.tcb_signer.chain]", out.stderr)

    def snp(self, name, product):
        self.evidence = VECTORS / f"snp/{name}.bin"
        pem = (VECTORS / f"certs/amd_{product.lower()}_ask_ark_asvk.pem").read_text()
        end = "-----END CERTIFICATE-----\n"
        certificates = [each + end for each in pem.split(end)[:3]]
        self.ask, self.ark, self.asvk = certificates

    def test_snp_addresses(self):
        """AMD's CRLs are not stored, so that the fetch ends there; what it asked for is what AMD's service wants."""
        cases = (("snp_v3_milan", "Milan"), ("snp_v3_genoa", "Genoa"), ("snp_v5_turin", "Turin"))
        for name, product in cases:
            self.snp(name, product)
            base = f"/vcek/v1/{product}"
            self.server.requests.clear()
            self.server.routes = {base + "/cert_chain": serve.answer((self.ask + self.ark).encode())}
            vcek = (VECTORS / f"snp/{name}.vcek.der").read_bytes()
            report = self.evidence.read_bytes()
            chip = report[0x1a0:0x1a0 + (8 if product == "Turin" else 64)].hex()
            self.server.routes[f"{base}/{chip}"] = serve.answer(vcek)
            before = tree(self.tmp / "col")
            out = self.run_program("collateral", "fetch", self.evidence, "-o", "col", "--kds", self.server.url,
                                   "--at", "2026-06-01T00:00:00Z", code=7)
            self.assertIn("[fetch.not_found]", out.stderr)
            self.assertEqual(tree(self.tmp / "col"), before)
            asked = [path for path, _ in self.server.requests]
            tcb = report[0x180:0x188]
            parts = ({"blSPL": tcb[1], "teeSPL": tcb[2], "snpSPL": tcb[3], "ucodeSPL": tcb[7], "fmcSPL": tcb[0]}
                     if product == "Turin" else {"blSPL": tcb[0], "teeSPL": tcb[1], "snpSPL": tcb[6], "ucodeSPL": tcb[7]})
            query = "&".join(f"{key}={value:02d}" for key, value in parts.items())
            self.assertEqual(asked, [f"{base}/cert_chain", f"{base}/{chip}?{query}", f"{base}/crl"], out.stderr)

    def test_snp_lies(self):
        self.snp("snp_v3_milan", "Milan")
        report = self.evidence.read_bytes()
        vcek_path = "/vcek/v1/Milan/" + report[0x1a0:0x1e0].hex()
        chain = serve.answer((self.ask + self.ark).encode())

        def refused(identifier, code, **routes):
            self.server.routes = {"/vcek/v1/Milan/cert_chain": routes.get("chain", chain)}
            if "vcek" in routes:
                self.server.routes[vcek_path] = serve.answer(routes["vcek"])
            out = self.run_program("collateral", "fetch", self.evidence, "-o", "col", "--kds", self.server.url,
                                   "--at", "2026-06-01T00:00:00Z", code=code)
            self.assertIn(f"[{identifier}]", out.stderr)
            self.assertEqual(tree(self.tmp / "col"), {})
        other = (VECTORS / "snp/snp_v2_milan_a.vcek.der").read_bytes()
        refused("snp.vek.chip", 5, vcek=other)
        refused("fetch.document", 3, vcek=b"hello")
        refused("fetch.document", 3, vcek=other + b"\0")
        refused("snp.vek.issuer", 5, chain=serve.answer((self.asvk + self.ark).encode()))
        refused("fetch.chain", 3, chain=serve.answer((self.ask + self.ark + self.asvk).encode()))
        refused("fetch.chain", 3, chain=serve.answer(b"hello"))
        milan = (self.ask, self.ark)
        self.snp("snp_v3_milan", "Genoa")
        refused("snp.vek.product", 5, chain=serve.answer((self.ask + self.ark).encode()))
        refused("snp.vek.chain", 5, chain=serve.answer((milan[0] + self.ark).encode()))

    def test_vlek(self):
        self.snp("snp_v3_milan_vlek_vmpl1", "Milan")
        self.server.routes = {"/vlek/v1/Milan/cert_chain": serve.answer((self.asvk + self.ark).encode())}
        out = self.run_program("collateral", "fetch", self.evidence, "-o", "col", "--kds", self.server.url,
                               "--at", "2026-06-01T00:00:00Z", code=7)
        self.assertIn("[fetch.not_found]", out.stderr)
        self.assertEqual([path for path, _ in self.server.requests], ["/vlek/v1/Milan/cert_chain", "/vlek/v1/Milan/crl"])

    def test_nitro(self):
        documents = sorted((VECTORS / "nitro").glob("*.bin")) + sorted((VECTORS / "nitro").glob("*.cbor"))
        self.evidence = documents[0]
        out = self.run_program("collateral", "fetch", self.evidence, "-o", "col", "--kds", self.server.url)
        self.assertIn("nothing to fetch", out.stdout)
        self.assertEqual(tree(self.tmp / "col"), {})
        self.assertEqual(self.server.requests, [])


if __name__ == "__main__":
    unittest.main()
