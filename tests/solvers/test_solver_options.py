"""Options and the missing dependency."""

import pytest

import corohemo as ch
from corohemo.solvers import environment


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
    ],
)
def test_options_out_of_range_are_refused(wrong):
    with pytest.raises(ch.ConfigError, match=next(iter(wrong))):
        ch.SteadyOptions(**wrong)


def test_missing_dolfinx_says_how_to_install_it(monkeypatch):
    def fail(name):
        raise ImportError(f"No module named {name!r}")

    environment.require_dolfinx.cache_clear()
    monkeypatch.setattr(environment, "import_module", fail)
    with pytest.raises(ch.MissingDependencyError, match="pip install"):
        environment.require_dolfinx()
    environment.require_dolfinx.cache_clear()
