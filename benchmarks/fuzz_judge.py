"""Whether what is said of a wrong file names the file and the place in it.

A refusal must hold the name of a file that is wrong, and one of: the setting that is, as a whole
word, if the specimen knows it; a numbered place (line, row, byte, point) that exists in the file; a
named one (column, array, branch) whose name stands in the file or belongs to its format; or a whole
sentence of those that can only be said of all of a file.
"""

import re
from functools import cache
from pathlib import Path

from fuzz_cases import Specimen
from fuzz_manifests import COLUMNS

from corohemo.config import read_case

NUMBERED = re.compile(
    r"\b(lines?|rows?|columns?|bytes?|points?|contours?|paths?|triangles?|faces?|vertex|after|ends)"
    r" (\d+)",
    re.IGNORECASE,
)
NAMED = re.compile(
    r"\b(?:branch|column|array|outlet|case|vessel|property|element|attribute|lesion|opening)s?"
    r" (?:'([^']+)'|\"([^\"]+)\"|([\w.:-]+))|\b(\w+) element\b"
    r"|\[([^\]\s]{1,200})\] is not a section",
    re.IGNORECASE,
)
PLACED = re.compile(r"\(-?\d[\d.e+-]*, -?\d[\d.e+-]*, -?\d[\d.e+-]*\)")
"""A point in space."""
PARTS = (
    "x", "y", "z", "id", "radius", "diameter", "parent", "branch", "contour", "length_unit",
    "vertex", "face", "Radius", "MaximumInscribedSphereRadius", "Points", "connectivity", "offsets",
    "Lines", "NumberOfPoints", "NumberOfLines", "NumberOfPolys", "header_type",
    "LengthUnit", "case_id", "input", "vessel", "vessel1", "vessel2", "wire_position_mm",
    "--only", "--length-unit", "--set", "case_file", "centerline",
)  # fmt: skip
"""Names that belong to a format rather than to a file."""
WHOLE = (
    "The file is empty.",
    "The file is binary, not text.",
    "The file holds no points.",
    "The file has a header but no points.",
    "There is no such file",
    "The file does not exist.",
    "The file carries a DOCTYPE or ENTITY, which is refused.",
    "The file is binary, not a VTK XML file.",
    "Expected a VTKFile of type PolyData",
    "The file does not begin with",
    "The file is neither STL text nor a whole binary STL",
    "The file is no array of NumPy",
    "The file must hold points (n, 3), not",
    "The columns must all have one unit, found",
    "planar ends, and a lumen needs an inlet and an outlet",
    "The manifest has no cases",
    "The table is empty",
    "so it does not repeat",
    "The file holds no line.",
    "The file holds no triangles, or is damaged.",
    "The file is compressed with",
)
"""What can only be said of a whole file."""
LONGEST = 4000
"""Characters that a person reads; several settings may be wrong at once."""
NOT_A_NUMBER = re.compile(r"Line (\d+): \w+ is not a (?:finite )?number")
SYNTAX = re.compile(
    r"not valid TOML: .*(\(at line \d+(, column \d+)?\)|at end of document|nested too deeply)"
)


def says_where(specimen: Specimen, said: str) -> bool:
    """Whether a refusal names a file that is wrong and the place in it, and can be read."""
    return len(said) < LONGEST and names_file(specimen, said) and _names_place(specimen, said)


def names_case(specimen: Specimen, said: str) -> bool:
    """Whether a failure names the file that the command was given, or one that is wrong."""
    return names_file(specimen, said) or any(_has(said, word) for word in specimen.command[1:2])


def names_file(specimen: Specimen, said: str) -> bool:
    return any(_has(said, name.rpartition("/")[2]) for name in specimen.wrong)


def _names_place(specimen: Specimen, said: str) -> bool:
    if specimen.words:
        known = (form for word in specimen.words for form in (word, repr(word)[1:-1]))
        return any(_has(said, form) for form in known) or bool(SYNTAX.search(said))
    return (
        any(sentence in said for sentence in WHOLE)
        or bool(SYNTAX.search(said))
        or _is_numbered(specimen, said)
        or bool(PLACED.search(said))
        or any(_is_part(specimen, name) for name in _names(said))
        or any(_has(said, name) for name in (*_settings(), *filter(_is_long, PARTS)))
    )


def _is_long(name: str) -> bool:
    """Whether a name cannot be a word of a sentence by chance."""
    return len(name) > 9 or not name.isalpha()


def _is_numbered(specimen: Specimen, said: str) -> bool:
    """A line, row or point, which the file has; what is no number must stand where something was
    changed, or below a changed header."""
    numbers = [(word.lower().rstrip("s"), int(number)) for word, number in NUMBERED.findall(said)]
    for name in specimen.wrong:
        data = specimen.files.get(name, b"").splitlines()
        before = specimen.before.splitlines()
        if (found := NOT_A_NUMBER.search(said)) and len(before) == len(data):
            place = int(found[1]) - 1
            return place < len(data) and any(before[k] != data[k] for k in (0, place))
        if any(word not in ("line", "row") or 0 < n <= len(data) + 1 for word, n in numbers):
            return True
    return False


def _names(said: str) -> list[str]:
    """Names of columns, arrays, branches in a sentence."""
    return ["".join(groups) for groups in NAMED.findall(said)]


def _is_part(specimen: Specimen, name: str) -> bool:
    """Whether a name is that of a file, stands in one as a whole word, or belongs to a format."""
    if name in PARTS:
        return True
    contents = [content.decode("utf-8", "replace") for content in specimen.files.values()]
    contents += [Path(file).stem for file in specimen.files]
    return bool(name.split()) and any(
        all(_has(content, word) for word in name.split()) for content in contents
    )


@cache
def _settings() -> tuple[str, ...]:
    """Settings as ``section.key``, sections in brackets, columns of a manifest."""
    found = [name for name in COLUMNS if len(name.strip()) > 2]
    for setting in read_case("tree.swc").settings:
        found += [f"[{setting.section}]", setting.key]
        found += [setting.name] if "_" in setting.name else []
    return tuple(found)


def _has(said: str, word: str) -> bool:
    """Whether a word stands in a text, not as a part of a longer one."""
    return bool(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", said))
