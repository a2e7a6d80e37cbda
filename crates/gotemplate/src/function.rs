//! What templates can call: takes Rust functions with their Go signatures, gives a table that is
//! shared between threads, never holds state of a run (that is in [`Call`]).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::call::Call;
use crate::error::FunctionError;
use crate::value::Value;

/// The body of a function.
pub type Body =
    dyn Fn(&mut Call<'_>, &[Value]) -> Result<Value, FunctionError> + Send + Sync + 'static;

/// The Go type of a parameter. Arguments are checked and constants converted by it, with Go's
/// error messages, before the function is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// `interface {}`: takes everything, also nil.
    Any,
    /// `bool`.
    Bool,
    /// `int`.
    Int,
    /// `int64`.
    Int64,
    /// `uint32`; a constant arrives as `uint64`, and nothing else has the type.
    Uint32,
    /// `float64`.
    Float64,
    /// `string`.
    String,
    /// `[]interface {}`; nil arrives as a nil list.
    List,
    /// `[]string`; nil arrives as a nil list.
    Strings,
    /// `[]uint8`; nil arrives as no bytes.
    Bytes,
    /// `map[string]interface {}`; nil arrives as a nil map.
    Map,
    /// A type of the embedding program, by the name that its `Host::type_name` gives.
    Host(&'static str),
    /// Such a type whose values are integers; a constant arrives as an `int64`.
    HostInteger(&'static str),
}

impl Parameter {
    /// Returns Go's name of the type.
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Any => "interface {}",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Int64 => "int64",
            Self::Uint32 => "uint32",
            Self::Float64 => "float64",
            Self::String => "string",
            Self::List => "[]interface {}",
            Self::Strings => "[]string",
            Self::Bytes => "[]uint8",
            Self::Map => "map[string]interface {}",
            Self::Host(name) | Self::HostInteger(name) => name,
        }
    }
}

/// The parameters of a function.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    /// The parameters that must be given.
    pub fixed: &'static [Parameter],
    /// The type of any number of further arguments, if there may be any.
    pub variadic: Option<Parameter>,
    /// Why a template cannot call the function though it is there, if so: Go's complaint about its
    /// results.
    pub refusal: Option<&'static str>,
}

impl Signature {
    /// Takes any number of arguments of any type.
    pub const ANY: Self = Self {
        fixed: &[],
        variadic: Some(Parameter::Any),
        refusal: None,
    };

    /// Takes exactly these arguments.
    pub const fn fixed(fixed: &'static [Parameter]) -> Self {
        Self {
            fixed,
            variadic: None,
            refusal: None,
        }
    }

    /// Takes these arguments, but gives what a template cannot take.
    pub const fn refused(fixed: &'static [Parameter], refusal: &'static str) -> Self {
        Self {
            fixed,
            variadic: None,
            refusal: Some(refusal),
        }
    }

    /// Takes these arguments and any number of further ones of the last type.
    pub const fn variadic(fixed: &'static [Parameter], rest: Parameter) -> Self {
        Self {
            fixed,
            variadic: Some(rest),
            refusal: None,
        }
    }
}

/// How the evaluator treats a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Special {
    /// Arguments are evaluated, then the body is called.
    None,
    /// Arguments are evaluated until one is false.
    And,
    /// Arguments are evaluated until one is true.
    Or,
    /// The first argument is the function, and errors name it as it is written.
    Call,
    /// Tells no value from nil, in its errors.
    Length,
}

/// One function of the table.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) name: Arc<str>,
    pub(crate) signature: Signature,
    pub(crate) special: Special,
    pub(crate) body: Arc<Body>,
}

/// The functions that templates can call, by name. Go's builtins are there from the start.
#[derive(Clone)]
pub struct FunctionTable {
    functions: Vec<Function>,
    index: BTreeMap<Arc<str>, u32>,
}

impl FunctionTable {
    /// Makes a table of Go's builtins.
    pub fn new() -> Self {
        let mut table = Self {
            functions: Vec::new(),
            index: BTreeMap::new(),
        };
        crate::builtin::register(&mut table);
        table
    }

    /// Adds a function, or replaces the one of this name.
    pub fn register<F>(&mut self, name: &str, signature: Signature, body: F)
    where
        F: Fn(&mut Call<'_>, &[Value]) -> Result<Value, FunctionError> + Send + Sync + 'static,
    {
        self.insert(name, signature, Special::None, Arc::new(body));
    }

    /// Has a function ask first, with its arguments, whether it may run. Nothing happens where there
    /// is no such function.
    pub fn guard<F>(&mut self, name: &str, guard: F)
    where
        F: Fn(&Call<'_>, &[Value]) -> Result<(), FunctionError> + Send + Sync + 'static,
    {
        let Some(function) = self.find(name).map(|index| self.get(index).clone()) else {
            return;
        };
        let body = function.body;
        let guarded = move |call: &mut Call<'_>, arguments: &[Value]| {
            guard(call, arguments)?;
            body(call, arguments)
        };
        self.insert(
            name,
            function.signature,
            function.special,
            Arc::new(guarded),
        );
    }

    /// Makes a second name for a function, which replaces the one that may have that name.
    /// Returns whether the function was there.
    pub fn alias(&mut self, name: &str, existing: &str) -> bool {
        let Some(function) = self.find(existing).map(|index| self.get(index).clone()) else {
            return false;
        };
        self.insert(name, function.signature, function.special, function.body);
        true
    }

    /// Takes a function away; templates that name it no longer parse.
    pub fn remove(&mut self, name: &str) {
        self.index.remove(name);
    }

    /// Returns whether there is a function of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.index.contains_key(name)
    }

    /// Returns the names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.index.keys().map(AsRef::as_ref)
    }

    pub(crate) fn insert(
        &mut self,
        name: &str,
        signature: Signature,
        special: Special,
        body: Arc<Body>,
    ) {
        let name: Arc<str> = name.into();
        let index = u32::try_from(self.functions.len()).expect("fewer than 2^32 functions");
        self.functions.push(Function {
            name: Arc::clone(&name),
            signature,
            special,
            body,
        });
        self.index.insert(name, index);
    }

    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        self.index.get(name).copied()
    }

    pub(crate) fn get(&self, index: u32) -> &Function {
        &self.functions[index as usize]
    }
}

impl Default for FunctionTable {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for FunctionTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.names()).finish()
    }
}
