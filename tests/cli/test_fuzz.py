"""Wrong files get a sentence: a share of ``make validate-fuzz``, 10,000 of each kind."""

import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
PART = 50


@pytest.fixture(scope="module")
def fuzz():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import fuzz

        yield fuzz
    finally:
        sys.path.remove(str(BENCHMARKS))


@pytest.mark.parametrize("first", range(20_000, 20_200, PART))
@pytest.mark.parametrize("kind", ["case", "vessels", "manifest"])
def test_wrong_files_are_refused_with_file_and_place_or_solved(fuzz, kind, first):
    wrong = []
    for seed in range(first, first + PART):
        outcome, said = fuzz.judge(fuzz.KINDS[kind](seed))
        if outcome not in fuzz.GOOD:
            wrong.append((seed, outcome, said[-300:]))
    assert not wrong


def test_the_files_are_right_before_something_is_wrong_in_them(fuzz):
    """A mutation of a wrong file would show nothing."""
    cases, vessels, manifests = fuzz.fuzz_cases, fuzz.fuzz_vessels, fuzz.fuzz_manifests
    for name, table in cases.bases().items():
        files = cases.vessels() | {"case.toml": cases.written(table).encode()}
        outcome = fuzz.judge(fuzz.Specimen(files, ["check", "case.toml"], ()))
        assert outcome == ("accepted", ""), name
    for name, content in vessels.bases().items():
        command = vessels.command_of(name)
        assert fuzz.judge(fuzz.Specimen({name: content}, command, ())) == ("accepted", ""), name
    right = fuzz.Specimen(manifests.files(manifests.RIGHT), manifests.COMMAND, ())
    assert fuzz.judge(right) == ("accepted", "")


@pytest.mark.parametrize(
    ("said", "is_enough"),
    [
        ("t.swc: Line 2: x is not a number: 'a'.", True),
        ("t.swc: Line 3: x is not a number: 'a'.", False),
        ("t.swc: Line 9: expected 7 values.", False),
        ("other.swc: Line 2: x is not a number: 'a'.", False),
        ("t.swc: Something is wrong with the radius.", False),
        ("t.swc: Branch LAD at 3.0 mm from the ostium: too narrow.", True),
        ("t.swc: Branch LCx at 3.0 mm from the ostium: too narrow.", False),
        ("t.swc: The file is empty.", True),
    ],
)
def test_a_refusal_must_name_a_place_that_is_there(fuzz, said, is_enough):
    before = b"# LAD\n1 0 0 0 0 2 -1\n2 0 0 0 5 2 1\n"
    after = before.replace(b"1 0 0", b"1 0 a")
    specimen = fuzz.Specimen({"t.swc": after}, ["check", "t.swc"], ("t.swc",), before=before)
    assert fuzz.says_where(specimen, said) == is_enough


def test_a_setting_must_be_named_as_a_whole_word(fuzz):
    specimen = fuzz.Specimen({"case.toml": b""}, [], ("case.toml",), ("id",))
    assert fuzz.says_where(specimen, "case.toml: [case] id must be a name.")
    assert not fuzz.says_where(specimen, "case.toml: [case] grid must be a name.")


def test_a_sentence_without_a_place_is_no_refusal(fuzz):
    """The judge itself: an exit code of 2 does not suffice."""
    vague = fuzz.Specimen({"a.swc": b""}, ["init", "a.swc"], ("a.swc",))
    assert fuzz.judge(vague)[0] == "vague"
    assert fuzz.judge(fuzz.Specimen({"a.swc": b""}, ["check", "a.swc"], ("a.swc",)))[0] == "refused"
