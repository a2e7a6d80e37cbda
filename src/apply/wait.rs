//! Waits until objects are ready: takes what was written, gives nothing or the failures with what
//! explains them, never polls: it wakes when a watch sees a change or a time is up.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::context::{Context, Scope, interrupted};
use super::event::Event;
use super::explain::explain;
use super::outcome::{Failure, FailureKind};
use super::readiness::{Trouble, Verdict};
use super::view::{Question, View, look};
use crate::cluster::ApiError;
use crate::render::ObjectId;

/// Changes come in bursts: one look at the end of a burst is enough.
const BURST: Duration = Duration::from_millis(15);

/// How long a watch may fail for a reason that does not pass by itself.
const BLIND_GRACE: Duration = Duration::from_secs(10);

/// One object that is waited for.
#[derive(Debug, Clone)]
pub(crate) struct Awaited {
    pub(crate) id: ObjectId,
    /// The generation of the last write, 0 where it was not written.
    pub(crate) generation: i64,
    /// Set for hooks, which may follow a former object of the same name.
    pub(crate) uid: Option<String>,
    /// True for hooks, whose failure is told as such.
    pub(crate) hook: bool,
}

/// What is known of one of them while it is waited for.
struct Item {
    awaited: Awaited,
    told: Option<String>,
    /// Since when the same trouble lasts.
    trouble: Option<(String, Instant)>,
}

/// What one look at all of them brought.
#[derive(Default)]
struct Round {
    failures: Vec<(usize, FailureKind, String, Option<Trouble>)>,
    ready: Vec<usize>,
    progress: bool,
    wake: Option<Instant>,
}

impl Round {
    fn wake_at(&mut self, when: Instant) {
        self.wake = Some(self.wake.map_or(when, |wake| wake.min(when)));
    }
}

/// Waits until all are ready. Progress, which is a state that was not seen before, starts the
/// stall clock anew.
pub(crate) async fn until_ready(
    context: &Context,
    scope: &Scope,
    awaited: Vec<Awaited>,
) -> Result<(), Vec<Failure>> {
    let mut items: Vec<Item> = awaited
        .into_iter()
        .map(|awaited| Item {
            awaited,
            told: None,
            trouble: None,
        })
        .collect();
    let mut changes = context.cluster.changes();
    let mut seen: BTreeSet<(ObjectId, String)> = BTreeSet::new();
    let mut last_progress = Instant::now();
    while !items.is_empty() {
        changes.borrow_and_update();
        let round = look_at_all(context, scope, &mut items, &mut seen).await;
        if !round.failures.is_empty() {
            return Err(failures(context, scope, &items, round.failures).await);
        }
        for index in round.ready.into_iter().rev() {
            items.remove(index);
        }
        let now = Instant::now();
        if round.progress {
            last_progress = now;
        }
        if items.is_empty() {
            break;
        }
        let stalled_at = last_progress + scope.stall_timeout;
        if now >= stalled_at {
            return Err(stalled(context, scope, &items).await);
        }
        let wake = round.wake.map_or(stalled_at, |wake| wake.min(stalled_at));
        tokio::select! {
            tick = changes.changed() => {
                if tick.is_err() {
                    return Err(vec![interrupted(scope, None)]);
                }
                tokio::time::sleep(BURST).await;
            }
            () = tokio::time::sleep_until(wake.into()) => {}
            () = context.cancel.cancelled() => {
                return Err(vec![interrupted(scope, items.first().map(|item| &item.awaited.id))]);
            }
        }
    }
    Ok(())
}

async fn look_at_all(
    context: &Context,
    scope: &Scope,
    items: &mut [Item],
    seen: &mut BTreeSet<(ObjectId, String)>,
) -> Round {
    let mut round = Round::default();
    for (index, item) in items.iter_mut().enumerate() {
        let question = Question {
            id: &item.awaited.id,
            generation: item.awaited.generation,
            uid: item.awaited.uid.as_deref(),
        };
        let (why, trouble) = match look(&context.cluster, &question).await {
            View::Seen(Verdict::Ready, _) => {
                context.send(Event::ObjectReady {
                    service: scope.service.clone(),
                    object: item.awaited.id.clone(),
                });
                round.ready.push(index);
                round.progress = true;
                continue;
            }
            View::Seen(Verdict::Failed(why), trouble) => {
                let kind = if item.awaited.hook {
                    FailureKind::Hook
                } else {
                    FailureKind::Broken
                };
                round.failures.push((index, kind, why, trouble));
                continue;
            }
            View::Seen(Verdict::Progressing(why), trouble) => (why, trouble),
            View::Soon(why, wait) => {
                round.wake_at(Instant::now() + wait);
                (why, None)
            }
            View::Absent if item.awaited.uid.is_some() && item.told.is_some() => {
                round.failures.push((
                    index,
                    FailureKind::Hook,
                    "it was deleted while it ran".to_owned(),
                    None,
                ));
                continue;
            }
            View::Unknown | View::Absent => continue,
            View::Blind(error) => (
                format!("it cannot be watched: {error}"),
                Some(blind(&error)),
            ),
        };
        let shown = trouble
            .as_ref()
            .map_or(&why, |trouble| &trouble.why)
            .clone();
        let trouble = trouble.filter(|trouble| trouble.final_after.is_some());
        match (&trouble, &item.trouble) {
            (Some(new), Some((old, _))) if new.why == *old => {}
            (Some(new), _) => item.trouble = Some((new.why.clone(), Instant::now())),
            (None, _) => item.trouble = None,
        }
        if let (Some(trouble), Some((_, since))) = (trouble, &item.trouble) {
            let grace = trouble
                .final_after
                .unwrap_or_default()
                .min(scope.stall_timeout);
            if since.elapsed() >= grace {
                round
                    .failures
                    .push((index, FailureKind::Broken, shown, Some(trouble)));
                continue;
            }
            round.wake_at(*since + grace);
        }
        if item.told.as_ref() != Some(&shown) {
            context.send(Event::ObjectWaiting {
                service: scope.service.clone(),
                object: item.awaited.id.clone(),
                why: shown.clone(),
            });
            // A state that comes back, as in a crash loop, is no progress.
            round.progress |= seen.insert((item.awaited.id.clone(), shown.clone()));
            item.told = Some(shown);
        }
    }
    round
}

fn blind(error: &ApiError) -> Trouble {
    let final_after = match error {
        ApiError::Refused(refusal) if matches!(refusal.code, 401 | 403) => Some(BLIND_GRACE),
        _ => None,
    };
    Trouble {
        pod: String::new(),
        container: None,
        why: format!("it cannot be watched: {error}"),
        final_after,
        crashed: false,
    }
}

async fn failures(
    context: &Context,
    scope: &Scope,
    items: &[Item],
    found: Vec<(usize, FailureKind, String, Option<Trouble>)>,
) -> Vec<Failure> {
    let mut failures = Vec::new();
    for (index, kind, reason, trouble) in found {
        let id = &items[index].awaited.id;
        let details = explain(&context.cluster, id, trouble.as_ref()).await;
        let object = Some(id.clone());
        failures.push(Failure {
            service: scope.service.clone(),
            object,
            kind,
            reason,
            details,
        });
    }
    failures
}

async fn stalled(context: &Context, scope: &Scope, items: &[Item]) -> Vec<Failure> {
    let mut failures = Vec::new();
    for item in items {
        let id = &item.awaited.id;
        let why = item.told.as_deref().unwrap_or("it is not there");
        failures.push(Failure {
            service: scope.service.clone(),
            object: Some(id.clone()),
            kind: FailureKind::Stalled,
            reason: format!("no progress for {}: {why}", span(scope.stall_timeout)),
            details: explain(&context.cluster, id, None).await,
        });
    }
    failures
}

/// Words a timeout.
fn span(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds >= 60 && seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}
