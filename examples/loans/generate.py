#!/usr/bin/env python3
"""Writes loans-train.csv and loans-test.csv: synthetic loan applicants with a built-in disparity (README.md).

The same bytes come out of every Python from 3.9 on: only integers are drawn (SplitMix64), and only integers and exact
comparisons decide; no floating point and no library generator is used.

    generate.py [DIRECTORY]        default: the directory of this file
"""

import pathlib
import sys

SEED = 20250704
TRAIN_ROWS = 4000
TEST_ROWS = 1500

HEADER = ("age,sex,group,region,education,employment,employed_years,income,existing_debt,credit_history,"
          "loan_amount,purpose,term_months,account_years,outcome")

MASK = (1 << 64) - 1


class Draw:
    """SplitMix64 (Steele, Lea, Flood 2014)."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def below(self, n):
        """Uniform on 0 … n-1; n is far below 2^32, so the bias is below 2^-32 and the same everywhere."""
        return (self.next() >> 16) % n

    def chance(self, permille):
        return self.below(1000) < permille

    def bell(self, spread):
        """About normal, mean 0, standard deviation `spread`: the sum of twelve uniforms."""
        total = sum(self.below(1000) for _ in range(12)) - 5994
        return total * spread // 1000

    def pick(self, weights):
        """A key of `weights`, in proportion to its weight."""
        at = self.below(sum(weights.values()))
        for key, weight in weights.items():
            at -= weight
            if at < 0:
                return key
        raise AssertionError("the weights add up to more than their sum")


EDUCATION = {
    "primary": {"weight": 14, "income": -420, "score": -35},
    "secondary": {"weight": 46, "income": 0, "score": 0},
    "bachelor": {"weight": 27, "income": 780, "score": 30},
    "master": {"weight": 13, "income": 1350, "score": 45},
}
EMPLOYMENT = {
    "permanent": {"weight": 58, "income": 350, "score": 45},
    "fixed-term": {"weight": 17, "income": -150, "score": -20},
    "self-employed": {"weight": 14, "income": 250, "score": -10},
    "retired": {"weight": 6, "income": -300, "score": 15},
    "unemployed": {"weight": 5, "income": -1500, "score": -140},
}
HISTORY = {
    "good": {"weight": 55, "score": 60},
    "none": {"weight": 21, "score": -25},
    "late-payments": {"weight": 17, "score": -85},
    "default": {"weight": 7, "score": -190},
}
PURPOSE = {"car": 27, "home-improvement": 22, "debt-consolidation": 20, "education": 11, "medical": 9, "business": 11}
REGION = {"north": 24, "east": 19, "south": 31, "west": 26}
GROUP = {"amber": 61, "birch": 24, "cedar": 15}


def clamp(value, low, high):
    return max(low, min(high, value))


def applicant(draw):
    """One record: a dict of strings, "" where missing."""
    sex = "female" if draw.chance(460) else "male"
    # Where groups live differs, so region stands in for group even when group is left out.
    group = draw.pick(GROUP)
    region = dict(REGION)
    if group == "birch":
        region["south"] += 25
    if group == "cedar":
        region["east"] += 30
    region = draw.pick(region)

    age = clamp(41 + draw.bell(13), 18, 79)
    education = draw.pick({name: entry["weight"] for name, entry in EDUCATION.items()})
    employment = draw.pick({name: entry["weight"] for name, entry in EMPLOYMENT.items()})
    if age >= 66 and not draw.chance(250):
        employment = "retired"
    elif age < 55 and employment == "retired":
        employment = "permanent"
    working = 0 if employment in ("unemployed", "retired") else max(0, age - 18 - draw.below(8))
    employed_years = 0 if working == 0 else min(working, draw.below(working + 1) * 2 // 3 + draw.below(3))

    # The pay gap of the past is in the incomes.
    income = 2450 + EDUCATION[education]["income"] + EMPLOYMENT[employment]["income"] + 14 * min(employed_years, 25)
    income += draw.bell(520)
    if sex == "female":
        income = income * 88 // 100
    if group == "birch":
        income = income * 93 // 100
    if group == "cedar":
        income = income * 90 // 100
    income = clamp(income, 450, 12000)

    history = draw.pick({name: entry["weight"] for name, entry in HISTORY.items()})
    if age < 23 and draw.chance(600):
        history = "none"
    debt = 0 if draw.chance(380) else clamp(draw.below(9000) + draw.below(9000) * (3 if history != "good" else 1), 0, 40000)
    purpose = draw.pick(PURPOSE)
    amount = 100 * clamp(20 + draw.below(140) + (60 if purpose == "home-improvement" else 0) + draw.below(40) * (income // 1000),
                         10, 400)
    term = draw.pick({12: 8, 24: 22, 36: 30, 48: 18, 60: 22})
    account_years = 0 if draw.chance(150) else min(age - 17, draw.below(18))

    # Thousandths of a score. Income against the month's instalment and the debts weighs most.
    instalment = amount // term
    score = 90 + clamp((income - 4 * instalment) // 8, -260, 320)
    score -= clamp(debt * 6 // max(income, 1) * 9, 0, 220)
    score += HISTORY[history]["score"] + EDUCATION[education]["score"] + EMPLOYMENT[employment]["score"]
    score += 5 * min(employed_years, 12) + 4 * min(account_years, 10)
    if purpose == "business":
        score -= 25
    # The disparity that is built in: officers of the past marked some applicants down for no reason in the data.
    if sex == "female":
        score -= 45
    if group == "birch":
        score -= 30
    if group == "cedar":
        score -= 75
    if sex == "female" and group == "cedar":
        score -= 30
    score += draw.bell(115)
    outcome = "approved" if score > 105 else "denied"
    if draw.chance(25):  # clerical noise
        outcome = "approved" if outcome == "denied" else "denied"

    # What applicants left out. Those in need of a loan least are the ones who tell their income least.
    return {
        "age": str(age),
        "sex": sex,
        "group": group,
        "region": region,
        "education": education if not draw.chance(12) else "",
        "employment": employment,
        "employed_years": str(employed_years) if not draw.chance(28) else "",
        "income": str(income) if not draw.chance(22 if income < 4000 else 45) else "",
        "existing_debt": str(debt),
        "credit_history": history if not draw.chance(18) else "",
        "loan_amount": str(amount),
        "purpose": purpose,
        "term_months": str(term),
        "account_years": str(account_years),
        "outcome": outcome,
    }


def table(draw, rows):
    names = HEADER.split(",")
    lines = [HEADER]
    for _ in range(rows):
        record = applicant(draw)
        lines.append(",".join(record[name] or "?" for name in names))
    return "\n".join(lines) + "\n"


def main(arguments):
    directory = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parent
    draw = Draw(SEED)
    for name, rows in (("loans-train.csv", TRAIN_ROWS), ("loans-test.csv", TEST_ROWS)):
        (directory / name).write_bytes(table(draw, rows).encode("ascii"))


if __name__ == "__main__":
    main(sys.argv[1:])
