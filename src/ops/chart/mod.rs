//! One chart by itself, without a platform repository: takes what `helm` would be asked for, gives
//! values, never prints.

mod error;
mod reference;
mod template;
mod values;

pub use error::ChartError;
pub use reference::ChartReference;
pub use template::{
    DEFAULT_NAMESPACE, ReleaseName, Template, TemplateRequest, WriteOptions, kubernetes_version,
    template,
};
pub use values::ChartValues;
