local lib = import 'lib.libsonnet';
[
  lib.map(std.extVar('name'), std.extVar('numbers')),
  lib.map('fixed', { a: 1.5, b: [true, null], c: importstr 'note.txt' }),
]
