"""upriver: automatic differentiation for NumPy with PyTorch's semantics.

>>> import upriver as up
>>> x = up.tensor([1.0, 2.0], requires_grad=True)
>>> (x * x).sum().backward()
>>> x.grad
tensor([2., 4.])
"""

from __future__ import annotations

from math import e as e
from math import inf as inf
from math import nan as nan
from math import pi as pi
from typing import TYPE_CHECKING, Any

from numpy import newaxis as newaxis

from . import autograd as autograd
from .autograd.anomaly import is_anomaly_check_nan_enabled as is_anomaly_check_nan_enabled
from .autograd.anomaly import is_anomaly_enabled as is_anomaly_enabled
from .autograd.modes import enable_grad as enable_grad
from .autograd.modes import inference_mode as inference_mode
from .autograd.modes import is_grad_enabled as is_grad_enabled
from .autograd.modes import is_inference_mode_enabled as is_inference_mode_enabled
from .autograd.modes import no_grad as no_grad
from .autograd.modes import set_grad_enabled as set_grad_enabled
from .dtypes import complex64 as complex64
from .dtypes import complex128 as complex128
from .dtypes import dtype as dtype
from .dtypes import finfo as finfo
from .dtypes import float16 as float16
from .dtypes import float32 as float32
from .dtypes import float64 as float64
from .dtypes import get_default_dtype as get_default_dtype
from .dtypes import iinfo as iinfo
from .dtypes import int8 as int8
from .dtypes import int16 as int16
from .dtypes import int32 as int32
from .dtypes import int64 as int64
from .dtypes import promote_types as promote_types
from .dtypes import set_default_dtype as set_default_dtype
from .dtypes import uint8 as uint8
from .dtypes import uint16 as uint16
from .dtypes import uint32 as uint32
from .dtypes import uint64 as uint64
from .dtypes import bool_ as bool
from .dtypes import can_cast as can_cast
from .dtypes import complex64 as cfloat
from .dtypes import complex128 as cdouble
from .dtypes import float16 as half
from .dtypes import float32 as float
from .dtypes import float64 as double
from .dtypes import int16 as short
from .dtypes import int32 as int
from .dtypes import int64 as long
from .kernels.memory import keep_freed_memory as keep_freed_memory
from .kernels.threads import get_num_threads as get_num_threads
from .kernels.threads import set_num_threads as set_num_threads
from .ops import abs as abs
from .ops import acos as acos
from .ops import acosh as acosh
from .ops import asin as asin
from .ops import asinh as asinh
from .ops import atan as atan
from .ops import atan2 as atan2
from .ops import atanh as atanh
from .ops import ceil as ceil
from .ops import copysign as copysign
from .ops import cos as cos
from .ops import cosh as cosh
from .ops import exp as exp
from .ops import exp2 as exp2
from .ops import expm1 as expm1
from .ops import floor as floor
from .ops import floor_divide as floor_divide
from .ops import fmax as fmax
from .ops import fmin as fmin
from .ops import fmod as fmod
from .ops import frac as frac
from .ops import heaviside as heaviside
from .ops import hypot as hypot
from .ops import log as log
from .ops import log10 as log10
from .ops import log1p as log1p
from .ops import log2 as log2
from .ops import logaddexp as logaddexp
from .ops import logaddexp2 as logaddexp2
from .ops import maximum as maximum
from .ops import minimum as minimum
from .ops import mul as mul
from .ops import nan_to_num as nan_to_num
from .ops import neg as neg
from .ops import pow as pow
from .ops import reciprocal as reciprocal
from .ops import remainder as remainder
from .ops import round as round
from .ops import rsqrt as rsqrt
from .ops import sign as sign
from .ops import sin as sin
from .ops import sinh as sinh
from .ops import sqrt as sqrt
from .ops import square as square
from .ops import tan as tan
from .ops import tanh as tanh
from .ops import trunc as trunc
from .ops import bitwise_and as bitwise_and
from .ops import bitwise_left_shift as bitwise_left_shift
from .ops import bitwise_not as bitwise_not
from .ops import bitwise_or as bitwise_or
from .ops import bitwise_right_shift as bitwise_right_shift
from .ops import bitwise_xor as bitwise_xor
from .ops import eq as eq
from .ops import gcd as gcd
from .ops import ge as ge
from .ops import gt as gt
from .ops import isclose as isclose
from .ops import isfinite as isfinite
from .ops import isinf as isinf
from .ops import isnan as isnan
from .ops import isneginf as isneginf
from .ops import isposinf as isposinf
from .ops import isreal as isreal
from .ops import lcm as lcm
from .ops import le as le
from .ops import logical_and as logical_and
from .ops import logical_not as logical_not
from .ops import logical_or as logical_or
from .ops import logical_xor as logical_xor
from .ops import lt as lt
from .ops import ne as ne
from .ops import signbit as signbit
from .ops import angle as angle
from .ops import complex as complex
from .ops import conj as conj
from .ops import conj_physical as conj_physical
from .ops import imag as imag
from .ops import polar as polar
from .ops import real as real
from .ops import sgn as sgn
from .ops import view_as_complex as view_as_complex
from .ops import view_as_real as view_as_real
from .ops import absolute as absolute
from .ops import add as add
from .ops import addcdiv as addcdiv
from .ops import addcmul as addcmul
from .ops import allclose as allclose
from .ops import arccos as arccos
from .ops import arccosh as arccosh
from .ops import arcsin as arcsin
from .ops import arcsinh as arcsinh
from .ops import arctan as arctan
from .ops import arctan2 as arctan2
from .ops import arctanh as arctanh
from .ops import clamp as clamp
from .ops import clamp_max as clamp_max
from .ops import clamp_min as clamp_min
from .ops import clip as clip
from .ops import deg2rad as deg2rad
from .ops import detach as detach
from .ops import div as div
from .ops import divide as divide
from .ops import equal as equal
from .ops import fix as fix
from .ops import float_power as float_power
from .ops import greater as greater
from .ops import greater_equal as greater_equal
from .ops import is_complex as is_complex
from .ops import is_conj as is_conj
from .ops import is_floating_point as is_floating_point
from .ops import is_inference as is_inference
from .ops import is_neg as is_neg
from .ops import is_nonzero as is_nonzero
from .ops import is_same_size as is_same_size
from .ops import is_signed as is_signed
from .ops import is_tensor as is_tensor
from .ops import ldexp as ldexp
from .ops import lerp as lerp
from .ops import less as less
from .ops import less_equal as less_equal
from .ops import multiply as multiply
from .ops import negative as negative
from .ops import not_equal as not_equal
from .ops import positive as positive
from .ops import rad2deg as rad2deg
from .ops import resolve_conj as resolve_conj
from .ops import resolve_neg as resolve_neg
from .ops import result_type as result_type
from .ops import rsub as rsub
from .ops import sub as sub
from .ops import subtract as subtract
from .ops import true_divide as true_divide
from .ops import adjoint as adjoint
from .ops import as_strided as as_strided
from .ops import atleast_1d as atleast_1d
from .ops import atleast_2d as atleast_2d
from .ops import atleast_3d as atleast_3d
from .ops import broadcast_shapes as broadcast_shapes
from .ops import broadcast_tensors as broadcast_tensors
from .ops import broadcast_to as broadcast_to
from .ops import contiguous as contiguous
from .ops import diagonal as diagonal
from .ops import expand as expand
from .ops import expand_as as expand_as
from .ops import flatten as flatten
from .ops import moveaxis as moveaxis
from .ops import movedim as movedim
from .ops import narrow as narrow
from .ops import permute as permute
from .ops import ravel as ravel
from .ops import reshape as reshape
from .ops import reshape_as as reshape_as
from .ops import squeeze as squeeze
from .ops import swapaxes as swapaxes
from .ops import swapdims as swapdims
from .ops import t as t
from .ops import transpose as transpose
from .ops import unflatten as unflatten
from .ops import unsqueeze as unsqueeze
from .ops import view as view
from .ops import view_as as view_as
from .ops import diag as diag
from .ops import diag_embed as diag_embed
from .ops import diagflat as diagflat
from .ops import diagonal_scatter as diagonal_scatter
from .ops import select_scatter as select_scatter
from .ops import slice_scatter as slice_scatter
from .ops import gather as gather
from .ops import getitem as getitem
from .ops import index_add as index_add
from .ops import index_copy as index_copy
from .ops import index_fill as index_fill
from .ops import index_put as index_put
from .ops import index_select as index_select
from .ops import masked_fill as masked_fill
from .ops import masked_scatter as masked_scatter
from .ops import masked_select as masked_select
from .ops import nonzero as nonzero
from .ops import scatter as scatter
from .ops import scatter_add as scatter_add
from .ops import select as select
from .ops import take_along_dim as take_along_dim
from .ops import where as where
from .ops import scatter_reduce as scatter_reduce
from .ops import cat as cat
from .ops import chunk as chunk
from .ops import column_stack as column_stack
from .ops import concat as concat
from .ops import concatenate as concatenate
from .ops import dsplit as dsplit
from .ops import dstack as dstack
from .ops import flip as flip
from .ops import fliplr as fliplr
from .ops import flipud as flipud
from .ops import hsplit as hsplit
from .ops import hstack as hstack
from .ops import pad as pad
from .ops import repeat as repeat
from .ops import repeat_interleave as repeat_interleave
from .ops import roll as roll
from .ops import rot90 as rot90
from .ops import row_stack as row_stack
from .ops import split as split
from .ops import split_with_sizes as split_with_sizes
from .ops import stack as stack
from .ops import tensor_split as tensor_split
from .ops import tile as tile
from .ops import tril as tril
from .ops import triu as triu
from .ops import unbind as unbind
from .ops import unfold as unfold
from .ops import vsplit as vsplit
from .ops import vstack as vstack
from .ops import arange as arange
from .ops import as_tensor as as_tensor
from .ops import asarray as asarray
from .ops import clone as clone
from .ops import empty as empty
from .ops import empty_like as empty_like
from .ops import eye as eye
from .ops import from_numpy as from_numpy
from .ops import frombuffer as frombuffer
from .ops import full as full
from .ops import full_like as full_like
from .ops import linspace as linspace
from .ops import logspace as logspace
from .ops import meshgrid as meshgrid
from .ops import numel as numel
from .ops import ones as ones
from .ops import ones_like as ones_like
from .ops import scalar_tensor as scalar_tensor
from .ops import tensor as tensor
from .ops import to as to
from .ops import tril_indices as tril_indices
from .ops import triu_indices as triu_indices
from .ops import vander as vander
from .ops import zeros as zeros
from .ops import zeros_like as zeros_like
from .ops import celu as celu
from .ops import elu as elu
from .ops import gelu as gelu
from .ops import hardtanh as hardtanh
from .ops import leaky_relu as leaky_relu
from .ops import log_sigmoid as log_sigmoid
from .ops import logsigmoid as logsigmoid
from .ops import mish as mish
from .ops import prelu as prelu
from .ops import relu as relu
from .ops import selu as selu
from .ops import silu as silu
from .ops import softplus as softplus
from .ops import softsign as softsign
from .ops import threshold as threshold
from .ops import addbmm as addbmm
from .ops import addmm as addmm
from .ops import addmv as addmv
from .ops import addr as addr
from .ops import baddbmm as baddbmm
from .ops import bmm as bmm
from .ops import chain_matmul as chain_matmul
from .ops import dot as dot
from .ops import ger as ger
from .ops import inner as inner
from .ops import kron as kron
from .ops import linear as linear
from .ops import matmul as matmul
from .ops import mm as mm
from .ops import mv as mv
from .ops import outer as outer
from .ops import tensordot as tensordot
from .ops import trace as trace
from .ops import vdot as vdot
from .ops import conv1d as conv1d
from .ops import conv2d as conv2d
from .ops import conv_transpose1d as conv_transpose1d
from .ops import conv_transpose2d as conv_transpose2d
from .ops import cummax as cummax
from .ops import cummin as cummin
from .ops import cumprod as cumprod
from .ops import cumsum as cumsum
from .ops import cumulative_trapezoid as cumulative_trapezoid
from .ops import diff as diff
from .ops import logcumsumexp as logcumsumexp
from .ops import trapezoid as trapezoid
from .ops import trapz as trapz
from .ops import einsum as einsum
from .ops import cdist as cdist
from .ops import dist as dist
from .ops import embedding as embedding
from .ops import amax as amax
from .ops import amin as amin
from .ops import aminmax as aminmax
from .ops import argmax as argmax
from .ops import argmin as argmin
from .ops import max as max
from .ops import median as median
from .ops import min as min
from .ops import mode as mode
from .ops import nanmedian as nanmedian
from .ops import cholesky as cholesky
from .ops import cholesky_inverse as cholesky_inverse
from .ops import cholesky_solve as cholesky_solve
from .ops import cross as cross
from .ops import det as det
from .ops import inverse as inverse
from .ops import logdet as logdet
from .ops import matrix_exp as matrix_exp
from .ops import matrix_power as matrix_power
from .ops import norm as norm
from .ops import pinverse as pinverse
from .ops import qr as qr
from .ops import renorm as renorm
from .ops import slogdet as slogdet
from .ops import svd as svd
from .ops import binary_cross_entropy_of as binary_cross_entropy_of
from .ops import cross_entropy_of_classes as cross_entropy_of_classes
from .ops import logits_cross_entropy as logits_cross_entropy
from .ops import nll_loss as nll_loss
from .ops import layer_norm as layer_norm
from .ops import rms_norm as rms_norm
from .ops import adaptive_avg_pool1d as adaptive_avg_pool1d
from .ops import adaptive_avg_pool2d as adaptive_avg_pool2d
from .ops import adaptive_max_pool1d as adaptive_max_pool1d
from .ops import adaptive_max_pool2d as adaptive_max_pool2d
from .ops import avg_pool1d as avg_pool1d
from .ops import avg_pool2d as avg_pool2d
from .ops import max_pool1d as max_pool1d
from .ops import max_pool1d_with_indices as max_pool1d_with_indices
from .ops import max_pool2d as max_pool2d
from .ops import max_pool2d_with_indices as max_pool2d_with_indices
from .ops import nanquantile as nanquantile
from .ops import quantile as quantile
from .ops import bernoulli as bernoulli
from .ops import dropout as dropout
from .ops import multinomial as multinomial
from .ops import normal as normal
from .ops import poisson as poisson
from .ops import rand as rand
from .ops import rand_like as rand_like
from .ops import randint as randint
from .ops import randint_like as randint_like
from .ops import randn as randn
from .ops import randn_like as randn_like
from .ops import randperm as randperm
from .ops import all as all
from .ops import any as any
from .ops import count_nonzero as count_nonzero
from .ops import mean as mean
from .ops import nanmean as nanmean
from .ops import nansum as nansum
from .ops import prod as prod
from .ops import std as std
from .ops import std_mean as std_mean
from .ops import sum as sum
from .ops import var as var
from .ops import var_mean as var_mean
from .ops import log_softmax as log_softmax
from .ops import logsumexp as logsumexp
from .ops import softmax as softmax
from .ops import argsort as argsort
from .ops import bincount as bincount
from .ops import bucketize as bucketize
from .ops import histc as histc
from .ops import kthvalue as kthvalue
from .ops import msort as msort
from .ops import searchsorted as searchsorted
from .ops import sort as sort
from .ops import topk as topk
from .ops import unique as unique
from .ops import unique_consecutive as unique_consecutive
from .ops import digamma as digamma
from .ops import entr as entr
from .ops import erf as erf
from .ops import erfc as erfc
from .ops import erfinv as erfinv
from .ops import expit as expit
from .ops import gammaln as gammaln
from .ops import i0 as i0
from .ops import i0e as i0e
from .ops import i1 as i1
from .ops import i1e as i1e
from .ops import lgamma as lgamma
from .ops import log_ndtr as log_ndtr
from .ops import logit as logit
from .ops import multigammaln as multigammaln
from .ops import mvlgamma as mvlgamma
from .ops import ndtr as ndtr
from .ops import ndtri as ndtri
from .ops import polygamma as polygamma
from .ops import psi as psi
from .ops import sigmoid as sigmoid
from .ops import sinc as sinc
from .ops import xlog1py as xlog1py
from .ops import xlogy as xlogy
from .ops import set_printoptions as set_printoptions
from .ops import block_diag as block_diag
from .ops import cartesian_prod as cartesian_prod
from .ops import combinations as combinations
from .ops import argwhere as argwhere
from .ops import isin as isin
from .ops import put as put
from .ops import take as take
from .ops import unravel_index as unravel_index
from .ops import corrcoef as corrcoef
from .ops import cov as cov
from .ops.generator import Generator as Generator
from .ops.generator import get_rng_state as get_rng_state
from .ops.generator import initial_seed as initial_seed
from .ops.generator import manual_seed as manual_seed
from .ops.generator import seed as seed
from .ops.generator import set_rng_state as set_rng_state
from .ops.generator import default_generator as default_generator
from .tensor import Device as device
from .tensor import Size as Size
from .tensor import Tensor as Tensor

if TYPE_CHECKING:
    from . import flow as flow
    from . import interop as interop
    from . import linalg as linalg
    from . import nn as nn
    from . import optim as optim
    from . import special as special
    from . import utils as utils
    from .autograd.sever import sever as sever
    from .flow.aliases import alias_report as alias_report
    from .flow.contracts import expect as expect
    from .flow.contracts import matrix as matrix
    from .flow.kept import keepers as keepers
    from .flow.session import explain as explain
    from .flow.session import record as record
    from .flow.whatif import what_if as what_if
    from .nn.functional import bilinear as bilinear
    from .nn.functional import cosine_similarity as cosine_similarity
    from .nn.functional import hardshrink as hardshrink
    from .nn.functional import pairwise_distance as pairwise_distance
    from .nn.functional import pixel_shuffle as pixel_shuffle
    from .nn.functional import pixel_unshuffle as pixel_unshuffle

__version__ = "0.1.0"

# imported when first used: they cost more than all the rest
LATER = ("flow", "interop", "linalg", "nn", "optim", "special", "utils")
# PyTorch has these of nn.functional here too
OF_FUNCTIONAL = (
    "bilinear",
    "cosine_similarity",
    "hardshrink",
    "pairwise_distance",
    "pixel_shuffle",
    "pixel_unshuffle",
)
# the module of each function that is imported when first used
OF_MODULES = {
    "alias_report": "flow.aliases",
    "expect": "flow.contracts",
    "explain": "flow.session",
    "keepers": "flow.kept",
    "matrix": "flow.contracts",
    "record": "flow.session",
    "sever": "autograd.sever",
    "what_if": "flow.whatif",
}


def __getattr__(name: str) -> Any:
    if name in LATER or name in OF_MODULES:
        import importlib

        module = importlib.import_module(f"{__name__}.{OF_MODULES.get(name, name)}")
        return getattr(module, name) if name in OF_MODULES else module
    if name in OF_FUNCTIONAL:
        from .nn import functional

        return getattr(functional, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *LATER, *OF_MODULES, *OF_FUNCTIONAL})
