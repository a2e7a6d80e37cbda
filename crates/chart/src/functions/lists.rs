//! Sprig's list functions: takes lists, gives new ones, never changes a list in place.

use gotemplate::{
    ElementKind, FunctionError, FunctionTable, List, MAX_ELEMENTS, Parameter, Signature, Value,
};

use super::arguments::{ANY, ANY_ANY, ANY_REST, any, int, items, kind, nil_pointer, to_int};
use super::limits::{self, MAX_DEPTH};

/// Returns the elements, or the complaint that Sprig has.
fn elements(value: &Value, complaint: &str) -> Result<Vec<Value>, FunctionError> {
    if value.is_nil() {
        return Err(nil_pointer());
    }
    items(value).ok_or_else(|| FunctionError::new(format!("{complaint} {}", kind(value))))
}

/// Registers a function and its `must` form, which do the same here: both fail the template.
fn both<F>(table: &mut FunctionTable, name: &str, signature: Signature, body: F)
where
    F: Fn(&[Value]) -> Result<Value, FunctionError> + Send + Sync + 'static,
{
    table.register(name, signature, move |_, a| body(a));
    let mut must = "must".to_owned();
    must.extend(name.chars().take(1).flat_map(char::to_uppercase));
    must.push_str(&name[1..]);
    table.alias(&must, name);
}

pub(super) fn register(table: &mut FunctionTable) {
    for name in ["list", "tuple"] {
        table.register(name, Signature::ANY, |_, a| Ok(a.to_vec().into()));
    }
    for name in ["append", "push"] {
        both(table, name, ANY_ANY, |a| {
            let mut list = elements(&any(a, 0), "Cannot push on type")?;
            list.push(any(a, 1));
            Ok(list.into())
        });
    }
    both(table, "prepend", ANY_ANY, |a| {
        let mut list = elements(&any(a, 0), "Cannot prepend on type")?;
        list.insert(0, any(a, 1));
        Ok(list.into())
    });
    both(table, "first", ANY, |a| {
        let list = elements(&any(a, 0), "Cannot find first on type")?;
        Ok(list.into_iter().next().unwrap_or_default())
    });
    both(table, "last", ANY, |a| {
        let mut list = elements(&any(a, 0), "Cannot find last on type")?;
        Ok(list.pop().unwrap_or_default())
    });
    both(table, "rest", ANY, |a| {
        let list = elements(&any(a, 0), "Cannot find rest on type")?;
        if list.is_empty() {
            return Ok(nil_list());
        }
        Ok(list.into_iter().skip(1).collect::<Vec<_>>().into())
    });
    both(table, "initial", ANY, |a| {
        let mut list = elements(&any(a, 0), "Cannot find initial on type")?;
        if list.pop().is_none() {
            return Ok(nil_list());
        }
        Ok(list.into())
    });
    both(table, "reverse", ANY, |a| {
        let mut list = elements(&any(a, 0), "Cannot find reverse on type")?;
        list.reverse();
        Ok(list.into())
    });
    both(table, "compact", ANY, |a| {
        let mut list = elements(&any(a, 0), "Cannot compact on type")?;
        list.retain(Value::is_true);
        Ok(list.into())
    });
    both(table, "uniq", ANY, |a| {
        let mut unique: Vec<Value> = Vec::new();
        let mut comparison = Comparison::default();
        for item in elements(&any(a, 0), "Cannot find uniq on type")? {
            if !comparison.any(&unique, &item)? {
                unique.push(item);
            }
        }
        Ok(unique.into())
    });
    both(table, "without", ANY_REST, |a| {
        let mut left = Vec::new();
        let mut comparison = Comparison::default();
        for item in elements(&any(a, 0), "Cannot find without on type")? {
            if !comparison.any(&a[1..], &item)? {
                left.push(item);
            }
        }
        Ok(left.into())
    });
    both(table, "has", ANY_ANY, |a| {
        if any(a, 1).is_nil() {
            return Ok(false.into());
        }
        let list = elements(&any(a, 1), "Cannot find has on type")?;
        Ok(Comparison::default().any(&list, &a[0])?.into())
    });
    both(table, "slice", ANY_REST, slice);
    table.register("concat", Signature::ANY, |_, a| {
        let mut all = Vec::new();
        for list in a {
            if list.is_nil() {
                return Err(nil_pointer());
            }
            let items = items(list).ok_or_else(|| {
                FunctionError::new(format!("Cannot concat type {} as list", kind(list)))
            })?;
            all.extend(items);
        }
        Ok(if all.is_empty() {
            nil_list()
        } else {
            all.into()
        })
    });
    both(
        table,
        "chunk",
        Signature::fixed(&[Parameter::Int, Parameter::Any]),
        |a| {
            let list = elements(&any(a, 1), "Cannot chunk type")?;
            chunks(&list, int(a, 0))
        },
    );
    table.register("deepEqual", ANY_ANY, |_, a| {
        Ok(Comparison::default().equal(&a[0], &a[1])?.into())
    });
}

/// Go's nil slice.
fn nil_list() -> Value {
    Value::List(List::nil(ElementKind::Any))
}

/// Cuts a list into lists. Sprig computes their number in floats, also for sizes below one.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "as Sprig computes"
)]
fn chunks(list: &[Value], size: i64) -> Result<Value, FunctionError> {
    let out_of_range = || FunctionError::new("runtime error: makeslice: len out of range");
    let length = list.len() as f64;
    let count = ((length - 1.0) / size as f64).floor() + 1.0;
    if !(0.0..=length.max(1.0)).contains(&count) {
        return Err(out_of_range());
    }
    let count = count as usize;
    let mut chunks = Vec::with_capacity(count);
    for index in 0..count {
        let mut length = size;
        if index + 1 == count {
            length = (list.len() as f64 % size as f64).floor() as i64;
            if length == 0 {
                length = size;
            }
        }
        let length = usize::try_from(length).map_err(|_| out_of_range())?;
        let begin = index * usize::try_from(size).unwrap_or_default();
        let chunk = list.get(begin..begin + length).ok_or_else(out_of_range)?;
        chunks.push(chunk.to_vec().into());
    }
    Ok(Value::List(List::with_element(ElementKind::List, chunks)))
}

fn slice(a: &[Value]) -> Result<Value, FunctionError> {
    let value = any(a, 0);
    let list = elements(&value, "list should be type of slice or array but")?;
    if list.is_empty() {
        return Ok(Value::Nil);
    }
    let start = a.get(1).map_or(0, to_int);
    let end = a
        .get(2)
        .map_or(i64::try_from(list.len()).unwrap_or(i64::MAX), to_int);
    let range = usize::try_from(start)
        .and_then(|start| usize::try_from(end).map(|end| start..end))
        .ok()
        .filter(|range| range.start <= range.end && range.end <= list.len());
    let range = range.ok_or("reflect.Value.Slice: slice index out of bounds")?;
    let part = list[range].to_vec();
    Ok(match &*value.underlying() {
        Value::List(list) => Value::List(List::with_element(list.element(), part)),
        Value::Bytes(bytes) => {
            let start = usize::try_from(start).unwrap_or_default();
            Value::Bytes(bytes[start..start + part.len()].into())
        }
        _ => part.into(),
    })
}

/// Comparisons under way, by Go's `reflect.DeepEqual`: values of different types are never equal.
#[derive(Default)]
struct Comparison {
    depth: usize,
    elements: usize,
}

impl Comparison {
    /// Returns whether one of the candidates equals the value.
    fn any(&mut self, candidates: &[Value], value: &Value) -> Result<bool, FunctionError> {
        for candidate in candidates {
            if self.equal(value, candidate)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn equal(&mut self, left: &Value, right: &Value) -> Result<bool, FunctionError> {
        Ok(match (left, right) {
            (Value::Nil, Value::Nil) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) | (Value::Int64(a), Value::Int64(b)) => a == b,
            (Value::Uint8(a), Value::Uint8(b)) => a == b,
            (Value::Uint64(a), Value::Uint64(b)) => a == b,
            #[expect(clippy::float_cmp, reason = "Go compares exactly")]
            (Value::Float64(a), Value::Float64(b)) => a == b,
            (Value::String(a), Value::String(b)) => a == b,
            (Value::Bytes(a), Value::Bytes(b)) => a == b,
            (Value::List(a), Value::List(b)) => {
                a.pointer_equal(b)
                    || a.element() == b.element()
                        && a.is_nil() == b.is_nil()
                        && a.len() == b.len()
                        && self.within(a.iter().zip(b.iter()))?
            }
            (Value::Map(a), Value::Map(b)) => {
                a.pointer_equal(b)
                    || a.element() == b.element()
                        && a.is_nil() == b.is_nil()
                        && a.len() == b.len()
                        && a.keys() == b.keys()
                        && {
                            let (a, b) = (a.iter(), b.iter());
                            let values =
                                a.zip(b).map(|((_, a), (_, b))| (a, b)).collect::<Vec<_>>();
                            self.within(values.iter().map(|(a, b)| (a, b)))?
                        }
            }
            (Value::Host(a), Value::Host(b)) => {
                std::rc::Rc::ptr_eq(a, b)
                    || a.type_name() == b.type_name()
                        && match (a.underlying(), b.underlying()) {
                            (Some(a), Some(b)) => self.equal(&a, &b)?,
                            _ => a.display() == b.display() && a.display().is_some(),
                        }
            }
            _ => false,
        })
    }

    /// Compares what is nested, as far as it must.
    fn within<'a>(
        &mut self,
        pairs: impl Iterator<Item = (&'a Value, &'a Value)>,
    ) -> Result<bool, FunctionError> {
        if self.depth >= MAX_DEPTH {
            return Err(limits::nested_too_deep());
        }
        self.depth += 1;
        for (left, right) in pairs {
            self.elements += 1;
            if self.elements > MAX_ELEMENTS {
                return Err(limits::too_many_elements());
            }
            if !self.equal(left, right)? {
                self.depth -= 1;
                return Ok(false);
            }
        }
        self.depth -= 1;
        Ok(true)
    }
}
