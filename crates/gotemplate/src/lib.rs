//! Go's text/template: takes template texts, functions and data, gives rendered text and errors as
//! data, never knows Helm or Kubernetes.
//!
//! Register functions in a [`FunctionTable`], parse texts into a [`TemplateSet`], which is shared
//! between threads, and execute its templates with an [`Engine`] per run.
//!
//! ```
//! use std::sync::Arc;
//!
//! use gotemplate::{FunctionTable, Limits, Map, Parameter, Signature, TemplateSet, Value};
//!
//! let mut functions = FunctionTable::new();
//! functions.register("double", Signature::fixed(&[Parameter::Int]), |_, arguments| {
//!     match arguments {
//!         [Value::Int(number)] => Ok(Value::Int(number * 2)),
//!         _ => Err("no number".into()),
//!     }
//! });
//! let mut templates = TemplateSet::new(Arc::new(functions));
//! templates.parse("greeting", "Hello {{ .name }}, {{ double 21 }}!")?;
//! let data: Map = [("name", Value::from("world"))].into_iter().collect();
//! let text = templates.execute("greeting", Value::Map(data), &(), Limits::default())?;
//! assert_eq!(text, "Hello world, 42!");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It follows Go 1.26, error texts included, but for these:
//! - complex constants are refused when parsing;
//! - blocks and parentheses nest at most 500 deep, template calls as deep as [`Limits`] says;
//! - [`TemplateSet::execute`] gives UTF-8: other bytes of a string become U+FFFD; an [`Engine`] and
//!   functions give and get them as they are;
//! - lists have no hidden capacity, so `slice` never reaches beyond the end of one;
//! - addresses (`%p`) are always the same, so that output does not depend on where values lie;
//! - letters and digits of names beyond ASCII are those that Rust's `char` takes as such;
//! - numbers that `range` counts up to a named integer have the type below the name;
//! - the words in which Go's `slice` refuses an index name the index's own type, also where Go sees
//!   an `interface {}`;
//! - there are no channels and no iterator functions to range over.

mod ast;
mod builtin;
mod call;
mod copy;
mod engine;
mod entries;
mod error;
mod exec;
pub mod format;
mod frozen;
mod function;
mod host;
mod journal;
mod json;
mod list;
mod map;
mod memory;
mod meter;
mod number;
mod parse;
mod printable;
mod printf;
mod quote;
mod set;
mod stack;
mod text;
mod threads;
mod trace;
mod value;

pub use call::{Call, Location};
pub use engine::Engine;
pub use error::{ExecError, ExecFailure, Frame, FunctionError, ParseError, Place};
pub use frozen::{FrozenMap, FrozenValue};
pub use function::{Body, FunctionTable, Parameter, Signature};
pub use host::Host;
pub use json::{JsonError, from_json, to_json};
pub use list::List;
pub use map::Map;
pub use meter::{Limits, MAX_ELEMENTS, MAX_TEXT_BYTES};
pub use set::{MissingKey, TemplateSet};
pub use text::Text;
pub use threads::in_order;
pub use trace::Trace;
pub use value::{ElementKind, Kind, Value};
