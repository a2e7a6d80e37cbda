//! Sprig's arithmetic: takes anything, cast as Sprig casts it, gives 64-bit integers or floats,
//! never traps on overflow.

use gotemplate::{ElementKind, FunctionTable, List, Parameter, Signature, Value};

use super::arguments::{ANY, ANY_ANY, ANY_REST, TEXT, any, int, strval, text, to_float, to_int};

/// Lists and texts of numbers are cut off here, before they eat the memory.
const MAX_NUMBERS: usize = 10_000_000;

pub(super) fn register(table: &mut FunctionTable) {
    table.register("int", ANY, |_, a| Ok(Value::Int(int(a, 0))));
    table.register("int64", ANY, |_, a| Ok(Value::Int64(int(a, 0))));
    table.register("float64", ANY, |_, a| {
        Ok(Value::Float64(to_float(&any(a, 0))))
    });
    table.register("atoi", TEXT, |_, a| {
        Ok(Value::Int(text(a, 0).parse().unwrap_or(0)))
    });
    table.register("toDecimal", ANY, |_, a| {
        let text = strval(&any(a, 0));
        Ok(Value::Int64(
            i64::from_str_radix(&text.to_str(), 8).unwrap_or(0),
        ))
    });
    table.register("add1", ANY, |_, a| {
        Ok(Value::Int64(int(a, 0).wrapping_add(1)))
    });
    table.register("add", Signature::ANY, |_, a| {
        Ok(Value::Int64(
            a.iter().map(to_int).fold(0, i64::wrapping_add),
        ))
    });
    table.register("sub", ANY_ANY, |_, a| {
        Ok(Value::Int64(int(a, 0).wrapping_sub(int(a, 1))))
    });
    table.register("div", ANY_ANY, |_, a| {
        if int(a, 1) == 0 {
            return Err("runtime error: integer divide by zero".into());
        }
        Ok(Value::Int64(int(a, 0).wrapping_div(int(a, 1))))
    });
    table.register("mod", ANY_ANY, |_, a| {
        if int(a, 1) == 0 {
            return Err("runtime error: integer divide by zero".into());
        }
        Ok(Value::Int64(int(a, 0).wrapping_rem(int(a, 1))))
    });
    table.register("mul", ANY_REST, |_, a| {
        Ok(Value::Int64(
            a.iter().map(to_int).fold(1, i64::wrapping_mul),
        ))
    });
    for name in ["max", "biggest"] {
        table.register(name, ANY_REST, |_, a| {
            Ok(Value::Int64(a.iter().map(to_int).max().unwrap_or(0)))
        });
    }
    table.register("min", ANY_REST, |_, a| {
        Ok(Value::Int64(a.iter().map(to_int).min().unwrap_or(0)))
    });
    table.register("maxf", ANY_REST, |_, a| {
        Ok(Value::Float64(
            a.iter().map(to_float).fold(f64::NEG_INFINITY, f64::max),
        ))
    });
    table.register("minf", ANY_REST, |_, a| {
        Ok(Value::Float64(
            a.iter().map(to_float).fold(f64::INFINITY, f64::min),
        ))
    });
    table.register("add1f", ANY, |_, a| {
        Ok(decimal(&[any(a, 0), Value::Int(1)], super::decimal::add))
    });
    table.register("addf", Signature::ANY, |_, a| {
        let mut numbers = vec![Value::Float64(0.0)];
        numbers.extend_from_slice(a);
        Ok(decimal(&numbers, super::decimal::add))
    });
    table.register("subf", ANY_REST, |_, a| {
        Ok(decimal(a, super::decimal::subtract))
    });
    table.register("mulf", ANY_REST, |_, a| {
        Ok(decimal(a, super::decimal::multiply))
    });
    table.register("divf", ANY_REST, |_, a| {
        if a[1..].iter().any(|number| to_float(number) == 0.0) {
            return Err("decimal division by 0".into());
        }
        Ok(decimal(a, super::decimal::divide))
    });
    table.register("floor", ANY, |_, a| {
        Ok(Value::Float64(to_float(&any(a, 0)).floor()))
    });
    table.register("ceil", ANY, |_, a| {
        Ok(Value::Float64(to_float(&any(a, 0)).ceil()))
    });
    let signature = Signature::variadic(&[Parameter::Any, Parameter::Int], Parameter::Float64);
    table.register("round", signature, |_, a| {
        let threshold = a.get(2).map_or(0.5, to_float);
        let power = 10_f64.powf(to_float(&any(a, 1)));
        let shifted = power * to_float(&any(a, 0));
        let up = shifted.fract() >= threshold;
        Ok(Value::Float64(
            if up { shifted.ceil() } else { shifted.floor() } / power,
        ))
    });
    table.register("until", Signature::fixed(&[Parameter::Int]), |_, a| {
        let count = int(a, 0);
        numbers(0, count, if count < 0 { -1 } else { 1 })
            .map(|list| Value::List(List::with_element(ElementKind::Int, list)))
    });
    let signature = Signature::fixed(&[Parameter::Int, Parameter::Int, Parameter::Int]);
    table.register("untilStep", signature, |_, a| {
        numbers(int(a, 0), int(a, 1), int(a, 2))
            .map(|list| Value::List(List::with_element(ElementKind::Int, list)))
    });
    table.register("seq", Signature::variadic(&[], Parameter::Int), |_, a| {
        let (start, step, end) = match a {
            [end] => (1, None, to_int(end)),
            [start, end] => (to_int(start), None, to_int(end)),
            [start, step, end] => (to_int(start), Some(to_int(step)), to_int(end)),
            _ => return Ok("".into()),
        };
        let direction = if end < start { -1 } else { 1 };
        if direction < 0 && step.is_some_and(|step| step > 0) {
            return Ok("".into());
        }
        let list = numbers(
            start,
            end.wrapping_add(direction),
            step.unwrap_or(direction),
        )?;
        let texts: Vec<String> = list.iter().map(gotemplate::format::display).collect();
        Ok(texts.join(" ").into())
    });
}

/// Computes exactly in decimal numbers, as Sprig's float functions do.
fn decimal(
    numbers: &[Value],
    operation: fn(&super::decimal::Decimal, &super::decimal::Decimal) -> super::decimal::Decimal,
) -> Value {
    let mut numbers = numbers
        .iter()
        .map(|number| super::decimal::Decimal::new(to_float(number)));
    let first = numbers.next().unwrap_or_default();
    Value::Float64(
        numbers
            .fold(first, |sum, next| operation(&sum, &next))
            .to_float(),
    )
}

fn numbers(start: i64, end: i64, step: i64) -> Result<Vec<Value>, gotemplate::FunctionError> {
    let downwards = end < start;
    if downwards && step >= 0 || !downwards && step <= 0 {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let mut next = start;
    while if downwards { next > end } else { next < end } {
        if found.len() >= MAX_NUMBERS {
            return Err("too many numbers".into());
        }
        found.push(Value::Int(next));
        next = match next.checked_add(step) {
            Some(next) => next,
            None => break,
        };
    }
    Ok(found)
}
