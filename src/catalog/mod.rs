//! Which services, from which sources, with which values: takes a definition, renders the root
//! chart and interprets its Applications, gives the catalogue, never renders a service.

mod advice;
mod application;
mod applicationset;
mod bases;
mod chart_problem;
mod charts;
mod checkouts;
mod dependency;
mod directory;
mod error;
pub mod fetch;
mod fields;
mod helm;
mod helm_source;
mod intake;
mod kustomize;
mod load;
mod lock;
mod manifest;
mod merge_patch;
mod plugin;
mod project;
mod root;
mod service;
mod source;
mod standing;
mod substitute;
mod values;
mod variables;
mod via;

pub use bases::{BaseNeeds, Bases};
pub use chart_problem::{ChartPlace, unloadable, wrong_values};
pub use charts::{Charts, Needs};
pub use checkouts::{Checkouts, GitNeeds, Location};
pub use dependency::{lock_digest, old_lock_digest};
pub use error::CatalogError;
pub use helm::{
    Capabilities, ChartOutput, ChartRun, check_kubernetes_version, run as render_chart,
};
pub use load::{Catalogue, Loading, Refusal, RenderRoot, SETS, Why, load, root_needs};
pub use lock::{ChartLock, LOCK_FILE, LockedChart};
pub use manifest::Manifest;
pub use plugin::PluginOutputs;
pub use project::{Project, projects};
pub use service::{
    DEFAULT_STALL_TIMEOUT, DirectoryOptions, HelmOptions, JsonnetOptions, JsonnetVariable,
    KustomizeOptions, NamespaceMetadata, Parameter, PluginOptions, Renderer, Service,
    ServiceSource, ValueFile,
};
pub use values::{LayerKind, LayeredValues, Origin, Overridden, ValueOrigin, ValuesRequest};
pub use via::Via;
