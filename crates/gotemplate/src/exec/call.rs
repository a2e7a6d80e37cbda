//! Calls: takes a function and its operands, gives its result, never runs a body whose arguments
//! do not fit.

use super::argument::{is_assignable, zero};
use super::pipeline::Operands;
use super::{Evaluated, Executor, Result, Slot};
use crate::ast::At;
use crate::call::Call;
use crate::error::FunctionError;
use crate::function::{Function, Parameter, Signature, Special};
use crate::value::Value;

impl<'run> Executor<'run, '_> {
    /// Calls a function of the table.
    pub(super) fn function(
        &mut self,
        dot: &Slot,
        function: u32,
        node: At<'run>,
        operands: Operands<'run>,
    ) -> Result<Evaluated> {
        let engine = self.engine;
        let function = engine.templates().functions().get(function);
        let name = &*function.name;
        if matches!(function.special, Special::And | Special::Or) {
            return self.short_circuit(dot, function.special, operands);
        }
        let callee = operands.given.first();
        let result = if function.special == Special::Length && operands.count() == 1 {
            self.length_operand(dot, operands)?.map_or_else(
                // Go's words for no value, which differ from those for nil.
                || Err("reflect: call of reflect.Value.Type on zero Value".into()),
                |value| self.invoke(function, node, &[value]),
            )
        } else {
            let values = self.arguments(dot, name, function.signature, operands)?;
            if function.special == Special::Call {
                let callee = callee.map_or_else(|| piped(&values[0]), |callee| self.shown(callee));
                call_value(&callee, &values)
            } else {
                self.invoke(function, node, &values)
            }
        };
        result.map(Some).map_err(|failure| {
            self.at = node;
            self.function_failed(name, failure)
        })
    }

    fn invoke(
        &self,
        function: &Function,
        node: At<'run>,
        values: &[Value],
    ) -> std::result::Result<Value, FunctionError> {
        let meter = self.engine.meter();
        meter.given(values)?;
        let mut call = Call::new(self.engine, &function.name, self.tree, node);
        let value = crate::stack::with_room(|| (function.body)(&mut call, values))?;
        meter.made(&value)?;
        Ok(value)
    }

    /// The only operand of `len`, which tells no value from nil.
    fn length_operand(&mut self, dot: &Slot, operands: Operands<'run>) -> Result<Evaluated> {
        match operands.given {
            [operand, ..] => self.operand(dot, operand),
            [] => Ok(operands.last.flatten()),
        }
    }

    /// `and` and `or`, which evaluate only as many operands as they need.
    fn short_circuit(
        &mut self,
        dot: &Slot,
        special: Special,
        operands: Operands<'run>,
    ) -> Result<Evaluated> {
        let (name, stops_at) = if special == Special::Or {
            ("or", true)
        } else {
            ("and", false)
        };
        let Operands { given, last } = operands;
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

/// How Go names what a pipeline gave to `call`: a text by itself, anything else by its type.
fn piped(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_str().into_owned(),
        other => format!("<{} Value>", other.type_name()),
    }
}

/// `call`: the first value is the function.
fn call_value(callee: &str, values: &[Value]) -> std::result::Result<Value, FunctionError> {
    let Some((function, given)) = values.split_first() else {
        return Err("call of nil".into());
    };
    let Value::Host(host) = function else {
        return Err(match function {
            Value::Nil => "call of nil".into(),
            _ => format!("non-function {callee} of type {}", function.type_name()).into(),
        });
    };
    match host.signature("") {
        Some(signature) => host.method("", &prepared(callee, signature, given)?),
        None => Err(format!("non-function {callee} of type {}", function.type_name()).into()),
    }
}

/// Counts, checks and converts the arguments of a function value, which Go does by other rules
/// than those of a function of the table.
fn prepared(
    callee: &str,
    signature: Signature,
    given: &[Value],
) -> std::result::Result<Vec<Value>, FunctionError> {
    let (got, want) = (given.len(), signature.fixed.len());
    if signature.variadic.is_some() && got < want {
        return Err(
            format!("wrong number of args for {callee}: got {got} want at least {want}").into(),
        );
    }
    if signature.variadic.is_none() && got != want {
        return Err(format!("wrong number of args for {callee}: got {got} want {want}").into());
    }
    let prepare = |(index, value): (usize, &Value)| {
        let parameter = signature.fixed.get(index).copied().or(signature.variadic);
        let parameter = parameter.unwrap_or(Parameter::Any);
        let expected = parameter.type_name();
        let refused = |what: &str| format!("arg {index}: {what}; should be {expected}").into();
        match (value, parameter) {
            (Value::Nil, _) => zero(parameter).ok_or_else(|| {
                format!("arg {index}: value is nil; should be of type {expected}").into()
            }),
            _ if is_assignable(value, parameter) => Ok(value.clone()),
            (value, Parameter::Int) => integer(value)
                .map(Value::Int)
                .ok_or_else(|| refused(&format!("value has type {}", value.type_name()))),
            (value, Parameter::Int64) => integer(value)
                .map(Value::Int64)
                .ok_or_else(|| refused(&format!("value has type {}", value.type_name()))),
            _ => Err(refused(&format!("value has type {}", value.type_name()))),
        }
    };
    given.iter().enumerate().map(prepare).collect()
}

/// Converts an integer of any type as Go does, keeping the low bits.
fn integer(value: &Value) -> Option<i64> {
    match &*value.underlying() {
        Value::Int(number) | Value::Int64(number) => Some(*number),
        Value::Uint8(number) => Some(i64::from(*number)),
        Value::Uint64(number) => Some(number.cast_signed()),
        _ => None,
    }
}
