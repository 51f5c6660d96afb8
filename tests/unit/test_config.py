"""Settings: one copy of the defaults, units in the names, resolved files that read back."""

import dataclasses

import pytest

from corohemo.config import read_case, template
from corohemo.config.sections import section_types
from corohemo.config.toml import toml_value, with_overrides
from corohemo.errors import ConfigError, InputError


@pytest.fixture
def case(tmp_path):
    def write(text="", centerline="tree.swc"):
        path = tmp_path / "patient.toml"
        path.write_text(f'[case]\ncenterline = "{centerline}"\nlength_unit = "mm"\n{text}')
        return path

    return write


def test_defaults_are_those_of_the_option_classes(case):
    config = read_case(case())
    for name in ("lumen", "mesh", "blood", "solver", "indices", "hyperemia", "rest"):
        assert getattr(config, name) == section_types()[name]()


def test_every_setting_has_a_source(case):
    for setting in read_case(case()).settings:
        assert setting.source, setting.key


def test_sources_hold_whole_sentences():
    from corohemo.config.sections import described

    texts = described(section_types()["mesh"])
    assert texts["rings"].endswith("The outermost gap is the wall layer.")


def test_shared_physiology_enters_both_states(case):
    config = read_case(case("[physiology]\nmyocardial_mass_g = 150.0\n"))
    assert config.hyperemia.myocardial_mass_g == config.rest.myocardial_mass_g == 150.0


def test_resting_pressure_sets_the_resistance_that_hyperemia_scales(case):
    text = "[hyperemia]\nmean_aortic_pressure_mmhg = 85.0\n[rest]\nmean_aortic_pressure_mmhg = 95\n"
    config = read_case(case(text))
    assert config.hyperemia.at_rest().total_resistance == config.rest.total_resistance


def test_overrides_win_and_strings_need_no_quotes(case):
    config = read_case(case(), overrides=["case.length_unit=cm", "mesh.refinement=1.5"])
    assert config.case.length_unit == "cm"
    assert config.mesh.refinement == 1.5


def test_length_unit_argument_wins(case):
    assert read_case(case(), length_unit="um").case.length_unit == "um"


def test_centerline_is_relative_to_the_case_file(case):
    path = case()
    assert read_case(path).centerline == path.parent / "tree.swc"


def test_case_is_named_after_its_file(case):
    assert read_case(case()).case_id == "patient"


def test_resolved_settings_read_back_the_same(case, tmp_path):
    config = read_case(
        case(
            "[mesh]\nrings = [0.5, 1.0]\n[indices]\nwire_positions_mm = {D1 = 30.0}\n"
            '[edit]\nwithout_lesions = ["LM-1"]\nstents = [["LAD", 10.0, 18, 3.0]]\n'
        )
    )
    path = tmp_path / "resolved.toml"
    path.write_text(config.to_toml())
    again = read_case(path)
    for field in dataclasses.fields(config):
        if field.name not in ("case", "given", "file"):
            assert getattr(again, field.name) == getattr(config, field.name)


def test_template_reads_back_as_defaults(tmp_path):
    path = tmp_path / "template.toml"
    path.write_text(template())
    assert read_case(path).mesh == section_types()["mesh"]()


def test_unknown_key_names_nearest(case):
    with pytest.raises(ConfigError) as caught:
        read_case(case("[hyperemia]\nmean_aortic_presure_mmhg = 90.0\n"))
    assert caught.value.nearest == "mean_aortic_pressure_mmhg"


def test_overrides_do_not_change_the_table():
    table = {"mesh": {"sectors": 12}}
    with_overrides(table, ["mesh.sectors=14"])
    assert table == {"mesh": {"sectors": 12}}


@pytest.mark.parametrize("value", ['a "quoted" \\ text', "ümlaut\n", True, 3, 1e-9, (1.0, 2.0)])
def test_values_survive_toml(value):
    import tomllib

    read = tomllib.loads(f"value = {toml_value(value)}")["value"]
    assert read == (list(value) if isinstance(value, tuple) else value)


def test_a_wrong_entry_is_named_with_its_place(case):
    with pytest.raises(ConfigError, match=r"\[indices\] wire_positions_mm\.LAD must be"):
        read_case(case('[indices]\nwire_positions_mm = {LAD = "far"}\n'))
    with pytest.raises(ConfigError, match=r"\[edit\] stents, entry 1"):
        read_case(case('[edit]\nstents = [["LAD", "a", 2.0, 3.0]]\n'))


def test_many_wrong_settings_are_told_in_part(case):
    wrong = "\n".join(f"x{k} = 1" for k in range(30))
    with pytest.raises(ConfigError, match="25 more settings are wrong"):
        read_case(case(f"[mesh]\n{wrong}\n"))


def test_a_long_value_is_quoted_in_part(case):
    with pytest.raises(ConfigError) as caught:
        read_case(case(f'[mesh]\nrefinement = "{"a" * 5000}"\n'))
    assert len(str(caught.value)) < 400


def test_a_long_name_is_told_in_part(case):
    with pytest.raises(ConfigError, match=r"\[mesh\] aaaa.* is not a setting") as caught:
        read_case(case(f"[mesh]\n{'a' * 5000} = 1\n"))
    assert len(str(caught.value)) < 1000


def test_a_long_path_is_told_in_part():
    error = InputError("It is not there.", file="x" * 5000, field=None)
    assert error.file == "x" * 5000
    assert len(str(error)) < 1100
    assert str(error).endswith(": It is not there.")


def test_a_number_of_thousands_of_digits_is_refused_with_its_line(case):
    with pytest.raises(ConfigError, match=r"more than 4300 digits \(at line \d+\)"):
        read_case(case(f"[mesh]\nsectors = {'9' * 5000}\n"))


def test_a_centerline_that_is_not_there_is_named_with_its_setting(case):
    config = read_case(case("", centerline="nowhere.swc"))
    with pytest.raises(InputError, match=r"\[case\] centerline names 'nowhere\.swc'"):
        config.read_tree()


def test_ends_of_an_uncertainty_are_named_as_settings(case):
    with pytest.raises(ConfigError, match="diameter_exponent_high must not be below"):
        read_case(case("[uncertainty]\ndiameter_exponent_low = 4.0\n"))
