//! Actions with keywords: takes tokens after a left delimiter, gives nodes, never looks into
//! pipelines.

use std::sync::Arc;

use super::lex::{Keyword, Kind, Token};
use super::{Ending, Item, Parser, Result, Scope};
use crate::ast::{Branch, Node};

impl Parser<'_> {
    /// An action after its left delimiter.
    pub(super) fn control(&mut self, scope: &mut Scope) -> Result<Item> {
        let token = self.next_non_space();
        let offset = token.start;
        let Kind::Keyword(keyword) = token.kind else {
            return self.plain_action(scope);
        };
        Ok(Item::Node(match keyword {
            Keyword::Block => self.block(scope)?,
            Keyword::Break => {
                self.loop_control(scope, "{{break}}")?;
                Node::Break { offset }
            }
            Keyword::Continue => {
                self.loop_control(scope, "{{continue}}")?;
                Node::Continue { offset }
            }
            Keyword::Else => return self.otherwise(),
            Keyword::End => {
                self.expect(Kind::RightDelimiter, "end")?;
                return Ok(Item::Ending(Ending::End));
            }
            Keyword::If => Node::If(self.branch(scope, "if")?),
            Keyword::Range => Node::Range(self.branch(scope, "range")?),
            Keyword::With => Node::With(self.branch(scope, "with")?),
            Keyword::Template => self.template_call(scope)?,
            Keyword::Define | Keyword::Dot | Keyword::Nil => return self.plain_action(scope),
        }))
    }

    /// A pipeline whose value is printed. Its variables persist until the block ends.
    fn plain_action(&mut self, scope: &mut Scope) -> Result<Item> {
        self.next -= 1;
        let offset = self.peek().start;
        let pipe = self.pipeline(scope, "command", Kind::RightDelimiter)?;
        Ok(Item::Node(Node::Action { offset, pipe }))
    }

    fn loop_control(&mut self, scope: &Scope, name: &str) -> Result<()> {
        self.expect(Kind::RightDelimiter, name)?;
        if scope.ranges == 0 {
            return self.fail(format!("{name} outside {{{{range}}}}"));
        }
        Ok(())
    }

    /// `else`; a condition that follows stays to be read.
    fn otherwise(&mut self) -> Result<Item> {
        let condition = matches!(
            self.peek_non_space().kind,
            Kind::Keyword(Keyword::If | Keyword::With)
        );
        if !condition {
            self.expect(Kind::RightDelimiter, "else")?;
        }
        Ok(Item::Ending(Ending::Else))
    }

    /// The rest of an `if`, `with` or `range` block.
    fn branch(&mut self, scope: &mut Scope, context: &str) -> Result<Branch> {
        let visible = scope.visible.len();
        let branch = self.branch_inside(scope, context);
        scope.visible.truncate(visible);
        branch
    }

    fn branch_inside(&mut self, scope: &mut Scope, context: &str) -> Result<Branch> {
        let pipe = self.pipeline(scope, context, Kind::RightDelimiter)?;
        let is_range = usize::from(context == "range");
        scope.ranges += is_range;
        let (body, ending) = self.list(scope)?;
        scope.ranges -= is_range;
        if ending == Ending::End {
            return Ok(Branch {
                pipe,
                body,
                otherwise: None,
            });
        }
        // `else if` is an `else` with an `if` in it that shares its `end`.
        let otherwise = match (context, self.peek().kind) {
            ("if", Kind::Keyword(Keyword::If)) => {
                self.next();
                Box::new([Node::If(self.nested(|parser| parser.branch(scope, "if"))?)])
            }
            ("with", Kind::Keyword(Keyword::With)) => {
                self.next();
                Box::new([Node::With(
                    self.nested(|parser| parser.branch(scope, "with"))?,
                )])
            }
            _ => {
                let (nodes, ending) = self.list(scope)?;
                if ending != Ending::End {
                    return self.fail(format!("expected end; found {}", ending.name()));
                }
                nodes
            }
        };
        Ok(Branch {
            pipe,
            body,
            otherwise: Some(otherwise),
        })
    }

    /// A definition and its call at one place.
    fn block(&mut self, scope: &mut Scope) -> Result<Node> {
        const CONTEXT: &str = "block clause";
        let token = self.next_non_space();
        let name = self.template_name(token, CONTEXT)?;
        let pipe = self.pipeline(scope, CONTEXT, Kind::RightDelimiter)?;
        let mut inner = Scope::new(Arc::clone(&name));
        let (root, ending) = self.list(&mut inner)?;
        if ending != Ending::End {
            return self.fail(format!("unexpected {} in {CONTEXT}", ending.name()));
        }
        self.add(inner, root)?;
        Ok(Node::Template {
            offset: token.start,
            name,
            pipe: Some(pipe),
        })
    }

    fn template_call(&mut self, scope: &mut Scope) -> Result<Node> {
        const CONTEXT: &str = "template clause";
        let token = self.next_non_space();
        let name = self.template_name(token, CONTEXT)?;
        let pipe = if self.next_non_space().kind == Kind::RightDelimiter {
            None
        } else {
            self.next -= 1;
            Some(self.pipeline(scope, CONTEXT, Kind::RightDelimiter)?)
        };
        Ok(Node::Template {
            offset: token.start,
            name,
            pipe,
        })
    }

    pub(super) fn template_name(&mut self, token: Token, context: &str) -> Result<Arc<str>> {
        match token.kind {
            Kind::String | Kind::RawString => {
                let name = self.unquoted(token)?;
                Ok(String::from_utf8_lossy(&name).into())
            }
            _ => self.unexpected(token, context),
        }
    }
}
