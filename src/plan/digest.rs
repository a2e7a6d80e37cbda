//! A short name for a manifest's content: takes a JSON value, gives a digest that does not depend
//! on the order of keys, never keeps the content.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The annotation that a hook's object carries in the cluster: the digest of what ran.
pub const DIGEST_ANNOTATION: &str = "firstlight.dev/digest";

/// Returns the digest of a manifest.
pub fn digest(manifest: &Value) -> String {
    let mut text = String::new();
    canonical(manifest, &mut text);
    let mut hex = String::from("sha256:");
    // Half of it tells any two manifests of a platform apart and stays readable.
    for byte in &Sha256::digest(text.as_bytes())[..16] {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

fn canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            text.push('{');
            for key in keys {
                let _ = write!(text, "{key:?}:");
                canonical(&map[key], text);
                text.push(',');
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for item in items {
                canonical(item, text);
                text.push(',');
            }
            text.push(']');
        }
        scalar => {
            let _ = write!(text, "{scalar}");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::digest;

    #[test]
    fn the_order_of_keys_does_not_matter_and_the_content_does() {
        let left: serde_json::Value = serde_json::from_str(r#"{"a":1,"b":[1,2]}"#).unwrap();
        let right: serde_json::Value = serde_json::from_str(r#"{"b":[1,2],"a":1}"#).unwrap();
        assert_eq!(digest(&left), digest(&right));
        assert_ne!(digest(&left), digest(&json!({"a": 1, "b": [2, 1]})));
        assert_eq!(digest(&left).len(), "sha256:".len() + 32);
    }
}
