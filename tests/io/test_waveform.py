"""Waveform files of other programs."""

import numpy as np
import pytest

from corohemo.errors import ConfigError, FileFormatError
from corohemo.io import read_waveform


def write(tmp_path, text):
    path = tmp_path / "inlet.flow"
    path.write_text(text)
    return path


def test_simvascular_flow_is_read_with_its_modes(shared):
    wave = read_waveform(shared / "pipe_rcr" / "lumen_inlet.flow", factor=-1.0)
    assert wave.period_s == pytest.approx(1.0)
    assert wave.mean == pytest.approx(62.83, rel=1e-3)
    assert wave.at(0.25) == pytest.approx(62.83185, rel=1e-3)


def test_openfoam_list_is_read(shared):
    wave = read_waveform(shared / "coronary_outlets" / "constant_scaled_pulse_flow.flow")
    assert wave.period_s == pytest.approx(1.0)
    assert wave.mean * 1e6 == pytest.approx(90.7, abs=0.05)


def test_plain_columns_are_their_samples(tmp_path):
    path = write(tmp_path, "# t q\n0 5\n0.5, 7\n1 5\n")
    np.testing.assert_allclose(read_waveform(path, factor=2.0).at([0, 0.25, 0.5]), [10, 12, 14])


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("0 1 2\n", FileFormatError, "Line 1 has 3 columns"),
        ("0 1\n1 x\n", FileFormatError, "Line 2"),
        ("# nothing\n", FileFormatError, "ends at line 1 without"),
        ("0 1\n", ConfigError, "at least two"),
        ("# t q\n-0.2 1\n0.5 4\n0.8 1\n", FileFormatError, "Line 2: its time is negative"),
        ("0 1\n0.5 4\n1 3\n", ConfigError, "does not repeat"),
    ],
)
def test_bad_file_is_refused_with_its_name(tmp_path, text, error, says):
    with pytest.raises(error, match=says) as caught:
        read_waveform(write(tmp_path, text))
    assert "inlet.flow" in str(caught.value)
