"""A class of thirty that asks once a second: processor time of the pages on one computer, and of a training server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ehtoolkit.settings import Settings, load_settings  # noqa: E402
from ehtoolkit.toolkit import open_class_link  # noqa: E402
from ehtoolkit.training import TrainingPlatform  # noqa: E402
from ehtoolkit.training.class_link import ClassLink  # noqa: E402
from ehtoolkit.training.state.attendance import PageReport  # noqa: E402
from ehtoolkit.training.state.classroom import open_class  # noqa: E402

TRAINEES: Final = int(sys.argv[1]) if len(sys.argv) > 1 else 30
SECONDS: Final = int(sys.argv[2]) if len(sys.argv) > 2 else 20
STEPS: Final = ("card", "pin", "contact", "contract")


def attend(link: ClassLink, number: int, class_id: str, slowest: list[float]) -> None:
    """Ask once a second, with another step every ten seconds."""
    for second in range(SECONDS):
        step = STEPS[(second + number) // 10 % len(STEPS)]
        report = PageReport(class_id, f"{number:032x}", f"Trainee {number}", "request", step)
        begun = time.perf_counter()
        link.exchange(report)
        took = time.perf_counter() - begun
        slowest.append(took)
        time.sleep(max(0.0, 1 - took))


def whole_class(settings: Callable[[int], Settings], class_id: str) -> tuple[float, float]:
    """Let the class attend; return the share of a processor that this process took, and the slowest answer."""
    links = [open_class_link(settings(number)) for number in range(TRAINEES)]
    slowest: list[float] = []
    threads = [
        threading.Thread(target=attend, args=(link, number, class_id, slowest))
        for number, link in enumerate(links)
        if link is not None
    ]
    begun = time.process_time()
    for thread in threads:
        thread.start()
        time.sleep(1 / TRAINEES)
    for thread in threads:
        thread.join()
    used = (time.process_time() - begun) / SECONDS
    for link in filter(None, links):
        link.close()
    return used, max(slowest)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "trainer"
        with closing(TrainingPlatform(home / "training", delivery_seconds=0)) as training:
            class_id = open_class(training.database, "en")
        used, slowest = whole_class(lambda _: load_settings(home=home), class_id)
        print(
            f"one computer: {TRAINEES} pages take {used:.1%} of a processor; slowest answer {slowest * 1000:.0f} ms"
        )
        command = [sys.executable, "-m", "ehtoolkit", "training", "serve", "--port", "0", "--json"]
        environment = {**os.environ, "EHTOOLKIT_HOME": str(home), "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
            assert server.stdout is not None
            url = json.loads(server.stdout.readline())["url"]
            process = psutil.Process(server.pid)
            before = sum(process.cpu_times()[:2])
            _, slowest = whole_class(
                lambda number: load_settings(home=Path(folder) / f"{number}", platform_url=url), class_id
            )
            used = (sum(process.cpu_times()[:2]) - before) / SECONDS
            memory = process.memory_info().rss / 1_000_000
            server.terminate()
        print(
            f"training server: {TRAINEES} trainees take {used:.1%} of a processor, {memory:.0f} MB; "
            f"slowest answer {slowest * 1000:.0f} ms"
        )


main()
