//! Loops: takes `range` nodes, gives their bodies executed once per element, never evaluates
//! operands itself.

use std::rc::Rc;
use std::sync::Arc;

use super::{Executor, Flow, Result, Slot};
use crate::ast::Branch;
use crate::list::List;
use crate::printf::Printer;
use crate::value::{ElementKind, Value};

impl<'run> Executor<'run, '_> {
    pub(super) fn range(&mut self, dot: &Slot, branch: &'run Branch) -> Result<Flow> {
        let mark = self.variables.len();
        let value = self.pipeline(dot, &branch.pipe)?.unwrap_or_default();
        let Some(elements) = Elements::new(&value.underlying()) else {
            return self.fail(format!("range can't iterate over {}", shown(&value)));
        };
        if matches!(elements, Elements::Numbers { .. }) && branch.pipe.declarations.len() > 1 {
            let shown = shown(&value);
            return self.fail(format!(
                "can't use {shown} to iterate over more than one variable"
            ));
        }
        if let Elements::Map { entries, .. } = &elements {
            self.counted(self.engine.meter().elements(entries.len()))?;
        }
        let mut elements = elements.peekable();
        let flow = if elements.peek().is_none() {
            self.otherwise(dot, branch)?
        } else {
            for (index, element) in elements {
                if self.iteration(branch, index, &element)? == Flow::Break {
                    break;
                }
            }
            Flow::Next
        };
        self.variables.truncate(mark);
        Ok(flow)
    }

    /// Executes the body of a loop once.
    fn iteration(
        &mut self,
        branch: &'run Branch,
        index: Option<Value>,
        element: &Slot,
    ) -> Result<Flow> {
        self.steps(1)?;
        let mark = self.variables.len();
        let declarations = &branch.pipe.declarations;
        let index = Slot {
            value: index,
            boxed: false,
        };
        match (&declarations[..], branch.pipe.is_assignment) {
            ([], _) => {}
            ([only], true) => self.assign(*only, element.clone())?,
            ([first, second, ..], true) => {
                self.assign(*first, index)?;
                self.assign(*second, element.clone())?;
            }
            // What the pipeline declared is on top of the stack.
            ([_], false) => self.variables[mark - 1].1 = element.clone(),
            ([_, _, ..], false) => {
                self.variables[mark - 1].1 = element.clone();
                self.variables[mark - 2].1 = index;
            }
        }
        let flow = crate::stack::grow(|| self.list(element, &branch.body))?;
        self.variables.truncate(mark);
        Ok(flow)
    }
}

/// What a loop goes over, as indexes and elements. Numbers have no index.
enum Elements {
    Numbers {
        next: i64,
        count: i64,
        number: fn(i64) -> Value,
    },
    List {
        next: usize,
        list: List,
    },
    Bytes {
        next: usize,
        bytes: Rc<[u8]>,
    },
    Map {
        entries: std::vec::IntoIter<(Arc<str>, Value)>,
        boxed: bool,
    },
}

impl Elements {
    /// Returns the elements of a value, none for nil; `None` if it is of a type without elements.
    fn new(value: &Value) -> Option<Self> {
        let numbers = |count, number| {
            Some(Self::Numbers {
                next: 0,
                count,
                number,
            })
        };
        match value {
            Value::Nil => Some(Self::Map {
                entries: Vec::new().into_iter(),
                boxed: false,
            }),
            Value::Int(count) => numbers(*count, Value::Int),
            Value::Int64(count) => numbers(*count, Value::Int64),
            Value::Uint8(count) => numbers(i64::from(*count), |number| {
                Value::Uint8(u8::try_from(number).unwrap_or(u8::MAX))
            }),
            Value::Uint64(count) => numbers(i64::try_from(*count).unwrap_or(i64::MAX), |number| {
                Value::Uint64(number.unsigned_abs())
            }),
            Value::List(list) => Some(Self::List {
                next: 0,
                list: list.clone(),
            }),
            Value::Bytes(bytes) => Some(Self::Bytes {
                next: 0,
                bytes: Rc::clone(bytes),
            }),
            Value::Map(map) => {
                let boxed = map.element() == ElementKind::Any;
                Some(Self::Map {
                    entries: map.iter(),
                    boxed,
                })
            }
            Value::Bool(_) | Value::Float64(_) | Value::String(_) | Value::Host(_) => None,
        }
    }
}

impl Iterator for Elements {
    type Item = (Option<Value>, Slot);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Numbers {
                next,
                count,
                number,
            } => {
                let current = Some(*next).filter(|next| next < count)?;
                *next += 1;
                Some((
                    None,
                    Slot {
                        value: Some(number(current)),
                        boxed: false,
                    },
                ))
            }
            Self::List { next, list } => {
                let value = Some(list.get(*next)?.clone());
                let boxed = list.element() == ElementKind::Any;
                Some((Some(advance(next)), Slot { value, boxed }))
            }
            Self::Bytes { next, bytes } => {
                let value = Some(Value::Uint8(*bytes.get(*next)?));
                Some((
                    Some(advance(next)),
                    Slot {
                        value,
                        boxed: false,
                    },
                ))
            }
            Self::Map { entries, boxed } => {
                let (key, value) = entries.next()?;
                Some((
                    Some(Value::from(key)),
                    Slot {
                        value: Some(value),
                        boxed: *boxed,
                    },
                ))
            }
        }
    }
}

/// A value as errors show it: a structure where there is a pointer to one.
fn shown(value: &Value) -> String {
    let mut printer = Printer::following_pointers();
    printer.value(value);
    printer.into_string()
}

/// Returns a position as Go's `int` and moves it on.
fn advance(next: &mut usize) -> Value {
    let index = i64::try_from(*next).unwrap_or(i64::MAX);
    *next += 1;
    Value::Int(index)
}
