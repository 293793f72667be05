"""The generator behind splits and shuffles, as spec/selection.md section 4 has it, apart from the product."""

MASK = (1 << 64) - 1
WHOLE = 1_000_000_000


def rotate(x, k):
    return ((x << k) | (x >> (64 - k))) & MASK


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


class Random:
    def __init__(self, seed, purpose):
        name = 0xCBF29CE484222325
        for byte in purpose.encode():
            name = ((name ^ byte) * 0x100000001B3) & MASK
        state = mix((seed + 0x9E3779B97F4A7C15) & MASK) ^ name
        self.s = []
        for _ in range(4):
            state = (state + 0x9E3779B97F4A7C15) & MASK
            self.s.append(mix(state))

    def next(self):
        s = self.s
        result = (rotate((s[1] * 5) & MASK, 7) * 9) & MASK
        shifted = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = rotate(s[3], 45)
        return result

    def below(self, n):
        reject = (1 << 64) % n
        while True:
            value = self.next()
            if value >= reject:
                return value % n

    def shuffle(self, items):
        for i in range(len(items), 1, -1):
            j = self.below(i)
            items[i - 1], items[j] = items[j], items[i - 1]


def part(groups, seed, fractions, name):
    """Rows of part `name`: groups of rows, each shuffled and cut; fractions: [(name, billionths)]."""
    random = Random(seed, "split")
    before = 0
    for known, fraction in fractions:
        if known == name:
            break
        before += fraction
    chosen = []
    for group in groups:
        group = list(group)
        random.shuffle(group)
        chosen += group[len(group) * before // WHOLE:len(group) * (before + fraction) // WHOLE]
    return sorted(chosen)
