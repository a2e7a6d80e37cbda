//! Arguments of `--set` and its kin that cannot be used: takes the argument and what is wrong with
//! it, gives a problem that shows its keys and marks the place, never its values, which may be
//! secrets.

use chart::ValuesError;

use crate::problem::Problem;

/// Stands for a value.
const HIDDEN: char = '…';

/// Returns why an argument cannot be used.
pub(super) fn wrong_argument(error: &ValuesError) -> Problem {
    let ValuesError::Set {
        option,
        argument,
        source,
    } = error
    else {
        return Problem::new(error.to_string());
    };
    let why = source.to_string();
    let parts = parts(argument);
    let valueless = parts.iter().position(|part| !part.has_value);
    let is_list = matches!(*option, "set" | "set-string");
    let shown: Vec<&str> = parts.iter().map(|part| part.shown.as_str()).collect();
    let shown = shown.join(",");
    let first = parts.first().map_or("", |part| part.key.as_str());
    let show = |mut problem: Problem, at: usize| {
        let before: usize = parts[..at]
            .iter()
            .map(|part| part.shown.chars().count() + 1)
            .sum();
        let length = parts
            .get(at)
            .map_or(1, |part| part.shown.chars().count().max(1));
        let gap = " ".repeat("--".len() + option.len() + 1 + before);
        problem.trace.push(format!("--{option} {shown}"));
        problem.trace.push(format!("{gap}{}", "^".repeat(length)));
        problem
    };
    if why.contains("has no value") {
        let at = valueless.unwrap_or(0);
        let problem = if at == 0 {
            Problem::new(format!("--{option} {first} gives no value"))
                .help(format!("write `--{option} {first}=VALUE`"))
        } else {
            Problem::new(format!(
                "--{option} {first}: what follows the comma has no value"
            ))
            .help("a comma begins the next value: `\\,` is a comma in a value, and `{a,b}` a list")
        };
        return show(problem, at);
    }
    if let Some((_, kinds)) = why.split_once("interface conversion: interface {} is ") {
        let (found, wanted) = kinds.split_once(", not ").unwrap_or((kinds, ""));
        let (found, wanted) = (word(found), word(wanted));
        let key = first.split('[').next().unwrap_or(first);
        return show(
            Problem::new(format!(
                "--{option} {first} needs {wanted}, and {key} is {found}"
            ))
            .help(format!(
                "an argument before it, or a values file, gives {key} as {found}"
            )),
            0,
        );
    }
    if *option == "set-json" {
        return show(
            Problem::new(format!("--{option} {first} gives no JSON")).help(
                "names and texts stand in double quotes in JSON: `'KEY={\"memory\": \"1Gi\"}'`",
            ),
            0,
        );
    }
    if *option == "set-file" || !is_list {
        // It names the file.
        return show(Problem::new(format!("--{option} {first}: {why}")), 0);
    }
    show(
        Problem::new(format!(
            "--{option} {first} cannot be used: {}",
            discreet(&why)
        )),
        0,
    )
}

/// What stands between two commas.
struct Part {
    key: String,
    /// The key, with a mark for the value.
    shown: String,
    has_value: bool,
}

fn parts(argument: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let (mut start, mut escaped, mut depth) = (0, false, 0_i32);
    for (at, letter) in argument.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth <= 0 => {
                parts.push(part(&argument[start..at], parts.is_empty()));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(part(&argument[start..], parts.is_empty()));
    parts
}

fn part(text: &str, is_first: bool) -> Part {
    match text.split_once('=') {
        Some((key, _)) => Part {
            key: key.to_owned(),
            shown: format!("{key}={HIDDEN}"),
            has_value: true,
        },
        // Behind the first comma, this may be the rest of a value.
        None => Part {
            key: text.to_owned(),
            shown: if is_first {
                text.to_owned()
            } else {
                HIDDEN.to_string()
            },
            has_value: false,
        },
    }
}

fn word(type_name: &str) -> &'static str {
    match type_name.trim() {
        name if name.starts_with("[]") => "a list",
        name if name.starts_with("map") => "a map",
        "bool" => "a truth value",
        "string" => "a text",
        _ => "a number",
    }
}

/// Takes out what stands in quotes, which may be a part of a value.
fn discreet(why: &str) -> String {
    let mut shown = String::new();
    for (at, part) in why.split('"').enumerate() {
        if at % 2 == 1 {
            shown.push_str("\"…\"");
        } else {
            shown.push_str(part);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use chart::Values;

    use super::wrong_argument;

    fn told(argument: &str) -> String {
        let error = Values::new().set(argument).expect_err("a wrong argument");
        let problem = wrong_argument(&error);
        format!("{}\n{}", problem.message, problem.trace.join("\n"))
    }

    #[test]
    fn the_part_at_fault_is_marked_and_values_are_not_shown() {
        assert_eq!(
            told("a.b"),
            "--set a.b gives no value\n--set a.b\n      ^^^"
        );
        assert_eq!(
            told("a=hunter2,b={x,y},hunter3"),
            "--set a: what follows the comma has no value\n--set a=…,b=…,…\n              ^"
        );
        assert_eq!(
            told("a=hunter2,a[0]=hunter3"),
            "--set a needs a list, and a is a text\n--set a=…,a[0]=…\n      ^^^"
        );
    }
}
