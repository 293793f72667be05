import sys
from typing import Dict

import torch


class AccuracyGap(torch.nn.Module):
    """How much more often the model is right in the best group than in the worst, of each attribute."""

    def forward(self, probabilities: torch.Tensor, labels: torch.Tensor,
                groups: Dict[str, torch.Tensor]) -> Dict[str, float]:
        right = (probabilities.argmax(dim=1) == labels).to(torch.float64)
        numbers: Dict[str, float] = {}
        for name, codes in groups.items():
            worst, best = 1.0, 0.0
            for code in range(int(codes.max()) + 1):
                members = right[codes == code]
                if members.numel() > 0:
                    rate = float(members.mean())
                    worst, best = min(worst, rate), max(best, rate)
            numbers["gap-" + name] = best - worst
        return numbers


torch.jit.script(AccuracyGap()).save(sys.argv[1])
