//! Names for Kubernetes: takes any text, gives one of letters, digits, dashes and dots.
//!
//! Sources: `SanitizeName` and `SlugifyName` in Argo CD's `applicationset/utils`, gosimple/slug.

/// The longest name.
const LONGEST: usize = 253;

/// Gives a name that Kubernetes takes: `normalize` of templates, `basenameNormalized` of paths.
pub(crate) fn sanitized(name: &str) -> String {
    let lowered = name.chars().map(|c| c.to_lowercase().next().unwrap_or(c));
    let mut name: String = lowered
        .map(|c| {
            let fits = c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
            if fits { c } else { '-' }
        })
        .collect();
    name.truncate(LONGEST);
    name.trim_matches(['-', '.']).to_owned()
}

/// Gives a part of an address of at most so many letters; between words where that is asked for.
pub(super) fn slug(name: &str, longest: i64, between_words: bool) -> Result<String, String> {
    let mut slug = sanitized(name);
    let length = i64::try_from(slug.len()).unwrap_or(i64::MAX);
    if !between_words && length >= longest {
        let longest = usize::try_from(longest)
            .map_err(|_| format!("runtime error: slice bounds out of range [:{longest}]"))?;
        slug.truncate(longest);
    }
    let slug = with_single_dashes(&slug);
    let slug = slug.trim_matches(['-', '_']);
    Ok(match usize::try_from(longest) {
        Ok(longest) if longest > 0 && between_words && slug.len() > longest => {
            let end = slug[..=longest].rfind('-').unwrap_or(longest);
            slug[..end].to_owned()
        }
        _ => slug.to_owned(),
    })
}

/// Turns what is no letter, digit, dash or underscore into dashes, and several into one.
fn with_single_dashes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let c = if c.is_ascii_alphanumeric() || c == '_' {
            c
        } else {
            '-'
        };
        if c != '-' || !out.ends_with('-') {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{sanitized, slug};

    #[test]
    fn names_are_made_fit() {
        assert_eq!(sanitized("Team_A/Über.x-"), "team-a--ber.x");
        assert_eq!(sanitized(&"a".repeat(300)).len(), 253);
        assert_eq!(
            slug("Feature/Add--new_Thing.2", 50, true).unwrap(),
            "feature-add-new-thing-2"
        );
        assert_eq!(slug("feature-add-new", 13, true).unwrap(), "feature-add");
        assert_eq!(slug("feature-add-new", 13, false).unwrap(), "feature-add-n");
        assert_eq!(slug("word", 2, true).unwrap(), "wo");
        assert!(slug("word", -1, false).is_err());
    }
}
