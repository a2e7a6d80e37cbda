//! The TOML writer: takes a value, gives text with keys sorted, plain keys before tables, and
//! tables indented below their parents; never writes what is nil.
//!
//! Source: BurntSushi/toml 1.6, `encode.go`, its oddities included.

use gotemplate::{Kind, Value};

use super::super::duration::Duration;
use super::super::layout::Layout;
use super::super::moment::time;
use super::super::time::Time;
use super::{dotted, key_part, quoted};

/// Why a value was not written.
pub(super) enum EncodeError {
    /// It has no form in TOML: what `toToml` gives as its text.
    Value(String),
    /// Go's encoder panics, which fails the template.
    Panic(String),
}

type Result<T> = std::result::Result<T, EncodeError>;

/// How deep values may nest; only a map that contains itself goes deeper.
const MAXIMUM_DEPTH: usize = 500;

/// What a value is to TOML. Nil is nothing at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Nil,
    Plain,
    Table,
    Tables,
}

/// A value as the encoder sees it: what it writes as one plain value, or what it looks into.
enum Form {
    Text(Vec<u8>),
    Word(String),
    List(Vec<Value>),
    /// Keys with their places among all fields, and how many fields there are, for structures.
    Table(Vec<(usize, String, Value)>),
    Structure(Vec<(usize, String, Value)>),
    Nil,
}

/// Writes a value as a document.
pub(super) fn encode(value: &Value) -> Result<String> {
    if value.is_nil() {
        return Err(EncodeError::Panic(
            "reflect: call of reflect.Value.Type on zero Value".to_owned(),
        ));
    }
    let mut encoder = Encoder::default();
    encoder.entry(&[], value)?;
    Ok(encoder.out)
}

#[derive(Default)]
struct Encoder {
    out: String,
    depth: usize,
}

impl Encoder {
    fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= MAXIMUM_DEPTH {
            return Err(EncodeError::Panic(format!(
                "toml: values are nested deeper than {MAXIMUM_DEPTH}"
            )));
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        result
    }

    /// Writes a key with what belongs to it; no key is the document itself.
    fn entry(&mut self, key: &[String], value: &Value) -> Result<()> {
        self.deeper(|encoder| match form(value) {
            Form::Nil if key.is_empty() && matches!(value, Value::List(_)) => {
                encoder.pair(key, value)
            }
            Form::Nil => Ok(()),
            Form::List(items) => {
                if class(value, 0)? == Class::Tables {
                    encoder.tables(key, &items)
                } else {
                    encoder.pair(key, value)
                }
            }
            form @ (Form::Table(_) | Form::Structure(_)) => encoder.table(key, &form),
            Form::Text(_) | Form::Word(_) => encoder.pair(key, value),
        })
    }

    fn pair(&mut self, key: &[String], value: &Value) -> Result<()> {
        let Some(last) = key.last() else {
            return self.element(value);
        };
        self.indent(key);
        self.out.push_str(&key_part(last));
        self.out.push_str(" = ");
        self.element(value)?;
        self.out.push('\n');
        Ok(())
    }

    fn indent(&mut self, key: &[String]) {
        self.out.push_str(&"  ".repeat(key.len().saturating_sub(1)));
    }

    fn new_line(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
    }

    fn table(&mut self, key: &[String], form: &Form) -> Result<()> {
        if key.len() == 1 {
            self.new_line();
        }
        if !key.is_empty() {
            self.indent(key);
            self.out.push_str(&["[", &dotted(key), "]"].concat());
            self.new_line();
        }
        self.entries(key, form)
    }

    fn tables(&mut self, key: &[String], items: &[Value]) -> Result<()> {
        if key.is_empty() {
            return Err(EncodeError::Value(
                "toml: top-level values must be Go maps or structs".to_owned(),
            ));
        }
        for item in items {
            let form = form(item);
            if matches!(form, Form::Nil) {
                continue;
            }
            self.new_line();
            self.indent(key);
            self.out.push_str(&["[[", &dotted(key), "]]"].concat());
            self.new_line();
            self.entries(key, &form)?;
        }
        Ok(())
    }

    /// Writes the keys of a table, those of tables last.
    fn entries(&mut self, key: &[String], form: &Form) -> Result<()> {
        let (Form::Table(entries) | Form::Structure(entries)) = form else {
            return Ok(());
        };
        let (plain, tables) = parted(entries)?;
        for (_, name, value) in plain.into_iter().chain(tables) {
            if class(value, 0)? != Class::Nil {
                let mut inner = key.to_vec();
                inner.push(name.clone());
                self.entry(&inner, value)?;
            }
        }
        Ok(())
    }

    /// Writes a value as an element of an array or after an equals sign.
    fn element(&mut self, value: &Value) -> Result<()> {
        self.deeper(|encoder| {
            match form(value) {
                Form::Nil if matches!(value, Value::List(_)) => encoder.out.push_str("[]"),
                Form::Nil if matches!(value, Value::Map(_)) => encoder.out.push_str("{}"),
                Form::Nil => {
                    return Err(EncodeError::Panic(
                        "reflect: call of reflect.Value.Interface on zero Value".to_owned(),
                    ));
                }
                Form::Text(text) => encoder.out.push_str(&quoted(&text)),
                Form::Word(word) => encoder.out.push_str(&word),
                Form::List(items) => {
                    encoder.out.push('[');
                    for (index, item) in items.iter().enumerate() {
                        if index > 0 {
                            encoder.out.push_str(", ");
                        }
                        encoder.element(item)?;
                    }
                    encoder.out.push(']');
                }
                Form::Table(entries) => encoder.inline(&entries, false)?,
                Form::Structure(entries) => encoder.inline(&entries, true)?,
            }
            Ok(())
        })
    }

    /// Writes a table on one line. Where commas stand depends on how many keys there are, those
    /// of nil values included; in structures on the number of the field.
    fn inline(&mut self, entries: &[(usize, String, Value)], is_structure: bool) -> Result<()> {
        let (plain, tables) = parted(entries)?;
        self.out.push('{');
        let has_tables = !tables.is_empty();
        let count = plain.len() + tables.len();
        for (group, more) in [(plain, has_tables), (tables, false)] {
            let last = group.len().saturating_sub(1);
            for (place, (field, name, value)) in group.into_iter().enumerate() {
                if class(value, 0)? == Class::Nil {
                    continue;
                }
                self.out.push_str(&key_part(name));
                self.out.push_str(" = ");
                self.element(value)?;
                let comma = if is_structure {
                    field + 1 != count
                } else {
                    more || place != last
                };
                if comma {
                    self.out.push_str(", ");
                }
            }
        }
        self.out.push('}');
        Ok(())
    }
}

type Entries<'a> = Vec<&'a (usize, String, Value)>;

/// Parts plain keys from those of tables.
fn parted(entries: &[(usize, String, Value)]) -> Result<(Entries<'_>, Entries<'_>)> {
    let (mut plain, mut tables) = (Vec::new(), Vec::new());
    for entry in entries {
        match class(&entry.2, 0)? {
            Class::Table | Class::Tables => tables.push(entry),
            Class::Nil | Class::Plain => plain.push(entry),
        }
    }
    Ok((plain, tables))
}

/// Says what a value is; an array with a nil in it, however deep, is an error.
fn class(value: &Value, depth: usize) -> Result<Class> {
    if depth > MAXIMUM_DEPTH {
        return Err(EncodeError::Panic(format!(
            "toml: values are nested deeper than {MAXIMUM_DEPTH}"
        )));
    }
    Ok(match form(value) {
        Form::Nil => Class::Nil,
        Form::Text(_) | Form::Word(_) => Class::Plain,
        Form::Table(_) | Form::Structure(_) => Class::Table,
        Form::List(items) => {
            let mut all_tables = !items.is_empty();
            for item in &items {
                match class(item, depth + 1)? {
                    Class::Nil => {
                        return Err(EncodeError::Value(
                            "toml: cannot encode array with nil element".to_owned(),
                        ));
                    }
                    found => all_tables &= found == Class::Table,
                }
            }
            if all_tables {
                Class::Tables
            } else {
                Class::Plain
            }
        }
    })
}

fn form(value: &Value) -> Form {
    match value {
        Value::Nil => Form::Nil,
        Value::List(list) if list.is_nil() => Form::Nil,
        Value::Map(map) if map.is_nil() => Form::Nil,
        Value::Bool(flag) => Form::Word(flag.to_string()),
        Value::Int(number) | Value::Int64(number) => Form::Word(number.to_string()),
        Value::Uint8(number) => Form::Word(number.to_string()),
        Value::Uint64(number) => Form::Word(number.to_string()),
        Value::Float64(number) => Form::Word(float(*number)),
        Value::String(text) => Form::Text(text.as_bytes().to_vec()),
        Value::Bytes(bytes) => Form::List(bytes.iter().map(|&byte| Value::Uint8(byte)).collect()),
        Value::List(list) => Form::List(list.to_vec()),
        Value::Map(map) => Form::Table(
            map.iter()
                .map(|(key, value)| (0, key.to_string(), value))
                .collect(),
        ),
        Value::Host(host) => {
            if let Some(moment) = time(value) {
                return Form::Word(moment_text(&moment));
            }
            let is_length = (&**host as &dyn std::any::Any).is::<Duration>();
            if is_length || host.signature("MarshalText").is_some() {
                return Form::Text(host.display().unwrap_or_default().into_bytes());
            }
            if let Some(underlying) = host.underlying() {
                return form(&underlying);
            }
            let fields = host.fields().unwrap_or_default().into_iter().enumerate();
            let exported = fields.filter(|(_, (name, _))| name.starts_with(char::is_uppercase));
            debug_assert!(matches!(host.kind(), Kind::Struct | Kind::Pointer));
            Form::Structure(
                exported
                    .map(|(place, (name, value))| (place, name.to_owned(), value))
                    .collect(),
            )
        }
    }
}

/// A float has a point or an exponent.
fn float(number: f64) -> String {
    if number.is_nan() {
        return if number.is_sign_negative() {
            "-nan"
        } else {
            "nan"
        }
        .to_owned();
    }
    if number.is_infinite() {
        return if number < 0.0 { "-inf" } else { "inf" }.to_owned();
    }
    let mut text = gotemplate::format::float(number, 'g', None);
    if !text.contains(['e', '.']) {
        text.push_str(".0");
    }
    text
}

/// What was read without a zone is written without one.
fn moment_text(moment: &Time) -> String {
    let layout = match moment.zone.location.as_str() {
        "datetime-local" => "2006-01-02T15:04:05.999999999",
        "date-local" => "2006-01-02",
        "time-local" => "15:04:05.999999999",
        _ => "2006-01-02T15:04:05.999999999Z07:00",
    };
    Layout(layout).format(moment)
}
