//! Templates that would take all the time or memory there is: each ends with an error that says
//! which limit it met.

#![expect(clippy::unwrap_used, reason = "a failed test should panic")]

use std::sync::Arc;

use gotemplate::{FunctionTable, Limits, Map, Parameter, Signature, TemplateSet, Value};

fn functions() -> FunctionTable {
    let mut functions = FunctionTable::new();
    functions.register("list", Signature::ANY, |_, a| Ok(a.to_vec().into()));
    functions.register("append", Signature::ANY, |_, a| {
        Ok(Value::List(a[0].as_list().unwrap().append([a[1].clone()])))
    });
    functions.register("double", Signature::fixed(&[Parameter::String]), |_, a| {
        let Value::String(text) = &a[0] else {
            return Err("no text".into());
        };
        Ok(text.to_str().repeat(2).into())
    });
    functions.register("dict", Signature::ANY, |_, _| Ok(Value::Map(Map::new())));
    functions.register("set", Signature::ANY, |_, a| {
        let Value::Map(map) = &a[0] else {
            return Err("no map".into());
        };
        map.set(gotemplate::format::display(&a[1]).as_str(), a[2].clone());
        Ok(a[0].clone())
    });
    functions.register("slow", Signature::ANY, |call, _| {
        call.spend_milliseconds(400)?;
        Ok("".into())
    });
    functions.register("tpl", Signature::fixed(&[Parameter::String]), |call, a| {
        let text = gotemplate::format::display(&a[0]);
        Ok(call.execute_text("tpl", &text, Value::Nil)?.into())
    });
    functions
}

fn run(template: &str, limits: Limits) -> Result<String, String> {
    let mut set = TemplateSet::new(Arc::new(functions()));
    set.parse("main", template)
        .map_err(|error| error.to_string())?;
    set.execute("main", Value::Map(Map::new()), &(), limits)
        .map_err(|error| error.to_string())
        .map(|text| text.chars().take(1_000_000).collect())
}

/// Joins numbered parts.
fn many(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().concat()
}

/// The error under limits that are met in well under a second.
fn refused(template: &str) -> String {
    let limits = Limits {
        steps: 200_000,
        output_bytes: 1 << 20,
        slow_milliseconds: 1000,
        ..Limits::default()
    };
    run(template, limits).unwrap_err()
}

const STEPS: &str = "exceeded maximum number of steps (200000)";
const BYTES: &str = "exceeded maximum output (1048576 bytes";

#[test]
fn loops_and_recursions_end() {
    for (template, limit) in [
        ("{{ range 1000000000 }}{{ end }}", STEPS),
        (
            "{{ range 1000000000 }}{{ range 1000000000 }}{{ end }}{{ end }}",
            STEPS,
        ),
        ("{{ range 1000000000 }}some text{{ end }}", BYTES),
        (
            r#"{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}"#,
            "exceeded maximum template depth (5000)",
        ),
        (
            r#"{{ define "a" }}{{ template "b" . }}{{ end }}{{ define "b" }}{{ template "a" . }}{{ end }}{{ template "a" . }}"#,
            "exceeded maximum template depth (5000)",
        ),
        // Twice as many calls on each level.
        (
            r#"{{ define "a" }}{{ if lt (len .) 60 }}{{ template "a" (append . 1) }}{{ template "a" (append . 1) }}{{ end }}{{ end }}{{ template "a" (list) }}"#,
            BYTES,
        ),
        (
            r#"{{ define "a" }}{{ tpl "{{ template \"a\" }}" }}{{ end }}{{ template "a" }}"#,
            STEPS,
        ),
    ] {
        let message = refused(template);
        let end = message.len().saturating_sub(200);
        let end = message.get(end..).unwrap_or(&message);
        assert!(message.contains(limit), "{template}: {end}");
        assert!(message.contains("template: main:1:"), "{template}: {end}");
    }
}

#[test]
fn what_functions_make_counts_though_it_is_never_written() {
    for (template, limit) in [
        (
            r#"{{ $t := "text" }}{{ range 40 }}{{ $t = double $t }}{{ end }}"#,
            BYTES,
        ),
        (
            r"{{ $l := list }}{{ range 1000000 }}{{ $l = append $l 1 }}{{ end }}",
            BYTES,
        ),
        (
            r#"{{ $t := "0123456789012345678901234567890123456789" }}{{ $d := dict }}{{ range 1000000 }}{{ $_ := set $d . (double $t) }}{{ end }}"#,
            BYTES,
        ),
        (
            r#"{{ range 1000000 }}{{ $_ := printf "%9999d" . }}{{ end }}"#,
            BYTES,
        ),
    ] {
        let message = refused(template);
        assert!(message.contains(limit), "{template}: {message}");
    }
}

#[test]
fn one_text_is_limited() {
    let many = "%999999d".repeat(100);
    let numbers = " 1".repeat(100);
    let message = run(
        &format!("{{{{ printf {many:?}{numbers} | len }}}}"),
        Limits::default(),
    );
    let expected =
        "error calling printf: made a text of more than 67108864 bytes, which no template needs";
    assert!(message.unwrap_err().ends_with(expected));
    // Go itself refuses a width of over a million.
    assert_eq!(
        run(r#"{{ printf "%999999999d" 1 }}"#, Limits::default()).unwrap(),
        "%!(NOVERB)%!(EXTRA int=1)"
    );
}

#[test]
fn printing_what_is_small_in_memory_and_huge_in_text_ends() {
    let leaf = "x".repeat(1 << 20);
    let nested = format!(
        "{{{{ $l := list {leaf:?} }}}}{{{{ range 60 }}}}{{{{ $l = list $l $l }}}}{{{{ end }}}}"
    );
    for print in [
        "{{ $l }}",
        "{{ print $l | len }}",
        r#"{{ printf "%v" $l | len }}"#,
    ] {
        let result = run(&format!("{nested}{print}"), Limits::default());
        let message = result.map(|text| text.len()).unwrap_err();
        let expected = "made a text of more than 67108864 bytes";
        assert!(message.contains(expected), "{print}: {message}");
    }
}

#[test]
fn what_is_slow_counts_before_it_is_done() {
    let message = refused("{{ range 1000 }}{{ slow }}{{ end }}");
    assert!(
        message.contains("exceeded maximum time for keys and password hashes (1000 ms)"),
        "{message}"
    );
}

#[test]
fn precisions_are_as_large_as_in_go() {
    for (directive, length) in [
        ("%.70000f", 70_002),
        ("%.70000e", 70_006),
        ("%.70000g", 3),
        ("%#.70000g", 70_001),
        ("%.70000x", 70_008),
    ] {
        let text = run(
            &format!("{{{{ printf {directive:?} 1.5 }}}}"),
            Limits::default(),
        )
        .unwrap();
        assert_eq!(text.len(), length, "{directive}");
    }
    for (directive, length) in [
        ("%.70000U", 70_002),
        ("%.70000d", 70_000),
        ("%70000q", 70_000),
    ] {
        let text = run(
            &format!("{{{{ printf {directive:?} 97 }}}}"),
            Limits::default(),
        )
        .unwrap();
        assert_eq!(text.len(), length, "{directive}");
    }
}

#[test]
fn texts_of_very_many_parts_parse_in_time_or_are_refused() {
    let parse = |text: &str| run(text, Limits::default()).map(|_| ());
    let variables = many(20_000, |n| format!("{{{{ $v{n} := 1 }}}}"));
    assert!(
        parse(&variables)
            .unwrap_err()
            .contains("too many variables")
    );
    let apart = many(20_000, |n| {
        format!("{{{{ if true }}}}{{{{ $v{n} := 1 }}}}{{{{ end }}}}")
    });
    parse(&apart).unwrap();
    let definitions = many(50_000, |n| {
        format!("{{{{ define \"d{n}\" }}}}x{{{{ end }}}}")
    });
    parse(&definitions).unwrap();
    let message = parse(&"{{.}}".repeat(350_000)).unwrap_err();
    assert!(
        message.contains("more than 1000000 tokens in one template"),
        "{message}"
    );
}

#[test]
fn errors_stay_short() {
    let long = "x".repeat(100_000);
    let message = run(
        &format!("{{{{ index (list 1) {long:?} }}}}"),
        Limits::default(),
    )
    .unwrap_err();
    assert!(message.len() < 20_000, "{} bytes", message.len());
}

#[test]
fn texts_of_one_set_count_together() {
    let mut set = TemplateSet::new(Arc::new(functions()));
    let text = "{{.}}".repeat(300_000);
    let message = (0..5)
        .map(|number| set.parse(&format!("t{number}"), text.as_str()))
        .find_map(Result::err)
        .unwrap()
        .to_string();
    assert_eq!(
        message,
        "template: t3:1: too many tokens in all templates together"
    );
}
