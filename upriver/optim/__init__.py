"""Optimisers and learning-rate schedules, with PyTorch's names, options and results.

>>> import upriver as up
>>> model = up.nn.Linear(2, 1)
>>> opt = up.optim.Adam(model.parameters(), lr=0.01)
>>> schedule = up.optim.lr_scheduler.StepLR(opt, step_size=10)
"""

from . import lr_scheduler as lr_scheduler
from .adagrad import Adadelta as Adadelta
from .adagrad import Adagrad as Adagrad
from .adam import Adam as Adam
from .adam import Adamax as Adamax
from .adam import AdamW as AdamW
from .adam import NAdam as NAdam
from .adam import RAdam as RAdam
from .asgd import ASGD as ASGD
from .lbfgs import LBFGS as LBFGS
from .optimizer import Optimizer as Optimizer
from .rmsprop import RMSprop as RMSprop
from .rprop import Rprop as Rprop
from .sgd import SGD as SGD
