from dataclasses import dataclass


@dataclass
class GPTConfig:
    block_size: int = 12
    vocab_size: int = 28
    n_layer: int = 2
    n_head: int = 2
    n_embd: int = 16
    dropout: float = 0.1


@dataclass
class TrainConfig:
    max_iters: int = 6
    batch_size: int = 4
    lr: float = 1e-3
    weight_decay: float = 0.1
    grad_clip: float = 1.0
    accum: int = 2
    eval_interval: int = 3
