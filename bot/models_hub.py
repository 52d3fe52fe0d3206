"""Two hubs that keep models, asked the same way: which files, how large, where. HF_ENDPOINT names a mirror of the first.

A download is taken up where it broke off (Range), checked against the hub's own SHA-256, and counted by bytes.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from storage.downloads import Download
from storage.errors import HeyingError

HUGGING_FACE, MODELSCOPE = "https://huggingface.co", "https://modelscope.cn"
ATTEMPTS = 5  # at one file, each beginning where the last one broke off
SECONDS = 30.0  # without a byte
LOST = (httpx.TransportError, httpx.StreamError)
# what diffusers does not read; the same weights in other formats would double the download
UNREAD = (".bin", ".ckpt", ".pt", ".pth", ".onnx", ".msgpack", ".h5", ".gguf", ".png", ".jpg", ".jpeg", ".gif", ".mp4",
          ".webp", ".pdf")  # fmt: skip
INDEXES = ("model_index.json", "modular_model_index.json")


class ModelError(HeyingError):
    """A model cannot be fetched."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a repository; sha256 is "" where the hub does not say."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Hub:
    """Where models come from: `kind` "huggingface" (or a mirror that speaks like it) or "modelscope", and its address."""

    kind: str
    address: str

    def listing(self, client: httpx.Client, repository: str) -> tuple[File, ...]:
        """The files that diffusers needs. Raises ModelError."""
        name = quote(repository, safe="/")
        if self.kind == "modelscope":
            url = f"{self.address}/api/v1/models/{name}/repo/files?Revision=master&Recursive=true"
            files = _modelscope(_json(client, url, repository))
        else:
            url = f"{self.address}/api/models/{name}/tree/main?recursive=true&expand=false"
            files = _hugging_face(_pages(client, url, repository))
        wanted = tuple(one for one in files if needed(one.name, files))
        if not any(one.name in INDEXES for one in wanted):
            raise ModelError(f"{repository} 里没有 diffusers 格式的模型，下载了也用不上。", f"no index in {repository}")
        return wanted

    def url(self, repository: str, name: str) -> str:
        """Where a file is."""
        branch = "master" if self.kind == "modelscope" else "main"
        place = f"models/{repository}" if self.kind == "modelscope" else repository
        return f"{self.address}/{quote(place, safe='/')}/resolve/{branch}/{quote(name, safe='/')}"


def hub(source: str = "") -> Hub:
    """The hub in force: "modelscope", or Hugging Face at HF_ENDPOINT or its own address."""
    if source == "modelscope":
        return Hub("modelscope", os.environ.get("MODELSCOPE_ENDPOINT", MODELSCOPE).rstrip("/"))
    return Hub("huggingface", (os.environ.get("HF_ENDPOINT") or HUGGING_FACE).rstrip("/"))


def client() -> httpx.Client:
    """A connection with the token of HF_TOKEN, for models whose terms have to be agreed to."""
    token = os.environ.get("HF_TOKEN", "")
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(timeout=httpx.Timeout(SECONDS, connect=10), headers=headers, follow_redirects=True)


def needed(name: str, files: Sequence[File]) -> bool:
    """Whether diffusers reads a file: what lies in the folders of its parts, and the index; no single-file copies."""
    if name.lower().endswith(UNREAD) or name.startswith("."):
        return False
    if "/" not in name:
        return not name.endswith(".safetensors")
    folder = name.split("/", 1)[0]
    return any(one.name.startswith(f"{folder}/") and one.name.endswith(".json") for one in files)


def fetch(
    connection: httpx.Client,
    source: Hub,
    repository: str,
    files: Sequence[File],
    folder: Path,
    tell: Callable[[int], None],
) -> None:
    """Bring all files into `folder`; `tell` is given the bytes that are there whenever that changes. The index comes last,
    so that a folder with an index is complete. Raises ModelError, StorageError."""
    ordered = sorted(files, key=lambda one: one.name in INDEXES)
    before = 0
    for one in ordered:
        download = Download(folder, one.name, one.size, one.sha256)
        if not download.complete:
            _one(connection, source.url(repository, one.name), download, before, tell)
        before += one.size
        tell(before)


def there(files: Sequence[File], folder: Path) -> int:
    """Bytes of the files that have come already."""
    return sum(Download(folder, one.name, one.size).have for one in files)


def _one(connection: httpx.Client, url: str, download: Download, before: int, tell: Callable[[int], None]) -> None:
    broken = 0
    for _ in range(ATTEMPTS):
        try:
            _rest(connection, url, download, before, tell)
        except LOST:
            continue  # from where it broke off
        if download.have < download.size:
            continue
        if download.finish():
            return
        broken += 1
        if broken == 2:
            break
    name = download.path.name
    if broken:
        raise ModelError(
            f"{name} 下载了两次，校验都不对，已经丢掉。换一个镜像再试：HF_ENDPOINT=…", f"checksum of {url}"
        )
    raise ModelError(f"{name} 没有下载完，网络断了好几次。再运行一次，会从断的地方接着下。", f"gave up on {url}")


def _rest(connection: httpx.Client, url: str, download: Download, before: int, tell: Callable[[int], None]) -> None:
    """What is still missing of a file."""
    have = download.have
    if have == download.size:
        with download.writing(have):
            return
    headers = {"range": f"bytes={have}-", "accept-encoding": "identity"} if have else {"accept-encoding": "identity"}
    with connection.stream("GET", url, headers=headers) as response:
        _welcome(response, url)
        begin = have if response.status_code == 206 else 0  # a server that does not know ranges sends all of it
        with download.writing(begin) as out:
            for piece in response.iter_bytes(1 << 18):
                piece = piece[: download.size - begin]
                out.write(piece)
                begin += len(piece)
                tell(before + begin)
                if begin >= download.size:
                    return


def _welcome(response: httpx.Response, what: str) -> None:
    """Raises ModelError when a hub does not give what it is asked for."""
    if response.status_code in (401, 403):
        raise ModelError(
            "这个模型要先同意条款：在模型页面登录并同意，再把访问令牌放进环境变量 HF_TOKEN，重新运行。",
            f"{response.status_code} {what}",
        )
    if response.status_code == 404:
        raise ModelError("仓库或文件找不到，名字可能改了。换一个镜像或者模型再试。", f"404 {what}")
    if response.status_code == 416:
        raise ModelError("服务器上的文件变了，请把没下完的 .part 文件删掉再试。", f"416 {what}")
    if response.status_code >= 400:
        raise httpx.ReadError(f"status {response.status_code}")


def _json(connection: httpx.Client, url: str, repository: str) -> Any:
    try:
        response = connection.get(url)
        _welcome(response, repository)
        return response.json()
    except (*LOST, ValueError) as error:
        raise ModelError(
            "连不上下载模型的网站。检查网络，或者用镜像：HF_ENDPOINT=镜像地址，或加 --from modelscope。",
            f"{url}: {error}",
        ) from error


def _pages(connection: httpx.Client, url: str, repository: str) -> Iterator[Mapping[str, Any]]:
    """Long listings come in pages, each with a link to the next one."""
    for _ in range(100):
        try:
            response = connection.get(url)
            _welcome(response, repository)
            entries = response.json()
            following = response.links.get("next", {}).get("url", "")
        except (*LOST, ValueError) as error:
            raise ModelError(
                "连不上下载模型的网站。检查网络，或者用镜像：HF_ENDPOINT=镜像地址，或加 --from modelscope。",
                f"{url}: {error}",
            ) from error
        if not isinstance(entries, list):
            raise ModelError("下载模型的网站给的清单看不懂，换一个镜像再试。", f"{url}: no list")
        yield from (one for one in entries if isinstance(one, dict))
        if not following:
            return
        url = str(httpx.URL(url).join(following))


def _hugging_face(entries: Iterator[Mapping[str, Any]]) -> list[File]:
    return [
        File(str(one["path"]), int(one.get("size", 0)), str((one.get("lfs") or {}).get("oid", "")))
        for one in entries
        if one.get("type") == "file" and one.get("path")
    ]


def _modelscope(entries: Any) -> list[File]:
    data = entries.get("Data") if isinstance(entries, dict) else None
    listed = data.get("Files") if isinstance(data, dict) else None
    if not isinstance(listed, list):
        raise ModelError("下载模型的网站给的清单看不懂，换一个镜像再试。", "no Files")
    return [
        File(str(one["Path"]), int(one.get("Size", 0)), str(one.get("Sha256") or ""))
        for one in listed
        if isinstance(one, dict) and one.get("Type") == "blob" and one.get("Path")
    ]
