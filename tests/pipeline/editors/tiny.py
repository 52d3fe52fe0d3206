"""Real pipeline classes of diffusers with tiny random networks and tokenizers of bytes: one builder for each class."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderKLFlux2,
    AutoencoderKLQwenImage,
    AutoencoderKLQwenImage21,
    AutoencoderKLWan,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinKVPipeline,
    Flux2KleinPipeline,
    Flux2Transformer2DModel,
    Flux3Transformer2DModel,
    FluxKontextPipeline,
    FluxTransformer2DModel,
    JoyImageEditPlusPipeline,
    JoyImageEditPlusTransformer3DModel,
    LongCatImageEditPipeline,
    LongCatImageTransformer2DModel,
    QwenImage21Pipeline,
    QwenImage21Transformer2DModel,
    QwenImageEditPlusPipeline,
    QwenImageTransformer2DModel,
)
from diffusers.modular_pipelines.flux3.modular_blocks_flux3_distilled import Flux3DistilledAutoBlocks
from tokenizers.pre_tokenizers import ByteLevel
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2Tokenizer,
    Qwen2VLImageProcessorPil,
    Qwen2VLProcessor,
    Qwen3Config,
    Qwen3ForCausalLM,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
    Qwen3VLProcessor,
    T5Config,
    T5EncoderModel,
)

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>",
           "<|video_pad|>")  # fmt: skip
CHAT = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{% if message.content is string %}{{ message.content }}{% else %}"
    "{% for part in message.content %}{{ part.text }}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
IDS = {name: 256 + index for index, name in enumerate(SPECIAL)}
WORDS = 256 + len(SPECIAL)


def tokenizer() -> Qwen2Tokenizer:
    """Every byte a token, and Qwen's special tokens."""
    vocabulary = {letter: index for index, letter in enumerate(sorted(ByteLevel.alphabet()))}
    made = Qwen2Tokenizer(vocab={**vocabulary, **IDS}, merges=[], chat_template=CHAT)
    made.add_special_tokens({"additional_special_tokens": list(SPECIAL[1:])})
    return made


def scheduler(**told: Any) -> FlowMatchEulerDiscreteScheduler:
    return FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=told.pop("dynamic", True), **told)


def flux2(kind: type = Flux2KleinPipeline, **told: Any) -> Any:
    torch.manual_seed(0)
    text = Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=WORDS, hidden_size=8, intermediate_size=16, num_hidden_layers=28, num_attention_heads=2,
            num_key_value_heads=1, head_dim=4, max_position_embeddings=1024,
        )
    )  # fmt: skip
    network = Flux2Transformer2DModel(
        in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=24, timestep_guidance_channels=16, axes_dims_rope=(4, 4, 4, 4), guidance_embeds=False,
    )  # fmt: skip
    told = {"is_distilled": True, **told} if kind is Flux2KleinPipeline else told
    return kind(scheduler(), _flux2_vae(), text, tokenizer(), network, **told)


def _flux2_vae() -> AutoencoderKLFlux2:
    return AutoencoderKLFlux2(
        block_out_channels=(4, 4, 4, 4), layers_per_block=1, latent_channels=4, norm_num_groups=1,
        mid_block_add_attention=False,
    )  # fmt: skip


def _qwen25() -> Qwen2_5_VLForConditionalGeneration:
    text = {
        "vocab_size": WORDS, "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
        "num_key_value_heads": 2, "max_position_embeddings": 8192, "bos_token_id": 256, "eos_token_id": 256,
        "rope_scaling": {"type": "mrope", "mrope_section": [1, 1, 2], "rope_type": "default"},
    }  # fmt: skip
    seen = {
        "depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 16,
        "fullatt_block_indexes": [0], "window_size": 112,
    }  # fmt: skip
    return Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(text_config=text, vision_config=seen, **_tokens()))


def _tokens() -> dict[str, int]:
    return {
        "image_token_id": IDS["<|image_pad|>"],
        "video_token_id": IDS["<|video_pad|>"],
        "vision_start_token_id": IDS["<|vision_start|>"],
        "vision_end_token_id": IDS["<|vision_end|>"],
    }


def _looking(kind: type = Qwen2VLProcessor, patch: int = 14, most: int = 112 * 112) -> Any:
    pictures = Qwen2VLImageProcessorPil(patch_size=patch, size={"shortest_edge": 56 * 56, "longest_edge": most})

    class Looking(kind):  # type: ignore[misc, valid-type]
        """Without the processor of videos, which needs torchvision and is never asked."""

        def check_argument_for_proper_class(self, argument_name: str, argument: Any) -> Any:
            return type(argument)

    return Looking(image_processor=pictures, tokenizer=tokenizer(), video_processor=None, chat_template=CHAT)


def qwen_edit_plus() -> Any:
    torch.manual_seed(0)
    network = QwenImageTransformer2DModel(
        in_channels=16, out_channels=4, num_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=16, axes_dims_rope=(4, 6, 6),
    )  # fmt: skip
    vae = AutoencoderKLQwenImage(
        base_dim=4, z_dim=4, num_res_blocks=1, dim_mult=[1, 1, 1, 1], latents_mean=[0.0] * 4, latents_std=[1.0] * 4
    )
    return QwenImageEditPlusPipeline(scheduler(), vae, _qwen25(), tokenizer(), _looking(), network)


def longcat() -> Any:
    torch.manual_seed(0)
    network = LongCatImageTransformer2DModel(
        in_channels=64, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=16, pooled_projection_dim=16, axes_dims_rope=[4, 6, 6],
    )  # fmt: skip
    return LongCatImageEditPipeline(scheduler(), _flux_vae(16), _qwen25(), tokenizer(), _looking(), network)


def _flux_vae(channels: int) -> AutoencoderKL:
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(4, 4, 4, 4), layers_per_block=1, latent_channels=channels, norm_num_groups=1,
        use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.0, scaling_factor=1.0,
        mid_block_add_attention=False,
    )  # fmt: skip


def _qwen3vl(layers: int = 2) -> Qwen3VLForConditionalGeneration:
    text = {
        "vocab_size": WORDS, "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": layers,
        "num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 8192,
        "rope_scaling": {"rope_type": "default", "mrope_section": [1, 1, 2], "mrope_interleaved": True},
    }  # fmt: skip
    seen = {
        "depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 16,
        "deepstack_visual_indexes": [0], "num_position_embeddings": 64,
    }  # fmt: skip
    return Qwen3VLForConditionalGeneration(Qwen3VLConfig(text_config=text, vision_config=seen, **_tokens()))


def joy() -> Any:
    torch.manual_seed(0)
    network = JoyImageEditPlusTransformer3DModel(
        in_channels=4, hidden_size=32, num_attention_heads=2, text_dim=16, num_layers=1, rope_dim_list=[4, 6, 6]
    )
    vae = AutoencoderKLWan(
        base_dim=4, z_dim=4, num_res_blocks=1, dim_mult=[1, 1, 1, 1], latents_mean=[0.0] * 4, latents_std=[1.0] * 4
    )
    return JoyImageEditPlusPipeline(
        scheduler(dynamic=False), vae, _qwen3vl(), tokenizer(), network, _looking(Qwen3VLProcessor, 16)
    )


def qwen21() -> Any:
    torch.manual_seed(0)
    network = QwenImage21Transformer2DModel(
        in_channels=4, out_channels=4, num_layers=1, attention_head_dim=16, num_attention_heads=2, context_in_dim=16,
        axes_dims_rope=(4, 6, 6),
    )  # fmt: skip
    vae = AutoencoderKLQwenImage21(
        base_dim=4, decoder_base_dim=4, z_dim=4, num_res_blocks=1, dim_mult=[1, 1, 1, 1, 1], latents_mean=[0.0] * 4,
        latents_std=[1.0] * 4,
    )  # fmt: skip
    looking = _looking(Qwen3VLProcessor, 16, most=1024 * 1024)
    return QwenImage21Pipeline(scheduler(), vae, _qwen3vl(), looking, network)


def kontext() -> Any:
    from tokenizers import Tokenizer, models
    from transformers import CLIPTokenizer, T5TokenizerFast

    torch.manual_seed(0)
    letters = sorted(ByteLevel.alphabet())
    names = ["<|startoftext|>", "<|endoftext|>", *letters, *(letter + "</w>" for letter in letters)]
    clip_words = CLIPTokenizer(vocab={name: index for index, name in enumerate(names)}, merges=[], model_max_length=77)
    pieces = [
        ("<pad>", 0.0),
        ("</s>", 0.0),
        ("<unk>", 0.0),
        ("▁", -2.0),
        *((chr(code), -3.0) for code in range(33, 127)),
    ]
    t5_words = T5TokenizerFast(tokenizer_object=Tokenizer(models.Unigram(pieces, unk_id=2)), extra_ids=0)
    clip = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(names), hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
            bos_token_id=0, eos_token_id=1, pad_token_id=1,
        )
    )  # fmt: skip
    t5 = T5EncoderModel(
        T5Config(
            vocab_size=len(pieces),
            d_model=16,
            d_kv=8,
            d_ff=16,
            num_layers=1,
            num_heads=2,
            feed_forward_proj="gated-gelu",
        )
    )
    network = FluxTransformer2DModel(
        in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=16, pooled_projection_dim=16, guidance_embeds=True, axes_dims_rope=(4, 6, 6),
    )  # fmt: skip
    return FluxKontextPipeline(scheduler(), _flux_vae(4), clip, clip_words, t5, t5_words, network)


def flux3() -> Any:
    """Without the 9 B model that rewrites prompts."""
    torch.manual_seed(0)
    blocks = Flux3DistilledAutoBlocks()
    blocks.sub_blocks.pop("prompt_upsampler")
    pipe = blocks.init_pipeline()
    network = Flux3Transformer2DModel(
        in_channels=16, cond_in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16,
        num_attention_heads=2, joint_attention_dim=128, timestep_channels=16, axes_dims_rope=(4, 4, 4, 4), flow_map=True,
    )  # fmt: skip
    pipe.update_components(
        transformer=network, vae=_flux2_vae(), text_encoder=_qwen3vl(32), tokenizer=_looking(Qwen3VLProcessor, 16),
        scheduler=scheduler(dynamic=False),
    )  # fmt: skip
    return pipe


_BUILDERS: Mapping[str, Callable[[], Any]] = {
    "Flux2KleinPipeline": flux2,
    "Flux2KleinKVPipeline": lambda: flux2(Flux2KleinKVPipeline),
    "QwenImageEditPlusPipeline": qwen_edit_plus,
    "JoyImageEditPlusPipeline": joy,
    "LongCatImageEditPipeline": longcat,
    "QwenImage21Pipeline": qwen21,
    "FluxKontextPipeline": kontext,
    "Flux3DistilledModularPipeline": flux3,
}


def build(name: str) -> Any:
    """A tiny pipeline of that class, quiet and without dropout, as from_pretrained would have it."""
    pipe = _BUILDERS[name]()
    for part in pipe.components.values():
        if isinstance(part, torch.nn.Module):
            part.eval()
    if hasattr(pipe, "set_progress_bar_config"):
        pipe.set_progress_bar_config(disable=True)
    return pipe


NAMES = tuple(_BUILDERS)
