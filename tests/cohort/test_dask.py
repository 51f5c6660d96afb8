"""A real Dask scheduler with two worker processes, one of which is killed."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from corohemo.cohort import CohortOptions, run_cohort
from corohemo.errors import InputError, MissingDependencyError

from .conftest import tables

pytestmark = pytest.mark.filterwarnings("default")
distributed = pytest.importorskip("distributed")


def start(*words):
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture
def cluster(tmp_path):
    """Address of a scheduler and its workers' processes."""
    file = tmp_path / "scheduler.json"
    common = ("--scheduler-file", str(file), "--no-dashboard")
    processes = [start("scheduler", *common, "--host", "127.0.0.1", "--port", "0")]
    worker = ("worker", *common, "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1")
    processes += [start(*worker, "--local-directory", str(tmp_path)) for _ in range(2)]
    try:
        deadline = time.monotonic() + 60.0
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        with distributed.Client(address, timeout="30s") as client:
            client.wait_for_workers(2, timeout=60.0)
        yield f"dask://{address.removeprefix('tcp://')}", processes[1:]
    finally:
        for process in processes:
            process.kill()
            process.wait()


class KillsAWorker:
    """Ends a worker as soon as the first case has ended, while the next ones run."""

    def __init__(self, worker):
        self.worker = worker
        self.killed = False
        self.left = 0

    def begin(self, plans):
        pass

    def started(self, case_id):
        self.left += 1

    def ended(self, outcome):
        self.left -= 1
        if not self.killed:
            assert self.left >= 3, "each worker must have a case, and another must wait"
            time.sleep(0.5)
            os.kill(self.worker.pid, signal.SIGKILL)
            self.killed = True


def test_cases_of_a_killed_worker_are_computed_by_the_other(cluster, manifest, finished, tmp_path):
    address, workers = cluster
    options = CohortOptions(solver="reduced", scheduler=address)
    listener = KillsAWorker(workers[0])
    run_cohort(manifest, tmp_path / "out", options, progress=listener)
    assert listener.killed
    assert workers[0].wait(10) == -signal.SIGKILL
    assert tables(tmp_path / "out") == tables(finished)


def test_no_scheduler_is_told_with_its_address(manifest, tmp_path, monkeypatch):
    monkeypatch.setattr("corohemo.cohort.dask_jobs.PATIENCE", "1s")
    options = CohortOptions(solver="reduced", scheduler="dask://127.0.0.1:9")
    with pytest.raises(InputError, match=r"127\.0\.0\.1:9"):
        run_cohort(manifest, tmp_path / "out", options)


def test_without_distributed_the_extra_is_named(manifest, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    options = CohortOptions(solver="reduced", scheduler="dask://127.0.0.1:9")
    with pytest.raises(MissingDependencyError, match=r"corohemo\[dask\]"):
        run_cohort(manifest, tmp_path / "out", options)
