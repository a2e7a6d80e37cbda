//! Go's text/template: takes template texts, functions and data, gives rendered text and errors as
//! data, never knows Helm or Kubernetes.
//!
//! Register functions in a [`FunctionTable`], parse texts into a [`TemplateSet`], which is shared
//! between threads, and execute its templates with an [`Engine`] per run.

mod ast;
mod builtin;
mod call;
mod engine;
mod error;
mod exec;
pub mod format;
mod function;
mod host;
mod json;
mod list;
mod map;
mod number;
mod parse;
mod printable;
mod printf;
mod quote;
mod set;
mod stack;
mod text;
mod value;

pub use call::Call;
pub use engine::{Engine, Limits};
pub use error::{ExecError, ExecFailure, Frame, FunctionError, ParseError, Place};
pub use function::{Body, FunctionTable, Parameter, Signature};
pub use host::Host;
pub use json::{JsonError, from_json, to_json};
pub use list::List;
pub use map::Map;
pub use set::{MissingKey, TemplateSet};
pub use text::Text;
pub use value::{ElementKind, Kind, Value};
