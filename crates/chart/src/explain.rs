//! Why a template failed, told with its text and the values: takes an error and what was rendered,
//! adds the operand that failed, the blocks around it, names that may have been meant and where the
//! values come from; runs only after a failure, so that rendering pays nothing for it.

use std::sync::Arc;

use gotemplate::{Map, TemplateSet, Value};

use crate::actions::{self, Block};
use crate::discreet::discreet;
use crate::error::{TemplateError, chart_of};
use crate::functions;
use crate::instance::Instance;
use crate::named_values::{NamedValue, named_values};
use crate::origin::{Given, Origins};

/// A field that was asked of something that has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoField {
    /// What was asked, such as `.Values.image`; empty for the dot itself.
    pub operand: String,
    /// The field.
    pub field: String,
    /// What the operand is.
    pub is: Operand,
}

/// What an operand is that has no fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operand {
    /// Nothing.
    Null,
    /// Something else than a map, in words; empty where that is not known.
    NoMap(&'static str),
    /// The dot is not what the chart's templates begin with, so that its `.Values` are not theirs.
    OtherDot,
}

/// What templates begin with.
const ROOTS: [&str; 7] = [
    "Capabilities",
    "Chart",
    "Files",
    "Release",
    "Subcharts",
    "Template",
    "Values",
];

/// What was rendered.
pub(crate) struct Scene<'a> {
    pub(crate) instance: &'a Instance,
    pub(crate) values: &'a Map,
    pub(crate) given: &'a [Given],
    pub(crate) set: &'a TemplateSet,
    /// Gives the text of a template.
    pub(crate) text: &'a dyn Fn(&str) -> Option<Arc<str>>,
}

impl Scene<'_> {
    /// Adds what is known of an error; `file` is the template that was rendered.
    pub(crate) fn explain(&self, error: &mut TemplateError, file: &str) {
        let text = (self.text)(&error.template).unwrap_or_default();
        let offset = actions::offset_of(&text, error.line, error.column).unwrap_or(text.len());
        let action = actions::action_at(&text, offset).unwrap_or_default();
        action.clone_into(&mut error.action);
        let call = error.include_chain.last().map(|frame| &frame.place.context);
        if let Some(context) = error.context.as_ref().or(call).cloned() {
            mark(error, &text, offset, &context);
        }
        error.blocks = within_definition(actions::open_blocks(&text, offset));
        let (values, origins) = self.scope(file);
        error.no_field = error
            .context
            .as_deref()
            .and_then(|context| no_field(&error.message, context, values.as_ref()));
        if let Some(NoField { operand, .. }) = &error.no_field
            && let Some((set, line)) = variable_of(operand)
                .and_then(|variable| actions::setting_of(&text, variable, offset))
        {
            error.set_by = Some((set.to_owned(), line));
        }
        error.known = self.known(error);
        error.discreet = discreet(&error.message, values.as_ref(), &text);
        error.values = named(error, action, values.as_ref(), &origins);
    }

    /// Returns where the values come from that an action of a rendered file names.
    pub(crate) fn values_in(&self, action: &str, file: &str) -> Vec<NamedValue> {
        let (values, origins) = self.scope(file);
        named_values(action, values.as_ref(), &origins)
    }

    /// Returns the names that may have been meant.
    fn known(&self, error: &TemplateError) -> Vec<String> {
        if error.message.contains("no template \"") || error.message.ends_with(" not defined") {
            let defined = self.set.names().filter(|name| !name.contains('/'));
            return defined.map(str::to_owned).collect();
        }
        match &error.no_field {
            Some(NoField { operand, .. }) if is_misspelt_root(operand) => {
                ROOTS.iter().map(|name| (*name).to_owned()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Returns the values that the templates of a chart see, and where they come from. An action's
    /// `.Values` are taken to be those of the chart whose file was rendered, also where the action
    /// stands in another one.
    fn scope(&self, file: &str) -> (Option<Map>, Origins<'_>) {
        let mut origins = Origins::new(self.given, self.instance);
        let (mut here, mut values) = (self.instance, Some(self.values.clone()));
        for name in chart_of(file).split("/charts/").skip(1) {
            let Some(below) = here.subcharts.iter().find(|one| one.name() == name) else {
                return (None, origins);
            };
            origins = origins.below(below);
            values = match values.as_ref().and_then(|values| values.get(name)) {
                Some(Value::Map(values)) => Some(values),
                _ => None,
            };
            here = below;
        }
        (values, origins)
    }
}

/// Returns where the values come from that an error has to do with.
fn named(
    error: &TemplateError,
    action: &str,
    values: Option<&Map>,
    origins: &Origins<'_>,
) -> Vec<NamedValue> {
    let find = |text: &str| named_values(text, values, origins);
    if let Some(no_field) = &error.no_field {
        if no_field.is == Operand::OtherDot {
            return Vec::new();
        }
        let found = find(&no_field.operand);
        if !found.is_empty() {
            return found;
        }
    }
    if error.message.contains("nested reference name") {
        return Vec::new();
    }
    let context = error.context.as_deref().unwrap_or_default();
    let mut texts = vec![context, action];
    if error.told {
        let conditions = error.blocks.iter().rev();
        texts.extend(conditions.map(|block| block.head.as_str()));
        return find(&texts.join("\n"));
    }
    if let Some((set, _)) = &error.set_by {
        texts.push(set);
    }
    // What a loop or `with` makes the dot of, where the dot is what failed.
    let dot = error
        .blocks
        .iter()
        .rev()
        .filter(|block| block.keyword != "if");
    texts.extend(dot.map(|block| block.head.as_str()));
    texts.extend(
        error
            .include_chain
            .iter()
            .rev()
            .map(|frame| frame.place.context.as_str()),
    );
    texts
        .into_iter()
        .map(find)
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

/// Adds what is known of a template that cannot be parsed.
pub(crate) fn explain_parse(error: &mut TemplateError, text: &str) {
    let offset = actions::offset_of(text, error.line, error.column).unwrap_or(text.len());
    let action = actions::action_at(text, offset.saturating_sub(1)).unwrap_or_default();
    action.clone_into(&mut error.action);
    error.blocks = within_definition(actions::open_blocks(text, offset));
    mark_token(error, text, offset);
    if error.message.starts_with("function ") {
        let table = functions::table();
        error.known = table.names().map(str::to_owned).collect();
    } else if let Some(variable) = quoted(&error.message)
        && error.message.starts_with("undefined variable")
    {
        error.known = actions::variables(text);
        error.known.retain(|one| one != variable);
        let set = actions::setting_of(text, variable, offset);
        error.set_by = set.map(|(set, line)| (set.to_owned(), line));
    }
}

/// Returns the first text in double quotes.
fn quoted(message: &str) -> Option<&str> {
    message.split('"').nth(1)
}

/// Leaves out what stands outside of the definition that a place is in.
fn within_definition(mut blocks: Vec<Block>) -> Vec<Block> {
    let definition = blocks
        .iter()
        .rposition(|block| matches!(block.keyword.as_str(), "define" | "block"));
    blocks.split_off(definition.unwrap_or(0))
}

/// Makes the place of an error that of the whole operand, where the text has it in Go's normal form:
/// Go tells of a field in the middle of it.
fn mark(error: &mut TemplateError, text: &str, offset: usize, context: &str) {
    let (line_start, line) = actions::line_at(text, offset);
    let within = offset - line_start;
    let mut places = line.match_indices(context);
    let around = |at: usize| at <= within && within <= at + context.len();
    let Some((at, _)) = places.find(|(at, _)| around(*at)) else {
        return;
    };
    error.column = actions::position(text, line_start + at).1;
    error.length = u32::try_from(context.chars().count()).unwrap_or(0);
}

/// Makes the place of an error that of the name it tells of, or of the word at the place: Go tells
/// of the furthest token that it has seen.
fn mark_token(error: &mut TemplateError, text: &str, offset: usize) {
    let (line_start, line) = actions::line_at(text, offset);
    let named = quoted(&error.message).filter(|name| name.len() > 1);
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    if let Some(name) = named
        && let Some((at, _)) = line
            .match_indices(name)
            .filter(|(at, _)| line_start + at <= offset && ends(&line[at + name.len()..]))
            .last()
    {
        error.column = actions::position(text, line_start + at).1;
        error.length = u32::try_from(name.chars().count()).unwrap_or(0);
        return;
    }
    let rest = &line[(offset - line_start).min(line.len())..];
    let word = rest
        .split([' ', '\t', '}', ')', '|'])
        .next()
        .unwrap_or_default();
    error.length = u32::try_from(word.chars().count().max(1)).unwrap_or(1);
}

/// Finds out which part of an operand has not the field that an error tells of.
fn no_field(message: &str, context: &str, values: Option<&Map>) -> Option<NoField> {
    const NIL: &str = "nil pointer evaluating interface {}.";
    let (field, type_name) = match message.strip_prefix(NIL) {
        Some(field) => (field, None),
        None => message
            .strip_prefix("can't evaluate field ")?
            .split_once(" in type ")
            .map(|(field, name)| (field, Some(name)))?,
    };
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let asked = format!(".{field}");
    let operands: Vec<&str> = context
        .match_indices(&asked)
        .filter(|(at, _)| ends(&context[at + asked.len()..]))
        .map(|(at, _)| &context[..at])
        .collect();
    let is_map = |operand: &&&str| {
        let found = keys_of(operand).and_then(|keys| value_at(values, &keys));
        matches!(found, Some(Value::Map(_)))
    };
    let operand = operands
        .iter()
        .find(|operand| !is_map(operand))
        .or(operands.first())?;
    let found = keys_of(operand).map(|keys| value_at(values, &keys));
    let is = match (type_name, found) {
        _ if field == "Values" => Operand::OtherDot,
        (_, Some(Some(Value::Map(_)))) => Operand::OtherDot,
        (None, Some(Some(value))) if !matches!(value, Value::Nil) => Operand::OtherDot,
        (None, _) => Operand::Null,
        (Some(_), Some(Some(value))) => Operand::NoMap(word(&value)),
        (Some(name), _) => Operand::NoMap(match name {
            "string" => "a text",
            "bool" => "a truth value",
            "[]interface {}" | "[]string" => "a list",
            name if name.starts_with("int") || name.starts_with("float") => "a number",
            _ => "",
        }),
    };
    Some(NoField {
        operand: (*operand).to_owned(),
        field: field.to_owned(),
        is,
    })
}

/// Returns the keys of `.Values.a.b`, which are none for `.Values`.
fn keys_of(operand: &str) -> Option<Vec<&str>> {
    let operand = operand.strip_prefix('$').unwrap_or(operand);
    let rest = operand.strip_prefix(".Values")?;
    if rest.is_empty() {
        return Some(Vec::new());
    }
    Some(rest.strip_prefix('.')?.split('.').collect())
}

fn value_at(values: Option<&Map>, keys: &[&str]) -> Option<Value> {
    let start = Value::Map(values?.clone());
    keys.iter().try_fold(start, |here, key| match here {
        Value::Map(map) => map.get(key),
        _ => None,
    })
}

fn word(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Bool(_) => "a truth value",
        Value::List(_) => "a list",
        Value::Nil => "nothing",
        Value::Map(_) => "a map",
        _ => "a number",
    }
}

/// Returns whether an operand is a name such as `.values`.
fn is_misspelt_root(operand: &str) -> bool {
    let name = operand.strip_prefix('$').unwrap_or(operand);
    name.strip_prefix('.')
        .is_some_and(|name| !name.is_empty() && !name.contains('.') && !ROOTS.contains(&name))
}

/// Returns the variable that an operand begins with.
fn variable_of(operand: &str) -> Option<&str> {
    let name = operand.split(['.', ' ']).next()?;
    (name.len() > 1 && name.starts_with('$')).then_some(name)
}
