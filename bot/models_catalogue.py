"""The instruction editors that can be fetched: where, how large, under which terms, what for. November 2026.

Sizes are those of the weights in bfloat16, rounded; what a download really takes is asked of the hub before it begins.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

APACHE = "Apache-2.0"


@dataclass(frozen=True, slots=True)
class Model:
    """A model to fetch.

    repository  on Hugging Face; `modelscope`: its name there where that is another
    gigabytes   of the download; `whole`, `parts`: GPU memory (GB) with all of it loaded, or one part at a time
    terms       what its licence demands, "" for Apache-2.0; shown before anything is fetched
    settings    what goes into config.toml beside kind, name and model
    """

    title: str
    repository: str
    licence: str
    gigabytes: float
    whole: float
    parts: float
    can: str
    terms: str = ""
    modelscope: str = ""
    settings: Mapping[str, int | float | str] = field(default_factory=dict)

    @property
    def free(self) -> bool:
        """Whether it may be used for everything."""
        return not self.terms


RESEARCH = "只能用于研究和非商业用途；商用要另外申请。"
FLUX = "FLUX 非商业许可：模型不能商用；画出的图可以用。下载前要在模型页面登录并同意条款。"
KOMMUNITY = (
    "FLUX Kommunity 许可：非商业使用；年收入五百万美元以下可商用画出的图；必须自己过滤违规内容，并标明是 AI 生成。"
    "下载前要在模型页面登录并同意条款。"
)

MODELS: Mapping[str, Model] = {
    "klein-4b": Model(
        "FLUX.2 klein 4B", "black-forest-labs/FLUX.2-klein-4B", APACHE, 16, 20, 10,
        "4 步，最快；一次看几张参考图；英文指令，会顺手美化", settings={"steps": 4},
    ),
    "qwen-edit": Model(
        "Qwen-Image-Edit-2511", "Qwen/Qwen-Image-Edit-2511", APACHE, 58, 72, 48,
        "40 步；中文指令；1–3 张参考图，认人稳", settings={"steps": 40},
    ),
    "firered": Model(
        "FireRed-Image-Edit-1.1", "FireRedTeam/FireRed-Image-Edit-1.1", APACHE, 58, 72, 48,
        "40 步；中文指令；1–3 张参考图，人像保持得最好", settings={"steps": 40},
    ),
    "joy": Model(
        "JoyAI-Image-Edit-Plus", "jdopensource/JoyAI-Image-Edit-Plus-Diffusers", APACHE, 50, 62, 38,
        "30 步；中文指令；1–5 张参考图", settings={"steps": 30},
    ),
    "longcat": Model(
        "LongCat-Image-Edit", "meituan-longcat/LongCat-Image-Edit", APACHE, 29, 36, 19,
        "50 步；中文指令；只看一张图，不能加教过的人", settings={"steps": 50},
    ),
    "longcat-turbo": Model(
        "LongCat-Image-Edit-Turbo", "meituan-longcat/LongCat-Image-Edit-Turbo", APACHE, 29, 36, 19,
        "8 步；中文指令；只看一张图，不能加教过的人", settings={"steps": 8, "guidance": 1.0},
    ),
    "qwen-2.1": Model(
        "Qwen-Image-2.1", "Qwen/Qwen-Image-2.1", "Qwen Research", 31, 40, 20,
        "40 步；中文指令；最多 10 张参考图，也能凭空画", RESEARCH, settings={"steps": 40},
    ),
    "flux3-klein": Model(
        "FLUX 3 Klein", "black-forest-labs/flux-3-image-klein", "FLUX Kommunity", 20, 29, 14,
        "16 步；最多 10 张参考图，也能凭空画", KOMMUNITY, settings={"steps": 16},
    ),
    "klein-9b": Model(
        "FLUX.2 klein 9B", "black-forest-labs/FLUX.2-klein-9B", "FLUX Non-Commercial", 34, 42, 22,
        "4 步；一次看几张参考图；英文指令", FLUX, settings={"steps": 4},
    ),
    "kontext": Model(
        "FLUX.1 Kontext dev", "black-forest-labs/FLUX.1-Kontext-dev", "FLUX Non-Commercial", 34, 42, 26,
        "28 步；只看一张图；只懂英文指令", FLUX, settings={"steps": 28},
    ),
}  # fmt: skip
