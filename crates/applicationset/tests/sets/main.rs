//! Our own `ApplicationSet`s, one for each rule, against what Argo CD's controller makes of them, as
//! `./e2e/run --record applicationsets` keeps it in `expected.json` beside them.

mod case;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

#[test]
fn applications_are_those_of_argo_cd() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../e2e/sources/applicationsets");
    let expected = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let expected: BTreeMap<String, Value> = serde_json::from_str(&expected).unwrap();
    let (mut applications, mut differences) = (0, Vec::new());
    for (file, expected) in &expected {
        let (number, found) = case::compared(&folder, file, expected);
        applications += number;
        differences.extend(found);
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(expected.len() > 50 && applications > 100, "{applications}");
}
