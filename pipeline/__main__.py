"""The editing lane: `python -m pipeline [--once] [--kinds edit,stickers,generate]`; `--check` says what the engines lack."""

import argparse
import json
from dataclasses import asdict

import storage
from pipeline.worker import Worker


def main() -> None:
    """Work until told to stop."""
    parser = argparse.ArgumentParser(description="合影的画图进程")
    parser.add_argument("--once", action="store_true", help="stop when the queue is empty")
    parser.add_argument("--kinds", default="edit,stickers,generate", help="which jobs to take")
    parser.add_argument("--check", action="store_true", help="print what each engine finds, as JSON lines, and stop")
    args = parser.parse_args()
    kinds = args.kinds.split(",")
    settings = storage.settings.load()
    if settings.workers.engine == "ray" and not args.check:
        from pipeline import cluster

        cluster.serve(storage.open(settings.data, settings), kinds, settings.workers.edit, args.once)
        return
    from pipeline.engines import open_engines  # loads torch: not before the settings are known to be good

    if args.check:
        for engine in open_engines(settings):
            for found in engine.check():
                print(json.dumps({"engine": engine.name, **asdict(found)}, ensure_ascii=False))
        return
    store = storage.open(settings.data, settings)
    from pipeline.handlers import Handlers

    handlers = Handlers.open(store, open_engines(settings))
    worker = Worker(
        store, {kind: handlers.tasks[kind] for kind in kinds}, idle=handlers.look if "edit" in kinds else None
    )
    worker.publish(handlers.published())
    worker.run(args.once)


if __name__ == "__main__":
    main()
