//! Arguments: takes operands and the types of parameters, gives checked values, never calls.

use std::rc::Rc;

use super::pipeline::Operands;
use super::{Evaluated, Executor, Result, Slot};
use crate::ast::{At, Expression, ExpressionKind};
use crate::function::{Parameter, Signature};
use crate::list::List;
use crate::map::Map;
use crate::value::{ElementKind, Value};

impl<'run> Executor<'run, '_> {
    /// Counts, evaluates and checks the arguments of a call.
    pub(super) fn arguments(
        &mut self,
        dot: &Slot,
        name: &str,
        signature: Signature,
        operands: Operands<'run>,
    ) -> Result<Vec<Value>> {
        let count = operands.count();
        let Operands { given, last } = operands;
        let fixed = signature.fixed.len();
        if signature.variadic.is_some() && count < fixed {
            let got = given.len();
            return self.fail(format!(
                "wrong number of args for {name}: want at least {fixed} got {got}"
            ));
        }
        if signature.variadic.is_none() && count != fixed {
            return self.fail(format!(
                "wrong number of args for {name}: want {fixed} got {count}"
            ));
        }
        if let Some(refusal) = signature.refusal {
            return self.fail(refusal);
        }
        let parameter = |index: usize| {
            signature
                .fixed
                .get(index)
                .copied()
                .or(signature.variadic)
                .unwrap_or(Parameter::Any)
        };
        let mut values = Vec::with_capacity(count);
        for (index, argument) in given.iter().enumerate() {
            values.push(self.argument(dot, argument, parameter(index))?);
        }
        if let Some(value) = last {
            values.push(self.check(value, parameter(given.len()))?);
        }
        Ok(values)
    }

    fn argument(
        &mut self,
        dot: &Slot,
        expression: &'run Expression,
        parameter: Parameter,
    ) -> Result<Value> {
        self.at = At::Expression(expression);
        match &expression.kind {
            ExpressionKind::Nil => match zero(parameter) {
                Some(zero) => Ok(zero),
                None => self.fail(format!("cannot assign nil to {}", parameter.type_name())),
            },
            ExpressionKind::Bool(_) | ExpressionKind::Number(_) | ExpressionKind::String { .. } => {
                self.constant(expression, parameter)
            }
            _ => {
                let value = self.operand(dot, expression)?;
                self.check(value, parameter)
            }
        }
    }

    /// Evaluates an operand without a type in mind.
    pub(super) fn operand(
        &mut self,
        dot: &Slot,
        expression: &'run Expression,
    ) -> Result<Evaluated> {
        self.at = At::Expression(expression);
        match &expression.kind {
            ExpressionKind::Dot => Ok(dot.value.clone()),
            ExpressionKind::Nil => Ok(None),
            ExpressionKind::Field(fields) => self
                .field_chain(dot, dot, expression, fields, Operands::default())
                .map(|slot| slot.value),
            ExpressionKind::Variable { variable, fields } => {
                self.variable(dot, expression, *variable, fields, Operands::default())
            }
            ExpressionKind::Pipe(pipe) => crate::stack::grow(|| self.pipeline(dot, pipe)),
            ExpressionKind::Function { function, .. } => self.function(
                dot,
                *function,
                At::Expression(expression),
                Operands::default(),
            ),
            ExpressionKind::Chain { operand, fields } => {
                self.chain(dot, expression, operand, fields, Operands::default())
            }
            ExpressionKind::Bool(_) | ExpressionKind::Number(_) | ExpressionKind::String { .. } => {
                self.literal(expression).map(Some)
            }
        }
    }

    /// Converts a constant to the type of a parameter.
    fn constant(&mut self, expression: &'run Expression, parameter: Parameter) -> Result<Value> {
        let expected = match (parameter, &expression.kind) {
            (Parameter::Any, _) => return self.literal(expression),
            (Parameter::Bool, ExpressionKind::Bool(value)) => return Ok(Value::Bool(*value)),
            (Parameter::String, ExpressionKind::String { text, .. }) => {
                return Ok(Value::String(text.clone()));
            }
            (Parameter::Int, ExpressionKind::Number(number)) if number.int.is_some() => {
                return Ok(Value::Int(number.int.unwrap_or_default()));
            }
            (Parameter::Int64 | Parameter::HostInteger(_), ExpressionKind::Number(number))
                if number.int.is_some() =>
            {
                return Ok(Value::Int64(number.int.unwrap_or_default()));
            }
            // Go keeps the low bits.
            (Parameter::Uint32, ExpressionKind::Number(number)) if number.uint.is_some() => {
                let low = number.uint.unwrap_or_default() & u64::from(u32::MAX);
                return Ok(Value::Uint64(low));
            }
            (Parameter::Float64, ExpressionKind::Number(number)) if number.float.is_some() => {
                return Ok(Value::Float64(number.float.unwrap_or_default()));
            }
            (Parameter::Bool, _) => "bool",
            (Parameter::String, _) => "string",
            (Parameter::Int | Parameter::Int64 | Parameter::HostInteger(_), _) => "integer",
            (Parameter::Uint32, _) => "unsigned integer",
            (Parameter::Float64, _) => "float",
            _ => {
                let shown = self.shown(expression);
                let type_name = parameter.type_name();
                return self.fail(format!("can't handle {shown} for arg of type {type_name}"));
            }
        };
        let shown = self.shown(expression);
        self.fail(format!("expected {expected}; found {shown}"))
    }

    /// Checks that a value has the type of a parameter.
    fn check(&self, value: Option<Value>, parameter: Parameter) -> Result<Value> {
        let Some(value) = value else {
            return match zero(parameter) {
                Some(zero) => Ok(zero),
                None => self.fail(format!("invalid value; expected {}", parameter.type_name())),
            };
        };
        if is_assignable(&value, parameter) {
            if let (Parameter::Any, Value::Host(host)) = (parameter, &value)
                && let Some(boxed) = host.boxed()
            {
                return Ok(boxed);
            }
            return Ok(value);
        }
        // An unnamed list or map type takes a named one of the same form.
        if let Value::Host(host) = &value
            && let Some(underlying) = host.underlying()
            && matches!(underlying, Value::List(_) | Value::Map(_) | Value::Bytes(_))
            && is_assignable(&underlying, parameter)
        {
            return Ok(underlying);
        }
        let got = if value.is_nil() {
            "interface {}".into()
        } else {
            value.type_name()
        };
        let expected = parameter.type_name();
        self.fail(format!(
            "wrong type for value; expected {expected}; got {got}"
        ))
    }
}

/// The value of a parameter that nil is given for, if it takes nil.
pub(super) fn zero(parameter: Parameter) -> Option<Value> {
    match parameter {
        Parameter::Any => Some(Value::Nil),
        Parameter::List => Some(Value::List(List::nil(ElementKind::Any))),
        Parameter::Strings => Some(Value::List(List::nil(ElementKind::String))),
        Parameter::Bytes => Some(Value::Bytes(Rc::from([]))),
        Parameter::Map => Some(Value::Map(Map::nil(ElementKind::Any))),
        Parameter::Bool
        | Parameter::Int
        | Parameter::Int64
        | Parameter::Uint32
        | Parameter::Float64
        | Parameter::String
        | Parameter::HostInteger(_) => None,
        // A pointer can be nil, and is no value of the program then.
        Parameter::Host(name) => name.starts_with('*').then_some(Value::Nil),
    }
}

/// Whether the value has the type of the parameter.
pub(super) fn is_assignable(value: &Value, parameter: Parameter) -> bool {
    match (parameter, value) {
        (Parameter::Any, _)
        | (Parameter::Bool, Value::Bool(_))
        | (Parameter::Int, Value::Int(_))
        | (Parameter::Int64, Value::Int64(_))
        | (Parameter::Float64, Value::Float64(_))
        | (Parameter::String, Value::String(_))
        | (Parameter::Bytes, Value::Bytes(_)) => true,
        (Parameter::List, Value::List(list)) => list.element() == ElementKind::Any,
        (Parameter::Strings, Value::List(list)) => list.element() == ElementKind::String,
        (Parameter::Map, Value::Map(map)) => map.element() == ElementKind::Any,
        (Parameter::Host(name) | Parameter::HostInteger(name), Value::Host(host)) => {
            host.type_name() == name
        }
        _ => false,
    }
}
