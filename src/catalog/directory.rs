//! What an Application says about its directory: takes `directory` of a source, gives options and what
//! is wrong with them, never reads the directory.

use serde_json::Value;

use crate::definition::Repository;

use super::application::{list, texts};
use super::fields::{Mistake, Type, mistakes};
use super::service::{DirectoryOptions, JsonnetOptions, JsonnetVariable};
use super::source::text_of;

/// The fields with their types.
///
/// Source: the schema of Argo CD's `Application`, `spec.source.directory`.
const FIELDS: &[(&str, Type)] = &[
    ("recurse", Type::Truth),
    ("include", Type::Text),
    ("exclude", Type::Text),
    ("jsonnet", Type::Map),
];
const JSONNET_FIELDS: &[(&str, Type)] = &[
    ("extVars", Type::Maps),
    ("tlas", Type::Maps),
    ("libs", Type::Texts),
];
const VARIABLE_FIELDS: &[(&str, Type)] = &[
    ("name", Type::Text),
    ("value", Type::Text),
    ("code", Type::Truth),
];

/// Reads options of the source at a place in `spec`, and what is wrong with them; `substitute` fills in
/// the build environment.
pub(super) fn read(
    directory: &Value,
    at: &str,
    mut substitute: impl FnMut(&str) -> String,
) -> (DirectoryOptions, Vec<Mistake>) {
    let at = format!("{at}.directory");
    let mut wrong = mistakes(&at, directory, FIELDS);
    let text = |key: &str| Some(text_of(directory, key).to_owned()).filter(|text| !text.is_empty());
    let empty = Value::Null;
    let jsonnet = directory
        .get("jsonnet")
        .filter(|jsonnet| jsonnet.is_object());
    let jsonnet = jsonnet.unwrap_or(&empty);
    let at = format!("{at}.jsonnet");
    wrong.extend(mistakes(&at, jsonnet, JSONNET_FIELDS));
    let mut libraries = Vec::new();
    for given in texts(jsonnet.get("libs")) {
        // Relative to the repository, not to the Application's directory, as Argo CD has it.
        match Repository::resolve("", &given) {
            Some(path) => libraries.push(path),
            None => wrong.push(Mistake::new(format!(
                "has the Jsonnet library {given}, which leads out of the repository"
            ))),
        }
    }
    let mut variables = |key: &str| {
        let mut variables = Vec::new();
        for (index, entry) in list(jsonnet.get(key)).iter().enumerate() {
            let at = format!("{at}.{key}[{index}]");
            wrong.extend(mistakes(&at, entry, VARIABLE_FIELDS));
            if entry.is_object() && text_of(entry, "name").is_empty() {
                wrong.push(Mistake::new(format!("has spec{at} without a name")));
            }
            variables.push(JsonnetVariable {
                name: text_of(entry, "name").to_owned(),
                value: substitute(text_of(entry, "value")),
                code: entry.get("code") == Some(&Value::Bool(true)),
            });
        }
        variables
    };
    let (external_variables, arguments) = (variables("extVars"), variables("tlas"));
    let options = DirectoryOptions {
        recurse: directory.get("recurse") == Some(&Value::Bool(true)),
        include: text("include"),
        exclude: text("exclude"),
        jsonnet: JsonnetOptions {
            libraries,
            external_variables,
            arguments,
        },
    };
    (options, wrong)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn jsonnet_is_read_with_the_build_environment_filled_in() {
        let given = json!({"recurse": true, "include": "", "jsonnet": {
            "libs": ["vendor", "/lib/x/"],
            "extVars": [{"name": "a", "value": "$NAME"}],
            "tlas": [{"name": "b", "value": "1", "code": true}],
        }});
        let (options, wrong) = read(&given, ".source", |text| text.replace("$NAME", "web"));
        assert_eq!(wrong, []);
        assert!(options.recurse);
        assert_eq!(options.include, None);
        assert_eq!(options.jsonnet.libraries, ["vendor", "lib/x"]);
        assert_eq!(options.jsonnet.external_variables[0].value, "web");
        assert!(options.jsonnet.arguments[0].code);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_name() {
        for (given, expected) in [
            (
                json!({"recursive": true}),
                "spec.sources[2].directory.recursive",
            ),
            (json!({"recurse": "yes"}), "true or false"),
            (
                json!({"jsonnet": {"extvars": []}}),
                "did you mean `extVars`",
            ),
            (json!({"jsonnet": {"libs": ["../x"]}}), "leads out"),
            (
                json!({"jsonnet": {"tlas": [{"value": "x"}]}}),
                "without a name",
            ),
            (
                json!({"jsonnet": {"tlas": [{"name": "x", "value": 1}]}}),
                "a text",
            ),
            (json!({"jsonnet": {"tlas": {}}}), "a list of maps"),
        ] {
            let (_, wrong) = read(&given, ".sources[2]", str::to_owned);
            let [mistake] = <[Mistake; 1]>::try_from(wrong).expect("one mistake");
            let said = format!("{} {}", mistake.what, mistake.help.unwrap_or_default());
            assert!(said.contains(expected), "{said}");
        }
    }
}
