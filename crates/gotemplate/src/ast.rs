//! Parsed templates: takes what the parser found, gives nodes that say where they stand and print
//! in Go's normal form, never changes once built.

use std::fmt;
use std::sync::Arc;

use crate::error::Place;
use crate::text::Text;
use crate::value::Value;

/// A text that was parsed, which all trees of it point into.
#[derive(Debug)]
pub(crate) struct Source {
    /// The name that it was parsed under.
    pub(crate) name: Arc<str>,
    pub(crate) text: Arc<str>,
    /// How many tokens the text has.
    pub(crate) tokens: usize,
}

/// A line and columns of a byte offset.
pub(crate) struct Position {
    /// Counted from 1.
    pub(crate) line: u32,
    /// In characters, counted from 1.
    pub(crate) column: u32,
    /// In bytes, counted from 0.
    pub(crate) byte_column: u32,
}

impl Source {
    /// Finds the line and column of a byte offset.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Position {
            line: count(before.matches('\n').count() + 1),
            column: count(before[line_start..].chars().count() + 1),
            byte_column: count(before.len() - line_start),
        }
    }
}

/// One parsed definition.
#[derive(Debug)]
pub(crate) struct Tree {
    /// The name of the definition.
    pub(crate) name: Arc<str>,
    pub(crate) source: Arc<Source>,
    pub(crate) root: Box<[Node]>,
    /// Names of variables, `$` first; nodes hold their numbers.
    pub(crate) variables: Vec<Box<str>>,
}

impl Tree {
    /// Returns whether there is nothing but space and comments.
    pub(crate) fn is_blank(&self) -> bool {
        self.root.iter().all(|node| match node {
            Node::Text { start, end } => self.source.text[*start..*end].trim().is_empty(),
            _ => false,
        })
    }

    /// Describes a node's place for an error.
    pub(crate) fn place(&self, at: At<'_>) -> Place {
        let Position {
            line,
            column,
            byte_column,
        } = self.source.position(at.offset());
        Place {
            template: Arc::clone(&self.source.name),
            line,
            column,
            byte_column,
            executing: Arc::clone(&self.name),
            context: crate::error::shortened(Shown { tree: self, at }.to_string()),
        }
    }
}

/// What a template consists of.
#[derive(Debug)]
pub(crate) enum Node {
    /// A range of the source.
    Text {
        start: usize,
        end: usize,
    },
    /// A pipeline whose value is printed, unless it declares.
    Action {
        offset: usize,
        pipe: Pipe,
    },
    If(Branch),
    With(Branch),
    Range(Branch),
    Template {
        offset: usize,
        name: Arc<str>,
        pipe: Option<Pipe>,
    },
    Break {
        offset: usize,
    },
    Continue {
        offset: usize,
    },
}

/// A block under a condition, with what else to do.
#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) pipe: Pipe,
    pub(crate) body: Box<[Node]>,
    pub(crate) otherwise: Option<Box<[Node]>>,
}

/// Commands joined by `|`, with the variables that take the result.
#[derive(Debug)]
pub(crate) struct Pipe {
    pub(crate) offset: usize,
    /// The variables exist already.
    pub(crate) is_assignment: bool,
    /// Numbers of the variables.
    pub(crate) declarations: Vec<u32>,
    pub(crate) commands: Box<[Command]>,
}

/// A value, or a function or method with its arguments.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) offset: usize,
    /// Never empty; the first is what is called.
    pub(crate) arguments: Box<[Expression]>,
}

/// An operand and where it stands.
#[derive(Debug)]
pub(crate) struct Expression {
    pub(crate) offset: usize,
    pub(crate) kind: ExpressionKind,
}

/// The kinds of operands.
#[derive(Debug)]
pub(crate) enum ExpressionKind {
    Dot,
    Nil,
    Bool(bool),
    Number(Box<Number>),
    /// A literal: its end in the source and what it stands for.
    String {
        end: usize,
        text: Text,
    },
    /// `.name.name`.
    Field(Box<[Box<str>]>),
    /// `$variable.name.name`.
    Variable {
        variable: u32,
        fields: Box<[Box<str>]>,
    },
    /// A function, by its number; and the end of its name in the source.
    Function {
        function: u32,
        end: usize,
    },
    /// `(pipeline).name` or `function.name`.
    Chain {
        operand: Box<Expression>,
        fields: Box<[Box<str>]>,
    },
    Pipe(Box<Pipe>),
}

/// A constant under all types that can hold it.
#[derive(Debug)]
pub(crate) struct Number {
    /// As it is written.
    pub(crate) text: Box<str>,
    pub(crate) int: Option<i64>,
    pub(crate) uint: Option<u64>,
    pub(crate) float: Option<f64>,
    /// Written with a point or an exponent.
    pub(crate) is_float: bool,
}

impl Number {
    /// The value where no type is asked for; `None` if it is too large for `int`.
    pub(crate) fn ideal(&self) -> Option<Value> {
        match self.float {
            Some(float) if self.is_float => Some(Value::Float64(float)),
            _ => self.int.map(Value::Int),
        }
    }
}

/// The node that is being evaluated, for errors.
#[derive(Debug, Clone, Copy)]
pub(crate) enum At<'tree> {
    Node(&'tree Node),
    Pipe(&'tree Pipe),
    Command(&'tree Command),
    Expression(&'tree Expression),
}

impl At<'_> {
    pub(crate) fn offset(self) -> usize {
        match self {
            Self::Node(node) => match node {
                Node::Text { start: offset, .. }
                | Node::Action { offset, .. }
                | Node::Template { offset, .. }
                | Node::Break { offset }
                | Node::Continue { offset } => *offset,
                Node::If(branch) | Node::With(branch) | Node::Range(branch) => branch.pipe.offset,
            },
            Self::Pipe(pipe) => pipe.offset,
            Self::Command(command) => command.offset,
            Self::Expression(expression) => expression.offset,
        }
    }
}

/// A node in Go's normal form.
pub(crate) struct Shown<'tree> {
    pub(crate) tree: &'tree Tree,
    pub(crate) at: At<'tree>,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            At::Node(node) => self.node(node, out),
            At::Pipe(pipe) => self.pipe(pipe, out),
            At::Command(command) => self.command(command, out),
            At::Expression(expression) => self.expression(expression, out),
        }
    }
}

impl Shown<'_> {
    /// Blocks are shown by their head alone, which is all that an error needs.
    fn node(&self, node: &Node, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let branch = |name: &str, branch: &Branch, out: &mut fmt::Formatter<'_>| {
            write!(out, "{{{{{name} ")?;
            self.pipe(&branch.pipe, out)?;
            out.write_str("}}")
        };
        match node {
            Node::Text { .. } => out.write_str("text"),
            Node::Action { pipe, .. } => {
                out.write_str("{{")?;
                self.pipe(pipe, out)?;
                out.write_str("}}")
            }
            Node::If(node) => branch("if", node, out),
            Node::With(node) => branch("with", node, out),
            Node::Range(node) => branch("range", node, out),
            Node::Template { name, pipe, .. } => {
                let name = crate::quote::quote(name.as_bytes(), b'"', false);
                write!(out, "{{{{template {name}")?;
                if let Some(pipe) = pipe {
                    out.write_str(" ")?;
                    self.pipe(pipe, out)?;
                }
                out.write_str("}}")
            }
            Node::Break { .. } => out.write_str("{{break}}"),
            Node::Continue { .. } => out.write_str("{{continue}}"),
        }
    }

    fn pipe(&self, pipe: &Pipe, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, variable) in pipe.declarations.iter().enumerate() {
            let separator = if index > 0 { ", " } else { "" };
            write!(
                out,
                "{separator}{}",
                self.tree.variables[*variable as usize]
            )?;
        }
        if !pipe.declarations.is_empty() {
            out.write_str(if pipe.is_assignment { " = " } else { " := " })?;
        }
        for (index, command) in pipe.commands.iter().enumerate() {
            out.write_str(if index > 0 { " | " } else { "" })?;
            self.command(command, out)?;
        }
        Ok(())
    }

    fn command(&self, command: &Command, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, argument) in command.arguments.iter().enumerate() {
            out.write_str(if index > 0 { " " } else { "" })?;
            if let ExpressionKind::Pipe(pipe) = &argument.kind {
                out.write_str("(")?;
                self.pipe(pipe, out)?;
                out.write_str(")")?;
            } else {
                self.expression(argument, out)?;
            }
        }
        Ok(())
    }

    fn expression(&self, expression: &Expression, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = match &expression.kind {
            ExpressionKind::Dot => return out.write_str("."),
            ExpressionKind::Nil => return out.write_str("nil"),
            ExpressionKind::Bool(value) => return write!(out, "{value}"),
            ExpressionKind::Number(number) => return out.write_str(&number.text),
            ExpressionKind::String { end, .. } | ExpressionKind::Function { end, .. } => {
                return out.write_str(&self.tree.source.text[expression.offset..*end]);
            }
            ExpressionKind::Pipe(pipe) => return self.pipe(pipe, out),
            ExpressionKind::Field(fields) => fields,
            ExpressionKind::Variable { variable, fields } => {
                out.write_str(&self.tree.variables[*variable as usize])?;
                fields
            }
            ExpressionKind::Chain { operand, fields } => {
                if let ExpressionKind::Pipe(pipe) = &operand.kind {
                    out.write_str("(")?;
                    self.pipe(pipe, out)?;
                    out.write_str(")")?;
                } else {
                    self.expression(operand, out)?;
                }
                fields
            }
        };
        fields.iter().try_for_each(|field| write!(out, ".{field}"))
    }
}
