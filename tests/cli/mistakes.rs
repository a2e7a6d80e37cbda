//! Mistakes that people make with charts, what Helm 4.3.1 says to each and what firstlight says:
//! `tests/mistakes/*.txt` hold them, and `docs/mistakes.md` is made of them.
//!
//! `# TITLE` begins a chapter, `== TITLE` a mistake, `=` its words; `-- PATH` begins a file of it,
//! each line behind `|`, and `-- PATH utf-16` one in that encoding. `$ ARGUMENTS` is what is run;
//! below it, behind `<`, what Helm says, and behind `>` what firstlight says, each with its exit
//! code first. With `HELM` set to the program, Helm is asked again; with `RECORD` set, what is said
//! is written down instead of compared.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

const CHAPTERS: [&str; 5] = ["values", "templates", "output", "charts", "commands"];

/// The widest line that we say.
const WIDEST: usize = 100;

/// What a chart has that says nothing else of itself.
const CHART: &str = "apiVersion: v2\nname: web\nversion: 1.0.0\n";

/// What a chart gives that shows no template.
const TEMPLATE: &str = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n";

/// What begins the document.
const INTRODUCTION: &str = "\
# Mistakes, and what is said to them

What people get wrong with charts, what Helm 4.3.1 says to it, and what firstlight says. Each mistake
is a small chart; where no `Chart.yaml` is shown, it has a name and a version and nothing else, and
where no template is shown, one that does no harm. The figure at the end is the exit code: Helm's is
1 for all that fails, [firstlight's](cli.md#exit-codes) tells the command line (2) from a chart or its
values (3) and from findings (4).

What firstlight tells of an error:

- the file, the line and the column, with the lines around it;
- the calls that led there, each with its own place, also through `tpl`, `required` and `fail`;
- where the values come from that the failed action names: the file and line, the argument, or that
  nothing gives them, with the name that may have been meant;
- of broken output, where in the templates the line comes from, and not only where it ends up;
- how to mend it.

It never shows what a value is, which may be a secret: `…` stands for it, and dots for its letters
and digits where something is wrong with how it is written.

This page is made of `tests/mistakes/`, and a test holds both programs to it.
";

struct Case {
    title: String,
    words: String,
    /// Paths with what they hold.
    files: Vec<(String, String)>,
    arguments: String,
    helm: String,
    ours: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes")
}

fn read(chapter: &str) -> (String, Vec<Case>) {
    let text = fs::read_to_string(folder().join(format!("{chapter}.txt"))).expect("a chapter");
    let mut lines = text.lines();
    let title = lines.next().and_then(|line| line.strip_prefix("# "));
    let mut cases: Vec<Case> = Vec::new();
    for line in lines {
        if let Some(title) = line.strip_prefix("== ") {
            cases.push(Case {
                title: title.to_owned(),
                words: String::new(),
                files: Vec::new(),
                arguments: String::new(),
                helm: String::new(),
                ours: String::new(),
            });
            continue;
        }
        let case = cases.last_mut().expect("a mistake");
        if let Some(path) = line.strip_prefix("-- ") {
            case.files.push((path.to_owned(), String::new()));
        } else if let Some(arguments) = line.strip_prefix("$ ") {
            arguments.clone_into(&mut case.arguments);
        } else {
            let (mark, rest) = line.split_at(1);
            let target = match mark {
                "=" => &mut case.words,
                "|" => &mut case.files.last_mut().expect("a file").1,
                "<" => &mut case.helm,
                ">" => &mut case.ours,
                _ => panic!("{chapter}: {line}"),
            };
            target.push_str(rest);
            target.push('\n');
        }
    }
    (title.expect("a title").to_owned(), cases)
}

/// Writes a chapter down.
fn write(chapter: &str, title: &str, cases: &[Case]) {
    let mut text = format!("# {title}\n");
    for case in cases {
        let _ = writeln!(text, "== {}", case.title);
        marked(&mut text, '=', &case.words);
        for (path, content) in &case.files {
            let _ = writeln!(text, "-- {path}");
            marked(&mut text, '|', content);
        }
        let _ = writeln!(text, "$ {}", case.arguments);
        marked(&mut text, '<', &case.helm);
        marked(&mut text, '>', &case.ours);
    }
    fs::write(folder().join(format!("{chapter}.txt")), text).expect("a chapter");
}

fn marked(text: &mut String, mark: char, content: &str) {
    for line in content.lines() {
        let _ = writeln!(text, "{mark}{line}");
    }
}

/// Writes the files of a mistake.
fn home(case: &Case) -> TempDir {
    let home = TempDir::new().expect("a temporary directory");
    let put = |path: &str, content: &[u8]| {
        let path = home.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, content).expect("a file");
    };
    if !case
        .files
        .iter()
        .any(|(path, _)| path.ends_with("web/Chart.yaml"))
    {
        put("web/Chart.yaml", CHART.as_bytes());
    }
    if !case
        .files
        .iter()
        .any(|(path, _)| path.contains("templates/"))
    {
        put("web/templates/service.yaml", TEMPLATE.as_bytes());
    }
    for (path, content) in &case.files {
        match path.strip_suffix(" utf-16") {
            Some(path) => {
                let units = std::iter::once(0xfeff).chain(content.encode_utf16());
                let bytes: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
                put(path, &bytes);
            }
            None => put(path, content.as_bytes()),
        }
    }
    home
}

/// Splits arguments as a shell does that knows single quotes only.
fn words(arguments: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (number, part) in arguments.split('\'').enumerate() {
        if number % 2 == 1 {
            words.last_mut().expect("a word").push_str(part);
            continue;
        }
        for (number, piece) in part.split(' ').enumerate() {
            if number > 0 {
                words.push(String::new());
            }
            words.last_mut().expect("a word").push_str(piece);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Runs a program; returns its exit code and what it says, all of it.
fn said(program: &str, before: &[&str], case: &Case) -> String {
    let home = home(case);
    let output = Command::new(program)
        .current_dir(home.path())
        .env_clear()
        .env("HOME", home.path())
        .args(before)
        .args(words(&case.arguments))
        .output()
        .expect("the program runs");
    let mut text = format!("{}\n", output.status.code().expect("an exit code"));
    for bytes in [output.stdout, output.stderr] {
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
    let place = home.path().canonicalize().expect("a directory");
    let text = text.replace(&format!("{}/", place.display()), "");
    let lines: Vec<String> = text.trim_end().lines().map(shortened).collect();
    format!("{}\n", lines.join("\n"))
}

/// Cuts the middle of lines that no page can show.
fn shortened(line: &str) -> String {
    const END: usize = 300;
    let letters: Vec<char> = line.trim_end().chars().collect();
    if letters.len() <= 3 * END {
        return letters.into_iter().collect();
    }
    let start: String = letters[..END].iter().collect();
    let end: String = letters[letters.len() - END..].iter().collect();
    let left = (letters.len() - 2 * END) / 1000;
    format!("{start} [... {left},000 letters ...] {end}")
}

fn firstlight(case: &Case) -> String {
    said(env!("CARGO_BIN_EXE_firstlight"), &["chart"], case)
}

fn is_recording() -> bool {
    std::env::var_os("RECORD").is_some()
}

#[test]
fn what_is_said_to_mistakes_is_what_is_recorded() {
    let helm = std::env::var("HELM").ok();
    let mut wrong = Vec::new();
    let mut count = 0;
    for chapter in CHAPTERS {
        let (title, mut cases) = read(chapter);
        for case in &mut cases {
            count += 1;
            let ours = firstlight(case);
            if ours != case.ours && !is_recording() {
                wrong.push(format!("{}: firstlight says\n{ours}", case.title));
            }
            case.ours = ours;
            if let Some(program) = &helm {
                let theirs = said(program, &[], case);
                if theirs != case.helm && !is_recording() {
                    wrong.push(format!("{}: Helm says\n{theirs}", case.title));
                }
                case.helm = theirs;
            }
        }
        if is_recording() {
            write(chapter, &title, &cases);
        }
    }
    assert!(count > 50, "{count} mistakes");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    if is_recording() {
        fs::write(page(), document()).expect("the page");
    }
}

/// Every word fits a page, no colour is in it, and no value of a file that the user gives.
#[test]
fn what_is_said_fits_a_page_and_tells_no_value() {
    for chapter in CHAPTERS {
        for case in read(chapter).1 {
            let (title, ours) = (&case.title, &case.ours);
            for line in ours.lines() {
                let width = line.chars().count();
                assert!(width <= WIDEST, "{title}: {width} letters: {line}");
            }
            assert!(!ours.contains('\u{1b}'), "{title} has colours");
            let given = case.files.iter().filter(|(path, _)| !path.contains('/'));
            for line in given.flat_map(|(_, content)| content.lines()) {
                let value = line.split_once(": ").map_or("", |(_, value)| value);
                let value = value.trim_matches(['"', ' ']);
                let elsewhere = case
                    .files
                    .iter()
                    .any(|(path, content)| path.contains('/') && content.contains(value));
                assert!(
                    value.len() < 3 || elsewhere || !ours.contains(value),
                    "{title}: {value}"
                );
            }
        }
    }
}

#[test]
fn the_page_in_the_docs_has_every_mistake() {
    if is_recording() {
        return;
    }
    let there = fs::read_to_string(page()).expect("the page");
    assert!(
        there == document(),
        "docs/mistakes.md is not what tests/mistakes hold: RECORD=1"
    );
}

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/mistakes.md")
}

/// Makes the page.
fn document() -> String {
    let mut contents = String::new();
    let mut body = String::new();
    let mut number = 0;
    for chapter in CHAPTERS {
        let (title, cases) = read(chapter);
        let _ = writeln!(contents, "\n{title}\n");
        let _ = writeln!(body, "\n## {title}");
        for case in &cases {
            number += 1;
            let title = format!("{number}. {}", case.title);
            let _ = writeln!(contents, "- [{title}](#{})", anchor(&title));
            let _ = writeln!(body, "\n### {title}\n");
            describe(&mut body, case);
        }
    }
    format!("{INTRODUCTION}\n## Contents\n{contents}{body}")
}

fn describe(body: &mut String, case: &Case) {
    if !case.words.trim().is_empty() {
        let _ = writeln!(body, "{}\n", case.words.trim());
    }
    for (path, content) in &case.files {
        let (path, note) = match path.strip_suffix(" utf-16") {
            Some(path) => (path, ", in UTF-16"),
            None => (path.as_str(), ""),
        };
        let language = match path.rsplit('.').next() {
            Some("json") => "json",
            Some("yaml") => "yaml",
            _ => "",
        };
        let _ = writeln!(body, "`{path}`{note}:\n\n```{language}\n{content}```\n");
    }
    for (program, said) in [("helm", &case.helm), ("firstlight chart", &case.ours)] {
        let (code, said) = said.split_once('\n').expect("an exit code");
        let name = program.split(' ').next().unwrap_or_default();
        let name = if name == "helm" { "Helm" } else { name };
        let _ = writeln!(
            body,
            "{name}:\n\n```console\n$ {program} {}\n{}\n[{code}]\n```\n",
            case.arguments,
            said.trim_end()
        );
    }
    body.truncate(body.trim_end().len());
    body.push('\n');
}

/// Returns the anchor that pages give to a title.
fn anchor(title: &str) -> String {
    let kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_');
    let letters = title.to_lowercase();
    letters
        .chars()
        .filter(kept)
        .collect::<String>()
        .replace(' ', "-")
}
