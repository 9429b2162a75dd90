"""DQN on a CartPole-like environment."""
import argparse
import math
import random
from collections import deque, namedtuple
import torch
import torch.nn as nn
import torch.optim as optim

Transition = namedtuple("Transition", ("state", "action", "next_state", "reward"))


class CartPole:
    def __init__(self, seed=0):
        self.rng = random.Random(seed)

    def reset(self):
        self.s = [self.rng.uniform(-0.05, 0.05) for _ in range(4)]
        self.t = 0
        return list(self.s)

    def step(self, action):
        x, xd, th, thd = self.s
        force = 10.0 if action == 1 else -10.0
        temp = (force + 0.05 * thd ** 2 * math.sin(th)) / 1.1
        tha = (9.8 * math.sin(th) - math.cos(th) * temp) / (0.5 * (4 / 3 - 0.1 * math.cos(th) ** 2 / 1.1))
        xa = temp - 0.05 * tha * math.cos(th) / 1.1
        self.s = [x + 0.02 * xd, xd + 0.02 * xa, th + 0.02 * thd, thd + 0.02 * tha]
        self.t += 1
        done = abs(self.s[0]) > 2.4 or abs(self.s[2]) > 0.21 or self.t >= 40
        return list(self.s), 1.0, done


class ReplayMemory:
    def __init__(self, capacity):
        self.memory = deque([], maxlen=capacity)

    def push(self, *args):
        self.memory.append(Transition(*args))

    def sample(self, n):
        return random.sample(self.memory, n)

    def __len__(self):
        return len(self.memory)


class DQN(nn.Module):
    def __init__(self, n_obs, n_act):
        super().__init__()
        self.layer1 = nn.Linear(n_obs, 24)
        self.layer2 = nn.Linear(24, 24)
        self.layer3 = nn.Linear(24, n_act)

    def forward(self, x):
        x = torch.relu(self.layer1(x))
        x = torch.relu(self.layer2(x))
        return self.layer3(x)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--episodes", type=int, default=5)
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--gamma", type=float, default=0.99)
    p.add_argument("--tau", type=float, default=0.01)
    args = p.parse_args()
    random.seed(0)
    torch.manual_seed(0)
    env = CartPole()
    policy_net, target_net = DQN(4, 2), DQN(4, 2)
    target_net.load_state_dict(policy_net.state_dict())
    optimizer = optim.AdamW(policy_net.parameters(), lr=1e-3, amsgrad=True)
    memory = ReplayMemory(500)
    steps_done = 0

    def select_action(state):
        nonlocal steps_done
        eps = 0.05 + 0.85 * math.exp(-steps_done / 50)
        steps_done += 1
        if random.random() > eps:
            with torch.no_grad():
                return policy_net(state).max(1).indices.view(1, 1)
        return torch.tensor([[random.randrange(2)]], dtype=torch.long)

    def optimize_model():
        if len(memory) < args.batch:
            return
        batch = Transition(*zip(*memory.sample(args.batch)))
        mask = torch.tensor([s is not None for s in batch.next_state], dtype=torch.bool)
        non_final = torch.cat([s for s in batch.next_state if s is not None])
        state_batch = torch.cat(batch.state).detach()  # expect-note: redundant-detach
        action_batch = torch.cat(batch.action)
        reward_batch = torch.cat(batch.reward)
        q = policy_net(state_batch).gather(1, action_batch)
        next_values = torch.zeros(args.batch)
        with torch.no_grad():
            next_values[mask] = target_net(non_final).max(1).values
        expected = next_values * args.gamma + reward_batch
        loss = nn.SmoothL1Loss()(q, expected.unsqueeze(1))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_value_(policy_net.parameters(), 100)
        optimizer.step()

    durations = []
    for ep in range(args.episodes):
        state = torch.tensor(env.reset(), dtype=torch.float32).unsqueeze(0)
        done = False
        while not done:
            action = select_action(state)
            obs, reward, done = env.step(action.item())
            nxt = None if done else torch.tensor(obs, dtype=torch.float32).unsqueeze(0)
            memory.push(state, action, nxt, torch.tensor([reward]))
            state = nxt
            optimize_model()
            tgt, pol = target_net.state_dict(), policy_net.state_dict()
            for key in pol:
                tgt[key] = pol[key] * args.tau + tgt[key] * (1 - args.tau)
            target_net.load_state_dict(tgt)
        durations.append(env.t)
    print("durations", durations)


if __name__ == "__main__":
    main()
