//! What the language's library says in its own types: takes an error, gives a sentence with a place,
//! never the value of a variable.

use rsjsonnet_lang::ast::{BinaryOp, UnaryOp};
use rsjsonnet_lang::lexer::LexError;
use rsjsonnet_lang::parser::{ActualToken, ExpectedToken, ParseError};
use rsjsonnet_lang::program::{
    AnalyzeError, EvalError, EvalErrorKind, EvalErrorValueType, EvalStackTraceItem, LoadError,
    Program,
};
use rsjsonnet_lang::span::SpanId;
use rsjsonnet_lang::token::STokenKind;

use crate::error::Error;
use crate::importer::Importer;

/// More steps than these say nothing more about a mistake.
const MAXIMUM_TRACE: usize = 12;

/// Says why a text cannot be read.
pub(crate) fn loading<'p>(
    program: &Program<'p>,
    importer: &Importer<'p>,
    error: &LoadError,
) -> Error {
    let (message, span) = match error {
        LoadError::Lex(error) => lexing(error),
        LoadError::Parse(ParseError::Expected {
            span,
            expected,
            instead,
        }) => {
            let expected: Vec<String> = expected.iter().map(|one| wanted(*one)).collect();
            let message = format!("expected {}, found {}", either(&expected), found(instead));
            (message, *span)
        }
        LoadError::Analyze(error) => analysis(program, importer, error),
    };
    Error {
        place: importer.place(program, span),
        ..Error::new(message)
    }
}

/// Says why an evaluation ended without a result.
pub(crate) fn evaluation<'p>(
    program: &Program<'p>,
    importer: &mut Importer<'p>,
    error: &EvalError,
) -> Error {
    let (message, span) = kind(&error.kind);
    let mut trace = Vec::new();
    let mut place = span.and_then(|span| importer.place(program, span));
    for item in error.stack_trace.iter().rev() {
        let (text, span) = step(item);
        let at = span.and_then(|span| importer.place(program, span));
        if place.is_none() {
            place.clone_from(&at);
        }
        // What happens inside the standard library is nobody's concern.
        if let (Some(at), true) = (at, trace.len() < MAXIMUM_TRACE) {
            trace.push(format!("{text} at {at}"));
        }
    }
    if let (EvalErrorKind::ImportFailed { .. }, Some(mut failure)) =
        (&error.kind, importer.failure.take())
    {
        match (&failure.place, place) {
            (Some(_), Some(place)) => failure.trace.push(format!("imported at {place}")),
            (None, place) => failure.place = place,
            (Some(_), None) => {}
        }
        failure.trace.extend(trace);
        return failure;
    }
    Error {
        message,
        place,
        trace,
    }
}

fn lexing(error: &LexError) -> (String, SpanId) {
    match error {
        LexError::InvalidChar { span, chr } => (format!("`{chr}` is no part of Jsonnet"), *span),
        LexError::InvalidUtf8 { span, .. } => ("the text is not UTF-8".to_owned(), *span),
        LexError::UnfinishedMultilineComment { span } => {
            ("the comment has no end `*/`".to_owned(), *span)
        }
        LexError::LeadingZeroInNumber { span } => {
            ("a number may not begin with 0".to_owned(), *span)
        }
        LexError::MissingFracDigits { span } => {
            ("the number has no digits after the point".to_owned(), *span)
        }
        LexError::MissingExpDigits { span } => {
            ("the number has no digits in its exponent".to_owned(), *span)
        }
        LexError::MissingDigitAfterUnderscore { span } => {
            ("the number has no digit after `_`".to_owned(), *span)
        }
        LexError::ExpOverflow { span } => ("the number's exponent is too large".to_owned(), *span),
        LexError::InvalidEscapeInString { span, chr } => {
            (format!("`\\{chr}` is no escape in a string"), *span)
        }
        LexError::IncompleteUnicodeEscape { span } => {
            ("`\\u` is followed by fewer than 4 digits".to_owned(), *span)
        }
        LexError::InvalidUtf16EscapeSequence { span, .. } => {
            ("the escapes are no Unicode character".to_owned(), *span)
        }
        LexError::UnfinishedString { span } => ("the string has no end".to_owned(), *span),
        LexError::MissingLineBreakAfterTextBlockStart { span } => {
            ("`|||` must be followed by a new line".to_owned(), *span)
        }
        LexError::MissingWhitespaceTextBlockStart { span } => (
            "the first line of a text block must be indented".to_owned(),
            *span,
        ),
        LexError::InvalidTextBlockTermination { span } => {
            ("the text block has no end `|||`".to_owned(), *span)
        }
    }
}

fn analysis<'p>(
    program: &Program<'p>,
    importer: &Importer<'p>,
    error: &AnalyzeError,
) -> (String, SpanId) {
    let first = |span: &SpanId| {
        let place = importer.place(program, *span);
        place.map_or_else(String::new, |place| {
            format!("; it is already at {}:{}", place.line, place.column)
        })
    };
    match error {
        AnalyzeError::UnknownVariable { span, name } => {
            (format!("there is no variable {name}"), *span)
        }
        AnalyzeError::SelfOutsideObject { self_span } => {
            ("`self` stands outside of an object".to_owned(), *self_span)
        }
        AnalyzeError::SuperOutsideObject { super_span } => (
            "`super` stands outside of an object".to_owned(),
            *super_span,
        ),
        AnalyzeError::DollarOutsideObject { dollar_span } => {
            ("`$` stands outside of an object".to_owned(), *dollar_span)
        }
        AnalyzeError::RepeatedLocalName {
            original_span,
            repeated_span,
            name,
        } => (
            format!(
                "the variable {name} is defined twice{}",
                first(original_span)
            ),
            *repeated_span,
        ),
        AnalyzeError::RepeatedFieldName {
            original_span,
            repeated_span,
            name,
        } => (
            format!("the field {name} is defined twice{}", first(original_span)),
            *repeated_span,
        ),
        AnalyzeError::RepeatedParamName {
            original_span,
            repeated_span,
            name,
        } => (
            format!(
                "the parameter {name} is there twice{}",
                first(original_span)
            ),
            *repeated_span,
        ),
        AnalyzeError::PositionalArgAfterNamed { arg_span } => (
            "an argument without a name comes after one with a name".to_owned(),
            *arg_span,
        ),
        AnalyzeError::TextBlockAsImportPath { span } => {
            ("the path of an import is a text block".to_owned(), *span)
        }
        AnalyzeError::ComputedImportPath { span } => {
            ("the path of an import is computed".to_owned(), *span)
        }
    }
}

fn kind(kind: &EvalErrorKind) -> (String, Option<SpanId>) {
    use EvalErrorKind as Kind;
    let plain = |text: &str| (text.to_owned(), None);
    match kind {
        Kind::StackOverflow => plain(
            "calls are nested too deeply: does a function call itself \
             without an end?",
        ),
        Kind::InfiniteRecursion => plain("a value needs itself"),
        Kind::InvalidIndexedType { span, got_type } => (
            format!("{} has nothing to be indexed", named(*got_type)),
            Some(*span),
        ),
        Kind::InvalidSlicedType { span, got_type } => {
            (format!("{} has no slices", named(*got_type)), Some(*span))
        }
        Kind::SliceIndexOrStepIsNotNumber { span, got_type }
        | Kind::StringIndexIsNotNumber { span, got_type }
        | Kind::ArrayIndexIsNotNumber { span, got_type } => (
            format!("the index is {}, expected a number", named(*got_type)),
            Some(*span),
        ),
        Kind::NumericIndexIsNotValid { span, index } => {
            (format!("{index} is no index"), Some(*span))
        }
        Kind::NumericIndexOutOfRange {
            span,
            index,
            length,
        } => (
            format!("the index {index} is not below the length {length}"),
            Some(*span),
        ),
        Kind::ObjectIndexIsNotString { span, got_type }
        | Kind::FieldNameIsNotString { span, got_type } => (
            format!(
                "the field's name is {}, expected a string",
                named(*got_type)
            ),
            Some(*span),
        ),
        Kind::RepeatedFieldName { span, name } => {
            (format!("the field {name} is there twice"), Some(*span))
        }
        Kind::UnknownObjectField { span, field_name } => {
            (format!("there is no field {field_name}"), Some(*span))
        }
        Kind::FieldOfNonObject { span } => (
            "a field is asked of what is no object".to_owned(),
            Some(*span),
        ),
        Kind::SuperWithoutSuperObject { span } => (
            "`super` is used where nothing is extended".to_owned(),
            Some(*span),
        ),
        Kind::ForSpecValueIsNotArray { span, got_type } => (
            format!("`for` goes over {}, expected an array", named(*got_type)),
            Some(*span),
        ),
        Kind::CondIsNotBool { span, got_type } => (
            format!("the condition is {}, expected a boolean", named(*got_type)),
            Some(*span),
        ),
        Kind::CalleeIsNotFunction { span, got_type } => (
            format!("{} is called, expected a function", named(*got_type)),
            *span,
        ),
        Kind::TooManyCallArgs { span, num_params } => {
            (format!("the function takes {num_params} arguments"), *span)
        }
        Kind::UnknownCallParam { span, param_name } => {
            (format!("the function has no parameter {param_name}"), *span)
        }
        Kind::RepeatedCallParam { span, param_name } => {
            (format!("the argument {param_name} is given twice"), *span)
        }
        Kind::CallParamNotBound { span, param_name } => {
            (format!("the argument {param_name} is missing"), *span)
        }
        Kind::NativeCallFailed => plain("there are no native functions"),
        Kind::InvalidUnaryOpType { span, op, rhs_type } => (
            format!("`{}` cannot be applied to {}", unary(*op), named(*rhs_type)),
            Some(*span),
        ),
        Kind::InvalidBinaryOpTypes {
            span,
            op,
            lhs_type,
            rhs_type,
        } => (
            format!(
                "`{}` cannot be applied to {} and {}",
                binary(*op),
                named(*lhs_type),
                named(*rhs_type)
            ),
            *span,
        ),
        Kind::NumberNotBitwiseSafe { span } => (
            "the number is too large for an operation on bits".to_owned(),
            *span,
        ),
        Kind::NumberOverflow { span } => ("the number is too large".to_owned(), *span),
        Kind::NumberNan { span } => ("the result is no number".to_owned(), *span),
        Kind::DivByZero { span } => ("something is divided by zero".to_owned(), *span),
        Kind::ShiftByNegative { span } => ("a shift is by less than nothing".to_owned(), *span),
        Kind::InvalidStdFuncArgType {
            func_name,
            arg_index,
            expected_types,
            got_type,
        } => {
            let expected: Vec<String> = expected_types
                .iter()
                .map(|one| named(*one).to_owned())
                .collect();
            let number = arg_index + 1;
            let message = format!(
                "argument {number} of std.{func_name} is {}, expected {}",
                named(*got_type),
                either(&expected)
            );
            (message, None)
        }
        Kind::AssertFailed { span, message } => match message {
            Some(message) => (format!("assertion failed: {message}"), Some(*span)),
            None => ("assertion failed".to_owned(), Some(*span)),
        },
        // What is compared may be a secret.
        Kind::AssertEqualFailed { .. } => plain("assertion failed: the two are not equal"),
        Kind::ExplicitError { span, message } => (message.clone(), Some(*span)),
        Kind::ImportFailed { span, path } => {
            (format!("the import {path} cannot be read"), Some(*span))
        }
        Kind::UnknownExtVar { name } => (format!("there is no external variable {name}"), None),
        Kind::ManifestFunction => plain("a function cannot be written as JSON"),
        Kind::CompareNullInequality => plain("nulls have no order"),
        Kind::CompareBooleanInequality => plain("booleans have no order"),
        Kind::CompareObjectInequality => plain("objects have no order"),
        Kind::CompareFunctions => plain("functions cannot be compared"),
        Kind::CompareDifferentTypesInequality { lhs_type, rhs_type } => (
            format!(
                "{} and {} have no order",
                named(*lhs_type),
                named(*rhs_type)
            ),
            None,
        ),
        Kind::PrimitiveEqualsNonPrimitive { got_type } => (
            format!("std.primitiveEquals cannot compare {}", named(*got_type)),
            None,
        ),
        Kind::Other { span, message } => (message.clone(), *span),
    }
}

fn step(item: &EvalStackTraceItem) -> (String, Option<SpanId>) {
    use EvalStackTraceItem as Item;
    match item {
        Item::Expr { span } => ("this expression".to_owned(), Some(*span)),
        Item::Call { span, name } => match name {
            Some(name) => (format!("the call of {name}"), *span),
            None => ("a call".to_owned(), *span),
        },
        Item::Variable { span, name } => (format!("the variable {name}"), Some(*span)),
        Item::ArrayItem { span, index } => (format!("the item {index}"), *span),
        Item::ObjectField { span, name } => (format!("the field {name}"), *span),
        Item::CompareArrayItem { index } => (format!("the comparison of the item {index}"), None),
        Item::CompareObjectField { name } => (format!("the comparison of the field {name}"), None),
        Item::ManifestArrayItem { index } => (format!("the item {index} of the result"), None),
        Item::ManifestObjectField { name } => (format!("the field {name} of the result"), None),
        Item::Import { span } => ("the import".to_owned(), Some(*span)),
    }
}

fn either(words: &[String]) -> String {
    match words {
        [] => "something else".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn named(kind: EvalErrorValueType) -> &'static str {
    match kind {
        EvalErrorValueType::Null => "null",
        EvalErrorValueType::Bool => "a boolean",
        EvalErrorValueType::Number => "a number",
        EvalErrorValueType::String => "a string",
        EvalErrorValueType::Array => "an array",
        EvalErrorValueType::Object => "an object",
        EvalErrorValueType::Function => "a function",
    }
}

fn wanted(token: ExpectedToken) -> String {
    match token {
        ExpectedToken::EndOfFile => "the end of the file".to_owned(),
        ExpectedToken::Simple(kind) => format!("`{}`", token_text(kind)),
        ExpectedToken::Ident => "a name".to_owned(),
        ExpectedToken::Number => "a number".to_owned(),
        ExpectedToken::String => "a string".to_owned(),
        ExpectedToken::TextBlock => "a text block".to_owned(),
        ExpectedToken::Expr => "an expression".to_owned(),
        ExpectedToken::BinaryOp => "an operator".to_owned(),
    }
}

fn found(token: &ActualToken) -> String {
    match token {
        ActualToken::EndOfFile => "the end of the file".to_owned(),
        ActualToken::Simple(kind) => format!("`{}`", token_text(*kind)),
        ActualToken::OtherOp(operator) => format!("`{operator}`"),
        ActualToken::Ident(name) => format!("the name {name}"),
        ActualToken::Number => "a number".to_owned(),
        ActualToken::String => "a string".to_owned(),
        ActualToken::TextBlock => "a text block".to_owned(),
    }
}

fn unary(operator: UnaryOp) -> &'static str {
    match operator {
        UnaryOp::Minus => "-",
        UnaryOp::Plus => "+",
        UnaryOp::BitwiseNot => "~",
        UnaryOp::LogicNot => "!",
    }
}

fn binary(operator: BinaryOp) -> &'static str {
    match operator {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Rem => "%",
        BinaryOp::Shl => "<<",
        BinaryOp::Shr => ">>",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        BinaryOp::In => "in",
        BinaryOp::BitwiseAnd => "&",
        BinaryOp::BitwiseOr => "|",
        BinaryOp::BitwiseXor => "^",
        BinaryOp::LogicAnd => "&&",
        BinaryOp::LogicOr => "||",
    }
}

fn token_text(kind: STokenKind) -> &'static str {
    match kind {
        STokenKind::Assert => "assert",
        STokenKind::Else => "else",
        STokenKind::Error => "error",
        STokenKind::False => "false",
        STokenKind::For => "for",
        STokenKind::Function => "function",
        STokenKind::If => "if",
        STokenKind::Import => "import",
        STokenKind::Importstr => "importstr",
        STokenKind::Importbin => "importbin",
        STokenKind::In => "in",
        STokenKind::Local => "local",
        STokenKind::Null => "null",
        STokenKind::Tailstrict => "tailstrict",
        STokenKind::Then => "then",
        STokenKind::Self_ => "self",
        STokenKind::Super => "super",
        STokenKind::True => "true",
        STokenKind::Exclam => "!",
        STokenKind::ExclamEq => "!=",
        STokenKind::Dollar => "$",
        STokenKind::Percent => "%",
        STokenKind::Amp => "&",
        STokenKind::AmpAmp => "&&",
        STokenKind::LeftParen => "(",
        STokenKind::RightParen => ")",
        STokenKind::Asterisk => "*",
        STokenKind::Plus => "+",
        STokenKind::PlusColon => "+:",
        STokenKind::PlusColonColon => "+::",
        STokenKind::PlusColonColonColon => "+:::",
        STokenKind::Comma => ",",
        STokenKind::Minus => "-",
        STokenKind::Dot => ".",
        STokenKind::Slash => "/",
        STokenKind::Colon => ":",
        STokenKind::ColonColon => "::",
        STokenKind::ColonColonColon => ":::",
        STokenKind::Semicolon => ";",
        STokenKind::Lt => "<",
        STokenKind::LtLt => "<<",
        STokenKind::LtEq => "<=",
        STokenKind::Eq => "=",
        STokenKind::EqEq => "==",
        STokenKind::Gt => ">",
        STokenKind::GtEq => ">=",
        STokenKind::GtGt => ">>",
        STokenKind::LeftBracket => "[",
        STokenKind::RightBracket => "]",
        STokenKind::Hat => "^",
        STokenKind::LeftBrace => "{",
        STokenKind::Pipe => "|",
        STokenKind::PipePipe => "||",
        STokenKind::RightBrace => "}",
        STokenKind::Tilde => "~",
    }
}
