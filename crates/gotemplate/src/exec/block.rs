//! Blocks: takes `if`, `with`, `range` and `template` nodes, gives their bodies executed, never
//! evaluates operands itself.

use std::sync::Arc;

use super::{Executor, Flow, Result, Slot};
use crate::ast::{Branch, Pipe};
use crate::error::Frame;
use crate::format::display;
use crate::value::{ElementKind, Value};

impl<'run> Executor<'run, '_> {
    pub(super) fn condition(
        &mut self,
        dot: &Slot,
        branch: &'run Branch,
        sets_dot: bool,
    ) -> Result<Flow> {
        let mark = self.variables.len();
        let value = self.pipeline(dot, &branch.pipe)?;
        let flow = if value.as_ref().is_some_and(Value::is_true) {
            if sets_dot {
                let dot = Slot {
                    value,
                    boxed: false,
                };
                crate::stack::grow(|| self.list(&dot, &branch.body))?
            } else {
                crate::stack::grow(|| self.list(dot, &branch.body))?
            }
        } else {
            self.otherwise(dot, branch)?
        };
        self.variables.truncate(mark);
        Ok(flow)
    }

    fn otherwise(&mut self, dot: &Slot, branch: &'run Branch) -> Result<Flow> {
        match &branch.otherwise {
            Some(nodes) => crate::stack::grow(|| self.list(dot, nodes)),
            None => Ok(Flow::Next),
        }
    }

    pub(super) fn range(&mut self, dot: &Slot, branch: &'run Branch) -> Result<Flow> {
        let mark = self.variables.len();
        let value = self.pipeline(dot, &branch.pipe)?;
        let flow = self.range_over(dot, branch, value.as_ref())?;
        self.variables.truncate(mark);
        Ok(flow)
    }

    fn range_over(
        &mut self,
        dot: &Slot,
        branch: &'run Branch,
        value: Option<&Value>,
    ) -> Result<Flow> {
        let value = value.map(Value::underlying);
        match value.as_deref() {
            None | Some(Value::Nil) => return self.otherwise(dot, branch),
            Some(Value::Int(count)) => return self.count(dot, branch, *count, Value::Int),
            Some(Value::Int64(count)) => return self.count(dot, branch, *count, Value::Int64),
            Some(Value::Uint8(count)) => {
                // The numbers below a byte are bytes.
                let number = |value: i64| Value::Uint8(u8::try_from(value).unwrap_or(u8::MAX));
                return self.count(dot, branch, i64::from(*count), number);
            }
            Some(Value::Uint64(count)) => {
                let count = i64::try_from(*count).unwrap_or(i64::MAX);
                let number = |value: i64| Value::Uint64(value.unsigned_abs());
                return self.count(dot, branch, count, number);
            }
            Some(Value::List(list)) if !list.is_empty() => {
                let boxed = list.element() == ElementKind::Any;
                for (index, item) in list.iter().enumerate() {
                    let element = Slot {
                        value: Some(item.clone()),
                        boxed,
                    };
                    if self.iteration(branch, Some(position(index)), element)? == Flow::Break {
                        break;
                    }
                }
            }
            Some(Value::Bytes(bytes)) if !bytes.is_empty() => {
                for (index, byte) in bytes.iter().enumerate() {
                    let element = Slot {
                        value: Some(Value::Uint8(*byte)),
                        boxed: false,
                    };
                    if self.iteration(branch, Some(position(index)), element)? == Flow::Break {
                        break;
                    }
                }
            }
            Some(Value::Map(map)) if !map.is_empty() => {
                let boxed = map.element() == ElementKind::Any;
                for (key, item) in map.iter() {
                    let element = Slot {
                        value: Some(item),
                        boxed,
                    };
                    if self.iteration(branch, Some(Value::from(key)), element)? == Flow::Break {
                        break;
                    }
                }
            }
            Some(Value::List(_) | Value::Bytes(_) | Value::Map(_)) => {
                return self.otherwise(dot, branch);
            }
            Some(other) => {
                return self.fail(format!("range can't iterate over {}", display(other)));
            }
        }
        Ok(Flow::Next)
    }

    /// `range` over a number: the integers below it.
    fn count(
        &mut self,
        dot: &Slot,
        branch: &'run Branch,
        count: i64,
        number: impl Fn(i64) -> Value,
    ) -> Result<Flow> {
        if branch.pipe.declarations.len() > 1 {
            return self.fail(format!(
                "can't use {count} to iterate over more than one variable"
            ));
        }
        if count <= 0 {
            return self.otherwise(dot, branch);
        }
        for value in 0..count {
            let element = Slot {
                value: Some(number(value)),
                boxed: false,
            };
            if self.iteration(branch, None, element)? == Flow::Break {
                break;
            }
        }
        Ok(Flow::Next)
    }

    /// Executes the body of a loop once.
    fn iteration(
        &mut self,
        branch: &'run Branch,
        index: Option<Value>,
        element: Slot,
    ) -> Result<Flow> {
        self.step()?;
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
            ([_], false) => self.variables[mark - 1].1 = element.clone(),
            ([_, _, ..], false) => {
                self.variables[mark - 1].1 = element.clone();
                self.variables[mark - 2].1 = index;
            }
        }
        let flow = crate::stack::grow(|| self.list(&element, &branch.body))?;
        self.variables.truncate(mark);
        Ok(flow)
    }

    /// Overwrites the innermost variable of a number.
    pub(super) fn assign(&mut self, variable: u32, slot: Slot) -> Result<()> {
        let found = self
            .variables
            .iter_mut()
            .rev()
            .find(|(number, _)| *number == variable);
        let Some((_, existing)) = found else {
            let name = &self.tree.variables[variable as usize];
            return self.fail(format!("undefined variable: {name}"));
        };
        *existing = slot;
        Ok(())
    }

    pub(super) fn template(
        &mut self,
        dot: &Slot,
        name: &Arc<str>,
        pipe: Option<&'run Pipe>,
    ) -> Result<()> {
        let here = self.at;
        let Some(tree) = self.engine.find(name) else {
            let name = crate::quote::quote(name.as_bytes(), b'"', false);
            return self.fail(format!("template {name} not defined"));
        };
        let data = match pipe {
            Some(pipe) => self.pipeline(dot, pipe)?,
            None => None,
        };
        self.step()?;
        self.engine
            .run(&tree, data, self.output)
            .map_err(|mut error| {
                let place = self.tree.place(here);
                if error.place.is_none() && error.parse_error.is_none() {
                    error.place = Some(place);
                } else {
                    error.include_chain.insert(
                        0,
                        Frame {
                            place,
                            function: None,
                            note: String::new(),
                        },
                    );
                }
                error
            })
    }
}

/// The number of an element.
fn position(index: usize) -> Value {
    Value::Int(i64::try_from(index).unwrap_or(i64::MAX))
}
