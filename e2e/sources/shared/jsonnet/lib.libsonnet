{
  map(name, data):: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: name },
    data: { [key]: std.toString(data[key]) for key in std.objectFields(data) },
  },
}
