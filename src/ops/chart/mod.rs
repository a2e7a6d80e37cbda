//! One chart by itself, without a platform repository: takes what `helm` would be asked for, gives
//! values, never prints.

mod argument;
mod chart_file;
mod dependency;
mod error;
mod lint;
mod package;
mod pull;
mod reference;
mod show;
mod template;
mod values;

pub use dependency::{
    DependencyChange, DependencyList, DependencyState, Stranger, build_dependencies, dependencies,
    update_dependencies,
};
pub use error::ChartError;
pub use lint::{LintRequest, LintedChart, lint};
pub use package::{PackageOptions, package};
pub use pull::{PullOptions, Pulled, pull};
pub use reference::ChartReference;
pub use show::{ShownPart, show};
pub use template::{
    DEFAULT_NAMESPACE, ReleaseName, Template, TemplateRequest, WriteOptions, kubernetes_version,
    template,
};
pub use values::ChartValues;

pub(super) use template::HELM_KUBERNETES_VERSION;
