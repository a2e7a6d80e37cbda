//! Functions and host types for the tests: takes nothing, gives a table that the program which made
//! the expected results has too, never stands in for the engine.

use std::borrow::Cow;
use std::sync::Arc;

use gotemplate::{
    Call, ElementKind, FunctionError, FunctionTable, Host, Kind, Limits, List, Map, MissingKey,
    Parameter, Signature, TemplateSet, Text, Value,
};

type Outcome = Result<Value, FunctionError>;

pub(crate) fn render(
    functions: &Arc<FunctionTable>,
    template: &str,
    data: Value,
    missing_key: MissingKey,
) -> Result<String, String> {
    let mut set = TemplateSet::new(Arc::clone(functions))
        .with_name("main")
        .with_missing_key(missing_key);
    set.parse("main", template)
        .map_err(|error| error.to_string())?;
    set.execute("main", data, &(), Limits::default())
        .map_err(|error| error.to_string())
}

pub(crate) fn functions() -> Arc<FunctionTable> {
    use Parameter::{Any, Bool, Float64, Int, Int64, Map as MapOf, String as Str, Strings};
    let mut table = FunctionTable::new();
    let mut plain = |name: &str, signature: Signature, body: fn(&[Value]) -> Outcome| {
        table.register(name, signature, move |_, values| body(values));
    };
    plain("list", Signature::ANY, |values| {
        Ok(Value::from(values.to_vec()))
    });
    plain("dict", Signature::ANY, |values| {
        let pairs = values.chunks_exact(2);
        Ok(Value::Map(
            pairs
                .map(|pair| (gotemplate::format::display(&pair[0]), pair[1].clone()))
                .collect(),
        ))
    });
    plain("strs", Signature::variadic(&[], Str), |values| {
        Ok(Value::List(List::strings(values.iter().cloned())))
    });
    plain("strmap", Signature::variadic(&[], Str), |values| {
        let map = Map::with_element(ElementKind::String);
        for pair in values.chunks_exact(2) {
            map.set(text(&pair[0]).to_key(), pair[1].clone());
        }
        Ok(Value::Map(map))
    });
    plain("int64", Signature::fixed(&[Int]), |values| {
        Ok(Value::Int64(int(&values[0])))
    });
    plain("uint64", Signature::fixed(&[Int]), |values| {
        Ok(Value::Uint64(u64::try_from(int(&values[0])).unwrap()))
    });
    plain("float", Signature::fixed(&[Float64]), |values| {
        Ok(values[0].clone())
    });
    plain("bytes", Signature::fixed(&[Str]), |values| {
        Ok(Value::Bytes(text(&values[0]).as_bytes().into()))
    });
    plain("upper", Signature::fixed(&[Str]), |values| {
        Ok(Value::from(text(&values[0]).to_str().to_uppercase()))
    });
    plain("add", Signature::fixed(&[Int, Int]), |values| {
        Ok(Value::Int(int(&values[0]) + int(&values[1])))
    });
    plain("add64", Signature::fixed(&[Int64, Int64]), |values| {
        Ok(Value::Int64(int(&values[0]) + int(&values[1])))
    });
    plain("trunc", Signature::fixed(&[Int, Str]), |values| {
        let length = usize::try_from(int(&values[0])).unwrap();
        let bytes = text(&values[1]).as_bytes();
        Ok(Value::String(Text::from_bytes(
            bytes[..length.min(bytes.len())].to_vec(),
        )))
    });
    plain("not2", Signature::fixed(&[Bool]), |values| {
        Ok(Value::Bool(!values[0].is_true()))
    });
    plain("boom", Signature::fixed(&[Str]), |values| {
        Err(format!("boom {}", text(&values[0])).into())
    });
    plain("null", Signature::fixed(&[]), |_| Ok(Value::Nil));
    plain("echo", Signature::fixed(&[Any]), |values| {
        Ok(values[0].clone())
    });
    plain("set", Signature::fixed(&[MapOf, Str, Any]), |values| {
        let map = values[0].as_map().unwrap();
        map.set(text(&values[1]).to_key(), values[2].clone());
        Ok(values[0].clone())
    });
    plain("count", Signature::fixed(&[Parameter::List]), |values| {
        Ok(length(values))
    });
    plain("counts", Signature::fixed(&[Strings]), |values| {
        Ok(length(values))
    });
    plain("countm", Signature::fixed(&[MapOf]), |values| {
        Ok(Value::Int(
            i64::try_from(values[0].as_map().unwrap().len()).unwrap(),
        ))
    });
    plain("object", Signature::fixed(&[]), |_| Ok(Value::host(Object)));
    plain("named", Signature::fixed(&[]), |_| Ok(Value::host(Named)));
    plain("dur", Signature::fixed(&[]), |_| {
        Ok(Value::host(Duration(5)))
    });
    plain("adder", Signature::fixed(&[]), |_| Ok(Value::host(Adder)));
    plain("raw", Signature::fixed(&[]), |_| {
        Ok(Value::String(Text::from_bytes(vec![0xff, 0xfe])))
    });
    table.register(
        "include",
        Signature::fixed(&[Str, Any]),
        |call: &mut Call<'_>, values| {
            let name = text(&values[0]).to_str().into_owned();
            Ok(Value::from(
                call.execute_template(&name, values[1].clone())?,
            ))
        },
    );
    table.register(
        "tpl",
        Signature::fixed(&[Str, Any]),
        |call: &mut Call<'_>, values| {
            let template = text(&values[0]).to_str().into_owned();
            let result = call.execute_text("main", &template, values[1].clone());
            let output = result.map_err(|error| {
                let quoted = gotemplate::format::quote(&template);
                let message = if error.parse_error.is_some() {
                    format!("cannot parse template {quoted}")
                } else {
                    format!("error during tpl function execution for {quoted}")
                };
                FunctionError::within(message, error)
            })?;
            Ok(Value::from(output))
        },
    );
    Arc::new(table)
}

fn length(values: &[Value]) -> Value {
    Value::Int(i64::try_from(values[0].as_list().unwrap().len()).unwrap())
}

fn text(value: &Value) -> &Text {
    value.as_text().unwrap()
}

fn int(value: &Value) -> i64 {
    match value {
        Value::Int(number) | Value::Int64(number) => *number,
        other => panic!("{other:?} is no integer"),
    }
}

/// A pointer to a structure with fields and methods.
#[derive(Debug)]
struct Object;

impl Host for Object {
    fn type_name(&self) -> Cow<'static, str> {
        "*main.Object".into()
    }

    fn kind(&self) -> Kind {
        Kind::Pointer
    }

    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "Name" => Value::from("obj"),
            "Count" => Value::Int(3),
            "Tags" => {
                let map = Map::with_element(ElementKind::String);
                map.set("a", "b");
                Value::Map(map)
            }
            "Any" => Value::Map([("k", Value::from("v"))].into_iter().collect()),
            _ => return None,
        })
    }

    fn fields(&self) -> Option<Vec<(&'static str, Value)>> {
        let names = ["Name", "Count", "Tags", "Any"];
        Some(
            names
                .into_iter()
                .filter_map(|name| Some((name, self.field(name)?)))
                .collect(),
        )
    }

    fn signature(&self, method: &str) -> Option<Signature> {
        Some(match method {
            "Greet" | "Fail" => Signature::fixed(&[Parameter::String]),
            "Label" => Signature::fixed(&[]),
            "Join" => Signature::variadic(&[Parameter::String], Parameter::String),
            _ => return None,
        })
    }

    fn method(&self, name: &str, arguments: &[Value]) -> Outcome {
        Ok(Value::from(match name {
            "Greet" => format!("hello {} from obj", text(&arguments[0])),
            "Fail" => return Err(format!("failed: {}", text(&arguments[0])).into()),
            "Join" => {
                let parts: Vec<_> = arguments[1..]
                    .iter()
                    .map(|value| text(value).to_str())
                    .collect();
                parts.join(&text(&arguments[0]).to_str())
            }
            _ => "label-obj".to_owned(),
        }))
    }
}

/// `type Strings []string` with a method.
#[derive(Debug)]
struct Named;

impl Host for Named {
    fn type_name(&self) -> Cow<'static, str> {
        "main.Strings".into()
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::List(List::strings(["x", "y"])))
    }

    fn signature(&self, method: &str) -> Option<Signature> {
        (method == "Has").then_some(Signature::fixed(&[Parameter::String]))
    }

    fn method(&self, _: &str, arguments: &[Value]) -> Outcome {
        let wanted = text(&arguments[0]);
        Ok(Value::Bool(*wanted == "x" || *wanted == "y"))
    }
}

/// `type Duration int64` with a `String` method.
#[derive(Debug)]
struct Duration(i64);

impl Host for Duration {
    fn type_name(&self) -> Cow<'static, str> {
        "main.Duration".into()
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::Int64(self.0))
    }

    fn display(&self) -> Option<String> {
        Some(format!("{}ns", self.0))
    }
}

/// `func(int, int) int`.
#[derive(Debug)]
struct Adder;

impl Host for Adder {
    fn type_name(&self) -> Cow<'static, str> {
        "func(int, int) int".into()
    }

    fn kind(&self) -> Kind {
        Kind::Function
    }

    fn signature(&self, method: &str) -> Option<Signature> {
        method
            .is_empty()
            .then_some(Signature::fixed(&[Parameter::Int, Parameter::Int]))
    }

    fn method(&self, _: &str, arguments: &[Value]) -> Outcome {
        Ok(Value::Int(int(&arguments[0]) + int(&arguments[1])))
    }
}
