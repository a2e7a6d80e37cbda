//! Argo CD's `ApplicationSet`s: takes a manifest and a view of repositories, gives the Applications that
//! Argo CD's controller would write, or says by name what cannot be known without a cluster; never
//! reaches the network, a cluster or the environment.
//!
//! It follows Argo CD 3.2 in its default settings: Git's own globs for files, hidden directories left
//! out, both template languages. Where the controller's result depends on chance (the order of a map
//! in Go), keys are taken in order; where two keys become one, it is refused.
//!
//! ```
//! use applicationset::{Folder, Request, expand};
//!
//! let set = serde_json::json!({
//!     "apiVersion": "argoproj.io/v1alpha1",
//!     "kind": "ApplicationSet",
//!     "metadata": {"name": "teams", "namespace": "argocd"},
//!     "spec": {
//!         "generators": [{"list": {"elements": [{"team": "blue"}, {"team": "red"}]}}],
//!         "template": {
//!             "metadata": {"name": "team-{{team}}"},
//!             "spec": {
//!                 "project": "default",
//!                 "source": {"repoURL": "https://example.com/platform.git", "path": "teams/{{team}}"},
//!                 "destination": {"name": "in-cluster", "namespace": "{{team}}"},
//!             },
//!         },
//!     },
//! });
//! let request = Request {
//!     set: &set,
//!     repositories: &Folder::new("."),
//!     clusters: None,
//!     answers: &[],
//!     projects: None,
//! };
//! let expansion = expand(&request).map_err(|problems| problems[0].clone())?;
//! let second = &expansion.applications[1].application;
//! assert_eq!(second["spec"]["source"]["path"], "teams/red");
//! # Ok::<(), applicationset::Problem>(())
//! ```

mod application;
mod check;
mod error;
mod expand;
mod generate;
mod overlay;
mod params;
mod patch;
mod pattern;
mod policy;
mod repositories;
mod selector;
mod set_shape;
mod shape;
mod template;

pub use error::{FilePlace, Problem, Unknown};
pub use expand::{Expansion, Generated, MOST_APPLICATIONS, Request, expand};
pub use generate::{Answer, Cluster, GeneratorKind, MOST_PARAMETERS, UnknownGenerator};
pub use policy::{ApplicationsSync, IgnoredDifferences, LabelExpression, Policy, Step};
pub use repositories::{Folder, Repositories, Unavailable};
