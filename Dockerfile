# 合影 · Heying: the web chat and its workers as a user without rights; on the CPU unless told otherwise.
#   docker build -t heying .
#   docker run -p 7860:7860 -v heying:/data -e HEYING_WEB_PASSWORD=… heying
# Telegram: -e HEYING_PLATFORMS='["telegram"]' -e HEYING_TELEGRAM__TOKEN=…   (see docs/operators.md)
FROM python:3.11-slim AS build
# --build-arg CUDA=1 for NVIDIA GPUs (then docker run --gpus all): PyTorch's GPU build, several gigabytes, by its hashes.
# Without: --build-arg TORCH_INDEX=… names PyTorch's index of CPU builds, else pip fetches the GPU packages too.
ARG CUDA=
ARG TORCH=torch==2.13.0
ARG TORCH_INDEX=
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
WORKDIR /app
COPY pyproject.toml README.md requirements.lock requirements-gpu.lock ./
# hadolint ignore=DL3013
RUN if [ -n "$CUDA" ]; then pip install --require-hashes -r requirements-gpu.lock; \
    else pip install ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} "$TORCH"; fi
COPY bot bot
COPY lettering lettering
COPY storage storage
COPY pipeline pipeline
COPY personalization personalization
COPY miniature miniature
COPY evaluation evaluation
# Only what the project needs is installed; the code runs from /app, beside its weights, fonts and samples.
# Every file by its hash (make lock); torch above by its exact version, since each build of it has a hash of its own.
RUN pip install --require-hashes -r requirements.lock && pip install --no-deps -e .
# --build-arg RAY=ray==2.60.0 for the nodes and gateways of a Ray cluster (docs/operators.md).
ARG RAY=
RUN if [ -n "$RAY" ]; then pip install "$RAY"; fi

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin heying \
    && install -d -o heying -g heying -m 0700 /data
COPY --from=build /venv /venv
COPY --from=build /app /app
COPY assets /app/assets
COPY config.toml /app/config.toml
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HF_HUB_OFFLINE=1 \
    HEYING_CONFIG=/app/config.toml HEYING_DATA=/data HEYING_WEB__HOST=0.0.0.0
USER 10001
VOLUME /data
EXPOSE 7860
# The web chat's port, or the listener of its own where there is no web chat.
HEALTHCHECK --interval=30s --timeout=5s --start-period=90s --retries=3 \
    CMD ["python", "-c", "import sys, urllib.request as r\nfor port in (7860, 9464):\n    try:\n        sys.exit(r.urlopen(f'http://127.0.0.1:{port}/healthz', timeout=4).status != 200)\n    except OSError:\n        pass\nsys.exit(1)"]
STOPSIGNAL SIGTERM
CMD ["python", "-m", "bot", "up"]
