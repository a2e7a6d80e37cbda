//! Parsing: takes a template's text and the known functions, gives its tree and those of its
//! definitions, never executes.

mod control;
mod lex;
mod pipeline;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ast::{Command, Expression, Node, Source};
use crate::error::ParseError;
use crate::function::FunctionTable;
use lex::{Keyword, Kind, Options, Token, Tokens};

pub(crate) use crate::ast::Tree;

/// How deep blocks and parentheses may nest in each other.
const MAXIMUM_NESTING: usize = 500;
/// How many variables may be visible at once.
const MAXIMUM_VARIABLES: usize = 10_000;
/// Up to so many names of variables are looked through one by one.
const FEW_VARIABLES: usize = 16;
/// How many tokens a text may have: its tree takes many times their memory.
pub(crate) const MAXIMUM_TOKENS: usize = 1_000_000;

/// Parses a text of at most so many tokens. The trees are those of its definitions and, last, its
/// own.
pub(crate) fn parse(
    functions: &FunctionTable,
    name: &str,
    text: Arc<str>,
    delimiters: (&str, &str),
    most: usize,
) -> Result<Vec<Arc<Tree>>, ParseError> {
    let options = Options {
        break_is_keyword: !functions.contains("break"),
        continue_is_keyword: !functions.contains("continue"),
    };
    let tokens = lex::lex(&text, delimiters, options);
    let mut parser = Parser {
        functions,
        source: Arc::new(Source {
            name: name.into(),
            text,
            tokens: tokens.count(),
        }),
        tokens,
        next: 0,
        furthest: 0,
        action: None,
        nesting: 0,
        trees: Vec::new(),
        numbers: BTreeMap::new(),
        nodes: Vec::new(),
        commands: Vec::new(),
        arguments: Vec::new(),
    };
    let all = parser.tokens.count();
    if all > MAXIMUM_TOKENS {
        return parser.fail(format!("more than {MAXIMUM_TOKENS} tokens in one template"));
    }
    if all > most {
        return parser.fail("too many tokens in all templates together");
    }
    let mut scope = Scope::new(name.into());
    let root = parser.template(&mut scope)?;
    parser.add(scope, root)?;
    Ok(parser.trees)
}

struct Parser<'functions> {
    functions: &'functions FunctionTable,
    source: Arc<Source>,
    tokens: Tokens,
    /// The number of the next token.
    next: usize,
    /// The number of the furthest token seen, whose line Go reports.
    furthest: usize,
    /// Where the current action began, outside of text.
    action: Option<usize>,
    nesting: usize,
    trees: Vec<Arc<Tree>>,
    /// The number of the tree of each name.
    numbers: BTreeMap<Arc<str>, usize>,
    /// What the lists that are being read have so far, the innermost last: finished lists take no
    /// more room than they need.
    nodes: Vec<Node>,
    commands: Vec<Command>,
    arguments: Vec<Expression>,
}

/// What belongs to the definition being parsed.
struct Scope {
    name: Arc<str>,
    /// All names of variables, for their numbers.
    names: Vec<Box<str>>,
    /// The numbers of the names, once there are many.
    numbers: BTreeMap<Box<str>, u32>,
    /// The numbers of the variables that are visible.
    visible: Vec<u32>,
    /// How many `range` blocks are open.
    ranges: usize,
}

impl Scope {
    fn new(name: Arc<str>) -> Self {
        Self {
            name,
            names: vec!["$".into()],
            numbers: BTreeMap::new(),
            visible: vec![0],
            ranges: 0,
        }
    }

    /// Makes a variable visible and returns its number; none where there are too many.
    fn declare(&mut self, name: &str) -> Option<u32> {
        if self.visible.len() >= MAXIMUM_VARIABLES {
            return None;
        }
        let number = match self.number(name) {
            Some(number) => number,
            None => self.add(name)?,
        };
        self.visible.push(number);
        Some(number)
    }

    /// Returns the number of a variable that is visible.
    fn find(&self, name: &str) -> Option<u32> {
        let number = self.number(name)?;
        self.visible.contains(&number).then_some(number)
    }

    fn number(&self, name: &str) -> Option<u32> {
        if self.names.len() > FEW_VARIABLES {
            return self.numbers.get(name).copied();
        }
        let found = self.names.iter().position(|one| **one == *name)?;
        u32::try_from(found).ok()
    }

    fn add(&mut self, name: &str) -> Option<u32> {
        let number = u32::try_from(self.names.len()).ok()?;
        self.names.push(name.into());
        if self.names.len() == FEW_VARIABLES + 1 {
            self.numbers = self.names.iter().cloned().zip(0..).collect();
        } else if self.names.len() > FEW_VARIABLES {
            self.numbers.insert(name.into(), number);
        }
        Some(number)
    }
}

/// What ended a list of nodes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    End,
    Else,
}

impl Ending {
    fn name(self) -> &'static str {
        match self {
            Self::End => "{{end}}",
            Self::Else => "{{else}}",
        }
    }
}

/// A node of a list, or the action that ends the list.
enum Item {
    Node(Node),
    Ending(Ending),
}

type Result<T, E = ParseError> = std::result::Result<T, E>;

impl Parser<'_> {
    fn next(&mut self) -> Token {
        let last = self.tokens.count() - 1;
        let number = self.next.min(last);
        self.furthest = self.furthest.max(number);
        self.next = number + 1;
        self.tokens.get(number)
    }

    fn peek(&mut self) -> Token {
        let token = self.next();
        self.next -= 1;
        token
    }

    fn next_non_space(&mut self) -> Token {
        loop {
            let token = self.next();
            if token.kind != Kind::Space {
                return token;
            }
        }
    }

    fn peek_non_space(&mut self) -> Token {
        let token = self.next_non_space();
        self.next -= 1;
        token
    }

    fn text_of(&self, token: Token) -> &str {
        &self.source.text[token.start..token.end]
    }

    /// Makes an error at the furthest token seen.
    fn fail<T>(&self, message: impl Into<String>) -> Result<T> {
        let token = self.tokens.get(self.furthest);
        let position = self.source.position(token.start);
        Err(ParseError {
            template: Arc::clone(&self.source.name),
            line: position.line,
            column: position.column,
            message: message.into(),
        })
    }

    fn unexpected<T>(&self, token: Token, context: &str) -> Result<T> {
        if token.kind != Kind::Error {
            return self.fail(format!("unexpected {} in {context}", self.shown(token)));
        }
        let message = &self.tokens.error;
        let line = |offset| self.source.position(offset).line;
        match self.action.map(line) {
            Some(started) if started != line(token.start) => {
                let joint = if message.ends_with(" action") {
                    ""
                } else {
                    " in action"
                };
                self.fail(format!(
                    "{message}{joint} started at {}:{started}",
                    self.source.name
                ))
            }
            _ => self.fail(message.as_str()),
        }
    }

    /// A token as Go shows it in errors.
    fn shown(&self, token: Token) -> String {
        let text = self.text_of(token);
        match token.kind {
            Kind::End => "EOF".to_owned(),
            Kind::Keyword(_) => format!("<{text}>"),
            _ if text.len() > 10 => {
                let start: String = text.chars().take(10).collect();
                format!("{}...", crate::quote::quote(start.as_bytes(), b'"', false))
            }
            _ => crate::quote::quote(text.as_bytes(), b'"', false),
        }
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Result<Token> {
        let token = self.next_non_space();
        if token.kind == kind {
            Ok(token)
        } else {
            self.unexpected(token, context)
        }
    }

    /// Counts a level of nesting and gives the recursion room.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.nesting >= MAXIMUM_NESTING {
            return self.fail("max expression depth exceeded");
        }
        self.nesting += 1;
        let result = crate::stack::grow(|| parse(self));
        self.nesting -= 1;
        result
    }

    /// The whole text, where `define` may stand.
    fn template(&mut self, scope: &mut Scope) -> Result<Box<[Node]>> {
        loop {
            let start = self.next;
            match self.peek().kind {
                Kind::End => return Ok(self.nodes.drain(..).collect()),
                Kind::LeftDelimiter => {
                    self.next();
                    if self.next_non_space().kind == Kind::Keyword(Keyword::Define) {
                        self.definition()?;
                        continue;
                    }
                    self.next = start;
                }
                _ => {}
            }
            match self.text_or_action(scope)? {
                Item::Node(node) => self.nodes.push(node),
                Item::Ending(ending) => {
                    return self.fail(format!("unexpected {}", ending.name()));
                }
            }
        }
    }

    /// A definition, after the keyword.
    fn definition(&mut self) -> Result<()> {
        const CONTEXT: &str = "define clause";
        let token = self.next_non_space();
        let name = self.template_name(token, CONTEXT)?;
        self.expect(Kind::RightDelimiter, CONTEXT)?;
        let mut scope = Scope::new(name);
        let (root, ending) = self.list(&mut scope)?;
        if ending != Ending::End {
            return self.fail(format!("unexpected {} in {CONTEXT}", ending.name()));
        }
        self.add(scope, root)
    }

    /// Takes up a finished definition, unless it is blank and another of the name is there.
    fn add(&mut self, scope: Scope, root: Box<[Node]>) -> Result<()> {
        let tree = Tree {
            name: scope.name,
            source: Arc::clone(&self.source),
            root,
            variables: scope.names,
        };
        match self.numbers.get(&tree.name).copied() {
            None => {
                self.numbers
                    .insert(Arc::clone(&tree.name), self.trees.len());
                self.trees.push(Arc::new(tree));
            }
            Some(index) if self.trees[index].is_blank() => self.trees[index] = Arc::new(tree),
            Some(_) if tree.is_blank() => {}
            Some(_) => {
                let name = crate::quote::quote(tree.name.as_bytes(), b'"', false);
                return self.fail(format!("template: multiple definition of template {name}"));
            }
        }
        Ok(())
    }

    /// Nodes up to `end` or `else`.
    fn list(&mut self, scope: &mut Scope) -> Result<(Box<[Node]>, Ending)> {
        let first = self.nodes.len();
        while self.peek_non_space().kind != Kind::End {
            match self.text_or_action(scope)? {
                Item::Node(node) => self.nodes.push(node),
                Item::Ending(ending) => return Ok((self.nodes.drain(first..).collect(), ending)),
            }
        }
        self.fail("unexpected EOF")
    }

    fn text_or_action(&mut self, scope: &mut Scope) -> Result<Item> {
        let token = self.next_non_space();
        match token.kind {
            Kind::Text => Ok(Item::Node(Node::Text {
                start: token.start,
                end: token.end,
            })),
            Kind::LeftDelimiter => {
                self.action = Some(token.start);
                let item = self.nested(|parser| parser.control(scope));
                self.action = None;
                item
            }
            _ => self.unexpected(token, "input"),
        }
    }
}
