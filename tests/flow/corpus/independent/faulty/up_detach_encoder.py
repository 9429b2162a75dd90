"""An auto-encoder passes its code along in a dict, cut."""
import torch
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 2))
        self.decoder = nn.Linear(2, 6)

    def forward(self, x):
        state = {"code": self.encoder(x).detach(), "batch": x.shape[0]}  # expect: unreached-parameter, also: built-then-dropped
        return self.decode(state)

    def decode(self, state):
        return self.decoder(state["code"]), state["code"]


torch.manual_seed(0)
model = Model()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
data = torch.randn(20, 6)
for epoch in range(3):
    recon, code = model(data)
    loss = nn.functional.mse_loss(recon, data)
    opt.zero_grad()
    loss.backward()
    opt.step()
