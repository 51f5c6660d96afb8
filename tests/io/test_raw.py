"""Lines of text files are numbered as an editor numbers them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import corohemo as ch
from corohemo.io.raw import split_lines

PIECE = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=5)
END = st.sampled_from(["\n", "\r\n", "\r"])


@given(st.lists(PIECE, min_size=1, max_size=8), END)
def test_only_line_ends_of_text_files_end_a_line(pieces, end):
    assert split_lines("".join(piece + end for piece in pieces)) == pieces


def test_separators_of_unicode_do_not_shift_the_line_that_is_told(tmp_path):
    file = tmp_path / "tree.csv"
    file.write_text("x_mm,y_mm,z_mm,r_mm\n0,0,0,2\n\u2028,0,5,2\n0,0,x,2\n", encoding="utf-8")
    with pytest.raises(ch.FileFormatError, match="Line 3: x is not a number"):
        ch.read_centerline(file)
