//! Keeps the values of Secrets out of messages: takes a manifest and a text, gives the text with
//! every value of the Secret replaced, never changes what is sent to the cluster.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// What stands in place of a secret value.
const MASK: &str = "***";

/// A shorter value, such as a user's name, is an ordinary word in a log: there it stays.
const SHORTEST_IN_LOG: usize = 8;

/// Returns the text without the values of the manifest, where that is a Secret.
///
/// Values of `data` are looked for as they stand (base64) and decoded.
pub fn mask_secret_values(manifest: &Value, text: &str) -> String {
    if manifest["kind"] != "Secret" {
        return text.to_owned();
    }
    without(text, values(manifest))
}

/// Returns a log without the values of these Secrets; of values of several lines, no line is left.
pub(super) fn mask_log(secrets: &[Value], log: &str) -> String {
    let lines = secrets
        .iter()
        .flat_map(values)
        .flat_map(|value| value.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| line.len() >= SHORTEST_IN_LOG);
    without(log, lines.collect())
}

fn values(secret: &Value) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for (key, encoded) in [("data", true), ("stringData", false)] {
        for value in secret[key]
            .as_object()
            .into_iter()
            .flat_map(|map| map.values())
        {
            let Some(value) = value.as_str().filter(|value| !value.is_empty()) else {
                continue;
            };
            values.push(value.to_owned());
            if encoded && let Some(decoded) = decode(value) {
                values.push(decoded);
            }
        }
    }
    values
}

fn without(text: &str, mut values: Vec<String>) -> String {
    // The longest first, so that no part of a longer value is left.
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    values.iter().fold(text.to_owned(), |text, value| {
        text.replace(value.as_str(), MASK)
    })
}

fn decode(value: &str) -> Option<String> {
    let bytes = STANDARD.decode(value).ok()?;
    String::from_utf8(bytes)
        .ok()
        .filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_secret_are_replaced_in_both_forms() {
        let secret = serde_json::json!({"kind": "Secret",
            "data": {"a": "aHVudGVyMg=="}, "stringData": {"b": "swordfish"}});
        let text = "bad: aHVudGVyMg== and hunter2 and swordfish";
        assert_eq!(
            mask_secret_values(&secret, text),
            "bad: *** and *** and ***"
        );
    }

    #[test]
    fn a_log_keeps_its_words_and_loses_secrets() {
        // As the API server lists them: the items carry no kind.
        let secrets = [
            serde_json::json!({"data": {"user": "cG9ydGFs", "password": "c3dvcmRmaXNo"}}),
            serde_json::json!({"stringData": {"key": "-----BEGIN\nabcdefghij\n"}}),
        ];
        let log = "portal: cannot log in with swordfish\nkey abcdefghij";
        assert_eq!(
            mask_log(&secrets, log),
            "portal: cannot log in with ***\nkey ***"
        );
    }

    #[test]
    fn other_kinds_are_left_alone() {
        let map = serde_json::json!({"kind": "ConfigMap", "data": {"a": "x"}});
        assert_eq!(mask_secret_values(&map, "x"), "x");
    }
}
