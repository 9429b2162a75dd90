"""Special functions under the names of ``torch.special``.

>>> import upriver as up
>>> up.special.expit(up.tensor([0.0]))
tensor([0.5000])
"""

from __future__ import annotations

from .ops.elementwise import exp2 as exp2
from .ops.elementwise import expm1 as expm1
from .ops.elementwise import log1p as log1p
from .ops.elementwise import round as round
from .ops.softmax import log_softmax as log_softmax
from .ops.softmax import logsumexp as logsumexp
from .ops.softmax import softmax as softmax
from .ops.special import digamma as digamma
from .ops.special import entr as entr
from .ops.special import erf as erf
from .ops.special import erfc as erfc
from .ops.special import erfinv as erfinv
from .ops.special import expit as expit
from .ops.special import gammaln as gammaln
from .ops.special import i0 as i0
from .ops.special import i0e as i0e
from .ops.special import i1 as i1
from .ops.special import i1e as i1e
from .ops.special import log_ndtr as log_ndtr
from .ops.special import logit as logit
from .ops.special import multigammaln as multigammaln
from .ops.special import ndtr as ndtr
from .ops.special import ndtri as ndtri
from .ops.special import polygamma as polygamma
from .ops.special import psi as psi
from .ops.special import sinc as sinc
from .ops.special import xlog1py as xlog1py
from .ops.special import xlogy as xlogy
