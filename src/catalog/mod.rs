//! Which services, from which sources, with which values: takes a definition, renders the root
//! chart and interprets its Applications, gives the catalogue, never renders a service.

mod application;
mod error;
mod manifest;
mod service;
mod substitute;

pub use error::CatalogError;
pub use manifest::Manifest;
pub use service::{
    DEFAULT_STALL_TIMEOUT, DirectoryOptions, HelmOptions, NamespaceMetadata, Parameter, Renderer,
    Service,
};
