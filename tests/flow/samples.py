"""What the reports made by hand are made of: scripts whose statements are found by their text, and rivers."""

from __future__ import annotations

from dataclasses import dataclass, field

from upriver.flow.model import MapEdge, MapNode, River, Site

MLP = '''\
"""Three layers learn a curve."""

import numpy as np
import upriver as up
from upriver import nn, optim

rng = np.random.default_rng(0)
x = up.tensor(rng.uniform(-2, 2, (256, 1)).astype("float32"))
target = x.sin() + 0.3 * x

fc1, fc2, fc3 = nn.Linear(1, 64), nn.Linear(64, 64), nn.Linear(64, 1)
adam = optim.Adam([*fc1.parameters(), *fc2.parameters(), *fc3.parameters()], lr=1e-2)

for step in range(200):
    h = fc1(x).relu()
    h = fc2(h).relu()
    y = fc3(h)
    loss = ((y - target) ** 2).mean()
    adam.zero_grad()
    loss.backward()
    adam.step()
'''

BROKEN = '''\
"""A classifier whose encoder does not learn."""

import numpy as np
import upriver as up
from upriver import nn, optim
from data import batches

encoder = nn.Sequential(nn.Linear(28, 64), nn.ReLU(), nn.Linear(64, 32))
head = nn.Linear(32, 10)
temperature = up.tensor(1.0, requires_grad=True)
optimizer = optim.Adam([*encoder.parameters(), *head.parameters(), temperature], lr=1e-3)
history = []


def classify(batch):
    h = encoder(batch.x)
    features = h.detach()  # "saves memory"
    logits = head(features) / temperature.round()
    return logits


for batch in batches("train"):
    logits = classify(batch)
    loss = nn.functional.cross_entropy(logits, batch.y)
    best = logits.argmax(dim=1)
    history.append(loss)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scale = head.weight.data.numpy()
    scale *= 0.999
'''


TRANSFORMER = """\
class Attention(nn.Module):
    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        return self.out(scores.softmax(dim=-1) @ v)


class Block(nn.Module):
    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.down(self.up(self.norm2(x)).gelu())


x = embed(tokens) + position
for block in encoder.layers:
    x = block(x)
logits = head(norm(x))
loss = cross_entropy(logits.flatten(0, 1), tokens.flatten())
loss.backward()
"""


HOSTILE = (
    "</script><img src=x onerror=alert(1)>",
    '"><svg onload=alert(2)>',
    "<!--<script>{{ 7 * 7 }}{% raw %}",
    "]]></style><style>*{display:none}",
    "\x1b[31mred\x00\u202egnirts\ud800",
    "Gewässer 河流 🌊 ẞ",
)


@dataclass
class Script:
    """A source text in which statements are found by what they say."""

    file: str
    text: str
    functions: dict[int, str] = field(default_factory=dict)

    def at(self, snippet: str, function: str = "<module>") -> Site:
        """The first line with the snippet."""
        for number, line in enumerate(self.text.splitlines(), 1):
            if snippet in line:
                return Site(self.file, number, function, line.strip())
        raise LookupError(snippet)


class Mapper:
    """Makes a river node by node."""

    def __init__(self) -> None:
        self.river = River()

    def node(self, kind: str, label: str, *sources: int, **more: object) -> int:
        """A pool fed by others; water flows where `norm` is given."""
        made = MapNode(len(self.river.nodes), kind, label, **more)  # type: ignore[arg-type]
        self.river.nodes.append(made)
        for source in sources:
            passed = self.river.nodes[source].norm
            dry = passed is None or made.norm is None
            self.river.edges.append(MapEdge(source, made.id, None if dry else passed))
        return made.id
