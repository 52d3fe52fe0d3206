"""The learning lane, so that learning never blocks editing: `python -m personalization [--once]`."""

import argparse

import storage
from pipeline.worker import Worker


def main() -> None:
    """Work until told to stop."""
    parser = argparse.ArgumentParser(description="合影的学习进程")
    parser.add_argument("--once", action="store_true", help="stop when the queue is empty")
    args = parser.parse_args()
    settings = storage.settings.load()
    store = storage.open(settings.data, settings)
    from personalization.learn import learn  # loads torch: not before the settings are known to be good

    if settings.workers.engine == "ray":
        from pipeline import cluster

        cluster.serve(store, ("learn",), settings.workers.learn, args.once, learn)
        return
    from pipeline.engines import open_engines
    from pipeline.handlers import Handlers

    handlers = Handlers.open(store, open_engines(settings, learn))
    worker = Worker(store, {"learn": handlers.learn})
    worker.publish(handlers.published())
    worker.run(args.once)


if __name__ == "__main__":
    main()
