"""What values mean is not the prover's to choose: labels merged in a file that a policy names, columns exchanged in the
rows of a client. Each attack was accepted once."""
import hashlib
import random
import unittest

from harness import Case, statements

JOB = """
version = 1
name = "reading"

[dataset.tr]
path = "tr.csv"
HOW
[dataset.te]
path = "te.csv"
HOW
[schema]
columns = [COLUMNS, { name = "sex" }, { name = "y" }]
target = { column = "y", positive = "A"SUFFIX }
sensitive = ["sex"]

[split.files]
train = "tr"
test = "te"

[model]
hidden = [16]

[train]
optimizer = "adam"
learning-rate = 0.01
epochs = 10

[[property]]
name = "accuracy"
on = "test"

[[property]]
name = "distribution"
on = "train"

[[property]]
name = "overlap"
on = "test"
against = ["train"]

[tee]
device = "simulated"
"""
COLUMNS = ['{ name = "a", type = "numeric" }', '{ name = "b", type = "numeric" }']


class ReadingTest(Case):
    def setUp(self):
        super().setUp()
        draw = random.Random(7)

        def rows(count):
            for _ in range(count):
                a, b = draw.random(), draw.random()
                # Nothing tells A from A+.
                yield f"{a:.6f},{b:.6f},{draw.choice('fm')},{'C' if a < 0.4 else draw.choice(['A', 'A', 'A+'])}\n"

        self.train, self.test = list(rows(1500)), list(rows(800))
        self.write("a,b,sex,y\n")

    def write(self, header):
        (self.tmp / "tr.csv").write_text(header + "".join(self.train))
        (self.tmp / "te.csv").write_text(header + "".join(self.test))

    def job(self, name, how="", columns=None, suffix=""):
        text = JOB.replace("HOW", how).replace("COLUMNS", ", ".join(columns or COLUMNS))
        (self.tmp / name).write_text(text.replace("SUFFIX", f', strip-suffix = "{suffix}"' if suffix else ""))
        return name

    def policy(self, requirement, name="policy.toml"):
        status = self.tee()
        (self.tmp / name).write_text(f"""
[trust]
tcb-status = ["UpToDate"]
[[program]]
name = "prover"
tee = "simulated"
mrenclave = "{status["program"]["sha256"]}"
root = "{status["simulated"]["root"]}"
may-state = ["training", "property", "inference"]
[[require]]
id = "it"
{requirement}
""")
        return name

    def sha(self, name):
        return "sha256:" + hashlib.sha256((self.tmp / name).read_bytes()).hexdigest()

    def seen(self, report, check):
        return next(c["seen"] for c in report["checks"] if c["id"] == check)

    def test_labels_merged_in_a_file_that_the_policy_names(self):
        self.run_program("run", self.job("honest.toml"), "-o", "honest")
        self.run_program("run", self.job("strip.toml", suffix="+"), "-o", "strip")
        honest, strip = "honest/claims.intoto.jsonl", "strip/claims.intoto.jsonl"
        accuracy = ('claim = "property"\nproperty = "accuracy"\nmetric = "accuracy"\ntarget = "y"\n'
                    f'dataset = "{self.sha("te.csv")}"\n')
        policy = self.policy(accuracy + 'value = ">= 0.85"')
        report = self.run_json("verify", honest, "--policy", policy, code=6)
        self.assertEqual(self.failed(report), {"policy.require.it"})
        report = self.run_json("verify", strip, "--policy", policy, code=6)
        self.assertEqual(self.failed(report), {"policy.require.it"})
        self.assertIn('want reading = { strip-suffix = "+" }, or selection', self.seen(report, "policy.require.it"))
        # A policy that says so accepts it, and the sentence says it too.
        policy = self.policy(accuracy + 'reading = { strip-suffix = "+" }\nvalue = ">= 0.85"')
        report = self.run_json("verify", strip, "--policy", policy)
        self.assertIn('(labels without "+" at their end)', report["sentence"])
        report = self.run_json("verify", honest, "--policy", policy, code=6)
        self.assertEqual(self.failed(report), {"policy.require.it"})
        # The same of a number about the data.
        share = ('claim = "property"\nproperty = "distribution"\nmetric = "proportion"\nwhere = { y = "A" }\n'
                 'value = ">= 0.5"\n')
        policy = self.policy(share + f'dataset = "{self.sha("tr.csv")}"\n')
        for bundle in (honest, strip):
            report = self.run_json("verify", bundle, "--policy", policy, code=6)
            self.assertEqual(self.failed(report), {"policy.require.it"})
        policy = self.policy(share + f'dataset = "{self.sha("tr.csv")}"\nreading = {{ strip-suffix = "+" }}\n')
        self.run_json("verify", strip, "--policy", policy)
        policy = self.policy(share + 'of = "training-data"\nreading = {}\n')
        self.run_json("verify", strip, "--policy", policy, code=6)
        # A starting policy accepts its bundle, and names the reading where it names no selection.
        policy = self.starting_policy(strip)
        self.assertIn('reading = { strip-suffix = "+" }', policy.read_text())
        self.assertEqual(self.run_json("verify", strip, "--policy", policy)["verdict"], "accepted")
        self.assertNotIn("reading", self.starting_policy(honest).read_text())

    def answer(self, job, rows, *more):
        name = job.split(".")[0]
        self.run_program("infer", job, "-o", name, "--model", "out/model.safetensors", "--input", rows, *more)
        return f"{name}/infer.intoto.jsonl", f"{name}/outputs.csv"

    def test_columns_of_a_clients_rows_exchanged(self):
        self.write("")
        how = "header = false"
        honest, swapped = self.job("hl.toml", how), self.job("hlswap.toml", how, COLUMNS[::-1])
        self.run_program("run", honest, "-o", "out")
        rows = ["0.442721,0.488031,f\n", "0.387394,0.931890,m\n", "0.943041,0.050960,f\n"]
        (self.tmp / "rows.csv").write_text("".join(rows))
        asking = self.policy('claim = "inference"')
        bundle, output = self.answer(honest, "rows.csv")
        report = self.run_json("verify", "out/claims.intoto.jsonl", bundle, "--policy", asking, "--input", "rows.csv",
                               "--output", output)
        self.assertEqual(report["verdict"], "accepted")
        attack, changed = self.answer(swapped, "rows.csv", "--receipts")
        self.assertNotEqual((self.tmp / output).read_text(), (self.tmp / changed).read_text())
        question = ["--policy", asking, "--input", "rows.csv", "--output", changed]
        report = self.run_json("verify", "out/claims.intoto.jsonl", attack, *question, code=6)
        self.assertEqual(self.failed(report), {"policy.inference.reading"})
        why = self.seen(report, "policy.inference.reading")
        self.assertIn('column 1 is "b", numeric, in training "a", numeric', why)
        # Without the training nothing shows it, unless the policy names what it knows.
        report = self.run_json("verify", attack, *question, code=6)
        self.assertEqual(self.failed(report), {"policy.inference.reading"})
        rows_id = self.seen(report, "policy.inference.reading").split(":")[1][:64]
        named = self.policy(f'claim = "inference"\nselection = "sha256:{rows_id}"', "named.toml")
        report = self.run_json("verify", attack, "--policy", named, *question[2:])
        self.assertIn(f"its rows read as selection sha256:{rows_id[:12]}", report["sentence"])
        # A starting policy of the answer alone says so, and accepts it.
        start = self.starting_policy(attack, name="start.toml")
        self.assertIn("ATTENTION", start.read_text())
        self.run_json("verify", attack, "--policy", start, *question[2:])
        # Nor by the receipt of one row.
        (self.tmp / "r.json").write_text((self.tmp / "hlswap/receipts.jsonl").read_text().splitlines()[1])
        (self.tmp / "row").write_text(rows[1].rstrip("\n"))
        (self.tmp / "line").write_text((self.tmp / changed).read_text().splitlines()[2])
        report = self.run_json("verify", "out/claims.intoto.jsonl", attack, "--policy", asking, "--receipt", "r.json",
                               "--input", "row", "--output", "line", code=6)
        self.assertEqual(self.failed(report), {"policy.inference.reading"})

    def test_a_clients_value_called_missing(self):
        self.run_program("run", self.job("honest.toml"), "-o", "out")
        (self.tmp / "rows.csv").write_text("a,b,sex\n0.387394,0.231890,m\n0.643041,0.450960,f\n")
        asking = self.policy('claim = "inference"')
        honest, output = self.answer("honest.toml", "rows.csv")
        attack, changed = self.answer(self.job("mm.toml", 'missing-mark = "0.387394"'), "rows.csv")
        self.assertNotEqual((self.tmp / output).read_text(), (self.tmp / changed).read_text())
        report = self.run_json("verify", "out/claims.intoto.jsonl", attack, "--policy", asking, "--input", "rows.csv",
                               "--output", changed, code=6)
        self.assertEqual(self.failed(report), {"policy.inference.reading"})
        self.assertIn("the mark for missing is", self.seen(report, "policy.inference.reading"))
        self.run_json("verify", "out/claims.intoto.jsonl", honest, "--policy", asking, "--input", "rows.csv",
                      "--output", output)
        # With another mark for the rows than for the training data, the prover itself stops.
        text = (self.tmp / "mm.toml").read_text()
        (self.tmp / "half.toml").write_text(text.replace('missing-mark = "0.387394"\n', "", 1))
        out = self.run_program("infer", "half.toml", "-o", "half", "--model", "out/model.safetensors", "--input",
                               "rows.csv", code=2)
        self.assertIn("the mark for missing is", out.stderr)

    def test_concealed_rows(self):
        job = self.job("honest.toml")
        (self.tmp / job).write_text("conceal = true\n" + (self.tmp / job).read_text())
        self.run_program("keygen", "owner.secret", "--type", "owner-secret")
        self.run_program("run", job, "-o", "out", "--owner-secret", "owner.secret")
        (self.tmp / "rows.csv").write_text("a,b,sex\n0.387394,0.231890,m\n")
        swapped = self.job("swap.toml", 'missing-mark = "0.387394"')
        (self.tmp / swapped).write_text("conceal = true\n" + (self.tmp / swapped).read_text())
        asking = self.policy('claim = "inference"')
        for name, code in ((job, 0), (swapped, 6)):
            bundle, output = self.answer(name, "rows.csv", "--owner-secret", "owner.secret")
            rows = [s["predicate"]["rows"] for s in statements(self.tmp / bundle) if "rows" in s["predicate"]]
            self.assertEqual([list(r) for r in rows], [["concealed"]])
            folder = bundle.split("/")[0]
            asked = ["out/claims.intoto.jsonl", bundle, "--policy", asking, "--input", "rows.csv", "--output", output]
            for opening in ([], ["--opening", "out/opening.json", "--opening", f"{folder}/opening.json"]):
                report = self.run_json("verify", *asked, *opening, code=code)
                self.assertEqual(self.failed(report), {"policy.inference.reading"} if code else set())


if __name__ == "__main__":
    unittest.main()
