//! What a program does with the engine beyond rendering: takes sets, limits, contexts and threads,
//! gives checks of errors as data and of sharing, never compares with Go (`oracle` does).

#![expect(clippy::unwrap_used, reason = "a failed test should panic")]

mod support;

use std::cell::RefCell;
use std::sync::Arc;

use gotemplate::{
    Engine, ExecError, FunctionTable, Limits, Map, MissingKey, Signature, TemplateSet, Value,
    from_json, to_json,
};
use serde_json::json;

fn set(templates: &[(&str, &str)]) -> TemplateSet {
    let mut set = TemplateSet::new(support::functions()).with_name("root");
    for (name, text) in templates {
        set.parse(name, *text).unwrap();
    }
    set
}

fn failure(set: &TemplateSet, name: &str, limits: Limits) -> ExecError {
    set.execute(name, from_json(&json!({"a": "text"})), &(), limits)
        .unwrap_err()
}

#[test]
fn an_error_tells_its_place_and_the_way_there() {
    let set = set(&[
        (
            "helpers",
            "{{define \"one\"}}\n  {{include \"two\" .}}{{end}}",
        ),
        ("more", "{{define \"two\"}}é {{.a.b}}{{end}}"),
        ("main", "x\n\n{{ template \"one\" . }}"),
    ]);
    let error = failure(&set, "main", Limits::default());
    let place = error.place.as_ref().unwrap();
    assert_eq!((&*place.template, &*place.executing), ("more", "two"));
    assert_eq!((place.line, place.column, place.byte_column), (1, 23, 23));
    assert_eq!(place.context, ".a.b");
    assert_eq!(error.message, "can't evaluate field b in type interface {}");
    let chain: Vec<_> = error
        .include_chain
        .iter()
        .map(|frame| {
            (
                &*frame.place.template,
                frame.place.line,
                frame.function.as_deref(),
            )
        })
        .collect();
    assert_eq!(chain, [("main", 3, None), ("helpers", 2, Some("include"))]);
}

#[test]
fn a_syntax_error_tells_line_and_column() {
    let mut set = TemplateSet::new(support::functions());
    let error = set
        .parse("file", "ok\n  {{ if .a }}\n {{ é }}")
        .unwrap_err();
    assert_eq!((&*error.template, error.line, error.column), ("file", 3, 5));
    assert_eq!(error.message, "function \"é\" not defined");
    assert!(!set.contains("file"));
}

#[test]
fn an_error_of_an_executed_text_keeps_its_parse_error() {
    let set = set(&[("main", "{{tpl \"{{ if }}\" .}}")]);
    let error = failure(&set, "main", Limits::default());
    assert_eq!(
        error.parse_error.as_ref().unwrap().message,
        "missing value for if"
    );
    assert_eq!(error.include_chain.len(), 1);
}

#[test]
fn endless_recursion_is_stopped() {
    let set = set(&[
        (
            "include",
            "{{define \"i\"}}{{include \"i\" .}}{{end}}{{include \"i\" .}}",
        ),
        (
            "action",
            "{{define \"t\"}}{{template \"t\" .}}{{end}}{{template \"t\" .}}",
        ),
        (
            "text",
            "{{define \"x\"}}{{tpl \"{{include \\\"x\\\" .}}\" .}}{{end}}{{include \"x\" .}}",
        ),
    ]);
    for name in ["include", "action", "text"] {
        let error = failure(&set, name, Limits::default());
        assert_eq!(
            error.message, "exceeded maximum template depth (5000): a recursion that does not end",
            "{name}"
        );
    }
}

#[test]
fn output_and_steps_are_limited() {
    let set = set(&[("main", "{{range 1000000}}{{range 1000000}}x{{end}}{{end}}")]);
    let error = failure(
        &set,
        "main",
        Limits {
            output_bytes: 1000,
            ..Limits::default()
        },
    );
    assert!(
        error
            .message
            .starts_with("exceeded maximum output (1000 bytes")
    );
    let error = failure(
        &set,
        "main",
        Limits {
            steps: 1000,
            ..Limits::default()
        },
    );
    assert!(
        error
            .message
            .starts_with("exceeded maximum number of steps (1000)")
    );
}

#[test]
fn deep_nesting_neither_overflows_nor_hangs() {
    let mut set = set(&[
        (
            "list",
            "{{$l := list}}{{range 50000}}{{$l = list $l}}{{end}}{{len $l}}",
        ),
        (
            "cycle",
            "{{$m := dict}}{{$_ := set $m \"a\" $m}}{{$_ := set $m \"b\" $m}}{{len (print $m)}}",
        ),
    ]);
    let limits = Limits::default();
    assert_eq!(set.execute("list", Value::Nil, &(), limits).unwrap(), "1");
    assert!(
        set.execute("cycle", Value::Nil, &(), limits)
            .unwrap()
            .parse::<usize>()
            .unwrap()
            > 0
    );
    let text = |depth| format!("{{{{{}1{}}}}}", "(".repeat(depth), ")".repeat(depth));
    set.parse("parentheses", text(499)).unwrap();
    assert_eq!(
        set.execute("parentheses", Value::Nil, &(), limits).unwrap(),
        "1"
    );
    let error = set.parse("parentheses", text(501)).unwrap_err();
    assert_eq!(error.message, "max expression depth exceeded");
}

#[test]
fn a_map_that_contains_itself_is_copied_and_refused_by_json() {
    let map = Map::new();
    map.set("self", map.clone());
    map.set("again", map.clone());
    assert_eq!(map.deep_copy().len(), 2);
    assert!(to_json(&Value::Map(map.clone())).is_err());
    // A map that contains itself is never freed otherwise.
    map.remove("self");
    map.remove("again");
}

#[test]
fn later_definitions_win_unless_they_are_blank() {
    let set = set(&[
        ("a", "{{define \"x\"}}first{{end}}"),
        ("b", "{{define \"x\"}}second{{end}}"),
        ("c", "{{define \"x\"}} {{/* nothing */}} {{end}}"),
        ("main", "{{template \"x\"}}"),
        ("main", "  "),
    ]);
    assert_eq!(
        set.execute("main", Value::Nil, &(), Limits::default())
            .unwrap(),
        "second"
    );
    assert_eq!(
        set.names().collect::<Vec<_>>(),
        ["a", "b", "c", "main", "x"]
    );
}

#[test]
fn delimiters_can_be_chosen() {
    let mut set = TemplateSet::new(support::functions())
        .with_delimiters("<<", ">>")
        .with_name("root");
    set.parse("main", "{{.}} <<- .a -|>> <<.a>>").unwrap_err();
    set.parse("main", "{{.}} <<- .a ->> <</* c */>>.").unwrap();
    let data = from_json(&json!({"a": 1}));
    assert_eq!(
        set.execute("main", data, &(), Limits::default()).unwrap(),
        "{{.}}1."
    );
}

#[test]
fn functions_reach_the_context_and_their_place() {
    let mut table = FunctionTable::new();
    table.register("note", Signature::ANY, |call, values| {
        let notes = call
            .context()
            .downcast_ref::<RefCell<Vec<String>>>()
            .unwrap();
        let place = call.place();
        notes.borrow_mut().push(format!(
            "{} {} at {}:{} with {}",
            call.function(),
            call.active("main"),
            place.template,
            place.line,
            values.len()
        ));
        Ok(Value::Nil)
    });
    assert!(table.alias("jot", "note"));
    let mut set = TemplateSet::new(Arc::new(table));
    set.parse("main", "\n{{note 1 2}}{{with jot}}{{end}}")
        .unwrap();
    let notes = RefCell::new(Vec::<String>::new());
    set.execute("main", Value::Nil, &notes, Limits::default())
        .unwrap();
    assert_eq!(
        notes.take(),
        ["note 1 at main:2 with 2", "jot 1 at main:2 with 0"]
    );
}

#[test]
fn one_set_serves_several_threads() {
    let set = Arc::new(set(&[("main", "{{range .a}}{{.}}-{{end}}")]));
    let threads: Vec<_> = (0..4)
        .map(|number| {
            let set = Arc::clone(&set);
            std::thread::spawn(move || {
                let data = from_json(&json!({"a": [number, "x"]}));
                set.execute("main", data, &(), Limits::default()).unwrap()
            })
        })
        .collect();
    let found: Vec<_> = threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect();
    assert_eq!(found, ["0-x-", "1-x-", "2-x-", "3-x-"]);
}

#[test]
fn one_engine_executes_several_templates_with_shared_data() {
    let set = set(&[("a", "{{$_ := set . \"k\" \"v\"}}"), ("b", "{{.k}}")]);
    let data = Value::Map(Map::new());
    let engine = Engine::new(&set, &(), Limits::default());
    engine.execute("a", data.clone()).unwrap();
    assert_eq!(engine.execute("b", data).unwrap(), "v");
    let error = engine.execute("c", Value::Nil).unwrap_err();
    assert_eq!(
        error.to_string(),
        "template: no template \"c\" associated with template \"root\""
    );
}

#[test]
fn json_numbers_go_out_as_go_writes_them() {
    let json = json!({"a": [1, 1.5, -2, 1e6, 12_345_678_901_234_567_890_u64], "b": null});
    let value = from_json(&json);
    assert_eq!(
        support::render(
            &support::functions(),
            "{{.a}}",
            value.clone(),
            MissingKey::Default
        ),
        Ok("[1 1.5 -2 1e+06 1.2345678901234567e+19]".to_owned())
    );
    let back = to_json(&value).unwrap().to_string();
    assert_eq!(
        back,
        "{\"a\":[1,1.5,-2,1000000,12345678901234567000],\"b\":null}"
    );
    assert!(to_json(&Value::Float64(f64::NAN)).is_err());
}

#[test]
fn texts_parsed_together_are_as_those_parsed_one_by_one() {
    let text = |number: usize| {
        let body = "{{ if .a }}{{ .b }}{{ end }}".repeat(40);
        format!(
            "{{{{ define \"d{}\" }}}}{number}{{{{ end }}}}{body}",
            number % 7
        )
    };
    let names: Vec<String> = (0..200).map(|number| format!("t{number}")).collect();
    let mut texts: Vec<(&str, Arc<str>)> = names
        .iter()
        .enumerate()
        .map(|(number, name)| (name.as_str(), text(number).into()))
        .collect();
    let one_by_one = |texts: &[(&str, Arc<str>)]| {
        let mut set = TemplateSet::new(support::functions());
        let parsed = texts
            .iter()
            .try_for_each(|(name, text)| set.parse(name, Arc::clone(text)));
        parsed.map(|()| set)
    };
    let together = |texts: &[(&str, Arc<str>)]| {
        let mut set = TemplateSet::new(support::functions());
        set.parse_all(texts).map(|()| set)
    };
    let (one, all) = (one_by_one(&texts).unwrap(), together(&texts).unwrap());
    assert!(one.names().eq(all.names()));
    for name in one.names() {
        let give = |set: &TemplateSet| {
            let data = gotemplate::Value::Map([("a", true.into())].into_iter().collect());
            set.execute(name, data, &(), gotemplate::Limits::default())
        };
        assert_eq!(give(&one).unwrap(), give(&all).unwrap(), "{name}");
    }
    texts[150].1 = "{{ if }}".into();
    texts[120].1 = "a\n{{ nothing }}".into();
    let (one, all) = (
        one_by_one(&texts).unwrap_err(),
        together(&texts).unwrap_err(),
    );
    assert_eq!(one.to_string(), all.to_string());
    assert!(all.to_string().contains("t120:2"), "{all}");
    // Together they have too many tokens, which each alone has not.
    for (_, text) in &mut texts[..4] {
        *text = "{{.}}".repeat(300_000).into();
    }
    let (one, all) = (
        one_by_one(&texts).unwrap_err(),
        together(&texts).unwrap_err(),
    );
    assert_eq!(one.to_string(), all.to_string());
    assert!(all.to_string().contains("too many tokens"), "{all}");
}
