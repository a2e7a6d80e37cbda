//! Helm charts: load, dependencies, values, functions, render.

mod chart;
mod files;
mod go_path;
mod ignore;
mod metadata;
mod number;
mod pattern;
mod strvals;
mod values;
mod version;

pub use chart::{Chart, LoadError, LoadOptions};
pub use files::{File, FilesError, LoadLimits};
pub use ignore::IgnoreError;
pub use metadata::{Dependency, Lock, Maintainer, Metadata, MetadataError};
pub use strvals::SetError;
pub use values::{Values, ValuesError};
pub use version::{Constraint, Version, VersionError, is_compatible};
