//! Sprig's functions of truth and type: takes any values, gives one of them or a verdict, never
//! changes them.

use gotemplate::{FunctionTable, Parameter, Signature, Value};

use super::arguments::{ANY, ANY_REST, any, kind, text};

pub(super) fn register(table: &mut FunctionTable) {
    table.register("default", ANY_REST, |_, a| {
        Ok(a.get(1)
            .filter(|given| given.is_true())
            .cloned()
            .unwrap_or_else(|| any(a, 0)))
    });
    table.register("empty", ANY, |_, a| Ok((!any(a, 0).is_true()).into()));
    table.register("coalesce", Signature::ANY, |_, a| {
        Ok(a.iter()
            .find(|value| value.is_true())
            .cloned()
            .unwrap_or_default())
    });
    table.register("all", Signature::ANY, |_, a| {
        Ok(a.iter().all(Value::is_true).into())
    });
    table.register("any", Signature::ANY, |_, a| {
        Ok(a.iter().any(Value::is_true).into())
    });
    let signature = Signature::fixed(&[Parameter::Any, Parameter::Any, Parameter::Bool]);
    table.register("ternary", signature, |_, a| {
        Ok(any(
            a,
            usize::from(!matches!(a.get(2), Some(Value::Bool(true)))),
        ))
    });
    let named = Signature::fixed(&[Parameter::String, Parameter::Any]);
    table.register("typeOf", ANY, |_, a| Ok(any(a, 0).type_name().into()));
    table.register("typeIs", named, |_, a| {
        Ok((any(a, 1).type_name() == text(a, 0)).into())
    });
    table.register("typeIsLike", named, |_, a| {
        let (wanted, found) = (text(a, 0), any(a, 1).type_name());
        Ok((wanted == found || format!("*{wanted}") == found).into())
    });
    table.register("kindOf", ANY, |_, a| Ok(kind(&any(a, 0)).into()));
    table.register("kindIs", named, |_, a| {
        Ok((kind(&any(a, 1)) == text(a, 0)).into())
    });
}
