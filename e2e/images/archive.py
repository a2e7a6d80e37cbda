#!/usr/bin/env python3
"""Writes a docker archive of given layers.

archive.py OUT.tar NAME[,NAME...] [OPTION...] LAYER.tar... [-- ENTRYPOINT...]

Takes uncompressed layers (tar files, lowest first) and gives one file that `docker load`,
`ctr images import` and `kind load image-archive` read. The same input gives the same bytes.
Never looks into a layer, never compresses, never asks a registry.

  --user USER        the user of the container: runAsNonRoot needs it, and needs it as a number
  --env KEY=VALUE    an environment variable, repeatable
  --cmd WORD         one word of the default arguments, repeatable
  --workdir PATH     the working directory
  --stop SIGNAL      the signal that ends the container
  --label KEY=VALUE  a label, repeatable
"""
import hashlib
import io
import json
import os
import sys
import tarfile

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def digest(path):
    """Returns the SHA-256 of a file, read in pieces."""
    state = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            state.update(piece)
    return state.hexdigest()


def parse(words):
    """Returns output, names, image configuration and layers of the command line."""
    if len(words) < 3:
        sys.exit(__doc__)
    out, names, *rest = words
    cut = rest.index("--") if "--" in rest else len(rest)
    config = {"Env": [PATH]}
    if rest[cut + 1:]:
        config["Entrypoint"] = rest[cut + 1:]
    layers = []
    words = iter(rest[:cut])
    for word in words:
        if word == "--user":
            config["User"] = next(words)
        elif word == "--env":
            value = next(words)
            if value.startswith("PATH="):
                config["Env"][0] = value
            else:
                config["Env"].append(value)
        elif word == "--cmd":
            config.setdefault("Cmd", []).append(next(words))
        elif word == "--workdir":
            config["WorkingDir"] = next(words)
        elif word == "--stop":
            config["StopSignal"] = next(words)
        elif word == "--label":
            key, value = next(words).split("=", 1)
            config.setdefault("Labels", {})[key] = value
        elif word.startswith("--"):
            sys.exit(f"archive.py: unknown option {word}\n\n{__doc__}")
        else:
            layers.append(word)
    return out, names.split(","), config, layers


def main():
    out, names, config, layers = parse(sys.argv[1:])
    digests = [digest(layer) for layer in layers]
    machine = os.uname().machine
    image = json.dumps({
        "architecture": ARCHITECTURES.get(machine, machine),
        "os": "linux",
        "created": "1970-01-01T00:00:00Z",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + each for each in digests]},
        "history": [{"created": "1970-01-01T00:00:00Z"} for _ in digests],
    }, sort_keys=True).encode()
    name = hashlib.sha256(image).hexdigest() + ".json"
    manifest = json.dumps([{
        "Config": name,
        "RepoTags": names,
        "Layers": [each + ".tar" for each in digests],
    }]).encode()

    unfinished = f"{out}.{os.getpid()}.tmp"
    with tarfile.open(unfinished, "w") as tar:
        def add(path, data):
            info = tarfile.TarInfo(path)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))

        def add_layer(path, layer):
            info = tarfile.TarInfo(path)
            info.size = os.path.getsize(layer)
            with open(layer, "rb") as file:
                tar.addfile(info, file)

        add("manifest.json", manifest)
        add(name, image)
        for each, layer in dict(zip(digests, layers)).items():
            add_layer(each + ".tar", layer)
    os.replace(unfinished, out)


main()
