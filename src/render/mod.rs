//! catalogue + capabilities -> objects per service: takes sources and layered values, gives
//! Kubernetes objects with their origin, never asks a cluster, a clock or the network.

mod object;

pub use object::{HookDeletePolicy, Object, ObjectId, Phase};
