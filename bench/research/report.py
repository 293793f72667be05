"""research.md, research.json and research.svg from the measured table."""
import html
import json

# The research's own table: SGX through Gramine, CIFAR-10, three convolutions, 10 epochs, average of 10 runs (poster "ML Property
# Attestation using TEEs"), seconds. Another machine: shown beside ours, never divided by it.
THEIRS = {"inference": {"startUp": 32.0, "preprocessing": 0.00051, "computation": 0.0701, "proving": 0.00658},
          "accuracy": {"startUp": 36.5, "preprocessing": 0.294, "computation": 3.49, "proving": 0.00568},
          "train": {"startUp": 36.5, "preprocessing": 4.35, "computation": 514.0, "proving": 0.0054}}
PARTS = ("startUp", "preprocessing", "computation", "proving")
TITLES = {"train": "Proof of training", "accuracy": "Accuracy", "robustness": "Robustness (FGSM) and fairness",
          "distribution": "Distribution", "inference": "Input-model-output, 100 inferences"}


def text(seconds):
    if seconds is None:
        return ""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.1f} ms"


def cell(stats, part):
    if not stats or part not in stats:
        return ""
    value = stats[part]
    return f"{text(value['median'])} ({text(value['mean'])} ± {text(value['sd'])})"


def ratio(row, who):
    ours, other = row["by"]["attested"]["wall"]["median"], row["by"].get(who, {}).get("wall", {}).get("median")
    return f"{other / ours:.2f}" if other else ""


def accuracy(stats, seeds):
    if "accuracy" not in stats:
        return ""
    value = stats["accuracy"]
    return f"{value['mean']:.4f}" + (f" ± {value['sd']:.4f}, {seeds} seeds" if seeds > 1 else "")


def attestation(row):
    return row["by"]["attested"]["cpu"]["median"] - row["by"]["unattested"]["cpu"]["median"]


def markdown(table, cores):
    out = ["# The research's experiments", "",
           f"Median (mean ± s.d.) of each part, {cores} cores; all columns of a line were measured in one run, interleaved. "
           "`PyTorch` is an unattested script by us doing the same work on the same libtorch and BLAS. The last lines of a table "
           "are the research's own figures, on its machine, inside SGX.", ""]
    for task, title in TITLES.items():
        rows = [row for row in table if row["task"] == task]
        if not rows:
            continue
        out += [f"## {title}", "", "| experiment | threads | who | runs | start-up | preprocessing | computation | proving | whole | CPU | accuracy |",
                "|---|---|---|---|---|---|---|---|---|---|---|"]
        for row in rows:
            for who, stats in row["by"].items():
                out.append(f"| {row['experiment']}, {row['epochs']} epochs | {row['threads']} | {who} | {row['runs']} | "
                           + " | ".join(cell(stats, part) for part in (*PARTS, "wall", "cpu"))
                           + f" | {accuracy(stats, row['seeds'])} |")
        if task in THEIRS:
            out.append("| *the research: CNN, CIFAR-10, 10 epochs, SGX* | | *theirs* | 10 | "
                       + " | ".join(text(THEIRS[task][part]) for part in PARTS) + " | | | |")
        out += ["", "| experiment | threads | PyTorch / attested | unattested / attested | attestation, CPU | of the job's CPU |", "|---|---|---|---|---|---|"]
        for row in rows:
            extra = attestation(row)
            out.append(f"| {row['experiment']} | {row['threads']} | {ratio(row, 'PyTorch')} | {ratio(row, 'unattested')} | "
                       f"{text(extra)} | {100 * extra / row['by']['unattested']['cpu']['median']:.2f} % |")
        out.append("")
    return "\n".join(out)


def spread(stats):
    if not stats:
        return ""
    value = stats["wall"]
    return text(value["median"]) + (f" ± {text(value['sd'])}" if value["sd"] else "")


def summary(table):
    """Whole processes, a line each."""
    out = ["## Whole processes, median ± s.d.", "",
           "| experiment | task | threads | runs | attested | unattested | PyTorch | PyTorch / attested | accuracy: ours | PyTorch's |",
           "|---|---|---|---|---|---|---|---|---|---|"]
    for row in table:
        by, task = row["by"], row["task"]
        shown = f"training, {row['epochs']} epochs" if task == "train" else TITLES[task]
        # Only clean accuracy is compared; ours under attack stands in the statement.
        accuracies = [accuracy(by.get(who, {}), row["seeds"]) if task != "robustness" else "" for who in ("attested", "PyTorch")]
        out.append(f"| {row['experiment']} | {shown} | {row['threads']} | {row['runs']} | "
                   + " | ".join([*(spread(by.get(who)) for who in ("attested", "unattested", "PyTorch")), ratio(row, "PyTorch"),
                                 *accuracies]) + " |")
    return "\n".join([*out, ""])


def svg(table):
    """One bar a program: whole wall time over PyTorch's, shorter is faster."""
    rows = [row for row in table if "PyTorch" in row["by"]]
    height, left, width = 18, 330, 420
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 90}" height="{height * len(rows) + 60}" '
             'font-family="sans-serif" font-size="12">',
             f'<text x="10" y="20">Whole process, attested, as a share of the unattested PyTorch script (shorter is faster)</text>']
    for i, row in enumerate(rows):
        share = row["by"]["attested"]["wall"]["median"] / row["by"]["PyTorch"]["wall"]["median"]
        y = 34 + height * i
        label = html.escape(f"{row['experiment']}, {row['task']}, {row['threads']} thr.")
        lines += [f'<text x="{left - 8}" y="{y + 12}" text-anchor="end">{label}</text>',
                  f'<rect x="{left}" y="{y}" width="{min(share, 1.5) / 1.5 * width:.1f}" height="{height - 4}" '
                  f'fill="{"#2a7" if share <= 1 else "#c43"}"/>',
                  f'<text x="{left + min(share, 1.5) / 1.5 * width + 6:.1f}" y="{y + 12}">{share:.2f}</text>']
    x = left + width / 1.5
    lines += [f'<line x1="{x}" y1="28" x2="{x}" y2="{34 + height * len(rows)}" stroke="#888" stroke-dasharray="3 3"/>', "</svg>"]
    return "\n".join(lines)


def write_report(table, directory, cores):
    (directory / "research.json").write_text(json.dumps({"cores": cores, "rows": table, "research": THEIRS}, indent=2) + "\n")
    (directory / "research.md").write_text(markdown(table, cores) + "\n" + summary(table) + "\n")
    (directory / "research.svg").write_text(svg(table) + "\n")
