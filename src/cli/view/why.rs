//! Why one waits for the other, as text: the chain with the evidence of each step, or what stands
//! against it and what was looked at.

use std::fmt::Write;

use crate::cli::arguments::Verbosity;
use crate::cli::command::why::{Asked, NotEnabled};
use crate::graph::{Answer, Edge, End, GivenUp, Step, Within};
use crate::render::Phase;

use super::words::{FAINT, STRONG, count, until};

/// So many names tell what a service brings.
const NAMES: usize = 6;

/// Returns the answer.
pub(in crate::cli) fn why(answer: &Answer, asked: Asked, verbosity: Verbosity) -> String {
    let mut text = String::new();
    if let Some(within) = &answer.within {
        text.push_str(&in_one_service(answer, within));
    } else if answer.waits {
        text.push_str(&chain(answer));
        if verbosity == Verbosity::Verbose {
            text.push_str(&more(answer));
        } else if !answer.more_chains.is_empty() {
            let number = answer.more_chains.len();
            let more = if answer.has_more { "at least " } else { "" };
            let chains = count(number, "further chain", "further chains");
            let _ = writeln!(text, "\n{FAINT}{more}{chains}: see them with -v{FAINT:#}");
        }
    } else {
        text.push_str(&nothing(answer, asked, verbosity));
    }
    text
}

fn named(end: &End) -> String {
    format!("{STRONG}{end}{STRONG:#}")
}

fn chain(answer: &Answer) -> String {
    let mut text = String::new();
    let steps = &answer.chain;
    let how_far = steps.last().map_or("", |step| until(step.until));
    let over = match steps.len() {
        1 => String::new(),
        number => format!(", over {}", count(number, "step", "steps")),
    };
    let (from, to) = (named(&answer.from), named(&answer.to));
    let _ = match answer.to.object {
        None => writeln!(text, "{from} waits until {to} {how_far}{over}"),
        Some(_) => writeln!(
            text,
            "{from} waits for {to}: until {} {how_far}{over}",
            answer.to.service
        ),
    };
    if !answer.needs_itself {
        let _ = writeln!(
            text,
            "{FAINT}it needs nothing of that itself, but is written with the rest of {}{FAINT:#}",
            answer.from.service
        );
    }
    text.push_str(&told(steps));
    text
}

fn told(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        let _ = writeln!(
            text,
            "\n  {STRONG}{}{STRONG:#} waits until {STRONG}{}{STRONG:#} {}",
            step.service,
            step.needs,
            until(step.until)
        );
        for edge in &step.edges {
            text.push_str(&reason(edge));
        }
    }
    text
}

fn reason(edge: &Edge) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "    {:11} {}", edge.until.name(), edge.evidence);
    let mut notes = vec![format!("{} need", edge.reason.rule.name())];
    notes.extend(
        edge.reason
            .field
            .as_ref()
            .map(|field| format!("by {field}")),
    );
    notes.push(
        match edge.reason.strength {
            crate::graph::Strength::Admission => "nothing can be written before",
            crate::graph::Strength::Readiness => "it cannot become ready before",
            crate::graph::Strength::Declared => "because a person says so",
            crate::graph::Strength::Soft => "helpful, never worth a cycle",
        }
        .to_owned(),
    );
    if !edge.holds.is_service() {
        notes.push("all but its Namespaces and definitions wait".to_owned());
    }
    let _ = writeln!(text, "                {FAINT}{}{FAINT:#}", notes.join("; "));
    text
}

fn more(answer: &Answer) -> String {
    let mut text = String::new();
    for steps in &answer.more_chains {
        let mut names: Vec<&str> = steps.iter().map(|step| step.service.as_str()).collect();
        names.extend(steps.last().map(|step| step.needs.as_str()));
        let _ = writeln!(text, "\nalso {}", names.join(" -> "));
        for edge in steps.iter().filter_map(|step| step.edges.first()) {
            let _ = writeln!(text, "    {:11} {}", edge.until.name(), edge.evidence);
        }
    }
    if answer.has_more {
        let _ = writeln!(text, "\n{FAINT}and more chains than are shown{FAINT:#}");
    }
    text
}

fn in_one_service(answer: &Answer, within: &Within) -> String {
    let phase = |(phase, wave): (Phase, i32)| {
        let name = match phase {
            Phase::PreSync => "PreSync",
            Phase::Sync => "Sync",
            Phase::PostSync => "PostSync",
        };
        format!("{name}, wave {wave}")
    };
    let (own, other) = (phase(within.from), phase(within.to));
    let how = if own == other {
        format!("both are in {own}, where kinds have an order")
    } else {
        format!("it is in {own}, the other in {other}")
    };
    format!(
        "{} comes after {}: both are of {}, which is written in Argo CD's order; {how}\n",
        named(&answer.from),
        named(&answer.to),
        answer.from.service,
    )
}

fn nothing(answer: &Answer, asked: Asked, verbosity: Verbosity) -> String {
    let (from, to) = (named(&answer.from), named(&answer.to));
    let mut text = format!("{from} does not wait for {to}\n");
    if answer.from.service == answer.to.service {
        let what = if answer.from.object.is_none() || answer.to.object.is_none() {
            "they are one service"
        } else {
            "it is written before, or is the same"
        };
        let _ = writeln!(text, "  {what}");
        return text;
    }
    if !answer.back.is_empty() {
        let _ = writeln!(text, "\nit is the other way round: {to} waits for {from}");
        text.push_str(&told(&answer.back));
    }
    for given_up in &answer.given_up {
        text.push_str(&dropped(given_up));
    }
    if answer.back.is_empty() && answer.given_up.is_empty() {
        text.push_str(&looked_at(answer, verbosity));
    }
    if asked == Asked::Why && answer.given_up.is_empty() && answer.back.is_empty() {
        let _ = writeln!(
            text,
            "\n{FAINT}if it has to, say so: `dependsOn` of the service, or `requires` in \
             firstlight.yaml{FAINT:#}"
        );
    }
    text
}

fn dropped(given_up: &GivenUp) -> String {
    format!(
        "\na reason was given up, because it would close a cycle:\n    {:11} {}\n                \
         {FAINT}{} need of {}; but {}{FAINT:#}\n",
        given_up.edge.until.name(),
        given_up.edge.evidence,
        given_up.edge.reason.rule.name(),
        given_up.service,
        given_up.way_back.join(" waits for "),
    )
}

fn looked_at(answer: &Answer, verbosity: Verbosity) -> String {
    let looked = &answer.looked_at;
    let mut text = format!(
        "\nlooked at {} of {}; none of them needs what {} brings, directly or by way of others:\n",
        count(looked.objects, "object", "objects"),
        answer.from.service,
        answer.to.service,
    );
    for (kind, names) in &looked.brings {
        let shown = if verbosity == Verbosity::Verbose {
            names.len()
        } else {
            NAMES
        };
        let listed: Vec<&str> = names.iter().take(shown).map(String::as_str).collect();
        let more = match names.len().saturating_sub(shown) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let _ = writeln!(text, "  {kind} {FAINT}{}{more}{FAINT:#}", listed.join(", "));
    }
    if looked.brings.is_empty() {
        let _ = writeln!(
            text,
            "  {FAINT}nothing that another service could need{FAINT:#}"
        );
    }
    text
}

/// Returns the answer about a service that is not enabled.
pub(in crate::cli) fn not_enabled(environment: &str, answer: &NotEnabled) -> String {
    let mut text = format!(
        "{} does not wait for {STRONG}{}{STRONG:#}: {environment} does not run it\n",
        named(&answer.from),
        answer.disabled,
    );
    if let Some(source) = &answer.declared {
        let _ = writeln!(text, "  but it is declared to depend on it ({source})");
    }
    text
}
