//! catalogue + capabilities -> objects per service: takes sources and layered values, gives
//! Kubernetes objects with their origin, never asks a cluster, a clock or the network.

mod assemble;
mod builtin;
mod directory;
mod expansion;
mod hook;
pub(crate) mod kustomize;
mod load;
mod local_charts;
mod object;
mod order;
mod permit;
mod plugin;
pub(crate) mod pod;
mod scope;
mod service;
mod settings;
mod single;
mod tools;
mod tracking;

pub use builtin::{
    BUILTIN_KINDS, BuiltinKind, builtin_api_versions, builtin_kind, is_builtin_group,
};
pub use expansion::{Expansion, of_root};
pub use load::{RenderError, Rendering, empty_cluster, others, render};
pub use local_charts::LocalCharts;
pub use object::{HookDeletePolicy, Object, ObjectId, Phase};
pub use service::RenderedService;
pub use settings::{ArgoSettings, assesses_applications};
pub use single::{Alone, Rendered, Singles, Tools, together, tools};
pub use tracking::{Tracking, TrackingMethod, TrackingSettings};
