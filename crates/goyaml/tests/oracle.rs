//! What sigs.k8s.io/yaml v1.6.0 (over go.yaml.in/yaml/v2 v2.4.4) answered to our own inputs: takes
//! `cases.jsonl`, gives a list of the inputs that are read or written otherwise here.
//!
//! One case a line: `in`; `error`, or `json` (read) and `yaml` (written again); `strict`, the
//! answer to strict reading where it is another than to plain reading.

use serde_json::Value;

fn check(case: &Value) -> Result<(), String> {
    let field = |name: &str| case.get(name).and_then(Value::as_str);
    let input = field("in").ok_or("a case without input")?;
    match (goyaml::parse(input), field("error")) {
        (Err(error), Some(expected)) if error.to_string() == expected => {}
        (Ok(node), None) => {
            let expected: Value = serde_json::from_str(field("json").unwrap_or_default())
                .map_err(|error| error.to_string())?;
            let value = node.to_json();
            if value != expected {
                return Err(format!("read as {value} instead of {expected}"));
            }
            let written = goyaml::to_string(&value).map_err(|error| error.to_string())?;
            if Some(written.as_str()) != field("yaml") {
                return Err(format!(
                    "written as {written:?} instead of {:?}",
                    field("yaml")
                ));
            }
        }
        (answer, expected) => return Err(format!("{answer:?} instead of {expected:?}")),
    }
    let strict = goyaml::parse_strict(input)
        .err()
        .map(|error| error.to_string());
    let expected = field("strict")
        .or(field("error"))
        .filter(|message| !message.is_empty());
    if strict.as_deref() != expected {
        return Err(format!("strictly {strict:?} instead of {expected:?}"));
    }
    Ok(())
}

#[test]
fn reads_and_writes_as_go_does() {
    let cases: Vec<Value> = include_str!("cases.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(cases.len() > 600, "only {} cases", cases.len());
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            check(case)
                .err()
                .map(|why| format!("{}: {why}", case["in"]))
        })
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {}:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
}
