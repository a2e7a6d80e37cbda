//! `firstlight explain`: what a finding means.

use serde::Serialize;

use crate::cli::arguments::{ExplainArguments, TextOrJson};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::finding::{Code, Severity, codes};

#[derive(Serialize)]
struct Document {
    version: u32,
    codes: Vec<Explained>,
}

#[derive(Serialize)]
struct Explained {
    code: Code,
    severities: &'static [Severity],
    title: &'static str,
    explanation: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    example: &'static str,
    mend: &'static str,
}

pub(super) fn run(arguments: &ExplainArguments, output: &mut Output) -> Result<Exit, Failure> {
    let wanted = match &arguments.code {
        None => None,
        Some(name) => Some(Code::named(name).ok_or_else(|| Failure::unknown_code(name))?),
    };
    let text = match (arguments.format, wanted) {
        (TextOrJson::Text, Some(code)) => view::explained(code),
        (TextOrJson::Text, None) => view::code_list(),
        (TextOrJson::Json, wanted) => {
            let codes = codes::all().filter(|code| wanted.is_none_or(|wanted| wanted == *code));
            super::json(&Document {
                version: 1,
                codes: codes.map(explained).collect(),
            })?
        }
    };
    output.result(&text);
    Ok(Exit::Success)
}

fn explained(code: Code) -> Explained {
    let entry = code.entry();
    Explained {
        code,
        severities: entry.severities,
        title: entry.title,
        explanation: entry.explanation,
        example: entry.example,
        mend: entry.mend,
    }
}
