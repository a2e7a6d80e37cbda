//! Values by verb: takes a value and a verb, gives its printed form, never parses directives.

use super::Printer;
use super::layout::Flags;
use crate::host::Host;
use crate::list::List;
use crate::map::Map;
use crate::value::{Kind, Value};

/// The address of every value.
const ADDRESS: u64 = 0xc0_0001_0000;

/// How deep values may nest in what is printed; only a map that contains itself goes deeper.
const MAXIMUM_DEPTH: usize = 10_000;

impl Printer {
    /// Prints one argument.
    pub(super) fn argument(&mut self, value: &Value, verb: char) {
        match (value, verb) {
            (Value::Nil, 'T' | 'v') => self.pad(b"<nil>"),
            (_, 'T') => self.plain(value.type_name().as_bytes()),
            (_, 'p') => self.pointer(value, verb),
            // The verb for wrapped errors, which only `Errorf` knows.
            (Value::List(_) | Value::Map(_) | Value::Host(_), 'w') => self.bad_verb(value, verb),
            _ => self.nested(value, verb, true),
        }
    }

    /// Prints a value; `top` tells an argument from an element.
    fn nested(&mut self, value: &Value, verb: char, top: bool) {
        if self.is_full() {
            return;
        }
        if self.depth >= MAXIMUM_DEPTH {
            self.overflow = true;
            self.push_str("...");
            return;
        }
        match value {
            Value::Nil if !top && self.flags.sharp_v => self.push_str("interface {}(nil)"),
            Value::Nil if !top => self.push_str("<nil>"),
            Value::Nil => self.bad_verb(value, verb),
            Value::Bool(flag) => match verb {
                't' | 'v' => self.pad(if *flag { b"true" } else { b"false" }),
                _ => self.bad_verb(value, verb),
            },
            Value::Int(number) | Value::Int64(number) => {
                self.integer_verb(value, *number < 0, number.unsigned_abs(), verb);
            }
            Value::Uint8(number) => self.unsigned(value, u64::from(*number), verb),
            Value::Uint64(number) => self.unsigned(value, *number, verb),
            Value::Float64(number) => self.float_verb(value, *number, verb),
            Value::String(text) => self.string(value, text.as_bytes(), verb),
            Value::Bytes(bytes) => self.bytes(value, bytes, verb),
            Value::List(list) => self.list(list, value, verb),
            Value::Map(map) => self.map(map, value, verb),
            Value::Host(host) => self.host(&**host, value, verb, top),
        }
    }

    fn element(&mut self, value: &Value, verb: char) {
        self.depth += 1;
        crate::stack::grow(|| self.nested(value, verb, false));
        self.depth -= 1;
    }

    /// `%!d(string=x)`.
    pub(super) fn bad_verb(&mut self, value: &Value, verb: char) {
        self.push_str("%!");
        self.push_char(verb);
        self.push_str("(");
        if value.is_nil() {
            self.push_str("<nil>");
        } else {
            let erroring = std::mem::replace(&mut self.erroring, true);
            self.push_str(&value.type_name());
            self.push_str("=");
            self.argument(value, 'v');
            self.erroring = erroring;
        }
        self.push_str(")");
    }

    fn unsigned(&mut self, value: &Value, number: u64, verb: char) {
        if verb == 'v' && self.flags.sharp_v {
            self.prefixed_hexadecimal(number, true);
        } else {
            self.integer_verb(value, false, number, verb);
        }
    }

    fn prefixed_hexadecimal(&mut self, number: u64, prefix: bool) {
        let sharp = std::mem::replace(&mut self.flags.sharp, prefix);
        self.integer(false, number, 16, 'v');
        self.flags.sharp = sharp;
    }

    fn integer_verb(&mut self, value: &Value, negative: bool, magnitude: u64, verb: char) {
        // Negative numbers are no characters.
        let code = if negative { u64::MAX } else { magnitude };
        match verb {
            'v' | 'd' => self.integer(negative, magnitude, 10, verb),
            'b' => self.integer(negative, magnitude, 2, verb),
            'o' | 'O' => self.integer(negative, magnitude, 8, verb),
            'x' | 'X' => self.integer(negative, magnitude, 16, verb),
            'c' => self.character(code),
            'q' => self.quoted_character(code),
            'U' if negative => self.unicode(magnitude.wrapping_neg()),
            'U' => self.unicode(magnitude),
            _ => self.bad_verb(value, verb),
        }
    }

    fn float_verb(&mut self, value: &Value, number: f64, verb: char) {
        match verb {
            'v' => self.float(number, 'g', None),
            'b' | 'g' | 'G' | 'x' | 'X' => self.float(number, verb, None),
            'f' | 'F' => self.float(number, 'f', Some(6)),
            'e' | 'E' => self.float(number, verb, Some(6)),
            _ => self.bad_verb(value, verb),
        }
    }

    fn string(&mut self, value: &Value, bytes: &[u8], verb: char) {
        match verb {
            'v' if self.flags.sharp_v => self.quoted(bytes),
            'v' | 's' => self.plain(bytes),
            'x' | 'X' => self.hexadecimal(bytes, verb == 'X'),
            'q' => self.quoted(bytes),
            _ => self.bad_verb(value, verb),
        }
    }

    fn bytes(&mut self, value: &Value, bytes: &[u8], verb: char) {
        match verb {
            'v' | 'd' if self.flags.sharp_v => {
                self.push_str(if self.depth == 0 {
                    "[]byte{"
                } else {
                    "[]uint8{"
                });
                for (index, byte) in bytes.iter().enumerate() {
                    self.push_str(if index > 0 { ", " } else { "" });
                    self.prefixed_hexadecimal(u64::from(*byte), true);
                }
                self.push_str("}");
            }
            's' => self.plain(bytes),
            'x' | 'X' => self.hexadecimal(bytes, verb == 'X'),
            'q' => self.quoted(bytes),
            'p' => self.pointer(value, verb),
            _ => {
                let (open, comma, close) = if self.flags.sharp_v {
                    ("[]uint8{", ", ", "}")
                } else {
                    ("[", " ", "]")
                };
                self.push_str(open);
                for (index, byte) in bytes.iter().enumerate() {
                    self.push_str(if index > 0 { comma } else { "" });
                    self.unsigned(&Value::Uint8(*byte), u64::from(*byte), verb);
                }
                self.push_str(close);
            }
        }
    }

    fn list(&mut self, list: &List, value: &Value, verb: char) {
        let sharp_v = self.flags.sharp_v;
        if sharp_v {
            self.push_str(&value.type_name());
            if list.is_nil() {
                return self.push_str("(nil)");
            }
        }
        self.push_str(if sharp_v { "{" } else { "[" });
        for (index, item) in list.iter().enumerate() {
            if index > 0 {
                self.push_str(if sharp_v { ", " } else { " " });
            }
            self.element(item, verb);
        }
        self.push_str(if sharp_v { "}" } else { "]" });
    }

    fn map(&mut self, map: &Map, value: &Value, verb: char) {
        let sharp_v = self.flags.sharp_v;
        if sharp_v {
            self.push_str(&value.type_name());
            if map.is_nil() {
                return self.push_str("(nil)");
            }
        }
        self.push_str(if sharp_v { "{" } else { "map[" });
        let mut first = true;
        let result: Result<(), std::convert::Infallible> = map.visit(|key, item| {
            if !std::mem::take(&mut first) {
                self.push_str(if sharp_v { ", " } else { " " });
            }
            self.element(&Value::from(key), verb);
            self.push_str(":");
            self.element(item, verb);
            Ok(())
        });
        debug_assert!(result.is_ok(), "printing does not fail");
        self.push_str(if sharp_v { "}" } else { "]" });
    }

    /// A value of the embedding program: its own words for the verbs that take a string.
    fn host(&mut self, host: &dyn Host, value: &Value, verb: char, top: bool) {
        let has_words = matches!(verb, 'v' | 's' | 'x' | 'X' | 'q');
        let is_verbose = self.flags.sharp_v;
        if !self.erroring
            && has_words
            && !is_verbose
            && let Some(text) = host.display()
        {
            self.string(value, text.as_bytes(), verb);
            return;
        }
        if !self.erroring
            && is_verbose
            && let Some(text) = host.go_string()
        {
            self.plain(text.as_bytes());
            return;
        }
        match host.underlying() {
            Some(underlying) => {
                if is_verbose && matches!(underlying, Value::List(_) | Value::Map(_)) {
                    self.named(host, &underlying, verb);
                } else {
                    self.below(&underlying, value, verb, top);
                }
            }
            None => match (host.fields(), host.display()) {
                (Some(_), _) if !top && host.kind() == Kind::Pointer => match verb {
                    'v' | 'p' => self.pointer(value, 'p'),
                    'b' | 'o' | 'd' | 'x' | 'X' => self.unsigned(value, ADDRESS, verb),
                    _ => self.bad_verb(value, verb),
                },
                (Some(fields), _) => self.structure(host, &fields, verb),
                (None, Some(text)) => self.pad(text.as_bytes()),
                (None, None) => {
                    self.push_str("?");
                    self.push_str(&host.type_name());
                    self.push_str("?");
                }
            },
        }
    }

    /// A structure by its fields.
    fn structure(&mut self, host: &dyn Host, fields: &[(&str, Value)], verb: char) {
        let Flags {
            sharp_v, plus_v, ..
        } = self.flags;
        let type_name = host.type_name();
        let is_pointer = host.kind() == Kind::Pointer;
        if is_pointer && !self.follows_pointers {
            self.push_str("&");
        }
        if sharp_v {
            self.push_str(type_name.trim_start_matches('*'));
        }
        self.push_str("{");
        for (index, (name, field)) in fields.iter().enumerate() {
            if index > 0 {
                self.push_str(if sharp_v { ", " } else { " " });
            }
            if sharp_v || plus_v {
                self.push_str(name);
                self.push_str(":");
            }
            self.element(field, verb);
        }
        self.push_str("}");
    }

    /// The value below a named type; what is wrong with it is said of the named one.
    fn below(&mut self, underlying: &Value, value: &Value, verb: char, top: bool) {
        match underlying {
            Value::Int(number) | Value::Int64(number) => {
                self.integer_verb(value, *number < 0, number.unsigned_abs(), verb);
            }
            Value::Uint8(number) => self.unsigned(value, u64::from(*number), verb),
            Value::Uint64(number) => self.unsigned(value, *number, verb),
            Value::Float64(number) => self.float_verb(value, *number, verb),
            Value::String(text) => self.string(value, text.as_bytes(), verb),
            other => self.nested(other, verb, top),
        }
    }

    /// `%#v` of a named list or map, which shows its own name.
    fn named(&mut self, host: &dyn Host, underlying: &Value, verb: char) {
        let start = self.out.len();
        self.nested(underlying, verb, false);
        let length = underlying.type_name().len();
        self.out
            .splice(start..start + length, host.type_name().bytes());
    }

    /// `%p`: what has an address shows one; it is always the same, for printed text must not
    /// depend on where a value lies.
    fn pointer(&mut self, value: &Value, verb: char) {
        match value {
            Value::Map(_) | Value::List(_) | Value::Bytes(_) => {
                let sharp = self.flags.sharp;
                self.prefixed_hexadecimal(ADDRESS, !sharp);
            }
            Value::Host(host) if host.underlying().is_none() => {
                let sharp = self.flags.sharp;
                self.prefixed_hexadecimal(ADDRESS, !sharp);
            }
            _ => self.bad_verb(value, verb),
        }
    }

    /// Prints what is left over after a format: `%!(EXTRA int=1)`.
    pub(super) fn extra(&mut self, values: &[Value]) {
        self.flags = Flags::default();
        self.push_str("%!(EXTRA ");
        for (index, value) in values.iter().enumerate() {
            self.push_str(if index > 0 { ", " } else { "" });
            if value.is_nil() {
                self.push_str("<nil>");
            } else {
                self.push_str(&value.type_name());
                self.push_str("=");
                self.argument(value, 'v');
            }
        }
        self.push_str(")");
    }
}
