"""Decoding of one ``DataArray`` of a VTK XML file, in any of its encodings."""

from __future__ import annotations

import base64
import binascii
import lzma
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray

from corohemo.checks import QUOTED, cut
from corohemo.errors import CorohemoError
from corohemo.io.raw import whole_number

Array = NDArray[np.generic]

MAX_BYTES = 8_000_000_000
"""No array of a file is larger."""
TYPES = {
    "Int8": "i1", "UInt8": "u1", "Int16": "i2", "UInt16": "u2", "Int32": "i4", "UInt32": "u4",
    "Int64": "i8", "UInt64": "u8", "Float32": "f4", "Float64": "f8",
}  # fmt: skip
COMPRESSORS = {"vtkZLibDataCompressor": "zlib", "vtkLZMADataCompressor": "lzma", "": ""}


class DamagedDataError(CorohemoError):
    """Something in the file does not fit; the reader adds the file's name."""


@dataclass(frozen=True)
class ArrayDecoder:
    """How the arrays of one file are encoded.

    Attributes:
        byte_order: "<" or ">".
        header_type: NumPy type of the sizes before binary data.
        compression: "", "zlib" or "lzma".
        appended: Bytes after the underscore of the appended section.
        appended_is_raw: Whether those are raw, else base64.
    """

    byte_order: str
    header_type: str
    compression: str
    appended: bytes
    appended_is_raw: bool

    @classmethod
    def from_header(
        cls, attributes: Mapping[str, str], *, appended: bytes, appended_attributes: str
    ) -> ArrayDecoder:
        """The encoding that the ``VTKFile`` element announces.

        Raises:
            DamagedDataError: If it is not known.
        """
        order = {"LittleEndian": "<", "BigEndian": ">"}.get(attributes.get("byte_order", ""), "<")
        header = TYPES.get(attributes.get("header_type", "UInt32"), "")
        if header not in ("u4", "u8"):
            raise DamagedDataError(f"Unknown header_type {_cut(attributes.get('header_type'))}.")
        compressor = attributes.get("compressor", "")
        if compressor not in COMPRESSORS:
            raise DamagedDataError(
                f"The file is compressed with {compressor[:40]}; save it with zlib or uncompressed."
            )
        encoding = re.search(r"encoding\s*=\s*[\"'](\w+)[\"']", appended_attributes)
        return cls(
            byte_order=order,
            header_type=order + header,
            compression=COMPRESSORS[compressor],
            appended=appended,
            appended_is_raw=encoding is None or encoding[1] == "raw",
        )

    def numbers(self, element: Element, n: int | None, *, name: str) -> Array:
        """The values of one array, (n,) or (n, components).

        Raises:
            DamagedDataError: If they cannot be decoded or are not ``n``.
        """
        kind = TYPES.get(element.get("type", ""))
        if kind is None:
            raise DamagedDataError(
                f"Array {name!r} has the unknown type {_cut(element.get('type'))}."
            )
        if element.get("format") == "ascii":
            values = _ascii(element.text or "", kind, name)
        else:
            content = self._content(element, name)
            dtype = np.dtype(self.byte_order + kind)
            if len(content) % dtype.itemsize:
                raise DamagedDataError(f"Array {name!r} is cut short.")
            values = np.frombuffer(content, dtype=dtype).astype(dtype.newbyteorder("="))
        components = element.get("NumberOfComponents", "1")
        width = whole_number(components)
        if width is None or not 0 < width < 10_000:
            raise DamagedDataError(f"Array {name!r} has {components[:20]!r} components.")
        if len(values) % width or (n is not None and len(values) != n * width):
            raise DamagedDataError(
                f"Array {name!r} holds {len(values)} values, expected "
                f"{'a multiple of' if n is None else n} x {width}."
            )
        return values.reshape(-1, width) if width > 1 else values

    def strings(self, element: Element, *, name: str) -> tuple[str, ...]:
        """The texts of a string array.

        Raises:
            DamagedDataError: If they cannot be decoded.
        """
        if element.get("format") == "ascii":
            codes = _ascii(element.text or "", "i8", name)
            content = codes.astype(np.int8).tobytes()
        else:
            content = self._content(element, name)
        parts = content.decode("utf-8", errors="replace").split("\0")
        return tuple(parts[:-1] if parts[-1] == "" else parts)

    def _content(self, element: Element, name: str) -> bytes:
        """The decoded and decompressed bytes of a binary or appended array."""
        form = element.get("format")
        if form == "appended":
            offset = whole_number(element.get("offset", ""))
            if offset is None or offset >= len(self.appended):
                raise DamagedDataError(f"The data of array {name!r} are not in the file.")
            source = _Bytes(self.appended, offset, raw=self.appended_is_raw, name=name)
        elif form == "binary":
            text = "".join((element.text or "").split()).encode("ascii", errors="replace")
            source = _Bytes(text, 0, raw=False, name=name)
        else:
            raise DamagedDataError(f"Array {name!r} has the unknown format {_cut(form)}.")
        if self.compression:
            return self._decompress(source, name)
        return self._uncompressed(source)

    def _uncompressed(self, source: _Bytes) -> bytes:
        size = np.dtype(self.header_type).itemsize
        length = int(np.frombuffer(source.peek(size), self.header_type)[0])
        return source.take(size + length)[size:]

    def _decompress(self, source: _Bytes, name: str) -> bytes:
        dtype = np.dtype(self.header_type)
        n_blocks = int(np.frombuffer(source.peek(dtype.itemsize), dtype)[0])
        if n_blocks == 0:
            return b""
        header = np.frombuffer(source.take((3 + n_blocks) * dtype.itemsize), dtype)
        _, block_size, last_size, *packed = (int(value) for value in header)
        sizes = [block_size] * n_blocks
        if last_size:
            sizes[-1] = last_size
        if sum(sizes) > MAX_BYTES:
            raise DamagedDataError(f"Array {name!r} announces {sum(sizes)} bytes.")
        content = source.take(sum(packed))
        blocks, start = [], 0
        for size, length in zip(sizes, packed, strict=True):
            blocks.append(self._inflate(content[start : start + length], size, name))
            start += length
        return b"".join(blocks)

    def _inflate(self, block: bytes, size: int, name: str) -> bytes:
        try:
            if self.compression == "zlib":
                result = zlib.decompressobj().decompress(block, size) if size else b""
            else:
                result = lzma.LZMADecompressor().decompress(block, size)
        except (zlib.error, lzma.LZMAError, EOFError) as error:
            raise DamagedDataError(f"Array {name!r} is damaged: {error}.") from None
        if len(result) != size:
            raise DamagedDataError(f"Array {name!r} is cut short.")
        return result


class _Bytes:
    """A stream of raw or base64 bytes that never yields more than it has."""

    def __init__(self, data: bytes, start: int, *, raw: bool, name: str) -> None:
        self._data, self._position, self._raw, self._name = data, start, raw, name

    def peek(self, count: int) -> bytes:
        """The next ``count`` bytes, left in place."""
        return self._get(count)[0]

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes; base64 streams go on after their padding."""
        content, self._position = self._get(count)
        return content

    def _get(self, count: int) -> tuple[bytes, int]:
        length = count if self._raw else -(-count // 3) * 4
        stop = self._position + length
        if stop > len(self._data):
            raise DamagedDataError(f"Array {self._name!r} is cut short.")
        content = self._data[self._position : stop]
        if not self._raw:
            try:
                content = base64.b64decode(content)
            except (binascii.Error, ValueError) as error:
                raise DamagedDataError(f"Array {self._name!r} is damaged: {error}.") from None
        if len(content) < count:
            raise DamagedDataError(f"Array {self._name!r} is cut short.")
        return content[:count], stop


def _ascii(text: str, kind: str, name: str) -> Array:
    try:
        return np.array(text.split(), dtype=np.dtype(kind))
    except (ValueError, OverflowError) as error:
        reason = cut(str(error), QUOTED)
        raise DamagedDataError(f"Array {name!r} is not numbers: {reason}.") from None


def _cut(word: str | None) -> str:
    """A word of the file as a message quotes it."""
    return repr((word or "")[:40])
