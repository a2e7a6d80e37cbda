//! Keeps the values of Secrets out of messages: takes a manifest and a text, gives the text with
//! every value of the Secret replaced, never changes what is sent to the cluster.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// What stands in place of a secret value.
const MASK: &str = "***";

/// Returns the text without the values of the manifest, where that is a Secret.
///
/// Values of `data` are looked for as they stand (base64) and decoded.
pub fn mask_secret_values(manifest: &Value, text: &str) -> String {
    if manifest["kind"] != "Secret" {
        return text.to_owned();
    }
    let mut values: Vec<String> = Vec::new();
    for (key, encoded) in [("data", true), ("stringData", false)] {
        for value in manifest[key]
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
    fn other_kinds_are_left_alone() {
        let map = serde_json::json!({"kind": "ConfigMap", "data": {"a": "x"}});
        assert_eq!(mask_secret_values(&map, "x"), "x");
    }
}
