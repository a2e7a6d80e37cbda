//! Pipelines: takes commands, gives the value of the last with variables declared, never calls
//! functions itself.

use super::{Executor, Result, Slot};
use crate::ast::{At, Command, Expression, ExpressionKind, Pipe, Shown};
use crate::value::Value;

/// The result of the command before, which becomes the last argument; outer `None` where there is
/// no command before.
pub(super) type Final = Option<Option<Value>>;

impl<'run> Executor<'run, '_> {
    /// Evaluates a pipeline. Variables that it declares stay on the stack.
    pub(super) fn pipeline(&mut self, dot: &Slot, pipe: &'run Pipe) -> Result<Option<Value>> {
        self.at = At::Pipe(pipe);
        let mut last: Final = None;
        for command in &pipe.commands {
            self.step()?;
            let value = self.command(dot, command, last)?;
            // A nil leaves its interface here and is no value from now on.
            last = Some(value.filter(|value| !value.is_nil()));
        }
        let value = last.flatten();
        for variable in &pipe.declarations {
            let slot = Slot {
                value: value.clone(),
                boxed: false,
            };
            if pipe.is_assignment {
                self.assign(*variable, slot)?;
            } else {
                self.variables.push((*variable, slot));
            }
        }
        Ok(value)
    }

    fn command(
        &mut self,
        dot: &Slot,
        command: &'run Command,
        last: Final,
    ) -> Result<Option<Value>> {
        let first = &command.arguments[0];
        let arguments = &command.arguments[..];
        match &first.kind {
            ExpressionKind::Field(fields) => {
                self.at = At::Expression(first);
                self.field_chain(dot, dot, first, fields, arguments, last)
                    .map(|slot| slot.value)
            }
            ExpressionKind::Chain { operand, fields } => {
                self.chain(dot, first, operand, fields, arguments, last)
            }
            ExpressionKind::Function { function, .. } => {
                self.at = At::Expression(first);
                self.function(dot, *function, At::Command(command), &arguments[1..], last)
            }
            ExpressionKind::Pipe(pipe) => {
                self.not_a_function(arguments, &last)?;
                crate::stack::grow(|| self.pipeline(dot, pipe))
            }
            ExpressionKind::Variable { variable, fields } => {
                self.at = At::Expression(first);
                self.variable(dot, first, *variable, fields, arguments, last)
            }
            _ => {
                self.at = At::Expression(first);
                self.not_a_function(arguments, &last)?;
                match &first.kind {
                    ExpressionKind::Nil => self.fail("nil is not a command"),
                    ExpressionKind::Dot => Ok(dot.value.clone()),
                    _ => self.literal(first).map(Some),
                }
            }
        }
    }

    /// The value of a constant where no type is asked for.
    pub(super) fn literal(&mut self, expression: &'run Expression) -> Result<Value> {
        match &expression.kind {
            ExpressionKind::Bool(value) => Ok(Value::Bool(*value)),
            ExpressionKind::String { text, .. } => Ok(Value::String(text.clone())),
            ExpressionKind::Number(number) => match number.ideal() {
                Some(value) => Ok(value),
                None => self.fail(format!("{} overflows int", number.text)),
            },
            _ => {
                let shown = self.shown(expression);
                self.fail(format!("can't evaluate command {shown:?}"))
            }
        }
    }

    pub(super) fn shown(&self, expression: &Expression) -> String {
        Shown {
            tree: self.tree,
            at: At::Expression(expression),
        }
        .to_string()
    }

    /// Refuses arguments for what takes none.
    pub(super) fn not_a_function(&self, arguments: &[Expression], last: &Final) -> Result<()> {
        if arguments.len() > 1 || last.is_some() {
            let shown = arguments
                .first()
                .map(|argument| self.shown(argument))
                .unwrap_or_default();
            return self.fail(format!("can't give argument to non-function {shown}"));
        }
        Ok(())
    }

    /// `(pipeline).name`, evaluated with arguments if the last name is a method.
    pub(super) fn chain(
        &mut self,
        dot: &Slot,
        node: &'run Expression,
        operand: &'run Expression,
        fields: &'run [Box<str>],
        arguments: &'run [Expression],
        last: Final,
    ) -> Result<Option<Value>> {
        self.at = At::Expression(node);
        let value = self.operand(dot, operand)?;
        let receiver = Slot {
            value,
            boxed: false,
        };
        self.field_chain(dot, &receiver, node, fields, arguments, last)
            .map(|slot| slot.value)
    }

    /// `$name.name`.
    pub(super) fn variable(
        &mut self,
        dot: &Slot,
        node: &'run Expression,
        variable: u32,
        fields: &'run [Box<str>],
        arguments: &'run [Expression],
        last: Final,
    ) -> Result<Option<Value>> {
        let found = self
            .variables
            .iter()
            .rev()
            .find(|(number, _)| *number == variable);
        let slot = found.map(|(_, slot)| slot.clone()).unwrap_or_default();
        if fields.is_empty() {
            self.not_a_function(arguments, &last)?;
            return Ok(slot.value);
        }
        self.field_chain(dot, &slot, node, fields, arguments, last)
            .map(|slot| slot.value)
    }
}
