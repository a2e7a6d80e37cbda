//! What Helm adds to Sprig: templates that call templates, required values, and the lookups that
//! find nothing without a cluster.

use gotemplate::{FunctionError, FunctionTable, Map, Parameter, Signature, Text, Value};

use super::arguments::{TEXT, any, text};
use crate::context::{IN_TEXT, context};

/// A template that includes itself more often than this is stopped.
const MAX_INCLUDES: usize = 1000;

const TEXT_ANY: Signature = Signature::fixed(&[Parameter::String, Parameter::Any]);

pub(super) fn register(table: &mut FunctionTable) {
    table.register("include", TEXT_ANY, |call, a| {
        let name = text(a, 0);
        if call.depth() > MAX_INCLUDES && call.active(&name) > MAX_INCLUDES {
            return Err(FunctionError::new(format!(
                "rendering template has a nested reference name: {name}: unable to execute template"
            )));
        }
        Ok(call.execute_template(&name, any(a, 1))?.into())
    });
    table.register("tpl", TEXT_ANY, |call, a| {
        let source = text(a, 0);
        let rendered = call
            .execute_text(IN_TEXT, &source, any(a, 1))
            .map_err(|cause| {
                let quoted = gotemplate::format::quote(&source);
                // Where nothing was executed yet, the text could not be parsed.
                if cause.place.is_none() && cause.include_chain.is_empty() {
                    FunctionError::new(format!("cannot parse template {quoted}: {cause}"))
                } else {
                    FunctionError::within(
                        format!("error during tpl function execution for {quoted}"),
                        cause,
                    )
                }
            })?;
        Ok(match without_no_value(rendered.as_bytes()) {
            Some(kept) => Text::from_bytes(kept).into(),
            None => rendered.into(),
        })
    });
    table.register("required", TEXT_ANY, |call, a| {
        let value = any(a, 1);
        let missing = match &value {
            Value::Nil => true,
            Value::String(text) => text.is_empty(),
            _ => false,
        };
        if missing {
            let context = context(call)?;
            return if context.is_linting() {
                Ok("".into())
            } else {
                Err(context.told(&text(a, 0)))
            };
        }
        Ok(value)
    });
    table.register("fail", TEXT, |call, a| {
        let context = context(call)?;
        if context.is_linting() {
            return Ok("".into());
        }
        Err(context.told(&text(a, 0)))
    });
    let signature = Signature::fixed(&[
        Parameter::String,
        Parameter::String,
        Parameter::String,
        Parameter::String,
    ]);
    table.register("lookup", signature, |_, _| Ok(Value::Map(Map::new())));
    table.register("getHostByName", TEXT, |_, _| Ok("".into()));
}

/// What Go prints for values that are not there.
const NO_VALUE: &[u8] = b"<no value>";

/// Takes out what Go prints for values that are not there; nothing where there is none of it.
pub(crate) fn without_no_value(rendered: &[u8]) -> Option<Vec<u8>> {
    let finder = memchr::memmem::Finder::new(NO_VALUE);
    let mut kept = Vec::new();
    let mut rest = rendered;
    while let Some(at) = finder.find(rest) {
        kept.extend_from_slice(&rest[..at]);
        rest = &rest[at + NO_VALUE.len()..];
    }
    if rest.len() == rendered.len() {
        return None;
    }
    kept.extend_from_slice(rest);
    Some(kept)
}
