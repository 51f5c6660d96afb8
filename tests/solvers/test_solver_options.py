"""Options and the missing dependency."""

import pytest

import corohemo as ch
from corohemo.network import NetworkTiming
from corohemo.solvers import environment
from corohemo.solvers.form_compile import compiled
from corohemo.solvers.reduced import ReducedOptions


@pytest.mark.parametrize(
    "wrong",
    [
        {"tolerance": 0.0},
        {"mass_tolerance": -1.0},
        {"max_iterations": 0},
        {"quadrature_degree": 2},
        {"backflow": -0.1},
        {"on_failure": "ignore"},
        {"factors": "hypre"},
        {"averaging_s": -0.1},
        {"averaging_steps": 4},
        {"averaging_steps": 9.5},
        {"max_iterations": 2.5},
    ],
)
def test_options_out_of_range_are_refused(wrong):
    with pytest.raises(ch.ConfigError, match=next(iter(wrong))):
        ch.SteadyOptions(**wrong)


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        (ch.TransientOptions, {"steps_per_cycle": 10.5}),
        (ch.TransientOptions, {"max_cycles": 2.5}),
        (ch.TransientOptions, {"checkpoint_steps": 0.5}),
        (ch.TransientOptions, {"checkpoint_steps": 0}),
        (ch.TransientOptions, {"checkpoint": 5}),
        (ch.ReducedCycleOptions, {"steps_per_cycle": 10.5}),
        (ch.ReducedCycleOptions, {"steps_per_cycle": 1}),
        (ch.ReducedCycleOptions, {"max_cycles": 1e3}),
        (ch.ReducedCycleOptions, {"spectral_radius": 2.0}),
        (ReducedOptions, {"max_iterations": 0.5}),
        (NetworkTiming, {"cycles": 1.5}),
        (NetworkTiming, {"points_per_cycle": 2.5}),
    ],
)
def test_counts_that_are_none_are_refused_by_name(options, wrong):
    with pytest.raises(ch.ConfigError) as caught:
        options(**wrong)
    assert caught.value.field == next(iter(wrong))


def test_missing_dolfinx_says_how_to_install_it(monkeypatch):
    def fail(name):
        raise ImportError(f"No module named {name!r}")

    environment.require_dolfinx.cache_clear()
    monkeypatch.setattr(environment, "import_module", fail)
    with pytest.raises(ch.MissingDependencyError, match="pip install"):
        environment.require_dolfinx()
    environment.require_dolfinx.cache_clear()


@pytest.mark.fem
@pytest.mark.parametrize("kind", [TimeoutError, RuntimeError])
def test_form_that_another_run_left_half_compiled_is_told_in_a_sentence(monkeypatch, kind):
    fem = pytest.importorskip("dolfinx_solver") and pytest.importorskip("dolfinx.fem")

    def wait(form, jit_options):
        raise kind("JIT compilation timed out. Try cleaning cache (e.g. remove /cache/form.c).")

    def broken(form, jit_options):
        raise RuntimeError("no such term")

    monkeypatch.setattr(fem, "form", wait)
    with pytest.raises(ch.SolverError, match=r"has to be removed.*/cache/form\.c"):
        compiled(None, ())
    monkeypatch.setattr(fem, "form", broken)
    with pytest.raises(RuntimeError, match="no such term"):
        compiled(None, ())
