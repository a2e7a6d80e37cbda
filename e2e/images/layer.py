#!/usr/bin/env python3
"""layer.py files OUT.tar SPEC...           a layer of single files
layer.py root OUT.tar ROOT.tar [BASE.tar]   a layer of a Debian root, without what BASE has and what no pod needs

Takes files or roots as mmdebstrap writes them. Gives plain tar layers, the same bytes for the same input, written in
one piece or not at all. Never runs anything.

A SPEC is PATH=FILE (a file, executable where FILE is), PATH->TARGET (a link), or PATH/ (a folder); behind each may
stand @MODE:USER:GROUP and, for a file, ^CAPABILITY (permitted, not effective)."""
import hashlib
import io
import os
import re
import struct
import sys
import tarfile

# What a package brings and no pod needs.
UNNEEDED = re.compile(
    r"^(usr/share/(doc|man|info|locale|lintian|bash-completion|bug|perl|perl5|common-licenses|i18n|pixmaps|gitweb|zsh|vim)/."
    r"|usr/share/prometheus/(?!web)|usr/share/(javascript|nodejs|fonts|fonts-glyphicons)/."
    r"|usr/lib/x86_64-linux-gnu/(gconv|perl|perl5)/(?!gconv-modules)."
    r"|usr/lib/x86_64-linux-gnu/(libLLVM|libperl|libz3|libicudata\.a)"
    r"|usr/lib/llvm|usr/lib/postgresql/[0-9]+/lib/(llvmjit|bitcode)|usr/share/postgresql/[0-9]+/(man|locale)/."
    r"|usr/lib/git-core/(git-shell|git-http-backend|git-imap-send|git-daemon|git-instaweb|scalar|git-http-push|mergetools/)"
    r"|usr/bin/(perl|promtool|localedef|redis-benchmark|redis-check-aof|openssl|dpkg)|usr/lib/x86_64-linux-gnu/(perl-base/.|libdb-5)"
    r"|var/lib/postgresql/.|var/(cache|log|backups)/.|var/lib/(apt|systemd|ucf|pam)/.|var/lib/dpkg/(info|.*-old)/?.|etc/ssl/private/.|dev/.|proc/.|sys/.|run/.|tmp/.)"
)
CAPABILITIES = {"net_bind_service": 10}


def clean(info):
    """An entry without what differs from one build to the next."""
    info.mtime, info.uname, info.gname = 0, "", ""
    info.pax_headers = {k: v for k, v in info.pax_headers.items() if k.startswith("SCHILY.xattr.")}
    return info


def capability(name):
    """The extended attribute of a file that may raise one capability: version 2, permitted only."""
    data = struct.pack("<IIIII", 0x02000000, 1 << CAPABILITIES[name], 0, 0, 0)
    return data.decode("utf-8", "surrogateescape")


def plain(name):
    """A path as layers have it; mmdebstrap writes ./ before each."""
    return name.removeprefix("./").rstrip("/")


def files(tar, specs):
    seen = set()

    def parents(path):
        for at in range(len(path)):
            if path[at] == "/" and path[:at] not in seen:
                seen.add(path[:at])
                folder = tarfile.TarInfo(path[:at])
                folder.type, folder.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(folder)

    for spec in specs:
        spec, _, cap = spec.partition("^")
        spec, _, rights = spec.partition("@")
        data = None
        if "->" in spec:
            path, _, target = spec.partition("->")
            info = tarfile.TarInfo(path.strip("/"))
            info.type, info.linkname, info.mode = tarfile.SYMTYPE, target, 0o777
        elif spec.endswith("/"):
            info = tarfile.TarInfo(spec.strip("/"))
            info.type, info.mode = tarfile.DIRTYPE, 0o755
        else:
            path, _, source = spec.partition("=")
            with open(source, "rb") as file:
                data = file.read()
            info = tarfile.TarInfo(path.strip("/"))
            info.size = len(data)
            info.mode = 0o755 if os.access(source, os.X_OK) else 0o644
        if rights:
            mode, user, group = rights.split(":")
            info.mode, info.uid, info.gid = int(mode, 8), int(user), int(group)
        if cap:
            info.pax_headers = {"SCHILY.xattr.security.capability": capability(cap)}
        parents(info.name)
        seen.add(info.name)
        tar.addfile(info, io.BytesIO(data) if data is not None else None)


def described(root):
    """What each entry of a root is, by path, so that two roots can be compared."""
    entries = {}
    with tarfile.open(root) as tar:
        for info in tar:
            content = hashlib.sha256(tar.extractfile(info).read()).digest() if info.isreg() else None
            entries[plain(info.name)] = (info.type, info.mode, info.uid, info.gid, plain(info.linkname), content)
    return entries


def root(tar, path, base=None):
    have = described(base) if base else {}
    with tarfile.open(path) as source:
        for info in source:
            name = plain(info.name)
            if not name or UNNEEDED.match(name) or info.ischr() or info.isblk() or name.endswith((".pyc", "/__pycache__")):
                continue
            data = source.extractfile(info).read() if info.isreg() else None
            content = hashlib.sha256(data).digest() if data is not None else None
            if have.get(name) == (info.type, info.mode, info.uid, info.gid, plain(info.linkname), content):
                continue
            info.name = name
            if info.islnk():
                info.linkname = plain(info.linkname)
            tar.addfile(clean(info), io.BytesIO(data) if data is not None else None)


def main():
    if len(sys.argv) < 4 or sys.argv[1] not in ("files", "root"):
        sys.exit(__doc__)
    out, new = sys.argv[2], f"{sys.argv[2]}.{os.getpid()}.new"
    try:
        with tarfile.open(new, "w", format=tarfile.PAX_FORMAT, encoding="utf-8", errors="surrogateescape") as tar:
            files(tar, sys.argv[3:]) if sys.argv[1] == "files" else root(tar, *sys.argv[3:5])
        os.replace(new, out)
    finally:
        if os.path.exists(new):
            os.unlink(new)


main()
