//! Calls: takes a function and its operands, gives its result, never runs a body whose arguments
//! do not fit.

use super::pipeline::Final;
use super::{Executor, Result, Slot};
use crate::ast::{At, Expression};
use crate::call::Call;
use crate::error::FunctionError;
use crate::format::display;
use crate::function::Special;
use crate::value::Value;

impl<'run> Executor<'run, '_> {
    /// Calls a function of the table.
    pub(super) fn function(
        &mut self,
        dot: &Slot,
        function: u32,
        node: At<'run>,
        given: &'run [Expression],
        last: Final,
    ) -> Result<Option<Value>> {
        let engine = self.engine;
        let function = engine.templates().functions().get(function);
        let name = &*function.name;
        match function.special {
            Special::And | Special::Or => {
                return self.short_circuit(dot, function.special, given, last);
            }
            Special::Length if given.len() + usize::from(last.is_some()) == 1 => {
                let value = match (given.first(), &last) {
                    (Some(expression), _) => self.operand(dot, expression)?,
                    (None, last) => last.clone().flatten(),
                };
                if value.is_none() {
                    self.at = node;
                    let message = "reflect: call of reflect.Value.Type on zero Value";
                    return Err(self.function_failed(name, message.into()));
                }
                let values = value.as_slice();
                return (function.body)(&mut Call::new(engine, name), values)
                    .map(Some)
                    .map_err(|failure| {
                        self.at = node;
                        self.function_failed(name, failure)
                    });
            }
            Special::None | Special::Call | Special::Length => {}
        }
        let values = self.arguments(dot, name, function.signature, given, last)?;
        let result = if function.special == Special::Call {
            let callee = match given.first() {
                Some(expression) => self.shown(expression),
                None => display(&values[0]),
            };
            call_value(&callee, &values)
        } else {
            (function.body)(&mut Call::new(engine, name), &values)
        };
        result.map(Some).map_err(|failure| {
            self.at = node;
            self.function_failed(name, failure)
        })
    }

    /// `and` and `or`, which evaluate only as many operands as they need.
    fn short_circuit(
        &mut self,
        dot: &Slot,
        special: Special,
        given: &'run [Expression],
        last: Final,
    ) -> Result<Option<Value>> {
        let (name, stops_at) = if special == Special::Or {
            ("or", true)
        } else {
            ("and", false)
        };
        if given.is_empty() && last.is_none() {
            return self.fail(format!(
                "wrong number of args for {name}: want at least 1 got 0"
            ));
        }
        let mut value = None;
        for expression in given {
            value = self.operand(dot, expression)?;
            if value.as_ref().is_some_and(Value::is_true) == stops_at {
                return Ok(value);
            }
        }
        Ok(last.unwrap_or(value))
    }
}

/// `call`: the first value is the function.
fn call_value(callee: &str, values: &[Value]) -> std::result::Result<Value, FunctionError> {
    let Some((function, arguments)) = values.split_first() else {
        return Err("call of nil".into());
    };
    if function.is_nil() {
        return Err("call of nil".into());
    }
    if let Value::Host(host) = function
        && let Some(result) = host.call(arguments)
    {
        return result;
    }
    Err(format!("non-function {callee} of type {}", function.type_name()).into())
}
