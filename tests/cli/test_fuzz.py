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


def test_a_sentence_without_a_place_is_no_refusal(fuzz):
    """The judge itself: an exit code of 2 does not suffice."""
    vague = fuzz.Specimen({"a.swc": b""}, ["init", "a.swc"])
    assert fuzz.judge(vague)[0] == "vague"
    assert fuzz.judge(fuzz.Specimen({"a.swc": b""}, ["check", "a.swc"]))[0] == "refused"
