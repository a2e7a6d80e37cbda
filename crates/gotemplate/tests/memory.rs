//! What a run that remembers may and may not leave out: takes templates that count how often they
//! are executed, gives checks of the counts and of the texts.

#![expect(clippy::unwrap_used, reason = "a failed test should panic")]

use std::cell::Cell;
use std::sync::Arc;

use gotemplate::{
    Call, Engine, FunctionTable, Limits, Map, MissingKey, Parameter, Signature, TemplateSet, Value,
    from_json,
};
use serde_json::json;

/// Functions that count calls of `seen` in the context.
fn functions() -> Arc<FunctionTable> {
    let mut table = FunctionTable::new();
    let count = |call: &Call<'_>| {
        let count = call.context().downcast_ref::<Cell<usize>>().unwrap();
        count.set(count.get() + 1);
    };
    table.register("seen", Signature::fixed(&[]), move |call, _| {
        count(call);
        Ok("".into())
    });
    table.register("random", Signature::fixed(&[]), move |call, _| {
        count(call);
        call.is_unsteady();
        Ok("".into())
    });
    let signature = Signature::fixed(&[Parameter::Any, Parameter::String, Parameter::Any]);
    table.register("set", signature, |_, values| {
        let key = values[1].as_text().unwrap().to_key();
        values[0].as_map().unwrap().set(key, values[2].clone());
        Ok("".into())
    });
    table.register("dict", Signature::ANY, |_, values| {
        let key = |value: &Value| value.as_text().unwrap().to_key();
        let pairs = values.chunks(2);
        let map: Map = pairs.map(|pair| (key(&pair[0]), pair[1].clone())).collect();
        Ok(map.into())
    });
    let signature = Signature::fixed(&[Parameter::String, Parameter::Any]);
    table.register("include", signature, |call, values| {
        let name = values[0].as_text().unwrap().to_str().into_owned();
        Ok(call.execute_template(&name, values[1].clone())?.into())
    });
    table.register("tpl", signature, |call, values| {
        let text = values[0].as_text().unwrap().to_str().into_owned();
        Ok(call.execute_text("text", &text, values[1].clone())?.into())
    });
    Arc::new(table)
}

/// Executes a text that may use some definitions; returns what it gives and how often `seen` was
/// called.
fn executed(text: &str) -> (String, usize) {
    let mut set = TemplateSet::new(functions()).with_missing_key(MissingKey::Zero);
    set.parse("main", text).unwrap();
    for definition in [
        r#"{{define "a"}}{{seen}}{{.a}}{{end}}"#,
        r#"{{define "outer"}}{{include "a" .}}{{end}}"#,
        r#"{{define "writes"}}{{seen}}{{set . "a" "new"}}{{end}}"#,
        r#"{{define "writes own"}}{{seen}}{{$own := dict "x" .a}}{{set $own "y" "z"}}{{$own}}{{end}}"#,
        r#"{{define "rolls"}}{{random}}{{end}}"#,
        r#"{{define "rolls below"}}{{include "rolls" .}}{{end}}"#,
        r#"{{define "reads unsteady"}}{{seen}}{{.unsteady.name}}{{end}}"#,
    ] {
        set.parse("definitions", definition).unwrap();
    }
    let Value::Map(data) = from_json(&json!({"a": "old", "b": {"a": "b"}})) else {
        unreachable!()
    };
    let unsteady = |name: &str| Map::unsteady([("name".into(), name.into())]);
    data.set("unsteady", unsteady("one"));
    let count = Cell::new(0);
    let engine = Engine::new(&set, &count, Limits::default()).remembering();
    let text = engine.execute("main", data.clone().into()).unwrap();
    let mut all = text.to_str().into_owned();
    if text == "one" {
        data.renew("unsteady", unsteady("two"));
        all.push_str(&engine.execute("main", data.into()).unwrap().to_str());
    }
    (all, count.get())
}

#[test]
fn the_same_is_not_executed_twice() {
    for (text, expected, count) in [
        (r#"{{include "a" .}} {{include "a" $}}"#, "old old", 1),
        (r#"{{include "a" .}} {{include "outer" .}}"#, "old old", 1),
        (
            r#"{{include "a" (dict "a" 1)}}{{include "a" (dict "a" 1)}}"#,
            "11",
            1,
        ),
        (
            r#"{{include "a" (dict "a" 1)}}{{include "a" (dict "a" "1")}}"#,
            "11",
            2,
        ),
        (r#"{{include "a" .}} {{include "a" .b}}"#, "old b", 2),
        (
            r#"{{include "writes own" .}}{{include "writes own" .}}"#,
            "map[x:old y:z]map[x:old y:z]",
            1,
        ),
        (
            r#"{{tpl "{{seen}}{{.a}}" .}}{{tpl "{{seen}}{{.a}}" .}}"#,
            "oldold",
            1,
        ),
        (
            r#"{{tpl "{{seen}}{{.a}}" .}}{{tpl "{{seen}}{{.a}}" .b}}"#,
            "oldb",
            2,
        ),
    ] {
        assert_eq!(executed(text), (expected.to_owned(), count), "{text}");
    }
}

#[test]
fn what_changed_is_executed_again() {
    for (text, expected, count) in [
        (
            r#"{{include "a" .}} {{set . "a" "new"}}{{include "a" .}} {{include "a" .}}"#,
            "old new new",
            2,
        ),
        (
            r#"{{include "outer" .}} {{set . "c" 1}}{{include "outer" .}}"#,
            "old old",
            2,
        ),
        (
            r#"{{include "a" .}} {{include "writes" .}}{{include "a" .}} {{include "writes" .}}"#,
            "old new ",
            4,
        ),
        (
            r#"{{$d := dict "a" .b}}{{include "a" $d}} {{set .b "a" "c"}}{{include "a" $d}}"#,
            "map[a:b] map[a:c]",
            2,
        ),
    ] {
        assert_eq!(executed(text), (expected.to_owned(), count), "{text}");
    }
}

#[test]
fn a_change_of_a_later_map_lets_earlier_texts_stand() {
    let text = r#"{{include "a" .}}{{$d := dict}}{{set $d "x" 1}}{{include "a" .}}"#;
    assert_eq!(executed(text), ("oldold".to_owned(), 1));
}

#[test]
fn what_is_not_always_the_same_is_executed_each_time() {
    let text = r#"{{include "rolls below" .}}{{include "rolls below" .}}"#;
    assert_eq!(executed(text).1, 2);
    // The second execution finds another map in the place of the unsteady one.
    let text = r#"{{include "reads unsteady" .}}"#;
    assert_eq!(executed(text), ("onetwo".to_owned(), 2));
}

#[test]
fn definitions_of_a_text_hide_those_of_the_set_within_it_alone() {
    let text = r#"{{include "outer" .}} {{tpl "{{define \"a\"}}{{seen}}hidden{{end}}{{include \"outer\" .}}" .}} {{include "outer" .}}"#;
    assert_eq!(executed(text), ("old hidden old".to_owned(), 2));
    let text = r#"{{tpl "{{if .a}}{{include \"text\" (dict)}}{{else}}x{{end}}" .}}"#;
    assert_eq!(executed(text).0, "x");
}
