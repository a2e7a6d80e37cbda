//! Go's predefined functions: takes a table, gives it the functions, never touches the host.

mod compare;
mod element;
mod escape;

use std::sync::Arc;

use crate::error::FunctionError;
use crate::function::{FunctionTable, Parameter, Signature, Special};
use crate::printf::Printer;
use crate::value::Value;

type Result = std::result::Result<Value, FunctionError>;

const ONE: Signature = Signature::fixed(&[Parameter::Any]);
const TWO: Signature = Signature::fixed(&[Parameter::Any, Parameter::Any]);
const AT_LEAST_ONE: Signature = Signature::variadic(&[Parameter::Any], Parameter::Any);

/// Adds Go's predefined functions.
pub(crate) fn register(table: &mut FunctionTable) {
    let mut plain = |name: &str, signature: Signature, body: fn(&[Value]) -> Result| {
        table.insert(
            name,
            signature,
            Special::None,
            Arc::new(move |_, values| body(values)),
        );
    };
    plain("not", ONE, |values| Ok(Value::Bool(!values[0].is_true())));
    plain("eq", AT_LEAST_ONE, |values| {
        compare::equal(&values[0], &values[1..]).map(Value::Bool)
    });
    plain("ne", TWO, |values| {
        compare::equal(&values[0], &values[1..]).map(|equal| Value::Bool(!equal))
    });
    plain("lt", TWO, |values| {
        compare::less(&values[0], &values[1]).map(Value::Bool)
    });
    plain("le", TWO, |values| {
        compare::less_or_equal(&values[0], &values[1]).map(Value::Bool)
    });
    plain("gt", TWO, |values| {
        compare::less_or_equal(&values[0], &values[1]).map(|less| Value::Bool(!less))
    });
    plain("ge", TWO, |values| {
        compare::less(&values[0], &values[1]).map(|less| Value::Bool(!less))
    });
    plain("index", AT_LEAST_ONE, |values| {
        element::index(&values[0], &values[1..])
    });
    plain("slice", AT_LEAST_ONE, |values| {
        element::slice(&values[0], &values[1..])
    });
    plain("print", Signature::ANY, |values| {
        Ok(printed(|printer| printer.print(values)))
    });
    plain("println", Signature::ANY, |values| {
        Ok(printed(|printer| printer.print_line(values)))
    });
    plain(
        "printf",
        Signature::variadic(&[Parameter::String], Parameter::Any),
        |values| {
            let Value::String(format) = &values[0] else {
                return Err("the format is no string".into());
            };
            let format = format.to_str();
            Ok(printed(|printer| printer.format(&format, &values[1..])))
        },
    );
    plain("html", Signature::ANY, |values| Ok(escape::html(values)));
    plain("js", Signature::ANY, |values| {
        Ok(escape::javascript(values))
    });
    plain("urlquery", Signature::ANY, |values| {
        Ok(escape::url_query(values))
    });
    let length = |_: &mut crate::Call<'_>, values: &[Value]| element::length(&values[0]);
    table.insert("len", ONE, Special::Length, Arc::new(length));
    for (name, special) in [
        ("and", Special::And),
        ("or", Special::Or),
        ("call", Special::Call),
    ] {
        // The evaluator does these itself, for it must not evaluate all operands, or it needs
        // their text.
        let body = |_: &mut crate::Call<'_>, _: &[Value]| Err("evaluated elsewhere".into());
        table.insert(name, AT_LEAST_ONE, special, Arc::new(body));
    }
}

fn printed(print: impl FnOnce(&mut Printer)) -> Value {
    let mut printer = Printer::default();
    print(&mut printer);
    Value::String(printer.into_text())
}
