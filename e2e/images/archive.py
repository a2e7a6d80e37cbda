#!/usr/bin/env python3
"""archive.py OUT.tar NAME[,NAME...] [OPTION VALUE]... LAYER.tar... -- [ENTRYPOINT...]

Takes layers (plain tar files) and how the image runs. Gives a docker archive, for `docker load`, `ctr images import`
and `kind load image-archive`, written in one piece or not at all. Never compresses, never talks to a daemon.

Options, each with a value: --user U, --workdir DIR, --env K=V (repeatable), --cmd WORD (repeatable), --stop SIGNAL,
--expose PORT/PROTOCOL (repeatable)."""
import hashlib
import io
import json
import os
import sys
import tarfile

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def digest(path):
    """The layer's digest, remembered beside it: a layer file never changes once it is there."""
    kept = path + ".sha256"
    try:
        if os.stat(kept).st_mtime_ns >= os.stat(path).st_mtime_ns:
            with open(kept) as file:
                return file.read().strip()
    except FileNotFoundError:
        pass
    total = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            total.update(piece)
    with open(kept + ".new", "w") as file:
        file.write(total.hexdigest())
    os.replace(kept + ".new", kept)
    return total.hexdigest()


def read(words):
    """The configuration and the layers that the words before `--` say."""
    config, layers = {"Env": [PATH]}, []
    single = {"--user": "User", "--workdir": "WorkingDir", "--stop": "StopSignal"}
    while words:
        word = words.pop(0)
        if word in single:
            config[single[word]] = words.pop(0)
        elif word == "--env":
            name = words[0].split("=", 1)[0]
            config["Env"] = [e for e in config["Env"] if not e.startswith(name + "=")] + [words.pop(0)]
        elif word == "--cmd":
            config.setdefault("Cmd", []).append(words.pop(0))
        elif word == "--expose":
            config.setdefault("ExposedPorts", {})[words.pop(0)] = {}
        elif word.startswith("--"):
            sys.exit(f"archive.py: unknown option {word}")
        else:
            layers.append(word)
    return config, layers


def main():
    if len(sys.argv) < 4 or "--" not in sys.argv:
        sys.exit(__doc__)
    out, names, *rest = sys.argv[1:]
    cut = rest.index("--")
    config, layers = read(rest[:cut])
    if rest[cut + 1:]:
        config["Entrypoint"] = rest[cut + 1:]
    digests = [digest(layer) for layer in layers]
    image = json.dumps({
        "architecture": "amd64", "os": "linux", "config": config,
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + d for d in digests]},
        "history": [{"created_by": "firstlight e2e"} for _ in digests],
    }).encode()
    name = hashlib.sha256(image).hexdigest() + ".json"
    manifest = json.dumps([{"Config": name, "RepoTags": names.split(","), "Layers": [d + ".tar" for d in digests]}]).encode()
    new = f"{out}.{os.getpid()}.new"
    try:
        with tarfile.open(new, "w") as tar:
            def add(path, data):
                info = tarfile.TarInfo(path)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
            add(name, image)
            for layer_digest, layer in dict(zip(digests, layers)).items():
                info = tarfile.TarInfo(layer_digest + ".tar")
                info.size = os.stat(layer).st_size
                with open(layer, "rb") as file:
                    tar.addfile(info, file)
            add("manifest.json", manifest)
        os.replace(new, out)
    finally:
        if os.path.exists(new):
            os.unlink(new)


main()
