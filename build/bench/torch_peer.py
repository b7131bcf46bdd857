"""The benchmark's training steps in PyTorch, on the same shapes.

torch_peer.py NAME BATCH THREADS; then each line of standard input is a number of steps, answered by their
times in ms, wall clock and processor, as JSON.
"""
import json
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

name, batch, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.manual_seed(0)
torch.set_num_threads(threads)


class Residual(nn.Module):
    def __init__(self, hidden, inner, layers):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Sequential(nn.ReLU(), nn.Conv2d(hidden, inner, 3, padding=1), nn.ReLU(), nn.Conv2d(inner, hidden, 1)) for _ in range(layers)
        )

    def forward(self, x):
        for layer in self.layers:
            x = x + layer(x)
        return F.relu(x)


class VqVae(nn.Module):
    def __init__(self, h=128, inner=32, layers=2, dim=64, codes=512):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(3, h // 2, 4, 2, 1), nn.ReLU(), nn.Conv2d(h // 2, h, 4, 2, 1), nn.ReLU(), nn.Conv2d(h, h, 3, 1, 1), Residual(h, inner, layers), nn.Conv2d(h, dim, 1)
        )
        self.decoder = nn.Sequential(
            nn.Conv2d(dim, h, 3, 1, 1), Residual(h, inner, layers), nn.ConvTranspose2d(h, h // 2, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(h // 2, 3, 4, 2, 1)
        )
        self.codebook = nn.Parameter(torch.randn(codes, dim) * 0.1)

    def forward(self, x):
        z = self.encoder(x).permute(0, 2, 3, 1)
        flat = z.reshape(-1, z.shape[-1])
        with torch.no_grad():
            nearest = ((flat**2).sum(1, keepdim=True) - 2 * flat @ self.codebook.t() + (self.codebook**2).sum(1)).argmin(1)
        q = self.codebook[nearest].view_as(z)
        latent = F.mse_loss(q, z.detach()) + 0.25 * F.mse_loss(z, q.detach())
        q = z + (q - z).detach()
        return F.mse_loss(self.decoder(q.permute(0, 3, 1, 2)), x) / 0.06 + latent


class PixelCnn(nn.Module):
    def __init__(self, c=64, codes=512, layers=12, head=512):
        super().__init__()
        self.embedding = nn.Embedding(codes, c)
        self.v = nn.ModuleList(nn.Conv2d(c, 2 * c, (2, 3) if l else (3, 7)) for l in range(layers))
        self.h = nn.ModuleList(nn.Conv2d(c, 2 * c, (1, 2) if l else (1, 3)) for l in range(layers))
        self.vh = nn.ModuleList(nn.Conv2d(2 * c, 2 * c, 1) for _ in range(layers))
        self.r = nn.ModuleList(nn.Conv2d(c, c, 1) for _ in range(layers))
        self.o1 = nn.Conv2d(c, head, 1)
        self.o2 = nn.Conv2d(head, codes, 1)

    def forward(self, codes):
        def gate(x):
            a, b = x.chunk(2, 1)
            return torch.tanh(a) * torch.sigmoid(b)

        v = self.embedding(codes).permute(0, 3, 1, 2).contiguous()
        h = v
        for l in range(len(self.v)):
            vertical = self.v[l](F.pad(v, (1, 1, 1, 0)) if l else F.pad(v[:, :, :-1], (3, 3, 3, 0)))
            horizontal = self.h[l](F.pad(h, (1, 0)) if l else F.pad(h[:, :, :, :-1], (3, 0)))
            out = self.r[l](gate(horizontal + self.vh[l](vertical)))
            h = out + h if l else out
            v = gate(vertical)
        return F.cross_entropy(self.o2(F.relu(self.o1(h))), codes)


class Vae(nn.Module):
    def __init__(self, size=28, channels=1, h=32, dim=32):
        super().__init__()
        self.grid = (2 * h, size // 4, size // 4)
        flat = 2 * h * (size // 4) ** 2
        self.encoder = nn.Sequential(nn.Conv2d(channels, h, 4, 2, 1), nn.ReLU(), nn.Conv2d(h, 2 * h, 4, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(flat, 2 * dim))
        self.expand = nn.Linear(dim, flat)
        self.decoder = nn.Sequential(nn.ConvTranspose2d(2 * h, h, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(h, channels, 4, 2, 1))
        self.dim = dim

    def forward(self, x):
        mean, log_var = self.encoder(x).chunk(2, 1)
        z = mean + torch.exp(0.5 * log_var) * torch.randn(x.shape[0], self.dim)
        logits = self.decoder(F.relu(self.expand(z)).view(-1, *self.grid))
        kl = -0.5 * (1 + log_var - mean**2 - log_var.exp()).sum()
        return (F.binary_cross_entropy_with_logits(logits, x, reduction="sum") + kl) / x.shape[0]


model, x = {
    "vq-vae": lambda: (VqVae(), torch.rand(batch, 3, 32, 32) - 0.5),
    "pixelcnn": lambda: (PixelCnn(), torch.randint(0, 512, (batch, 8, 8))),
    "vae": lambda: (Vae(), (torch.rand(batch, 1, 28, 28) > 0.8).float()),
}[name]()
optimizer = torch.optim.Adam(model.parameters(), 3e-4)


def step():
    optimizer.zero_grad()
    loss = model(x)
    loss.backward()
    optimizer.step()
    return loss.item()


for _ in range(3):
    step()
print(json.dumps({"torch": torch.__version__}), flush=True)
for line in sys.stdin:
    times = []
    for _ in range(int(line)):
        start, cpu = time.perf_counter(), time.process_time()
        step()
        times.append([(time.perf_counter() - start) * 1e3, (time.process_time() - cpu) * 1e3])
    print(json.dumps(times), flush=True)
