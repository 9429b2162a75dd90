"""Iterative magnitude pruning with rewinding (lottery ticket)."""
import copy
import torch
import torch.nn as nn
import torch.nn.functional as F


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(10, 20), nn.Linear(20, 20), nn.Linear(20, 3)

    def forward(self, x):
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


def make_masks(model):
    return {n: torch.ones_like(p) for n, p in model.named_parameters() if "weight" in n}


def prune_by_percentile(model, masks, percent):
    for name, p in model.named_parameters():
        if name in masks:
            alive = p.data[masks[name] > 0].abs()
            thr = torch.quantile(alive, percent / 100)
            masks[name] = torch.where(p.data.abs() < thr, torch.zeros_like(p.data), masks[name])
            p.data.mul_(masks[name])


def original_initialization(model, masks, init_state):
    for name, p in model.named_parameters():
        if name in masks:
            p.data = masks[name] * init_state[name]
        else:
            p.data = init_state[name].clone()


def train(model, masks, X, Y, steps):
    opt = torch.optim.Adam(model.parameters(), lr=1e-2, weight_decay=1e-4)
    for _ in range(steps):
        opt.zero_grad()
        loss = F.cross_entropy(model(X), Y)
        loss.backward()
        for name, p in model.named_parameters():
            if name in masks:
                p.grad.data.mul_(masks[name])
        opt.step()
    return loss.item()


def main():
    torch.manual_seed(0)
    Y = torch.randint(0, 3, (50,))
    X = torch.randn(50, 10) + F.one_hot(Y, 10) * 2
    model = MLP()
    init_state = copy.deepcopy(model.state_dict())
    masks = make_masks(model)
    for it in range(3):
        if it > 0:
            prune_by_percentile(model, masks, 20)
            original_initialization(model, masks, init_state)
        loss = train(model, masks, X, Y, 5)
        alive = sum(m.sum().item() for m in masks.values()) / sum(m.numel() for m in masks.values())
        print(f"round {it}: alive {alive:.2%} loss {loss:.4f}")


if __name__ == "__main__":
    main()
