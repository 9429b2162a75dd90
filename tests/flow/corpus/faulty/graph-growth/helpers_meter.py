"""The average meter of every second repository."""


class AverageMeter:
    def __init__(self, name):
        self.name = name
        self.reset()

    def reset(self):
        self.sum = 0
        self.count = 0

    def update(self, value, n=1):
        self.sum += value * n  # expect: graph-growth
        self.count += n

    @property
    def average(self):
        return self.sum / self.count
