//! Elements and lengths: takes lists, maps and strings, gives their parts, never changes them.

use std::rc::Rc;

use super::Result;
use crate::error::FunctionError;
use crate::list::List;
use crate::text::Text;
use crate::value::{Kind, Value};

/// The type that Go names once it has followed a pointer.
fn type_behind(value: &Value) -> String {
    let name = value.type_name();
    match value.kind() {
        Kind::Pointer => name.strip_prefix('*').unwrap_or(&name).to_owned(),
        _ => name.into_owned(),
    }
}

/// `len`.
pub(super) fn length(value: &Value) -> Result {
    let length = match &*value.underlying() {
        Value::String(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        Value::Nil => return Err("len of nil pointer".into()),
        _ => return Err(format!("len of type {}", type_behind(value)).into()),
    };
    Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

/// An index into something of a length; the length itself is let through, as Go does.
fn position(index: &Value, length: usize) -> std::result::Result<usize, FunctionError> {
    let number = match &*index.underlying() {
        Value::Int(number) | Value::Int64(number) => i128::from(*number),
        Value::Uint8(number) => i128::from(*number),
        Value::Uint64(number) => i128::from(*number),
        Value::Nil => return Err("cannot index slice/array with nil".into()),
        _ => {
            let type_name = index.type_name();
            return Err(format!("cannot index slice/array with type {type_name}").into());
        }
    };
    usize::try_from(number)
        .ok()
        .filter(|number| *number <= length)
        .ok_or_else(|| format!("index out of range: {number}").into())
}

/// `index`: the element of an element of a list, map or string.
pub(super) fn index(value: &Value, indexes: &[Value]) -> Result {
    if value.is_nil() {
        return Err("index of untyped nil".into());
    }
    let mut current = value.clone();
    for index in indexes {
        // `None` is an element just behind the last, which Go's runtime refuses in other words.
        let (element, length, place) = match &*current.underlying() {
            Value::Nil => return Err("index of nil pointer".into()),
            Value::List(list) => {
                let place = position(index, list.len())?;
                (list.get(place).cloned(), list.len(), place)
            }
            Value::String(text) => {
                let place = position(index, text.len())?;
                (
                    text.as_bytes().get(place).copied().map(Value::Uint8),
                    text.len(),
                    place,
                )
            }
            Value::Bytes(bytes) => {
                let place = position(index, bytes.len())?;
                (
                    bytes.get(place).copied().map(Value::Uint8),
                    bytes.len(),
                    place,
                )
            }
            Value::Map(map) => {
                let key = match &*index.underlying() {
                    Value::String(key) if !matches!(index, Value::Host(_)) => key.clone(),
                    Value::Nil => return Err("value is nil; should be of type string".into()),
                    _ => {
                        let type_name = index.type_name();
                        return Err(format!("value has type {type_name}; should be string").into());
                    }
                };
                let element = map
                    .get(&key.to_str())
                    .unwrap_or_else(|| map.element().zero());
                (Some(element), 0, 0)
            }
            _ => {
                let type_name = type_behind(&current);
                return Err(format!("can't index item of type {type_name}").into());
            }
        };
        let Some(element) = element else {
            return Err(out_of_range(&current, place, length));
        };
        current = element;
    }
    Ok(current)
}

/// The words of Go's reflection for an index that is just the length.
fn out_of_range(value: &Value, place: usize, length: usize) -> FunctionError {
    let what = match value {
        Value::String(_) => "string",
        _ => "slice",
    };
    let _ = (place, length);
    format!("reflect: {what} index out of range").into()
}

/// `slice`: a part of a list or string.
pub(super) fn slice(value: &Value, indexes: &[Value]) -> Result {
    if value.is_nil() {
        return Err("slice of untyped nil".into());
    }
    if indexes.len() > 3 {
        return Err(format!("too many slice indexes: {}", indexes.len()).into());
    }
    let underlying = value.underlying();
    let length = match &*underlying {
        Value::String(_) if indexes.len() == 3 => {
            return Err("cannot 3-index slice a string".into());
        }
        Value::String(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(list) => list.len(),
        _ => return Err(format!("can't slice item of type {}", type_behind(value)).into()),
    };
    let mut bounds = [0, length, length];
    for (bound, index) in bounds.iter_mut().zip(indexes) {
        *bound = position(index, length)?;
    }
    let [from, to, capacity] = bounds;
    if from > to {
        return Err(format!("invalid slice index: {from} > {to}").into());
    }
    if indexes.len() == 3 && to > capacity {
        return Err(format!("invalid slice index: {to} > {capacity}").into());
    }
    Ok(match &*underlying {
        Value::String(text) => {
            Value::String(match text.as_utf8().and_then(|text| text.get(from..to)) {
                Some(part) => Text::from(part),
                None => Text::from_bytes(text.as_bytes()[from..to].to_vec()),
            })
        }
        Value::Bytes(bytes) => Value::Bytes(Rc::from(&bytes[from..to])),
        Value::List(list) => {
            Value::List(List::with_element(list.element(), list[from..to].to_vec()))
        }
        _ => Value::Nil,
    })
}
