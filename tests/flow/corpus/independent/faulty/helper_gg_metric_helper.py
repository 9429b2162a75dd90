from collections import defaultdict


class Meter:
    def __init__(self):
        self.values = defaultdict(list)

    def update(self, **metrics):
        for name, value in metrics.items():
            self.values[name].append(value)  # expect: graph-growth

    def summary(self):
        return {k: float(sum(v)) / len(v) for k, v in self.values.items()}
