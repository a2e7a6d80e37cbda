//! One service after rendering: takes nothing, gives the value that the graph is made from, never
//! changes it.

use std::time::Duration;

use crate::definition::DeclaredDependency;
use crate::source::Source;

use super::object::Object;

/// One service's objects, in the order of their writing, and what the graph needs besides them.
#[derive(Debug, Clone, PartialEq)]
pub struct RenderedService {
    /// The name of its Application.
    pub name: String,
    /// The namespace that it is installed into.
    pub namespace: String,
    /// The `AppProject`.
    pub project: String,
    /// The Namespace that `CreateNamespace=true` implies, where no object of the service is it.
    pub implied_namespace: Option<Object>,
    /// Its objects in the order of their writing.
    pub objects: Vec<Object>,
    /// The services that it is declared to wait for.
    pub depends_on: Vec<DeclaredDependency>,
    /// How long it may stand still before a run gives it up.
    pub stall_timeout: Duration,
    /// The sync wave of its Application, where it has one.
    pub sync_wave: Option<i32>,
    /// Where its Application stands.
    pub source: Source,
}
