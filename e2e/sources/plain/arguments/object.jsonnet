function(who, count=1) [
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: who + '-' + i }, data: { count: '' + count } }
  for i in std.range(1, count)
]
