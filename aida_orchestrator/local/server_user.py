"""PostgreSQL refuses to run as root: who runs it then, and how that user reaches our folders.

Nothing is opened to everybody: where a parent folder is closed (a checkout below /root), that one user gets the
right to pass through it, by an access list (acl(5)), and nothing else.
"""

from __future__ import annotations

import os
import pwd
import shutil
import struct
import subprocess
from pathlib import Path

_NAME = "pgserver"
_ACL = "system.posix_acl_access"
_USER_OBJ, _USER, _GROUP_OBJ, _GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
_NO_ID = 0xFFFFFFFF


def server_user(data: Path) -> pwd.struct_passwd | None:
    """The account for the database server; None when we are not root and simply run it ourselves.

    Data that an ordinary user made stays that user's; otherwise it is `pgserver` (made when missing), or `nobody`
    where accounts cannot be made.
    """
    if os.geteuid() != 0:
        return None
    if data.is_dir() and data.stat().st_uid != 0:
        try:
            return pwd.getpwuid(data.stat().st_uid)
        except KeyError:
            pass
    try:
        return pwd.getpwnam(_NAME)
    except KeyError:
        pass
    if shutil.which("useradd"):
        made = subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _NAME],
            capture_output=True, check=False,
        )
        if made.returncode == 0:
            return pwd.getpwnam(_NAME)
    return pwd.getpwnam("nobody")


def give(user: pwd.struct_passwd, folder: Path) -> None:
    """Make the folder and all in it the user's own, and let the user reach it."""
    let_through(user, folder)
    for place, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            os.chown(os.path.join(place, name), user.pw_uid, user.pw_gid, follow_symlinks=False)
    os.chown(folder, user.pw_uid, user.pw_gid)


def let_through(user: pwd.struct_passwd, target: Path) -> None:
    """Let the user pass through every parent of `target` that is closed."""
    for folder in reversed(target.resolve().parents):
        about = folder.stat()
        if not about.st_mode & 0o001 and not (about.st_uid == user.pw_uid and about.st_mode & 0o100):
            _add_pass(folder, user.pw_uid)


def open_for_reading(folder: Path) -> None:
    """Let everybody read a tree of installed programs (a narrow umask at their installation closed it)."""
    for place, _, files in os.walk(folder):
        os.chmod(place, os.stat(place).st_mode | 0o055)  # noqa: S103 (public programs)
        for name in files:
            path = os.path.join(place, name)
            mode = os.stat(path).st_mode
            os.chmod(path, mode | (0o055 if mode & 0o100 else 0o044))


def _add_pass(folder: Path, uid: int) -> None:
    mode = folder.stat().st_mode
    if not hasattr(os, "setxattr"):
        os.chmod(folder, mode | 0o001)
        return
    entries = _read_acl(folder)
    # A later chmod of the folder narrows the mask, and with it what the entry is worth.
    narrowed = any(tag == _MASK and not right & 1 for tag, right, _ in entries)
    if not narrowed and any(tag == _USER and who == uid and right & 1 for tag, right, who in entries):
        return
    entries = [entry for entry in entries if not (entry[0] == _USER and entry[2] == uid) and entry[0] != _MASK]
    entries.append((_USER, 1, uid))
    mask = 0
    for tag, right, _ in entries:
        if tag in (_USER, _GROUP_OBJ, _GROUP):
            mask |= right
    entries.append((_MASK, mask, _NO_ID))
    packed = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in sorted(entries, key=_acl_order))
    try:
        os.setxattr(folder, _ACL, packed)
    except OSError:
        # A file system without access lists: passing through (not reading) for everybody is the next best.
        os.chmod(folder, mode | 0o001)


def _read_acl(folder: Path) -> list[tuple[int, int, int]]:
    try:
        packed = os.getxattr(folder, _ACL)
    except OSError:
        mode = folder.stat().st_mode
        return [(_USER_OBJ, mode >> 6 & 7, _NO_ID), (_GROUP_OBJ, mode >> 3 & 7, _NO_ID), (_OTHER, mode & 7, _NO_ID)]
    return [(int(tag), int(right), int(who)) for tag, right, who in struct.iter_unpack("<HHI", packed[4:])]


def _acl_order(entry: tuple[int, int, int]) -> tuple[int, int]:
    return entry[0], entry[2]
