"""Mutations of text and bytes that know what a file of numbers looks like."""

import random
import re
from collections.abc import Callable


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


NUMBERS = (
    *words("nan inf -inf -1 0 -0.0 1e400 1e300 -1e300 1e-300 1e18 2147483648 1,5 0x10 1e"),
    *words("--1"),
    *words("-9223372036854775809 1_000 ٣ ½ True None"),
    *("9" * 30, "9" * 5000),
)
WORDS = (
    *words("# \" ' , ; é 🫀 [/red] [bold %s {} $(reboot) ../../etc/passwd mm inch"),
    *("", "\t", "\0", "\x1b[31m", "\r", "\u2028", "\x0b", "\x85", "\ud800"),
    *("__import__('os')", "a" * 70_000),
)
_NUMBER = re.compile(rb"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")

Mutation = Callable[[random.Random, bytes], bytes]


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def number(draw: random.Random, data: bytes) -> bytes:
    """Another number, or something that is none, instead of one that is there."""
    found = list(_NUMBER.finditer(data))
    if not found:
        return data
    place = draw.choice(found)
    word = encoded(draw.choice(NUMBERS if draw.random() < 0.7 else WORDS))
    return data[: place.start()] + word + data[place.end() :]


def scaled(draw: random.Random, data: bytes) -> bytes:
    """Every number with a point times a factor, as by a wrong unit."""
    factor = draw.choice((1e-3, 0.1, 10.0, 1e3, 1e6, -1.0, 0.0))
    return re.sub(rb"-?\d+\.\d+", lambda found: b"%r" % (float(found[0]) * factor), data)


def word(draw: random.Random, data: bytes) -> bytes:
    """A few bytes replaced by a word."""
    start = draw.randrange(len(data) + 1)
    stop = min(len(data), start + draw.randrange(7))
    return data[:start] + encoded(draw.choice(WORDS + NUMBERS)) + data[stop:]


def lines(draw: random.Random, data: bytes) -> bytes:
    """Lines dropped, doubled, exchanged, or in another order."""
    parts = data.splitlines(keepends=True)
    if len(parts) < 2:
        return data
    i, j = draw.randrange(len(parts)), draw.randrange(len(parts))
    kind = draw.randrange(6)
    if kind == 0:
        del parts[i]
    elif kind == 1:
        parts.insert(j, parts[i])
    elif kind == 2:
        parts[i], parts[j] = parts[j], parts[i]
    elif kind == 3:
        draw.shuffle(parts)
    elif kind == 4:
        parts.reverse()
    else:
        del parts[min(i, j) : max(i, j)]
    return b"".join(parts)


def cells(draw: random.Random, data: bytes) -> bytes:
    """A column dropped, doubled or exchanged in one line or in all."""
    mark = max((b",", b";", b"\t", b" "), key=data.count)
    parts = [line.split(mark) for line in data.splitlines()]
    width = max(map(len, parts), default=0)
    if width < 2:
        return data
    i, j, kind = draw.randrange(width), draw.randrange(width), draw.randrange(3)
    chosen = parts if draw.random() < 0.5 else [draw.choice(parts)]
    for row in chosen:
        if max(i, j) >= len(row):
            continue
        if kind == 0:
            del row[i]
        elif kind == 1:
            row.insert(j, row[i])
        else:
            row[i], row[j] = row[j], row[i]
    return b"\n".join(mark.join(row) for row in parts)


def cut(draw: random.Random, data: bytes) -> bytes:
    """The file ends early, or begins late."""
    at = draw.randrange(len(data) + 1)
    return data[:at] if draw.random() < 0.8 else data[at:]


def flip(draw: random.Random, data: bytes) -> bytes:
    """Bytes changed at random."""
    changed = bytearray(data)
    for _ in range(draw.choice((1, 3, 30))):
        if changed:
            changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)


def encoding(draw: random.Random, data: bytes) -> bytes:
    """The same text as another program would save it."""
    text = data.decode("utf-8", "replace")
    kind = draw.randrange(7)
    if kind == 0:
        return b"\xef\xbb\xbf" + data
    if kind == 1:
        return text.encode(draw.choice(("utf-16", "utf-16-le", "utf-32")))
    if kind == 2:
        return data.replace(b"\n", b"\r\n")
    if kind == 3:
        return data.replace(b"\n", b"\r")
    if kind == 4:
        return (text + "\nä").encode("latin-1", "replace")
    if kind == 5:
        return data.replace(b".", b",")
    return data.replace(b" ", "\u00a0".encode())


def filler(draw: random.Random, data: bytes) -> bytes:
    """Something that does not belong there, before, behind or instead."""
    more = draw.choice((b"", b"\0" * 1000, bytes(range(256)) * 4, b"\n" * 5000, b"{}", b"<html>",
                        b"PK\x03\x04", b"\x89HDF\r\n\x1a\n", b"#" * 100_000, b"[" * 50_000,
                        b"<a>" * 5000))  # fmt: skip
    return draw.choice((more, more + data, data + more))


ANY: tuple[Mutation, ...] = (
    number, number, number, word, lines, cells, cut, flip, encoding, filler, scaled,
)  # fmt: skip
RAW: tuple[Mutation, ...] = (cut, flip, flip, filler, word)


def mutated(draw: random.Random, data: bytes, kinds: tuple[Mutation, ...] = ANY) -> bytes:
    """The file after one to three mutations."""
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        data = draw.choice(kinds)(draw, data)
    return data
