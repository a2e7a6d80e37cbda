#!/usr/bin/env python3
"""Makes kubernetes.txt, the fields of Kubernetes' own kinds by version.

Takes the OpenAPI documents of several versions of Kubernetes, as they are in its sources, gives the
table on standard output, never a sentence of theirs:

    make_table.py SOURCES > kubernetes.txt

SOURCES has a directory for each version, v1.25.0 and so on, with api/openapi-spec/swagger.json.
"""

import json
import os
import re
import sys

PREFIXES = (
    "io.k8s.api.",
    "io.k8s.apimachinery.pkg.apis.",
    "io.k8s.apimachinery.pkg.",
    "io.k8s.kube-aggregator.pkg.apis.",
    "io.k8s.apiextensions-apiserver.pkg.apis.",
)
# Scalars, and what may be anything, by the name of their definition.
SPECIAL = {
    "api.resource.Quantity": "q",
    "util.intstr.IntOrString": "x",
    "meta.v1.Time": "t",
    "meta.v1.MicroTime": "t",
    "meta.v1.FieldsV1": "*",
    "runtime.RawExtension": "*",
    "apiextensions.v1.JSON": "*",
    "apiextensions.v1.JSONSchemaPropsOrArray": "*",
    "apiextensions.v1.JSONSchemaPropsOrBool": "*",
    "apiextensions.v1.JSONSchemaPropsOrStringArray": "*",
    "apiextensions.v1.CustomResourceSubresourceStatus": "*",
}
# Versions of beta quality that are served without being switched on.
SERVED_BETAS = {
    ("autoscaling", "v2beta2"),
    ("flowcontrol.apiserver.k8s.io", "v1beta1"),
    ("flowcontrol.apiserver.k8s.io", "v1beta2"),
    ("flowcontrol.apiserver.k8s.io", "v1beta3"),
}
SERVED_BETA_KINDS = {("storage.k8s.io", "v1beta1", "CSIStorageCapacity")}
# Said to be required, and not missed by the API server.
NOT_MISSED = {
    ("apps.v1.StatefulSetSpec", "serviceName"),
    ("networking.v1.NetworkPolicySpec", "podSelector"),
    ("rbac.v1.ClusterRole", "rules"),
    ("rbac.v1.Role", "rules"),
    ("rbac.v1.RoleRef", "apiGroup"),
    ("scheduling.v1.PriorityClass", "value"),
    ("discovery.v1.EndpointSlice", "endpoints"),
    ("apps.v1.ControllerRevision", "revision"),
    ("apps.v1.ControllerRevision", "data"),
    ("apiextensions.v1.CustomResourceDefinitionVersion", "served"),
    ("apiextensions.v1.CustomResourceDefinitionVersion", "storage"),
    ("core.v1.HTTPHeader", "value"),
    ("core.v1.Sysctl", "value"),
    ("core.v1.ISCSIVolumeSource", "lun"),
    ("core.v1.ISCSIPersistentVolumeSource", "lun"),
    ("core.v1.LimitRangeSpec", "limits"),
    ("core.v1.PreferredSchedulingTerm", "preference"),
    ("core.v1.SleepAction", "seconds"),
    ("storage.v1.CSIDriver", "spec"),
    ("storage.v1.CSINodeSpec", "drivers"),
}
# Asked, not kept.
NOT_WRITTEN = {"Binding", "Event"}


def short(name):
    for prefix in PREFIXES:
        if name.startswith(prefix):
            return name[len(prefix):]
    return name


def type_of(schema):
    for one in schema.get("allOf", []):
        schema = {**schema, **one}
    if "$ref" in schema:
        name = short(schema["$ref"].rsplit("/", 1)[-1])
        return SPECIAL.get(name, name)
    kind = schema.get("type")
    if kind == "array":
        return "[" + type_of(schema["items"])
    if kind == "object":
        if "additionalProperties" in schema:
            return "{" + type_of(schema["additionalProperties"])
        return "*"
    if kind == "string":
        return {"byte": "y", "date-time": "t"}.get(schema.get("format"), "s")
    return {"integer": "i", "boolean": "b", "number": "f"}.get(kind, "*")


def resources(document):
    """Yields group, version, kind, plural and whether it has a namespace, of what can be written."""
    for path, methods in document["paths"].items():
        if "{name}" in path or "post" not in methods:
            continue
        kind = methods["post"].get("x-kubernetes-group-version-kind")
        if kind:
            plural = path.rsplit("/", 1)[-1]
            yield (kind["group"], kind["version"], kind["kind"], plural, "{namespace}" in path)


def served(group, version, kind):
    if re.fullmatch(r"v\d+", version):
        return "+"
    if (group, version) in SERVED_BETAS or (group, version, kind) in SERVED_BETA_KINDS:
        return "+"
    return "?" if "beta" in version else None


def definitions(document):
    return {short(name): one for name, one in document["definitions"].items()}


def main(directory):
    versions = sorted(
        (int(re.match(r"v1\.(\d+)", name).group(1)), os.path.join(directory, name))
        for name in os.listdir(directory)
    )
    kinds, types = {}, {}
    required = {}
    for minor, path in versions:
        document = json.load(open(os.path.join(path, "swagger.json")))
        known = definitions(document)
        by_kind = {}
        for name, one in known.items():
            for gvk in one.get("x-kubernetes-group-version-kind", []):
                by_kind[(gvk["group"], gvk["version"], gvk["kind"])] = name
        todo = []
        for group, version, kind, plural, namespaced in resources(document):
            how = served(group, version, kind)
            name = by_kind.get((group, version, kind))
            if how is None or name is None or kind in NOT_WRITTEN or kind.endswith("Review"):
                continue
            key = (group, version, kind, plural, namespaced, how, name)
            kinds.setdefault(key, set()).add(minor)
            todo.append(name)
        tops = set(todo)
        seen = set()
        while todo:
            name = todo.pop()
            if name in seen or name not in known:
                continue
            seen.add(name)
            one = known[name]
            required[name] = set(one.get("required", []))
            fields = types.setdefault(name, {})
            for field, schema in one.get("properties", {}).items():
                kind = "*" if field == "status" and name in tops else type_of(schema)
                fields.setdefault(field, {}).setdefault(kind, set()).add(minor)
                todo.append(kind.lstrip("[{"))
    first, last = versions[0][0], versions[-1][0]

    def span(minors, within):
        since, until = min(minors), max(minors)
        low = "" if since <= min(within) else str(since)
        high = "" if until >= max(within) else str(until)
        return f" {low}-{high}" if low or high else ""

    every = {minor for minor, _ in versions}
    print(f"# The fields of Kubernetes' own kinds, {first} to {last}; made by make_table.py.")
    for (group, version, kind, plural, namespaced, how, name), minors in sorted(kinds.items()):
        scope = "N" if namespaced else "C"
        api = f"{group}/{version}" if group else version
        print(f"kind {api} {kind} {plural} {scope}{how} {name}{span(minors, every)}")
    for name, fields in sorted(types.items()):
        if not fields:
            continue
        print(f"type {name}")
        everywhere = set().union(*(m for kinds_ in fields.values() for m in kinds_.values()))
        for field, by_type in sorted(fields.items()):
            # A field whose type has changed counts as what it was last; those are few, and wider.
            kind = max(by_type.items(), key=lambda item: max(item[1]))[0]
            minors = set().union(*by_type.values())
            must = field in required[name] and (name, field) not in NOT_MISSED
            print(f" {field}{'!' if must else ''} {kind}{span(minors, everywhere)}")


main(sys.argv[1])
