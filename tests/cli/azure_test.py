"""Azure's reports on the command line: scenarios.json, and what must never be accepted of them."""
import json
import unittest

from harness import SHARED, Case

VECTORS = SHARED / "vectors"


@unittest.skipUnless((VECTORS / "manifest.json").exists(), "shared vectors are not here; set ATTESTML_SHARED")
class Azure(Case):
    def verify(self, name, *more, code=0):
        return self.run_json("evidence", "verify", VECTORS / f"azure/{name}.hcl.bin", "--collateral",
                             VECTORS / f"azure/{name}.vcek.der", "--collateral",
                             VECTORS / "certs/amd_milan_ask_ark_asvk.pem", "--at", "2026-01-01T00:00:00Z", *more,
                             code=code)

    def verdicts(self, report):
        return {check["id"]: check["verdict"] for check in report["checks"]}

    def test_scenarios(self):
        known = {"az-nonce", "az-report-data-is-not-user-data"}
        for scenario in json.loads((VECTORS / "scenarios.json").read_text()):
            name = str(scenario["evidence"])
            if not name.startswith("az_"):
                continue
            self.assertIn(scenario["id"], known)
            nonce = scenario["policy"].get("nonce")
            report = self.verify(name, *(("--nonce", nonce) if nonce else ()), code=None)
            got = (report["verdict"], sorted(self.failed(report)))
            print(f"{scenario['id']:34} | {scenario['expect'][:60]:60} | {got}")
            if scenario["expect"] == "reject:nonce":
                self.assertEqual(got[0], "rejected")
                self.assertIn("evidence.nonce", got[1])
            else:
                binding = next(check for check in report["checks"] if check["id"] == "azure.report.binding")
                self.assertIn("SHA-256 of the runtime data", binding["wanted"])
                self.assertIsNone(report["report_data"])

    def test_the_vtpm_is_never_checked(self):
        for name in ("az_snp_milan_v3_a", "az_snp_milan_live", "az_snp_milan_v2", "az_snp_no_nonce"):
            report = self.verify(name, code=None)
            self.assertTrue(report["verified"])
            self.assertEqual(self.verdicts(report)["azure.vtpm"], "not_checked")
            if report["verdict"] == "accepted":
                self.assertIn("NOT checked", report["sentence"])
            # Not even what the hardware's report data really is, for it is no data of the caller's.
            digest = report["registers"]["runtime_data"]
            for asked in (("--report-data", digest), ("--report-data", digest + "00" * 32), ("--nonce", "6368616c6c656e6765"),
                          ("--report-data", "00" * 64)):
                self.assertEqual(self.verify(name, *asked, code=6)["verdict"], "rejected")

    def test_inspect(self):
        out = json.loads(self.run_program("evidence", "inspect", VECTORS / "azure/az_snp_milan_v2.hcl.bin").stdout)
        self.assertEqual((out["type"], out["hardware"]["type"]), ("azure-report", "snp-report"))
        self.assertEqual(out["report_data"][:64], out["runtime_data_sha256"])
        self.assertEqual(out["runtime_data"]["keys"][0]["kid"], "HCLAkPub")


if __name__ == "__main__":
    unittest.main()
