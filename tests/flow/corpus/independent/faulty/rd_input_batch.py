"""Batches that never had history are detached."""
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(4, 2)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
loader = torch.utils.data.DataLoader(
    torch.utils.data.TensorDataset(torch.randn(12, 4), torch.randint(0, 2, (12,))), batch_size=4)
for x, y in loader:
    x = x.detach()  # expect-note: redundant-detach
    loss = nn.functional.cross_entropy(model(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
