"""The process that runs cases: started before what reads them is loaded, and heard at once."""

import os

import pytest

from corohemo.cohort import CohortOptions, read_manifest, run_cohort
from corohemo.cohort.nursery import _Child, _hear
from corohemo.cohort.plan import make_plans
from corohemo.cohort.pool import Nursery
from corohemo.threads import THREAD_VARIABLES, pinned_environment

from .conftest import write_manifest


def test_something_is_done_once_while_cases_run(tmp_path):
    manifest = read_manifest(write_manifest(tmp_path, 3, broken=False))
    plans = make_plans(manifest, tmp_path / "out", CohortOptions(solver="reduced"))
    happened = []
    with Nursery() as nursery:
        for outcome in nursery.run(
            [plan.task() for plan in plans],
            jobs=1,
            started=happened.append,
            meanwhile=lambda: happened.append("meanwhile"),
        ):
            happened.append(outcome["status"])
    assert happened == ["meanwhile", "p00", *("converged", "p01", "converged", "p02", "converged")]


@pytest.mark.parametrize("resume", [False, True])
def test_a_nursery_that_was_started_before_is_used_and_ended(tmp_path, resume):
    manifest = write_manifest(tmp_path, 1, broken=False)
    options = CohortOptions(solver="reduced", resume=resume)
    with Nursery() as nursery:
        process = nursery._process
        result = run_cohort(manifest, tmp_path / "out", options, nursery=nursery)
        assert process.poll() is not None
    assert result.is_complete


def test_the_end_of_a_pipe_is_that_of_its_child():
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    child = _Child({}, reader)
    _hear(child)
    assert (child.text, child.is_silent) == (b"", False)
    os.write(writer, b"one, ")
    _hear(child)
    os.write(writer, b"two")
    os.close(writer)
    _hear(child)
    assert (child.text, child.is_silent) == (b"one, two", True)
    os.close(reader)


def test_every_thread_pool_has_the_threads_of_a_case(monkeypatch):
    monkeypatch.setenv("LP_NUM_THREADS", "5")
    pinned = pinned_environment(3)
    assert {pinned[name] for name in THREAD_VARIABLES} == {"3"}
    assert {"OMP_NUM_THREADS", "VTK_SMP_MAX_THREADS", "LP_NUM_THREADS"} <= set(THREAD_VARIABLES)
    assert pinned_environment()["LP_NUM_THREADS"] == "5"
