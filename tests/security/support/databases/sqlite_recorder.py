"""Socius on an SQLite that records what it writes and syncs, for the test that cuts the power.

The hooks are in the file methods of the very library that Python's sqlite3 uses; `RECORD` names the log.
"""

import ctypes
import os

from tests.security.support.databases.power_cuts import DELETE, HEADER, SYNC, TRUNCATE, WRITE

POINTER = ctypes.sizeof(ctypes.c_void_p)
X_OPEN, X_DELETE = 40, 40 + POINTER  # in struct sqlite3_vfs
X_WRITE, X_TRUNCATE, X_SYNC = (8 + POINTER * place for place in (2, 3, 4))  # in struct sqlite3_io_methods
IO_METHODS_SIZE = 8 + POINTER * 18
address, integer, offset = ctypes.c_void_p, ctypes.c_int, ctypes.c_longlong
Open = ctypes.CFUNCTYPE(integer, address, ctypes.c_char_p, address, integer, address)
Delete = ctypes.CFUNCTYPE(integer, address, ctypes.c_char_p, integer)
Write = ctypes.CFUNCTYPE(integer, address, address, integer, offset)
Truncate = ctypes.CFUNCTYPE(integer, address, offset)
Sync = ctypes.CFUNCTYPE(integer, address, integer)


def pointer_at(place):
    return ctypes.c_void_p.from_address(place)


class Recorder:
    """Appends each write, truncation, sync and deletion of a named file to the log."""

    def __init__(self, path):
        self.log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.paths, self.methods = {}, {}  # of open files; of kinds of files, by the library's own methods
        self.references = []  # callbacks that C holds must not be collected

    def install(self):
        find = ctypes.CDLL("libsqlite3.so.0").sqlite3_vfs_find
        find.restype = ctypes.c_void_p
        vfs = find(None)
        self.open, self.delete = (
            kind(pointer_at(vfs + place).value) for kind, place in ((Open, X_OPEN), (Delete, X_DELETE))
        )
        for place, hook in ((X_OPEN, Open(self.on_open)), (X_DELETE, Delete(self.on_delete))):
            self.references.append(hook)
            pointer_at(vfs + place).value = ctypes.cast(hook, ctypes.c_void_p).value

    def on_open(self, vfs, name, file, flags, out_flags):
        result = self.open(vfs, name, file, flags, out_flags)
        methods = pointer_at(file)  # its first member
        if result == 0 and name and methods.value:
            self.paths[file] = name
            methods.value = self.hooked(methods.value)
        return result

    def hooked(self, original):
        """The address of a copy of the file methods in which ours stand before the library's."""
        if original not in self.methods:
            copied = ctypes.create_string_buffer(ctypes.string_at(original, IO_METHODS_SIZE), IO_METHODS_SIZE)
            start = ctypes.addressof(copied)
            write, truncate, sync = (
                kind(pointer_at(start + place).value)
                for kind, place in ((Write, X_WRITE), (Truncate, X_TRUNCATE), (Sync, X_SYNC))
            )
            hooks = (
                (X_WRITE, Write(lambda *call: self.on_write(*call) or write(*call))),
                (X_TRUNCATE, Truncate(lambda *call: self.on_truncate(*call) or truncate(*call))),
                (X_SYNC, Sync(lambda *call: self.on_sync(*call) or sync(*call))),
            )
            for place, hook in hooks:
                pointer_at(start + place).value = ctypes.cast(hook, ctypes.c_void_p).value
            self.references += [copied, write, truncate, sync, *(hook for _, hook in hooks)]
            self.methods[original] = start
        return self.methods[original]

    def on_delete(self, vfs, name, syncs_folder):
        result = self.delete(vfs, name, syncs_folder)
        if result == 0:
            self.write_record(DELETE, name)
        return result

    def on_write(self, file, data, length, at):
        self.append(WRITE, file, at, ctypes.string_at(data, length))

    def on_truncate(self, file, size):
        self.append(TRUNCATE, file, size)

    def on_sync(self, file, flags):
        # Before the sync itself: what another thread writes meanwhile need not be covered by it.
        self.append(SYNC, file, 0)

    def append(self, operation, file, at, data=b""):
        self.write_record(operation, self.paths[file], at, data)

    def write_record(self, operation, path, at=0, data=b""):
        os.write(self.log, HEADER.pack(operation, len(path), at, len(data)) + path + data)


recorder = Recorder(os.environ["RECORD"])  # a global: C calls it until the process ends
recorder.install()

from tests.security.support.databases.connection_probe import application  # noqa: E402, F401 - not before the hooks are there
