//! `$ARGOCD_APP_NAME` and its like in an Application's parameters: takes a text, gives it with the
//! variables filled in as Argo CD (Go's `os.Expand`) does it, never reads the environment.

/// Fills in variables; the error is the name of one that is only known on a cluster.
///
/// A variable that Argo CD does not have becomes nothing, `$$` becomes `$`: so a `$` in a password
/// is changed, there as here.
pub(super) fn substitute<'t>(
    text: &'t str,
    value_of: impl Fn(&'t str) -> Result<String, String>,
) -> Result<String, String> {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(position) = rest.find('$') {
        result.push_str(&rest[..position]);
        let after = &rest[position + 1..];
        let (name, consumed) = variable(after);
        match name {
            "" if consumed == 0 => result.push('$'),
            "" => {}
            "$" => result.push('$'),
            name => result.push_str(&value_of(name)?),
        }
        rest = &after[consumed..];
    }
    result.push_str(rest);
    Ok(result)
}

/// Returns the name after a `$` and how many bytes it takes; an empty name with bytes is a mistake
/// that is swallowed.
fn variable(after: &str) -> (&str, usize) {
    let is_special = |byte: u8| b"*#$@!?-0123456789".contains(&byte);
    let bytes = after.as_bytes();
    match bytes.first() {
        Some(b'{') => {
            if let (Some(byte), Some(b'}')) = (bytes.get(1), bytes.get(2))
                && is_special(*byte)
            {
                return (&after[1..2], 3);
            }
            match after.find('}') {
                Some(1) => ("", 2),
                Some(end) => (&after[1..end], end + 1),
                None => ("", 1),
            }
        }
        Some(byte) if is_special(*byte) => (&after[..1], 1),
        _ => {
            let end = after
                .find(|character: char| !(character.is_ascii_alphanumeric() || character == '_'))
                .unwrap_or(after.len());
            (&after[..end], end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::substitute;

    #[test]
    fn variables_are_filled_in_as_go_does() {
        let known = |name: &str| match name {
            "ARGOCD_APP_NAME" => Ok("portal".to_owned()),
            "ARGOCD_APP_REVISION" => Err(name.to_owned()),
            _ => Ok(String::new()),
        };
        for (text, expected) in [
            ("plain", "plain"),
            ("$ARGOCD_APP_NAME-x", "portal-x"),
            ("a${ARGOCD_APP_NAME}b", "aportalb"),
            ("pa$$word", "pa$word"),
            ("pa$word", "pa"),
            ("100$", "100$"),
            ("a ${} b", "a  b"),
            ("$ alone", "$ alone"),
        ] {
            assert_eq!(substitute(text, known).as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(
            substitute("$ARGOCD_APP_REVISION", known).unwrap_err(),
            "ARGOCD_APP_REVISION"
        );
    }
}
