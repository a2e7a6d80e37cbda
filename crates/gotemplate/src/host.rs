//! Types that the embedding program defines: takes its implementation of Go's fields, methods and
//! printing, gives them to the evaluator, never knows the program.

use std::any::Any;
use std::borrow::Cow;
use std::fmt::Debug;

use crate::error::FunctionError;
use crate::function::Signature;
use crate::value::{Kind, Value};

/// A Go value of a named type: a structure with fields and methods (`.Files.Get "x"`), or a named
/// form of a built-in type (`type Duration int64`).
///
/// Cast a `&dyn Host` to `&dyn Any` to get the program's type back.
pub trait Host: Any + Debug {
    /// Returns Go's name of the type, such as `*chart.Metadata`.
    fn type_name(&self) -> Cow<'static, str>;

    /// Returns a field of the structure; `None` where the type has no such field.
    fn field(&self, name: &str) -> Option<Value> {
        let _ = name;
        None
    }

    /// Returns the parameters of a method, by which arguments are counted, checked and converted;
    /// `None` where the type has no such method. The empty name stands for the value itself, where
    /// it is a function. A method wins over a field and over a map's key of the same name.
    fn signature(&self, method: &str) -> Option<Signature> {
        let _ = method;
        None
    }

    /// Calls a method that has a signature with arguments that fit it, or, by the empty name, the
    /// value itself.
    fn method(&self, name: &str, arguments: &[Value]) -> Result<Value, FunctionError> {
        let _ = arguments;
        Err(FunctionError::new(format!(
            "{} has no method {name}",
            self.type_name()
        )))
    }

    /// Returns how many steps a call of the method takes beside the one that each call is.
    fn steps(&self, method: &str) -> usize {
        let _ = method;
        0
    }

    /// Returns what becomes of the value in an `interface {}`, which every argument and element
    /// passes: Go copies it there, and the methods of its pointer are gone. `None` where nothing
    /// changes.
    fn boxed(&self) -> Option<Value> {
        None
    }

    /// Returns all exported and unexported fields of the structure in order, for printing it as
    /// `{value value}`. `None` where it has none to show.
    fn fields(&self) -> Option<Vec<(&'static str, Value)>> {
        None
    }

    /// Returns the result of Go's `String` method, which is what is printed. `None` prints the
    /// underlying value or the fields.
    fn display(&self) -> Option<String> {
        None
    }

    /// Returns the result of Go's `GoString` method, which is what `%#v` prints.
    fn go_string(&self) -> Option<String> {
        None
    }

    /// Returns what a deep copy gives, where that is not the value itself: copies by reflection
    /// lose what is not exported. Takes a copy of the underlying value, where there is one.
    fn copied(&self, underlying: Option<Value>) -> Option<Value> {
        let _ = underlying;
        None
    }

    /// Returns the members of the JSON object that `json.Marshal` makes of a structure, in order;
    /// `None` where it is none.
    fn json_members(&self) -> Option<Vec<(&'static str, Value)>> {
        None
    }

    /// Returns what `json.Marshal` gives for a type with its own form; `None` takes the members or
    /// the underlying value.
    fn json(&self) -> Option<serde_json::Value> {
        None
    }

    /// Returns the built-in value of a named form of a built-in type, which decides its truth,
    /// length, elements and comparison. `None` for structures.
    fn underlying(&self) -> Option<Value> {
        None
    }

    /// Returns the kind: that of the underlying value unless told otherwise.
    fn kind(&self) -> Kind {
        self.underlying().map_or(Kind::Struct, |value| value.kind())
    }
}
