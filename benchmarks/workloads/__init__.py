"""The workloads, one file for each kind, in the order of their letters."""

from __future__ import annotations

from benchmarks.workload import Workload
from benchmarks.workloads import (
    chain,
    detach,
    encoder,
    importing,
    lenet,
    logistic,
    long_chain,
    lstm,
    mlp,
    transformer,
)

WORKLOADS: tuple[Workload, ...] = (
    *chain.WORKLOADS,
    *mlp.WORKLOADS,
    *transformer.WORKLOADS,
    *lstm.WORKLOADS,
    *lenet.WORKLOADS,
    *detach.WORKLOADS,
    *logistic.WORKLOADS,
    *long_chain.WORKLOADS,
    *encoder.WORKLOADS,
    *importing.WORKLOADS,
)


def by_name(name: str) -> Workload:
    """The workload of that name; KeyError if there is none."""
    return {workload.name: workload for workload in WORKLOADS}[name]
