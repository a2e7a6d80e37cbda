//! Waiting with a reason: takes a question that says why not yet, gives the answer or, when the time
//! is over, the last reason. Never waits for a fixed time.

use std::time::{Duration, Instant};

use thiserror::Error;

/// Something did not come about in time.
#[derive(Debug, Error)]
#[error("{what} did not come about in {seconds} s: {reason}")]
pub(crate) struct TooLate {
    what: String,
    seconds: u64,
    reason: String,
}

/// What a question answers: the thing, or why it is not there yet.
pub(crate) type Answer<T> = Result<T, String>;

/// Asks until the answer is there.
pub(crate) fn until<T, E>(
    what: &str,
    limit: Duration,
    mut question: impl FnMut() -> Result<Answer<T>, E>,
) -> Result<T, E>
where
    E: From<TooLate>,
{
    let began = Instant::now();
    loop {
        match question()? {
            Ok(found) => return Ok(found),
            Err(reason) if began.elapsed() >= limit => {
                return Err(TooLate {
                    what: what.to_owned(),
                    seconds: limit.as_secs(),
                    reason,
                }
                .into());
            }
            Err(_) => std::thread::sleep(Duration::from_millis(500)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_reason_is_told() {
        let mut asked = 0;
        let error = until::<(), TooLate>("rain", Duration::ZERO, || {
            asked += 1;
            Ok(Err(format!("cloud {asked}")))
        })
        .unwrap_err();
        assert_eq!(error.to_string(), "rain did not come about in 0 s: cloud 1");
    }
}
