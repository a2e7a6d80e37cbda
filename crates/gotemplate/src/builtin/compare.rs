//! Comparison: takes values, gives whether they are equal or in order by Go's rules for basic
//! kinds, never compares numbers of different kinds.

use crate::error::FunctionError;
use crate::format::{display, sprintf};
use crate::value::{Kind, Value};

type Result = std::result::Result<bool, FunctionError>;

/// What Go's builtins compare by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Basic {
    Bool,
    Int,
    Float,
    String,
    Unsigned,
    Other,
}

fn basic(value: &Value) -> Basic {
    match value {
        Value::Bool(_) => Basic::Bool,
        Value::Int(_) | Value::Int64(_) => Basic::Int,
        Value::Uint8(_) | Value::Uint64(_) => Basic::Unsigned,
        Value::Float64(_) => Basic::Float,
        Value::String(_) => Basic::String,
        Value::Nil | Value::Bytes(_) | Value::List(_) | Value::Map(_) | Value::Host(_) => {
            Basic::Other
        }
    }
}

fn signed(value: &Value) -> i64 {
    match value {
        Value::Int(number) | Value::Int64(number) => *number,
        _ => 0,
    }
}

fn unsigned(value: &Value) -> u64 {
    match value {
        Value::Uint8(number) => u64::from(*number),
        Value::Uint64(number) => *number,
        _ => 0,
    }
}

/// `eq`: whether the first equals one of the others.
pub(super) fn equal(first: &Value, others: &[Value]) -> Result {
    if others.is_empty() {
        return Err("missing argument for comparison".into());
    }
    for other in others {
        if equal_to(first, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal_to(first: &Value, second: &Value) -> Result {
    let (left, right) = (&*first.underlying(), &*second.underlying());
    Ok(match (basic(left), basic(right)) {
        (Basic::Bool | Basic::Float | Basic::String, kind) if kind == basic(left) => {
            same_basic(left, right)
        }
        (Basic::Int, Basic::Int) => signed(left) == signed(right),
        (Basic::Unsigned, Basic::Unsigned) => unsigned(left) == unsigned(right),
        (Basic::Int, Basic::Unsigned) => u64::try_from(signed(left)) == Ok(unsigned(right)),
        (Basic::Unsigned, Basic::Int) => u64::try_from(signed(right)) == Ok(unsigned(left)),
        (Basic::Other, Basic::Other) => return equal_others(first, second),
        // What has no kind in common with nil is merely different from it.
        _ if first.is_nil() || second.is_nil() => false,
        _ => return Err(incompatible(first, second)),
    })
}

fn same_basic(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left == right,
        #[expect(clippy::float_cmp, reason = "Go compares exactly")]
        (Value::Float64(left), Value::Float64(right)) => left == right,
        (Value::String(left), Value::String(right)) => left == right,
        _ => false,
    }
}

/// Values that are neither numbers nor strings can be compared with nil, structures also with each
/// other.
fn equal_others(first: &Value, second: &Value) -> Result {
    let (left, right) = (first.type_name(), second.type_name());
    if first.kind() != second.kind() && !first.is_nil() && !second.is_nil() {
        return Err(format!(
            "non-comparable types {}: {left}, {right}: {}",
            sprintf("%s", std::slice::from_ref(first)),
            display(second)
        )
        .into());
    }
    let nil = (first.is_nil_of_any_type(), second.is_nil_of_any_type());
    if nil.0 || nil.1 {
        return Ok(nil.0 == nil.1);
    }
    match (first, second) {
        (Value::Host(first), Value::Host(second)) if first.kind() == Kind::Pointer => {
            Ok(std::rc::Rc::ptr_eq(first, second))
        }
        (Value::Host(host), Value::Host(_)) if host.kind() == Kind::Struct => {
            Ok(left == right && display(first) == display(second))
        }
        _ => {
            let shown = sprintf("%s", std::slice::from_ref(second));
            Err(format!("non-comparable type {shown}: {right}").into())
        }
    }
}

fn incompatible(first: &Value, second: &Value) -> FunctionError {
    let (left, right) = (first.type_name(), second.type_name());
    format!("incompatible types for comparison: {left} and {right}").into()
}

/// `lt`.
pub(super) fn less(first: &Value, second: &Value) -> Result {
    let (left, right) = (&*first.underlying(), &*second.underlying());
    let kinds = (basic(left), basic(right));
    if kinds.0 == Basic::Other || kinds.1 == Basic::Other {
        return Err("invalid type for comparison".into());
    }
    Ok(match (kinds, left, right) {
        ((Basic::Bool, Basic::Bool), ..) => return Err("invalid type for comparison".into()),
        (_, Value::Float64(left), Value::Float64(right)) => left < right,
        (_, Value::String(left), Value::String(right)) => left < right,
        ((Basic::Int, Basic::Int), ..) => signed(left) < signed(right),
        ((Basic::Unsigned, Basic::Unsigned), ..) => unsigned(left) < unsigned(right),
        ((Basic::Int, Basic::Unsigned), ..) => {
            u64::try_from(signed(left)).is_ok_and(|left| left < unsigned(right)) || signed(left) < 0
        }
        ((Basic::Unsigned, Basic::Int), ..) => {
            u64::try_from(signed(right)).is_ok_and(|right| unsigned(left) < right)
        }
        _ => return Err(incompatible(first, second)),
    })
}

/// `le`.
pub(super) fn less_or_equal(first: &Value, second: &Value) -> Result {
    Ok(less(first, second)? || equal_to(first, second)?)
}
