//! End-to-end scenarios of firstlight on real clusters.

fn main() {}
