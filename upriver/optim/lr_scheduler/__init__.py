"""Learning-rate schedules: each changes ``lr`` in the optimiser's groups when its ``step()`` is called.

>>> import upriver as up
>>> opt = up.optim.SGD([up.zeros(1, requires_grad=True)], lr=1.0)
>>> schedule = up.optim.lr_scheduler.ExponentialLR(opt, gamma=0.5)
>>> for _ in range(2):
...     opt.step()
...     schedule.step()
>>> schedule.get_last_lr()
[0.25]
"""

from .base import LRScheduler as LRScheduler
from .compose import ChainedScheduler as ChainedScheduler
from .compose import SequentialLR as SequentialLR
from .cosine import CosineAnnealingLR as CosineAnnealingLR
from .cosine import CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts
from .cycle import CyclicLR as CyclicLR
from .cycle import OneCycleLR as OneCycleLR
from .decay import ConstantLR as ConstantLR
from .decay import ExponentialLR as ExponentialLR
from .decay import LambdaLR as LambdaLR
from .decay import LinearLR as LinearLR
from .decay import MultiplicativeLR as MultiplicativeLR
from .decay import MultiStepLR as MultiStepLR
from .decay import PolynomialLR as PolynomialLR
from .decay import StepLR as StepLR
from .plateau import ReduceLROnPlateau as ReduceLROnPlateau
