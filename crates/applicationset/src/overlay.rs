//! A generator's own template over the one of the `ApplicationSet`: takes both, gives the generator's
//! with what it leaves empty filled from the other.
//!
//! Source: `mergeGeneratorTemplate` in Argo CD's `generator_spec_processor.go`, mergo without
//! overriding.

use serde_json::Value;

use crate::shape::{Shape, is_empty};

/// Fills what is empty.
pub(crate) fn filled(shape: &Shape, own: &Value, base: &Value) -> Value {
    match (shape, own, base) {
        (Shape::Struct(_) | Shape::Map(_), Value::Object(own), Value::Object(base)) => {
            let mut both = own.clone();
            for (key, value) in base {
                let below = shape.below(key);
                let value = match both.get(key) {
                    Some(there) => filled(&below, there, value),
                    None => value.clone(),
                };
                both.insert(key.clone(), value);
            }
            Value::Object(both)
        }
        // Free values are bytes to Go: they are there, or they are not.
        (Shape::Any, Value::Null, _) => base.clone(),
        (Shape::Any, ..) => own.clone(),
        _ if is_empty(own) => base.clone(),
        _ => own.clone(),
    }
}
