//! Helm charts: takes directories or archives, values and what a cluster can do, gives manifests
//! as `helm template` prints them; never reaches the network, a cluster or Helm itself.
//!
//! ```no_run
//! use chart::{Capabilities, Chart, KubeVersion, ReleaseOptions, RenderOptions, Values, render};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let chart = Chart::load_dir("services/portal")?;
//! let mut values = Values::new();
//! values.merge_yaml("values-kind.yaml", "replicas: 2")?;
//! values.set("global.environment=kind")?;
//! let capabilities = Capabilities::new(KubeVersion::parse("1.34.0")?, ["monitoring.coreos.com/v1"]);
//! let release = ReleaseOptions::new("portal", "portal");
//! let rendered = render(&chart, &release, &values, &capabilities, &RenderOptions::default())?;
//! # Ok(())
//! # }
//! ```

mod actions;
mod capabilities;
mod chart;
mod chart_files;
mod context;
mod discreet;
mod encoding;
mod error;
mod excerpt;
mod explain;
mod files;
mod functions;
mod go_path;
mod ignore;
mod instance;
mod known_documents;
mod layout;
mod lint;
mod manifest;
mod metadata;
mod metadata_text;
mod named_values;
mod number;
mod objects;
mod options;
mod origin;
mod pack;
mod pattern;
mod print;
mod release;
mod render;
mod schema;
mod sprig;
mod strvals;
mod trace;
mod tree;
mod values;
mod version;

pub use actions::Block;
pub use capabilities::{Capabilities, HelmVersion, InvalidKubeVersion, KubeVersion};
pub use chart::{Chart, LoadError, LoadOptions};
pub use context::{Entropy, Nondeterministic};
pub use error::{DocumentError, DocumentPlace, RenderError, TemplateError};
pub use excerpt::Excerpt;
pub use explain::{NoField, Operand};
pub use files::{File, FilesError, LoadLimits};
pub use gotemplate::{Limits, Place, in_order};
pub use ignore::IgnoreError;
pub use instance::TypeMismatch;
pub use lint::{LintMessage, LintOptions, LintSeverity, UnknownName, lint};
pub use manifest::{Hook, Manifest, Rendered};
pub use metadata::{Dependency, Lock, Maintainer, Metadata, MetadataError};
pub use named_values::{Elsewhere, NamedValue, ValueState};
pub use options::{ReleaseOptions, RenderOptions};
pub use origin::Origin;
pub use pack::{PackError, pack, package, read_archive, read_files, unpack};
pub use print::{Part, PrintOptions, PrintedText, ShowOnlyError, print};
pub use release::{InvalidReleaseName, check_release_name, release_name};
pub use render::{RenderedFiles, render, render_files};
pub use schema::{SchemaError, SchemaFailure, SchemaProblem, Violation};
pub use sprig::{FunctionRun, function_table};
pub use strvals::SetError;
pub use trace::locate;
pub use values::{Values, ValuesError};
pub use version::{Constraint, Version, VersionError, is_compatible};
