"""Train the miniature: ``python -m miniature.train STAGE --minutes M`` for one stage, ``all`` for the whole of it.

Stages, each a file: ``autoencoder`` → ``clip`` (judge, captioner and guide) → ``latents`` (encode once) → ``unet`` (with
its own text tower) → ``reader`` (what is in a photo) → ``export``. ``begin`` makes checkpoints of the shipped weights, for
a fresh clone. Every stage resumes where it stopped, optimiser state included; a checkpoint is written every few minutes
and at the end; losses go to ``runs/<stage>/losses.csv``, sample sheets beside it.

Several processes may train one stage, one a core: each with ``--runs`` of its own and all with the same ``--together``
folder, where they meet every minute and go on from the mean of their weights (local SGD: Stich 2019). Any of them may
stop at any time.
"""

from __future__ import annotations

import argparse
import copy
import csv
import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from miniature import WEIGHTS, autoencoder, begin, export, few_steps, judge, reading, unet
from miniature.stage import Stage

RUNS = Path(__file__).parent / "runs"
CHECKPOINT_MINUTES = 5.0
VALIDATE_MINUTES = 4.0
MEET_MINUTES = 1.0
GONE_MINUTES = 3.0  # who has not been seen for so long trains no more


def learning_rate(progress: float, step: int, warmup: int = 50) -> float:
    """Factor on the rate: linear warm-up, constant for the first half, then a cosine to 2 %."""
    cosine = 1.0 if progress < 0.5 else 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - 0.5) * 2)))
    return min(1.0, (step + 1) / warmup) * cosine


def meet(module: nn.Module, here: Path) -> int:
    """Leave the weights in the file ``here`` and take the mean of them and of those that others left beside it lately;
    returns how many others there were."""
    mine = module.state_dict()
    torch.save(mine, here.with_suffix(".part"))
    here.with_suffix(".part").rename(here)
    recent = time.time() - GONE_MINUTES * 60
    theirs = [
        torch.load(path, map_location="cpu", weights_only=True)
        for path in here.parent.glob("*.pt")
        if path != here and path.stat().st_mtime > recent
    ]
    with torch.no_grad():
        for name, value in mine.items():
            if value.is_floating_point() and theirs:
                value.copy_(torch.stack([value.cpu(), *(other[name] for other in theirs)]).mean(0))
    return len(theirs)


def fit(stage: Stage, folder: Path, minutes: float, seed: int = 0, together: Path | None = None) -> None:
    """Run ``stage`` for ``minutes`` more from its last checkpoint in ``folder``; what it reaches is saved there.
    ``together``: a file beside which other processes that train the same leave theirs (see `meet`)."""
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint, log = folder / "checkpoint.pt", folder / "losses.csv"
    ema = copy.deepcopy(stage.module).eval().requires_grad_(False)
    step, trained = 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        stage.module.load_state_dict(state["module"])
        ema.load_state_dict(state["ema"])
        if state["optimizers"] is not None:  # None: begun from the shipped weights
            for optimizer, saved in zip(stage.optimizers, state["optimizers"], strict=True):
                optimizer.load_state_dict(saved)
        step, trained = state["step"], state["seconds"]
    base = [[group.setdefault("base_lr", group["lr"]) for group in o.param_groups] for o in stage.optimizers]

    def save() -> None:
        state = {
            "module": stage.module.state_dict(), "ema": ema.state_dict(), "step": step, "seconds": trained + spent(),
            "optimizers": [o.state_dict() for o in stage.optimizers],
        }  # fmt: skip
        torch.save(state, checkpoint.with_suffix(".part"))
        checkpoint.with_suffix(".part").rename(checkpoint)

    started = time.monotonic()

    def spent() -> float:
        return time.monotonic() - started

    rng = np.random.default_rng([seed, step])
    torch.manual_seed(seed * 1_000_003 + step)
    first, running, saved_at, validated_at, met_at = step, 0.0, 0.0, 0.0, 0.0
    bar = tqdm(
        total=round(minutes * 60), desc=stage.name, unit="s", bar_format="{l_bar}{bar}| {elapsed}<{remaining} {postfix}"
    )
    while spent() < minutes * 60:
        factor = learning_rate(spent() / (minutes * 60), step - first)
        for optimizer, rates in zip(stage.optimizers, base, strict=True):
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * factor
            optimizer.zero_grad(set_to_none=True)
        loss = stage.loss(rng)
        loss.backward()
        nn.utils.clip_grad_norm_(stage.module.parameters(), 1.0)
        for optimizer in stage.optimizers:
            optimizer.step()
        step += 1
        if together is not None and spent() - met_at > MEET_MINUTES * 60:
            met_at = spent()
            meet(stage.module, together)
        decay = min(stage.ema_decay, (step + 1) / (step + 20))
        with torch.no_grad():
            for slow, fast in zip(ema.state_dict().values(), stage.module.state_dict().values(), strict=True):
                slow.lerp_(fast, 1 - decay) if slow.is_floating_point() else slow.copy_(fast)
        running = float(loss.detach()) if step == first + 1 else 0.98 * running + 0.02 * float(loss.detach())
        bar.update(min(round(spent()), bar.total) - bar.n)
        bar.set_postfix_str(f"step {step} loss {running:.4f}")
        done = spent() >= minutes * 60
        if done or spent() - validated_at > VALIDATE_MINUTES * 60:
            validated_at = spent()
            figures = stage.validate(ema)
            _log(
                log,
                {
                    "step": step,
                    "samples": step * stage.batch,
                    "seconds": round(trained + spent()),
                    "loss": running,
                    **figures,
                },
            )
            tqdm.write(
                f"{stage.name} step {step} loss {running:.4f} " + " ".join(f"{k} {v:.4f}" for k, v in figures.items())
            )
            stage.sheet(ema, folder / "sheet.png")
        if done or spent() - saved_at > CHECKPOINT_MINUTES * 60:
            saved_at = spent()
            save()
    bar.close()


def _log(path: Path, row: dict[str, float]) -> None:
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, row)
        if new:
            writer.writeheader()
        writer.writerow({k: f"{v:.6g}" for k, v in row.items()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument(
        "stage", choices=("begin", "autoencoder", "clip", "unet", "reader", "few_steps", "export", "all")
    )
    parser.add_argument("--minutes", type=float, default=30, help="time for this call (for `all`: for everything)")
    parser.add_argument("--pictures", type=int, default=40_000, help="pictures rendered for training")
    parser.add_argument("--runs", type=Path, default=RUNS, help="checkpoints, caches and logs")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where `export` writes, and `begin` reads")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--together", type=Path, help="folder where processes that train the same stage meet")
    parser.add_argument("--seed", type=int, default=0, help="of the order of pictures; another one for each process")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    stages: dict[str, Callable[[Path, int, str], Stage]] = {
        "autoencoder": autoencoder.AutoencoderStage,
        "clip": judge.ClipStage,
        "unet": unet.UnetStage,
        "reader": reading.ReaderStage,
        "few_steps": few_steps.FewStepsStage,
    }

    def run(name: str, minutes: float) -> None:
        if name == "begin":
            print("begun from the shipped weights:", *(begin.begin(args.out, args.runs) or ["nothing, all had begun"]))
        elif name == "export":
            export.export(args.runs, args.out, args.pictures)
        else:
            together = None
            if args.together is not None:
                args.together.mkdir(parents=True, exist_ok=True)
                together = args.together / f"{name}-{args.seed}.pt"
            stage = stages[name](args.runs, args.pictures, args.device)
            fit(stage, args.runs / name, minutes, args.seed, together)

    if args.stage == "all":
        for name, share in (("autoencoder", 0.22), ("clip", 0.2), ("unet", 0.5), ("reader", 0.08), ("export", 0.0)):
            run(name, args.minutes * share)
    else:
        run(args.stage, args.minutes)


if __name__ == "__main__":
    main()
