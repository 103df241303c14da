"""Deployment: the product's processes, the one list that `make stack` and docker-compose.yml both follow."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Process:
    """One process: its command and how many seconds it gets to finish its work when told to stop."""

    command: tuple[str, ...]
    seconds_to_stop: int


CELERY = ("python", "-m", "celery", "-A", "config")
MIGRATE = ("python", "manage.py", "migrate", "--no-input")

# Where the web process listens is its surroundings' business: GUNICORN_CMD_ARGS says it.
PROCESSES: dict[str, Process] = {
    "web": Process(
        command=(
            *("python", "-m", "gunicorn", "config.wsgi:application"),
            *("--workers", "2", "--threads", "4", "--timeout", "60", "--graceful-timeout", "20"),
            "--no-control-socket",
        ),
        seconds_to_stop=30,
    ),
    "worker": Process(
        command=(*CELERY, "worker", "--concurrency", "2", "--prefetch-multiplier", "1", "--without-gossip"),
        seconds_to_stop=60,
    ),
    # The in-memory scheduler writes no file: the only entry is a sweep every half minute.
    "beat": Process(
        command=(*CELERY, "beat", "--scheduler", "celery.beat:Scheduler", "--pidfile="),
        seconds_to_stop=10,
    ),
}
