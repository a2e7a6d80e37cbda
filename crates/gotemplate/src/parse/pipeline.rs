//! Pipelines: takes tokens of an expression, gives commands and operands, never resolves more than
//! functions and the scope of variables.

use super::lex::{Keyword, Kind, Token};
use super::{Parser, Result, Scope};
use crate::ast::{Command, Expression, ExpressionKind, Number, Pipe};
use crate::quote::{quote, unquote, unquote_character};
use crate::text::Text;

impl Parser<'_> {
    /// Declarations and commands up to the end token, which is consumed.
    pub(super) fn pipeline(&mut self, scope: &mut Scope, context: &str, end: Kind) -> Result<Pipe> {
        let mut pipe = Pipe {
            offset: self.peek_non_space().start,
            is_assignment: false,
            declarations: Vec::new(),
            commands: Box::default(),
        };
        let first = self.commands.len();
        self.declarations(scope, context, &mut pipe)?;
        loop {
            let token = self.next_non_space();
            match token.kind {
                kind if kind == end => break,
                Kind::Bool
                | Kind::CharacterConstant
                | Kind::Complex
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParenthesis
                | Kind::Keyword(Keyword::Dot | Keyword::Nil) => {
                    self.next -= 1;
                    let command = self.command(scope)?;
                    self.commands.push(command);
                }
                _ => return self.unexpected(token, context),
            }
        }
        pipe.commands = self.commands.drain(first..).collect();
        if pipe.commands.is_empty() {
            return self.fail(format!("missing value for {context}"));
        }
        for (index, command) in pipe.commands.iter().enumerate().skip(1) {
            if is_literal(&command.arguments[0].kind) {
                let stage = index + 1;
                return self.fail(format!("non executable command in pipeline stage {stage}"));
            }
        }
        Ok(pipe)
    }

    fn declarations(&mut self, scope: &mut Scope, context: &str, pipe: &mut Pipe) -> Result<()> {
        loop {
            let token = self.peek_non_space();
            if token.kind != Kind::Variable {
                return Ok(());
            }
            let before = self.next;
            self.next();
            let separator = self.peek_non_space();
            match separator.kind {
                Kind::Assign | Kind::Declare => {
                    pipe.is_assignment = separator.kind == Kind::Assign;
                    self.next_non_space();
                    let name = self.text_of(token).to_owned();
                    pipe.declarations.push(self.declared(scope, &name)?);
                    return Ok(());
                }
                Kind::Character if self.text_of(separator) == "," => {
                    self.next_non_space();
                    let name = self.text_of(token).to_owned();
                    pipe.declarations.push(self.declared(scope, &name)?);
                    if context != "range" || pipe.declarations.len() >= 2 {
                        return self.fail(format!("too many declarations in {context}"));
                    }
                    match self.peek_non_space().kind {
                        Kind::Variable | Kind::RightDelimiter | Kind::RightParenthesis => {}
                        _ => return self.fail("range can only initialize variables"),
                    }
                }
                _ => {
                    self.next = before;
                    return Ok(());
                }
            }
        }
    }

    /// Declares a variable.
    fn declared(&self, scope: &mut Scope, name: &str) -> Result<u32> {
        match scope.declare(name) {
            Some(number) => Ok(number),
            None => self.fail("too many variables"),
        }
    }

    /// Operands separated by spaces. The pipe after it is consumed, a closing mark is not.
    fn command(&mut self, scope: &mut Scope) -> Result<Command> {
        let offset = self.peek_non_space().start;
        let first = self.arguments.len();
        loop {
            self.peek_non_space();
            if let Some(operand) = self.operand(scope)? {
                self.arguments.push(operand);
            }
            let token = self.next();
            match token.kind {
                Kind::Space => {}
                Kind::RightDelimiter | Kind::RightParenthesis => {
                    self.next -= 1;
                    break;
                }
                Kind::Pipe => break,
                _ => return self.unexpected(token, "operand"),
            }
        }
        if self.arguments.len() == first {
            return self.fail("empty command");
        }
        let arguments = self.arguments.drain(first..).collect();
        Ok(Command { offset, arguments })
    }

    /// A term with the fields that follow it.
    fn operand(&mut self, scope: &mut Scope) -> Result<Option<Expression>> {
        let token = self.next_non_space();
        if token.kind == Kind::Field {
            let own = self.next - 1;
            let first = self.peek();
            let fields = self.fields(own);
            let is_alone = fields.len() == 1;
            return Ok(Some(Expression {
                offset: if is_alone { token } else { first }.start,
                kind: ExpressionKind::Field(fields),
            }));
        }
        self.next -= 1;
        let Some(Expression { offset, kind }) = self.term(scope)? else {
            return Ok(None);
        };
        let first = self.peek();
        if first.kind != Kind::Field {
            return Ok(Some(Expression { offset, kind }));
        }
        if is_literal(&kind) {
            self.fields(self.next);
            let token = &self.source.text[offset..first.start];
            let term = quote(token.trim_end().as_bytes(), b'"', false);
            return self.fail(format!("unexpected . after term {term}"));
        }
        let fields = self.fields(self.next);
        let kind = match kind {
            ExpressionKind::Variable { variable, .. } => {
                ExpressionKind::Variable { variable, fields }
            }
            kind => ExpressionKind::Chain {
                operand: Box::new(Expression { offset, kind }),
                fields,
            },
        };
        Ok(Some(Expression {
            offset: first.start,
            kind,
        }))
    }

    /// The fields that follow each other from a token on.
    fn fields(&mut self, from: usize) -> Box<[Box<str>]> {
        self.next = from;
        while self.peek().kind == Kind::Field {
            self.next += 1;
        }
        let name = |number| Box::from(&self.text_of(self.tokens.get(number))[1..]);
        (from..self.next).map(name).collect()
    }

    fn term(&mut self, scope: &mut Scope) -> Result<Option<Expression>> {
        let token = self.next_non_space();
        let text = self.text_of(token);
        let kind = match token.kind {
            Kind::Identifier => {
                let Some(function) = self.functions.find(text) else {
                    let name = quote(text.as_bytes(), b'"', false);
                    return self.fail(format!("function {name} not defined"));
                };
                ExpressionKind::Function {
                    function,
                    end: token.end,
                }
            }
            Kind::Keyword(Keyword::Dot) => ExpressionKind::Dot,
            Kind::Keyword(Keyword::Nil) => ExpressionKind::Nil,
            Kind::Variable => {
                let Some(variable) = scope.find(text) else {
                    let name = quote(text.as_bytes(), b'"', false);
                    return self.fail(format!("undefined variable {name}"));
                };
                ExpressionKind::Variable {
                    variable,
                    fields: Box::default(),
                }
            }
            Kind::Bool => ExpressionKind::Bool(text == "true"),
            Kind::CharacterConstant | Kind::Complex | Kind::Number => {
                match number(text, token.kind) {
                    Ok(number) => ExpressionKind::Number(Box::new(number)),
                    Err(message) => return self.fail(message),
                }
            }
            Kind::LeftParenthesis => {
                let pipe = self.nested(|parser| {
                    parser.pipeline(scope, "parenthesized pipeline", Kind::RightParenthesis)
                })?;
                let offset = pipe.offset;
                let kind = ExpressionKind::Pipe(Box::new(pipe));
                return Ok(Some(Expression { offset, kind }));
            }
            Kind::String | Kind::RawString => {
                let text = Text::from_bytes(self.unquoted(token)?);
                ExpressionKind::String {
                    end: token.end,
                    text,
                }
            }
            _ => {
                self.next -= 1;
                return Ok(None);
            }
        };
        Ok(Some(Expression {
            offset: token.start,
            kind,
        }))
    }

    pub(super) fn unquoted(&self, token: Token) -> Result<Vec<u8>> {
        unquote(self.text_of(token)).or_else(|_| self.fail("invalid syntax"))
    }
}

/// Whether the term is one that has no fields and takes no arguments.
fn is_literal(kind: &ExpressionKind) -> bool {
    matches!(
        kind,
        ExpressionKind::Bool(_)
            | ExpressionKind::Dot
            | ExpressionKind::Nil
            | ExpressionKind::Number(_)
            | ExpressionKind::String { .. }
    )
}

/// Reads a constant under all types that can hold it.
fn number(text: &str, kind: Kind) -> std::result::Result<Number, String> {
    let mut number = Number {
        text: text.into(),
        int: None,
        uint: None,
        float: None,
        is_float: false,
    };
    if kind == Kind::CharacterConstant {
        let (unit, tail) =
            unquote_character(&text[1..], b'\'').map_err(|_| "invalid syntax".to_owned())?;
        if tail != "'" {
            return Err(format!("malformed character constant: {text}"));
        }
        number.int = Some(i64::from(unit.code()));
        number.uint = Some(u64::from(unit.code()));
        number.float = Some(f64::from(unit.code()));
        return Ok(number);
    }
    if kind == Kind::Complex || text.ends_with('i') {
        return Err(format!("complex constants are not supported: {text}"));
    }
    let is_written_as_float = text.contains(['.', 'e', 'E', 'p', 'P']);
    number.uint = crate::number::parse_uint(text);
    number.int = crate::number::parse_int(text);
    if number.int == Some(0) {
        number.uint = Some(0);
    }
    #[expect(clippy::cast_precision_loss, reason = "Go promotes in the same way")]
    if let Some(int) = number.int {
        number.float = Some(int as f64);
    } else if let Some(uint) = number.uint {
        number.float = Some(uint as f64);
    } else if let Some(float) = crate::number::parse_float(text) {
        if !is_written_as_float {
            let text = quote(text.as_bytes(), b'"', false);
            return Err(format!("integer overflow: {text}"));
        }
        number.float = Some(float);
        number.int = integral(
            float,
            -9_223_372_036_854_775_808.0,
            9_223_372_036_854_775_808.0,
        )
        .and_then(|value| i64::try_from(value).ok());
        number.uint = integral(float, 0.0, 18_446_744_073_709_551_616.0)
            .and_then(|value| u64::try_from(value).ok());
    } else {
        let text = quote(text.as_bytes(), b'"', false);
        return Err(format!("illegal number syntax: {text}"));
    }
    let is_hexadecimal_integer = text.len() > 2
        && (text.starts_with("0x") || text.starts_with("0X"))
        && !text.contains(['p', 'P']);
    number.is_float = is_written_as_float && !is_hexadecimal_integer;
    Ok(number)
}

/// The integer that a floating-point number is, within a range.
fn integral(value: f64, least: f64, bound: f64) -> Option<i128> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "integral and within the range"
    )]
    (value.fract() == 0.0 && value >= least && value < bound).then_some(value as i128)
}
