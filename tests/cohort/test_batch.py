"""A batch: one row per vessel and lesion, failures as rows, reasons for what is computed."""

import json
import os
import shutil
import signal
import subprocess
import time

import pytest

import corohemo as ch
from corohemo.cohort import CohortOptions, read_manifest, run_cohort
from corohemo.cohort.locks import case_lock
from corohemo.cohort.plan import make_plans
from corohemo.cohort.pool import Nursery
from corohemo.cohort.stamp import read_stamp, write_stamp
from corohemo.errors import InputError

from .conftest import batch, batch_command, rows, tables, write_manifest

REDUCED = {"solver": "reduced", "resume": True}


def test_each_vessel_has_a_row_with_its_covariates(finished):
    vessels = [row for row in rows(finished / "vessels.csv") if row["status"] == "converged"]
    assert [row["case_id"] for row in vessels] == [f"p{i:02d}" for i in range(6)]
    assert {row["sex"] for row in vessels} == {"male", "female"}
    ffr = [float(row["ffr_ct"]) for row in vessels]
    assert ffr == sorted(ffr, reverse=True)
    assert all(row["model"] == "reduced" for row in vessels)


def test_ffr_at_the_wire_is_read_where_the_wire_was(finished):
    for row in rows(finished / "vessels.csv")[:6]:
        sections = rows(finished / "cases" / row["case_id"] / "sections.csv")
        near = [
            float(section["ffr"])
            for section in sections
            if section["state"] == "hyperemic" and abs(float(section["abscissa_mm"]) - 45.0) < 0.3
        ]
        assert min(near) - 1e-5 <= float(row["ffr_ct_wire"]) <= max(near) + 1e-5


def test_failures_are_rows_with_a_sentence(finished):
    failed = {row["case_id"]: row for row in rows(finished / "vessels.csv") if not row["ffr_ct"]}
    assert set(failed) == {"lost", "light"}
    assert "missing.swc" in failed["lost"]["message"]
    assert "myocardial_mass_g must be positive" in failed["light"]["message"]
    assert failed["light"]["status"] == "failed"


def test_summary_holds_reasons_and_provenance(finished):
    summary = json.loads((finished / "cohort.json").read_text())
    assert summary["counts"] == {"converged": 6, "failed": 2}
    assert summary["reasons"]["p00"] == "compute: it was not computed yet"
    assert len(summary["provenance"]["inputs"]["manifest"]["sha256"]) == 64


def test_parquet_says_the_same_as_csv(finished):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(finished / "vessels.parquet").to_pylist()
    for one, other in zip(table, rows(finished / "vessels.csv"), strict=True):
        assert one["case_id"] == other["case_id"]
        if one["ffr_ct"] is not None:
            assert one["ffr_ct"] == float(other["ffr_ct"])


def test_resume_computes_what_changed_and_says_why(manifest, finished, tmp_path):
    output = shutil.copytree(finished, tmp_path / "out")
    (output / "cases" / "p01" / "result.json").write_text("{}")
    (output / "cases" / "p02" / "finished.json").unlink()
    plans = make_plans(read_manifest(manifest), output, CohortOptions(**REDUCED))
    told = {plan.case.case_id: (plan.action, plan.reason) for plan in plans}
    assert told["p00"] == ("keep", "nothing changed")
    assert told["p01"] == ("compute", "result.json is not the one that was written")
    assert told["p02"] == ("compute", "its last run did not finish")
    assert told["light"][0] == "refuse"
    changed = CohortOptions(**REDUCED, overrides=("indices.distal_reading_mm=12.0",))
    reasons = {plan.reason for plan in make_plans(read_manifest(manifest), output, changed)[:1]}
    assert reasons == {"indices.distal_reading_mm changed from 15.0 to 12.0"}


def test_a_changed_input_is_computed_again(tmp_path):
    manifest = write_manifest(tmp_path, 2, broken=False)
    run_cohort(manifest, tmp_path / "out", CohortOptions(**REDUCED))
    (tmp_path / "tube-1.swc").write_bytes((tmp_path / "tube-0.swc").read_bytes())
    plans = make_plans(read_manifest(manifest), tmp_path / "out", CohortOptions(**REDUCED))
    assert [plan.reason for plan in plans] == ["nothing changed", "the centerline file changed"]


@pytest.mark.parametrize("change", [{"key": "none"}, {"results": []}])
def test_a_stamp_that_is_not_whole_is_none(tmp_path, change):
    manifest = write_manifest(tmp_path, 1, broken=False)
    run_cohort(manifest, tmp_path / "out", CohortOptions(**REDUCED))
    stamp = tmp_path / "out" / "cases" / "p00" / "finished.json"
    stamp.write_text(json.dumps(json.loads(stamp.read_text()) | change))
    (plan,) = make_plans(read_manifest(manifest), tmp_path / "out", CohortOptions(**REDUCED))
    assert (plan.action, plan.reason) == ("compute", "its last run did not finish")


def test_only_computes_the_cases_that_were_asked_for(manifest, tmp_path):
    done = batch(manifest, tmp_path / "out", "--only", "p0[01]")
    assert done.returncode == 0, done.stderr
    status = {row["case_id"]: row["status"] for row in rows(tmp_path / "out" / "cases.csv")}
    assert [name for name, word in status.items() if word == "converged"] == ["p00", "p01"]


def test_a_flow_known_only_by_its_mean_in_time_is_a_row_with_numbers_and_exit_code_one(tmp_path):
    manifest = write_manifest(tmp_path, 2, broken=False)
    output = tmp_path / "out"
    run_cohort(manifest, output, CohortOptions(**REDUCED))
    folder = output / "cases" / "p01"
    document = json.loads((folder / "result.json").read_text())
    mean = {"status": "not_converged", "time_average": {"window_s": 0.1, "steps": 200}}
    document |= {"status": "not_converged", "message": "The flow does not settle."}
    document["states"] = {name: state | mean for name, state in document["states"].items()}
    (folder / "result.json").write_text(json.dumps(document))
    write_stamp(folder, read_stamp(folder)["key"], seconds=1.0)
    done = batch(manifest, output, "--resume")
    assert done.returncode == 1
    assert "1 of 2 cases converged" in done.stdout
    settled, unsteady = rows(output / "vessels.csv")
    assert (settled["status"], unsteady["status"]) == ("converged", "not_converged")
    assert 0 < float(unsteady["ffr_ct"]) < 1
    assert unsteady["message"] == "The flow does not settle."
    assert rows(output / "lesions.csv")[1]["status"] == "not_converged"


def interrupted(manifest, output, kind):
    """Exit code and words of a batch that gets a signal once a case has finished."""
    process = subprocess.Popen(
        batch_command(manifest, output, "--resume"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    finished = len(list(output.glob("cases/*/finished.json")))
    while process.poll() is None:
        if len(list(output.glob("cases/*/finished.json"))) > finished:
            process.send_signal(kind)
            break
        time.sleep(0.02)
    _, words = process.communicate()
    return process.returncode, words


def test_interrupted_and_killed_the_resumed_table_is_that_of_an_undisturbed_run(
    manifest, finished, tmp_path
):
    output = tmp_path / "out"
    code, words = interrupted(manifest, output, signal.SIGINT)
    assert code == 1
    assert "Traceback" not in words
    assert len(rows(output / "cases.csv")) == 8
    interrupted(manifest, output, signal.SIGKILL)
    done = batch(manifest, output, "--resume")
    assert done.returncode == 1
    assert tables(output) == tables(finished)
    torn = [path for path in output.rglob(".*.*") if path.name != ".lock"]
    assert torn == []


def test_a_killed_nursery_is_replaced_and_its_cases_begin_again(manifest, tmp_path):
    options = CohortOptions(**REDUCED)
    plans = make_plans(read_manifest(manifest), tmp_path / "out", options)[:3]
    with Nursery() as nursery:
        outcomes = nursery.run([plan.task() for plan in plans], jobs=1)
        names = [next(outcomes)["case_id"]]
        os.kill(nursery._process.pid, signal.SIGKILL)
        names += [outcome["case_id"] for outcome in outcomes]
    assert sorted(names) == ["p00", "p01", "p02"]


def test_limits_end_a_case_with_a_sentence(manifest, tmp_path):
    options = CohortOptions(**REDUCED)
    first, second, third = make_plans(read_manifest(manifest), tmp_path / "out", options)[:3]
    tasks = [
        first.task() | {"time_limit_s": 0.0},
        second.task() | {"memory_limit_gb": 1e-3},
        third.task() | {"directory": "/proc/nowhere"},
    ]
    with Nursery() as nursery:
        said = {outcome["case_id"]: outcome["message"] for outcome in nursery.run(tasks, jobs=1)}
    assert "time limit" in said["p00"]
    assert "memory limit" in said["p01"]
    assert "case folder cannot be made" in said["p02"]


def test_a_lock_keeps_others_out_until_its_owner_is_gone(tmp_path):
    (tmp_path / ".lock").write_text('{"host": "elsewhere", "pid": 1}')
    with (
        case_lock(tmp_path),
        pytest.raises(InputError, match=f"process {os.getpid()}"),
        case_lock(tmp_path, patience=0.0),
    ):
        pass
    with case_lock(tmp_path, patience=0.0):
        pass


def test_files_outside_the_folder_are_refused_unless_allowed(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    write_manifest(tmp_path, 1, broken=False)
    (inside / "link.swc").symlink_to(tmp_path / "tube-0.swc")
    (inside / "case.toml").write_text(
        '[case]\ncenterline = "../tube-0.swc"\nlength_unit = "mm"\n', encoding="utf-8"
    )
    manifest = inside / "m.csv"
    manifest.write_text("input\n../tube-0.swc\nlink.swc\ncase.toml\n")
    refused = make_plans(read_manifest(manifest), tmp_path / "out", CohortOptions())
    assert all("outside of the manifest's folder" in plan.reason for plan in refused)
    allowed = CohortOptions(allow_outside=True)
    plans = make_plans(read_manifest(manifest), tmp_path / "out", allowed)
    assert [plan.action for plan in plans] == ["compute"] * 3


def test_slurm_script_runs_one_case_per_task(manifest, tmp_path):
    done = batch(manifest, tmp_path / "out", "--scheduler", "slurm-array")
    assert "#SBATCH --array=0-7%2" in done.stdout
    assert "--only-index" in done.stdout
    some = batch(manifest, tmp_path / "out", "--scheduler", "slurm-array", "--only", "p0[0125]")
    assert "#SBATCH --array=0-2,5%2" in some.stdout
    assert some.stdout.count("p0[0125]") == 2
    none = batch(manifest, tmp_path / "out", "--scheduler", "slurm-array", "--only", "x")
    assert none.returncode == 2
    assert "fits no case" in none.stderr
    checked = subprocess.run(["bash", "-n"], input=done.stdout, text=True, check=False)
    assert checked.returncode == 0
    one = batch(manifest, tmp_path / "out", "--resume", "--only-index", "3")
    assert one.returncode == 0
    assert not (tmp_path / "out" / "vessels.csv").exists()
    assert (tmp_path / "out" / "cases" / "p03" / "finished.json").exists()


def test_from_python_a_job_script_is_not_taken_for_a_run(manifest, tmp_path):
    with pytest.raises(ch.ConfigError, match="runs no case") as stop:
        run_cohort(manifest, tmp_path / "out", CohortOptions(scheduler="slurm-array"))
    assert stop.value.field == "scheduler"
    assert not (tmp_path / "out").exists()


def test_a_wire_in_the_lad_is_put_on_its_distal_segment_or_refused_before_the_solve(tmp_path):
    ch.write_centerline(ch.gallery.left_tree(), tmp_path / "left.swc", length_unit="mm")
    (tmp_path / "m.csv").write_text(
        "case_id,input,length_unit,vessel,wire_position_mm,ffr_invasive\n"
        "a,left.swc,mm,LAD,65,0.79\na,left.swc,mm,LCx,60,0.9\nb,left.swc,mm,RCA,60,0.9\n"
    )
    result = run_cohort(tmp_path / "m.csv", tmp_path / "out", CohortOptions(**REDUCED))
    by_vessel = {row["vessel"]: row for row in result.vessels if row["case_id"] == "a"}
    assert by_vessel["dLAD"]["wire_position_mm"] == pytest.approx(65.0)
    assert by_vessel["dLAD"]["ffr_invasive"] == "0.79"
    assert by_vessel["dLAD"]["ffr_ct_wire"] > by_vessel["dLAD"]["ffr_ct_distal"]
    assert by_vessel["dCx"]["ffr_invasive"] == "0.9"
    assert by_vessel["D1"]["ffr_ct_wire"] is None
    refused = next(row for row in result.cases if row["case_id"] == "b")
    assert "There is no vessel 'RCA'" in refused["message"]
    plans = make_plans(
        read_manifest(tmp_path / "m.csv"), tmp_path / "out", CohortOptions(**REDUCED)
    )
    assert plans[0].action == "keep"


def test_a_pulsatile_cohort_has_resting_ratios_and_is_kept_until_its_steps_change(tmp_path):
    manifest, output = write_manifest(tmp_path, 2, broken=False), tmp_path / "out"
    beat = ("pulsatile.on=true", "pulsatile.steps_per_cycle=50")
    options = CohortOptions(**REDUCED, overrides=beat)
    run_cohort(manifest, output, options)
    for row in rows(output / "vessels.csv"):
        assert row["model"] == "reduced"
        assert 0.0 < float(row["rfr"]) <= float(row["ifr"]) < 1.0
    plans = make_plans(read_manifest(manifest), output, options)
    assert {(plan.action, plan.reason) for plan in plans} == {("keep", "nothing changed")}
    finer = CohortOptions(**REDUCED, overrides=(beat[0], "pulsatile.steps_per_cycle=60"))
    plans = make_plans(read_manifest(manifest), output, finer)
    assert {plan.reason for plan in plans} == {"pulsatile.steps_per_cycle changed from 50 to 60"}
