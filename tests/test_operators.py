"""What operators are given: settings that explain themselves, a unit that systemd takes, an image that lacks nothing."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from storage.settings import load

ROOT = Path(__file__).parents[1]


def test_every_setting_is_explained_in_both_languages() -> None:
    """Beside the key or in the line below: Chinese and English. (That each is there: tests/storage/test_settings.py.)"""
    lines = (ROOT / "config.toml").read_text("utf-8").splitlines()
    keys = 0
    for number, line in enumerate(lines):
        if re.match(r"\w+ = ", line):
            keys += 1
            below = lines[number + 1] if number + 1 < len(lines) and lines[number + 1].startswith(" ") else ""
            told = (line + below).partition("#")[2]
            assert re.search("[\u4e00-\u9fff]", told), line
            assert re.search(r"[a-z]{2,} .*[a-z]{2,}|[a-z]{3,} · |· [a-z]{3,}|\| ", told), line
    assert keys > 30


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("SYSTEMD-ANALYZE IS MISSING: deploy/heying.service was not checked")
    unit = (ROOT / "deploy" / "heying.service").read_text("utf-8")
    python = shutil.which("python3") or shutil.which("python")
    assert python is not None
    path = tmp_path / "heying.service"
    path.write_text(unit.replace("/opt/heying/.venv/bin/python", python), "utf-8")
    done = subprocess.run(["systemd-analyze", "verify", str(path)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert str(path) not in done.stderr, done.stderr


def test_the_image_gets_all_that_is_needed_and_nothing_else() -> None:
    """Every package and asset is copied, what is copied exists, and .dockerignore lets it through."""
    image = (ROOT / "Dockerfile").read_text("utf-8")
    let_through = {
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")
    }
    copied = set()
    for line in re.findall(r"^COPY (?!--)(.+)$", image, re.M):
        copied |= set(line.split()[:-1])
    assert copied == let_through
    assert all((ROOT / path).exists() for path in copied)
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    packages = re.findall(r'"(\w+)\*"', project.partition("include = ")[2].partition("\n")[0])
    assert len(packages) > 5
    assert set(packages) <= copied
    torch = re.search(r'"torch==([\d.]+)"', project)
    assert torch is not None
    assert f"ARG TORCH=torch=={torch[1]}\n" in image
    assert re.search(r'if \[ -n "\$CUDA" \]; then pip install --require-hashes -r requirements-gpu.lock;', image)
    assert f"torch=={torch[1]} " in (ROOT / "requirements-gpu.lock").read_text("utf-8")
    assert re.search(r"^USER (?!root|0)", image, re.M)
    assert "HEALTHCHECK" in image


def test_kubernetes_takes_the_settings(tmp_path: Path) -> None:
    """The form only: there is no cluster here. Its settings are read as ours."""
    parts = list(yaml.safe_load_all((ROOT / "deploy" / "kubernetes.yaml").read_text("utf-8")))
    assert [part["kind"] for part in parts] == ["ConfigMap", "Service", "StatefulSet", "Service", "Deployment"]
    told = tmp_path / "config.toml"
    told.write_text(parts[0]["data"]["config.toml"], "utf-8")
    settings = load(told)
    assert settings.engines[0].kind == "server"
    names = {part["metadata"]["name"] for part in parts}
    assert settings.engines[0].address.split("/")[2] in names
    assert parts[2]["spec"]["serviceName"] in names


def test_kuberay_takes_the_settings(tmp_path: Path) -> None:
    """The form only: settings read as ours, one version of Ray everywhere, nobody in without a token."""
    text = (ROOT / "deploy" / "ray.yaml").read_text("utf-8")
    config, cluster, service, gateways = yaml.safe_load_all(text)
    told = tmp_path / "config.toml"
    told.write_text(config["data"]["config.toml"], "utf-8")
    workers = load(told).workers
    assert (workers.engine, workers.address) == ("ray", "auto")
    spec = cluster["spec"]
    groups = [spec["headGroupSpec"], *spec["workerGroupSpecs"]]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (wanted,) = (Requirement(one) for one in project["optional-dependencies"]["ray"])
    assert wanted.specifier.contains(spec["rayVersion"])
    assert set(re.findall(r"ray==([\d.]+)", text)) == {spec["rayVersion"]}
    pods = [group["template"]["spec"] for group in groups] + [gateways["spec"]["template"]["spec"]]
    for container in (pod["containers"][0] for pod in pods):
        env = {one["name"]: one for one in container["env"]}
        assert env["RAY_AUTH_MODE"]["value"] == "token"
        assert env["RAY_AUTH_TOKEN"]["valueFrom"]["secretKeyRef"] == {"name": "heying-ray", "key": "auth_token"}
    assert f"{cluster['metadata']['name']}-head-svc:6379" in pods[-1]["containers"][0]["command"][-1]
    assert gateways["spec"]["serviceName"] == service["metadata"]["name"]
    (gpus,) = spec["workerGroupSpecs"]
    assert gpus["maxReplicas"] >= workers.edit + workers.learn
    assert gpus["minReplicas"] >= 2  # each lane keeps its first actor


def test_the_lock_holds_what_the_project_needs() -> None:
    """In step with pyproject.toml (else run `make lock`), every file by its hash, from no address of its own."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(one for name in ("telegram", "ptb") for one in project["optional-dependencies"][name]),
    ]
    lock, gpu = ((ROOT / f"requirements{name}.lock").read_text("utf-8") for name in ("", "-gpu"))
    versions = dict(re.findall(r"^([a-z0-9.-]+)==([^ ;]+)", lock + gpu, re.M))
    assert len(versions) > 80
    for text in wanted:
        requirement = Requirement(text)
        name = canonicalize_name(requirement.name)
        assert requirement.specifier.contains(versions[name]), f"{text}: {versions[name]} in the lock; run make lock"
    for part in (lock, gpu):
        blocks = re.split(r"^(?=[a-z])", part, flags=re.M)[1:]
        assert all("--hash=sha256:" in block for block in blocks)
        assert "://" not in part
    assert not re.search("^(torch|nvidia)", lock, re.M)


def test_the_guide_names_what_exists() -> None:
    """Commands and files of docs/operators.md."""
    guide = (ROOT / "docs" / "operators.md").read_text("utf-8")
    from bot import cli

    for command in re.findall(r"python -m bot (\w+)", guide):
        assert command in cli.main.commands
    for file in ("deploy/heying.service", "deploy/kubernetes.yaml", "deploy/ray.yaml", "config.toml"):
        assert file in guide
        assert (ROOT / file).is_file()
