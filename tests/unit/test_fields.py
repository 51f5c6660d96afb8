from corohemo import units
from corohemo.fields import ABSCISSA, FIELDS, FLOW, PRESSURE_MMHG


def test_names_in_files_are_unique_and_end_in_their_unit():
    arrays = [field.array for field in FIELDS.values()]
    assert len(set(arrays)) == len(arrays)
    for field in FIELDS.values():
        suffix = field.unit.replace("/", "_")
        assert field.array.endswith(f"_{suffix}") if suffix else "_" not in field.array


def test_scales_are_those_of_the_units_module():
    assert PRESSURE_MMHG.scale == units.MMHG
    assert FLOW.scale == units.ML_PER_MIN
    assert ABSCISSA.scale == units.MM


def test_titles_carry_the_unit():
    assert FIELDS["wss"].title == "Wall shear stress [Pa]"
    assert FIELDS["ffr"].title == "FFR"


def test_fields_are_keyed_by_their_python_name():
    assert all(name == field.name for name, field in FIELDS.items())
