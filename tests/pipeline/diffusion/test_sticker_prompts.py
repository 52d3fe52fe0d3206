"""What the model does for stickers: prompts of each mood, whole figures, and packs that the chat can go on with."""

import io
import itertools

import numpy as np
import pytest
from PIL import Image

import storage
from lettering import marks
from lettering import stickers as drawing
from lettering.marks import Maker
from miniature import draw, sampling
from pipeline.diffusion import segmentation, sticker_prompts
from pipeline.diffusion.artefact import pack as pack_artefact
from pipeline.diffusion.engine import Diffusion
from pipeline.diffusion.perception import vocabulary_of
from pipeline.diffusion.toolkit.model import StableDiffusion, evaluations, fingerprint
from pipeline.diffusion.vocabulary import Thing, Vocabulary
from pipeline.engine import Artefact, Concept, FigureOrder, GenerateOrder, finish
from pipeline.handlers import Handlers
from pipeline.worker import Worker
from storage import chats, concepts, jobs, packs, photos, watermark_settings
from storage.plans import Referent
from storage.requests import StickerRequest

ANN = "test:ann"
FACES = Vocabulary(
    styles={"photo": "a photo of"},
    settings={"beach": "on the beach", "snow": "in the snow"},
    things={"girl": ("a {expression} girl in a {color} dress", "a girl"), "ball": ("a {color} ball", "a ball")},
    slots={"color": ("red",), "expression": ("", "happy", "sad", "angry", "surprised", "sleepy")},
)


def test_faces_where_the_model_has_words_for_them() -> None:
    """The mood goes into the prompt of what has a face, and only words that the model knows."""
    girl, ball = Thing("girl", {"color": "red"}), Thing("ball", {"color": "red"})
    wanted = ["happy", "love", "speechless"]
    assert sticker_prompts.prompts(FACES, girl, wanted) == [
        "a photo of a happy girl in a red dress on the beach",
        "a photo of a happy girl in a red dress in the snow",
        "a photo of a girl in a red dress on the beach",
    ]
    taught = Thing("girl", {}, word="阿紫")
    assert sticker_prompts.with_face(FACES, taught, "angry").word == "an angry 阿紫"
    assert sticker_prompts.with_face(FACES, ball, "happy") == ball
    assert sticker_prompts.prompts(FACES, ball, wanted[:1]) == ["a photo of a red ball on the beach"]
    blind = Vocabulary(things={"girl": ("a {color} girl",)}, slots={"color": ("red",)})
    assert sticker_prompts.with_face(blind, girl, "happy") == girl


def test_whole_things_are_better_than_cut_ones() -> None:
    """Of several pictures the one is taken whose thing is all there."""
    whole, cut, scrap = (np.zeros((64, 64), np.float32) for _ in range(3))
    whole[16:60, 16:48] = 1
    cut[16:60, :32] = 1
    scrap[30:34, 30:34] = 1
    assert segmentation.quality(whole) > segmentation.quality(cut) > 0
    assert segmentation.quality(whole) > segmentation.quality(scrap)
    assert segmentation.quality(np.ones((64, 64), np.float32)) == 0


def test_drawn_things_are_cut_out_clean() -> None:
    """Of the world's own pictures: nearly all of the thing's pixels, and hardly any others, in the figure."""
    shares = []
    for seed in range(6):
        scene = sampling.sample([9, seed], style="comic", count=1)
        mask = draw.mask(scene, 0)
        rows, columns = np.nonzero(mask)
        box = columns.min() / 128, rows.min() / 128, (columns.max() + 1) / 128, (rows.max() + 1) / 128
        shape, good = segmentation.shape(draw.paint(scene), [box])
        figured = drawing.figure(draw.paint(scene), shape)
        assert 0 <= good <= 1
        thing = drawing.body(figured)
        tight = mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        small = np.asarray(Image.fromarray(thing[..., 3]).resize(tight.shape[::-1])) > 128
        shares.append((small & tight).sum() / (small | tight).sum())
    assert np.mean(shares) > 0.8


@pytest.fixture
def handlers(
    world_sd: StableDiffusion, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Handlers:
    """The tiny model at work for an empty data folder."""
    store = storage.open(tmp_path_factory.mktemp("data"))
    monkeypatch.setattr(Diffusion, "_familiar", lambda self, photo: 1.0)  # a CLIP with random weights cannot know
    engine = Diffusion("diffusion", world_sd, fingerprint(world_sd))
    return Handlers(store, [engine], Maker("Heying", watermark_settings.seal(store)))


def made(handlers: Handlers, request: StickerRequest) -> packs.Pack:
    """The pack that a real worker makes of a request."""
    store = handlers.store
    kept = jobs.enqueue(store, key=f"{request}", kind="stickers", owner=ANN, chat="test:room", request=request)
    worker = Worker(store, {"stickers": handlers.stickers}, name="w")
    job = jobs.claim(store, "w", ("stickers",))
    assert job is not None
    worker.attempt(job)
    done = jobs.get(store, kept.id)
    assert done.state == "done", done.log
    assert done.result is not None
    return packs.get(store, done.result.facts["pack"], ANN)


def test_a_photo_becomes_a_pack(handlers: Handlers) -> None:
    """Finished and clean files, marked and sealed, in order, with words and emoji; then more for the same pack."""
    out = io.BytesIO()
    Image.fromarray(draw.paint(sampling.sample([9, 3], count=1))).save(out, "PNG")
    photo = photos.put(handlers.store, out.getvalue(), ANN).sha256
    pack = made(handlers, StickerRequest(photo=photo, count=2, captions=("收到", "下班啦🎉")))
    assert [(one.caption, one.emoji, one.expression) for one in pack.stickers] == [
        ("收到", "👌", "happy"), ("下班啦", "🎉", None),
    ]  # fmt: skip
    for one in pack.stickers:
        data, figure = (photos.read(handlers.store, sha, ANN) for sha in (one.photo, one.figure))
        assert len(data) <= 512 * 1024
        for file in (data, figure):
            assert marks.verify(file, handlers.maker).intact
            assert marks.stamped(drawing.decode(file))
        again = drawing.encode(
            drawing.sticker(drawing.decode(figure), one.caption, one.expression), f"1-{one.place + 1}", handlers.maker
        )
        assert again == data  # the figure is all that is needed
    more = made(handlers, StickerRequest(photo=photo, count=1, expressions=("angry",), pack=pack.id))
    assert more.id == pack.id
    assert [one.caption for one in more.stickers] == ["收到", "下班啦", "生气"]


def test_whom_somebody_taught_becomes_a_pack(handlers: Handlers, world_sd: StableDiffusion) -> None:
    """Drawn by the model with the concept worn; without visible words once that was agreed to."""
    store = handlers.store
    chats.record_consent(store, ANN, watermark_settings.UNMARKED, "……", True)
    concept = concepts.create(store, ANN, "年糕", "pet", [])
    concepts.learnt(store, concept.id, concepts.Artefact("diffusion", fingerprint(world_sd), learnt(world_sd)), {})
    pack = made(handlers, StickerRequest(concept.id, count=3))
    assert (pack.title, pack.concept) == ("年糕的表情", concept.id)
    assert [one.caption for one in pack.stickers] == ["收到", "在吗", "打工人"]
    files = [photos.read(store, one.photo, ANN) for one in pack.stickers]
    assert all(a != b for a, b in itertools.combinations(files, 2))
    assert all(marks.verify(file).marked and not marks.stamped(drawing.decode(file)) for file in files)


def learnt(sd: StableDiffusion) -> bytes:
    """A concept of vectors that mean nothing."""
    vectors = np.random.default_rng(0).normal(size=(2, sd.text_encoder.config.hidden_size)).astype(np.float32) * 0.01
    return pack_artefact(vectors, {}, {"like": "cat", "slots": {}})


def test_the_steps_of_an_engine_are_those_of_all_that_it_draws(world_sd: StableDiffusion) -> None:
    artefacts = {"diffusion": Artefact("diffusion", fingerprint(world_sd), learnt(world_sd))}
    moods = FigureOrder(("happy",), concept=Concept("年糕", "pet", "<cake>", artefacts=artefacts))

    def needed(steps: int) -> tuple[int, int]:
        engine, count = Diffusion("diffusion", world_sd, fingerprint(world_sd), steps=steps), evaluations(world_sd)
        finish(engine.generate(GenerateOrder(Referent("猫", ("cat",), "a cat"))))
        drawn = count.forward
        finish(engine.figures(moods))
        return drawn, count.forward - drawn

    own = vocabulary_of(world_sd.name).steps
    assert needed(0) == needed(own)
    for once, twice, thrice in zip(needed(own), needed(2 * own), needed(3 * own), strict=True):
        assert thrice - twice == twice - once > 0  # beside what a look at the picture needs
