"""VQ-VAE with straight-through estimator and commitment loss."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class VectorQuantizer(nn.Module):
    def __init__(self, num_embeddings, embedding_dim, commitment_cost):
        super().__init__()
        self._num_embeddings = num_embeddings
        self._embedding = nn.Embedding(num_embeddings, embedding_dim)
        self._embedding.weight.data.uniform_(-1 / num_embeddings, 1 / num_embeddings)
        self._commitment_cost = commitment_cost

    def forward(self, inputs):
        flat = inputs.reshape(-1, inputs.shape[-1])
        with torch.no_grad():
            distances = (flat.pow(2).sum(1, keepdim=True)
                         + self._embedding.weight.pow(2).sum(1)
                         - 2 * flat @ self._embedding.weight.t())
            idx = distances.argmin(dim=1)
        quantized = self._embedding(idx).view_as(inputs)
        e_latent_loss = F.mse_loss(quantized.detach(), inputs)
        q_latent_loss = F.mse_loss(quantized, inputs.detach())
        loss = q_latent_loss + self._commitment_cost * e_latent_loss
        quantized = inputs + (quantized - inputs).detach()
        avg_probs = F.one_hot(idx, self._num_embeddings).float().mean(0)
        perplexity = torch.exp(-torch.sum(avg_probs * torch.log(avg_probs + 1e-10)))
        return loss, quantized, perplexity


class VQVAE(nn.Module):
    def __init__(self, dim=12, hidden=16, code=4, k=8):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(dim, hidden), nn.ReLU(), nn.Linear(hidden, code))
        self.vq = VectorQuantizer(k, code, 0.25)
        self.decoder = nn.Sequential(nn.Linear(code, hidden), nn.ReLU(), nn.Linear(hidden, dim))

    def forward(self, x):
        z = self.encoder(x)
        vq_loss, q, perplexity = self.vq(z)
        return vq_loss, self.decoder(q), perplexity


def main():
    torch.manual_seed(0)
    data = torch.randn(64, 12)
    data_variance = data.var().item()
    model = VQVAE()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, amsgrad=False)
    model.train()
    recon_hist, ppl_hist = [], []
    for i in range(8):
        x = data[torch.randint(0, 64, (16,))]
        optimizer.zero_grad()
        vq_loss, x_hat, ppl = model(x)
        recon = F.mse_loss(x_hat, x) / data_variance
        loss = recon + vq_loss
        loss.backward()
        optimizer.step()
        recon_hist.append(recon.item())
        ppl_hist.append(ppl.item())
    print(sum(recon_hist) / len(recon_hist), sum(ppl_hist) / len(ppl_hist))


if __name__ == "__main__":
    main()
