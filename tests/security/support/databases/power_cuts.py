"""Disk images after a power cut, made from a log of what SQLite wrote and synced (see sqlite_recorder.py)."""

import struct
from pathlib import Path

HEADER = struct.Struct("<cHqq")  # operation, length of the path, offset (or size), length of the data
WRITE, TRUNCATE, SYNC, DELETE = b"w", b"t", b"s", b"d"
SECTOR = 512  # bytes: the smallest part of a write that a disk writes whole


def records(log):
    """(end in the log, operation, path, offset, data) of each record of the log, in order."""
    end = 0
    with open(log, "rb") as file:
        while header := file.read(HEADER.size):
            operation, path_length, position, length = HEADER.unpack(header)
            path, data = file.read(path_length).decode(), file.read(length)
            end += HEADER.size + path_length + length
            yield end, operation, path, position, data


class Disk:
    """Files as they are on disk: what was synced, and what was written since and may or may not be there."""

    def __init__(self):
        self.synced, self.pending = {}, {}

    def add(self, operation, path, at, data):
        if operation == SYNC:
            content = self.synced.setdefault(path, bytearray())
            for step in self.pending.pop(path, []):
                apply(content, *step)
        elif operation == DELETE:  # the library syncs the folder as well
            self.synced.pop(path, None)
            self.pending.pop(path, None)
        else:
            self.pending.setdefault(path, []).append((operation, at, data))

    def image(self, folder, chance=None):
        """Write the files as after a power cut: nothing of what was not synced, or some of it by chance."""
        for path in self.synced.keys() | self.pending.keys():
            content = bytearray(self.synced.get(path, b""))
            for operation, position, data in self.pending.get(path, []) if chance else []:
                for start in range(0, len(data), SECTOR) if operation == WRITE else [0]:
                    if chance.random() < 0.5:
                        apply(content, operation, position + start, data[start : start + SECTOR])
            (folder / Path(path).name).write_bytes(content)


def apply(content, operation, at, data):
    if operation == TRUNCATE:
        del content[at:]
        return
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    content[at : at + len(data)] = data
