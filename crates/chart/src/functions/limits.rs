//! What functions may cost: takes the arguments of a call before its function runs, gives an error
//! where the result would be far too large or take far too long, never computes the result.
//!
//! The engine counts what functions are given and what they have made. Here is what that cannot
//! tell: results that are much larger than the arguments, values that share their parts and so are
//! small in memory and endless on paper, and what is slow by its nature.

use gotemplate::{Call, FunctionError, FunctionTable, MAX_ELEMENTS, MAX_TEXT_BYTES, Value};

use super::arguments::{bytes, int, text};

type Verdict = Result<(), FunctionError>;

/// How deep values may nest; one that contains itself is deeper than any.
pub(super) const MAX_DEPTH: usize = 500;
/// The longest text that is read as YAML or JSON, in bytes (16 MiB).
const MAX_READ: usize = 16 << 20;
/// The longest text that a regular expression is sought in for all matches, in bytes (4 MiB).
const MAX_SEARCHED: usize = 4 << 20;
/// The most random characters of one call.
const MAX_RANDOM: i64 = 1 << 20;

/// What writes nested values.
const WRITERS: &[&str] = &[
    "toYaml",
    "mustToYaml",
    "toYamlPretty",
    "toJson",
    "mustToJson",
    "toRawJson",
    "mustToRawJson",
    "toPrettyJson",
    "mustToPrettyJson",
    "toToml",
    "mustToToml",
    "cat",
    "quote",
    "squote",
];

/// What takes long by its nature, in milliseconds of a common processor.
const SLOW: &[(&str, u64)] = &[
    ("genCA", 250),
    ("genCAWithKey", 5),
    ("genSelfSignedCert", 250),
    ("genSelfSignedCertWithKey", 5),
    ("genSignedCert", 250),
    ("genSignedCertWithKey", 5),
    ("buildCustomCert", 5),
    ("bcrypt", 60),
    ("htpasswd", 60),
    ("derivePassword", 100),
    ("encryptAES", 1),
    ("decryptAES", 1),
];

/// Has the functions of the table ask here before they run.
pub(super) fn guard(table: &mut FunctionTable) {
    for name in WRITERS {
        table.guard(name, nested);
    }
    for name in ["merge", "mustMerge", "mergeOverwrite", "mustMergeOverwrite"] {
        table.guard(name, |call, a| {
            let mut seen = Seen::default();
            for (index, below) in a.iter().enumerate() {
                for above in &a[index + 1..] {
                    seen.both(below, above, 0)?;
                }
            }
            call.spend_steps(seen.elements / 4)
        });
    }
    for name in ["uniq", "mustUniq"] {
        table.guard(name, |call, a| {
            let count = length(a.first());
            call.spend_steps(count.saturating_mul(count) / 8)
        });
    }
    for name in ["without", "mustWithout", "omit", "pick"] {
        table.guard(name, |call, a| {
            call.spend_steps(length(a.first()).saturating_mul(a.len()) / 8)
        });
    }
    table.guard("concat", |_, a| {
        elements(a.iter().map(|list| length(Some(list))).sum())
    });
    table.guard("genPrivateKey", |call, a| {
        call.spend_milliseconds(match &*text(a, 0) {
            "" | "rsa" => 1500,
            "dsa" => 3000,
            _ => 5,
        })
    });
    for &(name, milliseconds) in SLOW {
        table.guard(name, move |call, _| call.spend_milliseconds(milliseconds));
    }
    texts(table);
    parts(table);
    numbers(table);
    for name in [
        "fromYaml",
        "fromYamlArray",
        "fromJson",
        "fromJsonArray",
        "mustFromJson",
        "fromToml",
    ] {
        table.guard(name, |call, a| {
            let length = bytes(a, 0).len();
            if length > MAX_READ {
                return Err(FunctionError::new(format!(
                    "a text of {length} bytes is longer than what is read here ({MAX_READ} bytes)"
                )));
            }
            call.spend_steps(length / 2)
        });
    }
}

/// Functions whose text is longer than those they are given.
fn texts(table: &mut FunctionTable) {
    table.guard("repeat", |_, a| long(times(bytes(a, 1).len(), int(a, 0))));
    for name in ["indent", "nindent"] {
        table.guard(name, |_, a| {
            let text = bytes(a, 1);
            let lines = 1 + count(text, b"\n");
            long(text.len().saturating_add(times(lines, int(a, 0))))
        });
    }
    table.guard("replace", |_, a| {
        let (old, new, text) = (bytes(a, 0), bytes(a, 1), bytes(a, 2));
        let most = text.len() / old.len().max(1) + 1;
        if most.saturating_mul(new.len()) <= MAX_TEXT_BYTES {
            return Ok(());
        }
        let found = if old.is_empty() {
            most
        } else {
            count(text, old)
        };
        long(text.len().saturating_add(found.saturating_mul(new.len())))
    });
    table.guard("join", |call, a| {
        nested(call, &a[a.len().min(1)..])?;
        let separators = length(a.get(1)).saturating_mul(bytes(a, 0).len());
        long(separators)
    });
    table.guard("wrap", |_, a| wrapped(bytes(a, 1), int(a, 0), 1));
    table.guard("wrapWith", |_, a| {
        wrapped(bytes(a, 2), int(a, 0), bytes(a, 1).len())
    });
    for name in ["regexReplaceAll", "regexReplaceAllLiteral"] {
        for name in [name.to_owned(), must(name)] {
            table.guard(&name, |call, a| {
                compiled(call, &text(a, 0))?;
                let (subject, new) = (bytes(a, 1), bytes(a, 2));
                // Each reference to a group may stand for the whole text.
                let references = count(new, b"$").saturating_mul(subject.len());
                let most = (subject.len() + 1).saturating_mul(new.len());
                long(most.saturating_add(references) / 4)
            });
        }
    }
}

/// Functions that give a list or a map of parts of a text.
fn parts(table: &mut FunctionTable) {
    for (name, separator, subject) in [("split", 0, 1), ("splitList", 0, 1), ("splitn", 0, 2)] {
        table.guard(name, move |_, a| {
            let (separator, subject) = (bytes(a, separator), bytes(a, subject));
            if subject.len() <= MAX_ELEMENTS {
                return Ok(());
            }
            elements(match separator {
                [] => subject.len(),
                separator => count(subject, separator),
            })
        });
    }
    for name in ["regexFindAll", "regexSplit"] {
        for name in [name.to_owned(), must(name)] {
            table.guard(&name, |call, a| {
                let length = bytes(a, 1).len();
                if length > MAX_SEARCHED {
                    return Err(FunctionError::new(format!(
                        "a text of {length} bytes is longer than what is searched for all matches ({MAX_SEARCHED} bytes)"
                    )));
                }
                compiled(call, &text(a, 0))
            });
        }
    }
    for name in ["regexMatch", "regexFind"] {
        for name in [name.to_owned(), must(name)] {
            table.guard(&name, |call, a| compiled(call, &text(a, 0)));
        }
    }
}

/// Functions that make as much as a number says.
fn numbers(table: &mut FunctionTable) {
    for name in [
        "randAlphaNum",
        "randAlpha",
        "randNumeric",
        "randAscii",
        "randBytes",
    ] {
        table.guard(name, |call, a| {
            let count = int(a, 0).max(0);
            if count > MAX_RANDOM {
                return Err(FunctionError::new(format!(
                    "{count} random characters are more than the {MAX_RANDOM} that one call may make"
                )));
            }
            call.spend_steps(times(8, count))
        });
    }
    table.guard("shuffle", |call, a| {
        call.spend_steps(bytes(a, 0).len().saturating_mul(8))
    });
    table.guard("until", |_, a| steps(0, int(a, 0), 1));
    table.guard("untilStep", |_, a| steps(int(a, 0), int(a, 1), int(a, 2)));
    table.guard("seq", |_, a| match a.len() {
        1 => steps(1, int(a, 0), 1),
        2 => steps(int(a, 0), int(a, 1), 1),
        3 => steps(int(a, 0), int(a, 2), int(a, 1)),
        _ => Ok(()),
    });
}

/// Refuses a text that would be longer than any may be.
fn long(length: usize) -> Verdict {
    if length <= MAX_TEXT_BYTES {
        return Ok(());
    }
    Err(FunctionError::new(format!(
        "would make a text of more than {MAX_TEXT_BYTES} bytes, which no template needs"
    )))
}

/// Refuses a list that would be longer than any may be.
fn elements(count: usize) -> Verdict {
    if count <= MAX_ELEMENTS {
        return Ok(());
    }
    Err(FunctionError::new(format!(
        "would make a list of more than {MAX_ELEMENTS} elements, which no template needs"
    )))
}

fn steps(start: i64, end: i64, step: i64) -> Verdict {
    let count = end.abs_diff(start) / step.unsigned_abs().max(1);
    elements(usize::try_from(count).unwrap_or(usize::MAX))
}

fn wrapped(text: &[u8], width: i64, separator: usize) -> Verdict {
    let width = usize::try_from(width).unwrap_or(1).max(1);
    let lines = text.len() / width + 1;
    long(text.len().saturating_add(lines.saturating_mul(separator)))
}

fn must(name: &str) -> String {
    format!("must{}{}", name[..1].to_uppercase(), &name[1..])
}

/// A number of a template times a length; none where it is negative.
fn times(length: usize, number: i64) -> usize {
    length.saturating_mul(usize::try_from(number).unwrap_or(0))
}

fn length(value: Option<&Value>) -> usize {
    match value {
        Some(Value::List(list)) => list.len(),
        Some(Value::Bytes(bytes)) => bytes.len(),
        Some(Value::Map(map)) => map.len(),
        _ => 0,
    }
}

/// Counts how often a part stands in a text.
fn count(text: &[u8], part: &[u8]) -> usize {
    if let [only] = part {
        return text.iter().copied().filter(|byte| byte == only).count();
    }
    match (std::str::from_utf8(text), std::str::from_utf8(part)) {
        (Ok(text), Ok(part)) => text.matches(part).count(),
        _ => text.len() / part.len().max(1),
    }
}

/// Counts the making of a regular expression, which takes as long as its repetitions make it.
fn compiled(call: &Call<'_>, pattern: &str) -> Verdict {
    let mut repeated = 1_usize;
    for part in pattern.split('{').skip(1) {
        let numbers = part.split('}').next().unwrap_or_default();
        let most = numbers
            .split(',')
            .filter_map(|number| number.parse::<usize>().ok())
            .max();
        repeated = repeated.saturating_mul(most.unwrap_or(1).clamp(1, 1000));
    }
    // Classes of Unicode are of hundreds of ranges.
    let class = if pattern.contains("\\p") || pattern.contains("\\P") {
        200
    } else {
        1
    };
    let size = repeated.saturating_mul(class).min(200_000);
    call.spend_steps(50 + pattern.len() + size)
}

/// Counts what a function that goes through nested values will see. Values share their parts, so
/// that a small one can be endless for who goes through it.
fn nested(call: &Call<'_>, values: &[Value]) -> Verdict {
    let mut seen = Seen::default();
    for value in values {
        seen.visit(value, 0)?;
    }
    call.spend_steps(seen.elements / 4)
}

#[derive(Default)]
struct Seen {
    elements: usize,
    bytes: usize,
    is_endless: bool,
}

pub(super) fn too_many_elements() -> FunctionError {
    FunctionError::new(format!("the value has more than {MAX_ELEMENTS} elements"))
}

pub(super) fn nested_too_deep() -> FunctionError {
    FunctionError::new(format!(
        "the value contains itself, or is nested more than {MAX_DEPTH} deep"
    ))
}

impl Seen {
    /// Goes through the maps that both values have at the same place, as merging does.
    fn both(&mut self, below: &Value, above: &Value, depth: usize) -> Verdict {
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return Err(too_many_elements());
        }
        let (Value::Map(below), Value::Map(above)) = (below, above) else {
            return Ok(());
        };
        if below.pointer_equal(above) {
            return Ok(());
        }
        if depth > MAX_DEPTH {
            return Err(nested_too_deep());
        }
        above.visit(|key, above| match below.get(key) {
            Some(below) => self.both(&below, above, depth + 1),
            None => Ok(()),
        })
    }

    fn visit(&mut self, value: &Value, depth: usize) -> Verdict {
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return Err(too_many_elements());
        }
        // A value that contains itself is for the function to refuse, in Go's words.
        if self.is_endless || depth > MAX_DEPTH {
            self.is_endless = true;
            return Ok(());
        }
        match value {
            Value::String(text) => self.bytes += text.len(),
            Value::Bytes(bytes) => self.bytes += bytes.len(),
            Value::List(list) => {
                return list.iter().try_for_each(|item| self.visit(item, depth + 1));
            }
            Value::Map(map) => {
                return map.visit(|key, item| {
                    self.bytes += key.len();
                    self.visit(item, depth + 1)
                });
            }
            _ => {}
        }
        if self.bytes > MAX_TEXT_BYTES {
            return Err(FunctionError::new(format!(
                "the value holds texts of more than {MAX_TEXT_BYTES} bytes together"
            )));
        }
        Ok(())
    }
}
