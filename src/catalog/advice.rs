//! What an error of a template means and how to mend it: takes an error of a chart, gives a few
//! words for its place and a hint, never shows a value of the user, which may be a secret.

use std::fmt::Write;

use chart::{
    DocumentError, DocumentPlace, NamedValue, NoField, Operand, TemplateError, ValueState,
};

use crate::suggest::nearest;

/// What to say of an error beside its words.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Advice {
    /// What stands at the place.
    pub(super) label: Option<String>,
    /// How to mend it.
    pub(super) help: Option<String>,
}

impl Advice {
    fn new(label: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            label: Some(label.into()),
            help: Some(help.into()),
        }
    }

    fn label(label: impl Into<String>) -> Self {
        Self {
            label: Some(label.into()),
            help: None,
        }
    }
}

/// Returns what is wrong with a template, its words without the part that Go adds for programmers.
pub(super) fn headline(error: &TemplateError) -> String {
    let words = &error.discreet;
    if words.starts_with('\'') {
        return format!("malformed character constant: {words}");
    }
    if words.contains("unable to parse") || words.contains("cannot parse template") {
        let cause = words.rsplit(": ").next().unwrap_or(words);
        return format!("error calling tpl: cannot parse the text: {cause}");
    }
    words.clone()
}

/// Returns what to say of a template that cannot be parsed or failed.
pub(super) fn of_template(error: &TemplateError) -> Advice {
    if error.message.contains("no template \"") {
        return no_template(error);
    }
    if error.told {
        return told(error);
    }
    if let Some(no_field) = &error.no_field {
        return of_no_field(error, no_field);
    }
    if error.context.is_none() {
        return of_parsing(error);
    }
    of_call(error)
}

fn no_template(error: &TemplateError) -> Advice {
    let quoted = error.message.split('"').nth(1).unwrap_or_default();
    let near = nearest(quoted, error.known.iter().map(String::as_str));
    Advice {
        label: Some("no file of the chart, or of those below it, defines it".to_owned()),
        help: near.map(|near| format!("did you mean `{near}`?")),
    }
}

fn told(error: &TemplateError) -> Advice {
    let is_required = error
        .context
        .as_ref()
        .is_some_and(|context| context.starts_with("required"));
    let named = error.values.first();
    let path = named.and_then(|value| value.path.strip_prefix(".Values."));
    match path.filter(|_| is_required) {
        Some(path) => Advice::new(
            "the chart wants a value here",
            format!("give it in a values file, or with `--set {path}=...`"),
        ),
        None => Advice::label("the chart's own check"),
    }
}

fn of_no_field(error: &TemplateError, no_field: &NoField) -> Advice {
    let NoField { operand, field, is } = no_field;
    let quoted = format!("`{operand}`");
    let shown = if operand.is_empty() {
        "the dot"
    } else {
        &quoted
    };
    match is {
        Operand::OtherDot => other_dot(error, no_field),
        Operand::NoMap(kind) => {
            let label = if kind.is_empty() {
                format!("{shown} is no map, so it has no `{field}`")
            } else {
                format!("{shown} is {kind}, not a map, so it has no `{field}`")
            };
            let help = match operand.strip_prefix(".Values.") {
                Some(path) => format!(
                    "the chart wants a map there: give `{path}.{field}`, not `{path}` in one piece"
                ),
                None => format!("what has a `{field}` is a map"),
            };
            Advice::new(label, help)
        }
        Operand::Null => Advice::new(
            format!("{shown} has no value, so it has no `{field}`"),
            mend_nothing(error, operand),
        ),
    }
}

/// Says how something comes to a value that has none.
fn mend_nothing(error: &TemplateError, operand: &str) -> String {
    let name = operand.rsplit('.').next().unwrap_or(operand);
    if let Some(near) = nearest(name, error.known.iter().map(String::as_str)) {
        return format!(
            "did you mean `{}{near}`?",
            &operand[..operand.len() - name.len()]
        );
    }
    let is_looked_up = |text: &str| text.contains("lookup ");
    if error
        .set_by
        .as_ref()
        .is_some_and(|(set, _)| is_looked_up(set))
        || is_looked_up(operand)
    {
        return format!(
            "`lookup` finds nothing where no cluster is asked: guard it with `with {operand}`"
        );
    }
    if let Some(help) = error.values.iter().find_map(mend_absent) {
        return help;
    }
    if let Some(taken) = error.values.iter().find_map(mend_null) {
        return taken;
    }
    if operand.is_empty() {
        let loops = error.blocks.iter().rev();
        let block = loops.into_iter().find(|block| block.keyword == "range");
        return match block {
            Some(block) => format!(
                "an element of `{}` is null: a list from `--set` is null where nothing is given",
                block.head
            ),
            None => "give `include` a map as the dot".to_owned(),
        };
    }
    format!("give it a value, or guard it: `{{{{ with {operand} }}}}`")
}

/// Says how a value comes back that something sets to null.
fn mend_null(value: &NamedValue) -> Option<String> {
    let ValueState::TakenAway(origin) = &value.state else {
        return None;
    };
    let key = value.path.rsplit('.').next().unwrap_or_default();
    Some(match origin.line {
        Some(_) => format!(
            "`{key}:` with nothing behind it is null: give it something, or take the line out"
        ),
        None => "null takes away what the chart gives: leave the argument out".to_owned(),
    })
}

/// Says how a value comes to be given that nothing gives.
fn mend_absent(value: &NamedValue) -> Option<String> {
    let ValueState::Absent {
        name,
        known,
        elsewhere,
        ..
    } = &value.state
    else {
        return None;
    };
    if let Some(found) = elsewhere {
        return Some(format!(
            "it is looked for at `{}`, and {} gives `{}`",
            found.wanted, found.origin, found.path
        ));
    }
    let near = nearest(name, known.iter().map(String::as_str))?;
    let above = value.path.strip_suffix(name.as_str())?;
    Some(format!("did you mean `{above}{near}`?"))
}

fn other_dot(error: &TemplateError, no_field: &NoField) -> Advice {
    let context = error.context.as_deref().unwrap_or_default();
    let operand = context.split(' ').next().unwrap_or(context);
    let changes = |keyword: &str| matches!(keyword, "range" | "with");
    let block = error
        .blocks
        .iter()
        .rev()
        .find(|block| changes(&block.keyword));
    let is_root = operand.starts_with('$');
    if let (Some(block), false) = (block, is_root) {
        let dot = if block.keyword == "range" {
            "an element of"
        } else {
            "the value of"
        };
        let head = block.head.rsplit(":= ").next().unwrap_or(&block.head);
        return Advice::new(
            format!("the dot is {dot} `{head}` here, since line {}", block.line),
            format!("`${operand}` is the chart's, wherever the dot is another"),
        );
    }
    let call = error.include_chain.iter().rev().find(|frame| {
        frame
            .function
            .as_deref()
            .is_none_or(|function| function != "tpl")
    });
    match call {
        Some(frame) => Advice::new(
            format!(
                "`{}` is what the caller gives, and has no `Values`",
                if is_root { "$" } else { "." }
            ),
            format!(
                "`{}` gives it another dot than the chart's: give it `.` or `$`",
                frame.place.context
            ),
        ),
        None => Advice::label(format!("`{}` is not the chart's here", no_field.operand)),
    }
}

fn of_parsing(error: &TemplateError) -> Advice {
    let words = error.message.as_str();
    let quoted = words.split('"').nth(1).unwrap_or_default();
    let near = nearest(quoted, error.known.iter().map(String::as_str));
    if words.starts_with("function ") {
        return Advice {
            label: Some("no function of Go, Sprig or Helm".to_owned()),
            help: near.map(|near| format!("did you mean `{near}`?")),
        };
    }
    if words.starts_with("undefined variable") {
        if error.action.starts_with("range ") && error.action.contains(" in ") {
            return Advice::new(
                "nothing sets it",
                "a loop over a map is `range $key, $value := .Values.map`, without `in`",
            );
        }
        return match (&error.set_by, near) {
            (Some((_, line)), _) => Advice::new(
                format!("line {line} sets it in a block that has ended"),
                "a variable lives until the `end` of its block: set it before with `:=`, and in the block with `=`",
            ),
            (None, Some(near)) => Advice::new("nothing sets it", format!("did you mean `{near}`?")),
            (None, None) => Advice::new(
                "nothing sets it",
                format!("set it first: `{{{{ {quoted} := ... }}}}`"),
            ),
        };
    }
    if words.contains("U+002D") {
        return Advice::new(
            "a name in a template has no hyphen",
            format!("`{}` reaches a name with a hyphen", index_of(&error.action)),
        );
    }
    if words.contains("character constant") || words.starts_with('\'') {
        return Advice::new(
            "single quotes are for single letters",
            "texts stand in double quotes or in backquotes",
        );
    }
    if words == "unexpected EOF" {
        return match error.blocks.last() {
            Some(block) => Advice::new(
                format!(
                    "the text ends, and the `{}` of line {} does not",
                    block.keyword, block.line
                ),
                "every `if`, `with`, `range`, `define` and `block` needs its `{{ end }}`",
            ),
            None => Advice::label("the text ends too early"),
        };
    }
    if words.starts_with("unexpected {{end}}") || words.starts_with("unexpected {{else}}") {
        return Advice::new(
            "no block is open here",
            "all blocks before it have ended: is an `end` too many, or was an `if` taken out?",
        );
    }
    if words.contains("unexpected \"}\"") || words.contains("unclosed action") {
        return Advice::new("the action does not end", "an action ends with `}}`");
    }
    if words.contains("unterminated quoted string") {
        return Advice::new("the text does not end", "a quote is missing in this line");
    }
    Advice::default()
}

/// Writes an operand with a hyphen so that it can be read.
fn index_of(action: &str) -> String {
    let words = action.split([' ', '(', ')', '|']);
    let mut operands = words.filter(|word| word.starts_with(['.', '$']) && word.contains('-'));
    let operand = operands.next().unwrap_or(".Values.a-name");
    let (mut above, mut names) = (String::new(), String::new());
    for part in operand
        .split('.')
        .skip(usize::from(operand.starts_with('.')))
    {
        if part.contains('-') || !names.is_empty() {
            let _ = write!(names, " \"{part}\"");
        } else if part.starts_with('$') {
            above.push_str(part);
        } else {
            let _ = write!(above, ".{part}");
        }
    }
    let above = if above.is_empty() { "." } else { &above };
    format!("index {above}{names}")
}

fn of_call(error: &TemplateError) -> Advice {
    let words = error.message.as_str();
    let context = error.context.as_deref().unwrap_or_default();
    if words.ends_with(" not defined") {
        return no_template(error);
    }
    if let Some(rest) = words.strip_prefix("wrong number of args for ") {
        let name = rest.split(':').next().unwrap_or_default();
        return match name {
            "include" => Advice::new(
                "it takes a name and a dot",
                "say what the template sees as its dot: `include \"NAME\" .`",
            ),
            "tpl" => Advice::new(
                "it takes a text and a dot",
                "say what it sees as its dot: `tpl TEXT .`",
            ),
            _ => Advice::label(format!("`{name}` is called here")),
        };
    }
    if let Some((wanted, got)) = words
        .strip_prefix("wrong type for value; expected ")
        .and_then(|rest| rest.split_once("; got "))
    {
        return wrong_type(context, wanted, got, error);
    }
    if words.contains("incompatible types for comparison") {
        let whole = words.contains("float64") && words.contains("int");
        return if whole {
            Advice::new(
                "numbers of values files are float64, those of templates are int",
                match error.values.first() {
                    Some(value) => {
                        let path = &value.path;
                        let whole = context.replacen(path, &format!("(int {path})"), 1);
                        format!("compare whole numbers: `{whole}`")
                    }
                    None => "compare whole numbers, as `int` makes them".to_owned(),
                },
            )
        } else {
            Advice::new(
                "the two are of different kinds",
                "convert one: `toString`, `int`, `float64`",
            )
        };
    }
    if words.contains("index out of range") {
        return Advice::new(
            "the list has no such element",
            "elements are counted from 0; `len` tells how many there are",
        );
    }
    if words.starts_with("range can't iterate over") {
        return Advice::new(
            "a list, a map or a whole number is needed",
            if has_argument(error) {
                "a list on the command line stands in braces: `--set 'KEY={a,b}'`"
            } else {
                "write a list in the values file, even of one element"
            },
        );
    }
    if words.contains("nested reference name") {
        return Advice::new(
            "the templates include each other without end",
            "follow the calls from below: one of them must not come back",
        );
    }
    if words.contains("improper constraint") {
        return Advice::new(
            "this is no range of versions",
            "join what must hold together by a comma, and alternatives by `||`: `>=1.19-0, <1.30-0`",
        );
    }
    if words.contains("ecoding JSON") || words.contains("invalid character") {
        return Advice::new(
            "the text is no JSON",
            "names and texts stand in double quotes in JSON",
        );
    }
    if words.contains("cannot parse template") {
        return Advice::new(
            "the text is a template by itself, and broken",
            "an action in a value is written as in a template: `{{ .Release.Name }}`",
        );
    }
    Advice::label(format!("`{context}` fails"))
}

fn wrong_type(context: &str, wanted: &str, got: &str, error: &TemplateError) -> Advice {
    let is_nothing = got == "interface {}" || got == "nil";
    let label = if is_nothing {
        format!("{} is needed, and there is nothing", word(wanted))
    } else {
        format!("{} is needed, and this is {}", word(wanted), word(got))
    };
    let operand = if context.starts_with('.') || context.starts_with('$') {
        context
    } else {
        error
            .values
            .first()
            .map_or("VALUE", |value| value.path.as_str())
    };
    let help = match wanted {
        "string" if is_nothing => format!("`{operand} | default \"\"` is a text in any case"),
        "string" => format!(
            "put quotes around it in the values file, or convert it: `{operand} | toString`"
        ),
        wanted if wanted.starts_with("map[") => {
            format!("`{operand} | default dict` is a map in any case")
        }
        wanted if wanted.starts_with("[]") => {
            format!("`{operand} | default list` is a list in any case")
        }
        "int" | "int64" => format!("convert it: `{operand} | int`"),
        _ => return Advice::label(label),
    };
    Advice::new(label, help)
}

fn word(type_name: &str) -> &str {
    match type_name {
        "string" => "a text",
        "bool" => "a truth value",
        name if name.starts_with("map[") => "a map",
        name if name.starts_with("[]") => "a list",
        name if name.starts_with("int") || name.starts_with("float") => "a number",
        name => name,
    }
}

fn has_argument(error: &TemplateError) -> bool {
    let of_argument = |value: &NamedValue| matches!(&value.state, ValueState::Given(origin) if origin.place.starts_with("--"));
    error.values.iter().any(of_argument)
}

/// Returns what to say of rendered text that is no usable YAML.
pub(super) fn of_document(error: &DocumentError, place: &DocumentPlace) -> Advice {
    let words = error.message.as_str();
    let label = match &place.action {
        Some(_) => "what this gives",
        None => "this",
    };
    let line = place.shown.trim();
    let reads = if line == "…" {
        format!("{label} ends up in line {} of the output", error.line)
    } else {
        format!("{label} ends up in the line `{}`", shortened(line))
    };
    if place.is_unindented {
        return Advice::new(
            "this gives several lines, and only the first is indented",
            "let them stand on lines of their own: `{{- ... | nindent N }}`, with N spaces",
        );
    }
    if words.contains("cannot start any token") {
        let has_tab = place.shown.contains('\t') || error.text.contains('\t');
        return if has_tab {
            Advice::new("a tab", "YAML is indented with spaces alone")
        } else {
            Advice::new(
                reads,
                quote_it("some letters, such as @ and `, cannot begin a text"),
            )
        };
    }
    if words.contains("did not find expected alphabetic or numeric character") {
        return Advice::new(reads, quote_it("`*` begins an alias, `&` an anchor"));
    }
    if words.contains("cannot unmarshal array") {
        return Advice::new(
            "the document is a list",
            "an object is a map; several of them are separated by `---`",
        );
    }
    let block = place
        .action
        .iter()
        .chain(place.way.iter().map(|one| &one.context))
        .find(|action| is_block(action));
    if let Some(action) = block {
        let advice = if action.contains("indent") {
            "what is included does not fit together: compare its lines with each other"
        } else {
            "let it stand on lines of its own: `{{- ... | nindent N }}`, with N spaces"
        };
        return Advice::new(reads, advice);
    }
    if words.contains("mapping values are not allowed") {
        return match &place.action {
            Some(_) => Advice::new(
                reads,
                quote_it("`: ` in a text separates a key from its value"),
            ),
            None if line.matches(':').count() > 1 => Advice::new(
                reads,
                "a line has one key: has `-}}` or `{{-` taken a line break away?",
            ),
            None => Advice::new(
                reads,
                "a line is indented further than the one it belongs to",
            ),
        };
    }
    if place.action.is_some() {
        return Advice::new(
            reads,
            quote_it("a text that YAML could take for something else"),
        );
    }
    Advice::new(
        reads,
        "compare its indentation with that of the lines around it",
    )
}

fn quote_it(why: &str) -> String {
    format!("{why}: put it in quotes, as `| quote` does")
}

/// Returns whether an action gives several lines as a rule.
fn is_block(action: &str) -> bool {
    [
        "toYaml",
        ".Files.Get",
        ".AsConfig",
        ".AsSecrets",
        "nindent",
        "indent ",
    ]
    .iter()
    .any(|word| action.contains(word))
}

fn shortened(line: &str) -> String {
    const LONGEST: usize = 50;
    if line.chars().count() <= LONGEST {
        return line.to_owned();
    }
    let start: String = line.chars().take(LONGEST).collect();
    format!("{start}…")
}
