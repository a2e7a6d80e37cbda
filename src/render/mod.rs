//! catalogue + capabilities -> objects per service: takes sources and layered values, gives
//! Kubernetes objects with their origin, never asks a cluster, a clock or the network.

mod assemble;
mod builtin;
mod hook;
mod object;
mod order;
mod scope;
mod service;

pub use builtin::{
    BUILTIN_KINDS, BuiltinKind, builtin_api_versions, builtin_kind, is_builtin_group,
};
pub use object::{HookDeletePolicy, Object, ObjectId, Phase};
pub use service::RenderedService;
