//! What this crate adds to the language: where imports lead, what is refused, what errors name.

use std::path::Path;

use tempfile::TempDir;

use crate::{Error, Evaluation, Place, Variable, evaluate};

/// Returns a repository with these files.
fn repository(files: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().expect("a directory");
    for (path, text) in files {
        write(directory.path(), path, text);
    }
    directory
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
    std::fs::write(path, text).expect("a file");
}

fn of(directory: &TempDir) -> Evaluation {
    Evaluation {
        root: directory.path().to_owned(),
        libraries: Vec::new(),
        external_variables: Vec::new(),
        arguments: Vec::new(),
    }
}

fn variable(name: &str, value: &str, code: bool) -> Variable {
    Variable {
        name: name.to_owned(),
        value: value.to_owned(),
        code,
    }
}

fn failure(files: &[(&str, &str)]) -> Error {
    let directory = repository(files);
    evaluate(&of(&directory), files[0].0).expect_err("an error")
}

#[test]
fn variables_and_arguments_are_texts_or_code() {
    let directory = repository(&[(
        "app/main.jsonnet",
        "function(count, name='none') {a: std.extVar('a'), b: std.extVar('b'), c: count, d: name}",
    )]);
    let evaluation = Evaluation {
        external_variables: vec![
            variable("a", "{x: 1}", false),
            variable("b", "lost", false),
            variable("b", "{x: 1 + 1}", true),
        ],
        arguments: vec![variable("count", "[std.extVar('a')]", true)],
        ..of(&directory)
    };
    assert_eq!(
        evaluate(&evaluation, "app/main.jsonnet").as_deref(),
        Ok(r#"{"a": "{x: 1}", "b": {"x": 2}, "c": ["{x: 1}"], "d": "none"}"#)
    );
}

#[test]
fn imports_are_looked_for_beside_the_file_then_in_the_libraries_from_the_last() {
    let directory = repository(&[
        (
            "app/main.jsonnet",
            "[import 'a.libsonnet', import 'b.libsonnet', import 'd/c.libsonnet', importstr 't.txt', \
             std.length(importbin 't.txt')]",
        ),
        ("app/a.libsonnet", "'beside'"),
        ("one/a.libsonnet", "'one'"),
        ("one/b.libsonnet", "'one'"),
        ("two/b.libsonnet", "'two'"),
        ("two/d/c.libsonnet", "import '../b.libsonnet'"),
        ("two/t.txt", "é"),
    ]);
    let evaluation = Evaluation {
        libraries: vec!["one".to_owned(), "two".to_owned()],
        ..of(&directory)
    };
    assert_eq!(
        evaluate(&evaluation, "app/main.jsonnet").as_deref(),
        Ok(r#"["beside", "two", "two", "é", 2]"#)
    );
}

#[test]
fn nothing_outside_of_the_repository_is_read() {
    let outside = repository(&[("secret.txt", "secret")]);
    let secret = outside.path().join("secret.txt");
    let secret = secret.to_str().expect("a path");
    for (import, expected) in [
        ("../../secret.txt".to_owned(), "leads out of the repository"),
        (secret.to_owned(), "absolute path"),
        ("link.txt".to_owned(), "link that leads out"),
        ("up/secret.txt".to_owned(), "link that leads out"),
        ("directory".to_owned(), "is no file"),
    ] {
        let directory = repository(&[
            ("app/main.jsonnet", &format!("\n  importstr '{import}'")),
            ("app/directory/x", ""),
        ]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::symlink;
            symlink(secret, directory.path().join("app/link.txt")).expect("a link");
            symlink(outside.path(), directory.path().join("app/up")).expect("a link");
        }
        let error = evaluate(&of(&directory), "app/main.jsonnet").expect_err("an error");
        assert!(error.message.contains(expected), "{import}: {error}");
        let place = error.place.expect("a place");
        assert_eq!(place.to_string(), "app/main.jsonnet:2:3", "{import}");
    }
}

#[test]
fn links_within_the_repository_are_followed() {
    let directory = repository(&[("app/main.jsonnet", "import 'l'"), ("lib/x", "1")]);
    #[cfg(unix)]
    std::os::unix::fs::symlink("../lib/x", directory.path().join("app/l")).expect("a link");
    assert_eq!(
        evaluate(&of(&directory), "app/main.jsonnet").as_deref(),
        Ok("1")
    );
}

#[test]
fn errors_name_the_place_and_the_way_to_it() {
    let place = |file: &str, line, column| {
        Some(Place {
            file: file.to_owned(),
            line,
            column,
        })
    };
    let error = failure(&[
        ("main.jsonnet", "{\n  a: (import 'lib.libsonnet').f(1),\n}"),
        ("lib.libsonnet", "{ f(x)::\n  'é' + error 'no %d' % x }"),
    ]);
    assert_eq!(error.message, "no 1");
    assert_eq!(error.place, place("lib.libsonnet", 2, 9));
    assert!(
        error
            .trace
            .contains(&"a call at main.jsonnet:2:6".to_owned()),
        "{:?}",
        error.trace
    );
    let error = failure(&[
        ("main.jsonnet", "import 'lib.libsonnet'"),
        ("lib.libsonnet", "{ a: 1,\n b 2 }"),
    ]);
    assert_eq!(error.place, place("lib.libsonnet", 2, 4));
    assert!(error.message.contains("found a number"), "{error}");
    assert!(
        error
            .trace
            .contains(&"imported at main.jsonnet:1:1".to_owned())
    );
    let error = failure(&[("main.jsonnet", "{ a: std.extVar('b') }")]);
    assert_eq!(error.message, "there is no external variable b");
    assert_eq!(error.place, place("main.jsonnet", 1, 6));
    assert_eq!(failure(&[("m", "{a: y}")]).place, place("m", 1, 5));
}

#[test]
fn what_has_no_end_is_given_up() {
    for (program, expected) in [
        ("local f(x) = f(x + 1); f(0)", "nested too deeply"),
        ("local a = a; a", "needs itself"),
        ("import 'main.jsonnet'", "needs itself"),
        ("{ a: self.b, b: self.a }", "needs itself"),
    ] {
        let error = failure(&[("main.jsonnet", program)]);
        assert!(error.message.contains(expected), "{program}: {error}");
    }
}

#[test]
fn calls_may_be_as_deep_as_go_jsonnet_has_them() {
    let program = "local f(x) = if x == 0 then 0 else 1 + f(x - 1); f(498)";
    let directory = repository(&[("main.jsonnet", program)]);
    assert_eq!(
        evaluate(&of(&directory), "main.jsonnet").as_deref(),
        Ok("498")
    );
}

#[test]
fn what_is_asked_apart_is_answered_file_by_file() {
    let directory = repository(&[
        ("a.jsonnet", "[1,\n2]"),
        ("b.jsonnet", "error 'no'"),
        ("c", "1"),
    ]);
    let evaluation = of(&directory);
    let files = ["a.jsonnet", "b.jsonnet", "c"];
    let request = serde_json::json!({"evaluation": evaluation, "files": files});
    let mut output = Vec::new();
    crate::apart::answer(request.to_string().as_bytes(), &mut output).expect("an answer");
    let output = String::from_utf8(output).expect("a text");
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(lines[0], r#"{"Ok":"[1, 2]"}"#);
    assert!(lines[1].contains(r#""message":"no""#), "{output}");
    assert_eq!(lines.len(), 2);
}
