"""stub"""


class _T:
    operators = 0


class EngineRecorder:
    def __init__(self, sites):
        self.tracker = _T()

    def start(self):
        pass

    def stop(self):
        pass

    def finish(self, frame):
        pass
