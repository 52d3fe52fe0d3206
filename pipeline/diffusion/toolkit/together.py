"""Works of several users on one model at once: what they ask the UNet at the same time stands in one batch.

Each work runs in a thread of its own, on a model that shares all weights and has its own pseudo-words, attention controls
and count. One thread runs at a time: who asks the UNet waits until all have asked that are still at work, and the last one
evaluates for everybody. So each takes a step before anybody takes two, and who is stopped or fails leaves the others alone.

What wants a gradient is evaluated alone. A work that reaches into the UNet otherwise (hooks, weights worn beside it), which
would be felt by everybody, is done by itself when the others are through.
"""

import copy
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate, groupby
from typing import Any, TypeVar

import torch
from torch import Tensor

from pipeline.diffusion.toolkit.attention import Control, Place, Processor
from pipeline.diffusion.toolkit.model import Evaluations, StableDiffusion
from pipeline.engine import Cancelled, Progress, Work

T = TypeVar("T")
Begin = Callable[[StableDiffusion], Work[T]]
OPEN = ("config", "dtype", "device", "get_submodule")  # what works may ask of the UNet beside its attention
MOST = 32  # samples in a batch: more bring no speed and need memory


def together(
    sd: StableDiffusion,
    works: Sequence[Begin[T]],
    report: Callable[[int, Progress], None] = lambda which, progress: None,
    stopped: Callable[[int], bool] = lambda which: False,
) -> list[T | Exception]:
    """What each of the works comes to, or what it ended with; Cancelled for those for which `stopped` said so between two
    steps. `report` hears of each step."""
    meeting = _Meeting(sd, len(works))
    outcomes: list[T | Exception] = [Cancelled() for _ in works]
    threads = torch.get_num_threads()

    def run(which: int) -> None:
        with meeting.at_work(which):
            torch.set_num_threads(threads)  # each thread has a number of its own
            outcomes[which] = _alone(
                meeting.model_of(which), works[which], partial(report, which), partial(stopped, which)
            )

    running = [threading.Thread(target=run, args=(which,), daemon=True) for which in range(len(works))]
    for one in running:
        one.start()
    for one in running:
        one.join()
    for done in meeting.done:
        sd.evaluated.forward += done.forward
        sd.evaluated.backward += done.backward
    for which, outcome in enumerate(outcomes):
        if isinstance(outcome, Alone):
            outcomes[which] = _alone(sd, works[which], partial(report, which), partial(stopped, which))
    return outcomes


class Alone(Exception):
    """A work that cannot share the UNet."""


def _alone(
    sd: StableDiffusion, begin: Begin[T], report: Callable[[Progress], None], stopped: Callable[[], bool]
) -> T | Exception:
    """What one work comes to, or ends with."""
    try:
        work = begin(sd)
        while not stopped():
            report(next(work))
        work.close()
    except StopIteration as end:
        made: T = end.value
        return made
    except Exception as error:
        return error
    return Cancelled()


@dataclass(slots=True)
class _Call:
    """What one work asks the UNet, and what it is told."""

    z: Tensor
    t: Tensor
    states: Tensor
    more: dict[str, Any]
    processors: dict[str, Any]
    answer: Any = None

    @property
    def like(self) -> str:
        """Calls of one likeness can stand in one batch."""
        return repr((self.z.shape[1:], self.states.shape[1:], self.z.dtype, self.z.device, sorted(self.more)))


@dataclass(slots=True)
class _Answer:
    sample: Tensor


class _Meeting:
    """Where works meet: whoever holds the condition's lock runs."""

    def __init__(self, sd: StableDiffusion, count: int) -> None:
        self.sd, self.unet, self.own = sd, sd.unet, dict(sd.unet.attn_processors)
        self.active = set(range(count))
        self.asked: dict[int, _Call] = {}
        self.done = [Evaluations() for _ in range(count)]
        self.condition = threading.Condition()

    def model_of(self, which: int) -> StableDiffusion:
        """The model as this work sees it: all weights shared, nothing else."""
        second = self.sd.second
        return replace(
            self.sd,
            unet=_Shared(self, which),
            text_encoder=_sharing_weights(self.sd.text_encoder),
            second=None if second is None else replace(second, encoder=_sharing_weights(second.encoder)),
            worn=dict(self.sd.worn),
            evaluated=self.done[which],
        )

    @contextmanager
    def at_work(self, which: int) -> Generator[None]:
        """Within the block this work holds the turn, but while it waits for an answer."""
        with self.condition:
            try:
                yield
            finally:
                self.active.discard(which)
                self._meet()

    def ask(self, which: int, call: _Call) -> Any:
        """The UNet's answer to this work, when all have asked."""
        self.asked[which] = call
        self._meet()
        while call.answer is None:
            self.condition.wait()
        if isinstance(call.answer, Exception):
            raise call.answer
        return call.answer

    def _meet(self) -> None:
        if not self.asked or len(self.asked) < len(self.active):
            return
        calls = sorted(self.asked.values(), key=lambda call: call.like)
        self.asked.clear()
        for _, alike in groupby(calls, key=lambda call: call.like):
            for batch in _batches(list(alike)):
                self._evaluate(batch)
        self.condition.notify_all()

    def _evaluate(self, calls: Sequence[_Call]) -> None:
        sizes = [len(call.z) for call in calls]
        self.unet.set_attn_processor(dict(calls[0].processors) if len(calls) == 1 else self._processors(calls, sizes))
        more = _joined([call.more for call in calls])
        try:
            z, t, states = (torch.cat([getattr(call, name) for call in calls]) for name in ("z", "t", "states"))
            sample = self.unet(z, t, encoder_hidden_states=states, **more).sample
            for call, part in zip(calls, sample.split(sizes), strict=True):
                call.answer = _Answer(part)
        except Exception as error:
            for call in calls:
                call.answer = error
        finally:
            self.unet.set_attn_processor(dict(self.own))

    def _processors(self, calls: Sequence[_Call], sizes: Sequence[int]) -> dict[str, Any]:
        """Each attention layer's processor for a batch: the controls of each work see their own part of it."""
        ends = list(accumulate(sizes))
        parts = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
        out: dict[str, Any] = {}
        for name, own in self.own.items():
            theirs = [call.processors[name] for call in calls]
            changed = [(one, part) for one, part in zip(theirs, parts, strict=True) if one is not own]
            if all(isinstance(one, Processor) and one.before is own for one, _ in changed):
                controls = [_Part(control, part) for one, part in changed for control in one.controls]
                out[name] = Processor(changed[0][0].place, controls, own) if changed else own
            else:
                out[name] = _Split(list(zip(theirs, sizes, strict=True)))
        return out


class _Part(Control):
    """A work's control, which sees the samples `here` of a batch as if they were all."""

    def __init__(self, control: Control, here: slice) -> None:
        self.control, self.here = control, here

    def wants(self, place: Place, pixels: int) -> bool:
        return self.control.wants(place, pixels)

    def qkv(self, place: Place, q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        own = (q[self.here], k[self.here], v[self.here])
        made = self.control.qkv(place, *own)
        for whole, old, new in zip((q, k, v), own, made, strict=True):
            if new is not old:
                whole[self.here] = new
        return q, k, v

    def maps(self, place: Place, probs: Tensor) -> Tensor:
        own = probs[self.here]
        made = self.control.maps(place, own)
        if made is not own:
            probs[self.here] = made
        return probs


class _Shared:
    """The UNet as one work sees it."""

    def __init__(self, meeting: _Meeting, which: int) -> None:
        self._meeting, self._which = meeting, which
        self.attn_processors = dict(meeting.own)

    def __getattr__(self, name: str) -> Any:
        if name not in OPEN:
            raise Alone(f"the UNet's {name}")
        return getattr(self._meeting.unet, name)

    def set_attn_processor(self, processors: dict[str, Any]) -> None:
        self.attn_processors = dict(processors)

    def __call__(self, z: Tensor, t: Tensor, *, encoder_hidden_states: Tensor, **more: Any) -> Any:
        call = _Call(z, t, encoder_hidden_states, more, self.attn_processors)
        if torch.is_grad_enabled() and (z.requires_grad or encoder_hidden_states.requires_grad):
            self._meeting._evaluate([call])
            if isinstance(call.answer, Exception):
                raise call.answer
            return call.answer
        return self._meeting.ask(self._which, call)


class _Split:
    """An attention layer's processor that gives each part of the batch to that of its own work."""

    def __init__(self, parts: Sequence[tuple[Any, int]]) -> None:
        self.parts = parts

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
    ) -> Tensor:
        done, out = 0, []
        for processor, size in self.parts:
            here = slice(done, done + size)
            states = None if encoder_hidden_states is None else encoder_hidden_states[here]
            out.append(processor(attn, hidden_states[here], states, attention_mask, temb))
            done += size
        return torch.cat(out)


def _batches(calls: list[_Call]) -> list[list[_Call]]:
    """As many at once as MOST samples allow, in order."""
    out: list[list[_Call]] = []
    for call in calls:
        if not out or sum(len(one.z) for one in out[-1]) + len(call.z) > MOST:
            out.append([])
        out[-1].append(call)
    return out


def _joined(given: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Tensors in (nested) dictionaries of one shape, one after the other in the batch."""
    return {
        name: _joined([one[name] for one in given])
        if isinstance(value, dict)
        else torch.cat([one[name] for one in given])
        for name, value in given[0].items()
    }


def _sharing_weights(module: Any) -> Any:
    """A copy of a network whose parameters are the same tensors."""
    held = [*module.parameters(), *module.buffers()]
    return copy.deepcopy(module, {id(tensor): tensor for tensor in held})
