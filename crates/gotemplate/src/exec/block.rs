//! Blocks: takes `if`, `with` and `template` nodes, gives their bodies executed, never
//! evaluates operands itself.

use std::sync::Arc;

use super::{Executor, Flow, Result, Slot};
use crate::ast::{Branch, Pipe};
use crate::error::Frame;
use crate::value::Value;

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

    /// What is done where the condition does not hold, or there is nothing to loop over.
    pub(super) fn otherwise(&mut self, dot: &Slot, branch: &'run Branch) -> Result<Flow> {
        match &branch.otherwise {
            Some(nodes) => crate::stack::grow(|| self.list(dot, nodes)),
            None => Ok(Flow::Next),
        }
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
        self.steps(1)?;
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
