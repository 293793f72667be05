#!/usr/bin/env python3
"""spec/encoding.md section 4 a second time, from its text alone: counts everything anew for every merge.

usage: tokenizer.py FILE      FILE is JSON: {"tokenizer", "vocabulary", "minCount", "length", "lowercase", "texts"}
Prints {"vocabulary", "merges", "ids"} as JSON.
"""
import collections
import json
import sys


def words(text, lowercase):
    data = text.encode()
    is_letter = lambda b: b >= 0x80 or chr(b).isalnum()
    out = []
    at = 0
    while at < len(data):
        byte = data[at]
        if byte <= 0x20 or byte == 0x7f:
            at += 1
            continue
        end = at + 1
        if is_letter(byte):
            while end < len(data):
                inner = data[end] == ord("'") and end + 1 < len(data) and is_letter(data[end + 1])
                if not is_letter(data[end]) and not inner:
                    break
                end += 1
            if end - at > 64:
                end = at + 64
                while data[end] & 0xC0 == 0x80:
                    end -= 1
        word = data[at:end]
        # bytes.lower() changes ASCII letters only.
        out.append(word.lower() if lowercase else word)
        at = end
    return out


def merge(symbols, pair):
    out = []
    at = 0
    while at < len(symbols):
        if tuple(symbols[at:at + 2]) == pair:
            out.append(symbols[at] + symbols[at + 1])
            at += 2
        else:
            out.append(symbols[at])
            at += 1
    return out


def split(word):
    return [bytes([b]) for b in word] + [b" "]


def learn(counts, size, least):
    alphabet = sorted({symbol for word in counts for symbol in split(word)})
    vocabulary = list(alphabet)
    merges = []
    state = {word: split(word) for word in counts}
    while len(vocabulary) < size:
        pairs = collections.Counter()
        for word, symbols in state.items():
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] += counts[word]
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        if pairs[best] < least:
            break
        merges.append(best)
        if best[0] + best[1] not in vocabulary:
            vocabulary.append(best[0] + best[1])
        state = {word: merge(symbols, best) for word, symbols in state.items()}
    return vocabulary, merges


def main(path):
    with open(path, encoding="utf-8") as file:
        job = json.load(file)
    cut = [words(text, job["lowercase"]) for text in job["texts"]]
    counts = collections.Counter(word for text in cut for word in text)
    if job["tokenizer"] == "word":
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
        vocabulary = [word for word in ranked if counts[word] >= job["minCount"]][:job["vocabulary"]]
        merges = []
        spell = lambda token: token.decode()
    else:
        vocabulary, merges = learn(counts, job["vocabulary"], max(2, job["minCount"]))
        spell = lambda token: token.decode("latin-1")
    ids = {token: i + 2 for i, token in enumerate(vocabulary)}
    known = {}

    def encode(word):
        if job["tokenizer"] == "word":
            return [ids.get(word, 1)]
        if word not in known:
            symbols = split(word)
            for pair in merges:
                symbols = merge(symbols, pair)
            known[word] = [ids.get(symbol, 1) for symbol in symbols]
        return known[word]

    rows = []
    for text in cut:
        row = [token for word in text for token in encode(word)][:job["length"]]
        rows.append(row + [0] * (job["length"] - len(row)))
    print(json.dumps({"vocabulary": [spell(token) for token in vocabulary],
                      "merges": [[spell(a), spell(b)] for a, b in merges], "ids": rows}))


if __name__ == "__main__":
    main(sys.argv[1])
