class Callback:
    def on_epoch_end(self, trainer, logs):
        pass


class CSVLogger(Callback):
    def __init__(self):
        self.rows = []

    def on_epoch_end(self, trainer, logs):
        self.rows.append(",".join(f"{v:.4f}" if isinstance(v, float) else str(v) for v in logs.values()))


class History(Callback):
    def __init__(self):
        self.history = {}

    def on_epoch_end(self, trainer, logs):
        for k, v in logs.items():
            self.history.setdefault(k, []).append(v)


class StopAt(Callback):
    def __init__(self, key, value):
        self.key, self.value = key, value

    def on_epoch_end(self, trainer, logs):
        if logs[self.key] < self.value:
            trainer.should_stop = True
