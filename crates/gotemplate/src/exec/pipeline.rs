//! Pipelines: takes commands, gives the value of the last with variables declared, never calls
//! functions itself.

use super::{Evaluated, Executor, Result, Slot};
use crate::ast::{At, Command, Expression, ExpressionKind, Pipe, Shown};
use crate::value::Value;

/// What a command gives to what it calls.
#[derive(Debug, Default)]
pub(super) struct Operands<'run> {
    /// The operands that are written after it.
    pub(super) given: &'run [Expression],
    /// The result of the command before, which becomes the last argument; outer `None` where there
    /// is no command before.
    pub(super) last: Option<Evaluated>,
}

impl Operands<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.given.is_empty() && self.last.is_none()
    }

    pub(super) fn count(&self) -> usize {
        self.given.len() + usize::from(self.last.is_some())
    }
}

impl<'run> Executor<'run, '_> {
    /// Evaluates a pipeline. Variables that it declares stay on the stack.
    pub(super) fn pipeline(&mut self, dot: &Slot, pipe: &'run Pipe) -> Result<Evaluated> {
        self.at = At::Pipe(pipe);
        let mut last = None;
        for command in &pipe.commands {
            self.steps(command.arguments.len())?;
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
        last: Option<Evaluated>,
    ) -> Result<Evaluated> {
        let first = &command.arguments[0];
        let operands = Operands {
            given: &command.arguments[1..],
            last,
        };
        if let ExpressionKind::Pipe(pipe) = &first.kind {
            self.not_a_function(first, &operands)?;
            return crate::stack::grow(|| self.pipeline(dot, pipe));
        }
        self.at = At::Expression(first);
        match &first.kind {
            ExpressionKind::Field(fields) => self
                .field_chain(dot, dot, first, fields, operands)
                .map(|slot| slot.value),
            ExpressionKind::Chain { operand, fields } => {
                self.chain(dot, first, operand, fields, operands)
            }
            ExpressionKind::Function { function, .. } => {
                self.function(dot, *function, At::Command(command), operands)
            }
            ExpressionKind::Variable { variable, fields } => {
                self.variable(dot, first, *variable, fields, operands)
            }
            kind => {
                self.not_a_function(first, &operands)?;
                match kind {
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
    pub(super) fn not_a_function(
        &self,
        expression: &Expression,
        operands: &Operands<'_>,
    ) -> Result<()> {
        if operands.is_empty() {
            return Ok(());
        }
        let shown = match &expression.kind {
            ExpressionKind::Pipe(pipe) => Shown {
                tree: self.tree,
                at: At::Pipe(pipe),
            }
            .to_string(),
            _ => self.shown(expression),
        };
        self.fail(format!("can't give argument to non-function {shown}"))
    }

    /// `(pipeline).name`, evaluated with arguments if the last name is a method.
    pub(super) fn chain(
        &mut self,
        dot: &Slot,
        node: &'run Expression,
        operand: &'run Expression,
        fields: &'run [Box<str>],
        operands: Operands<'run>,
    ) -> Result<Evaluated> {
        self.at = At::Expression(node);
        let value = self.operand(dot, operand)?;
        let receiver = Slot {
            value,
            boxed: false,
        };
        self.field_chain(dot, &receiver, node, fields, operands)
            .map(|slot| slot.value)
    }

    /// `$name.name`.
    pub(super) fn variable(
        &mut self,
        dot: &Slot,
        node: &'run Expression,
        variable: u32,
        fields: &'run [Box<str>],
        operands: Operands<'run>,
    ) -> Result<Evaluated> {
        let place = self
            .variables
            .iter()
            .rposition(|(number, _)| *number == variable);
        let slot = place.map(|at| self.variables[at].1.clone());
        let slot = slot.unwrap_or_default();
        self.counted(
            self.engine
                .meter()
                .elements(self.variables.len() - place.unwrap_or(0)),
        )?;
        if fields.is_empty() {
            self.not_a_function(node, &operands)?;
            return Ok(slot.value);
        }
        self.field_chain(dot, &slot, node, fields, operands)
            .map(|slot| slot.value)
    }
}
