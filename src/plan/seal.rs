//! Manifests that may be kept in a file: takes one, gives it with every value of a Secret replaced
//! by a digest that shows whether it changed; never a value from which another could be read.
//!
//! A digest of a weak password can be guessed at. Each one is therefore keyed by its environment,
//! object and field, made slowly, and cut short: whoever has the file learns 32 bits of a value, and
//! pays for each guess. The key is no secret: the same plan, made elsewhere, must be the same file.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

/// How often a digest is made of a digest.
const ROUNDS: usize = 4096;

/// How many bytes of it are kept.
const KEPT: usize = 4;

/// Returns a manifest in which no value of a Secret can be read.
pub(super) fn sealed(manifest: &Value, environment: &str) -> Value {
    let mut sealed = super::fields::masked(manifest);
    if sealed["kind"] != "Secret" || sealed["apiVersion"] != "v1" {
        return sealed;
    }
    let name = |key: &str| manifest["metadata"][key].as_str().unwrap_or_default();
    let object = format!("{environment}\n{}\n{}", name("namespace"), name("name"));
    for field in ["data", "stringData"] {
        let (Some(clear), Some(masked)) = (manifest.get(field), sealed.get_mut(field)) else {
            continue;
        };
        seal(clear, masked, &format!("{object}\n{field}"));
    }
    sealed
}

fn seal(clear: &Value, masked: &mut Value, place: &str) {
    match (clear, masked) {
        (Value::Object(clear), Value::Object(masked)) => {
            for (key, value) in masked.iter_mut() {
                if let Some(clear) = clear.get(key) {
                    seal(clear, value, &format!("{place}\n{key}"));
                }
            }
        }
        (Value::Array(clear), Value::Array(masked)) => {
            for (index, (clear, value)) in clear.iter().zip(masked).enumerate() {
                seal(clear, value, &format!("{place}\n{index}"));
            }
        }
        (Value::Null, _) => {}
        (clear, masked) => *masked = Value::String(short_digest(&clear.to_string(), place)),
    }
}

fn short_digest(value: &str, place: &str) -> String {
    let mac = |message: &[u8]| -> Vec<u8> {
        // A key of any length is taken.
        Hmac::<Sha256>::new_from_slice(place.as_bytes()).map_or_else(
            |_| Vec::new(),
            |mut mac| {
                mac.update(message);
                mac.finalize().into_bytes().to_vec()
            },
        )
    };
    let mut digest = mac(value.as_bytes());
    for _ in 1..ROUNDS {
        digest = mac(&digest);
    }
    let mut text = String::from("secret:");
    for byte in digest.iter().take(KEPT) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_changed_value_is_seen_and_no_value_is_shown() {
        let secret = |value: &str| {
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"},
                "stringData": {"x": value, "y": "same"}})
        };
        let (old, new) = (
            sealed(&secret("swordfish"), "e"),
            sealed(&secret("hunter2"), "e"),
        );
        assert_ne!(old["stringData"]["x"], new["stringData"]["x"]);
        assert_eq!(old["stringData"]["y"], new["stringData"]["y"]);
        assert_eq!(old, sealed(&secret("swordfish"), "e"));
        // The same value elsewhere looks different.
        assert_ne!(
            old["stringData"]["x"],
            sealed(&secret("swordfish"), "f")["stringData"]["x"]
        );
        let text = old.to_string();
        assert!(
            !text.contains("swordfish") && !text.contains("same\""),
            "{text}"
        );
    }

    #[test]
    fn other_objects_stay_as_they_are() {
        let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"x": "1"}});
        assert_eq!(sealed(&map, "e"), map);
    }
}
