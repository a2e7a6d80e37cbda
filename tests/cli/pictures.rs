//! The graph as a page: what it holds must be what `graph --format json` tells, in markup that is
//! well-formed and asks nobody for anything.

use std::path::Path;

use serde_json::Value;

use crate::support::{Fixture, assert_output, run_in};

/// Returns standard output of a run that must succeed.
fn output(directory: &Path, arguments: &[&str]) -> String {
    let text = run_in(directory, arguments);
    let (_, output) = text.split_once("exit 0\n--- stdout\n").expect(&text);
    output.to_owned()
}

/// The elements that have no end.
const VOID: [&str; 3] = ["meta", "input", "!DOCTYPE"];

/// Walks through all tags; panics where one is not closed in order. Returns their number.
fn walk(page: &str) -> usize {
    let mut open: Vec<&str> = Vec::new();
    let mut count = 0;
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let end = rest.find('>').expect("a tag's end");
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        count += 1;
        assert_eq!(tag.matches('"').count() % 2, 0, "quotes in <{tag}>");
        let name = tag.split([' ', '\n', '/']).next().unwrap_or_default();
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') && !VOID.contains(&name) {
            open.push(name);
            if matches!(name, "script" | "style") {
                // Their content is no markup up to their own end.
                let close = format!("</{name}>");
                rest = &rest[rest.find(&close).expect("an end")..];
            }
        }
    }
    assert_eq!(open, Vec::<&str>::new());
    count
}

fn data(page: &str) -> (Value, String) {
    let (before, rest) = page
        .split_once("<script id=\"data\" type=\"application/json\">")
        .expect("the data");
    let (data, after) = rest.split_once("</script>").expect("its end");
    let value = serde_json::from_str(data).expect("JSON");
    (value, format!("{before}{after}"))
}

#[test]
fn the_page_holds_what_the_graph_holds() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for environment in ["sandbox", "kind", "datacenter"] {
        let page = output(root, &["graph", environment, "--format", "html"]);
        assert_eq!(
            page,
            output(root, &["graph", environment, "--format", "html"])
        );
        assert!(walk(&page) > 50);
        let (data, without) = data(&page);
        let told = output(root, &["graph", environment, "--format", "json"]);
        let graph: Value = serde_json::from_str(&told).expect("JSON");
        let services = graph["services"].as_array().expect("services");
        let names: Vec<&Value> = services.iter().map(|service| &service["name"]).collect();
        let shown = data["services"].as_array().expect("services");
        assert_eq!(
            shown.iter().map(|one| &one["name"]).collect::<Vec<_>>(),
            names
        );
        let mut edges = 0;
        for (index, service) in services.iter().enumerate() {
            let name = service["name"].as_str().expect("a name");
            assert!(
                without.contains(&format!(">{name}</text>")),
                "{name} is not drawn"
            );
            for edge in service["edges"].as_array().expect("edges") {
                edges += 1;
                let on = names.iter().position(|name| **name == edge["service"]);
                let wait = data["waits"]
                    .as_array()
                    .expect("waits")
                    .iter()
                    .find(|wait| {
                        wait["service"] == index
                            && Some(&wait["on"]) == on.map(Value::from).as_ref()
                    });
                let wait = wait.expect("an arrow for each edge");
                let reasons = wait["reasons"].as_array().expect("reasons");
                assert!(
                    reasons
                        .iter()
                        .any(|reason| reason["evidence"] == edge["evidence"])
                );
            }
        }
        assert!(edges > 5, "{edges} edges");
        let drawn = without.matches("data-wait=").count();
        assert_eq!(drawn, data["waits"].as_array().expect("waits").len());
    }
}

#[test]
fn the_page_asks_nobody_for_anything() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = output(root, &["graph", "kind", "--format", "html"]);
    let (_, without) = data(&page);
    let without = without.replace("http://www.w3.org/2000/svg", "");
    for word in [
        "http:",
        "https:",
        "src=",
        "href=",
        "url(",
        "@import",
        "fetch(",
        "XMLHttpRequest",
        "import(",
        "innerHTML",
        "eval(",
    ] {
        assert!(!without.contains(word), "the page has {word}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn a_picture_goes_to_a_file() {
    let fixture = Fixture::new();
    let told = fixture.run(&["graph", "test", "--format", "html", "-o", "graph.html"]);
    assert_eq!(
        told,
        "$ firstlight graph test --format html -o graph.html\nexit 0\n"
    );
    let printed = output(fixture.path(), &["graph", "test", "--format", "html"]);
    assert_eq!(fixture.read("graph.html"), printed);
    assert_output!(
        "graph_unwritable",
        fixture.run(&[
            "graph",
            "test",
            "--format",
            "dot",
            "-o",
            "missing/graph.dot"
        ])
    );
}

#[test]
fn arrows_that_follow_from_others_are_drawn_when_asked_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let arrows = |arguments: &[&str]| {
        let text = output(root, &[&["graph", "kind", "--format"], arguments].concat());
        text.matches("-> ").count()
    };
    assert!(arrows(&["dot"]) < arrows(&["dot", "--full"]));
    assert!(arrows(&["mermaid"]) < arrows(&["mermaid", "--full"]));
}
