//! Sprig's map functions: takes maps, gives values or the same map changed in place, never copies
//! where Sprig does not.

use gotemplate::{
    ElementKind, FunctionError, FunctionTable, List, Map, Parameter, Signature, Text, Value,
};

use super::arguments::{ANY, Outcome, any, map, strval, text};

const MAP_TEXT: Signature = Signature::fixed(&[Parameter::Map, Parameter::String]);

pub(super) fn register(table: &mut FunctionTable) {
    table.register("dict", Signature::ANY, |_, a| {
        let entry = |pair: &[Value]| {
            let value = pair.get(1).cloned().unwrap_or_else(|| Value::from(""));
            (strval(&pair[0]).to_key(), value)
        };
        Ok(Value::Map(a.chunks(2).map(entry).collect()))
    });
    table.register("get", MAP_TEXT, |_, a| {
        Ok(map(a, 0)
            .get(&text(a, 1))
            .unwrap_or_else(|| Value::from("")))
    });
    let signature = Signature::fixed(&[Parameter::Map, Parameter::String, Parameter::Any]);
    table.register("set", signature, |_, a| {
        let target = map(a, 0);
        if target.is_nil() {
            return Err("assignment to entry in nil map".into());
        }
        target.set(&*text(a, 1), any(a, 2));
        Ok(any(a, 0))
    });
    table.register("unset", MAP_TEXT, |_, a| {
        map(a, 0).remove(&text(a, 1));
        Ok(any(a, 0))
    });
    table.register("hasKey", MAP_TEXT, |_, a| {
        Ok(map(a, 0).contains(&text(a, 1)).into())
    });
    let signature = Signature::variadic(&[Parameter::String], Parameter::Map);
    table.register("pluck", signature, |_, a| {
        let key = text(a, 0);
        let found: Vec<Value> = (1..a.len())
            .filter_map(|index| map(a, index).get(&key))
            .collect();
        Ok(found.into())
    });
    table.register("keys", Signature::variadic(&[], Parameter::Map), |_, a| {
        let keys = (0..a.len()).flat_map(|index| map(a, index).keys());
        Ok(Value::List(List::strings(keys)))
    });
    table.register("values", Signature::fixed(&[Parameter::Map]), |_, a| {
        Ok(map(a, 0)
            .iter()
            .map(|(_, value)| value)
            .collect::<Vec<_>>()
            .into())
    });
    let signature = Signature::variadic(&[Parameter::Map], Parameter::String);
    table.register("pick", signature, |_, a| {
        let (source, picked) = (map(a, 0), Map::new());
        for index in 1..a.len() {
            let key = text(a, index);
            if let Some(value) = source.get(&key) {
                picked.set(&*key, value);
            }
        }
        Ok(Value::Map(picked))
    });
    table.register("omit", signature, |_, a| {
        let omitted: Vec<_> = (1..a.len()).map(|index| text(a, index)).collect();
        let kept = map(a, 0)
            .iter()
            .filter(|(key, _)| !omitted.iter().any(|one| **one == **key));
        Ok(Value::Map(kept.collect()))
    });
    let signature = Signature::variadic(&[Parameter::Map], Parameter::Map);
    for (name, overwrite) in [
        ("merge", false),
        ("mustMerge", false),
        ("mergeOverwrite", true),
        ("mustMergeOverwrite", true),
    ] {
        table.register(name, signature, move |_, a| {
            let given = map(a, 0);
            // A nil map is made where there is something to merge into it.
            let target = if given.is_nil() && a.len() > 1 {
                Map::new()
            } else {
                given
            };
            for index in 1..a.len() {
                merge(&target, &map(a, index), overwrite);
            }
            Ok(Value::Map(target))
        });
    }
    for name in ["deepCopy", "mustDeepCopy"] {
        table.register(name, ANY, |_, a| {
            if any(a, 0).is_nil() {
                return Err("reflect: call of reflect.Value.Type on zero Value".into());
            }
            any(a, 0)
                .try_deep_copy()
                .ok_or_else(super::limits::nested_too_deep)
        });
    }
    table.register("dig", Signature::ANY, |_, a| dig(a));
}

/// Fills what is missing or empty in the target; overwriting replaces all but whole maps.
fn merge(target: &Map, source: &Map, overwrite: bool) {
    if target.pointer_equal(source) {
        return;
    }
    for (key, new) in source {
        let old = target.get(&key);
        if new.is_nil() {
            if overwrite {
                target.set(key, Value::Nil);
            }
            continue;
        }
        if let (Some(new), Some(old)) = (map_of(&new), old.as_ref().and_then(map_of)) {
            merge(&old, &new, overwrite);
            if !old.is_empty() {
                continue;
            }
        }
        let filled = old.as_ref().is_some_and(Value::is_true);
        if !filled || overwrite {
            target.set(key, typed(target, new));
        }
    }
}

/// Returns the map that a value is, also under a name of its own as `.Values` is.
fn map_of(value: &Value) -> Option<Map> {
    match value {
        Value::Map(map) => Some(map.clone()),
        Value::Host(host) => match host.underlying() {
            Some(Value::Map(map)) => Some(map),
            _ => None,
        },
        _ => None,
    }
}

/// Keeps the value as it is; maps with declared elements take only such.
fn typed(target: &Map, value: Value) -> Value {
    match target.element() {
        ElementKind::String => Value::String(strval(&value)),
        _ => value,
    }
}

/// Sprig converts by Go's type assertions: a map of a named type, as `.Values` is, is none.
fn dig(a: &[Value]) -> Outcome {
    let [keys @ .., default, dict] = a else {
        return Err("dig needs at least three arguments".into());
    };
    if keys.is_empty() {
        return Err("dig needs at least three arguments".into());
    }
    let wanted = ElementKind::Any;
    let as_map = |value: &Value| match value {
        Value::Map(map) if map.element() == wanted => Ok(map.clone()),
        other => Err(conversion(other, "map[string]interface {}")),
    };
    let mut map = as_map(dict)?;
    let names: Vec<&Text> = keys
        .iter()
        .map(|key| key.as_text().ok_or_else(|| conversion(key, "string")))
        .collect::<Result<_, _>>()?;
    for (index, name) in names.iter().enumerate() {
        match map.get(&name.to_str()) {
            None => return Ok(default.clone()),
            Some(value) if index + 1 == names.len() => return Ok(value),
            Some(value) => map = as_map(&value)?,
        }
    }
    Ok(default.clone())
}

fn conversion(value: &Value, wanted: &str) -> FunctionError {
    let found = if value.is_nil() {
        "nil".into()
    } else {
        value.type_name()
    };
    FunctionError::new(format!(
        "interface conversion: interface {{}} is {found}, not {wanted}"
    ))
}
