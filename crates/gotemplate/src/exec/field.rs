//! Fields and methods: takes a receiver and names, gives what they lead to, never changes the
//! receiver.

use std::borrow::Cow;

use super::pipeline::Operands;
use super::{Evaluated, Executor, Result, Slot};
use crate::ast::{At, Expression};
use crate::host::Host;
use crate::map::Map;
use crate::set::MissingKey;
use crate::value::{ElementKind, Value};

impl<'run> Executor<'run, '_> {
    /// Walks `.a.b.c`; only the last name gets the arguments.
    pub(super) fn field_chain(
        &mut self,
        dot: &Slot,
        receiver: &Slot,
        node: &'run Expression,
        fields: &'run [Box<str>],
        operands: Operands<'run>,
    ) -> Result<Slot> {
        let Some((final_name, names)) = fields.split_last() else {
            return Ok(receiver.clone());
        };
        self.counted(self.engine.meter().elements(fields.len()))?;
        let access = Access { dot, node };
        let mut owned;
        let mut current = receiver;
        for name in names {
            owned = self.field(&access, current, name, Operands::default())?;
            current = &owned;
        }
        self.field(&access, current, final_name, operands)
    }

    fn field(
        &mut self,
        access: &Access<'run, '_>,
        receiver: &Slot,
        name: &str,
        operands: Operands<'run>,
    ) -> Result<Slot> {
        let has_arguments = !operands.is_empty();
        match &receiver.value {
            None => {
                if self.engine.templates().missing_key() == MissingKey::Error {
                    let name = crate::quote::quote(name.as_bytes(), b'"', false);
                    return self.fail(format!("nil data; no entry for key {name}"));
                }
                Ok(Slot::default())
            }
            Some(Value::Nil) => self.fail(format!("nil pointer evaluating interface {{}}.{name}")),
            Some(Value::Map(map)) => self.entry(map, name, has_arguments),
            Some(Value::Host(host)) => {
                let host = std::rc::Rc::clone(host);
                self.host_field(access, receiver, &*host, name, operands)
            }
            Some(value) => {
                let type_name = static_type(receiver, value);
                self.fail(format!("can't evaluate field {name} in type {type_name}"))
            }
        }
    }

    fn entry(&self, map: &Map, name: &str, has_arguments: bool) -> Result<Slot> {
        if has_arguments {
            return self.fail(format!("{name} is not a method but has arguments"));
        }
        let boxed = map.element() == ElementKind::Any;
        if let Some(value) = map.get(name) {
            return Ok(Slot {
                value: Some(value),
                boxed,
            });
        }
        match self.engine.templates().missing_key() {
            MissingKey::Default => Ok(Slot::default()),
            MissingKey::Zero => Ok(Slot {
                value: Some(map.element().zero()),
                boxed,
            }),
            MissingKey::Error => {
                let name = crate::quote::quote(name.as_bytes(), b'"', false);
                self.fail(format!("map has no entry for key {name}"))
            }
        }
    }

    fn host_field(
        &mut self,
        access: &Access<'run, '_>,
        receiver: &Slot,
        host: &dyn Host,
        name: &str,
        operands: Operands<'run>,
    ) -> Result<Slot> {
        let has_arguments = !operands.is_empty();
        if let Some(value) = self.method(access, host, name, operands)? {
            return Ok(Slot {
                value: Some(value),
                boxed: false,
            });
        }
        if let Some(value) = host.field(name) {
            if has_arguments {
                return self.fail(format!(
                    "{name} has arguments but cannot be invoked as function"
                ));
            }
            return Ok(Slot {
                value: Some(value),
                boxed: false,
            });
        }
        if let Some(Value::Map(map)) = host.underlying() {
            return self.entry(&map, name, has_arguments);
        }
        let type_name = if receiver.boxed {
            Cow::Borrowed("interface {}")
        } else {
            host.type_name()
        };
        let hidden = host.fields().unwrap_or_default();
        if hidden.iter().any(|(field, _)| *field == name) {
            return self.fail(format!(
                "{name} is an unexported field of struct type {type_name}"
            ));
        }
        self.fail(format!("can't evaluate field {name} in type {type_name}"))
    }

    /// Calls a method, if the type has it.
    fn method(
        &mut self,
        access: &Access<'run, '_>,
        host: &dyn Host,
        name: &str,
        operands: Operands<'run>,
    ) -> Result<Evaluated> {
        let Some(signature) = host.signature(name) else {
            return Ok(None);
        };
        let values = self.arguments(access.dot, name, signature, operands)?;
        self.steps(host.steps(name))?;
        self.counted(self.engine.meter().given(&values))?;
        let result = host.method(name, &values).and_then(|value| {
            self.engine.meter().made(&value)?;
            Ok(value)
        });
        match result {
            Ok(value) => Ok(Some(value)),
            Err(failure) => {
                self.at = At::Expression(access.node);
                Err(self.function_failed(name, failure))
            }
        }
    }
}

/// Where fields are looked up from.
struct Access<'run, 'dot> {
    /// What arguments are evaluated in.
    dot: &'dot Slot,
    node: &'run Expression,
}

/// The type that Go names in errors.
fn static_type(receiver: &Slot, value: &Value) -> Cow<'static, str> {
    if receiver.boxed {
        Cow::Borrowed("interface {}")
    } else {
        value.type_name()
    }
}
