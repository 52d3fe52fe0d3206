"""Instruction editors on this machine, through diffusers: one adapter for all rows of rows.py.

A pipeline runs in a thread of its own and reports each step; whoever closes the generator stops it between two steps.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from PIL import Image

from pipeline.editors.engine import Style
from pipeline.editors.rows import ROWS, Row, fitting
from pipeline.editors.settings import LocalSettings
from pipeline.engine import Check, EngineError, Pixels, Progress, Work, from_callback

STAGE = "画"
INDEXES = ("model_index.json", "modular_model_index.json")
SPARE = 1.25  # of the weights: what else a pipeline needs of the device's memory


@dataclass(slots=True)
class Diffusers:
    """A pipeline of diffusers as a painter. `settings` go before the row's own numbers."""

    pipe: Any
    row: Row
    settings: LocalSettings = field(default_factory=LocalSettings)
    kind: ClassVar[str] = "editor"
    leaves_machine: ClassVar[bool] = False
    host: ClassVar[str] = ""

    @classmethod
    def open(cls, settings: LocalSettings) -> "Diffusers":
        """Load a folder. Raises EngineError when it is not there or no editor that we know."""
        name, row = recognised(settings.model)
        import diffusers  # heavy, and only for who draws here

        device = chosen(settings.device)
        dtype = torch.float32 if device == "cpu" else torch.bfloat16
        kind, folder = getattr(diffusers, name), Path(settings.model)
        try:
            if row.modular:
                pipe = _modular(kind, folder, dtype)
            else:
                pipe = kind.from_pretrained(folder, dtype=dtype, local_files_only=True)
            if settings.lora:
                pipe.load_lora_weights(settings.lora)
            placed(pipe, device, settings.offload)
        except ImportError as error:
            raise EngineError(
                f"{row.title} 还缺程序包，请运行 pip install 'heying[editors]' 再试。", f"cannot import: {error}"
            ) from error
        except (OSError, ValueError, RuntimeError) as error:  # a full GPU is a RuntimeError, too
            raise EngineError(
                f"模型 {folder.name} 打不开，文件可能不完整或者显存不够。"
                '运行 python -m bot models get 重新下载，或者在 config.toml 里写 offload = "layer"。',
                f"cannot open {name}: {error}",
            ) from error
        if hasattr(pipe, "set_progress_bar_config"):
            pipe.set_progress_bar_config(disable=True)
        return cls(pipe, row, settings)

    @property
    def style(self) -> Style:
        """As the row has it; a folder of undistilled weights is asked with guidance."""
        best = self.settings.references or self.row.best
        return Style(self.row.language, self.row.most, min(best, self.row.most - 1), self.row.side, self.row.draws)

    @property
    def title(self) -> str:
        """The model's name."""
        return self.row.title

    @property
    def steps(self) -> int:
        """As configured, else the row's."""
        plain = self.row.plain_steps if self._plain else None
        return self.settings.steps or plain or self.row.steps

    @property
    def guidance(self) -> tuple[str, float] | None:
        """Name and value of the guidance argument; None where there is none."""
        guidance = self.row.plain_guidance if self._plain else self.row.guidance
        known = self.row.guidance or self.row.plain_guidance
        if self.settings.guidance >= 0 and known is not None:
            return known[0], self.settings.guidance
        return guidance

    @property
    def _plain(self) -> bool:
        """Weights that are not distilled, of a class that has both."""
        distilled = getattr(self.pipe.config, "is_distilled", None)
        return self.row.plain_steps is not None and distilled is False

    def size(self, ratio: float) -> tuple[int, int]:
        """Width and height for a picture of that ratio."""
        return fitting(self.row, ratio)

    def paint(self, pictures: Sequence[Pixels], instruction: str, size: tuple[int, int], seed: int) -> Work[Pixels]:
        """The first picture, edited."""
        arguments = self.arguments(pictures, instruction, size, seed)

        def run(report: Callable[[Progress], None]) -> Pixels:
            report(Progress(0, self.steps, STAGE))
            try:
                with self._reporting(report) as more, torch.inference_mode():
                    made = self.pipe(**arguments, **more)
            except torch.OutOfMemoryError as error:
                raise EngineError(
                    '显存不够，这次没画成。请在 config.toml 里给这个模型写 offload = "layer"，或者换小一点的模型。',
                    f"out of memory: {error}",
                ) from error
            finally:
                free = getattr(self.pipe, "maybe_free_model_hooks", None)
                if free is not None:
                    free()
            images = made if isinstance(made, list) else made.images
            return np.asarray(images[0].convert("RGB"), np.uint8)

        return (yield from from_callback(run))

    def arguments(
        self, pictures: Sequence[Pixels], instruction: str, size: tuple[int, int], seed: int
    ) -> dict[str, Any]:
        """What the pipeline is called with."""
        row = self.row
        arguments: dict[str, Any] = {
            "prompt": instruction,
            "num_inference_steps": self.steps,
            "generator": torch.Generator("cpu").manual_seed(seed),
            **row.extra,
        }
        if pictures:
            images = [Image.fromarray(picture) for picture in pictures[: row.most]]
            arguments[row.image] = images if row.listed else images[0]
        if row.sized:
            arguments["width"], arguments["height"] = size
        if (guidance := self.guidance) is not None:
            arguments[guidance[0]] = guidance[1]
            if row.negative is not None and guidance[1] > 1:
                arguments["negative_prompt"] = row.negative
        if row.modular:
            arguments["output"] = "images"
        return arguments

    def facts(self) -> dict[str, Any]:
        """Model, steps and guidance."""
        guidance = self.guidance
        return {"model": self.row.title, "steps": self.steps, "guidance": guidance[1] if guidance else None}

    def check(self) -> Sequence[Check]:
        """What is loaded, and on what."""
        device = str(getattr(self.pipe, "device", "cpu"))
        slow = " 没有显卡，一张图要很久。" if device == "cpu" else ""
        return [
            Check("编辑模型", True, f"{self.row.title}，{self.steps} 步，{device}，许可：{self.row.licence}。{slow}")
        ]

    @contextmanager
    def _reporting(self, report: Callable[[Progress], None]) -> Iterator[dict[str, Any]]:
        """What the pipeline has to be called with to report its steps; where it has no callback, its network tells."""
        total = self.steps
        if self.row.callback:
            yield {"callback_on_step_end": lambda _pipe, step, _time, state: _told(report, step + 1, total, state)}
            return
        passes = 2 if self.guidance is not None and self.guidance[1] > 1 else 1
        calls = 0

        def passed(*_: Any) -> None:
            nonlocal calls
            calls += 1
            if calls % passes == 0:
                report(Progress(min(calls // passes, total), total, STAGE))

        hook = self.pipe.transformer.register_forward_hook(passed)
        try:
            yield {}
        finally:
            hook.remove()


def _modular(kind: Any, folder: Path, dtype: torch.dtype) -> Any:
    """A modular pipeline with the parts that lie in the folder; its index names repositories, which are not asked. The
    part that rewrites prompts is left out where it was not fetched: our instructions are written in full."""
    blocks = kind.from_pretrained(folder).blocks
    if "prompt_upsampler" in blocks.sub_blocks and not (folder / "prompt_upsampler").is_dir():
        blocks.sub_blocks.pop("prompt_upsampler")
    pipe = blocks.init_pipeline(folder)
    parts = [name for name in pipe.component_names if (folder / name).is_dir()]
    pipe.load_components(names=parts, pretrained_model_name_or_path=str(folder), dtype=dtype)
    return pipe


def _told(report: Callable[[Progress], None], step: int, total: int, tensors: dict[str, Any]) -> dict[str, Any]:
    report(Progress(min(step, total), total, STAGE))
    return tensors


def recognised(model: str) -> tuple[str, Row]:
    """The pipeline class of a folder, and its row. Raises EngineError."""
    folder = Path(model)
    index = next((folder / name for name in INDEXES if (folder / name).is_file()), None)
    if index is None:
        raise EngineError(
            f"找不到编辑模型 {model}。运行 python -m bot models 看有哪些，models get 名字 来下载。",
            f"no model at {model}",
        )
    name = str(json.loads(index.read_text("utf-8")).get("_class_name", ""))
    row = ROWS.get(name)
    if row is None:
        raise EngineError(
            f"{folder.name} 是 {name}，我还不会用。能用的：{'、'.join(titles())}。", f"unknown class {name}"
        )
    return name, row


def titles() -> tuple[str, ...]:
    """The models that there are rows for, those free for every use first."""
    rows = sorted(ROWS.values(), key=lambda row: "Apache" not in row.licence)
    return tuple(row.title for row in rows)


def chosen(device: str) -> str:
    """ "auto" is the fastest there is."""
    if device != "auto":
        return device
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def placed(pipe: Any, device: str, offload: str) -> None:
    """The pipeline on its device: whole where it fits, else a part, else a layer at a time."""
    if not device.startswith("cuda"):
        pipe.to(device)
        return
    parts = [sum(one.numel() * one.element_size() for one in part.parameters()) for part in networks(pipe).values()]
    free = torch.cuda.mem_get_info(device)[0]
    if offload == "auto":
        fits = SPARE * sum(parts) < free
        offload = "none" if fits else "model" if SPARE * max(parts) < free else "layer"
    if offload == "none":
        pipe.to(device)
    elif offload == "model":
        pipe.enable_model_cpu_offload(device=device)
    else:
        pipe.enable_sequential_cpu_offload(device=device)
    tile = getattr(networks(pipe).get("vae"), "enable_tiling", None)
    if offload != "none" and callable(tile):
        tile()


def networks(pipe: Any) -> Mapping[str, torch.nn.Module]:
    """The parts of a pipeline that have weights, by name."""
    return {name: part for name, part in pipe.components.items() if isinstance(part, torch.nn.Module)}
