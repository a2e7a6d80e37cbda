//! Docker's credential helpers: takes the name that a configuration file has for a registry, runs
//! `docker-credential-NAME get` as Docker does, gives the login, never shows what the program says.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::credentials::Login;
use super::error::FetchError;
use super::secret::Secret;

/// How long a helper may take: some ask a person.
const PATIENCE: Duration = Duration::from_mins(1);

/// No login is longer.
const MAXIMUM_BYTES: u64 = 1024 * 1024;

/// What a helper says where it knows no login.
const NOT_FOUND: &str = "credentials not found in native keychain";

/// The name that stands for a token where a helper gives a user's name.
const TOKEN_USER: &str = "<token>";

/// Which helper is asked for which registry.
pub(super) struct Question<'q> {
    /// The name without `docker-credential-`.
    pub(super) name: &'q str,
    /// The file that names it.
    pub(super) file: &'q str,
    /// The registry as the helper knows it.
    pub(super) address: &'q str,
}

/// Asks a helper; nothing where it knows no login.
pub(super) async fn ask(question: &Question<'_>) -> Result<Option<Login>, FetchError> {
    let program = format!("docker-credential-{}", question.name);
    let failed = |cause: String| FetchError::Helper {
        program: program.clone(),
        file: question.file.to_owned(),
        host: question.address.to_owned(),
        cause,
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if !question.name.bytes().all(plain) {
        return Err(failed("that is no name of a program".to_owned()));
    }
    match tokio::time::timeout(PATIENCE, run(&program, question.address)).await {
        Err(_) => Err(failed(format!("no answer within {} s", PATIENCE.as_secs()))),
        Ok(Err(error)) => Err(failed(error.to_string())),
        Ok(Ok((true, answer))) => {
            read(&answer).map_err(|Unreadable| failed("its answer cannot be read".to_owned()))
        }
        Ok(Ok((false, answer))) if answer.trim() == NOT_FOUND => Ok(None),
        Ok(Ok((false, _))) => Err(failed("it ended with an error".to_owned())),
    }
}

async fn run(program: &str, address: &str) -> std::io::Result<(bool, String)> {
    let mut child = tokio::process::Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // A helper that does not read its input may still answer.
        let _ = input.write_all(format!("{address}\n").as_bytes()).await;
    }
    let mut answer = String::new();
    if let Some(output) = child.stdout.take() {
        output
            .take(MAXIMUM_BYTES)
            .read_to_string(&mut answer)
            .await?;
    }
    Ok((child.wait().await?.success(), answer))
}

/// An answer that cannot be read. What it says is not told.
#[derive(Debug, PartialEq, Eq)]
struct Unreadable;

fn read(answer: &str) -> Result<Option<Login>, Unreadable> {
    let answer: Value = serde_json::from_str(answer).map_err(|_| Unreadable)?;
    let text = |key: &str| answer.get(key).and_then(Value::as_str).ok_or(Unreadable);
    let user = text("Username")?;
    let secret = Secret::new(text("Secret")?);
    if user.is_empty() && secret.is_empty() {
        return Ok(None);
    }
    Ok(Some(if user == TOKEN_USER {
        Login::Identity(secret)
    } else {
        Login::Password {
            user: user.to_owned(),
            password: secret,
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_as_docker_reads_them() {
        let read = |text: &str| read(text);
        assert_eq!(
            read(r#"{"ServerURL": "x", "Username": "ann", "Secret": "one"}"#),
            Ok(Some(Login::Password {
                user: "ann".into(),
                password: Secret::new("one")
            }))
        );
        assert_eq!(
            read(r#"{"Username": "<token>", "Secret": "one"}"#),
            Ok(Some(Login::Identity(Secret::new("one"))))
        );
        assert_eq!(read(r#"{"Username": "", "Secret": ""}"#), Ok(None));
        assert_eq!(read("credentials"), Err(Unreadable));
    }

    #[tokio::test]
    async fn only_programs_of_that_name_are_run() {
        for name in ["../evil", "a b", "none-such-helper-exists"] {
            let question = Question {
                name,
                file: "config.json",
                address: "registry.example.org",
            };
            let error = ask(&question).await.expect_err("no such program");
            assert!(error.to_string().contains("docker-credential-"), "{error}");
        }
    }
}
